"""The vocabulary of a site as forms show it: skills, teams, shift types, queues, holidays; each by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from psycopg import sql
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from storage.bulk import raw
from storage.sites import ids_by
from storage.tables import associate, day_lock, holiday, queue, request, shift_type, skill, team


@dataclass(frozen=True)
class NameRecord:
    """A skill or a team."""

    name: str


@dataclass(frozen=True)
class ShiftTypeRecord:
    """A shift type: local start, and elapsed minutes from start to end."""

    code: str
    start: time
    span_minutes: int


@dataclass(frozen=True)
class QueueRecord:
    """A queue, with what it promises and how it is worked."""

    name: str
    skill: str
    kind: str
    sla_seconds: int
    max_occupancy: float
    weight: float
    lease_seconds: int


@dataclass(frozen=True)
class HolidayRecord:
    """A public holiday of the site."""

    day: date
    name: str


def read_skills(connection: Connection, site_id: int) -> dict[int, NameRecord]:
    """Return the skills of a site in their order."""
    query = select(skill.c.id, skill.c.name).where(skill.c.site_id == site_id).order_by(skill.c.position, skill.c.id)
    return {row.id: NameRecord(row.name) for row in connection.execute(query)}


def read_teams(connection: Connection, site_id: int) -> dict[int, NameRecord]:
    """Return the teams of a site by name."""
    query = select(team.c.id, team.c.name).where(team.c.site_id == site_id).order_by(team.c.name)
    return {row.id: NameRecord(row.name) for row in connection.execute(query)}


def write_skill(connection: Connection, site_id: int, skill_id: int | None, record: NameRecord) -> int:
    """Write a skill; a new one comes last."""
    return _write(connection, skill, site_id, skill_id, {"name": record.name}, ordered=True)


def write_team(connection: Connection, site_id: int, team_id: int | None, record: NameRecord) -> int:
    """Write a team."""
    return _write(connection, team, site_id, team_id, {"name": record.name})


def _write(
    connection: Connection, table: Table, site_id: int, row_id: int | None, values: dict[str, object], *, ordered: bool = False
) -> int:
    if row_id is not None:
        connection.execute(update(table).where(table.c.id == row_id).values(**values))
        return row_id
    if ordered:
        last = select(func.coalesce(func.max(table.c.position), -1)).where(table.c.site_id == site_id)
        values = {**values, "position": connection.execute(last).scalar_one() + 1}
    return int(connection.execute(insert(table).values(site_id=site_id, **values).returning(table.c.id)).scalar_one())


def remove_skill(connection: Connection, _site_id: int, skill_id: int) -> None:
    """Take a skill away; IntegrityError where anything uses it."""
    connection.execute(delete(skill).where(skill.c.id == skill_id))


def remove_team(connection: Connection, _site_id: int, team_id: int) -> None:
    """Take a team away; IntegrityError where anybody is in it."""
    connection.execute(delete(team).where(team.c.id == team_id))


def read_shift_types(connection: Connection, site_id: int) -> dict[int, ShiftTypeRecord]:
    """Return the shift types that a site plans with, in their order."""
    mine = (shift_type.c.site_id == site_id, shift_type.c.is_current)
    query = select(shift_type).where(*mine).order_by(shift_type.c.position, shift_type.c.id)
    return {row.id: ShiftTypeRecord(row.code, row.starts_at, row.span_minutes) for row in connection.execute(query)}


def write_shift_type(connection: Connection, site_id: int, shift_type_id: int | None, record: ShiftTypeRecord) -> int:
    """Write a shift type as a new row, since rows never change; timings, wishes and locks follow it to the new row."""
    values = {"code": record.code, "starts_at": record.start, "span_minutes": record.span_minutes}
    if shift_type_id is None:
        return _write(connection, shift_type, site_id, None, values, ordered=True)
    place = select(shift_type.c.position).where(shift_type.c.id == shift_type_id)
    position = connection.execute(place).scalar_one()
    retire_shift_type(connection, site_id, shift_type_id)
    new = _write(connection, shift_type, site_id, None, {**values, "position": position})
    users = ((associate, "timing_shift_type_id"), (request, "shift_type_id"), (day_lock, "shift_type_id"))
    for table, column in users:
        connection.execute(update(table).where(table.c[column] == shift_type_id).values({column: new}))
    return new


def retire_shift_type(connection: Connection, _site_id: int, shift_type_id: int) -> None:
    """Plan with a shift type no longer; old rosters keep it."""
    connection.execute(update(shift_type).where(shift_type.c.id == shift_type_id).values(is_current=False))


def timing_count(connection: Connection, shift_type_id: int) -> int:
    """Return how many associates who are planned with keep this timing."""
    mine = (associate.c.timing_shift_type_id == shift_type_id, associate.c.is_active)
    return int(connection.execute(select(func.count()).select_from(associate).where(*mine)).scalar_one())


def read_queues(connection: Connection, site_id: int) -> dict[int, QueueRecord]:
    """Return the queues of a site by name."""
    query = select(queue, skill.c.name.label("skill")).join_from(queue, skill).where(queue.c.site_id == site_id)
    return {
        row.id: QueueRecord(row.name, row.skill, row.kind, row.sla_seconds, row.max_occupancy, row.weight, row.lease_seconds)
        for row in connection.execute(query.order_by(queue.c.name))
    }


def write_queue(connection: Connection, site_id: int, queue_id: int | None, record: QueueRecord) -> int:
    """Write a queue; what its answers look like stays."""
    values = {
        "name": record.name,
        "skill_id": ids_by(connection, skill, "name", site_id)[record.skill],
        "kind": record.kind,
        "sla_seconds": record.sla_seconds,
        "max_occupancy": record.max_occupancy,
        "weight": record.weight,
        "lease_seconds": record.lease_seconds,
    }
    return _write(connection, queue, site_id, queue_id, values)


def measured_aht(connection: Connection, site_id: int, days: int) -> dict[int, float]:
    """Return the average handling time of each queue over the last days of its volumes, weighted by jobs, in seconds."""
    statement = sql.SQL(
        "SELECT v.queue_id, sum(v.jobs * v.aht_seconds) / sum(v.jobs) FROM volume v JOIN queue q ON q.id = v.queue_id "
        "JOIN LATERAL (SELECT max(starts_at) AS last FROM volume WHERE queue_id = q.id AND jobs > 0) newest ON true "
        "WHERE q.site_id = {} AND v.starts_at > newest.last - {} * interval '1 day' GROUP BY v.queue_id HAVING sum(v.jobs) > 0"
    ).format(sql.Literal(site_id), sql.Literal(days))
    return dict(raw(connection).execute(statement).fetchall())


def read_holidays(connection: Connection, site_id: int) -> dict[int, HolidayRecord]:
    """Return the holidays of a site by day; the number of a day is its ordinal."""
    query = select(holiday.c.day, holiday.c.name).where(holiday.c.site_id == site_id).order_by(holiday.c.day)
    return {row.day.toordinal(): HolidayRecord(row.day, row.name) for row in connection.execute(query)}


def write_holiday(connection: Connection, site_id: int, ordinal: int | None, record: HolidayRecord) -> int:
    """Write a holiday, which may move to another day; return the ordinal of its day."""
    if ordinal is not None:
        remove_holiday(connection, site_id, ordinal)
    connection.execute(insert(holiday).values(site_id=site_id, day=record.day, name=record.name))
    return record.day.toordinal()


def remove_holiday(connection: Connection, site_id: int, ordinal: int) -> None:
    """Take a holiday away."""
    connection.execute(delete(holiday).where(holiday.c.site_id == site_id, holiday.c.day == date.fromordinal(ordinal)))
