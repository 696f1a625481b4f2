"""Who is offered for a swap: exactly those with whom the independent checker finds nothing new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.check import check
from roster.exchange import (
    Exchange,
    covers,
    keeps_skills,
    lawful_lines,
    seats_broken,
    shift_exchanges,
    weekly_off_exchanges,
)
from roster.line_changes import TIMING_RULES
from scheduling.people import Lock, WorkMode
from scheduling.plan import HOME, NOWHERE, OFF, OFFICE, RosterPlan
from scheduling.rules import Office, RuleSettings, Severity, Timing
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from tests.builders import MONDAY, associate, scenario

SHIFTS = (ShiftType("M", time(6), 540), ShiftType("E", time(14), 540))
MODES = tuple(WorkMode)
DAYS = 14


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Scenario, RosterPlan]:
    """Draw a roster of two weeks that is nearly lawful: rotations with few changes, skills, seats and locks."""
    count = draw(st.integers(3, 6))
    skills = st.sampled_from([{"stow"}, {"pick"}, {"stow", "pick"}])
    people = [
        associate(f"A{row}", skills=frozenset(draw(skills)), work_mode=draw(st.sampled_from(MODES)), timing=None)
        for row in range(count)
    ]
    offs = [draw(st.integers(0, 6)) for _ in people]
    timings = [draw(st.integers(0, 1)) for _ in people]
    values = np.array(
        [[timing if (day - off) % 7 >= 2 else OFF for day in range(DAYS)] for off, timing in zip(offs, timings, strict=True)],
        dtype=np.int16,
    )
    cells = st.tuples(st.integers(0, count - 1), st.integers(0, 13), st.sampled_from([OFF, 0, 1]))
    for row, day, value in draw(st.lists(cells, max_size=3)):
        values[row, day] = value
    homes = np.array([one.work_mode is not WorkMode.OFFICE for one in people])
    places = np.where(values < 0, NOWHERE, np.where(homes[:, None], HOME, OFFICE)).astype(np.int8)
    locked = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, 13)), max_size=2, unique=True))
    words = {OFF: "off", 0: "M", 1: "E"}
    made = scenario(
        associates=people,
        shift_types=SHIFTS,
        skills=("stow", "pick"),
        rules=RuleSettings(timing=draw(st.sampled_from([Timing.FIXED, Timing.WEEKLY, Timing.FREE]))),
        office=draw(st.sampled_from([None, Office(1), Office(2)])),
        locks=tuple(Lock(f"A{row}", made_day(day), words[int(values[row, day])]) for row, day in locked),
    )
    return made, RosterPlan(values, places)


def made_day(number: int) -> date:
    return date.fromordinal(MONDAY.toordinal() + number)


def blocking(of: Scenario, plan: RosterPlan) -> Counter[tuple[str, str, date | None]]:
    """Return by how much each rule that blocks publishing is broken, by whom and when."""
    amounts: Counter[tuple[str, str, date | None]] = Counter()
    for one in check(of, plan):
        if one.severity is Severity.BLOCKS_PUBLISHING:
            amounts[one.rule, one.who, one.when] += int(one.amount)
    return amounts


def swapped_by_hand(of: Scenario, plan: RosterPlan, pair: tuple[int, int], days: tuple[int, ...]) -> RosterPlan:
    """Return the roster after a swap, the places drawn anew by the plainest rule that there is."""
    values, places = plan.values.copy(), plan.places.copy()
    for day in days:
        values[list(pair), day] = plan.values[list(reversed(pair)), day]
    for row in pair:
        mode = of.associates[row].work_mode
        given = [int(plan.places[row, day]) for day in days if values[row, day] < 0 <= plan.values[row, day]]
        for day in days:
            if values[row, day] < 0:
                places[row, day] = NOWHERE
            elif plan.values[row, day] < 0:
                places[row, day] = {WorkMode.OFFICE: OFFICE, WorkMode.HOME: HOME}.get(mode, given.pop(0) if given else HOME)
    return RosterPlan(values, places)


def brute_force(of: Scenario, plan: RosterPlan, asker: int, day: int, aside: frozenset[str]) -> set[Exchange]:
    """Return every lawful swap that gets rid of a shift, each tried on the whole roster."""
    before, found = blocking(of, plan), set()
    candidates = [(day,), *((day, other) for other in range(DAYS) if other != day and abs(other - day) < 7)]
    for partner in range(len(of.associates)):
        for days in (tuple(sorted(one)) for one in candidates):
            mine, theirs = plan.values[asker], plan.values[partner]
            if partner == asker or any(mine[one] == theirs[one] for one in days):
                continue
            if len(days) == 1 and theirs[day] < 0:
                continue
            if len(days) == 2:
                other = days[0] if days[1] == day else days[1]
                if not (mine[other] == OFF and theirs[other] >= 0 and theirs[day] == OFF):
                    continue
            takes = [any(theirs[one] >= 0 for one in days), any(mine[one] >= 0 for one in days)]
            if (takes[0] and not covers(of, asker, partner)) or (takes[1] and not covers(of, partner, asker)):
                continue
            after = blocking(of, swapped_by_hand(of, plan, (asker, partner), days))
            if not any(amount > before[key] for key, amount in after.items() if key[0] not in aside):
                found.add(Exchange(asker, partner, days))
    return found


def lawful_exchanges(
    of: Scenario, plan: RosterPlan, exchanges: Iterable[Exchange], aside: frozenset[str] = frozenset()
) -> tuple[Exchange, ...]:
    """Return what is left of some exchanges when everything is asked that the list of partners asks."""
    able = [one for one in exchanges if keeps_skills(of, plan, one)]
    return tuple(one for one in lawful_lines(of, plan, able, aside=aside) if not seats_broken(of, plan, one))


@given(rosters(), st.integers(0, 13), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_partner_list_is_what_brute_force_by_the_checker_finds(
    drawn: tuple[Scenario, RosterPlan], day: int, across: bool
) -> None:
    of, plan = drawn
    aside = TIMING_RULES if across else frozenset()
    if plan.values[0, day] < 0:
        assert not list(shift_exchanges(plan, 0, day, 0))
        return
    found = lawful_exchanges(of, plan, shift_exchanges(plan, 0, day, 0), aside=aside)
    assert len(set(found)) == len(found)
    assert set(found) == brute_force(of, plan, 0, day, aside)


@given(rosters(), st.sampled_from([0, 7]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_weekly_offs_are_swapped_with_whom_the_checker_lets(drawn: tuple[Scenario, RosterPlan], monday: int) -> None:
    of, plan = drawn
    week = range(monday, monday + 7)
    found = set(lawful_exchanges(of, plan, weekly_off_exchanges(plan, 0, list(week))))
    before = blocking(of, plan)
    for partner in range(1, len(of.associates)):
        off = [{day for day in week if plan.values[row, day] == OFF} for row in (0, partner)]
        days = tuple(sorted(off[0] ^ off[1]))
        if not off[0] or not off[1] or not days:
            assert not any(one.partner == partner for one in found)
            continue
        after = blocking(of, swapped_by_hand(of, plan, (0, partner), days))
        takes = [any(plan.values[row, day] >= 0 for day in days) for row in (partner, 0)]
        able = (not takes[0] or covers(of, 0, partner)) and (not takes[1] or covers(of, partner, 0))
        lawful = able and not any(amount > before[key] for key, amount in after.items())
        assert (Exchange(0, partner, days) in found) == lawful


def test_an_exchange_of_neighbouring_offs_is_found_and_one_that_splits_the_off_is_not() -> None:
    of = scenario(associates=[associate(f"A{row}") for row in range(3)], shift_types=SHIFTS)
    values = np.array([[0 if day % 7 not in offs else OFF for day in range(DAYS)] for offs in ((5, 6), (4, 5), (2, 3))])
    plan = RosterPlan(values.astype(np.int16), np.where(values >= 0, OFFICE, NOWHERE).astype(np.int8))
    found = lawful_exchanges(of, plan, shift_exchanges(plan, 0, 11, 7))
    assert found == (Exchange(0, 1, (11, 13)),)
    assert [one.partner for one in lawful_exchanges(of, plan, weekly_off_exchanges(plan, 0, range(7, 14)))] == [1]
    closed = replace(of, locks=(Lock("A1", made_day(11), "off"),))
    assert lawful_exchanges(closed, plan, shift_exchanges(plan, 0, 11, 7)) == ()
