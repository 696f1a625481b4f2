"""Reading the operation back as the kernel's own objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from psycopg import sql
from sqlalchemy import Connection, Select, Table, bindparam, select, text

from scheduling.events import DemandEvent
from scheduling.people import Associate, Leave, Lock, PastDay, Request, WorkMode
from scheduling.planning_input import PlanningInput
from scheduling.queues import Queue, QueueKind
from scheduling.rules import Office
from scheduling.scenario import Requirement
from scheduling.times import Horizon
from storage.bulk import array_literal, one_array, positions_of, read_array
from storage.codecs import day_value, rules_of
from storage.demand_events import events_of
from storage.rotations import timings_in_rotations
from storage.sites import current_policy, shift_types_with_ids, site_row
from storage.tables import (
    associate,
    day_lock,
    holiday,
    leave,
    queue,
    request,
    shift_type,
    skill,
)
from storage.terms import terms_of

HISTORY_DAYS = 28
"""How many days before the horizon rules may look back."""
VOLUME_COLUMNS = ("starts_at", "queue", "jobs", "aht_seconds")


def active_associate_ids(connection: Connection, site_id: int, among: Collection[int] | None = None) -> tuple[int, ...]:
    """Return the associates that a site plans with, all or those among some, in their order."""
    query = select(associate.c.id).where(associate.c.site_id == site_id, associate.c.is_active).order_by(associate.c.position)
    if among is not None:
        query = query.where(_among(associate, "id"))
    return tuple(connection.execute(select(one_array(query)), {"people": array_literal(among or ())}).scalar_one())


# Of several contracts the one that touches the horizon counts, else the latest.
PEOPLE = text(
    # The ids are given once: PostgreSQL looks at each of a thousand wherever they stand, before it reads anything.
    "WITH chosen AS MATERIALIZED (SELECT unnest(CAST(:people AS bigint[])) AS id) "
    "SELECT a.id, a.code, a.name, t.name, a.work_mode, a.night_consent, s.code, c.first_day, c.last_day, k.numbers "
    "FROM chosen JOIN associate a USING (id) JOIN team t ON t.id = a.team_id "
    "LEFT JOIN shift_type s ON s.id = a.timing_shift_type_id "
    "JOIN (SELECT DISTINCT ON (associate_id) associate_id, first_day, last_day FROM contract "
    "WHERE associate_id IN (SELECT id FROM chosen) "
    "ORDER BY associate_id, first_day <= :last AND last_day >= :first DESC, first_day DESC) c ON c.associate_id = a.id "
    "LEFT JOIN (SELECT associate_id, string_agg(skill_id::text, ',') AS numbers FROM associate_skill "
    "WHERE associate_id IN (SELECT id FROM chosen) GROUP BY associate_id) k ON k.associate_id = a.id"
)


def associates_with_ids(connection: Connection, ids: Sequence[int], horizon: Horizon) -> tuple[Associate, ...]:
    """Return associates in the order of their ids as given; of several contracts the one that touches the horizon counts.

    Who goes through a rotation in the whole horizon keeps its timing, whatever else they keep at other times.
    """
    first, last = horizon.dates[0], horizon.dates[-1]
    timings = timings_in_rotations(connection, ids, first, last)
    names = {str(number): name for number, name in connection.execute(select(skill.c.id, skill.c.name))}
    skills = cache(lambda numbers: frozenset(names[number] for number in numbers.split(",")) if numbers else frozenset())
    terms = terms_of(connection, ids)
    found = {
        number: Associate(
            code=code,
            name=name,
            team=team_name,
            skills=skills(of_skills),
            work_mode=WorkMode(mode),
            contract_start=start,
            contract_end=end,
            timing=timings.get(number, timing),
            night_consent=consent,
            terms=terms.get(number),
        )
        for number, code, name, team_name, mode, consent, timing, start, end, of_skills in connection.execute(
            PEOPLE, {"people": array_literal(ids), "first": first, "last": last}
        ).all()
    }
    return tuple(found[number] for number in ids)


HISTORY = text(
    "SELECT a.id, a.code, d.day, d.kind::text, t.code FROM ("
    "SELECT associate_id, day, kind, shift_type_id, false AS is_published FROM past_day "
    "WHERE associate_id = ANY(CAST(:people AS bigint[])) AND day >= :earliest AND day < :first "
    "UNION ALL SELECT x.associate_id, x.day, x.kind, x.shift_type_id, true "
    "FROM published_day p JOIN assignment x ON x.roster_id = p.roster_id AND x.day = p.day "
    "WHERE p.site_id = :site AND x.associate_id = ANY(CAST(:people AS bigint[])) AND p.day >= :earliest AND p.day < :first) AS d "
    "JOIN associate a ON a.id = d.associate_id LEFT JOIN shift_type t ON t.id = d.shift_type_id "
    "ORDER BY a.position, d.day, d.is_published"
)


def _among(table: Table, column: str) -> Any:
    return table.c[column] == text("ANY(CAST(:people AS bigint[]))")


@cache
def _of_days(table: Table) -> Select[Any]:
    """Return the query of the rows of a table that stand on some days, with the code of whoever they belong to."""
    return (
        select(table, associate.c.code, shift_type.c.code.label("shift"))
        .join_from(table, associate)
        .outerjoin(shift_type, shift_type.c.id == table.c.shift_type_id)
        .where(_among(table, "associate_id"), table.c.day.between(bindparam("first"), bindparam("last")))
        .order_by(associate.c.position, table.c.day)
    )


@cache
def _away() -> Select[Any]:
    """Return the query of the leave of associates that touches some days."""
    touches = (leave.c.first_day <= bindparam("last"), leave.c.last_day >= bindparam("first"))
    columns = (associate.c.code, leave.c.first_day, leave.c.last_day)
    query = select(*columns).join_from(leave, associate).where(_among(leave, "associate_id"), *touches)
    return query.order_by(associate.c.position, leave.c.first_day)


def _given(ids: Sequence[int], horizon: Horizon, *, days_before: int = 0) -> dict[str, Any]:
    first = horizon.dates[0] - timedelta(days=days_before)
    return {"people": array_literal(ids), "first": first, "last": horizon.dates[-1]}


def leave_of(connection: Connection, ids: Sequence[int], horizon: Horizon) -> tuple[Leave, ...]:
    """Return the leave of associates that touches a horizon, or the days before it that rules look back on."""
    return tuple(Leave(*row) for row in connection.execute(_away(), _given(ids, horizon, days_before=HISTORY_DAYS)))


def requests_of(connection: Connection, ids: Sequence[int], horizon: Horizon) -> tuple[Request, ...]:
    """Return the requests of associates for days of a horizon."""
    rows = connection.execute(_of_days(request), _given(ids, horizon))
    return tuple(Request(row.code, row.day, day_value(row.kind, row.shift), row.weight) for row in rows)


def locks_of(connection: Connection, ids: Sequence[int], horizon: Horizon) -> tuple[Lock, ...]:
    """Return the days of a horizon that were decided by hand for associates."""
    rows = connection.execute(_of_days(day_lock), _given(ids, horizon))
    return tuple(Lock(row.code, row.day, day_value(row.kind, row.shift)) for row in rows)


def history_before(connection: Connection, site_id: int, ids: Sequence[int], first_day: date) -> tuple[PastDay, ...]:
    """Return what associates did on the days before `first_day`: as published, else as handed in."""
    given = {
        "people": array_literal(ids),
        "site": site_id,
        "earliest": first_day - timedelta(days=HISTORY_DAYS),
        "first": first_day,
    }
    # What is published comes after what was handed in for the same day, and takes its place.
    known = {
        (who, day): PastDay(code, day, day_value(kind, shift))
        for who, code, day, kind, shift in connection.execute(HISTORY, given)
    }
    return tuple(known.values())


def stored_requirement(connection: Connection, site_id: int, horizon: Horizon) -> Requirement | None:
    """Return the requirement that is stored for a horizon, ``None`` unless all of its intervals are there."""
    query = select(skill.c.id, skill.c.name).where(skill.c.site_id == site_id).order_by(skill.c.position)
    names = dict(connection.execute(query).all())
    statement = sql.SQL(
        "SELECT skill_id, (extract(epoch FROM starts_at) / 60)::bigint, heads FROM requirement "
        "WHERE site_id = {} AND starts_at >= {} AND starts_at < {}"
    ).format(sql.Literal(site_id), sql.Literal(horizon.start), sql.Literal(horizon.end))
    rows = read_array(connection, statement, [("skill", "i8"), ("minute", "i8"), ("heads", "f8")])
    present = set(rows["skill"].tolist())
    skills = [number for number in names if number in present]
    if not skills or len(rows) != len(skills) * horizon.interval_count:
        return None
    heads = np.zeros((horizon.interval_count, len(skills)))
    interval = (rows["minute"].astype(np.int64) - round(horizon.start.timestamp() / 60)) // horizon.interval_minutes
    heads[interval, positions_of(np.array(skills), rows["skill"].astype(np.int64))] = rows["heads"]
    return Requirement(tuple(names[number] for number in skills), heads)


def stored_volumes(connection: Connection, site_id: int, horizon: Horizon) -> pd.DataFrame:
    """Return the volumes before the end of a horizon, columns as in `PlanningInput.volumes`, in the order of time."""
    names = dict(connection.execute(select(queue.c.id, queue.c.name).where(queue.c.site_id == site_id)).all())
    statement = sql.SQL(
        "SELECT queue_id, extract(epoch FROM starts_at)::bigint, jobs, aht_seconds FROM volume "
        "WHERE queue_id = ANY({}::bigint[]) AND starts_at < {}"
    ).format(sql.Literal(list(names)), sql.Literal(horizon.end))
    rows = read_array(connection, statement, [("queue", "i8"), ("second", "i8"), ("jobs", "f8"), ("aht", "f8")])
    rows = rows[np.lexsort((rows["queue"], rows["second"]))]
    starts = pd.to_datetime(rows["second"].astype(np.int64), unit="s", utc=True).tz_convert(horizon.zone_name)
    columns = (
        starts,
        [names[number] for number in rows["queue"].tolist()],
        rows["jobs"].astype(float),
        rows["aht"].astype(float),
    )
    return pd.DataFrame(dict(zip(VOLUME_COLUMNS, columns, strict=True)))


def queues_of(connection: Connection, site_id: int) -> tuple[Queue, ...]:
    """Return the queues of a site in the order in which they came."""
    query = select(queue, skill.c.name.label("skill")).join_from(queue, skill).where(queue.c.site_id == site_id)
    return tuple(
        Queue(row.name, row.skill, QueueKind(row.kind), row.sla_seconds, row.max_occupancy)
        for row in connection.execute(query.order_by(queue.c.id))
    )


@dataclass(frozen=True)
class DemandFacts:
    """What the demand of a site over some weeks is decided from.

    Parameters
    ----------
    is_given
        Whether a requirement is stored for exactly these weeks.
    """

    horizon: Horizon
    volumes: pd.DataFrame
    queues: tuple[Queue, ...]
    events: tuple[DemandEvent, ...]
    holidays: Mapping[date, str]
    is_given: bool


def read_demand(connection: Connection, code: str, first_day: date, weeks: int) -> DemandFacts:
    """Return what the demand of a site is decided from, without its people; NotFoundError when there is no such site."""
    row = site_row(connection, code)._mapping
    horizon = Horizon(row["zone_name"], first_day, weeks, row["interval_minutes"])
    return DemandFacts(
        horizon=horizon,
        volumes=stored_volumes(connection, row["id"], horizon),
        queues=queues_of(connection, row["id"]),
        events=tuple(events_of(connection, row["id"]).values()),
        holidays=_holidays(connection, row["id"], horizon),
        is_given=stored_requirement(connection, row["id"], horizon) is not None,
    )


def _holidays(connection: Connection, site_id: int, horizon: Horizon) -> dict[date, str]:
    days = select(holiday.c.day, holiday.c.name).where(holiday.c.site_id == site_id, holiday.c.day <= horizon.dates[-1])
    return dict(connection.execute(days.order_by(holiday.c.day)).all())


def read_operation(connection: Connection, code: str, first_day: date, weeks: int) -> PlanningInput:
    """Return what a roster of a site over some weeks is decided from; NotFoundError when there is no such site."""
    row = site_row(connection, code)._mapping
    site_id = row["id"]
    horizon = Horizon(row["zone_name"], first_day, weeks, row["interval_minutes"])
    people = active_associate_ids(connection, site_id)
    shifts = select(shift_type.c.id).where(shift_type.c.site_id == site_id, shift_type.c.is_current)
    volumes = stored_volumes(connection, site_id, horizon)
    return PlanningInput(
        horizon=horizon,
        associates=associates_with_ids(connection, people, horizon),
        shift_types=shift_types_with_ids(connection, list(connection.execute(shifts.order_by(shift_type.c.position)).scalars())),
        break_policy=current_policy(connection, site_id)[1],
        rules=rules_of(row["rules"]),
        office=None if row["office_seats"] is None else Office(row["office_seats"], row["office_days_per_week"]),
        leave=leave_of(connection, people, horizon),
        requests=requests_of(connection, people, horizon),
        locks=locks_of(connection, people, horizon),
        history=history_before(connection, site_id, people, first_day),
        holidays=_holidays(connection, site_id, horizon),
        requirement=stored_requirement(connection, site_id, horizon),
        volumes=volumes if len(volumes) else None,
        queues=queues_of(connection, site_id),
        events=tuple(events_of(connection, site_id).values()),
    )
