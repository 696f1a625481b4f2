"""Quality of people and teams: answers added up by day, held against the goals of their tenure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from allocation.quality import (
    Figure,
    Goal,
    QueueQuality,
    Suggestion,
    Sums,
    Verdict,
    accuracy_figure,
    goal_in_week,
    overall,
    queue_quality,
    speed_figure,
    suggestions_of,
)
from scheduling.times import Clock, local_instant
from storage import quality
from storage.errors import domain_errors
from storage.quality import COUNTS, SUMS, GradedAnswer, Person, PersonRow, QueueRow
from storage.sites import zone_of_site

__all__ = [
    "Confusion",
    "DayFigures",
    "Figure",
    "Person",
    "PersonDetail",
    "PersonQuality",
    "QueueQuality",
    "QueueRow",
    "Suggestion",
    "Verdict",
    "WrongAnswer",
    "person_detail",
    "person_of",
    "queues_of",
    "roll_up_answers",
    "team_quality",
    "teams_of",
    "week_of_tenure",
]

EPOCH: Final = date(1970, 1, 1)
SHOWN_WRONG: Final = 20
SHOWN_PAIRS: Final = 12
TELLING_PAIR: Final = 3
"""A confusion that happened so often is worth a word."""


@dataclass(frozen=True)
class PersonQuality:
    """Somebody's quality over a period.

    Parameters
    ----------
    week
        Week of tenure at the end of the period, from 1; ``None`` without a contract.
    accuracy, speed
        Over all queues.
    need
        By which the table is sorted; see `QueueQuality.need`.
    """

    person: PersonRow
    week: int | None
    queues: tuple[QueueQuality, ...]
    accuracy: Figure
    speed: Figure
    need: float

    @property
    def answers(self) -> int:
        """How many answers were given."""
        return sum(one.answers for one in self.queues)

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What a coaching could be about, the most needed first."""
        by_need = sorted(self.queues, key=lambda one: -one.need)
        return tuple(suggestion for one in by_need for suggestion in suggestions_of(one))


@dataclass(frozen=True)
class DayFigures:
    """Accuracy and speed of one local day, over all queues."""

    day: date
    accuracy: Figure
    speed: Figure


@dataclass(frozen=True)
class Confusion:
    """One thing that was taken for another: how often, and in how many gold jobs where `known` was right."""

    queue: str
    field: str
    known: str
    given: str
    count: int
    of: int


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer to a gold job, in words."""

    answered_at: datetime
    queue: str
    reference: str
    media_url: str
    known_words: str
    given_words: str


@dataclass(frozen=True)
class PersonDetail:
    """Everything that is known of somebody's quality over a period."""

    person: Person
    quality: PersonQuality
    days: tuple[DayFigures, ...]
    pairs: tuple[Confusion, ...]
    wrong: tuple[WrongAnswer, ...]

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What a coaching could be about: goals that are not met, and what is often taken for something else."""
        often = [one for one in self.pairs if one.count >= TELLING_PAIR]
        words = (
            Suggestion(f"Takes “{one.known}” for “{one.given}”", one.queue, f"{one.count} of {one.of} gold jobs, {one.field}.")
            for one in often[:3]
        )
        return (*self.quality.suggestions, *words)


def roll_up_answers(engine: Engine, site_id: int, *, clock: Clock, days: int = 2) -> int:
    """Add up the answers of the last local days, today among them; return how many rows changed.

    A double audit is graded when its second answer comes, so days that are over may still change; whoever calls this chooses
    how far back to look.
    """
    with domain_errors(), engine.begin() as connection:
        zone = zone_of_site(connection, site_id)
        today = clock.now().astimezone(zone).date()
        return quality.roll_up(connection, site_id, zone.key, today - timedelta(days=days - 1), today)


def person_of(engine: Engine, associate_id: int) -> Person:
    """Return an associate; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return quality.person_with_id(connection, associate_id)


def teams_of(engine: Engine, site_id: int) -> dict[int, str]:
    """Return the names of the teams of a site by id."""
    with domain_errors(), engine.connect() as connection:
        return quality.teams_of(connection, site_id)


def queues_of(engine: Engine, site_id: int) -> list[QueueRow]:
    """Return the queues of a site by name."""
    with domain_errors(), engine.connect() as connection:
        return quality.queues_of(connection, site_id)


def week_of_tenure(hired_on: date | None, day: date) -> int | None:
    """Return the week of tenure of a day, 1 for the first seven days; ``None`` without a contract, 1 before it begins."""
    return None if hired_on is None else max(0, (day - hired_on).days) // 7 + 1


def team_quality(
    engine: Engine, site_id: int, team_ids: Collection[int], first_day: date, last_day: date, *, queue_id: int | None = None
) -> list[PersonQuality]:
    """Return the quality of everybody in teams, those who need coaching most first, those without answers last.

    Parameters
    ----------
    first_day, last_day
        Local dates, both included.
    queue_id
        Only answers to this queue.
    """
    with domain_errors(), engine.connect() as connection:
        people = quality.people_of(connection, site_id, team_ids)
        rows = quality.sums_of(connection, [one.id for one in people], first_day, last_day, queue_id=queue_id)
        asked = _asked(connection, site_id)
    sums = _sums_by_person(rows)
    found = [_person_quality(one, sums.get(one.id, {}), asked, last_day) for one in people]
    return sorted(found, key=_by_need)


def _by_need(one: PersonQuality) -> tuple[float, int, float, str]:
    standing = {Verdict.NOT_MET: 0, Verdict.UNKNOWN: 1}.get(one.accuracy.verdict, 2) if one.answers else 3
    return -one.need, standing, one.accuracy.value if one.accuracy.value is not None else 1.0, one.person.code


@dataclass(frozen=True)
class _Asked:
    """The queues of a site by id, and what is asked in each."""

    names: Mapping[int, str]
    steps: Mapping[int, Sequence[Goal]]

    def quality(self, queue_id: int, sums: Sums, week: int | None) -> QueueQuality:
        return queue_quality(queue_id, self.names[queue_id], sums, goal_in_week(self.steps.get(queue_id, ()), week))


def _asked(connection: Connection, site_id: int) -> _Asked:
    steps = quality.goal_steps(connection, site_id)
    goals = {
        queue: tuple(Goal(one.from_week, one.accuracy_share, one.seconds_per_job) for one in found)
        for queue, found in steps.items()
    }
    return _Asked({queue.id: queue.name for queue in quality.queues_of(connection, site_id)}, goals)


def _sums_of_row(row: np.void) -> Sums:
    return Sums(*(int(row[name]) for name in COUNTS), *(float(row[name]) for name in SUMS))


def _sums_by_person(rows: NDArray[np.void]) -> dict[int, dict[int, Sums]]:
    found: dict[int, dict[int, Sums]] = defaultdict(dict)
    # Python's own numbers are read from a list many times faster than numpy's, one by one.
    for values in rows.tolist():
        found[values[0]][values[1]] = Sums(*values[2:])
    return dict(found)


def _person_quality(person: PersonRow, sums: Mapping[int, Sums], asked: _Asked, day: date) -> PersonQuality:
    week = week_of_tenure(person.hired_on, day)
    queues = tuple(asked.quality(queue, one, week) for queue, one in sorted(sums.items()))
    accuracy, speed = overall(queues)
    answers = sum(one.answers for one in queues)
    need = sum(one.need * one.answers for one in queues) / answers if answers else 0.0
    return PersonQuality(person, week, queues, accuracy, speed, need)


def person_detail(engine: Engine, associate_id: int, first_day: date, last_day: date) -> PersonDetail:
    """Return the quality of one associate over local dates, both included; NotFoundError when there is no such associate."""
    with domain_errors(), engine.connect() as connection:
        person = quality.person_with_id(connection, associate_id)
        rows = quality.sums_of(connection, [associate_id], first_day, last_day, by_day=True)
        asked = _asked(connection, person.site_id)
        zone = ZoneInfo(person.zone_name)
        start, end = local_instant(first_day, time(), zone), local_instant(last_day + timedelta(days=1), time(), zone)
        graded = quality.graded_answers(connection, associate_id, start, end)
    by_queue: dict[int, Sums] = defaultdict(Sums)
    for row in rows:
        by_queue[int(row["queue_id"])] += _sums_of_row(row)
    return PersonDetail(
        person,
        _person_quality(person, by_queue, asked, last_day),
        _by_day(rows, first_day, last_day),
        _confusions(graded, asked.names),
        tuple(_wrong(one, asked.names) for one in graded if not one.is_correct)[:SHOWN_WRONG],
    )


def _by_day(rows: NDArray[np.void], first_day: date, last_day: date) -> tuple[DayFigures, ...]:
    by_day: dict[int, Sums] = defaultdict(Sums)
    for row in rows:
        by_day[int(row["day_number"])] += _sums_of_row(row)
    days = (first_day + timedelta(days=index) for index in range((last_day - first_day).days + 1))
    return tuple(
        DayFigures(day, accuracy_figure(by_day[number], None), speed_figure(by_day[number], None))
        for day in days
        for number in ((day - EPOCH).days,)
    )


def _confusions(graded: Iterable[GradedAnswer], names: Mapping[int, str]) -> tuple[Confusion, ...]:
    """Return which right values were taken for which others, the most frequent first; only values that are one word or choice."""
    given: Counter[tuple[int, str, str, str]] = Counter()
    known: Counter[tuple[int, str, str]] = Counter()
    for one in graded:
        for field, right in one.known_answer.items():
            if not isinstance(right, str):
                continue
            known[one.queue_id, field, right] += 1
            said = one.given.get(field)
            if said != right:
                given[one.queue_id, field, right, said if isinstance(said, str) else "nothing"] += 1
    rows = sorted(given.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_PAIRS]
    return tuple(
        Confusion(names.get(queue, ""), field, right, said, count, known[queue, field, right])
        for (queue, field, right, said), count in rows
    )


def _wrong(one: GradedAnswer, names: Mapping[int, str]) -> WrongAnswer:
    known, given = one.known_answer, {name: one.given.get(name) for name in one.known_answer}
    return WrongAnswer(
        one.answered_at, names.get(one.queue_id, ""), one.reference, one.media_url, answer_words(known), answer_words(given)
    )


def answer_words(answer: Mapping[str, Any]) -> str:
    """Return an answer in words, such as ``verdict: misplaced; count: 3``."""
    return "; ".join(f"{name}: {_value_words(value)}" for name, value in answer.items())


def _value_words(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case {"x": float() | int() as x, "y": float() | int() as y}:
            return f"{100 * x:.0f} % from the left, {100 * y:.0f} % from the top"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
