"""Breaks for a few shifts that are added to a roster by hand, against the coverage that is there.

Each shift gets the legal pattern that costs the coverage least, found exactly by dynamic programming; all breaks that are there
stay as they are, because people know them already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breaks.placement import unevenness
from breaks.pricer import PatternPricer
from scheduling.cost import CoverageCost
from scheduling.coverage import working_slots
from scheduling.plan import BreakPattern
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class AddedShift:
    """A shift without breaks.

    Parameters
    ----------
    day
        Shifts of different days are priced at once, those of one day after each other.
    first_slot
        Slot of the break grid in which it starts, counted from the start of the horizon; may be negative.
    skills
        Columns of the requirement that the associate can cover.
    """

    day: int
    first_slot: int
    span_minutes: int
    skills: tuple[int, ...]


def breaks_of_added(
    policy: BreakPolicy,
    shifts: Sequence[AddedShift],
    scheduled: Floats,
    required: Floats,
    slots_per_interval: int,
    cost: CoverageCost | None = None,
) -> list[BreakPattern]:
    """Return the breaks of each shift.

    Parameters
    ----------
    scheduled, required
        Heads without the added shifts, and heads needed, shape (intervals, skills).

    Raises
    ------
    PolicyError
        When a span has no legal pattern.
    """
    heads, found = scheduled.copy(), dict[int, BreakPattern]()
    for turn in _turns(shifts):
        by_span: dict[int, list[int]] = defaultdict(list)
        for index in turn:
            by_span[shifts[index].span_minutes].append(index)
        for span, indices in by_span.items():
            priced = cost or CoverageCost()
            losses = [_losses(policy, shifts[index], heads, required, slots_per_interval, priced) for index in indices]
            _, patterns = _pricer(policy, span).best_patterns(np.stack(losses, axis=1))
            found |= dict(zip(indices, patterns, strict=True))
        for index in turn:
            _count(policy, shifts[index], found[index], heads, required, slots_per_interval)
    return [found[index] for index in range(len(shifts))]


def _turns(shifts: Sequence[AddedShift]) -> list[list[int]]:
    """Return the shifts in turns of one a day; those of a later turn see what the earlier ones cover."""
    turns: list[list[int]] = []
    seen: dict[int, int] = defaultdict(int)
    for index, shift in enumerate(shifts):
        if seen[shift.day] == len(turns):
            turns.append([])
        turns[seen[shift.day]].append(index)
        seen[shift.day] += 1
    return turns


@lru_cache(maxsize=64)
def _pricer(policy: BreakPolicy, span_minutes: int) -> PatternPricer:
    return PatternPricer(policy, span_minutes, unevenness(policy, span_minutes))


def _losses(
    policy: BreakPolicy, shift: AddedShift, heads: Floats, required: Floats, slots_per_interval: int, cost: CoverageCost
) -> Floats:
    """Return what a break of each kind loses that starts at each slot of a shift, shape (kinds, slots)."""
    slots = shift.span_minutes // policy.grid_minutes
    worth = np.zeros(slots)
    interval = (shift.first_slot + np.arange(slots)) // slots_per_interval
    inside = (interval >= 0) & (interval < len(heads)) & bool(shift.skills)
    rows, skills = interval[inside][:, None], np.array(shift.skills, dtype=np.int64)
    gained = cost.of(heads[rows, skills], required[rows, skills]) - cost.of(heads[rows, skills] + 1, required[rows, skills])
    worth[inside] = gained.max(axis=1, initial=-np.inf) / slots_per_interval if inside.any() else 0.0
    before = np.concatenate([[0.0], np.cumsum(worth)])
    ends = np.arange(slots)[None, :] + np.array([kind.minutes // policy.grid_minutes for kind in policy.breaks])[:, None]
    away = np.array([not kind.productive for kind in policy.breaks])[:, None]
    return np.asarray((before[np.minimum(ends, slots)] - before[:-1]) * away, dtype=np.float64)


def _count(
    policy: BreakPolicy, shift: AddedShift, pattern: BreakPattern, heads: Floats, required: Floats, slots_per_interval: int
) -> None:
    """Add the productive slots of a shift to the skill that is shortest in each interval."""
    if not shift.skills:
        return
    slots = shift.first_slot + np.flatnonzero(working_slots(policy, shift.span_minutes, pattern))
    interval, units = np.unique(slots // slots_per_interval, return_counts=True)
    inside = (interval >= 0) & (interval < len(heads))
    interval, units = interval[inside], units[inside]
    skills = np.array(shift.skills, dtype=np.int64)
    short = (required[interval[:, None], skills] - heads[interval[:, None], skills]).argmax(axis=1)
    heads[interval, skills[short]] += units / slots_per_interval
