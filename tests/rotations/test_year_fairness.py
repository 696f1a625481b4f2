"""Fairness over a rolling year: what is counted, how it is dealt out, and what pages and runs make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from benchmarks.fairness import POLICIES, rotation_rows, simulate
from roster.even import even_costs, even_deal
from scheduling.burdens import BURDENS, YearOfBurdens, burden_days, is_unpopular, spread, whole_years
from scheduling.errors import ConflictError
from scheduling.people import PastDay
from scheduling.plan import LEAVE, OFF
from scheduling.shifts import ShiftType
from services import publishing, rotation_design, rotation_places
from services.drafting import planning_input_for, save_draft
from services.loading import load_operation
from services.reading import roster_grid
from services.rotation_design import RotationRequest, ShiftNeed
from services.year_fairness import EVERYBODY, year_fairness
from tests.conftest import SteppedClock
from tests.rotations.searched import design_rotation
from tests.stored import SITE, operation, result

MONDAY = date(2027, 1, 4)
DAY, EVENING, NIGHT = (ShiftType(code, time(hour), 540) for code, hour in (("D", 9), ("E", 14), ("N", 22)))


def test_burdens_of_a_week() -> None:
    dates = [MONDAY + timedelta(days=day) for day in range(7)]
    rows = np.array([[0, 0, OFF, OFF, 1, 1, 2], [2, LEAVE, 2, OFF, OFF, 0, 0]], dtype=np.int16)
    counts = burden_days([DAY, EVENING, NIGHT], dates, {MONDAY}, rows)
    # Nights, weekend days, holidays, unpopular timings (the evening ends at 23:00).
    assert counts.tolist() == [[1, 2, 1, 3], [2, 2, 1, 2]]


@pytest.mark.parametrize(
    ("hour", "minutes", "expected"), [(6, 540, False), (5, 540, True), (12, 540, False), (13, 540, True), (22, 540, True)]
)
def test_unpopular_timings(hour: int, minutes: int, expected: bool) -> None:
    assert is_unpopular(ShiftType("X", time(hour), minutes)) is expected


def test_who_came_later_counts_as_if_they_had_borne_the_average() -> None:
    years = [YearOfBurdens("old", (20, 40, 4, 0), 200), YearOfBurdens("new", (0, 0, 0, 0), 0)]
    assert whole_years(years).tolist() == [[20, 40, 4, 0], [20, 40, 4, 0]]
    assert whole_years([YearOfBurdens("a", (0,) * 4, 0)]).tolist() == [[0, 0, 0, 0]]


@given(
    past=st.lists(st.tuples(*[st.integers(0, 9)] * 4), min_size=2, max_size=5),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_an_even_deal_is_the_cheapest_of_all(past: list[tuple[int, ...]], seed: int) -> None:
    borne = np.array(past, dtype=np.float64)
    lines = np.random.default_rng(seed).integers(0, 9, borne.shape).astype(np.float64)
    costs = even_costs(borne, lines)
    gets = even_deal(borne, lines)
    assert gets is not None
    assert sorted(gets) == list(range(len(past)))
    least = min(sum(costs[row, column] for row, column in enumerate(order)) for order in permutations(range(len(past))))
    assert sum(costs[row, column] for row, column in enumerate(gets)) == pytest.approx(least)


def test_a_deal_that_is_not_possible_is_none_and_wrong_weights_are_refused() -> None:
    borne = np.zeros((2, len(BURDENS)))
    assert even_deal(borne, borne, np.array([[True, False], [True, False]])) is None
    with pytest.raises(ValueError, match="one weight"):
        even_costs(borne, borne, np.ones(3))


def test_four_periods_dealt_evenly_beat_those_kept_and_those_drawn_by_chance() -> None:
    rows = rotation_rows(9)
    last = {name: simulate(policy, rows, periods=4, weeks=13, seed=3)[-1] for name, policy in POLICIES.items()}
    for burden in ("nights", "weekend days", "unpopular timings"):
        even, drawn, kept = (last[name][burden][1] for name in ("even", "random", "kept"))  # type: ignore[index]
        assert even < drawn < kept
    assert spread(np.array([3.0, 9.0])) == 6.0


def loaded(engine: Engine, clock: SteppedClock) -> None:
    """Load an operation in which the first associate had nothing but nights for four weeks, the others nothing but days off."""
    given = operation(20, 1)
    night = next(shift.code for shift in given.shift_types if shift.is_night)
    past = tuple(
        PastDay(one.code, MONDAY - timedelta(days=day), night if one == given.associates[0] and day % 7 > 2 else "off")
        for one in given.associates
        for day in range(1, 29)
    )
    load_operation(engine, replace(given, history=past), site=SITE, name="Pune 1", by="planner", clock=clock)


def test_the_year_is_read_from_what_was_handed_in_and_from_what_was_published(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    given = planning_input_for(engine, SITE, MONDAY, 1)
    first, *others = given.years
    assert (first.associate, first.counts[0], first.known_days) == (given.associates[0].code, 16, 28)
    assert {one.counts for one in others} == {(0, 0, 0, 0)}
    scenario = given.scenario()
    head = save_draft(engine, SITE, scenario, result(scenario), by="asha", clock=clock)
    publishing.publish_roster(engine, head.id, head.version, by="asha", clock=clock, reason="for the test")
    later = planning_input_for(engine, SITE, MONDAY + timedelta(days=7), 1)
    made = result(scenario).plan.values
    counts = burden_days(scenario.shift_types, scenario.horizon.dates, scenario.holidays, made)
    expected = counts + np.array([one.counts for one in given.years])
    assert np.array([one.counts for one in later.years]).tolist() == expected.tolist()


def test_figures_before_and_after_a_roster(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    scenario = planning_input_for(engine, SITE, MONDAY, 1).scenario()
    head = save_draft(engine, SITE, scenario, result(scenario), by="asha", clock=clock)
    groups = year_fairness(engine, roster_grid(engine, head.id))
    assert (groups[0].group, groups[0].associates) == (EVERYBODY, 20)
    assert {group.group for group in groups[1:]} <= {one.team for one in scenario.associates}
    nights = groups[0].burdens[0]
    assert (nights.spread_before, nights.gini_before) == (16.0, 0.95)
    assert nights.gini_after != nights.gini_before


def test_rows_are_dealt_to_those_who_bore_less(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    site = rotation_design.rotation_site(engine, SITE)
    night, day = (next(one.code for one in site.shift_types if one.is_night is wanted) for wanted in (True, False))
    numbers = []
    for code, most in ((night, 5), (day, 6)):
        need = ShiftNeed(code, (5,) * 7, (1, most))
        asked = RotationRequest(code, None, 10, (need,), (3, most), (2, 4), keeps_week=False)
        numbers.append(design_rotation(engine, SITE, asked, by="asha", clock=clock))
    deal = rotation_places.propose_deal(engine, SITE, numbers, MONDAY, 13)
    assert len(deal.rows) == 20
    busy = planning_input_for(engine, SITE, MONDAY, 1).associates[0].code
    assert {row.rotation for row in deal.rows if row.who.code == busy} == {day}
    assert deal == rotation_places.propose_deal(engine, SITE, numbers, MONDAY, 13)
    assert rotation_places.apply_deal(engine, SITE, numbers, MONDAY, 13, None, by="asha", clock=clock) == 20
    places = rotation_places.places(engine, numbers[0])
    assert {(one.code, one.row_number) for one in places} == {
        (row.who.code, row.row_number) for row in deal.rows if row.rotation_id == numbers[0]
    }


def test_nights_go_to_those_who_consented_where_consent_is_asked_for(engine: Engine, clock: SteppedClock) -> None:
    given = operation(20, 1)
    asked = replace(given.rules, night_consent_required=True)
    # Somebody who had all the nights of the past is alone in not consenting; the others would be dealt days if they could.
    people = tuple(replace(one, night_consent=index != 3, timing=None) for index, one in enumerate(given.associates))
    changed = replace(given, rules=asked, associates=people, history=())
    load_operation(engine, changed, site=SITE, name="Pune 1", by="planner", clock=clock)
    site = rotation_design.rotation_site(engine, SITE)
    night = next(one.code for one in site.shift_types if one.is_night)
    for rows, works in ((19, True), (20, False)):
        request = RotationRequest(night, None, rows, (ShiftNeed(night, (9,) * 7, (1, 5)),), (3, 5), (2, 4), keeps_week=False)
        number = design_rotation(engine, SITE, request, by="asha", clock=clock)
        if works:
            deal = rotation_places.propose_deal(engine, SITE, [number], MONDAY, 13)
            assert [one.code for one in deal.left_over] == [people[3].code]
        else:
            with pytest.raises(ConflictError, match="consented to nights"):
                rotation_places.propose_deal(engine, SITE, [number], MONDAY, 13)
