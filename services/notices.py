"""Notices: telling people something inside the transaction that does it, and what they have read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from scheduling.errors import BadInputError, Fault
from scheduling.times import Clock
from services.notice_kinds import KINDS
from storage import notices
from storage.accounts import supervisors_of
from storage.addressees import Addressee, account, associate
from storage.errors import domain_errors
from storage.notices import NewNotice, NoticeSetting, StoredNotice
from storage.publication import site_of_roster
from storage.rosters import record

__all__ = [
    "MOST_LISTED",
    "NewNotice",
    "NoticeSetting",
    "StoredNotice",
    "mark_read",
    "notices_of",
    "setting_of",
    "setting_of_roster",
    "tell",
    "tell_each",
    "tell_supervisors",
    "unread_count",
]

MOST_LISTED: Final = 50
MOST_URGENT_HOURS: Final = 336
MOST_BATCH_MINUTES: Final = 1440
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")


def tell(
    connection: Connection,
    associate_ids: Iterable[int],
    kind: str,
    parameters: Mapping[str, Any],
    *,
    now: datetime,
    concerns_at: datetime | None = None,
) -> int:
    """Tell associates the same; returns how many were told.

    It is stored when the transaction is, and not at all when the transaction fails.

    Parameters
    ----------
    kind
        A key of `services.notice_kinds.KINDS`.
    parameters
        What the words of that kind speak of, as plain values: dates and instants in ISO form.
    concerns_at
        Start of the shift that it is about; when that is near, the mail goes at once.
    """
    return tell_each(connection, (NewNotice(associate(one), kind, parameters, concerns_at) for one in associate_ids), now=now)


def tell_supervisors(
    connection: Connection, team_ids: Collection[int], kind: str, parameters: Mapping[str, Any], *, now: datetime, by: str = ""
) -> int:  # fmt: skip
    """Tell those who lead one of some teams the same, except whoever did it; returns how many were told.

    Parameters
    ----------
    by
        Sign-in name of whoever did what is told.
    """
    led = [account(one) for one in supervisors_of(connection, team_ids, besides=by)]
    return tell_each(connection, (NewNotice(one, kind, parameters) for one in led), now=now)


def tell_each(connection: Connection, new: Iterable[NewNotice], *, now: datetime) -> int:
    """Tell each associate or account something of their own; returns how many were told."""
    given = list(new)
    for kind, names in {(one.kind, frozenset(one.parameters)) for one in given}:
        _refuse_unsayable(kind, names)
    return notices.insert_notices(connection, given, now)


def _refuse_unsayable(kind: str, names: frozenset[str]) -> None:
    """Raise ValueError for a notice that could not be put into words when it is read; only a fault of the program makes one."""
    if kind not in KINDS:
        raise ValueError(f"There is no kind of notice {kind!r}; add its words to services.notice_kinds.")
    if missing := set(PLACEHOLDER.findall(KINDS[kind].title + KINDS[kind].body)) - names:
        raise ValueError(f"A notice {kind!r} needs {', '.join(sorted(missing))}.")


def unread_count(engine: Engine, who: Addressee) -> int:
    """Return how many notices somebody has not read."""
    with domain_errors(), engine.connect() as connection:
        return notices.unread_count(connection, who)


def notices_of(
    engine: Engine, who: Addressee, *, before_id: int | None = None, most: int = MOST_LISTED
) -> tuple[StoredNotice, ...]:
    """Return the newest notices of somebody, the newest first; with `before_id` only older ones than that."""
    with domain_errors(), engine.connect() as connection:
        return notices.notices_of(connection, who, most=most, before_id=before_id)


def mark_read(engine: Engine, who: Addressee, last_id: int, *, clock: Clock) -> int:
    """Mark the notices of somebody up to one as read; return how many were not."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        return notices.mark_read(connection, who, last_id, now)


def setting_of(engine: Engine, site_id: int) -> NoticeSetting:
    """Return when the mails of a site are sent."""
    with domain_errors(), engine.connect() as connection:
        return notices.setting_of(connection, site_id)


def setting_of_roster(engine: Engine, roster_id: int) -> NoticeSetting:
    """Return when the mails of the site of a roster are sent."""
    with domain_errors(), engine.connect() as connection:
        return notices.setting_of(connection, site_of_roster(connection, roster_id))


def save_setting(engine: Engine, site_id: int, setting: NoticeSetting, *, by: str, clock: Clock) -> None:
    """Set when the mails of a site are sent, with a line in the audit trail; BadInputError with every fault."""
    checks = (
        ("urgent_hours", 0 <= setting.urgent_hours <= MOST_URGENT_HOURS, f"Choose 0 to {MOST_URGENT_HOURS} hours."),
        ("batch_minutes", 0 <= setting.batch_minutes <= MOST_BATCH_MINUTES, f"Choose 0 to {MOST_BATCH_MINUTES} minutes."),
    )
    if faults := [
        Fault("notices", None, name, str(getattr(setting, name)), reason) for name, is_right, reason in checks if not is_right
    ]:
        raise BadInputError(faults)
    with domain_errors(), engine.begin() as connection:
        notices.put_setting(connection, site_id, setting)
        record(connection, clock.now(), by, "mail of notices set", ("site", site_id), None, **asdict(setting))
