"""The stored forecast: jobs expected in each interval of each queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from storage.bulk import merge_rows, raw, read_array
from storage.tables import forecast

COLUMNS = ("queue_id", "starts_at", "jobs", "aht_seconds")


def history_end(connection: Connection, site_id: int) -> datetime | None:
    """Return the start of the last interval for which volumes of a site are known; nothing when there are none."""
    row = (
        raw(connection)
        .execute(
            "SELECT max(last) FROM queue q CROSS JOIN LATERAL (SELECT v.starts_at AS last FROM volume v WHERE v.queue_id = q.id "
            "ORDER BY v.starts_at DESC LIMIT 1) v WHERE q.site_id = %s",
            (site_id,),
        )
        .fetchone()
    )
    return row[0] if row else None


def history(connection: Connection, queue_ids: Sequence[int], since: datetime, until: datetime) -> NDArray[np.void]:
    """Return volumes from one instant to another: queue, starts (minutes of the epoch), jobs, aht."""
    query = sql.SQL(
        "SELECT queue_id AS queue, (extract(epoch FROM starts_at) / 60)::bigint AS minute, jobs, aht_seconds AS aht FROM volume "
        "WHERE queue_id = ANY({}) AND starts_at >= {} AND starts_at < {}"
    ).format(sql.Literal(list(queue_ids)), sql.Literal(since), sql.Literal(until))
    return read_array(connection, query, [("queue", "i8"), ("minute", "i8"), ("jobs", "f8"), ("aht", "f8")])


def write_forecast(connection: Connection, rows: Sequence[tuple[int, datetime, float, float]]) -> None:
    """Write expected jobs and handling times, in place of what was expected for the same intervals."""
    merge_rows(connection, forecast, COLUMNS, rows, ("queue_id", "starts_at"))


def drop_before(connection: Connection, queue_ids: Sequence[int], instant: datetime) -> None:
    """Forget what was expected for intervals before an instant."""
    raw(connection).execute("DELETE FROM forecast WHERE queue_id = ANY(%s) AND starts_at < %s", (list(queue_ids), instant))


def read_forecast(connection: Connection, queue_ids: Sequence[int], start: datetime, end: datetime) -> NDArray[np.void]:
    """Return what is expected from one instant to another: queue, starts (seconds of the epoch), jobs, aht; by time."""
    query = sql.SQL(
        "SELECT queue_id AS queue, extract(epoch FROM starts_at)::float8 AS starts, jobs, aht_seconds AS aht FROM forecast "
        "WHERE queue_id = ANY({}) AND starts_at >= {} AND starts_at < {}"
    ).format(sql.Literal(list(queue_ids)), sql.Literal(start), sql.Literal(end))
    rows = read_array(connection, query, [("queue", "i8"), ("starts", "f8"), ("jobs", "f8"), ("aht", "f8")])
    native = rows.astype([("queue", "i8"), ("starts", "f8"), ("jobs", "f8"), ("aht", "f8")])
    return native[np.argsort(native["starts"], kind="stable")]
