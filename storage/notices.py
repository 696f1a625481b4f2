"""Notices: what people are told, when it was read, and which of it still waits for a mail."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Connection, or_, select

from storage.addressees import Addressee
from storage.bulk import raw
from storage.tables import notice, notice_setting

INSERT: Final = (
    "INSERT INTO notice (associate_id, account_id, kind, parameters, created_at, mail_due_at) "
    "SELECT n.associate_id, n.account_id, n.kind, n.parameters::jsonb, %(now)s, least(n.mail_by, CASE "
    "WHEN n.concerns_at <= %(now)s + coalesce(s.urgent_hours, %(urgent_hours)s) * interval '1 hour' THEN %(now)s "
    "ELSE %(now)s + coalesce(s.batch_minutes, %(batch_minutes)s) * interval '1 minute' END) "
    "FROM unnest(%(associates)s::bigint[], %(accounts)s::bigint[], %(kinds)s::text[], %(parameters)s::text[], "
    "%(concerns)s::timestamptz[], %(mails)s::timestamptz[]) "
    "AS n (associate_id, account_id, kind, parameters, concerns_at, mail_by) "
    "LEFT JOIN associate a ON a.id = n.associate_id "
    "LEFT JOIN LATERAL (SELECT min(t.site_id) AS site_id FROM account_team l JOIN team t ON t.id = l.team_id "
    "WHERE l.account_id = n.account_id) c ON true "
    "LEFT JOIN notice_setting s ON s.site_id = coalesce(a.site_id, c.site_id)"
)
READ: Final = sql.SQL("UPDATE notice SET read_at = %(now)s WHERE {who} = %(number)s AND id <= %(last)s AND read_at IS NULL")
UNREAD: Final = sql.SQL("SELECT count(*) FROM notice WHERE {who} = %s AND read_at IS NULL")
UNREAD_OF_ROSTER: Final = (
    "SELECT id, associate_id, account_id, (parameters->>'since')::timestamptz, mail_due_at, mail_id IS NOT NULL FROM notice "
    "WHERE read_at IS NULL AND kind = ANY(%(kinds)s) AND parameters->>'roster' = %(roster)s::text "
    "AND (associate_id = ANY(%(associates)s) OR account_id = ANY(%(accounts)s)) ORDER BY id FOR UPDATE"
)
DUE: Final = (
    "SELECT DISTINCT associate_id, account_id FROM notice WHERE mail_due_at <= %s ORDER BY associate_id, account_id LIMIT %s"
)


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
    """Something to tell one associate or account.

    Parameters
    ----------
    kind
        Finds the words.
    parameters
        What the words speak of; plain values that JSON can hold.
    concerns_at
        Start of the shift that it is about; when that is near, the mail goes at once.
    mail_by
        When its mail goes at the latest, because something that it says was to be mailed then.
    """

    who: Addressee
    kind: str
    parameters: Mapping[str, Any]
    concerns_at: datetime | None = None
    mail_by: datetime | None = None


@dataclass(frozen=True)
class Unread:
    """What somebody was told of changes of a roster and has not read.

    Parameters
    ----------
    ids
        The notices.
    since
        When the first change that they tell of was made.
    mail_by
        When the mail of the first of them is due; ``None`` when none of them waits for a mail.
    is_mailed
        Whether one of them stands in a mail, so that what it said may be known.
    """

    ids: tuple[int, ...]
    since: datetime
    mail_by: datetime | None
    is_mailed: bool


@dataclass(frozen=True)
class StoredNotice:
    """A notice as it was stored, in no language."""

    id: int
    who: Addressee
    kind: str
    parameters: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


WHO: Final = (notice.c.associate_id, notice.c.account_id)
COLUMNS: Final = (notice.c.id, *WHO, notice.c.kind, notice.c.parameters, notice.c.created_at, notice.c.read_at)


def _stored(number: int, associate_id: int | None, account_id: int | None, *rest: Any) -> StoredNotice:
    return StoredNotice(number, Addressee(associate_id, account_id), *rest)


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
        "associates": [one.who.associate_id for one in given],
        "accounts": [one.who.account_id for one in given],
        "kinds": [one.kind for one in given],
        "parameters": [json.dumps(dict(one.parameters)) for one in given],
        "concerns": [one.concerns_at for one in given],
        "mails": [one.mail_by for one in given],
        "now": now,
        "urgent_hours": DEFAULT_SETTING.urgent_hours,
        "batch_minutes": DEFAULT_SETTING.batch_minutes,
    }
    return raw(connection).execute(INSERT, arguments).rowcount


def unread_of_roster(
    connection: Connection, roster_id: int, kinds: Collection[str], people: Collection[Addressee]
) -> dict[Addressee, Unread]:  # fmt: skip
    """Return what people were told of a roster by notices of some kinds and have not read; others cannot settle it meanwhile."""
    arguments = {
        "roster": roster_id,
        "kinds": list(kinds),
        "associates": [one.associate_id for one in people if one.associate_id is not None],
        "accounts": [one.account_id for one in people if one.account_id is not None],
    }
    found: dict[Addressee, list[tuple[int, datetime, datetime | None, bool]]] = {}
    for number, associate_id, account_id, *rest in raw(connection).execute(UNREAD_OF_ROSTER, arguments):
        found.setdefault(Addressee(associate_id, account_id), []).append((number, *rest))
    return {
        who: Unread(
            tuple(number for number, _, _, _ in rows),
            min(since for _, since, _, _ in rows),
            min((due for _, _, due, _ in rows if due is not None), default=None),
            any(is_mailed for _, _, _, is_mailed in rows),
        )
        for who, rows in found.items()
    }


def take_back(connection: Connection, notice_ids: Sequence[int]) -> None:
    """Remove notices in whose place others come."""
    raw(connection).execute("DELETE FROM notice WHERE id = ANY(%s)", (list(notice_ids),))


def unread_count(connection: Connection, who: Addressee) -> int:
    """Return how many notices somebody has not read."""
    row = raw(connection).execute(UNREAD.format(who=sql.Identifier(who.column)), (who.number,)).fetchone()
    return int(row[0]) if row else 0


def notices_of(connection: Connection, who: Addressee, *, most: int, before_id: int | None = None) -> tuple[StoredNotice, ...]:
    """Return the newest notices of somebody, the newest first; with `before_id` only older ones than that."""
    query = select(*COLUMNS).where(notice.c[who.column] == who.number).order_by(notice.c.id.desc()).limit(most)
    if before_id is not None:
        query = query.where(notice.c.id < before_id)
    return tuple(_stored(*row) for row in connection.execute(query))


def mark_read(connection: Connection, who: Addressee, last_id: int, now: datetime) -> int:
    """Mark the notices of somebody up to one as read; return how many were not."""
    given = {"number": who.number, "last": last_id, "now": now}
    return raw(connection).execute(READ.format(who=sql.Identifier(who.column)), given).rowcount


def lock_due(connection: Connection, now: datetime, most_people: int) -> dict[Addressee, list[StoredNotice]]:
    """Return the notices that wait for a mail, of people for whom one is due, and keep others from taking them meanwhile.

    Who is due gets all that waits, also what would be due later, so that it is one mail.
    """
    people = raw(connection).execute(DUE, (now, most_people)).fetchall()
    associates, accounts = ([row[side] for row in people if row[side] is not None] for side in (0, 1))
    query = (
        select(*COLUMNS)
        .where(or_(notice.c.associate_id.in_(associates), notice.c.account_id.in_(accounts)), notice.c.mail_due_at.is_not(None))
        .order_by(*WHO, notice.c.id)
        .with_for_update(skip_locked=True)
    )
    found: dict[Addressee, list[StoredNotice]] = {}
    for one in (_stored(*row) for row in connection.execute(query)):
        found.setdefault(one.who, []).append(one)
    return found


def told_lately(connection: Connection, account_ids: Sequence[int], kind: str, since: datetime) -> frozenset[tuple[int, str]]:
    """Return which accounts were told something of a kind since then, and of which subject (its parameter ``subject``)."""
    query = "SELECT account_id, parameters->>'subject' FROM notice WHERE account_id = ANY(%s) AND kind = %s AND created_at >= %s"
    return frozenset(raw(connection).execute(query, (list(account_ids), kind, since)).fetchall())


def settle(connection: Connection, notice_ids: Sequence[int], mail_id: int | None) -> None:
    """Let notices wait for a mail no longer, because they stand in one or because nobody wants one."""
    raw(connection).execute("UPDATE notice SET mail_due_at = NULL, mail_id = %s WHERE id = ANY(%s)", (mail_id, list(notice_ids)))
