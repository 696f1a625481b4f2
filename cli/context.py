"""What a command needs of its application: settings, clock, a database that is ready, a site, a name to sign with."""

from __future__ import annotations

import getpass
from datetime import date, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Engine

from config import Settings
from scheduling.errors import ConflictError, NotFoundError
from scheduling.times import Clock
from services import reading
from services.passwords import Passwords
from services.reading import SiteFacts


def settings() -> Settings:
    """Return the configuration."""
    return cast("Settings", current_app.extensions["settings"])


def clock() -> Clock:
    """Return the clock of the application."""
    return cast("Clock", current_app.extensions["clock"])


def engine() -> Engine:
    """Return the engine of the database, whatever its schema."""
    return cast("Engine", current_app.extensions["engine"])


def passwords() -> Passwords:
    """Return what makes the hashes of passwords, at the cost that is configured."""
    return Passwords(settings().password_memory_kib, settings().password_passes)


def ready_engine() -> Engine:
    """Return the engine of a database whose schema is that of the code.

    Raises
    ------
    ConflictError
        When the schema is another one.
    DatabaseUnavailableError
        When the database cannot be reached.
    """
    from storage import migrate  # noqa: PLC0415 (slow to import, and not every command needs it)

    there, wanted = migrate.current(engine()), migrate.head()
    if there != wanted:
        state = "has no schema yet" if there is None else f"has the schema {there}, not {wanted}"
        raise ConflictError(f"The database {state}; run `flask db upgrade` first.")
    return engine()


def chosen_site(code: str | None) -> SiteFacts:
    """Return the site with a code, or the only one there is.

    Raises
    ------
    NotFoundError
        When there is none, or the code is needed to tell several apart.
    """
    sites = {site.code: site for site in reading.list_sites(ready_engine())}
    if not sites:
        raise NotFoundError("There is no site; load an operation first, for example with `flask sample load`.")
    if code is None and len(sites) > 1:
        raise NotFoundError(f"There are several sites; say which one with --site: {', '.join(sites)}.")
    if code is not None and code not in sites:
        raise NotFoundError(f"There is no site {code!r}; there is {', '.join(sites)}.")
    return sites[code or next(iter(sites))]


def today(zone_name: str) -> date:
    """Return the local date in a zone."""
    return clock().now().astimezone(ZoneInfo(zone_name)).date()


def monday_after(day: date) -> date:
    """Return the first Monday after a day."""
    return day + timedelta(days=7 - day.weekday())


def signature() -> str:
    """Return the name under which the audit trail keeps what a command did: that of the user of the machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
