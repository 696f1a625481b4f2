"""Notices: what associates are told, when it was read, and which of it still waits for a mail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from storage.bulk import raw
from storage.tables import notice, notice_setting

INSERT: Final = (
    "INSERT INTO notice (associate_id, kind, parameters, created_at, mail_due_at) "
    "SELECT n.associate_id, n.kind, n.parameters::jsonb, %(now)s, CASE "
    "WHEN n.concerns_at <= %(now)s + coalesce(s.urgent_hours, %(urgent_hours)s) * interval '1 hour' THEN %(now)s "
    "ELSE %(now)s + coalesce(s.batch_minutes, %(batch_minutes)s) * interval '1 minute' END "
    "FROM unnest(%(associates)s::bigint[], %(kinds)s::text[], %(parameters)s::text[], %(concerns)s::timestamptz[]) "
    "AS n (associate_id, kind, parameters, concerns_at) "
    "JOIN associate a ON a.id = n.associate_id LEFT JOIN notice_setting s ON s.site_id = a.site_id"
)
READ: Final = (
    "UPDATE notice SET read_at = %(now)s WHERE associate_id = %(associate)s AND id <= %(last)s AND read_at IS NULL"
)  # fmt: skip


@dataclass(frozen=True)
class NoticeSetting:
    """When the mails of a site are sent.

    Parameters
    ----------
    urgent_hours
        News of a shift that starts within so many hours are mailed at once.
    batch_minutes
        Other news wait so long for company, so that one person gets one mail.
    """

    urgent_hours: int = 24
    batch_minutes: int = 10


DEFAULT_SETTING: Final = NoticeSetting()


@dataclass(frozen=True)
class NewNotice:
    """Something to tell one associate.

    Parameters
    ----------
    kind
        Finds the words.
    parameters
        What the words speak of; plain values that JSON can hold.
    concerns_at
        Start of the shift that it is about; when that is near, the mail goes at once.
    """

    associate_id: int
    kind: str
    parameters: Mapping[str, Any]
    concerns_at: datetime | None = None


@dataclass(frozen=True)
class StoredNotice:
    """A notice as it was stored, in no language."""

    id: int
    associate_id: int
    kind: str
    parameters: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


COLUMNS: Final = (notice.c.id, notice.c.associate_id, notice.c.kind, notice.c.parameters, notice.c.created_at, notice.c.read_at)


def setting_of(connection: Connection, site_id: int) -> NoticeSetting:
    """Return when the mails of a site are sent; the defaults where nobody set anything."""
    columns = (notice_setting.c.urgent_hours, notice_setting.c.batch_minutes)
    row = connection.execute(select(*columns).where(notice_setting.c.site_id == site_id)).one_or_none()
    return DEFAULT_SETTING if row is None else NoticeSetting(*row)


def put_setting(connection: Connection, site_id: int, setting: NoticeSetting) -> None:
    """Set when the mails of a site are sent."""
    raw(connection).execute(
        "INSERT INTO notice_setting (site_id, urgent_hours, batch_minutes) VALUES (%s, %s, %s) ON CONFLICT (site_id) "
        "DO UPDATE SET urgent_hours = excluded.urgent_hours, batch_minutes = excluded.batch_minutes",
        (site_id, setting.urgent_hours, setting.batch_minutes),
    )


def insert_notices(connection: Connection, notices: Iterable[NewNotice], now: datetime) -> int:
    """Store notices in one statement, each with the time at which its mail is due; return their number."""
    given = list(notices)
    arguments = {
        "associates": [one.associate_id for one in given],
        "kinds": [one.kind for one in given],
        "parameters": [json.dumps(dict(one.parameters)) for one in given],
        "concerns": [one.concerns_at for one in given],
        "now": now,
        "urgent_hours": DEFAULT_SETTING.urgent_hours,
        "batch_minutes": DEFAULT_SETTING.batch_minutes,
    }
    return raw(connection).execute(INSERT, arguments).rowcount


def unread_count(connection: Connection, associate_id: int) -> int:
    """Return how many notices an associate has not read."""
    query = "SELECT count(*) FROM notice WHERE associate_id = %s AND read_at IS NULL"
    row = raw(connection).execute(query, (associate_id,)).fetchone()
    return int(row[0]) if row else 0


def notices_of(connection: Connection, associate_id: int, *, most: int, before_id: int | None = None) -> tuple[StoredNotice, ...]:
    """Return the newest notices of an associate, the newest first; with `before_id` only older ones than that."""
    query = select(*COLUMNS).where(notice.c.associate_id == associate_id).order_by(notice.c.id.desc()).limit(most)
    if before_id is not None:
        query = query.where(notice.c.id < before_id)
    return tuple(StoredNotice(*row) for row in connection.execute(query))


def mark_read(connection: Connection, associate_id: int, last_id: int, now: datetime) -> int:
    """Mark the notices of an associate up to one as read; return how many were not."""
    return raw(connection).execute(READ, {"associate": associate_id, "last": last_id, "now": now}).rowcount


def lock_due(connection: Connection, now: datetime, most_people: int) -> dict[int, list[StoredNotice]]:
    """Return the notices that wait for a mail, of people for whom one is due, and keep others from taking them meanwhile.

    Who is due gets all that waits, also what would be due later, so that it is one mail.
    """
    people = raw(connection).execute(
        "SELECT DISTINCT associate_id FROM notice WHERE mail_due_at <= %s ORDER BY associate_id LIMIT %s", (now, most_people)
    )
    query = (
        select(*COLUMNS)
        .where(notice.c.associate_id.in_([row[0] for row in people]), notice.c.mail_due_at.is_not(None))
        .order_by(notice.c.associate_id, notice.c.id)
        .with_for_update(skip_locked=True)
    )
    found: dict[int, list[StoredNotice]] = {}
    for row in connection.execute(query):
        found.setdefault(row.associate_id, []).append(StoredNotice(*row))
    return found


def settle(connection: Connection, notice_ids: Sequence[int], mail_id: int | None) -> None:
    """Let notices wait for a mail no longer, because they stand in one or because nobody wants one."""
    raw(connection).execute("UPDATE notice SET mail_due_at = NULL, mail_id = %s WHERE id = ANY(%s)", (mail_id, list(notice_ids)))
