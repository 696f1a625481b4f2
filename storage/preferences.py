"""How everybody who is told something wants to read and be told: language, hours, mail, and what was looked at last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Connection

from scheduling.errors import NotFoundError
from storage.addressees import Addressee, account, associate
from storage.bulk import raw

CHOSEN: Final = "p.language, p.hour_cycle, p.mail_address, coalesce(p.wants_mail, true), p.changes_seen_at"
ASSOCIATES: Final = (
    f"SELECT a.id, a.code, a.name, a.site_id, s.zone_name, {CHOSEN} FROM associate a JOIN site s ON s.id = a.site_id "  # noqa: S608
    "LEFT JOIN preference p ON p.associate_id = a.id WHERE a.id = ANY(%s)"
)
# An account belongs to no site: it reads in the zone of the first site whose teams it leads, else of the first one that there is.
ACCOUNTS: Final = (
    f"SELECT c.id, c.sign_in_name, c.display_name, coalesce(s.id, 0), coalesce(s.zone_name, 'UTC'), {CHOSEN} FROM account c "  # noqa: S608
    "LEFT JOIN LATERAL (SELECT z.id, z.zone_name FROM site z LEFT JOIN team t ON t.site_id = z.id "
    "LEFT JOIN account_team l ON l.team_id = t.id AND l.account_id = c.id ORDER BY l.account_id IS NULL, z.id LIMIT 1) s ON true "
    "LEFT JOIN preference p ON p.account_id = c.id WHERE c.id = ANY(%s)"
)
PUT: Final = sql.SQL(
    "INSERT INTO preference ({who}, language, hour_cycle, mail_address, wants_mail) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT ({who}) DO UPDATE SET language = excluded.language, hour_cycle = excluded.hour_cycle, "
    "mail_address = excluded.mail_address, wants_mail = excluded.wants_mail"
)
SEEN: Final = (
    "INSERT INTO preference (associate_id, changes_seen_at) VALUES (%s, %s) "
    "ON CONFLICT (associate_id) DO UPDATE SET changes_seen_at = greatest(preference.changes_seen_at, excluded.changes_seen_at)"
)


@dataclass(frozen=True)
class Preference:
    """What somebody has chosen; ``None`` follows the browser, or means no mail address."""

    language: str | None = None
    hour_cycle: int | None = None
    mail_address: str | None = None
    wants_mail: bool = True


@dataclass(frozen=True)
class Reader:
    """An associate or an account as somebody who reads.

    Parameters
    ----------
    code
        The code of an associate, the sign-in name of an account.
    changes_seen_at
        When the page of changes was looked at last; ``None`` before the first time.
    """

    who: Addressee
    code: str
    name: str
    site_id: int
    zone_name: str
    preference: Preference
    changes_seen_at: datetime | None

    @property
    def associate_id(self) -> int:
        """The associate, on pages that only associates open."""
        if self.who.associate_id is None:
            raise ValueError(f"The account {self.code!r} is no associate's.")
        return self.who.associate_id


def readers(connection: Connection, people: Collection[Addressee]) -> dict[Addressee, Reader]:
    """Return those who read."""
    found: dict[Addressee, Reader] = {}
    for query, make in ((ASSOCIATES, associate), (ACCOUNTS, account)):
        if ids := [one.number for one in people if one == make(one.number)]:
            rows = raw(connection).execute(query, (ids,))
            found |= {make(number): _reader(make(number), *rest) for number, *rest in rows}
    return found


def _reader(who: Addressee, code: str, name: str, site_id: int, zone_name: str, *rest: Any) -> Reader:
    return Reader(who, code, name, site_id, zone_name, Preference(*rest[:4]), rest[4])


def reader(connection: Connection, who: Addressee) -> Reader:
    """Return somebody who reads; NotFoundError when there is nobody with this id."""
    found = readers(connection, [who]).get(who)
    if found is None:
        raise NotFoundError(f"There is no {who.column.removesuffix('_id')} {who.number}.")
    return found


def put_preference(connection: Connection, who: Addressee, chosen: Preference) -> None:
    """Store what somebody has chosen."""
    values = (who.number, chosen.language, chosen.hour_cycle, chosen.mail_address, chosen.wants_mail)
    raw(connection).execute(PUT.format(who=sql.Identifier(who.column)), values)


def mark_changes_seen(connection: Connection, associate_id: int, at: datetime) -> None:
    """Say that an associate has looked at what changed; an older look moves nothing back."""
    raw(connection).execute(SEEN, (associate_id, at))
