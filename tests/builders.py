"""Small scenarios and plans, written as a planner would draw them.

A row of days is a text with one sign a day, blanks ignored: a letter is a shift type (`M` 06:00, `D` 10:00, `E` 14:00,
`N` 22:00, each of nine hours), ``.`` a day off, ``~`` leave, ``-`` outside the contract, and in a history ``?`` an unknown day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any

import numpy as np

from scheduling.people import Associate, PastDay, WorkMode
from scheduling.plan import DAY_WORDS, HOME, LEAVE, NONE, NOWHERE, OFF, OFFICE, BreakPlan, BreakSlot, RosterPlan
from scheduling.rules import RuleSettings
from scheduling.scenario import Requirement, Scenario
from scheduling.shifts import BreakKind, BreakPolicy, ShiftType
from scheduling.times import Horizon

MONDAY = date(2027, 1, 4)
"""A Monday with no change of clocks near it, the first day unless a test says otherwise."""

SPRING_MONDAY = date(2027, 3, 22)
"""In Europe/Berlin the night to the Sunday of this week, 28 March, has one hour less."""

AUTUMN_MONDAY = date(2027, 10, 25)
"""In Europe/Berlin the night to the Sunday of this week, 31 October, has one hour more."""

SHIFT_TYPES = (
    ShiftType("M", time(6), 540),
    ShiftType("D", time(10), 540),
    ShiftType("E", time(14), 540),
    ShiftType("N", time(22), 540),
)

POLICY = BreakPolicy(
    breaks=(
        BreakKind("meal", 30, window_minutes=(180, 300)),
        BreakKind("short", 10, count=7),
        BreakKind("coaching", 20),
    )
)
"""The preset of the design: 120 minutes of breaks, 420 productive minutes in a shift of nine hours."""

PATTERN = (
    BreakSlot(45, 1),
    BreakSlot(95, 1),
    BreakSlot(150, 1),
    BreakSlot(200, 0),
    BreakSlot(275, 1),
    BreakSlot(325, 1),
    BreakSlot(380, 2),
    BreakSlot(440, 1),
    BreakSlot(495, 1),
)
"""One legal pattern of `POLICY` in a shift of nine hours."""

SIGNS = {".": OFF, "~": LEAVE, "-": NONE}
PLACE_SIGNS = {"o": OFFICE, "h": HOME, ".": NOWHERE}


def associate(code: str = "A1", **changes: Any) -> Associate:
    """Return an associate of the office with the skill ``stow`` and a contract that covers any horizon."""
    facts: dict[str, Any] = {
        "name": f"Name of {code}",
        "team": "T1",
        "skills": frozenset({"stow"}),
        "work_mode": WorkMode.OFFICE,
        "contract_start": date(2020, 1, 1),
        "contract_end": date(2039, 12, 31),
    }
    return Associate(code=code, **{**facts, **changes})


def scenario(
    *,
    start: date = MONDAY,
    weeks: int = 2,
    zone: str = "Asia/Kolkata",
    interval_minutes: int = 15,
    associates: Iterable[Associate] = (),
    shift_types: Iterable[ShiftType] = SHIFT_TYPES,
    skills: Iterable[str] = ("stow",),
    heads: float = 0.0,
    rules: RuleSettings | None = None,
    **facts: Any,
) -> Scenario:
    """Return a scenario of one associate, or of those given, that needs `heads` of each skill in every interval."""
    horizon = Horizon(zone, start, weeks, interval_minutes)
    names = tuple(skills)
    return Scenario(
        horizon=horizon,
        associates=tuple(associates) or (associate(),),
        shift_types=tuple(shift_types),
        requirement=Requirement(names, np.full((horizon.interval_count, len(names)), heads)),
        break_policy=facts.pop("break_policy", POLICY),
        rules=rules or RuleSettings(),
        **facts,
    )


def days_of(row: str) -> list[str]:
    """Return the signs of a row without the blanks."""
    return [sign for sign in row if not sign.isspace()]


def history(code: str, row: str, *, before: date = MONDAY) -> tuple[PastDay, ...]:
    """Return the days of `row` as those just before `before`."""
    signs = days_of(row)
    words = {sign: DAY_WORDS[value] for sign, value in SIGNS.items()}
    return tuple(
        PastDay(code, before - timedelta(days=len(signs) - index), words.get(sign, sign))
        for index, sign in enumerate(signs)
        if sign != "?"
    )


def plan(of: Scenario, rows: str | Mapping[str, str], places: Mapping[str, str] | None = None) -> RosterPlan:
    """Return the plan that `rows` draws; one text stands for the only associate.

    `places` has a row of ``o`` (office), ``h`` (home) and ``.`` (nowhere) for each associate whose places are not simply the
    home for those who work there, and the office for all others.
    """
    drawn = {of.associates[0].code: rows} if isinstance(rows, str) else rows
    shape = (len(of.associates), of.horizon.day_count)
    values, where = np.full(shape, OFF, dtype=np.int16), np.zeros(shape, dtype=np.int8)
    for index, person in enumerate(of.associates):
        values[index] = [SIGNS[sign] if sign in SIGNS else of.shift_index[sign] for sign in days_of(drawn[person.code])]
        where[index] = np.where(values[index] >= 0, HOME if person.work_mode is WorkMode.HOME else OFFICE, NOWHERE)
        if places and person.code in places:
            where[index] = [PLACE_SIGNS[sign] for sign in days_of(places[person.code])]
    return RosterPlan(values=values, places=where)


def breaks_of(of: Scenario, roster: RosterPlan) -> BreakPlan:
    """Return a break plan that gives `PATTERN` to every shift; nobody comes in with a shift of the day before."""
    assigned = np.where(roster.values >= 0, 0, -1).astype(np.int32)
    return BreakPlan(patterns=(PATTERN,), assigned=assigned, carried=np.full(len(of.associates), -1, dtype=np.int32))
