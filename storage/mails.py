"""The outbox of mails: put in, claimed by one sender at a time, sent or tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from storage.addressees import Addressee
from storage.bulk import raw

# The next attempt is set before this one, so that a sender that dies leaves a mail that is tried again and not one that is lost.
CLAIM: Final = (
    "UPDATE mail SET attempts = attempts + 1, next_attempt_at = %(again)s WHERE id = ("
    "SELECT id FROM mail WHERE next_attempt_at <= %(now)s ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
    "RETURNING id, message_id, address, subject, body, created_at, attempts"
)


@dataclass(frozen=True)
class NewMail:
    """A mail to one associate or account.

    Parameters
    ----------
    message_id
        The same for every attempt, so that a receiver who got it already drops a second copy.
    """

    who: Addressee
    message_id: str
    address: str
    subject: str
    body: str


@dataclass(frozen=True)
class ClaimedMail:
    """A mail that is to be sent now; `attempts` counts this one."""

    id: int
    message_id: str
    address: str
    subject: str
    body: str
    created_at: datetime
    attempts: int


def put_mail(connection: Connection, new: NewMail, now: datetime) -> int:
    """Put a mail into the outbox and return its id."""
    row = (
        raw(connection)
        .execute(
            "INSERT INTO mail (associate_id, account_id, message_id, address, subject, body, created_at, next_attempt_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (new.who.associate_id, new.who.account_id, new.message_id, new.address, new.subject, new.body, now, now),
        )
        .fetchone()
    )
    assert row is not None  # noqa: S101 (an insert returns its row)
    return int(row[0])


def claim(connection: Connection, now: datetime, again: datetime) -> ClaimedMail | None:
    """Return a mail that is due and count the attempt; nothing when none is."""
    row = raw(connection).execute(CLAIM, {"now": now, "again": again}).fetchone()
    return None if row is None else ClaimedMail(*row)


def mark_sent(connection: Connection, mail_id: int, now: datetime) -> None:
    """Say that a mail was handed over."""
    raw(connection).execute("UPDATE mail SET sent_at = %s, next_attempt_at = NULL, fault = NULL WHERE id = %s", (now, mail_id))


def mark_failed(connection: Connection, mail_id: int, fault: str, again: datetime | None) -> None:
    """Say why a mail was not handed over, and when it is tried again; without that it is given up."""
    raw(connection).execute("UPDATE mail SET next_attempt_at = %s, fault = %s WHERE id = %s", (again, fault, mail_id))
