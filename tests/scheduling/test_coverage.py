"""Coverage is what a slow and simple count of every slot gives, split over skills at least cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, Split, carried_shifts, coverage_of, productive_units, working_slots
from scheduling.coverage_effect import LEAST_HOURS, CoverageBase
from scheduling.plan import OFF, BreakPlan, RosterPlan
from scheduling.scenario import Scenario
from tests.builders import AUTUMN_MONDAY, MONDAY, PATTERN, POLICY, SPRING_MONDAY, associate, breaks_of, history, plan, scenario


def slow_heads(of: Scenario, roster: RosterPlan, breaks: BreakPlan) -> list[float]:
    """Count minute by minute who is productive, for a scenario of one skill."""
    minutes = [0] * of.horizon.total_minutes
    carried = carried_shifts(of)
    shifts = [(int(row), int(day), int(roster.values[row, day])) for row, day in np.argwhere(roster.values >= 0)]
    for row, day, shift in [*shifts, *((row, -1, shift) for row, shift in carried.items() if breaks.carried[row] >= 0)]:
        chosen = breaks.assigned[row, day] if day >= 0 else breaks.carried[row]
        busy = {
            slot.start_minute + offset for slot in breaks.patterns[chosen] for offset in range(POLICY.breaks[slot.kind].minutes)
        }
        start = of.horizon.minute_at(day, of.shift_types[shift].start)
        for offset in range(of.shift_types[shift].span_minutes):
            if offset not in busy and 0 <= start + offset < len(minutes):
                minutes[start + offset] += 1
    length = of.horizon.interval_minutes
    return [sum(minutes[low : low + length]) / length for low in range(0, len(minutes), length)]


def test_working_slots_are_those_without_a_break() -> None:
    working = working_slots(POLICY, 540, PATTERN)
    assert working.sum() * 5 == 420
    assert not working[9:11].any()
    assert working[:9].all()


@given(
    start=st.sampled_from([MONDAY, SPRING_MONDAY, AUTUMN_MONDAY]),
    rows=st.lists(st.text("MDEN..~-", min_size=7, max_size=7), min_size=2, max_size=2),
    past=st.text("MEN.", min_size=1, max_size=1),
)
@settings(max_examples=25, deadline=None)
def test_coverage_is_the_slow_count(start: date, rows: list[str], past: str) -> None:
    of = scenario(
        zone="Europe/Berlin",
        start=start,
        weeks=1,
        associates=[associate("A1"), associate("A2")],
        history=history("A1", past, before=start),
    )
    roster = plan(of, {"A1": rows[0], "A2": rows[1]})
    breaks = breaks_of(of, roster)
    breaks = replace(breaks, carried=np.array([0 if 0 in carried_shifts(of) else -1, -1], dtype=np.int32))
    assert coverage_of(of, roster, breaks).scheduled[:, 0] == pytest.approx(slow_heads(of, roster, breaks))


def test_a_shift_that_runs_past_the_end_is_cut_there() -> None:
    of = scenario(weeks=1)
    roster = plan(of, "......N")
    scheduled = coverage_of(of, roster, breaks_of(of, roster)).scheduled
    # From 22:00 to midnight are two hours with breaks at 45-55 and 95-105 minutes.
    assert scheduled.sum() * 15 == pytest.approx(120 - 20)


def test_only_a_shift_that_runs_into_the_horizon_is_carried() -> None:
    people = [associate("A1"), associate("A2"), associate("A3")]
    past = history("A1", "N") + history("A2", "E") + history("A3", "N.")
    assert carried_shifts(scenario(associates=people, history=past)) == {0: 3}


def test_associates_are_grouped_by_the_skills_that_are_required() -> None:
    people = [
        associate("A1", skills=frozenset({"stow", "juggling"})),
        associate("A2", skills=frozenset({"text", "stow"})),
        associate("A3"),
        associate("A4", skills=frozenset({"juggling"})),
    ]
    groups = SkillGroups.of(scenario(associates=people, skills=("stow", "text")))
    assert groups.count == 3
    assert groups.of_associate[0] == groups.of_associate[2]
    assert groups.allowed[groups.of_associate].tolist() == [[True, False], [True, True], [True, False], [False, False]]


def test_units_without_a_required_skill_count_for_nobody() -> None:
    of = scenario(weeks=1, heads=1.0, associates=[associate("A1", skills=frozenset({"juggling"}))])
    roster = plan(of, "MMMMM..")
    breaks = breaks_of(of, roster)
    assert productive_units(of, SkillGroups.of(of), roster, breaks).sum() == 5 * 420 // 5
    assert coverage_of(of, roster, breaks).scheduled.sum() == 0


def best_by_trial(allowed: np.ndarray, required: np.ndarray, scale: int, supply: list[int]) -> float:
    """Try every split of every group's units over its skills; return the least cost."""
    choices = []
    for group, units in enumerate(supply):
        skills = [skill for skill in range(allowed.shape[1]) if allowed[group, skill]]
        splits = [parts for parts in product(range(units + 1), repeat=len(skills)) if sum(parts) == units]
        choices.append([dict(zip(skills, parts, strict=True)) for parts in splits])
    costs = []
    for choice in product(*choices):
        heads = np.array([[sum(split.get(skill, 0) for split in choice) / scale for skill in range(allowed.shape[1])]])
        costs.append(float(CoverageCost().of(heads, required).sum()))
    return min(costs)


@given(
    pairs=st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=3),
    supply=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    required=st.lists(st.integers(0, 12).map(lambda units: units / 2), min_size=3, max_size=3),
)
@settings(max_examples=50, deadline=None)
def test_the_split_over_skills_is_the_cheapest(pairs: list[list[bool]], supply: list[int], required: list[float]) -> None:
    allowed = np.array([row if any(row) else [True, False, False] for row in pairs])
    units, needed = supply[: len(allowed)], np.array([required])
    split = Split(allowed, needed, 2, CoverageCost(), np.array(units, dtype=np.int64)[:, None])
    assert split.units[0].sum(axis=1).tolist() == units
    assert (split.units >= 0).all()
    assert not split.units[0][~allowed].any()
    cost = float(CoverageCost().of(split.heads, needed).sum())
    assert cost == pytest.approx(best_by_trial(allowed, needed, 2, units), abs=1e-6)


def test_units_pass_over_several_skills_to_where_they_are_needed() -> None:
    # Groups {AB}, {BC}, {CD}: what D lacks must come all the way from A.
    allowed = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)
    required = np.array([[0.0, 0.5, 1.0, 1.0]])
    split = Split(allowed, required, 2, CoverageCost(), np.array([[1], [2], [2]]))
    assert CoverageCost().of(split.heads, required).sum() == pytest.approx(0.0)


@given(
    start=st.sampled_from([MONDAY, SPRING_MONDAY, AUTUMN_MONDAY]),
    rows=st.lists(st.text("MDEN.~", min_size=7, max_size=7), min_size=3, max_size=3),
    required=st.sampled_from([0.5, 1.0, 1.6]),
    gone=st.tuples(st.integers(0, 2), st.integers(0, 6)),
)
@settings(max_examples=25, deadline=None)
def test_the_effect_of_a_day_is_the_coverage_worked_out_anew(
    start: date, rows: list[str], required: float, gone: tuple[int, int]
) -> None:
    people = [associate(code) for code in ("A1", "A2", "A3")]
    of = scenario(zone="Europe/Berlin", start=start, weeks=1, associates=people)
    heads = np.full_like(of.requirement.heads, required)
    of = replace(of, requirement=replace(of.requirement, heads=heads))
    roster = plan(of, dict(zip(("A1", "A2", "A3"), rows, strict=True)))
    breaks = breaks_of(of, roster)
    base = CoverageBase(of, roster, breaks, SkillGroups.of(of))
    worked = base.worked(*gone)
    values, assigned = roster.values.copy(), breaks.assigned.copy()
    values[gone], assigned[gone] = OFF, -1
    left = coverage_of(of, replace(roster, values=values), replace(breaks, assigned=assigned))
    gaps = [np.maximum(0.0, required - one.scheduled[:, 0]) for one in (coverage_of(of, roster, breaks), left)]
    hours = of.horizon.interval_minutes / 60
    expected = (gaps[1] - gaps[0]).sum() * hours
    told = sum(one.short_after - one.short_before for one in base.effect([worked]))
    # Lines below the rounding are left out, one a day at the most.
    assert told == pytest.approx(expected, abs=2 * LEAST_HOURS)
