"""How each associate wants to read and be told: language, hours, mail, and what was looked at last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from scheduling.errors import NotFoundError
from storage.bulk import raw

READERS: Final = (
    "SELECT a.id, a.code, a.name, a.site_id, s.zone_name, p.language, p.hour_cycle, p.mail_address, "
    "coalesce(p.wants_mail, true), p.changes_seen_at "
    "FROM associate a JOIN site s ON s.id = a.site_id LEFT JOIN preference p ON p.associate_id = a.id WHERE a.id = ANY(%s)"
)
PUT: Final = (
    "INSERT INTO preference (associate_id, language, hour_cycle, mail_address, wants_mail) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (associate_id) DO UPDATE SET language = excluded.language, hour_cycle = excluded.hour_cycle, "
    "mail_address = excluded.mail_address, wants_mail = excluded.wants_mail"
)
SEEN: Final = (
    "INSERT INTO preference (associate_id, changes_seen_at) VALUES (%s, %s) "
    "ON CONFLICT (associate_id) DO UPDATE SET changes_seen_at = greatest(preference.changes_seen_at, excluded.changes_seen_at)"
)


@dataclass(frozen=True)
class Preference:
    """What an associate has chosen; ``None`` follows the browser, or means no mail address."""

    language: str | None = None
    hour_cycle: int | None = None
    mail_address: str | None = None
    wants_mail: bool = True


@dataclass(frozen=True)
class Reader:
    """An associate as somebody who reads.

    Parameters
    ----------
    changes_seen_at
        When the page of changes was looked at last; ``None`` before the first time.
    """

    associate_id: int
    code: str
    name: str
    site_id: int
    zone_name: str
    preference: Preference
    changes_seen_at: datetime | None


def readers(connection: Connection, associate_ids: Collection[int]) -> dict[int, Reader]:
    """Return associates as readers, by id."""
    rows = raw(connection).execute(READERS, (list(associate_ids),))
    return {row[0]: _reader(*row) for row in rows}


def _reader(number: int, code: str, name: str, site_id: int, zone_name: str, *rest: Any) -> Reader:
    return Reader(number, code, name, site_id, zone_name, Preference(*rest[:4]), rest[4])


def reader(connection: Connection, associate_id: int) -> Reader:
    """Return an associate as a reader; NotFoundError when there is none with this id."""
    found = readers(connection, [associate_id]).get(associate_id)
    if found is None:
        raise NotFoundError(f"There is no associate {associate_id}.")
    return found


def put_preference(connection: Connection, associate_id: int, chosen: Preference) -> None:
    """Store what an associate has chosen."""
    raw(connection).execute(PUT, (associate_id, chosen.language, chosen.hour_cycle, chosen.mail_address, chosen.wants_mail))


def mark_changes_seen(connection: Connection, associate_id: int, at: datetime) -> None:
    """Say that an associate has looked at what changed; an older look moves nothing back."""
    raw(connection).execute(SEEN, (associate_id, at))
