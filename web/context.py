"""What every view needs of its application: the database engine, the clock, and the site that is looked at."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Engine

from config import Settings
from scheduling.errors import NotFoundError
from scheduling.times import Clock
from services import publishing, reading
from services.passwords import Passwords
from services.reading import RosterState, RosterSummary, SiteFacts


def engine() -> Engine:
    """Return the engine of this application's database."""
    return cast("Engine", current_app.extensions["engine"])


def clock() -> Clock:
    """Return the clock of this application."""
    return cast("Clock", current_app.extensions["clock"])


def now() -> datetime:
    """Return the present by this application's clock."""
    return clock().now()


def today(zone_name: str) -> date:
    """Return the local date of a site."""
    return now().astimezone(ZoneInfo(zone_name)).date()


def passwords() -> Passwords:
    """Return what makes and checks the hashes of passwords."""
    return cast("Passwords", current_app.extensions["passwords"])


def instance_folder() -> Path:
    """Return the folder of everything that this installation writes."""
    return cast("Settings", current_app.extensions["settings"]).make_instance_dir()


def first_site() -> SiteFacts | None:
    """Return the site that the pages are about, or nothing before an operation is loaded."""
    return next(iter(reading.list_sites(engine())), None)


class NoOperationError(NotFoundError):
    """A page needs a site, and no operation is loaded yet."""


def the_site() -> SiteFacts:
    """Return the site that the pages are about; NoOperationError before an operation is loaded."""
    site = first_site()
    if site is None:
        raise NoOperationError(
            "There is no operation in the database yet. Load the sample operation with flask sample load, then come back."
        )
    return site


def left_to_publish(roster: RosterSummary) -> tuple[date, ...]:
    """Return the days of a published roster for which nothing is published, so that they can be published still."""
    return publishing.days_left(engine(), roster.id) if roster.state is RosterState.PUBLISHED else ()


def took_its_place(roster: RosterSummary) -> tuple[RosterSummary, ...]:
    """Return the rosters that were published later for days of a published roster; a draft never had a place."""
    return () if roster.state is RosterState.DRAFT else publishing.in_its_place(engine(), roster.id)
