"""The dynamic programme of the break pricer as machine code; `breaks.pricer` has the formula.

Shifts are priced side by side in lanes, so that the innermost loops run over memory that lies together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scheduling.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LANES = 32
"""Shifts priced side by side: their values fit into the cache of a core."""


@compiled
def _lower(target: Floats, first: Floats, second: Floats) -> None:
    """Lower each lane of `target` to the sum of the others; written so that the compiler makes it a vector operation."""
    for lane in range(LANES):
        total = first[lane] + second[lane]
        target[lane] = total if total < target[lane] else target[lane]  # noqa: FURB136


@compiled
def _least(target: Floats, other: Floats) -> None:
    """Lower each lane of `target` to that of `other`."""
    for lane in range(LANES):
        target[lane] = other[lane] if other[lane] < target[lane] else target[lane]  # noqa: FURB136


@compiled
def _after_stretch(
    values: Floats, row: int, starts: int, stretch: tuple[int, int], of_stretch: Floats, alike: bool, reached: Floats
) -> None:
    """Put the least value of a stretch of work before each of some starts into `reached`; `row` is that of the first start."""
    least, most = stretch
    if not alike:
        for place in range(starts):
            reached[place] = np.inf
            for length in range(least, most + 1):
                _lower(reached[place], values[row + place - length], of_stretch[length])
        return
    # A sliding minimum by doubling: the minimum of two rows, of four, of eight, and the rest by two that overlap.
    width, span = most - least + 1, 1
    rows = starts + width - 1
    reached[:rows] = values[row - most : row - most + rows]
    while span * 2 <= width:
        rows -= span
        for place in range(rows):
            _least(reached[place], reached[place + span])
        span *= 2
    for place in range(starts if span < width else 0):
        _least(reached[place], reached[place + width - span])


@compiled
def _fill(
    values: Floats,
    losses: Floats,
    arcs: Ints,
    row_of: Ints,
    lengths: Ints,
    stretch: tuple[int, int],
    of_stretch: Floats,
    alike: bool,
) -> None:
    """Put the least loss of every node into `values`, shape (rows, lanes)."""
    values[:] = np.inf
    if row_of[0, 0]:
        values[row_of[0, 0]] = 0.0
    reached = np.empty((row_of.shape[1] + stretch[1] - stretch[0], LANES))
    number = 0
    while number < len(arcs):
        source, following = arcs[number, 1], number
        first, last = arcs[number, 3], arcs[number, 4]
        while following < len(arcs) and arcs[following, 1] == source:
            first, last = min(first, arcs[following, 3]), max(last, arcs[following, 4])
            following += 1
        ended = 0
        while row_of[source, ended] == 0:
            ended += 1
        _after_stretch(values, row_of[source, ended] - ended + first, last - first + 1, stretch, of_stretch, alike, reached)
        for arc in range(number, following):
            kind, begin = arcs[arc, 0], arcs[arc, 3]
            row = row_of[arcs[arc, 2], begin + lengths[kind]] - begin
            for start in range(begin, arcs[arc, 4] + 1):
                _lower(values[row + start], reached[start - first], losses[kind, start])
        number = following


@compiled
def _cheapest_end(values: Floats, lane: int, row_of: Ints, of_stretch: Floats, ends: Bools) -> tuple[float, int]:
    """Return the loss of the best pattern of a lane, and where its last break ends."""
    best, end, count, slots = np.inf, -1, len(row_of) - 1, len(ends) - 1
    for slot in range(slots + 1):
        if ends[slot] and row_of[count, slot]:
            total = values[row_of[count, slot], lane] + of_stretch[slots - slot, lane]
            if total < best:
                best, end = total, slot
    return best, end


@compiled
def _last_break(
    values: Floats,
    losses: Floats,
    lane: int,
    row_of: Ints,
    lengths: Ints,
    stretch: tuple[int, int],
    of_stretch: Floats,
    before: Ints,
    count: int,
    end: int,
) -> tuple[int, int, int]:
    """Return kind and start of the break that ends at a node on a cheapest way there, and where the break before it ended."""
    least, found = np.inf, (0, 0, 0)
    for kind in range(len(lengths)):
        start = end - lengths[kind]
        if before[kind, count] < 0 or start < 0:
            continue
        for length in range(stretch[0], min(stretch[1], start) + 1):
            row = row_of[before[kind, count], start - length]
            if row:
                total = values[row, lane] + of_stretch[length, lane] + losses[kind, start, lane]
                if total < least:
                    least, found = total, (kind, start, start - length)
    return found


@compiled
def price(
    losses: Floats,
    may_start: Bools,
    arcs: Ints,
    row_of: Ints,
    row_count: int,
    lengths: Ints,
    stretch: tuple[int, int],
    stretch_losses: Floats,
    ends: Bools,
    before: Ints,
    breaks: int,
) -> tuple[Floats, Ints, Ints]:
    """Return the least loss of each shift, and kind and start of each break in order of time, shape (shifts, breaks).

    Parameters
    ----------
    losses
        What is lost when a break of a kind starts at a slot, shape (kinds, shifts, slots).
    arcs
        Rows of (kind, source, target, first, last), those of one source together.
    row_of
        Row of the value of each node, 0 for no node, shape (counts, slots + 1); rows of a count lie side by side.
    before
        Index of the count with one break of a kind fewer, -1 for none, shape (kinds, counts).
    breaks
        Breaks of a shift to be traced; 0 when only the losses are asked for.
    """
    shifts, slots = losses.shape[1], losses.shape[2]
    best = np.full(shifts, np.inf)
    kinds, starts = np.zeros((shifts, breaks), np.int64), np.zeros((shifts, breaks), np.int64)
    values, side_by_side = np.empty((row_count, LANES)), np.full((len(lengths), slots, LANES), np.inf)
    of_stretch, alike = np.empty((slots + 1, LANES)), not stretch_losses.any()
    for length in range(slots + 1):
        of_stretch[length] = stretch_losses[length]
    for begin in range(0, shifts, LANES):
        lanes = min(LANES, shifts - begin)
        for kind in range(len(lengths)):
            for slot in range(slots):
                if may_start[kind, slot]:
                    for lane in range(lanes):
                        side_by_side[kind, slot, lane] = losses[kind, begin + lane, slot]
        _fill(values, side_by_side, arcs, row_of, lengths, stretch, of_stretch, alike)
        for lane in range(lanes):
            count = len(row_of) - 1
            best[begin + lane], end = _cheapest_end(values, lane, row_of, of_stretch, ends)
            for position in range(breaks - 1, -1, -1):
                kind, start, ended = _last_break(
                    values, side_by_side, lane, row_of, lengths, stretch, of_stretch, before, count, end
                )
                kinds[begin + lane, position], starts[begin + lane, position] = kind, start
                count, end = before[kind, count], ended
    return best, kinds, starts
