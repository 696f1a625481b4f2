from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breaks.assignment import AssignmentParams, assign_breaks, assignment_figures, meal_starts
from breaks.check import check_breaks, check_coverage
from breaks.duties import Duties, Taken
from breaks.placement import PlacementParams, place_breaks
from breaks.policy import PRESETS
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, coverage_of
from scheduling.errors import PolicyError
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.ports import Progress
from scheduling.scenario import Requirement, Scenario
from scheduling.shifts import BreakPolicy, ShiftType
from tests.builders import AUTUMN_MONDAY, MONDAY, SPRING_MONDAY, associate, breaks_of, history, plan, scenario

SKILLS = ("stow", "image")
SKILL_SETS = ({"stow"}, {"image"}, {"stow", "image"}, {"other"})
DAYS = {
    "kolkata": ("Asia/Kolkata", MONDAY),
    "spring": ("Europe/Berlin", SPRING_MONDAY),
    "autumn": ("Europe/Berlin", AUTUMN_MONDAY),
}
# The last of them starts on the break grid but not on the requirement interval.
TIMINGS = (
    ShiftType("M", time(6), 540),
    ShiftType("D", time(10), 540),
    ShiftType("N", time(22), 540),
    ShiftType("O", time(13, 5), 535),
)


def operation(
    seed: int, people: int, *, zone: str = "Asia/Kolkata", start: date = MONDAY, interval: int = 15, multi: bool = True
) -> tuple[Scenario, RosterPlan]:
    """Return a week with random people, timings and requirement, the first person coming in from a night."""
    rng = np.random.default_rng(seed)
    sets = SKILL_SETS if multi else SKILL_SETS[:2]
    crew = [
        associate(f"A{index}", skills=frozenset(sets[rng.integers(len(sets))]), team=f"T{index % 3}") for index in range(people)
    ]
    of = scenario(
        associates=crew,
        shift_types=TIMINGS,
        skills=SKILLS,
        weeks=1,
        zone=zone,
        start=start,
        interval_minutes=interval,
        history=history("A0", "N", before=start),
    )
    rows = {person.code: "".join(rng.choice(list("MDNO..."), size=7)) for person in crew}
    heads = rng.gamma(2.0, people / 20, size=(of.horizon.interval_count, len(SKILLS)))
    return replace(of, requirement=Requirement(SKILLS, heads)), plan(of, rows)


def weighted_hours(of: Scenario, roster: RosterPlan, breaks: BreakPlan) -> float:
    coverage = coverage_of(of, roster, breaks)
    return float(CoverageCost().of(coverage.scheduled, coverage.required).sum() * of.horizon.interval_minutes / 60)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 14),
    where=st.sampled_from(sorted(DAYS)),
    interval=st.sampled_from([5, 15, 30, 60]),
    multi=st.booleans(),
)
def test_breaks_are_always_legal_and_never_worsen_coverage(
    seed: int, people: int, where: str, interval: int, multi: bool
) -> None:
    zone, start = DAYS[where]
    of, roster = operation(seed, people, zone=zone, start=start, interval=interval, multi=multi)
    placement = place_breaks(of, roster, seed=seed, params=PlacementParams(max_sweeps=2))
    assert list(check_breaks(of, roster, placement.breaks)) == []
    assert placement.cost_after <= placement.cost_before + 1e-9
    assert weighted_hours(of, roster, placement.breaks) == pytest.approx(placement.cost_after, rel=1e-6, abs=1e-6)
    assert list(check_coverage(of, roster, placement.breaks, coverage_of(of, roster, placement.breaks))) == []
    dealt = assign_breaks(of, roster, placement.breaks)
    assert list(check_breaks(of, roster, dealt)) == []
    np.testing.assert_array_equal(coverage_of(of, roster, dealt).scheduled, coverage_of(of, roster, placement.breaks).scheduled)


@pytest.mark.parametrize("policy", PRESETS.values(), ids=list(PRESETS))
def test_every_preset_is_placed(policy: BreakPolicy) -> None:
    of, roster = operation(1, 12)
    of = replace(of, break_policy=policy, shift_types=tuple(replace(kind, span_minutes=540) for kind in TIMINGS))
    placement = place_breaks(of, roster, seed=1)
    assert list(check_breaks(of, roster, placement.breaks)) == []
    assert placement.cost_after < placement.cost_before


def test_initial_breaks_are_only_ever_improved() -> None:
    of, roster = operation(2, 20)
    of = replace(of, shift_types=tuple(replace(kind, span_minutes=540) for kind in TIMINGS))
    initial = breaks_of(of, roster)
    initial.carried[0] = 0
    before = weighted_hours(of, roster, initial)
    placement = place_breaks(of, roster, seed=2, initial=initial)
    assert placement.cost_before == pytest.approx(before)
    assert weighted_hours(of, roster, placement.breaks) < before
    again = place_breaks(of, roster, seed=3, initial=placement.breaks)
    assert again.cost_after <= placement.cost_after + 1e-9


def test_breaks_leave_the_peak() -> None:
    # Three are at work and three are needed from 10:00 to 11:00, none else: nobody may be away in that hour but for one break.
    of = scenario(weeks=1, associates=[associate(f"A{number}") for number in range(3)])
    heads = np.zeros((of.horizon.interval_count, 1))
    heads[40:44] = 3.0
    of = replace(of, requirement=Requirement(("stow",), heads))
    roster = plan(of, {person.code: "M......" for person in of.associates})
    placement = place_breaks(of, roster, seed=0, cost=CoverageCost(over_steps=()))
    assert placement.cost_after == pytest.approx(0.0)


def test_same_seed_gives_the_same_breaks() -> None:
    of, roster = operation(3, 10)
    first, second = (place_breaks(of, roster, seed=5) for _ in range(2))
    assert first.breaks.patterns == second.breaks.patterns
    np.testing.assert_array_equal(first.breaks.assigned, second.breaks.assigned)
    assert first.sweeps == second.sweeps


def test_stop_ends_with_a_complete_plan() -> None:
    of, roster = operation(4, 10)
    told: list[Progress] = []
    placement = place_breaks(of, roster, seed=0, stop=lambda: True, progress=told.append)
    assert list(check_breaks(of, roster, placement.breaks)) == []
    assert placement.sweeps == ()
    assert told[-1].done == 1.0


def test_plan_without_shifts_has_no_breaks() -> None:
    of = scenario(weeks=1, heads=2.0)
    placement = place_breaks(of, plan(of, "......."), seed=0)
    assert (placement.breaks.assigned == -1).all()
    assert placement.breaks.patterns == ()


def test_policy_that_does_not_fit_is_refused() -> None:
    of = scenario(shift_types=[ShiftType("M", time(6), 600)])
    with pytest.raises(PolicyError, match="408 to 420 productive minutes"):
        place_breaks(of, plan(of, "MMMMM..MMMMM.."), seed=0)


def test_initial_breaks_that_miss_a_shift_are_refused() -> None:
    of, roster = operation(5, 3)
    initial = breaks_of(of, roster)
    with pytest.raises(PolicyError, match="no pattern for A0 on Sun 3 Jan"):
        place_breaks(of, roster, seed=0, initial=initial)


def test_rounds_never_share_an_interval_and_are_as_few_as_people_at_once() -> None:
    of, roster = operation(6, 30)
    duties = Duties.of(of, SkillGroups.of(of), roster)
    rounds = duties.rounds(3, np.random.default_rng(0))
    load = np.zeros(of.horizon.interval_count + 200, dtype=int)
    for members in rounds:
        seen = np.zeros_like(load)
        for duty in members:
            first, end = int(duties.first_slot[duty]) // 3, int(duties.first_slot[duty] + duties.slots[duty] - 1) // 3 + 1
            seen[first + 100 : end + 100] += 1
        assert seen.max() == 1
        load += seen
    assert sorted(np.concatenate(rounds).tolist()) == list(range(len(duties)))
    assert len(rounds) == load.max()


def test_break_plan_survives_reading_and_writing() -> None:
    of, roster = operation(7, 8)
    breaks = place_breaks(of, roster, seed=0, params=PlacementParams(max_sweeps=1)).breaks
    duties = Duties.of(of, SkillGroups.of(of), roster)
    again = Taken.of(of, duties, breaks).plan(of, duties)
    assert again.patterns == breaks.patterns
    np.testing.assert_array_equal(again.assigned, breaks.assigned)
    np.testing.assert_array_equal(again.carried, breaks.carried)


def equals() -> tuple[Scenario, RosterPlan, BreakPlan]:
    rng = np.random.default_rng(0)
    of = scenario(weeks=2, associates=[associate(f"A{number}", team=f"T{number % 3}") for number in range(24)])
    of = replace(of, requirement=Requirement(("stow",), rng.gamma(2.0, 6.0, size=(of.horizon.interval_count, 1))))
    roster = plan(of, {person.code: "MMMMM.. MMMMM.." for person in of.associates})
    return of, roster, place_breaks(of, roster, seed=0, params=PlacementParams(max_sweeps=2)).breaks


def test_meals_stay_close_to_the_last_shift_and_to_the_team() -> None:
    of, roster, breaks = equals()
    before = assignment_figures(of, roster, breaks)
    close = assignment_figures(of, roster, assign_breaks(of, roster, breaks, AssignmentParams(team_share=0.0)))
    together = assignment_figures(of, roster, assign_breaks(of, roster, breaks, AssignmentParams(team_share=1.0)))
    assert close.mean_meal_move_minutes < 0.7 * before.mean_meal_move_minutes
    assert together.mean_team_distance_minutes < 0.7 * before.mean_team_distance_minutes
    assert close.mean_meal_move_minutes <= together.mean_meal_move_minutes


def test_assignment_only_deals_out_what_is_there() -> None:
    of, roster, breaks = equals()
    dealt = assign_breaks(of, roster, breaks)
    np.testing.assert_array_equal(np.sort(dealt.assigned, axis=0), np.sort(breaks.assigned, axis=0))
    np.testing.assert_array_equal(np.isnan(meal_starts(of, dealt)), roster.values < 0)
    assert (dealt.assigned != breaks.assigned).any()
