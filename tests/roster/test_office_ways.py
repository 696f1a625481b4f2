"""Ways out of a full office: each is held against the checker, and the fewest seats against one seat fewer."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.check import check
from roster.office_ways import OfficeWay, office_ways
from roster.places import assign_places
from scheduling.people import WorkMode
from scheduling.plan import HOME, OFFICE, RosterPlan
from scheduling.rules import Office
from scheduling.scenario import Scenario
from tests.builders import associate, plan, scenario

ROWS = st.sampled_from(("DDDDD..", "..DDDDD", "EEEEE..", "D.DDD.D", "NNNNN..", ".DDEE.."))


@st.composite
def offices(draw: st.DrawFn) -> tuple[Scenario, RosterPlan]:
    """Draw a site of up to seven, an office that may be too small, and a roster as the engine places it."""
    modes = draw(st.lists(st.sampled_from(WorkMode), min_size=1, max_size=7))
    people = [associate(f"A{number}", work_mode=mode) for number, mode in enumerate(modes)]
    office = Office(seats=draw(st.integers(0, 4)), days_per_week=draw(st.integers(0, 4)))
    of = scenario(weeks=1, associates=people, office=office)
    values = plan(of, {person.code: draw(ROWS) for person in people}).values
    return of, RosterPlan(values, assign_places(of, values, seed=1))


def broken(of: Scenario, roster: RosterPlan) -> dict[str, float]:
    """Return by how much each rule of place is broken."""
    found = [one for one in check(of, roster) if one.rule in {"office-seats", "office-days", "place-of-work"}]
    return {rule: sum(one.amount for one in found if one.rule == rule) for rule in {one.rule for one in found}}


def solved(of: Scenario, roster: RosterPlan, way: OfficeWay) -> dict[str, float]:
    """Return what is broken when a way is taken."""
    return broken(replace(of, office=way.office), RosterPlan(roster.values, way.places))


@given(offices())
@settings(max_examples=80, deadline=None)
def test_each_way_out_gives_up_what_it_says_and_nothing_else(drawn: tuple[Scenario, RosterPlan]) -> None:
    of, roster = drawn
    ways = office_ways(of, roster)
    assert bool(ways) == bool(broken(of, roster)), "seats can always be added, so there always is a way"
    assert [way.price for way in ways] == sorted(way.price for way in ways)
    for way in ways:
        left = solved(of, roster, way)
        assert left == {rule: sum(one.amount for one in way.given_up if one.rule == rule) for rule in left}
        assert "office-seats" not in left
        assert way.office == of.office or not left, "an office that is changed has room for all"
        assert not re.match(r"0 (seat|shift)", way.words)


@given(offices())
@settings(max_examples=60, deadline=None)
def test_no_seat_is_asked_for_that_is_not_needed(drawn: tuple[Scenario, RosterPlan]) -> None:
    of, roster = drawn
    assert of.office is not None
    for way in office_ways(of, roster):
        if way.office.seats > of.office.seats:
            fewer = replace(of, office=replace(way.office, seats=way.office.seats - 1))
            assert broken(fewer, RosterPlan(roster.values, assign_places(fewer, roster.values, seed=1)))


def test_office_days_that_were_moved_by_hand_are_put_right_without_giving_anything_up() -> None:
    people = [associate(f"A{number}", work_mode=WorkMode.HYBRID) for number in range(2)]
    of = scenario(weeks=1, associates=people, office=Office(seats=1, days_per_week=2))
    values = plan(of, {"A0": "DDDDD..", "A1": "DDDDD.."}).values
    places = np.where(values >= 0, HOME, 0).astype(np.int8)
    places[:, :2] = OFFICE
    (way,) = office_ways(of, RosterPlan(values, places))
    assert way.price == 0
    assert way.words.startswith("Other office days")
    assert not solved(of, RosterPlan(values, places), way)
