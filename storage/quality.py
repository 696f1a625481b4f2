"""Quality: answers added up by day, the goals that they are held against, and the coachings that were held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import class_row
from sqlalchemy import Connection

from scheduling.errors import NotFoundError
from storage.bulk import raw, read_array

COUNTS: Final = ("answers", "gold", "gold_correct", "doubles", "agreed")
SUMS: Final = ("seconds", "sum_ln_seconds", "sum_ln_squared")
SHORTEST_SECONDS: Final = 0.1
"""Handling below this is taken as this long in sums of logarithms."""

# Answers are never removed, so a row that is there is only ever replaced. Rows that would not change are left alone.
ROLL_UP: Final = sql.SQL(
    "INSERT INTO answer_day AS t (associate_id, queue_id, day, {names}) "
    "SELECT a.associate_id, a.queue_id, (a.answered_at AT TIME ZONE %(zone)s)::date, count(*), count(a.is_correct), "
    "count(*) FILTER (WHERE a.is_correct), count(a.is_agreed), count(*) FILTER (WHERE a.is_agreed), sum(a.handling_seconds), "
    "sum(ln(greatest(a.handling_seconds, {shortest}))), sum(ln(greatest(a.handling_seconds, {shortest})) ^ 2) FROM answer a "
    "WHERE a.answered_at >= %(first)s::date::timestamp AT TIME ZONE %(zone)s "
    "AND a.answered_at < (%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s "
    "AND a.queue_id IN (SELECT id FROM queue WHERE site_id = %(site)s) GROUP BY 1, 2, 3 "
    "ON CONFLICT (associate_id, queue_id, day) DO UPDATE SET {assignments} WHERE ({old}) IS DISTINCT FROM ({new})"
).format(
    names=sql.SQL(", ").join(map(sql.Identifier, (*COUNTS, *SUMS))),
    shortest=sql.Literal(SHORTEST_SECONDS),
    assignments=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in (*COUNTS, *SUMS)),
    old=sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in (*COUNTS, *SUMS)),
    new=sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in (*COUNTS, *SUMS)),
)

SUM_COLUMNS: Final = sql.SQL(", ").join(
    [sql.SQL("sum({})::bigint").format(sql.Identifier(name)) for name in COUNTS]
    + [sql.SQL("sum({})").format(sql.Identifier(name)) for name in SUMS]
)

# The team is that of the roster: quality belongs to who coaches, not to who borrowed somebody for an hour.
PEOPLE: Final = (
    "SELECT a.id, a.code, a.name, a.team_id, t.name AS team, "
    "(SELECT min(c.first_day) FROM contract c WHERE c.associate_id = a.id) AS hired_on "
    "FROM associate a JOIN team t ON t.id = a.team_id WHERE a.site_id = %s AND a.is_active AND a.team_id = ANY(%s) "
    "ORDER BY a.code"
)
PERSON: Final = (
    "SELECT a.id, a.code, a.name, a.team_id, t.name AS team, "
    "(SELECT min(c.first_day) FROM contract c WHERE c.associate_id = a.id) AS hired_on, a.site_id, s.zone_name "
    "FROM associate a JOIN team t ON t.id = a.team_id JOIN site s ON s.id = a.site_id WHERE a.id = %s"
)
GRADED: Final = (
    "SELECT a.task_id, a.queue_id, a.given, j.known_answer, j.reference, j.media_kind, j.media_url, a.answered_at, a.is_correct "
    "FROM answer a JOIN task t ON t.id = a.task_id JOIN job j ON j.id = t.job_id "
    "WHERE a.associate_id = %s AND a.answered_at >= %s AND a.answered_at < %s AND a.is_correct IS NOT NULL "
    "ORDER BY a.answered_at DESC, a.task_id LIMIT %s"
)
QUEUES: Final = "SELECT id, name, form FROM queue WHERE site_id = %s ORDER BY name"
TEAMS: Final = "SELECT id, name FROM team WHERE site_id = %s ORDER BY name"
STEPS: Final = (
    "SELECT g.queue_id, g.from_week, g.accuracy_share, g.seconds_per_job FROM goal_step g JOIN queue q ON q.id = g.queue_id "
    "WHERE q.site_id = %s ORDER BY g.queue_id, g.from_week"
)
ADD_NOTE: Final = (
    "INSERT INTO coaching_note (associate_id, queue_id, topic, based_on, note, held_on, held_by, recorded_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"
)
NOTES: Final = (
    "SELECT n.id, n.associate_id, q.name AS queue, n.topic, n.based_on, n.note, n.held_on, n.held_by, n.recorded_at "
    "FROM coaching_note n LEFT JOIN queue q ON q.id = n.queue_id WHERE n.associate_id = ANY(%s) "
    "ORDER BY n.held_on DESC, n.id DESC"
)


@dataclass(frozen=True)
class PersonRow:
    """One active associate.

    Parameters
    ----------
    hired_on
        First day of the first contract, from which tenure counts; ``None`` without a contract.
    """

    id: int
    code: str
    name: str
    team_id: int
    team: str
    hired_on: date | None


@dataclass(frozen=True)
class Person(PersonRow):
    """An associate with the site, whose zone all times on the associate's pages are in."""

    site_id: int
    zone_name: str


@dataclass(frozen=True)
class GradedAnswer:
    """One answer to a gold job, with the answer that is known to be right, by field."""

    task_id: int
    queue_id: int
    given: dict[str, object]
    known_answer: dict[str, object]
    reference: str
    media_kind: str
    media_url: str
    answered_at: datetime
    is_correct: bool


@dataclass(frozen=True, order=True)
class GoalStepRow:
    """What is asked of an associate in a queue from a week of tenure on."""

    from_week: int
    accuracy_share: float
    seconds_per_job: float


@dataclass(frozen=True)
class CoachingNote:
    """A coaching that was held; `queue` is ``None`` when it was about no particular queue."""

    id: int
    associate_id: int
    queue: str | None
    topic: str
    based_on: str
    note: str
    held_on: date
    held_by: str
    recorded_at: datetime


@dataclass(frozen=True)
class QueueRow:
    """A queue with the form of its answers."""

    id: int
    name: str
    form: dict[str, object]


def roll_up(connection: Connection, site_id: int, zone_name: str, first_day: date, last_day: date) -> int:
    """Add up the answers of local days, both included; return how many rows changed."""
    values = {"site": site_id, "zone": zone_name, "first": first_day, "last": last_day}
    return raw(connection).execute(ROLL_UP, values).rowcount


def queues_of(connection: Connection, site_id: int) -> list[QueueRow]:
    """Return the queues of a site by name."""
    with raw(connection).cursor(row_factory=class_row(QueueRow)) as cursor:
        return cursor.execute(QUEUES, (site_id,)).fetchall()


def teams_of(connection: Connection, site_id: int) -> dict[int, str]:
    """Return the names of the teams of a site by id, in the order of names."""
    return dict(raw(connection).execute(TEAMS, (site_id,)).fetchall())


def person_with_id(connection: Connection, associate_id: int) -> Person:
    """Return an associate; NotFoundError when there is none with this id."""
    with raw(connection).cursor(row_factory=class_row(Person)) as cursor:
        found = cursor.execute(PERSON, (associate_id,)).fetchone()
    if found is None:
        raise NotFoundError(f"There is no associate {associate_id}.")
    return found


def people_of(connection: Connection, site_id: int, team_ids: Collection[int]) -> list[PersonRow]:
    """Return the active associates of teams by code."""
    with raw(connection).cursor(row_factory=class_row(PersonRow)) as cursor:
        return cursor.execute(PEOPLE, (site_id, list(team_ids))).fetchall()


def sums_of(
    connection: Connection,
    associate_ids: Sequence[int],
    first_day: date,
    last_day: date,
    *,
    queue_id: int | None = None,
    by_day: bool = False,
) -> NDArray[np.void]:
    """Return the sums of associates over local days, both included, a row for each associate and queue (and day).

    The columns are ``associate_id``, ``queue_id``, with `by_day` ``day_number`` (days since 1 January 1970), `COUNTS` and `SUMS`.
    """
    keys = [("associate_id", "i8"), ("queue_id", "i8")] + ([("day_number", "i4")] if by_day else [])
    day = sql.SQL(", day - date '1970-01-01'") if by_day else sql.SQL("")
    query = sql.SQL(
        "SELECT associate_id, queue_id{day}, {sums} FROM answer_day WHERE associate_id = ANY({people}::bigint[]) "
        "AND day BETWEEN {first} AND {last}{queue} GROUP BY associate_id, queue_id{group}"
    ).format(
        day=day,
        sums=SUM_COLUMNS,
        people=sql.Literal(list(associate_ids)),
        first=sql.Literal(first_day),
        last=sql.Literal(last_day),
        queue=sql.SQL(" AND queue_id = {}").format(sql.Literal(queue_id)) if queue_id is not None else sql.SQL(""),
        group=sql.SQL(", day") if by_day else sql.SQL(""),
    )
    return read_array(connection, query, [*keys, *((name, "i8") for name in COUNTS), *((name, "f8") for name in SUMS)])


def graded_answers(
    connection: Connection, associate_id: int, start: datetime, end: datetime, *, limit: int = 5000
) -> list[GradedAnswer]:
    """Return the answers of an associate to gold jobs from one instant to another, the newest first."""
    with raw(connection).cursor(row_factory=class_row(GradedAnswer)) as cursor:
        return cursor.execute(GRADED, (associate_id, start, end, limit)).fetchall()


def goal_steps(connection: Connection, site_id: int) -> dict[int, tuple[GoalStepRow, ...]]:
    """Return the steps of each queue that has some, by week."""
    found: dict[int, list[GoalStepRow]] = defaultdict(list)
    for queue, *step in raw(connection).execute(STEPS, (site_id,)):
        found[queue].append(GoalStepRow(*step))
    return {queue: tuple(steps) for queue, steps in found.items()}


def replace_goal_steps(connection: Connection, queue_id: int, steps: Sequence[GoalStepRow]) -> None:
    """Replace the steps of a queue."""
    driver = raw(connection)
    # Two who save at once follow each other, so that the steps are those of one of them.
    driver.execute("SELECT FROM queue WHERE id = %s FOR UPDATE", (queue_id,))
    driver.execute("DELETE FROM goal_step WHERE queue_id = %s", (queue_id,))
    with driver.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO goal_step (queue_id, from_week, accuracy_share, seconds_per_job) VALUES (%s, %s, %s, %s)",
            [(queue_id, step.from_week, step.accuracy_share, step.seconds_per_job) for step in steps],
        )


def add_note(
    connection: Connection,
    associate_id: int,
    queue_id: int | None,
    *,
    topic: str,
    based_on: str,
    note: str,
    held_on: date,
    by: str,
    now: datetime,
) -> int:
    """Keep a coaching that was held; return its id."""
    values = (associate_id, queue_id, topic, based_on, note, held_on, by, now)
    row = raw(connection).execute(ADD_NOTE, values).fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives the row that was inserted.
    return int(row[0])


def notes_of(connection: Connection, associate_ids: Sequence[int]) -> list[CoachingNote]:
    """Return the coachings of associates, the newest first."""
    with raw(connection).cursor(row_factory=class_row(CoachingNote)) as cursor:
        return cursor.execute(NOTES, (list(associate_ids),)).fetchall()
