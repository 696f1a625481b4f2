"""What an edit does: breaks of the new shifts, coverage of the hours it touches, and what the independent checker says of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from breaks.added import AddedShift, breaks_of_added
from breaks.check import check_breaks
from breaks.check_teams import check_team_breaks
from roster.check import check
from roster.rules import RULES_OF_PEOPLE, RULES_OF_THE_SITE
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, Split, productive_units
from scheduling.plan import BreakPattern, BreakPlan, Coverage, RosterPlan
from scheduling.rules import Violation
from scheduling.scenario import Scenario
from services.edit_ground import Cell, Ground, only_of, only_rows
from services.edit_plan import EditedPlan

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Effects:
    """A roster after an edit.

    Parameters
    ----------
    patterns
        The breaks of every cell that has a new shift or new breaks.
    intervals
        The intervals whose coverage may have changed.
    violations
        Of the edited associates, of the whole site, and of teams on the days of the edit.
    """

    plan: RosterPlan
    breaks: BreakPlan
    coverage: Coverage
    patterns: Mapping[Cell, BreakPattern]
    intervals: Ints
    violations: tuple[Violation, ...]


def effects_of(ground: Ground, edited: EditedPlan, known: Mapping[Cell, BreakPattern]) -> Effects:
    """Return what becomes of a roster.

    Parameters
    ----------
    known
        Breaks of those of the moved cells that have their breaks already.
    """
    scenario, plan, changed = edited.scenario, edited.plan, edited.moved
    intervals = touched_intervals(scenario, ground.plan, plan, changed)
    bare = _with_patterns(ground.breaks, changed, known)
    groups = SkillGroups.of(scenario)
    units = productive_units(scenario, groups, plan, bare)
    scheduled = ground.coverage.scheduled.copy()
    scheduled[intervals] = _heads(scenario, groups, units, intervals)
    lacking = [cell for cell in changed if plan.values[cell] >= 0 and cell not in known]
    added = dict(zip(lacking, _breaks(scenario, plan, lacking, scheduled), strict=True))
    breaks = _with_patterns(bare, lacking, added)
    if added:
        units = units + productive_units(scenario, groups, plan, _only_cells(breaks, lacking))
        scheduled[intervals] = _heads(scenario, groups, units, intervals)
    coverage = Coverage(ground.coverage.required, scheduled)
    days = {day for _, day in changed}
    violations = violations_near(scenario, plan, breaks, np.array(sorted(edited.rows), dtype=np.int64), days)
    return Effects(plan, breaks, coverage, {**known, **added}, intervals, violations)


def touched_intervals(scenario: Scenario, before: RosterPlan, after: RosterPlan, cells: Collection[Cell]) -> Ints:
    """Return the intervals in which a shift of one of the cells lies, before or after."""
    width, found = scenario.horizon.interval_minutes, [np.zeros(0, dtype=np.int64)]
    for row, day in cells:
        for value in (int(before.values[row, day]), int(after.values[row, day])):
            if value >= 0:
                start = int(scenario.shift_start_minutes[day, value])
                end = start + scenario.shift_types[value].span_minutes
                found.append(np.arange(max(0, start // width), min(scenario.horizon.interval_count, -(-end // width))))
    return np.unique(np.concatenate(found))


def _heads(scenario: Scenario, groups: SkillGroups, units: Ints, intervals: Ints) -> NDArray[np.float64]:
    """Return the heads of some intervals: what the count of the whole roster would give for them."""
    per_interval = scenario.horizon.interval_minutes // scenario.break_policy.grid_minutes
    required = scenario.requirement.heads[intervals]
    return Split(groups.allowed, required, per_interval, CoverageCost(), units[:, intervals]).heads


def _breaks(scenario: Scenario, plan: RosterPlan, cells: list[Cell], scheduled: NDArray[np.float64]) -> list[BreakPattern]:
    policy, skills = scenario.break_policy, scenario.requirement.skills
    shifts = []
    for row, day in cells:
        value = int(plan.values[row, day])
        able = tuple(index for index, skill in enumerate(skills) if skill in scenario.associates[row].skills)
        first = int(scenario.shift_start_minutes[day, value]) // policy.grid_minutes
        shifts.append(AddedShift(day, first, scenario.shift_types[value].span_minutes, able))
    per_interval = scenario.horizon.interval_minutes // policy.grid_minutes
    return breaks_of_added(policy, shifts, scheduled, scenario.requirement.heads, per_interval)


def _with_patterns(breaks: BreakPlan, cells: Collection[Cell], patterns: Mapping[Cell, BreakPattern]) -> BreakPlan:
    """Return breaks in which some cells have these patterns, and those without one have none."""
    assigned = breaks.assigned.copy()
    fresh = tuple(dict.fromkeys(patterns.values()))
    number = {pattern: len(breaks.patterns) + index for index, pattern in enumerate(fresh)}
    for cell in cells:
        assigned[cell] = number[patterns[cell]] if cell in patterns else -1
    return replace(breaks, patterns=breaks.patterns + fresh, assigned=assigned)


def _only_cells(breaks: BreakPlan, cells: Collection[Cell]) -> BreakPlan:
    assigned = np.full_like(breaks.assigned, -1)
    for cell in cells:
        assigned[cell] = breaks.assigned[cell]
    return replace(breaks, assigned=assigned, carried=np.full_like(breaks.carried, -1))


def violations_near(
    scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, rows: Ints, days: Collection[int]
) -> tuple[Violation, ...]:
    """Return what the checkers say of some associates, of the whole site, and of teams on some days."""
    alone = only_of(scenario, rows)
    mine, my_breaks = only_rows(plan, breaks, rows)
    on_days = np.isin(np.arange(plan.values.shape[1]), list(days))
    of_days = replace(breaks, assigned=np.where(on_days, breaks.assigned, -1))
    return (
        *check(alone, mine, RULES_OF_PEOPLE),
        *check_breaks(alone, mine, my_breaks),
        *check(replace(scenario, history=()), plan, RULES_OF_THE_SITE),
        *check_team_breaks(scenario, plan, of_days),
    )
