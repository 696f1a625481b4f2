"""Notices of changed days: one for each person and roster while it is unread, however many edits the changes took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from scheduling.times import local_instant
from services.notices import NewNotice, tell_each
from services.supervisor_notices import tell_of_edits
from storage import day_changes, notices
from storage.addressees import Addressee, associate
from storage.day_changes import DayKey, DayRevision, DayState
from storage.notices import Unread
from storage.publication import site_of_roster
from storage.sites import zone_of_site

KINDS: Final = ("shift_changed", "breaks_changed", "days_changed")


def tell_of_changes(connection: Connection, roster_id: int, changed: Collection[DayKey], now: datetime) -> None:
    """Tell everybody whose days an edit changed, and their supervisors; what is unread of earlier edits becomes part of it."""
    zone = zone_of_site(connection, site_of_roster(connection, roster_id))
    # Days that are over are in the history; nobody needs to be told of them.
    first = now.astimezone(zone).date() - timedelta(days=1)
    people = sorted({who for who, day in changed if day >= first})
    unread = notices.unread_of_roster(connection, roster_id, KINDS, [associate(who) for who in people])
    since = min((one.since for one in unread.values()), default=now)
    found: dict[Addressee, list[DayRevision]] = defaultdict(list)
    for one in day_changes.revisions_of_roster(connection, roster_id, people, since):
        who = associate(one.associate_id)
        if one.day >= first and (one.recorded_at == now or (who in unread and one.recorded_at >= unread[who].since)):
            found[who].append(one)
    notices.take_back(connection, [number for one in unread.values() for number in one.ids])
    told = (notice for who, days in found.items() for notice in _notices_of(who, days, unread.get(who), zone, now))
    tell_each(connection, told, now=now)
    fresh = [one for days in found.values() for one in days if one.recorded_at == now and not one.is_breaks_only]
    tell_of_edits(connection, roster_id, fresh, now, soonest_at=_soonest(fresh, zone))


def _notices_of(
    who: Addressee, revisions: Collection[DayRevision], unread: Unread | None, zone: ZoneInfo, now: datetime
) -> Iterable[NewNotice]:
    """Yield the one notice of what became of days of somebody; none when all is as it was, and no mail said otherwise."""
    days = _joined(revisions)
    if not days and unread is not None and unread.is_mailed:
        days = _joined(one for one in revisions if one.recorded_at == now)
    if not days:
        return
    since, mail_by = (now, None) if unread is None else (unread.since, unread.mail_by)
    about = {"roster": days[0].roster_id, "since": since.isoformat()}
    kind, words = _words_of(days[0], zone) if len(days) == 1 else ("days_changed", _words_of_many(days))
    yield NewNotice(who, kind, {**about, **words}, _soonest(days, zone), mail_by)


def _joined(revisions: Iterable[DayRevision]) -> list[DayRevision]:
    """Return for each day what it was at first and is at last, without those that are as they were."""
    days: dict[date, DayRevision] = {}
    for one in revisions:
        days[one.day] = replace(one, before=days[one.day].before) if one.day in days else one
    return [one for _, one in sorted(days.items()) if one.before != one.after]


def _words_of(one: DayRevision, zone: ZoneInfo) -> tuple[str, dict[str, Any]]:
    words: dict[str, Any] = {"day": one.day.isoformat(), "reason": one.reason}
    if one.is_breaks_only:
        return "breaks_changed", words
    sides = {"before": day_document(one.day, one.before, zone), "after": day_document(one.day, one.after, zone)}
    return "shift_changed", words | sides


def _words_of_many(days: Collection[DayRevision]) -> dict[str, Any]:
    dates = [one.day for one in days]
    reasons = dict.fromkeys(one.reason for one in days if one.reason)
    return {
        "changed": len(dates),
        "first_day": min(dates).isoformat(),
        "last_day": max(dates).isoformat(),
        "reason": "; ".join(reasons),
    }


def _soonest(days: Iterable[DayRevision], zone: ZoneInfo) -> datetime | None:
    return min((start for one in days if (start := soonest_start(one, zone)) is not None), default=None)


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
