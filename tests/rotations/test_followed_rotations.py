"""Rotations in the product: designed under the site's rules, followed by people, kept in rosters, repaired around exceptions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from roster.rotation.unroll import days_from
from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.kpis import productive_minutes
from scheduling.people import Leave, Lock
from scheduling.plan import DAY_WORDS, OFF
from scheduling.rules import RuleSettings, Severity, Timing
from scheduling.shifts import ShiftType
from services import rotation_design, rotation_places
from services.drafting import planning_input_for
from services.loading import load_operation
from services.planning import plan
from services.rotation_days import Followed, keep_rotations
from services.rotation_design import RotationRequest, ShiftNeed, forbidden_successions
from tests.conftest import SteppedClock
from tests.rotations.searched import design_rotation
from tests.stored import SITE, operation

MONDAY = date(2027, 1, 4)
ROWS = 7


def loaded(engine: Engine, clock: SteppedClock, weeks: int = 2, *, knows_past: bool = True) -> None:
    """Load an operation; one that knows its past changes timings in the first week of a rotation, so many weeks are repaired."""
    given = operation(20, weeks)
    given = given if knows_past else replace(given, history=())
    load_operation(engine, given, site=SITE, name="Pune 1", by="planner", clock=clock)


def early(engine: Engine) -> str:
    """The code of a shift type that is no night."""
    return next(shift.code for shift in rotation_design.rotation_site(engine, SITE).shift_types if not shift.is_night)


def designed(engine: Engine, clock: SteppedClock, **changes: object) -> int:
    need = ShiftNeed(early(engine), (4, 4, 4, 4, 4, 4, 4), (1, 6))
    asked = RotationRequest("Mornings", None, ROWS, (need,), work=(3, 6), off=(2, 4))
    return design_rotation(engine, SITE, replace(asked, **changes), clock=clock)  # type: ignore[arg-type]


def codes_of(engine: Engine, count: int = ROWS) -> dict[int, str]:
    return {row: one.code for row, one in enumerate(rotation_places.candidates(engine, SITE)[:count])}


def test_stores_what_it_found_and_reads_it_back(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    found = rotation_design.rotation_view(engine, designed(engine, clock))
    assert (found.name, found.state, found.is_proven, found.created_by) == ("Mornings", "feasible", True, "asha")
    (rows,) = found.rotations
    assert rows.shape == (ROWS, 7)
    assert ((rows >= 0).sum(axis=1) == 5).all()
    assert (found.problem.requirement == 4).all()
    (head,) = rotation_design.list_rotations(engine, SITE)
    assert (head.placed, head.weeks, head.free_weekends) == (0, ROWS, found.free_weekends)


def test_tells_why_there_is_none(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    need = ShiftNeed(early(engine), (7,) * 7, (1, 6))
    found = rotation_design.rotation_view(engine, designed(engine, clock, needs=(need,)))
    assert (found.state, found.rotations) == ("infeasible", ())
    assert any("requirement" in words for words in found.explanation["clash"])
    assert found.explanation["relaxations"]
    with pytest.raises(ConflictError, match="no rows"):
        rotation_places.place(engine, found.id, codes_of(engine), MONDAY, 13, by="asha", clock=clock)


def test_refuses_a_request_without_sense_with_every_fault(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    with pytest.raises(BadInputError) as caught:
        designed(engine, clock, name=" ", weeks=0, needs=(), work=(6, 3), team="Nobody")
    assert {fault.column for fault in caught.value.faults} == {"name", "rows", "heads", "working days in a row", "team"}
    with pytest.raises(NotFoundError):
        rotation_design.rotation_view(engine, 99)


def test_a_fixed_timing_takes_one_shift_type(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    two = rotation_design.rotation_site(engine, SITE).shift_types[:2]
    needs = tuple(ShiftNeed(shift.code, (1,) * 7, (1, 6)) for shift in two)
    with pytest.raises(BadInputError, match="keeps one timing"):
        designed(engine, clock, needs=needs)


def test_who_follows_a_rotation_has_its_days_locked_and_its_timing(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    number = designed(engine, clock)
    codes = codes_of(engine)
    assert rotation_places.place(engine, number, codes, MONDAY, 13, by="asha", clock=clock) == ROWS
    found = rotation_design.rotation_view(engine, number)
    given = planning_input_for(engine, SITE, MONDAY, 2)
    timings = {one.code: one.timing for one in given.associates}
    assert {timings[code] for code in codes.values()} == set(found.problem.shifts)
    row = next(row for row, code in codes.items() if any(lock.associate == code for lock in given.locks))
    expected = days_from(found.rotations, row, 0, 14)
    locks = {lock.date: lock.value for lock in given.locks if lock.associate == codes[row]}
    wishes = {one.date: one.want for one in given.requests if one.associate == codes[row]}
    away = {leave.first_day + timedelta(days=day) for leave in given.leave if leave.associate == codes[row] for day in range(60)
            if leave.first_day + timedelta(days=day) <= leave.last_day}  # fmt: skip
    for day, value in enumerate(expected):
        if MONDAY + timedelta(days=day) in away:
            continue
        word = DAY_WORDS[OFF] if value == OFF else found.problem.shifts[value]
        when = MONDAY + timedelta(days=day)
        assert locks.get(when, wishes.get(when)) == word
    assert locks
    nights = ShiftNeed("N22", (1,) * 7, (1, 6))
    with pytest.raises(BadInputError, match="between 1 and 5"):
        designed(engine, clock, needs=(nights,))


def test_nobody_goes_through_two_rotations_at_once(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    one, two = designed(engine, clock), designed(engine, clock, name="Others")
    rotation_places.place(engine, one, codes_of(engine), MONDAY, 13, by="asha", clock=clock)
    with pytest.raises(ConflictError, match="another rotation"):
        rotation_places.place(engine, two, codes_of(engine), MONDAY + timedelta(days=7), 4, by="asha", clock=clock)
    rotation_places.place(engine, two, codes_of(engine), MONDAY + timedelta(weeks=13), 13, by="asha", clock=clock)


def test_refuses_places_without_sense(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    number = designed(engine, clock)
    code = codes_of(engine)[0]
    with pytest.raises(BadInputError, match="one row only"):
        rotation_places.place(engine, number, {0: code, 1: code}, MONDAY, 13, by="asha", clock=clock)
    with pytest.raises(BadInputError, match="no such associate"):
        rotation_places.place(engine, number, {0: "nobody"}, MONDAY, 13, by="asha", clock=clock)
    with pytest.raises(BadInputError, match="has 7 rows"):
        rotation_places.place(engine, number, {7: code}, MONDAY, 13, by="asha", clock=clock)
    with pytest.raises(BadInputError, match="start on monday"):
        rotation_places.place(engine, number, {0: code}, MONDAY + timedelta(days=1), 13, by="asha", clock=clock)


def test_unrolled_roster_keeps_the_rotation_and_repairs_around_leave(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock, knows_past=False)
    number = designed(engine, clock)
    codes = codes_of(engine)
    rotation_places.place(engine, number, codes, MONDAY, 13, by="asha", clock=clock)
    given = planning_input_for(engine, SITE, MONDAY, 2)
    # One of them is on leave on the days that the rotation gives off, so that the second week has too many working days.
    found = rotation_design.rotation_view(engine, number)
    second = MONDAY + timedelta(days=7)
    row = next(
        row for row, code in codes.items() if sum(lock.associate == code and lock.date >= second for lock in given.locks) == 7
    )
    days_off = np.flatnonzero(days_from(found.rotations, row, 0, 14)[7:] == OFF) + 7
    away = Leave(codes[row], *(MONDAY + timedelta(days=int(day)) for day in (days_off[0], days_off[-1])))
    others = tuple(lock for lock in given.locks if lock.associate != away.associate)
    free = replace(given, leave=(*given.leave, away), locks=others)
    followed = [Followed(codes[row], tuple(_words(found, row)))]
    scenario = keep_rotations(free, followed).scenario()
    result = plan(scenario, lambda _: None, lambda: False, 1, 8.0, workers=1)
    hard = [one for one in result.violations if one.severity is Severity.BLOCKS_PUBLISHING]
    assert hard == []
    index = scenario.associate_index[away.associate]
    assert len(others) >= 49, "rotations are kept by locks, which the checker found kept"
    assert (result.plan.values[index, 7:] >= 0).sum() == 5 - len(days_off)
    minutes = productive_minutes(scenario, result.plan, result.breaks)
    assert minutes.min() >= 408
    assert minutes.max() <= 420


def _words(found: rotation_design.StoredRotation, row: int) -> list[str]:
    days = days_from(found.rotations, row, 0, 14)
    return [DAY_WORDS[OFF] if value == OFF else found.problem.shifts[value] for value in days]


def test_a_lock_made_by_hand_goes_before_the_rotation(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    given = planning_input_for(engine, SITE, MONDAY, 1)
    who, shift = given.associates[0].code, given.shift_types[0].code
    mine = Lock(who, MONDAY, "off")
    words = (*(shift,) * 5, "off", "off")
    kept = keep_rotations(replace(given, locks=(mine,), leave=()), [Followed(who, words)])
    assert [lock for lock in kept.locks if lock.date == MONDAY] == [mine]


def test_a_shift_type_that_is_gone_is_told(engine: Engine, clock: SteppedClock) -> None:
    loaded(engine, clock)
    given = planning_input_for(engine, SITE, MONDAY, 1)
    with pytest.raises(ConflictError, match="uses X99"):
        keep_rotations(given, [Followed(given.associates[0].code, ("X99",) * 7)])


def test_rest_between_shift_types_forbids_successions() -> None:
    early, late, night = (ShiftType(code, time(hour), 540) for code, hour in (("M", 6), ("E", 14), ("N", 22)))
    free = RuleSettings(timing=Timing.FREE)
    found = forbidden_successions([early, late, night], free, (1, 3))
    assert (1, 0, 0) in found, "an evening, then a morning: 7 h of rest"
    assert (0, 0, 1) not in found
    assert (2, 2, 0) in found, "a night, two days off, a morning: 47 h of rest, 48 are asked for"
    assert (2, 3, 0) not in found
    weekly = forbidden_successions([early, late], RuleSettings(timing=Timing.WEEKLY), (1, 3))
    assert (0, 1, 1) in weekly, "47 h of rest where the timing changes"


@given(row=st.integers(0, 4), passed=st.integers(-30, 90), count=st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_unrolling_goes_round_within_its_own_rotation(row: int, passed: int, count: int) -> None:
    rotations = (np.arange(14, dtype=np.int16).reshape(2, 7), np.arange(20, 41, dtype=np.int16).reshape(3, 7))
    days = days_from(rotations, row, passed, count).tolist()
    first, size, start = (0, 14, row * 7) if row < 2 else (20, 21, (row - 2) * 7)
    assert days == [first + (start + passed + day) % size for day in range(count)]
    with pytest.raises(ValueError, match="rows before"):
        days_from(rotations, 5, 0, 1)
