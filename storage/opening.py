"""Putting the published roster on the floor: duties that follow it until they begin, desks, mixes and heads of queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Connection

from storage.bulk import raw
from storage.duties import DutyKey

OPENING_LOCK: Final = 0x0F100
"""Advisory lock of those who open the floor of a site, so that two of them do not do the same work at once."""

DEFAULT_RESERVED_SHARE: Final = 0.05
"""Share of the claims that a backlog queue gets in any case, unless a supervisor says otherwise."""

FORGOTTEN_HOURS: Final = 4
"""So long after the end of a duty a state that no event ended is taken for a forgotten sign-out, as the ledger does."""

# The start is worked out where the time zones are known, once for each timing and day.
WANTED = sql.SQL(
    "WITH timing AS (SELECT * FROM unnest(%(shift_types)s::bigint[], %(starts_on)s::date[], %(starts_at)s::timestamptz[]) "
    "AS t (shift_type_id, day, starts_at)), "
    "wanted AS (SELECT a.associate_id, a.day, a.roster_id, a.shift_type_id, a.span_minutes, t.starts_at, "
    "t.starts_at + a.span_minutes * interval '1 minute' AS ends_at, a.break_pattern_id, a.place "
    "FROM published_day p JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day AND a.kind = 'shift' "
    "JOIN timing t ON t.shift_type_id = a.shift_type_id AND t.day = a.day "
    "JOIN associate s ON s.id = a.associate_id AND s.is_active "
    "WHERE p.site_id = %(site)s AND p.day = ANY(%(days)s) AND NOT EXISTS (SELECT FROM leave v "
    "WHERE v.associate_id = a.associate_id AND a.day BETWEEN v.first_day AND v.last_day)) "
)

# Whoever was recorded as absent for a whole duty stays so when a newer roster moves it.
MOVE_WHOLE_ABSENCES = WANTED + sql.SQL(
    "UPDATE absence b SET starts_at = w.starts_at, ends_at = w.ends_at "
    "FROM wanted w JOIN duty d ON d.associate_id = w.associate_id AND d.day = w.day "
    "WHERE b.associate_id = d.associate_id AND b.day = d.day AND b.withdrawn_at IS NULL AND d.starts_at > %(now)s "
    "AND b.starts_at <= d.starts_at AND b.ends_at >= d.ends_at AND (b.starts_at, b.ends_at) <> (w.starts_at, w.ends_at)"
)

# Rows that stay as they are must not reach the conflict, which would lock and write each of them.
PUT_DUTIES = WANTED + sql.SQL(
    "INSERT INTO duty AS old (associate_id, day, roster_id, shift_type_id, span_minutes, starts_at, ends_at, "
    "break_pattern_id, published_break_pattern_id, place) "
    "SELECT w.associate_id, w.day, w.roster_id, w.shift_type_id, w.span_minutes, w.starts_at, w.ends_at, "
    "w.break_pattern_id, w.break_pattern_id, w.place "
    "FROM wanted w LEFT JOIN duty d ON d.associate_id = w.associate_id AND d.day = w.day "
    "WHERE d.day IS NULL OR (d.starts_at > %(now)s AND "
    "(d.roster_id, d.shift_type_id, d.starts_at, d.published_break_pattern_id, d.place) IS DISTINCT FROM "
    "(w.roster_id, w.shift_type_id, w.starts_at, w.break_pattern_id, w.place)) "
    "ORDER BY w.associate_id, w.day "
    "ON CONFLICT (associate_id, day) DO UPDATE SET roster_id = excluded.roster_id, shift_type_id = excluded.shift_type_id, "
    "span_minutes = excluded.span_minutes, starts_at = excluded.starts_at, ends_at = excluded.ends_at, "
    "break_pattern_id = CASE WHEN (old.starts_at, old.span_minutes, old.published_break_pattern_id) "
    "= (excluded.starts_at, excluded.span_minutes, excluded.published_break_pattern_id) "
    "THEN old.break_pattern_id ELSE excluded.break_pattern_id END, "
    "published_break_pattern_id = excluded.published_break_pattern_id, place = excluded.place "
    "WHERE old.starts_at > %(now)s RETURNING associate_id, day"
)

DROP_DUTIES = WANTED + sql.SQL(
    "DELETE FROM duty d USING associate s WHERE s.id = d.associate_id AND s.site_id = %(site)s "
    "AND d.day = ANY(%(days)s) AND d.starts_at > %(now)s "
    "AND NOT EXISTS (SELECT FROM wanted w WHERE w.associate_id = d.associate_id AND w.day = d.day)"
)

TIMINGS = "SELECT id, starts_at FROM shift_type WHERE site_id = %s"

PUT_DESKS = (
    "INSERT INTO desk (associate_id, site_id, team_id, state, since) "
    "SELECT s.id, s.site_id, s.team_id, 'signed_out', %(now)s FROM associate s "
    "WHERE s.site_id = %(site)s AND s.is_active AND NOT EXISTS (SELECT FROM desk d WHERE d.associate_id = s.id) "
    "ON CONFLICT DO NOTHING RETURNING associate_id"
)
DROP_DESKS = (
    "DELETE FROM desk d USING associate s WHERE s.id = d.associate_id AND d.site_id = %(site)s AND NOT s.is_active "
    "AND NOT EXISTS (SELECT FROM task t WHERE t.associate_id = d.associate_id AND t.state = 'leased')"
)
BRING_HOME = (
    "UPDATE desk d SET team_id = s.team_id, lent_until = NULL FROM associate s WHERE s.id = d.associate_id "
    "AND d.site_id = %(site)s AND (d.lent_until <= %(now)s OR (d.lent_until IS NULL AND d.team_id <> s.team_id)) "
    "RETURNING d.associate_id"
)
SIGN_OUT_FORGOTTEN = (
    "UPDATE desk d SET state = 'signed_out', since = %(now)s WHERE d.site_id = %(site)s AND d.state <> 'signed_out' "
    "AND EXISTS (SELECT FROM duty u WHERE u.associate_id = d.associate_id "
    "AND u.ends_at + %(hours)s * interval '1 hour' <= %(now)s AND d.since < u.ends_at + %(hours)s * interval '1 hour')"
)

# A new backlog queue takes no more than is left of what may be reserved.
PUT_MIX = (
    "INSERT INTO mix (team_id, queue_id, share, reserved_share) "
    "SELECT t.id, q.id, 1, CASE q.kind WHEN 'backlog' THEN greatest(0, least(%(reserved)s::float8, "
    "(0.5 - coalesce(there.reserved, 0)) / count(*) FILTER (WHERE q.kind = 'backlog') OVER (PARTITION BY t.id))) ELSE 0 END "
    "FROM team t JOIN queue q ON q.site_id = t.site_id "
    "LEFT JOIN (SELECT team_id, sum(reserved_share) AS reserved FROM mix GROUP BY team_id) there ON there.team_id = t.id "
    "WHERE t.site_id = %(site)s AND NOT EXISTS (SELECT FROM mix m WHERE m.team_id = t.id AND m.queue_id = q.id) "
    "ON CONFLICT DO NOTHING RETURNING team_id"
)
# Before the earliest of all times nothing waits, so this holds whatever is in the queue; the sweep moves it up.
PUT_HEADS = (
    "INSERT INTO queue_head (queue_id, rank_from) SELECT q.id, '-infinity' FROM queue q WHERE q.site_id = %(site)s "
    "AND NOT EXISTS (SELECT FROM queue_head h WHERE h.queue_id = q.id) ON CONFLICT DO NOTHING"
)


def lock_opening(connection: Connection, site_id: int) -> None:
    """Wait until nobody else opens the floor of this site, and keep others waiting to the end of the transaction."""
    raw(connection).execute("SELECT pg_advisory_xact_lock(%s, %s)", (OPENING_LOCK, site_id))


def timings(connection: Connection, site_id: int) -> dict[int, Any]:
    """Return the local start of each shift type of a site, by its id; also of those that are not current any more."""
    return dict(raw(connection).execute(TIMINGS, (site_id,)).fetchall())


def put_duties(
    connection: Connection, site_id: int, days: Sequence[date], starts: Mapping[tuple[int, date], datetime], now: datetime
) -> list[DutyKey]:
    """Let the duties of some days that have not begun follow the published roster; return those that are new or changed.

    A duty that has begun stays as it is. Approved leave goes before the roster. A repair of the breaks is kept as long as
    neither the timing nor the published breaks change.

    Parameters
    ----------
    starts
        When each shift type starts on each of the days.
    """
    arguments = {
        "site": site_id,
        "days": list(days),
        "now": now,
        "shift_types": [shift for shift, _ in starts],
        "starts_on": [day for _, day in starts],
        "starts_at": list(starts.values()),
    }
    driver = raw(connection)
    driver.execute(MOVE_WHOLE_ABSENCES, arguments)
    driver.execute(DROP_DUTIES, arguments)
    return [(associate, day) for associate, day in driver.execute(PUT_DUTIES, arguments)]


def last_duty_day(connection: Connection, site_id: int) -> date | None:
    """Return the day of the duty that starts last on the floor of a site; ``None`` before the floor was first opened."""
    query = (
        "SELECT d.day FROM duty d JOIN associate s ON s.id = d.associate_id AND s.site_id = %s ORDER BY d.starts_at DESC LIMIT 1"
    )
    row = raw(connection).execute(query, (site_id,)).fetchone()
    return None if row is None else row[0]


def put_desks(connection: Connection, site_id: int, now: datetime) -> tuple[list[int], list[int]]:
    """Give every active associate a desk, and take it from those who left.

    Returns
    -------
    tuple of two lists of int
        Associates with a new desk, and those whose team changed because a lending is over or their home team is another.
    """
    arguments = {"site": site_id, "now": now, "hours": FORGOTTEN_HOURS}
    driver = raw(connection)
    driver.execute(DROP_DESKS, arguments)
    created = [row[0] for row in driver.execute(PUT_DESKS, arguments)]
    home = [row[0] for row in driver.execute(BRING_HOME, arguments)]
    driver.execute(SIGN_OUT_FORGOTTEN, arguments)
    return created, home


def put_queues(connection: Connection, site_id: int) -> int:
    """Give every team a mix row for each queue, and every queue a head; return the number of new mix rows."""
    arguments = {"site": site_id, "reserved": DEFAULT_RESERVED_SHARE}
    driver = raw(connection)
    created = driver.execute(PUT_MIX, arguments).rowcount
    driver.execute(PUT_HEADS, arguments)
    return created
