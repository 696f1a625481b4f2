"""What supervisors are told: requests that wait for them, offers that are full or over, changed days of their teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine

from scheduling.times import Clock, local_instant
from services.notices import NewNotice, tell_each, tell_supervisors
from storage import day_changes, leave, notices
from storage import swaps as stored_swaps
from storage.accounts import supervised, supervisors_of
from storage.addressees import account
from storage.day_changes import DayRevision
from storage.errors import domain_errors
from storage.leave import LeaveRequest
from storage.leave_tables import LeaveState
from storage.offers import Offer
from storage.publication import Publication
from storage.sites import earliest_start, zone_of_site
from storage.swaps import Swap

DUE: Final = "decision_due"
CHANGED: Final = "team_days_changed"
NEAR: Final = timedelta(hours=24)
"""So long before a request ends undecided, whoever could decide it is told once more."""


def tell_of_leave(connection: Connection, request: LeaveRequest, now: datetime) -> None:
    """Tell those who lead the team of a request for leave that it waits for a decision."""
    words = {"name": request.name, "first_day": request.first_day.isoformat(), "last_day": request.last_day.isoformat()}
    tell_supervisors(connection, [request.team_id], "leave_waits", words, now=now)


def tell_of_swap(connection: Connection, one: Swap, now: datetime) -> None:
    """Tell those who lead the team of whoever asked for a swap that it waits for a decision."""
    words = {
        "name": one.asker.name,
        "partner": one.partner.name,
        "day": one.days[0].isoformat(),
        "answer_at": _swap_ends_at(connection, one).isoformat(),
    }
    tell_supervisors(connection, [one.asker.team_id], "swap_waits", words, now=now)


def tell_of_offer(connection: Connection, one: Offer, kind: str, *, by: str, now: datetime) -> None:
    """Tell those who lead the team of an offer, or any team of the site, that its places are taken or that it is over."""
    teams = stored_swaps.teams_of(connection, one.site_id) if one.team_id is None else [one.team_id]
    words = {"day": one.day.isoformat(), "taken": one.taken, "places": one.places}
    tell_supervisors(connection, list(teams), kind, words, now=now, by=by)


def tell_of_days(
    connection: Connection, days: Mapping[int, int], made: Publication, *, soonest_at: datetime | None = None
) -> None:  # fmt: skip
    """Tell each supervisor how many published days of the own teams changed, except whoever changed them.

    Parameters
    ----------
    days
        How many days changed, by associate.
    soonest_at
        The soonest start among them; when it is near, the mail goes at once.
    """
    words = {
        "first_day": made.days.first.isoformat(),
        "last_day": made.days.last.isoformat(),
        "by": made.by,
        "reason": made.reason,
    }
    led = supervised(connection, list(days), besides=made.by)
    tell_each(
        connection,
        (
            NewNotice(account(who), CHANGED, {**words, "changed": sum(days[one] for one in mine)}, soonest_at)
            for who, mine in led.items()
        ),
        now=made.at,
    )


def tell_of_edits(
    connection: Connection, roster_id: int, fresh: Sequence[DayRevision], now: datetime, *, soonest_at: datetime | None
) -> None:  # fmt: skip
    """Tell each supervisor which days of the own teams an edit changed, together with what they have not read of earlier ones.

    Of moved breaks the floor tells them.
    """
    if not fresh:
        return
    led = supervised(connection, list({one.associate_id for one in fresh}), besides=fresh[-1].recorded_by)
    unread = notices.unread_of_roster(connection, roster_id, [CHANGED], [account(who) for who in led])
    notices.take_back(connection, [number for one in unread.values() for number in one.ids])
    since = {who: unread[account(who)].since if account(who) in unread else now for who in led}
    told = []
    for one in day_changes.edited_days(connection, roster_id, since):
        days = {"changed": one.days, "first_day": one.first_day.isoformat(), "last_day": one.last_day.isoformat()}
        words = {**days, "by": one.by, "reason": one.reason, "roster": roster_id, "since": since[one.account_id].isoformat()}
        who = account(one.account_id)
        told.append(NewNotice(who, CHANGED, words, soonest_at, unread[who].mail_by if who in unread else None))
    tell_each(connection, told, now=now)


def remind_of_decisions(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """Tell supervisors once of each request that ends undecided within a day; return how many notices that made."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        told = 0
        for team_id, subject, words, ends_at in _open_decisions(connection, site_id):
            if now < ends_at <= now + NEAR:
                led = supervisors_of(connection, [team_id])
                known = notices.told_lately(connection, led, DUE, now - 2 * NEAR)
                fresh = [one for one in led if (one, subject) not in known]
                given = {**words, "answer_at": ends_at.isoformat(), "subject": subject}
                told += tell_each(connection, (NewNotice(account(one), DUE, given, now) for one in fresh), now=now)
    return told


def _open_decisions(connection: Connection, site_id: int) -> list[tuple[int, str, dict[str, Any], datetime]]:
    """Return team, subject, words and end of every request of a site that waits for a decision."""
    zone = zone_of_site(connection, site_id)
    asked = [one for one in leave.open_requests(connection, site_id) if one.state is LeaveState.ASKED]
    accepted = stored_swaps.accepted_swaps(connection, site_id)
    return [
        *(
            (one.team_id, f"leave {one.id}", {"name": one.name, "day": one.first_day.isoformat()},
             local_instant(one.first_day, time(), zone))
            for one in asked
        ),
        *(
            (one.asker.team_id, f"swap {one.id}", {"name": one.asker.name, "day": one.days[0].isoformat()},
             _swap_ends_at(connection, one))
            for one in accepted
        ),
    ]  # fmt: skip


def _swap_ends_at(connection: Connection, one: Swap) -> datetime:
    """Return until when a swap has to be decided."""
    notice = timedelta(hours=stored_swaps.site_rule(connection, one.site_id).swap_notice_hours)
    starts = local_instant(one.days[0], earliest_start(connection, one.site_id), zone_of_site(connection, one.site_id))
    return starts - notice
