"""Presence: taking an event, and telling an associate what the floor knows of the moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from scheduling.duties import Duty, PlannedBreak
from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.presence import PresenceEvent, PresenceState
from scheduling.times import Clock
from scheduling.words import N_, Moment, Words
from storage import duties, presence
from storage.errors import domain_errors
from storage.sites import person, zone_of_site

FUTURE_TOLERANCE: Final = timedelta(minutes=2)
"""Clocks of devices run ahead; an event up to so much ahead is taken as of now."""
OLDEST: Final = timedelta(hours=36)
"""An event that arrives later changes a day that was paid or discussed already; a supervisor records it as an absence."""
LOOK_AHEAD: Final = timedelta(days=2)


@dataclass(frozen=True)
class DeskNow:
    """What the floor knows of an associate at this moment.

    Parameters
    ----------
    since
        When the state began; ``None`` for somebody who has no desk, and so was never signed in.
    duty
        The duty that goes on now; ``None`` between duties.
    next_duty
        The next one that is to begin, as far as the floor is open.
    break_now, next_break
        The planned break whose time it is, and the next planned one of the duty.
    zone_name
        Zone of the site, for times in words.
    """

    associate_id: int
    state: PresenceState
    since: datetime | None
    duty: Duty | None
    next_duty: Duty | None
    break_now: PlannedBreak | None
    next_break: PlannedBreak | None
    zone_name: str


def record(engine: Engine, associate_id: int, event: PresenceEvent, *, by: str, clock: Clock) -> DeskNow:
    """Take a presence event; sent twice, it counts once.

    The state of the desk is that after the last event in the order of time: an event that arrives late changes the ledger, not
    the desk. Who stops working gives open leases back. A sign-in without a duty is taken, and gives no work.

    Raises
    ------
    BadInputError
        When it lies in the future or too far in the past.
    ConflictError
        When the id was used for another event.
    NotFoundError
        When the associate has no desk.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        taken = _in_time(event, now, zone_of_site(connection, presence.read_desk(connection, associate_id).site_id))
        before = presence.lock_desk(connection, associate_id)
        if presence.append_event(connection, associate_id, taken, by=by, now=now):
            presence.settle_desks(connection, [associate_id])
            state = presence.read_desk(connection, associate_id).state
            if state is not before and state is not PresenceState.WORKING:
                presence.release_leases(connection, [associate_id])
        elif presence.event_with_id(connection, event.event_id) != (associate_id, event.kind):
            raise ConflictError(
                f"The id {event.event_id} belongs to another presence event; give every event an id of its own. Nothing was kept."
            )
        return _desk_now(connection, associate_id, now)


def desk_of(engine: Engine, associate_id: int, *, clock: Clock) -> DeskNow:
    """Return what the floor knows of an associate now."""
    with domain_errors(), engine.connect() as connection:
        return _desk_now(connection, associate_id, clock.now())


def _in_time(event: PresenceEvent, now: datetime, zone: ZoneInfo) -> PresenceEvent:
    """Return the event with an instant that is not in the future; BadInputError when it cannot be taken."""
    if event.occurred_at.tzinfo is None:
        raise _refused(event, Words("This time has no zone; write it with one, such as 2027-01-04T09:30:00+01:00."))
    at = event.occurred_at.astimezone(UTC)
    shown = Moment(at.astimezone(zone), now.astimezone(zone).date())
    if at > now + FUTURE_TOLERANCE:
        future = Words("The event of %(time)s lies in the future; set the clock of the device and send it again.", time=shown)
        raise _refused(event, future)
    if at < now - OLDEST:
        hours = OLDEST // timedelta(hours=1)
        old = N_("The event of %(time)s is older than %(hours)s hours; ask a supervisor to correct that day.")
        raise _refused(event, Words(old, time=shown, hours=hours))
    return replace(event, occurred_at=min(at, now))


def _refused(event: PresenceEvent, reason: str) -> BadInputError:
    return BadInputError([Fault("presence", None, "occurred_at", event.occurred_at.isoformat(), reason)])


def _desk_now(connection: Connection, associate_id: int, now: datetime) -> DeskNow:
    desk, who = presence.find_desk(connection, associate_id), person(connection, associate_id)
    near = duties.duties_near(connection, associate_id, now, now + LOOK_AHEAD)
    duty = next((one for one in near if one.starts_at <= now < one.ends_at), None)
    breaks = duty.breaks if duty else ()
    return DeskNow(
        associate_id=associate_id,
        state=desk.state if desk else PresenceState.SIGNED_OUT,
        since=desk.since if desk else None,
        duty=duty,
        next_duty=next((one for one in near if one.starts_at > now), None),
        break_now=next((one for one in breaks if one.holds(now)), None),
        next_break=next((one for one in breaks if one.starts_at > now), None),
        zone_name=zone_of_site(connection, who.site_id).key,
    )
