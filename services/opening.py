"""Opening the floor: the published roster becomes duties, desks, mixes and lanes, again and again with the same outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from scheduling.times import Clock, local_instant
from services.lanes import put_lanes, refresh_weights
from storage import duties, opening, presence
from storage.errors import domain_errors
from storage.publication import site_of_roster
from storage.sites import zone_of_site

MOST_MISSED: Final = timedelta(days=62)
"""So far back days are made good on which nobody opened the floor: two pay periods of a month."""


@dataclass(frozen=True)
class Opened:
    """What opening the floor changed; nothing but zeros when all was there.

    Parameters
    ----------
    duties
        Duties that are new or follow a newer roster.
    desks
        New desks.
    lanes
        New lanes.
    """

    duties: int
    desks: int
    lanes: int


def open_floor(engine: Engine, site_id: int, *, clock: Clock) -> Opened:
    """Put what is published for yesterday, today and tomorrow on the floor of a site.

    Days on which nobody opened the floor, since the worker was down, are made good: their shifts count for hours and allowance.
    A duty that has begun stays as it is, whatever is published later. May be called at any time, and as often as one likes;
    two short transactions, so that work on the floor never waits long for it.

    Raises
    ------
    NotFoundError
        When there is no such site.
    """
    now = clock.now()
    with domain_errors():
        with engine.begin() as connection:
            zone = zone_of_site(connection, site_id)
            opening.lock_opening(connection, site_id)
            changed = _put_duties(connection, site_id, zone, now)
        with engine.begin() as connection:
            opening.lock_opening(connection, site_id)
            desks, moved = opening.put_desks(connection, site_id, now)
            presence.settle_desks(connection, desks)
            mixes = opening.put_queues(connection, site_id)
            new_lanes = put_lanes(connection, site_id, now)
            if new_lanes or mixes or moved:
                refresh_weights(connection, site_id=site_id)
    return Opened(changed, len(desks), new_lanes)


def open_floor_of(engine: Engine, roster_id: int, *, clock: Clock) -> Opened:
    """Open the floor of the site of a roster, so that what was just published is in force at once and not in a minute.

    Raises
    ------
    NotFoundError
        When there is no such roster.
    """
    with domain_errors(), engine.connect() as connection:
        site_id = site_of_roster(connection, roster_id)
    return open_floor(engine, site_id, clock=clock)


def _put_duties(connection: Connection, site_id: int, zone: ZoneInfo, now: datetime) -> int:
    days = _days_to_open(now.astimezone(zone).date(), opening.last_duty_day(connection, site_id))
    starts = _starts(opening.timings(connection, site_id), days, zone)
    changed = opening.put_duties(connection, site_id, days, starts, now)
    if changed:
        # Read in a statement of its own: whoever recorded an absence meanwhile has ended, since both lock the duty.
        duties.write_stretches(connection, duties.duties_of(connection, changed))
    return len(changed)


def _days_to_open(today: date, last: date | None) -> list[date]:
    """Return yesterday, today and tomorrow, and before them the days that went by while nobody opened the floor."""
    first = today - timedelta(days=1)
    if last is not None:
        first = max(min(first, last + timedelta(days=1)), today - MOST_MISSED)
    return [first + timedelta(days=offset) for offset in range((today - first).days + 2)]


def _starts(timings: Mapping[int, time], days: Sequence[date], zone: ZoneInfo) -> dict[tuple[int, date], datetime]:
    return {(shift, day): local_instant(day, wall, zone) for shift, wall in timings.items() for day in days}
