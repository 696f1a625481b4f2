from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from breaks.check import BREAK_RULES, check_breaks, check_coverage, is_legal, pattern_faults
from breaks.check_coverage import heads_by_skills
from breaks.check_teams import check_team_breaks
from scheduling.coverage import coverage_of
from scheduling.plan import BreakPattern, BreakSlot, Coverage
from scheduling.rules import Severity
from tests.builders import AUTUMN_MONDAY, MONDAY, PATTERN, POLICY, SPRING_MONDAY, associate, breaks_of, history, plan, scenario

WEEK = "MMMMM.. NNNNN.."


def moved(index: int, minutes: int) -> BreakPattern:
    slot = PATTERN[index]
    return (*PATTERN[:index], replace(slot, start_minute=slot.start_minute + minutes), *PATTERN[index + 1 :])


FAULTY = {
    "one short break missing": (PATTERN[:-1], "break_kinds"),
    "one short break too many": ((*PATTERN, BreakSlot(520, 1)), "break_kinds"),
    "unknown kind": ((*PATTERN[:-1], BreakSlot(495, 7)), "break_kinds"),
    "no breaks": ((), "break_kinds"),
    "off the grid by a minute": (moved(1, 1), "break_grid"),
    "meal before its window": ((*PATTERN[:3], BreakSlot(175, 0), *PATTERN[4:]), "break_window"),
    "meal after its window": ((*PATTERN[:3], BreakSlot(305, 0), *PATTERN[4:]), "break_window"),
    "first break too early": (moved(0, -5), "break_edges"),
    "last break too late": (moved(8, 10), "break_edges"),
    "stretch too short": ((*PATTERN[:2], BreakSlot(180, 1), *PATTERN[3:]), "work_stretch"),
    "stretch too long": ((*PATTERN[:2], BreakSlot(170, 1), *PATTERN[3:]), "work_stretch"),
    "overlap": ((*PATTERN[:4], BreakSlot(225, 1), *PATTERN[5:]), "breaks_apart"),
    "order of time": ((PATTERN[1], PATTERN[0], *PATTERN[2:]), "breaks_apart"),
    "productive minutes": (PATTERN[:3] + PATTERN[4:], "productive_minutes"),
}


def test_the_pattern_of_the_builders_is_legal() -> None:
    assert is_legal(POLICY, 540, PATTERN)


@pytest.mark.parametrize(("pattern", "rule"), FAULTY.values(), ids=list(FAULTY))
def test_every_fault_of_a_pattern_is_caught(pattern: BreakPattern, rule: str) -> None:
    of = scenario()
    roster = plan(of, WEEK)
    breaks = replace(breaks_of(of, roster), patterns=(PATTERN, pattern))
    breaks.assigned[0, 1] = 1
    found = list(check_breaks(of, roster, breaks))
    assert rule in {violation.rule for violation in found}
    assert {violation.when for violation in found} == {MONDAY + timedelta(days=1)}
    assert {violation.severity for violation in found} == {Severity.BLOCKS_PUBLISHING}
    assert all(violation.amount > 0 for violation in found)
    assert not is_legal(POLICY, 540, pattern)


def test_every_break_rule_has_a_faulty_pattern() -> None:
    assert {rule for _, rule in FAULTY.values()} | {"breaks_of_every_shift"} == set(BREAK_RULES)


@pytest.mark.parametrize(("minutes", "legal"), [((25, 60), True), ((40, 45), True), ((41, 45), False), ((40, 44), False)])
def test_work_stretch_at_its_limits(minutes: tuple[int, int], legal: bool) -> None:
    # Stretches of this pattern are 45, 40, 40, 40, 45, 45, 40, 40, 40 and 45 minutes.
    starts = [(45, 2), (105, 1), (155, 1), (205, 1), (260, 0), (335, 1), (385, 1), (435, 1), (485, 1)]
    pattern = tuple(BreakSlot(minute, kind) for minute, kind in starts)
    assert is_legal(replace(POLICY, work_stretch_minutes=minutes), 540, pattern) is legal


def test_message_speaks_to_a_planner() -> None:
    of = scenario(associates=[associate("A012", name="Asha")])
    roster = plan(of, WEEK)
    short = (*PATTERN[:2], BreakSlot(128, 1), *PATTERN[3:])
    breaks = replace(breaks_of(of, roster), patterns=(short,))
    messages = {violation.message for violation in check_breaks(of, roster, breaks)}
    assert "Asha (A012) on Tue 5 Jan: 23 minutes of work between the 2nd and 3rd break, at least 25 wanted." in messages


def test_shift_without_breaks_and_breaks_without_shift() -> None:
    of = scenario()
    roster = plan(of, WEEK)
    breaks = breaks_of(of, roster)
    breaks.assigned[0, 0], breaks.assigned[0, 5], breaks.assigned[0, 7] = -1, 0, 9
    found = [(violation.when, violation.rule) for violation in check_breaks(of, roster, breaks)]
    assert found == [(MONDAY + timedelta(days=day), "breaks_of_every_shift") for day in (0, 5, 7)]


def test_shift_that_runs_in_needs_breaks_and_no_other() -> None:
    of = scenario(associates=[associate("A1"), associate("A2")], history=history("A1", "N") + history("A2", "M"))
    roster = plan(of, {"A1": WEEK, "A2": WEEK})
    breaks = breaks_of(of, roster)
    eve = MONDAY - timedelta(days=1)
    assert [(found.who, found.when) for found in check_breaks(of, roster, breaks)] == [("A1", eve)]
    breaks.carried[:] = 0
    assert [(found.who, found.when) for found in check_breaks(of, roster, breaks)] == [("A2", eve)]


def test_break_plan_of_another_shape() -> None:
    of = scenario()
    roster = plan(of, WEEK)
    breaks = replace(breaks_of(of, roster), assigned=np.zeros((1, 3), dtype=np.int32))
    assert [violation.rule for violation in check_breaks(of, roster, breaks)] == ["breaks_of_every_shift"]


def test_productive_break_kind_counts_as_work_time_but_ends_a_stretch() -> None:
    huddle = replace(POLICY, breaks=(*POLICY.breaks[:2], replace(POLICY.breaks[2], productive=True)))
    assert [fault.rule for fault in pattern_faults(huddle, 540, PATTERN)] == ["productive_minutes"]
    assert is_legal(replace(huddle, productive_minutes=(440, 440)), 540, PATTERN)


@pytest.mark.parametrize(
    ("start", "zone"), [(MONDAY, "Asia/Kolkata"), (SPRING_MONDAY, "Europe/Berlin"), (AUTUMN_MONDAY, "Europe/Berlin")]
)
@pytest.mark.parametrize("interval", [5, 15, 60])
def test_coverage_is_recounted_alike(start: date, zone: str, interval: int) -> None:
    people = [associate("A1"), associate("A2", skills=frozenset({"stow", "text"})), associate("A3", skills=frozenset({"other"}))]
    of = scenario(
        start=start,
        zone=zone,
        weeks=1,
        interval_minutes=interval,
        associates=people,
        skills=("stow", "text"),
        heads=0.5,
        history=history("A1", "N", before=start),
    )
    roster = plan(of, {"A1": "..NNNNN", "A2": "MMMMMNN", "A3": "MMMMMMM"})
    breaks = breaks_of(of, roster)
    breaks.carried[0] = 0
    coverage = coverage_of(of, roster, breaks)
    assert list(check_coverage(of, roster, breaks, coverage)) == []
    only_stow = heads_by_skills(of, roster, breaks)[frozenset({0})]
    # Four nights lie wholly inside, the last is cut at midnight, and of the first one comes in from the day before.
    slots = {"inside": 4 * 420, "cut": 120 - 20, "coming in": 420 - 100}
    assert only_stow.sum() * interval == pytest.approx(sum(slots.values()))


LIES = {
    "a head too many": lambda heads: heads + 1.0,
    "a head too few": lambda heads: np.maximum(0.0, heads - 0.5),
    "given to a skill that nobody there has": lambda heads: heads[:, ::-1],
    "below zero": lambda heads: heads - [[5.0, -5.0]],
}


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_false_coverage_is_caught(lie: Callable[[Any], Any]) -> None:
    people = [associate("A1"), associate("A2"), associate("A3", skills=frozenset({"stow", "text"}))]
    of = scenario(weeks=1, associates=people, skills=("stow", "text"), heads=1.0)
    roster = plan(of, {person.code: "MMMMM.." for person in people})
    breaks = breaks_of(of, roster)
    true = coverage_of(of, roster, breaks)
    found = list(check_coverage(of, roster, breaks, Coverage(true.required, lie(true.scheduled))))
    assert {violation.rule for violation in found} == {"reported_coverage"}
    assert found[0].amount > 0


def test_false_requirement_and_shape_are_caught() -> None:
    of = scenario(weeks=1, heads=1.0)
    roster = plan(of, "MMMMM..")
    true = coverage_of(of, roster, breaks_of(of, roster))
    for false in (Coverage(true.required + 1, true.scheduled), Coverage(true.required[1:], true.scheduled[1:])):
        assert len(list(check_coverage(of, roster, breaks_of(of, roster), false))) == 1


@pytest.mark.parametrize(("people", "found"), [(10, 7), (9, 0)])
def test_team_that_takes_its_breaks_all_at_once_is_told(people: int, found: int) -> None:
    of = scenario(weeks=1, associates=[associate(f"A{number}") for number in range(people)])
    roster = plan(of, {person.code: "MMMMMMM" for person in of.associates})
    violations = list(check_team_breaks(of, roster, breaks_of(of, roster)))
    assert len(violations) == found
    assert all(violation.severity is Severity.NEEDS_A_REASON for violation in violations)
    if violations:
        assert "10 of 10 are on break at 06:45" in violations[0].message


def test_half_a_team_on_break_is_well() -> None:
    of = scenario(weeks=1, associates=[associate(f"A{number}") for number in range(10)])
    roster = plan(of, {person.code: "MMMMMMM" for person in of.associates})
    assert list(check_team_breaks(of, roster, breaks_of(of, roster), 1.0)) == []
