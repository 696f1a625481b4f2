"""Why not? Questions about one cell of a roster, and about facts that clash, answered in a planner's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Engine

from breaks.patterns import PatternPricer
from roster.office_ways import OfficeWay, office_faults, office_ways
from roster.standing import Standing
from roster.whynot import Answer, Asker, Found, Price, Way
from scheduling.errors import NotFoundError
from scheduling.plan import DAY_WORDS, OFF, PLACE_WORDS, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from services.edit_ground import read_ground
from storage import drafts, edits, rosters
from storage.errors import domain_errors
from storage.rosters import RosterSummary

__all__ = [
    "ClashView",
    "Line",
    "Moved",
    "OfficeView",
    "Option",
    "Price",
    "WayOut",
    "WhyView",
    "clash_of",
    "office_of",
    "why",
]

NO_PLACE = "nowhere"


@dataclass(frozen=True)
class Moved:
    """A day that is not as it stands."""

    day: date
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """A line with the value asked for: the days that change, and what it costs more than the present one."""

    changes: tuple[Moved, ...]
    price: Price
    broken: tuple[str, ...] = ()


@dataclass(frozen=True)
class WayOut:
    """A way out that was solved again: what to give up, and the line that is possible then."""

    give_up: tuple[str, ...]
    line: Line


@dataclass(frozen=True)
class Option:
    """One value that the cell could have.

    Parameters
    ----------
    blocking, wishes
        What the checker says when only this day changes: rules that block publishing, and wishes, beyond those broken anyway.
    verdict
        ``stands``, ``free``, ``with changes`` or ``impossible``.
    """

    word: str
    verdict: str
    blocking: tuple[str, ...]
    wishes: tuple[str, ...]
    price_alone: Price | None
    nearest: Line | None
    best: Line | None
    clash: tuple[str, ...]
    ways: tuple[WayOut, ...]


@dataclass(frozen=True)
class WhyView:
    """Everything that can stand in one cell.

    Parameters
    ----------
    chosen
        The value asked about; ``None`` when none was named.
    """

    roster: RosterSummary
    code: str
    name: str
    day: date
    now: str
    options: tuple[Option, ...]
    chosen: Option | None
    shift_types: tuple[ShiftType, ...]


@dataclass(frozen=True)
class ClashView:
    """Facts and rules of an associate that cannot all be kept, and the cheapest ways out; both empty where all can."""

    roster: RosterSummary
    code: str
    name: str
    facts: tuple[str, ...]
    ways: tuple[WayOut, ...]
    shift_types: tuple[ShiftType, ...]


@dataclass(frozen=True)
class PlaceMoved:
    """A shift that a way out puts at another place."""

    code: str
    name: str
    day: date
    before: str
    after: str


@dataclass(frozen=True)
class OfficeWayOut:
    """A way out of a full office that was solved again: what is given up, who works elsewhere, and what the checker says."""

    give_up: str
    moved: tuple[PlaceMoved, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class OfficeView:
    """What does not fit into the office of a roster, and the ways out, the cheapest first; both empty where all fits."""

    roster: RosterSummary
    seats: int | None
    faults: tuple[str, ...]
    ways: tuple[OfficeWayOut, ...]


@dataclass(frozen=True)
class _Case:
    """An associate of a roster with what is needed to answer."""

    head: RosterSummary
    standing: Standing
    index: int
    words: Mapping[int, str]

    def line(self, found: Found) -> Line:
        now, dates = self.standing.plan.values[self.index], self.standing.scenario.horizon.dates
        changes = tuple(
            Moved(dates[day], self.words[int(now[day])], self.words[int(found.letters[day])]) for day in found.changed
        )
        return Line(changes, found.price, tuple(one.message for one in found.broken))

    def way(self, way: Way) -> WayOut:
        return WayOut(way.words, self.line(way.found))


def why(engine: Engine, roster_id: int, code: str, day: date, word: str | None = None) -> WhyView:
    """Return what stands against each value of one cell, and in full against the one that is named.

    Parameters
    ----------
    word
        A shift code or ``off``.

    Raises
    ------
    NotFoundError
        When there is no such roster, or no such associate, day or shift in it.
    """
    case = _case_of(engine, roster_id, code)
    scenario = case.standing.scenario
    column = scenario.horizon.day_index(day)
    if not 0 <= column < scenario.horizon.day_count:
        raise NotFoundError(f"The day {day} is not in this roster.")
    values = {DAY_WORDS[OFF]: OFF, **scenario.shift_index}
    if word is not None and word not in values:
        raise NotFoundError(f"There is no shift {word!r} in this roster; ask about one of {', '.join(values)}.")
    asker = Asker(case.standing, case.index)
    options = tuple(_option(case, each, asker.ask(column, value, in_full=each == word)) for each, value in values.items())
    associate = scenario.associates[case.index]
    return WhyView(
        roster=case.head,
        code=code,
        name=associate.name,
        day=day,
        now=case.words[int(case.standing.plan.values[case.index, column])],
        options=options,
        chosen=next((one for one in options if one.word == word), None),
        shift_types=scenario.shift_types,
    )


def clash_of(engine: Engine, roster_id: int, code: str) -> ClashView:
    """Return which facts and rules of an associate clash, and the ways out; NotFoundError as for `why`."""
    case = _case_of(engine, roster_id, code)
    facts, ways = Asker(case.standing, case.index).clash()
    associate = case.standing.scenario.associates[case.index]
    shifts = case.standing.scenario.shift_types
    return ClashView(case.head, code, associate.name, facts, tuple(case.way(way) for way in ways), shifts)


def office_of(engine: Engine, roster_id: int) -> OfficeView:
    """Return what does not fit into the office of a roster, and the ways out; NotFoundError when there is no such roster."""
    with domain_errors(), engine.connect() as connection:
        head, frame = rosters.summary(connection, roster_id), rosters.frame(connection, roster_id)
        scenario = drafts.read_scenario(connection, roster_id)
        plan, _ = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon, ())
    faults = tuple(dict.fromkeys(one.message for one in office_faults(scenario, plan)))
    ways = tuple(_office_way(scenario, plan, way) for way in office_ways(scenario, plan))
    return OfficeView(head, scenario.office.seats if scenario.office else None, faults, ways)


def _office_way(scenario: Scenario, plan: RosterPlan, way: OfficeWay) -> OfficeWayOut:
    moved = [
        PlaceMoved(
            scenario.associates[row].code,
            scenario.associates[row].name,
            scenario.horizon.dates[day],
            PLACE_WORDS[int(plan.places[row, day])] or NO_PLACE,
            PLACE_WORDS[int(way.places[row, day])] or NO_PLACE,
        )
        for row, day in np.argwhere(way.places != plan.places).tolist()
    ]
    return OfficeWayOut(way.words, tuple(moved), tuple(one.message for one in way.given_up))


def _case_of(engine: Engine, roster_id: int, code: str) -> _Case:
    with domain_errors(), engine.connect() as connection:
        frame = rosters.frame(connection, roster_id)
        number = edits.associates_by_code(connection, roster_id, [code]).get(code)
        if number is None:
            raise NotFoundError(f"There is no associate {code!r} in roster {roster_id}.")
        ground = read_ground(connection, roster_id, [number], frame.horizon.dates)
    scenario = ground.scenario
    pricers = {
        span: PatternPricer(scenario.break_policy, span) for span in {shift.span_minutes for shift in scenario.shift_types}
    }
    words = {**DAY_WORDS, **{number: shift.code for number, shift in enumerate(scenario.shift_types)}}
    standing = Standing(scenario, ground.plan, ground.breaks, pricers)
    return _Case(ground.head, standing, scenario.associate_index[code], words)


def _option(case: _Case, word: str, answer: Answer) -> Option:
    return Option(
        word=word,
        verdict=_verdict(answer),
        blocking=_messages(answer.alone, Severity.BLOCKS_PUBLISHING),
        wishes=_messages(answer.alone, Severity.NEEDS_A_REASON),
        price_alone=answer.price_alone,
        nearest=case.line(answer.nearest) if answer.nearest else None,
        best=case.line(answer.best) if answer.best else None,
        clash=answer.clash,
        ways=tuple(case.way(way) for way in answer.ways),
    )


def _verdict(answer: Answer) -> str:
    if answer.stands:
        return "stands"
    if answer.is_free:
        return "free"
    return "with changes" if answer.nearest is not None else "impossible"


def _messages(violations: tuple[Violation, ...], severity: Severity) -> tuple[str, ...]:
    return tuple(one.message for one in violations if one.severity is severity)
