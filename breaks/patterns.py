"""Legal break patterns of a shift: counted, listed, averaged, priced."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breaks.lattice import Lattice
from breaks.pricer import PatternPricer
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]

__all__ = ["PatternPricer", "count_patterns", "enumerate_patterns", "expected_profile", "spread_pattern"]


def count_patterns(policy: BreakPolicy, span_minutes: int) -> int:
    """Return the exact number of legal patterns, found on the lattice without listing any.

    Raises
    ------
    PolicyError
        When the span or a break is not a whole number of grid slots.
    """
    lattice = Lattice(policy, span_minutes)
    # Python integers, because the numbers may exceed 64 bits on a fine grid.
    ways = _ways_from_start(lattice, np.dtype(object))
    return int(ways[-1][lattice.ends].sum())


def enumerate_patterns(policy: BreakPolicy, span_minutes: int, limit: int) -> list[BreakPattern]:
    """Return the legal patterns in lexical order (earlier breaks first), at most `limit` of them.

    Raises
    ------
    PolicyError
        When the span or a break is not a whole number of grid slots.
    """
    lattice = Lattice(policy, span_minutes)
    return list(islice(_walk(lattice, (), 0, 0), limit)) if lattice.has_pattern else []


def spread_pattern(policy: BreakPolicy, span_minutes: int) -> BreakPattern:
    """Return the legal pattern whose work stretches are the most even (least sum of squared differences from their mean).

    Raises
    ------
    PolicyError
        When no legal pattern exists.
    """
    lattice = Lattice(policy, span_minutes)
    breaks = sum(kind.count for kind in policy.breaks)
    work = lattice.slots - sum(kind.count * length for kind, length in zip(policy.breaks, lattice.lengths, strict=True))
    uneven = np.square(np.arange(lattice.slots + 1) - work / (breaks + 1))
    pricer = PatternPricer(policy, span_minutes, uneven)
    return pricer.best_patterns(np.zeros((len(policy.breaks), 1, lattice.slots)))[1][0]


def expected_profile(policy: BreakPolicy, span_minutes: int) -> Floats:
    """Return the share of legal patterns in which each grid slot is productive, shape (slots,).

    It is the exact average over *all* legal patterns, each equally likely, found by counting ways to and from every node; this
    is the break load to anticipate when nothing is known of the requirement. The sum times the grid is the productive time.

    Raises
    ------
    PolicyError
        When the span or a break is not a whole number of grid slots, or no legal pattern exists.
    """
    lattice = Lattice(policy, span_minutes)
    if not lattice.has_pattern:
        spread_pattern(policy, span_minutes)
    before, after = _ways_from_start(lattice, np.dtype(float)), _ways_to_end(lattice)
    total = float(before[-1][lattice.ends].sum())
    away = np.zeros(lattice.slots)
    for arc in lattice.arcs:
        kind, length = policy.breaks[arc.kind], lattice.lengths[arc.kind]
        if kind.productive:
            continue
        starts = np.arange(arc.first, arc.last + 1)
        taken = _after_stretch(lattice, before[arc.source])[starts] * after[arc.target][starts + length]
        taken *= lattice.may_start[arc.kind][starts] / total
        for offset in range(length):
            away[starts + offset] += taken
    return 1.0 - away


def _walk(lattice: Lattice, taken: BreakPattern, count: int, ended: int) -> Iterator[BreakPattern]:
    """Yield every way from a node to the end of the shift, with the breaks taken so far."""
    if count == len(lattice.counts) - 1:
        yield taken
        return
    arcs = [arc for arc in lattice.arcs if arc.source == count]
    least, most = lattice.stretch
    for start in range(ended + least, min(ended + most, lattice.slots - 1) + 1):
        for arc in arcs:
            end = start + lattice.lengths[arc.kind]
            if arc.first <= start <= arc.last and lattice.may_start[arc.kind, start] and lattice.nodes[arc.target, end]:
                slot = BreakSlot(start * lattice.policy.grid_minutes, arc.kind)
                yield from _walk(lattice, (*taken, slot), arc.target, end)


def _after_stretch(lattice: Lattice, ended: NDArray[Any]) -> NDArray[Any]:
    """Return the sums of `ended` over the legal stretches of work before each slot, same shape."""
    started = np.zeros_like(ended)
    for length in range(lattice.stretch[0], lattice.stretch[1] + 1):
        started[length:] += ended[: len(ended) - length]
    return started


def _ways_from_start(lattice: Lattice, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the number of ways from the start of the shift to each node, shape (counts, slots + 1)."""
    ways = np.zeros((len(lattice.counts), lattice.slots + 1), dtype=dtype)
    ways[0, 0] = 1
    for arc in lattice.arcs:
        starts = np.arange(arc.first, arc.last + 1)
        starts = starts[lattice.may_start[arc.kind][starts]]
        ways[arc.target, starts + lattice.lengths[arc.kind]] += _after_stretch(lattice, ways[arc.source])[starts]
    return ways


def _ways_to_end(lattice: Lattice) -> Floats:
    """Return the number of ways from each node to the end of the shift, shape (counts, slots + 1)."""
    ways = np.zeros((len(lattice.counts), lattice.slots + 1))
    ways[-1] = lattice.ends
    for arc in reversed(lattice.arcs):
        starts = np.arange(arc.first, arc.last + 1)
        starts = starts[lattice.may_start[arc.kind][starts]]
        begin = np.zeros(lattice.slots + 1)
        begin[starts] = ways[arc.target, starts + lattice.lengths[arc.kind]]
        ways[arc.source] += _after_stretch(lattice, begin[::-1])[::-1]
    return ways
