"""Presence: events are appended, and the state of a desk is that after the last event in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from psycopg import sql
from sqlalchemy import Connection

from scheduling.errors import NotFoundError
from scheduling.presence import STATE_AFTER, PresenceEvent, PresenceKind, PresenceState
from scheduling.words import Words
from storage.bulk import raw
from storage.sites import person

STATE_OF_KIND: Final = sql.SQL(" ").join(
    sql.SQL("WHEN {} THEN {}").format(sql.Literal(kind.value), sql.Literal(state.value)) for kind, state in STATE_AFTER.items()
)

# The state began with the first event after the last one that led to another state; of equal times the greater id is later.
# Only the newest events are read: so many that lead to one and the same state do not follow each other in a duty.
SETTLE: Final = sql.SQL(
    "WITH said AS (SELECT w.associate_id, e.* FROM unnest(%(who)s::bigint[]) AS w (associate_id) CROSS JOIN LATERAL ("
    "SELECT v.id, v.occurred_at, (CASE v.kind {states} END)::presence_state AS state FROM presence_event v "
    "WHERE v.associate_id = w.associate_id ORDER BY v.occurred_at DESC, v.id DESC LIMIT 50) e), "
    "last AS (SELECT DISTINCT ON (associate_id) associate_id, state FROM said ORDER BY associate_id, occurred_at DESC, id DESC), "
    "other AS (SELECT DISTINCT ON (s.associate_id) s.associate_id, s.occurred_at, s.id FROM said s JOIN last l "
    "ON l.associate_id = s.associate_id AND l.state <> s.state ORDER BY s.associate_id, s.occurred_at DESC, s.id DESC), "
    "settled AS (SELECT l.associate_id, l.state, min(s.occurred_at) AS since FROM last l "
    "JOIN said s ON s.associate_id = l.associate_id LEFT JOIN other o ON o.associate_id = l.associate_id "
    "WHERE o.id IS NULL OR (s.occurred_at, s.id) > (o.occurred_at, o.id) GROUP BY l.associate_id, l.state) "
    "UPDATE desk d SET state = n.state, since = n.since FROM settled n "
    "WHERE d.associate_id = n.associate_id AND (d.state, d.since) IS DISTINCT FROM (n.state, n.since)"
).format(states=STATE_OF_KIND)

LOCK_DESK: Final = "SELECT state, since FROM desk WHERE associate_id = %s FOR UPDATE"
READ_DESK: Final = "SELECT state, since, site_id, team_id, lent_until FROM desk WHERE associate_id = %s"
APPEND: Final = (
    "INSERT INTO presence_event (id, associate_id, kind, occurred_at, recorded_at, recorded_by) "
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING"
)
SAME_ID: Final = "SELECT associate_id, kind FROM presence_event WHERE id = %s"
LAST: Final = (
    "SELECT id, kind, occurred_at FROM presence_event WHERE associate_id = %s ORDER BY occurred_at DESC, id DESC LIMIT %s"
)
BETWEEN: Final = (
    "SELECT e.associate_id, e.id, e.kind, e.occurred_at FROM presence_event e "
    "WHERE e.associate_id = ANY(%s) AND e.occurred_at >= %s AND e.occurred_at < %s ORDER BY e.occurred_at, e.id"
)
# Everybody locks tasks first and then heads in the order of queues. A head is lowered before anything is put in front of it.
LOCK_LEASES: Final = (
    "SELECT id, queue_id FROM task WHERE state = 'leased' AND associate_id = ANY(%s) ORDER BY associate_id, is_ahead FOR UPDATE"
)
LOCK_HEADS: Final = "SELECT FROM queue_head WHERE queue_id = ANY(%s) ORDER BY queue_id FOR UPDATE"
LOWER_HEADS: Final = (
    "UPDATE queue_head h SET rank_from = t.rank_at FROM (SELECT queue_id, min(rank_at) AS rank_at FROM task "
    "WHERE id = ANY(%s) GROUP BY queue_id) t WHERE h.queue_id = t.queue_id AND h.rank_from > t.rank_at"
)
RELEASE: Final = (
    "UPDATE task SET state = 'waiting', associate_id = NULL, is_ahead = NULL, lease_token = NULL, leased_at = NULL, "
    "started_at = NULL, expires_at = NULL WHERE id = ANY(%s)"
)


@dataclass(frozen=True)
class Desk:
    """What an associate is doing now, and for which team.

    Parameters
    ----------
    since
        When the state began.
    lent_until
        When the associate goes back to the home team; ``None`` when there.
    """

    associate_id: int
    state: PresenceState
    since: datetime
    site_id: int
    team_id: int
    lent_until: datetime | None


def find_desk(connection: Connection, associate_id: int) -> Desk | None:
    """Return the desk of an associate; ``None`` when there is none, as before the floor is opened."""
    row = raw(connection).execute(READ_DESK, (associate_id,)).fetchone()
    if row is None:
        return None
    state, since, site_id, team_id, lent_until = row
    return Desk(associate_id, PresenceState(state), since.astimezone(UTC), site_id, team_id, lent_until)


def read_desk(connection: Connection, associate_id: int) -> Desk:
    """Return the desk of an associate; NotFoundError when there is none."""
    desk = find_desk(connection, associate_id)
    if desk is None:
        raise _no_desk(connection, associate_id)
    return desk


def lock_desk(connection: Connection, associate_id: int) -> PresenceState:
    """Return the state of a desk that nobody else changes before the transaction ends; NotFoundError when there is none."""
    row = raw(connection).execute(LOCK_DESK, (associate_id,)).fetchone()
    if row is None:
        raise _no_desk(connection, associate_id)
    return PresenceState(row[0])


def _no_desk(connection: Connection, associate_id: int) -> NotFoundError:
    who = person(connection, associate_id)
    return NotFoundError(
        Words(
            "%(name)s (%(code)s) has no desk on the floor: desks are given to active associates within a minute. "
            "Try again; if it stays so, ask a planner whether the floor is open and the associate is active.",
            name=who.name,
            code=who.code,
        )
    )


def append_event(connection: Connection, associate_id: int, event: PresenceEvent, *, by: str, now: datetime) -> bool:
    """Keep an event; return whether it is new, which one with a known id is not."""
    values = (event.event_id, associate_id, event.kind.value, event.occurred_at, now, by)
    return raw(connection).execute(APPEND, values).rowcount == 1


def event_with_id(connection: Connection, event_id: UUID) -> tuple[int, PresenceKind]:
    """Return whose event has this id, and its kind."""
    row = raw(connection).execute(SAME_ID, (event_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no presence event {event_id}.")
    return row[0], PresenceKind(row[1])


def settle_desks(connection: Connection, associate_ids: Collection[int]) -> None:
    """Give desks the state after the last event of their associates; those without an event stay as they are."""
    raw(connection).execute(SETTLE, {"who": list(associate_ids)})


def last_events(connection: Connection, associate_id: int, count: int) -> tuple[PresenceEvent, ...]:
    """Return the newest events of an associate, the last first."""
    rows = raw(connection).execute(LAST, (associate_id, count))
    return tuple(PresenceEvent(event_id, PresenceKind(kind), at.astimezone(UTC)) for event_id, kind, at in rows)


def events_between(
    connection: Connection, associate_ids: Collection[int], start: datetime, end: datetime
) -> dict[int, list[PresenceEvent]]:
    """Return the events of associates from one instant to another by associate, in the order of time."""
    kinds = {kind.value: kind for kind in PresenceKind}
    found: dict[int, list[PresenceEvent]] = defaultdict(list)
    for associate, event_id, kind, at in raw(connection).execute(BETWEEN, (list(associate_ids), start, end)):
        found[associate].append(PresenceEvent(event_id, kinds[kind], at))
    return dict(found)


def release_leases(connection: Connection, associate_ids: Collection[int]) -> int:
    """Put the jobs that associates hold back into their queues; return their number."""
    driver = raw(connection)
    held = driver.execute(LOCK_LEASES, (list(associate_ids),)).fetchall()
    if not held:
        return 0
    tasks = [task for task, _ in held]
    driver.execute(LOCK_HEADS, ([queue for _, queue in held],))
    driver.execute(LOWER_HEADS, (tasks,))
    return driver.execute(RELEASE, (tasks,)).rowcount
