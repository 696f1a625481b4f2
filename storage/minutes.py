"""Minutes: what happened in each queue minute by minute, added up so that live pages need not count answers."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from storage.bulk import raw

# Work arrives as wanted answers: a double audit is two of them. It counts for the queue in which the job arrived, as a forecast
# does, wherever it was sent then; an answer counts for the queue in which it was given.
ROLL_UP: Final = (
    "INSERT INTO queue_minute (queue_id, starts_at, arrived, answered, answered_in_sla, handling_seconds) "
    "SELECT queue_id, starts_at, sum(arrived), sum(answered), sum(in_sla), sum(seconds) FROM ("
    "SELECT queue_id, date_trunc('minute', arrived_at) AS starts_at, sum(answers_wanted) AS arrived, 0 AS answered, 0 AS in_sla, "
    "0::float8 AS seconds FROM job WHERE arrived_at >= %(since)s GROUP BY 1, 2 "
    "UNION ALL SELECT queue_id, date_trunc('minute', answered_at), 0, count(*), count(*) FILTER (WHERE is_in_sla), "
    "sum(handling_seconds) FROM answer WHERE answered_at >= %(since)s GROUP BY 1, 2) every GROUP BY 1, 2 "
    "ON CONFLICT (queue_id, starts_at) DO UPDATE SET arrived = excluded.arrived, answered = excluded.answered, "
    "answered_in_sla = excluded.answered_in_sla, handling_seconds = excluded.handling_seconds "
    "WHERE (queue_minute.arrived, queue_minute.answered, queue_minute.answered_in_sla, queue_minute.handling_seconds) "
    "IS DISTINCT FROM (excluded.arrived, excluded.answered, excluded.answered_in_sla, excluded.handling_seconds)"
)
TURN: Final = "SELECT pg_advisory_xact_lock(%s)"
ROLL_UP_LOCK: Final = 0x0F102
"""Any number: whoever adds up holds the advisory lock of this number, or two would wait for each other's rows in a circle."""


def roll_up(connection: Connection, since: datetime) -> int:
    """Add up the minutes from a full minute on, those that are there again; return how many changed."""
    driver = raw(connection)
    driver.execute(TURN, (ROLL_UP_LOCK,))
    return int(driver.execute(ROLL_UP, {"since": since}).rowcount)
