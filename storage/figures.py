"""Figures of the moment: what waits, what came, who is there; few statements, none of which grows with answered jobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from scheduling.presence import PresenceState
from scheduling.queues import QueueKind
from storage.bulk import raw, read_array

Rows = NDArray[np.void]

STATES: Final = tuple(PresenceState)
"""The states by their number in `desks`."""

AGE_EDGES: Final = (-1.0, 0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0, 4.0)
"""Ages, in SLAs, between which waiting jobs are counted; below zero are those that wait with a priority or a later deadline."""

QUEUES: Final = (
    "SELECT id, name, kind, skill_id, sla_seconds, max_occupancy, weight, md5(form::text), form = '{}' "
    "FROM queue WHERE site_id = %s ORDER BY name, id"
)
# A rank is the deadline, less one SLA for each step of priority, so that the age of a job with priority looks greater than it
# is, as it does for the claim.
BANDS: Final = (
    "SELECT q.id, x.count, extract(epoch FROM %(now)s - x.youngest)::float8 + q.sla_seconds, "
    "extract(epoch FROM %(now)s - x.oldest)::float8 + q.sla_seconds "
    "FROM queue q CROSS JOIN generate_series(0, cardinality(%(edges)s::float8[])) AS b (number) CROSS JOIN LATERAL ("
    # One range of the index for each band: to group all entries by band would take five times as long.
    "SELECT count(*) AS count, max(t.rank_at) AS youngest, min(t.rank_at) AS oldest FROM task t "
    "WHERE t.state = 'waiting' AND t.queue_id = q.id AND t.rank_at <= CASE b.number WHEN 0 THEN 'infinity' "
    "ELSE %(now)s + (1 - (%(edges)s::float8[])[b.number]) * q.sla_seconds * interval '1 second' END "
    "AND t.rank_at > CASE b.number WHEN cardinality(%(edges)s::float8[]) THEN '-infinity' "
    "ELSE %(now)s + (1 - (%(edges)s::float8[])[b.number + 1]) * q.sla_seconds * interval '1 second' END"
    ") x WHERE q.id = ANY(%(queues)s) AND x.count > 0"
)
HEADS: Final = (
    "SELECT q.id, h.arrived_at, h.due_at FROM unnest(%s::bigint[]) AS q (id) CROSS JOIN LATERAL (SELECT arrived_at, due_at "
    "FROM task WHERE queue_id = q.id AND state = 'waiting' AND rank_at >= coalesce((SELECT rank_from FROM queue_head "
    "WHERE queue_id = q.id), '-infinity') ORDER BY rank_at, id LIMIT 1) h"
)
LEASED: Final = (
    "SELECT queue_id, count(*), extract(epoch FROM %(now)s - max(arrived_at))::float8, "
    "extract(epoch FROM %(now)s - min(arrived_at))::float8 "
    "FROM task WHERE state = 'leased' AND queue_id = ANY(%(queues)s) GROUP BY queue_id"
)
MINUTES: Final = (
    "SELECT queue_id, sum(arrived)::float8, sum(answered)::float8, sum(answered_in_sla)::float8, sum(handling_seconds)::float8 "
    "FROM queue_minute WHERE queue_id = ANY(%s) AND starts_at >= %s AND starts_at < %s GROUP BY queue_id"
)
ROUTES: Final = "SELECT from_queue_id, to_queue_id, share FROM route WHERE from_queue_id = ANY(%s) ORDER BY 1, 2"


@dataclass(frozen=True)
class FloorQueue:
    """One queue of a site.

    Parameters
    ----------
    form
        Equal for queues with the same answer form.
    has_plain_form
        Whether it has the plainest form, which is stored as an empty one.
    """

    id: int
    name: str
    kind: QueueKind
    skill_id: int
    sla_seconds: float
    max_occupancy: float
    weight: float
    form: str
    has_plain_form: bool


@dataclass(frozen=True)
class Band:
    """Jobs that wait, of ages between two; `youngest_seconds` and `oldest_seconds` are their actual ends."""

    queue_id: int
    count: int
    youngest_seconds: float
    oldest_seconds: float


@dataclass(frozen=True)
class Counted:
    """What happened in a queue in some time."""

    arrived: float = 0.0
    answered: float = 0.0
    in_sla: float = 0.0
    handling_seconds: float = 0.0


@dataclass(frozen=True)
class Head:
    """The first job that waits in a queue."""

    arrived_at: datetime
    due_at: datetime


def floor_queues(connection: Connection, site_id: int) -> tuple[FloorQueue, ...]:
    """Return the queues of a site in the order of their names."""
    rows = raw(connection).execute(QUEUES, (site_id,))
    return tuple(FloorQueue(row[0], row[1], QueueKind(row[2]), row[3], float(row[4]), *row[5:]) for row in rows)


def waiting_bands(connection: Connection, queue_ids: Sequence[int], now: datetime) -> tuple[Band, ...]:
    """Return the tasks that wait by age, in bands of `AGE_EDGES`; reads an index only."""
    given = {"queues": list(queue_ids), "now": now, "edges": list(AGE_EDGES)}
    rows = raw(connection).execute(BANDS, given)
    return tuple(Band(queue, count, max(0.0, youngest), max(0.0, oldest)) for queue, count, youngest, oldest in rows)


def heads(connection: Connection, queue_ids: Sequence[int]) -> dict[int, Head]:
    """Return the first job that waits in each queue; queues in which none does are left out."""
    rows = raw(connection).execute(HEADS, (list(queue_ids),))
    return {queue: Head(arrived.astimezone(UTC), due.astimezone(UTC)) for queue, arrived, due in rows}


def leased_bands(connection: Connection, queue_ids: Sequence[int], now: datetime) -> tuple[Band, ...]:
    """Return the tasks that somebody has in hand, one band for each queue."""
    rows = raw(connection).execute(LEASED, {"now": now, "queues": list(queue_ids)})
    return tuple(Band(queue, count, max(0.0, young), max(0.0, old)) for queue, count, young, old in rows)


def counted(connection: Connection, queue_ids: Sequence[int], start: datetime, end: datetime) -> dict[int, Counted]:
    """Return what happened in each queue in the minutes from one instant to another."""
    rows = raw(connection).execute(MINUTES, (list(queue_ids), start, end))
    return {row[0]: Counted(*row[1:]) for row in rows}


def routes(connection: Connection, queue_ids: Sequence[int]) -> dict[tuple[int, int], float]:
    """Return the share of the jobs arriving in one queue that is put into another, by both queues."""
    return {(source, target): share for source, target, share in raw(connection).execute(ROUTES, (list(queue_ids),))}


def desks(connection: Connection, site_id: int, team_ids: Collection[int] | None = None) -> Rows:
    """Return the desks of a site: associate, team, home, state (a position in `STATES`), since (seconds of the epoch).

    Parameters
    ----------
    team_ids
        Only associates who work for these teams now; all without it.
    """
    number = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(state.value), sql.Literal(index)) for index, state in enumerate(STATES)
    )
    among = sql.SQL("") if team_ids is None else sql.SQL("AND d.team_id = ANY({})").format(sql.Literal(list(team_ids)))
    query = sql.SQL(
        "SELECT d.associate_id AS associate, d.team_id AS team, a.team_id AS home, (CASE d.state {} END)::smallint AS state, "
        "extract(epoch FROM d.since)::float8 AS since FROM desk d JOIN associate a ON a.id = d.associate_id "
        "WHERE d.site_id = {} {} ORDER BY d.associate_id"
    ).format(number, sql.Literal(site_id), among)
    columns = [("associate", "i8"), ("team", "i8"), ("home", "i8"), ("state", "i2"), ("since", "f8")]
    return sorted_by(read_array(connection, query, columns), "associate")


def spans(connection: Connection, table: str, site_id: int, start: datetime, end: datetime) -> Rows:
    """Return times of a site of which some lies between two instants: associate, starts, ends (seconds of the epoch).

    Parameters
    ----------
    table
        ``duty``, ``stretch`` (the work between breaks) or ``absence`` (those that hold).
    """
    holds = sql.SQL("AND s.withdrawn_at IS NULL") if table == "absence" else sql.SQL("")
    # No duty is longer than a day, and an index leads to those that start late enough.
    query = sql.SQL(
        "SELECT s.associate_id AS associate, extract(epoch FROM s.starts_at)::float8 AS starts, "
        "extract(epoch FROM s.ends_at)::float8 AS ends FROM {} s JOIN desk d ON d.associate_id = s.associate_id "
        "WHERE d.site_id = {} AND s.ends_at > {} AND s.starts_at < {} AND s.starts_at > {}::timestamptz - interval '25 hours' {}"
    ).format(sql.Identifier(table), *map(sql.Literal, (site_id, start, end, start)), holds)
    return sorted_by(read_array(connection, query, [("associate", "i8"), ("starts", "f8"), ("ends", "f8")]), "starts")


def skills(connection: Connection, site_id: int) -> Rows:
    """Return who has which skill: associate, skill."""
    query = sql.SQL(
        "SELECT k.associate_id AS associate, k.skill_id AS skill FROM associate_skill k JOIN desk d "
        "ON d.associate_id = k.associate_id WHERE d.site_id = {}"
    ).format(sql.Literal(site_id))
    return read_array(connection, query, [("associate", "i8"), ("skill", "i8")])


def speeds(connection: Connection, site_id: int) -> Rows:
    """Return how fast associates are on average over their queues, against the usual: associate, speed."""
    query = sql.SQL(
        "SELECT l.associate_id AS associate, avg(l.relative_speed)::float8 AS speed FROM lane l JOIN desk d "
        "ON d.associate_id = l.associate_id WHERE d.site_id = {} GROUP BY l.associate_id"
    ).format(sql.Literal(site_id))
    return read_array(connection, query, [("associate", "i8"), ("speed", "f8")])


def mixes(connection: Connection, site_id: int) -> dict[tuple[int, int], tuple[float, float]]:
    """Return what each team gives to each queue: share and reserved share."""
    rows = raw(connection).execute(
        "SELECT m.team_id, m.queue_id, m.share, m.reserved_share FROM mix m JOIN team t ON t.id = m.team_id WHERE t.site_id = %s",
        (site_id,),
    )
    return {(team, queue): (share, reserved) for team, queue, share, reserved in rows}


def busy_associates(connection: Connection, site_id: int) -> NDArray[np.int64]:
    """Return who has a job in hand."""
    query = sql.SQL(
        "SELECT t.associate_id AS associate FROM task t JOIN desk d ON d.associate_id = t.associate_id "
        "WHERE t.state = 'leased' AND NOT t.is_ahead AND d.site_id = {}"
    ).format(sql.Literal(site_id))
    return np.sort(read_array(connection, query, [("associate", "i8")])["associate"].astype(np.int64))


def last_answers(connection: Connection, associate_ids: Sequence[int]) -> dict[int, float]:
    """Return when associates last answered, as seconds of the epoch; those who never did are left out."""
    rows = raw(connection).execute(
        "SELECT w.id, extract(epoch FROM a.answered_at)::float8 FROM unnest(%s::bigint[]) AS w (id) CROSS JOIN LATERAL ("
        "SELECT answered_at FROM answer WHERE associate_id = w.id ORDER BY answered_at DESC LIMIT 1) a",
        (list(associate_ids),),
    )
    return dict(rows.fetchall())


def people(connection: Connection, associate_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return code and name of associates."""
    rows = raw(connection).execute("SELECT id, code, name FROM associate WHERE id = ANY(%s)", (list(associate_ids),))
    return {number: (code, name) for number, code, name in rows}


def team_names(connection: Connection, site_id: int) -> dict[int, str]:
    """Return the teams of a site by id, in the order of their names."""
    return dict(raw(connection).execute("SELECT id, name FROM team WHERE site_id = %s ORDER BY name, id", (site_id,)).fetchall())


def sorted_by(rows: Rows, column: str) -> Rows:
    """Return rows in the order of a column, in the byte order of this machine."""
    native = rows.astype([(name, rows.dtype[name].newbyteorder("=")) for name in rows.dtype.names or ()])
    return native[np.argsort(native[column], kind="stable")]


def is_open(connection: Connection, site_id: int) -> bool:
    """Return whether anybody has a desk, so that there is a floor at all."""
    row: Any = raw(connection).execute("SELECT EXISTS (SELECT FROM desk WHERE site_id = %s)", (site_id,)).fetchone()
    return bool(row[0])
