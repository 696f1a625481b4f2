"""Changes of single lines of a roster, held against the rules: what each would break that is not broken already.

The rules themselves decide, by their independent check. Every change is judged as a line of its own beside the line as it is, so
that a thousand changes are one check of two thousand lines and not a thousand checks of the whole roster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from roster.rules import RULES, Rule
from roster.rules.place import OfficeSeats
from roster.rules.timeline import Timeline
from scheduling.people import Associate, Leave, Lock, PastDay, WorkMode
from scheduling.plan import HOME, LEAVE, NOWHERE, OFFICE, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

Fact = TypeVar("Fact", Leave, Lock, PastDay)

SEATS: Final = OfficeSeats()
LINE_RULES: Final[tuple[Rule, ...]] = tuple(
    rule for rule in RULES if rule.severity is Severity.BLOCKS_PUBLISHING and rule.name != SEATS.name
)
"""Rules that block publishing and judge each associate alone."""

WEEKLY_OFF_RULES: Final = frozenset({"working-days-in-a-week", "days-off-together", "weekly-rest"})
"""What the contract says of the weekly off: overtime on a day off sets it aside, with the consent of whoever takes it. What the
law says stays: rest between shifts, days in a row, hours in a week."""
TIMING_RULES: Final = frozenset({"timing-kept", "rest-at-timing-change"})
"""What is set aside where a site lets people swap across timings; rest between shifts stays."""


@dataclass(frozen=True)
class LineChange:
    """New values for days of one associate.

    Parameters
    ----------
    row
        Index of the associate.
    values
        New value of each day that changes, by the index of the day; a new day of leave counts as approved.
    """

    row: int
    values: Mapping[int, int]


def changed_line(scenario: Scenario, plan: RosterPlan, change: LineChange) -> tuple[NDArray[np.int16], NDArray[np.int8]]:
    """Return values and places of the line of an associate after a change, each of shape (days,).

    A new shift is worked where the work mode says; a hybrid associate takes the places of the shifts along that are given up,
    and stays at home for any further one, which needs no seat.
    """
    values, places = plan.values[change.row].copy(), plan.places[change.row].copy()
    mode = scenario.associates[change.row].work_mode
    given_up = [int(places[day]) for day, value in sorted(change.values.items()) if value < 0 <= values[day]]
    for day, value in sorted(change.values.items()):
        if value < 0:
            places[day] = NOWHERE
        elif values[day] < 0:
            places[day] = _place(mode, given_up)
        values[day] = value
    return values, places


def _place(mode: WorkMode, given_up: list[int]) -> int:
    if mode is WorkMode.HYBRID:
        return given_up.pop(0) if given_up else HOME
    return HOME if mode is WorkMode.HOME else OFFICE


def changed_plan(scenario: Scenario, plan: RosterPlan, changes: Iterable[LineChange]) -> RosterPlan:
    """Return the roster after changes of different lines."""
    values, places = plan.values.copy(), plan.places.copy()
    for change in changes:
        values[change.row], places[change.row] = changed_line(scenario, plan, change)
    return RosterPlan(values, places)


def newly_broken(
    scenario: Scenario, plan: RosterPlan, changes: Sequence[LineChange], *, aside: frozenset[str] = frozenset()
) -> tuple[tuple[Violation, ...], ...]:
    """Return for each change, taken alone, the violations that block publishing and are new or larger than before.

    Parameters
    ----------
    aside
        Names of rules that are not asked.
    """
    if not changes:
        return ()
    bench, broken = _judged(scenario, plan, changes, aside)
    return tuple(tuple(map(bench.named, some)) for some in broken)


def break_nothing(
    scenario: Scenario, plan: RosterPlan, changes: Sequence[LineChange], *, aside: frozenset[str] = frozenset()
) -> tuple[bool, ...]:
    """Return for each change, taken alone, whether `newly_broken` finds nothing; nobody reads what hundreds would break."""
    if not changes:
        return ()
    return tuple(not some for some in _judged(scenario, plan, changes, aside)[1])


def _judged(
    scenario: Scenario, plan: RosterPlan, changes: Sequence[LineChange], aside: frozenset[str]
) -> tuple[_Bench, list[tuple[Violation, ...]]]:
    """Return the bench on which changes are judged, and what each breaks anew in the names of the bench."""
    # Many changes are of one line, or the same as another; each line is judged once, as it is and as it would be.
    keys = [(change.row, tuple(sorted(change.values.items()))) for change in changes]
    lines = list(dict.fromkeys([*((row, ()) for row, _ in keys), *keys]))
    bench = _Bench.of(scenario, plan, [LineChange(row, dict(values)) for row, values in lines])
    found = dict(zip(lines, bench.violations(aside), strict=True))
    return bench, [_grown(found[row, ()], found[row, values]) for row, values in keys]


def seats_newly_broken(scenario: Scenario, plan: RosterPlan, changes: Sequence[LineChange]) -> tuple[Violation, ...]:
    """Return what changes that are made together do to the seats of the office, as far as it is new."""
    if scenario.office is None:
        return ()
    after = changed_plan(scenario, plan, changes)
    return _grown(tuple(SEATS.check(scenario, plan)), tuple(SEATS.check(scenario, after)))


def _grown(before: Iterable[Violation], after: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return the violations that were not there before, or are larger now."""
    had: dict[tuple[str, date | None], float] = defaultdict(float)
    for one in before:
        had[one.rule, one.when] += one.amount
    return tuple(one for one in after if one.amount > had[one.rule, one.when] + 1e-9)


@dataclass(frozen=True)
class _Bench:
    """Lines to be judged, each with an associate of its own who has the facts of the one it belongs to."""

    scenario: Scenario
    plan: RosterPlan
    codes: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario, plan: RosterPlan, changes: Sequence[LineChange]) -> _Bench:
        """Return the lines after changes; a change without values leaves a line as it is."""
        rows = [change.row for change in changes]
        people = tuple(replace(scenario.associates[row], code=_copy(scenario.associates[row], n)) for n, row in enumerate(rows))
        copies: dict[str, list[str]] = defaultdict(list)
        for row, person in zip(rows, people, strict=True):
            copies[scenario.associates[row].code].append(person.code)
        lines = [changed_line(scenario, plan, change) for change in changes]
        leave = _leave_after(scenario, changes, people, list(_copied(scenario.leave, copies)))
        bench = replace(
            scenario,
            associates=people,
            leave=tuple(leave),
            locks=tuple(_copied(scenario.locks, copies)),
            history=tuple(_copied(scenario.history, copies)),
            requests=(),
        )
        after = RosterPlan(np.array([values for values, _ in lines]), np.array([places for _, places in lines]))
        return cls(bench, after, tuple(scenario.associates[row].code for row in rows))

    def violations(self, aside: frozenset[str]) -> tuple[tuple[Violation, ...], ...]:
        """Return the violations of each line, in the names of the bench."""
        timeline = Timeline.of(self.scenario, self.plan)
        found: list[list[Violation]] = [[] for _ in self.codes]
        for rule in LINE_RULES:
            for one in rule.violations(timeline) if rule.name not in aside else ():
                found[self.scenario.associate_index[one.who]].append(one)
        return tuple(map(tuple, found))

    def named(self, one: Violation) -> Violation:
        """Return a violation in the name of the real associate."""
        code = self.codes[self.scenario.associate_index[one.who]]
        return replace(one, who=code, message=one.message.replace(one.who, code))


def _copy(person: Associate, number: int) -> str:
    return f"{person.code}#{number}"


def _copied(facts: Iterable[Fact], copies: Mapping[str, Sequence[str]]) -> Iterable[Fact]:
    """Return the facts of some associates, once for each of their copies."""
    return (replace(fact, associate=code) for fact in facts for code in copies.get(fact.associate, ()))


def _leave_after(
    scenario: Scenario, changes: Sequence[LineChange], people: Sequence[Associate], leave: Sequence[Leave]
) -> list[Leave]:
    """Return the leave of lines after their changes: new days of leave come in, days that are no longer leave go out."""
    dates = scenario.horizon.dates
    touched = {
        person.code: {dates[day]: value for day, value in change.values.items()}
        for person, change in zip(people, changes, strict=True)
    }
    after = []
    for one in leave:
        days = touched[one.associate]
        if any(one.first_day <= day <= one.last_day for day in days):
            kept = (day for day in dates if one.first_day <= day <= one.last_day and day not in days)
            after += [Leave(one.associate, day, day) for day in kept]
        else:
            after.append(one)
    new = ((code, day) for code, days in touched.items() for day, value in days.items() if value == LEAVE)
    return [*after, *(Leave(code, day, day) for code, day in new)]
