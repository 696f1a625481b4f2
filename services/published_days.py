"""Changes of published days: recorded in the history and told to whose days they are, in the transaction that makes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services import notices
from services.day_notices import tell_of_changes
from services.notices import NewNotice
from services.supervisor_notices import tell_of_days
from storage import day_changes
from storage.addressees import associate
from storage.day_changes import DayFacts, DayKey
from storage.publication import Publication
from storage.rosters import RosterSummary


@contextmanager
def changing(
    connection: Connection, roster_id: int, days: Collection[DayKey], *, by: str, now: datetime, reason: str = ""
) -> Iterator[None]:
    """Record and tell what the block changes of days of a roster that are in force; of a draft nothing is.

    Parameters
    ----------
    days
        Associate and date of every day that the block may change.
    reason
        Why, in words for the associate.
    """
    before = day_changes.days_in_force(connection, roster_id, days)
    yield
    after = day_changes.days_in_force(connection, roster_id, days)
    changed = {
        key: (before.get(key, DayFacts()), after.get(key, DayFacts()))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    }
    if changed:
        day_changes.record_changes(connection, roster_id, changed, by=by, at=now, reason=reason)
        tell_of_changes(connection, roster_id, changed, now)


def tell_of_publication(
    connection: Connection, head: RosterSummary, affected: Collection[day_changes.Affected], made: Publication
) -> int:
    """Tell everybody whose days a publication brings or changes, each once, with its reason; returns how many were told."""
    parameters: dict[str, Any] = {
        "roster": head.id,
        "first_day": made.days.first.isoformat(),
        "last_day": made.days.last.isoformat(),
    }
    # Who hears of their days late is told why.
    late = "_late" if made.is_late else ""
    parameters |= {"reason": made.reason} if made.is_late else {}
    changes = [
        NewNotice(associate(one.associate_id), f"roster_changed{late}", {**parameters, "changed": one.days}, one.soonest_at)
        for one in affected
    ]
    seen = {one.associate_id for one in affected}
    fresh = [
        NewNotice(associate(who), f"roster_published{late}", parameters, soonest)
        for who, soonest in day_changes.newly_published(connection, head.id, made).items()
        if who not in seen
    ]
    soonest = min((one.soonest_at for one in affected if one.soonest_at is not None), default=None)
    tell_of_days(connection, {one.associate_id: one.days for one in affected}, made, soonest_at=soonest)
    return notices.tell_each(connection, [*changes, *fresh], now=made.at)
