"""Changes of published days: recorded in the history and told to whose days they are, in the transaction that makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from scheduling.times import local_instant
from services import notices
from services.notices import NewNotice
from services.supervisor_notices import tell_of_days
from storage import day_changes
from storage.addressees import associate
from storage.day_changes import DayFacts, DayKey, DayRevision, DayState
from storage.publication import Days, Publication, site_of_roster
from storage.rosters import RosterSummary
from storage.sites import zone_of_site


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
        _tell_of_days(connection, roster_id, changed, now)


def _tell_of_days(connection: Connection, roster_id: int, changed: Collection[DayKey], now: datetime) -> None:
    zone = zone_of_site(connection, site_of_roster(connection, roster_id))
    found = day_changes.revisions_of(connection, {who for who, _ in changed}, now)
    # Days that are over are in the history; nobody needs to be told of them.
    today = now.astimezone(zone).date()
    fresh = [one for one in found if (one.associate_id, one.day) in changed and one.day >= today - timedelta(days=1)]
    notices.tell_each(connection, [_notice_of(one, zone) for one in fresh], now=now)
    _tell_supervisors(connection, [one for one in fresh if not one.is_breaks_only], zone, now)


def _tell_supervisors(connection: Connection, fresh: Collection[DayRevision], zone: ZoneInfo, now: datetime) -> None:
    """Tell supervisors of changed days of their teams; of moved breaks the floor tells them."""
    if not fresh:
        return
    newest = max(fresh, key=lambda one: one.recorded_at)
    days = Days(min(one.day for one in fresh), max(one.day for one in fresh))
    soonest = min((start for one in fresh if (start := soonest_start(one, zone)) is not None), default=None)
    made = Publication(days, now, newest.recorded_by, newest.reason, None, 0)
    tell_of_days(connection, Counter(one.associate_id for one in fresh), made, soonest_at=soonest)


def _notice_of(one: DayRevision, zone: ZoneInfo) -> NewNotice:
    parameters: dict[str, Any] = {"day": one.day.isoformat(), "reason": one.reason}
    if not one.is_breaks_only:
        parameters |= {"before": day_document(one.day, one.before, zone), "after": day_document(one.day, one.after, zone)}
    kind = "breaks_changed" if one.is_breaks_only else "shift_changed"
    return NewNotice(associate(one.associate_id), kind, parameters, soonest_start(one, zone))


def day_document(day: date, state: DayState, zone: ZoneInfo) -> dict[str, Any]:
    """Return what a day is, as a notice keeps it."""
    if state.starts_at is None or state.span_minutes is None:
        return {"kind": state.kind}
    start = local_instant(day, state.starts_at, zone)
    # Elapsed minutes, so that a shift over a change of the clocks ends when it ends.
    end = (start.astimezone(UTC) + timedelta(minutes=state.span_minutes)).astimezone(zone)
    return {"kind": state.kind, "starts_at": start.isoformat(), "ends_at": end.isoformat(), "place": state.place}


def soonest_start(one: DayRevision, zone: ZoneInfo) -> datetime | None:
    """Return the earlier start of what a day was and what it is; ``None`` when it is and was without a shift."""
    starts = [local_instant(one.day, side.starts_at, zone) for side in (one.before, one.after) if side.starts_at is not None]
    return min(starts, default=None)


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
