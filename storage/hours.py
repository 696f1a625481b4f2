"""Hours: kept ledgers of shifts that are over, with absences and leave, packed for figures of a whole pay period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from storage.bulk import raw, read_array
from storage.duties import DutyKey
from storage.quality import PersonRow

OPEN_AFTER: Final = timedelta(hours=48)
"""So long after its end a duty may still hear of events: they arrive up to 36 hours late, and tell of up to 4 hours after it."""
ABOUT: Final = timedelta(hours=4)

# A kept ledger is worn out when something that it is made of was written after it.
STALE: Final = (
    "SELECT d.associate_id, d.day FROM duty d JOIN associate a ON a.id = d.associate_id "
    "LEFT JOIN ledger_day l ON l.associate_id = d.associate_id AND l.day = d.day "
    "WHERE a.site_id = %(site)s AND d.day BETWEEN %(first)s AND %(last)s AND d.ends_at <= %(now)s "
    "AND (%(people)s::bigint[] IS NULL OR d.associate_id = ANY(%(people)s)) AND (l.day IS NULL "
    "OR (l.computed_at < d.ends_at + %(open)s AND EXISTS (SELECT FROM presence_event e WHERE e.associate_id = d.associate_id "
    "AND e.occurred_at BETWEEN d.starts_at - %(about)s AND d.ends_at + %(about)s AND e.recorded_at >= l.computed_at)) "
    "OR EXISTS (SELECT FROM absence b WHERE b.associate_id = d.associate_id AND b.day = d.day "
    "AND greatest(b.recorded_at, b.withdrawn_at) >= l.computed_at)) ORDER BY d.associate_id, d.day"
)
PUT: Final = (
    "INSERT INTO ledger_day AS t (associate_id, day, computed_at, productive_minutes, attended) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (associate_id, day) DO UPDATE SET computed_at = excluded.computed_at, "
    "productive_minutes = excluded.productive_minutes, attended = excluded.attended WHERE t.computed_at <= excluded.computed_at"
)
SECONDS: Final = "extract(epoch FROM {})::float8"
OVER: Final = (
    "FROM duty d JOIN associate a ON a.id = d.associate_id WHERE a.site_id = {site} AND d.day BETWEEN {first} AND {last} "
    "AND d.ends_at <= {now}"
)
# Somebody who left the operation stays in the figures of the days that were worked.
PEOPLE: Final = (
    "SELECT a.id, a.code, a.name, a.team_id, t.name AS team, "
    "(SELECT min(c.first_day) FROM contract c WHERE c.associate_id = a.id) AS hired_on "
    "FROM associate a JOIN team t ON t.id = a.team_id WHERE a.site_id = %(site)s AND (a.is_active OR EXISTS ("
    "SELECT FROM duty d WHERE d.associate_id = a.id AND d.day BETWEEN %(first)s AND %(last)s)) ORDER BY a.code"
)
LEAVE: Final = (
    "SELECT g.associate_id, count(*) FROM published_day p JOIN assignment g ON g.roster_id = p.roster_id AND g.day = p.day "
    "WHERE p.site_id = %s AND p.day BETWEEN %s AND %s AND g.kind = 'leave' GROUP BY g.associate_id"
)
READ_RULE: Final = "SELECT pay_rule FROM floor_setting WHERE site_id = %s"
WRITE_RULE: Final = (
    "INSERT INTO floor_setting (site_id, pay_rule) VALUES (%s, %s) "
    "ON CONFLICT (site_id) DO UPDATE SET pay_rule = excluded.pay_rule, version = floor_setting.version + 1"
)
SPAN_COLUMNS: Final = [("associate_id", "i8"), ("day_number", "i4"), ("starts", "f8"), ("ends", "f8")]


@dataclass(frozen=True)
class KeptLedger:
    """The ledger of one duty that is over.

    Parameters
    ----------
    computed_at
        Everything that was written before is in it.
    attended
        Start and end of each time there, one after the other.
    """

    key: DutyKey
    computed_at: datetime
    productive_minutes: float
    attended: tuple[datetime, ...]


@dataclass(frozen=True)
class Days:
    """Whose days are read: duties of a site on local dates, both included, that were over at an instant."""

    site_id: int
    first_day: date
    last_day: date
    now: datetime
    associate_ids: Sequence[int] | None = None

    def read(
        self, connection: Connection, columns: Sequence[tuple[str, str]], values: Sequence[str], more: str = ""
    ) -> NDArray[np.void]:
        """Return columns of the duties, of which the first two are the associate and the number of the day."""
        among: sql.Composable = sql.SQL("")
        if self.associate_ids is not None:
            among = sql.SQL(" AND d.associate_id = ANY({}::bigint[])").format(sql.Literal(list(self.associate_ids)))
        names = {"site": self.site_id, "first": self.first_day, "last": self.last_day, "now": self.now}
        tail = sql.SQL(OVER.replace(" WHERE ", f" {more} WHERE ")).format(
            **{name: sql.Literal(value) for name, value in names.items()}
        )
        selected = sql.SQL(", ").join(map(sql.SQL, ("d.associate_id", "d.day - date '1970-01-01'", *values)))
        return read_array(connection, sql.SQL("SELECT {} {}{}").format(selected, tail, among), columns)


def stale_duties(connection: Connection, days: Days) -> list[DutyKey]:
    """Return the duties that are over and whose ledger is missing or worn out."""
    people = None if days.associate_ids is None else list(days.associate_ids)
    values = {"site": days.site_id, "first": days.first_day, "last": days.last_day, "now": days.now, "people": people}
    return [(associate, day) for associate, day in raw(connection).execute(STALE, {**values, "open": OPEN_AFTER, "about": ABOUT})]


def put_ledgers(connection: Connection, ledgers: Iterable[KeptLedger]) -> None:
    """Keep ledgers in the place of older ones."""
    rows = [
        (one.key[0], one.key[1], one.computed_at, one.productive_minutes, list(one.attended))
        for one in sorted(ledgers, key=lambda one: one.key)
    ]
    with raw(connection).cursor() as cursor:
        cursor.executemany(PUT, rows)


def duty_rows(connection: Connection, days: Days) -> NDArray[np.void]:
    """Return start and end of each duty in seconds since 1970, and its productive minutes (0 without a kept ledger)."""
    return days.read(
        connection,
        [*SPAN_COLUMNS, ("productive_minutes", "f8")],
        (SECONDS.format("d.starts_at"), SECONDS.format("d.ends_at"), "coalesce(l.productive_minutes, 0)"),
        "LEFT JOIN ledger_day l ON l.associate_id = d.associate_id AND l.day = d.day",
    )


def attended_rows(connection: Connection, days: Days) -> NDArray[np.void]:
    """Return each time there of each duty, in seconds since 1970."""
    return days.read(
        connection,
        SPAN_COLUMNS,
        (SECONDS.format("l.attended[2 * n.n - 1]"), SECONDS.format("l.attended[2 * n.n]")),
        "JOIN ledger_day l ON l.associate_id = d.associate_id AND l.day = d.day "
        "CROSS JOIN LATERAL generate_series(1, cardinality(l.attended) / 2) AS n (n)",
    )


def absence_rows(connection: Connection, days: Days) -> NDArray[np.void]:
    """Return the recorded absences of each duty, cut to the duty, in seconds since 1970; those withdrawn are left out."""
    return days.read(
        connection,
        SPAN_COLUMNS,
        (SECONDS.format("greatest(b.starts_at, d.starts_at)"), SECONDS.format("least(b.ends_at, d.ends_at)")),
        "JOIN absence b ON b.associate_id = d.associate_id AND b.day = d.day AND b.withdrawn_at IS NULL "
        "AND b.starts_at < d.ends_at AND d.starts_at < b.ends_at",
    )


def people_of_days(connection: Connection, days: Days) -> list[PersonRow]:
    """Return the associates of the site by code: those who are active, and those who had a duty."""
    with raw(connection).cursor(row_factory=class_row(PersonRow)) as cursor:
        values = {"site": days.site_id, "first": days.first_day, "last": days.last_day}
        found = cursor.execute(PEOPLE, values).fetchall()
    wanted: Collection[int] | None = None if days.associate_ids is None else set(days.associate_ids)
    return found if wanted is None else [one for one in found if one.id in wanted]


def leave_days(connection: Connection, site_id: int, first_day: date, last_day: date) -> dict[int, int]:
    """Return by associate on how many published days they were on leave."""
    return dict(raw(connection).execute(LEAVE, (site_id, first_day, last_day)).fetchall())


def read_pay_rule(connection: Connection, site_id: int) -> dict[str, Any]:
    """Return the pay rule of a site as it is stored; empty when nobody set one."""
    row = raw(connection).execute(READ_RULE, (site_id,)).fetchone()
    return dict(row[0]) if row else {}


def write_pay_rule(connection: Connection, site_id: int, document: dict[str, Any]) -> None:
    """Replace the pay rule of a site."""
    raw(connection).execute(WRITE_RULE, (site_id, Jsonb(document)))
