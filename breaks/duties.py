"""Every shift of a plan as one row of arrays, with its breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from breaks.pricer import patterns_of
from scheduling.coverage import SkillGroups, carried_shifts
from scheduling.errors import PolicyError
from scheduling.plan import BreakPattern, BreakPlan, RosterPlan
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Duties:
    """The shifts of a plan, the ones that run in from the day before the horizon included.

    Parameters
    ----------
    associate, day, shift, group
        Who works, on which day (-1 before the first), which shift type, and the skill group of the associate; shape (duties,).
    first_slot
        Break-grid slot of the horizon in which the shift starts, may be negative, shape (duties,).
    slots
        Length of the shift in slots, shape (duties,).
    """

    associate: Ints
    day: Ints
    shift: Ints
    group: Ints
    first_slot: Ints
    slots: Ints

    @classmethod
    def of(cls, scenario: Scenario, groups: SkillGroups, plan: RosterPlan) -> Duties:
        """Return the duties of a plan in the order of associates and days."""
        associate, day = np.nonzero(plan.values >= 0)
        shift = plan.values[associate, day].astype(np.int64)
        carried = carried_shifts(scenario)
        associate = np.concatenate([np.array(list(carried), dtype=np.int64), associate])
        day = np.concatenate([np.full(len(carried), -1), day])
        shift = np.concatenate([np.array(list(carried.values()), dtype=np.int64), shift])
        grid = scenario.break_policy.grid_minutes
        spans = np.array([kind.span_minutes for kind in scenario.shift_types], dtype=np.int64)
        return cls(
            associate=associate,
            day=day,
            shift=shift,
            group=groups.of_associate[associate],
            first_slot=scenario.shift_start_minutes[day, shift] // grid,
            slots=spans[shift] // grid,
        )

    def __len__(self) -> int:
        return len(self.associate)

    def rounds(self, slots_per_interval: int, rng: np.random.Generator) -> list[Ints]:
        """Part the duties at random into rounds in which no two touch the same requirement interval.

        Duties taken in the order of their start, each put on a round that is free again, need as many rounds as people are at
        work at once, and no parting needs fewer.
        """
        first = self.first_slot // slots_per_interval
        last = (self.first_slot + self.slots - 1) // slots_per_interval
        rounds: list[list[int]] = []
        busy: list[tuple[int, int]] = []
        free: list[int] = []
        for duty in np.lexsort((rng.random(len(self)), first)).tolist():
            while busy and busy[0][0] < first[duty]:
                free.append(heappop(busy)[1])
            if not free:
                free.append(len(rounds))
                rounds.append([])
            number = free.pop(int(rng.integers(len(free))))
            rounds[number].append(duty)
            heappush(busy, (int(last[duty]), number))
        return [np.array(members, dtype=np.int64) for members in rounds]


@dataclass
class Taken:
    """The breaks of each duty in order of time.

    Parameters
    ----------
    kinds, starts
        Kind, and first slot from the start of the shift, of each break; shape (duties, breaks).
    """

    kinds: Ints
    starts: Ints

    @classmethod
    def of(cls, scenario: Scenario, duties: Duties, breaks: BreakPlan) -> Taken:
        """Read the breaks of a break plan.

        Raises
        ------
        PolicyError
            When a shift has no pattern, or a pattern has another number of breaks than the policy.
        """
        count = sum(kind.count for kind in scenario.break_policy.breaks)
        if any(len(pattern) != count for pattern in breaks.patterns):
            raise PolicyError(f"A pattern of the given break plan has not the {count} breaks that the policy names.")
        grid = scenario.break_policy.grid_minutes
        minutes, kinds = breaks.table(count)
        which = np.where(duties.day < 0, breaks.carried[duties.associate], breaks.assigned[duties.associate, duties.day])
        if (which < 0).any():
            missing = int(np.flatnonzero(which < 0)[0])
            code = scenario.associates[int(duties.associate[missing])].code
            when = scenario.horizon.first_day + timedelta(days=int(duties.day[missing]))
            raise PolicyError(f"The given break plan has no pattern for {code} on {when:%a} {when.day} {when:%b}.")
        return cls(kinds=kinds[which], starts=minutes[which] // grid)

    def copy(self) -> Taken:
        """Return an independent copy."""
        return Taken(self.kinds.copy(), self.starts.copy())

    def plan(self, scenario: Scenario, duties: Duties) -> BreakPlan:
        """Return the breaks as a break plan."""
        patterns: Sequence[BreakPattern] = patterns_of(self.kinds, self.starts, scenario.break_policy.grid_minutes)
        if not self.kinds.shape[1]:
            patterns = [()] * len(duties)
        unique = {pattern: index for index, pattern in enumerate(sorted(set(patterns)))}
        which = np.array([unique[pattern] for pattern in patterns], dtype=np.int32)
        people, days = len(scenario.associates), scenario.horizon.day_count
        assigned, carried = np.full((people, days), -1, dtype=np.int32), np.full(people, -1, dtype=np.int32)
        inside = duties.day >= 0
        assigned[duties.associate[inside], duties.day[inside]] = which[inside]
        carried[duties.associate[~inside]] = which[~inside]
        return BreakPlan(patterns=tuple(unique), assigned=assigned, carried=carried)
