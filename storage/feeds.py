"""Calendar feeds: their secret addresses, and the events as they were last given out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from storage.bulk import raw

EVENTS: Final = (
    "SELECT day, sequence, fingerprint, starts_at, ends_at, summary, is_cancelled, modified_at FROM calendar_event "
    "WHERE associate_id = %s AND day BETWEEN %s AND %s ORDER BY day"
)
# Two readers of one feed may find the same change at once; the second finds its fingerprint there and counts no further.
PUT: Final = (
    "INSERT INTO calendar_event AS e (associate_id, day, sequence, fingerprint, starts_at, ends_at, summary, is_cancelled, "
    "modified_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (associate_id, day) DO UPDATE SET "
    "sequence = e.sequence + 1, fingerprint = excluded.fingerprint, starts_at = excluded.starts_at, "
    "ends_at = excluded.ends_at, summary = excluded.summary, is_cancelled = excluded.is_cancelled, "
    "modified_at = excluded.modified_at WHERE e.fingerprint <> excluded.fingerprint"
)


@dataclass(frozen=True)
class StoredEvent:
    """The shift of a day as the feed last gave it out.

    Parameters
    ----------
    sequence
        How often it changed since it was first given out.
    fingerprint
        SHA-256 of everything that a calendar shows of it.
    is_cancelled
        Whether the shift is gone; its last times stay, so that a calendar knows what to strike out.
    """

    day: date
    sequence: int
    fingerprint: bytes
    starts_at: datetime
    ends_at: datetime
    summary: str
    is_cancelled: bool
    modified_at: datetime


def put_token(connection: Connection, associate_id: int, token_hash: bytes, now: datetime) -> None:
    """Give the feed of an associate a new secret; the one before is worth nothing from now on."""
    raw(connection).execute(
        "INSERT INTO calendar_feed (associate_id, token_hash, made_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (associate_id) DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at",
        (associate_id, token_hash, now),
    )


def drop_token(connection: Connection, associate_id: int) -> None:
    """Close the feed of an associate."""
    raw(connection).execute("DELETE FROM calendar_feed WHERE associate_id = %s", (associate_id,))


def made_at(connection: Connection, associate_id: int) -> datetime | None:
    """Return when the present secret was made; nothing when the feed is closed."""
    row = raw(connection).execute("SELECT made_at FROM calendar_feed WHERE associate_id = %s", (associate_id,)).fetchone()
    return None if row is None else row[0]


def associate_of(connection: Connection, token_hash: bytes) -> int | None:
    """Return the active associate whose feed has a secret; nothing when there is none."""
    query = (
        "SELECT f.associate_id FROM calendar_feed f JOIN associate a ON a.id = f.associate_id "
        "WHERE f.token_hash = %s AND a.is_active"
    )
    row = raw(connection).execute(query, (token_hash,)).fetchone()
    return None if row is None else int(row[0])


def events_between(connection: Connection, associate_id: int, first_day: date, last_day: date) -> dict[date, StoredEvent]:
    """Return the events of an associate as they were last given out, by date."""
    rows = raw(connection).execute(EVENTS, (associate_id, first_day, last_day))
    return {row[0]: StoredEvent(*row) for row in rows}


def put_events(connection: Connection, associate_id: int, events: Iterable[StoredEvent]) -> None:
    """Store events that are new or changed."""
    rows = [
        (associate_id, one.day, one.sequence, one.fingerprint, one.starts_at, one.ends_at, one.summary, one.is_cancelled,
         one.modified_at)
        for one in events
    ]  # fmt: skip
    with raw(connection).cursor() as cursor:
        cursor.executemany(PUT, rows)
