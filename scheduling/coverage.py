"""Coverage: the productive heads that a plan gives to each skill in each interval.

Heads are counted in *units*: one associate productive for one slot of the break grid. A unit of an associate with several
skills goes to exactly one of them; the split of least cost is a transport problem with convex costs in each interval, solved
here for all intervals at once by augmenting along cheapest moves until none improves (Ahuja, Magnanti, Orlin, Network Flows,
1993, chapter 14: no negative residual cycle means optimal).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scheduling.cost import CoverageCost
from scheduling.plan import BreakPattern, BreakPlan, Coverage, RosterPlan
from scheduling.scenario import Scenario
from scheduling.shifts import BreakPolicy

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SkillGroups:
    """Associates grouped by the set of required skills they have.

    Parameters
    ----------
    allowed
        Whether a group may cover a skill, shape (groups, skills).
    of_associate
        Index of each associate's group, shape (associates,).
    """

    allowed: NDArray[np.bool_]
    of_associate: NDArray[np.int64]

    @classmethod
    def of(cls, scenario: Scenario) -> SkillGroups:
        """Group the associates of a scenario."""
        skills = scenario.requirement.skills
        sets = [tuple(skill in associate.skills for skill in skills) for associate in scenario.associates]
        groups = sorted(set(sets))
        return cls(
            allowed=np.array(groups, dtype=bool).reshape(len(groups), len(skills)),
            of_associate=np.array([groups.index(row) for row in sets], dtype=np.int64),
        )

    @cached_property
    def count(self) -> int:
        """Number of groups."""
        return len(self.allowed)


def working_slots(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> NDArray[np.bool_]:
    """Return for each break-grid slot of a shift whether it is productive, shape (span / grid,)."""
    grid = policy.grid_minutes
    working = np.ones(span_minutes // grid, dtype=bool)
    for slot in pattern:
        kind = policy.breaks[slot.kind]
        if not kind.productive:
            working[slot.start_minute // grid : (slot.start_minute + kind.minutes) // grid] = False
    return working


def productive_units(scenario: Scenario, groups: SkillGroups, plan: RosterPlan, breaks: BreakPlan) -> Ints:
    """Return the productive units of each group in each interval, shape (groups, intervals).

    Shifts that run past the end are cut there; the shift of the day before the horizon counts where `breaks.carried` has it.
    """
    grid = scenario.break_policy.grid_minutes
    slot_count = scenario.horizon.total_minutes // grid
    associate, day = np.nonzero(breaks.assigned >= 0)
    running_in = carried_shifts(scenario)
    early = np.flatnonzero(breaks.carried >= 0)
    shift = np.concatenate([[running_in[int(one)] for one in early], plan.values[associate, day]]).astype(np.int64)
    pattern = np.concatenate([breaks.carried[early], breaks.assigned[associate, day]])
    group = groups.of_associate[np.concatenate([early, associate])]
    first = scenario.shift_start_minutes[np.concatenate([np.full(len(early), -1), day]), shift] // grid
    change = np.zeros(groups.count * (slot_count + 1))
    lengths = np.array([kind.span_minutes // grid for kind in scenario.shift_types], dtype=np.int64)[shift]
    for length in np.unique(lengths).tolist():
        of_length = np.flatnonzero(lengths == length)
        begin, slot, sign = _work_edges(scenario.break_policy, length, breaks)
        # Many work alike: the edges of their shifts are laid once, as heavy as there are people.
        alike, people = _counted(group[of_length], first[of_length], pattern[of_length])
        edges = begin[alike[2] + 1] - begin[alike[2]]
        # The edges of each pattern, one after the other.
        which = np.arange(edges.sum()) - np.repeat(np.cumsum(edges) - edges - begin[alike[2]], edges)
        at = np.clip(np.repeat(alike[1], edges) + slot[which], 0, slot_count)
        place = np.repeat(alike[0], edges) * (slot_count + 1) + at
        change += np.bincount(place, weights=sign[which] * np.repeat(people, edges), minlength=len(change))
    units = np.cumsum(change.reshape(groups.count, -1)[:, :-1], axis=1).round().astype(np.int64)
    per_interval = scenario.horizon.interval_minutes // grid
    return np.asarray(units.reshape(groups.count, -1, per_interval).sum(axis=2), dtype=np.int64)


def _counted(*columns: Ints) -> tuple[tuple[Ints, ...], Ints]:
    """Return the distinct rows of some columns, as columns again, and how often each is there."""
    lowest = [int(column.min(initial=0)) for column in columns]
    shape = [int(column.max(initial=0)) - low + 1 for column, low in zip(columns, lowest, strict=True)]
    keys = np.ravel_multi_index([column - low for column, low in zip(columns, lowest, strict=True)], shape)
    distinct, counts = np.unique(keys, return_counts=True)
    found = np.unravel_index(distinct, shape)
    return tuple(column + low for column, low in zip(found, lowest, strict=True)), counts


def _work_edges(policy: BreakPolicy, length: int, breaks: BreakPlan) -> tuple[Ints, Ints, Ints]:
    """Return where work begins and ends in a shift of so many slots with each pattern of a plan.

    Returns
    -------
    Where the edges of each pattern begin in the other two arrays, and their number, shape (patterns + 1,); for each edge its slot
    in the shift, and 1 where work begins or -1 where it ends.
    """
    working = np.zeros((len(breaks.patterns), length + 2), dtype=np.int8)
    working[:, 1:-1] = 1
    slots, grid = breaks.slots, policy.grid_minutes
    for kind, of_policy in enumerate(policy.breaks):
        where = np.flatnonzero(slots.kind == kind)
        first, last = slots.minute[where] // grid, (slots.minute[where] + of_policy.minutes) // grid
        for step in range(int((last - first).max(initial=0)) if not of_policy.productive else 0):
            inside = (first + step >= 0) & (first + step < np.minimum(last, length))
            working[slots.pattern[where[inside]], first[inside] + step + 1] = 0
    edge = np.diff(working, axis=1)
    pattern, slot = np.nonzero(edge)
    return np.searchsorted(pattern, np.arange(len(breaks.patterns) + 1)), slot, edge[pattern, slot].astype(np.int64)


def carried_shifts(scenario: Scenario) -> dict[int, int]:
    """Return the shift type, by associate index, of each shift that began the day before the horizon and runs into it."""
    carried = {}
    for past in scenario.history:
        if scenario.horizon.day_index(past.date) == -1 and past.value in scenario.shift_index:
            shift = scenario.shift_index[past.value]
            if scenario.shift_start_minutes[-1, shift] + scenario.shift_types[shift].span_minutes > 0:
                carried[scenario.associate_index[past.associate]] = shift
    return carried


class Split:
    """The cheapest split of each group's units over its skills.

    Attributes
    ----------
    units
        Units of each group given to each skill in each interval, shape (intervals, groups, skills).
    """

    def __init__(
        self, allowed: NDArray[np.bool_], required: Floats, units_per_head: int, cost: CoverageCost, supply: Ints
    ) -> None:
        self._allowed, self._required, self._scale, self._cost = allowed, required, units_per_head, cost
        self.units: Ints = np.zeros((len(required), *allowed.shape), dtype=np.int64)
        self._spread(supply.T)
        self.improve(np.arange(len(required)))

    def _spread(self, supply: Ints) -> None:
        """Give each group's units, the least flexible group first, to the skill that is relatively shortest."""
        everyone = np.arange(len(supply))
        for group in np.argsort(self._allowed.sum(axis=1), kind="stable"):
            skills = np.flatnonzero(self._allowed[group])
            if len(skills) == 0:
                continue
            short = np.maximum(1e-9, self._required[:, skills] - self.heads[:, skills])
            share = np.floor(supply[:, group, None] * short / short.sum(axis=1, keepdims=True)).astype(np.int64)
            self.units[:, group, skills] = share
            self.units[everyone, group, skills[0]] += supply[:, group] - share.sum(axis=1)

    @property
    def heads(self) -> Floats:
        """Scheduled heads, shape (intervals, skills)."""
        return np.asarray(self.units.sum(axis=1) / self._scale, dtype=np.float64)

    def improve(self, intervals: NDArray[np.int64], largest: int | None = None) -> None:
        """Make the split optimal in the given intervals, beginning with moves of `largest` units."""
        if self._allowed.sum(axis=1).max(initial=0) < 2:
            return
        if largest is None:
            largest = int(self.units[intervals].max(initial=1))
        step = 1 << (max(1, largest).bit_length() - 1)
        while step:
            active = intervals
            while len(active):
                active = active[self._move_best(active, step)]
            step //= 2

    def _move_best(self, rows: NDArray[np.int64], step: int) -> NDArray[np.bool_]:
        """Move `step` units along the cheapest path in each row; return in which rows that lowered the cost."""
        units, required = self.units[rows], self._required[rows]
        heads, delta = units.sum(axis=1) / self._scale, step / self._scale
        now = self._cost.of(heads, required)
        give = self._cost.of(heads - delta, required) - now
        take = self._cost.of(heads + delta, required) - now
        has = units >= step
        # A product of matrices instead of every group with every pair of skills: some group has units here and may go there.
        following = _next_stops(has.swapaxes(1, 2).astype(np.float32) @ self._allowed.astype(np.float32) > 0)
        change = np.where(following >= 0, give[:, :, None] + take[:, None, :], 0.0)
        change[:, np.arange(change.shape[1]), np.arange(change.shape[1])] = 0.0
        flat = change.reshape(len(rows), -1)
        best = flat.argmin(axis=1)
        better = np.asarray(flat[np.arange(len(rows)), best] < -1e-9, dtype=bool)
        chosen = np.flatnonzero(better)
        source, target = np.divmod(best[chosen], change.shape[2])
        hop = has[chosen, :, :, None] & self._allowed[None, :, None, :]
        self._move(rows[chosen], hop, following[chosen], source, target, step)
        return better

    def _move(self, rows: Ints, hop: NDArray[np.bool_], following: Ints, source: Ints, target: Ints, step: int) -> None:
        """Pass units on from skill to skill until they are where they are worth most, in each row."""
        while len(rows):
            stop = following[np.arange(len(rows)), source, target]
            group = hop[np.arange(len(rows)), :, source, stop].argmax(axis=1)
            self.units[rows, group, source] -= step
            self.units[rows, group, stop] += step
            on = stop != target
            rows, hop, following, source, target = rows[on], hop[on], following[on], stop[on], target[on]


def _next_stops(via: NDArray[np.bool_]) -> Ints:
    """Return the skill to which units pass first on the way between each two, -1 where no way leads.

    Parameters
    ----------
    via
        Whether some group lets units pass directly, shape (rows, skills, skills).
    """
    count = via.shape[1]
    stops = np.where(via, np.arange(count), -1)
    for middle in range(count) if (stops < 0).any() else ():
        first, second = stops[:, :, middle, None], stops[:, middle, None, :]
        stops = np.where((stops < 0) & (first >= 0) & (second >= 0), first, stops)
    return stops


def coverage_of(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, cost: CoverageCost | None = None) -> Coverage:
    """Return required and scheduled heads of a plan, multi-skilled associates split at least cost."""
    groups = SkillGroups.of(scenario)
    per_interval = scenario.horizon.interval_minutes // scenario.break_policy.grid_minutes
    required = scenario.requirement.heads
    supply = productive_units(scenario, groups, plan, breaks)
    split = Split(groups.allowed, required, per_interval, cost or CoverageCost(), supply)
    return Coverage(required=required, scheduled=split.heads)
