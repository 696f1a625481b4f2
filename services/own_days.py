"""An associate's own days: what is published, what changed since the last look, and the confirmation of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from scheduling.errors import NotFoundError
from scheduling.times import Clock
from services.preferences import Reader
from storage import confirmations, day_changes, own_days, preferences
from storage.confirmations import Asked, ConfirmationState
from storage.day_changes import DayRevision
from storage.errors import domain_errors
from storage.own_days import OwnDay, OwnShift

__all__ = [
    "Agenda", "Asked", "ConfirmationState", "DayRevision", "OwnDay", "OwnShift", "agenda", "changes_for", "confirm",
    "confirmations_of", "mark_changes_seen",
]  # fmt: skip

LONGEST_LOOK_BACK: Final = timedelta(days=28)
"""So far back the page of changes goes at the first look, and whenever somebody asks for more."""


@dataclass(frozen=True)
class Agenda:
    """The days of an associate between two dates.

    Parameters
    ----------
    days
        By date; a date without a published roster is missing.
    unseen
        Dates that changed since the associate last looked at changes.
    asked
        Rosters in force from today on, confirmed or not.
    """

    days: Mapping[date, OwnDay]
    unseen: frozenset[date]
    asked: tuple[Asked, ...]

    @property
    def to_confirm(self) -> tuple[Asked, ...]:
        """The rosters that wait for a confirmation."""
        return tuple(one for one in self.asked if not one.is_confirmed)


def agenda(engine: Engine, reader: Reader, first_day: date, last_day: date, *, clock: Clock) -> Agenda:
    """Return the days of an associate from one date to another, both included."""
    now, zone = clock.now(), ZoneInfo(reader.zone_name)
    with domain_errors(), engine.connect() as connection:
        days = own_days.own_days(connection, reader.associate_id, zone, first_day, last_day, now=now)
        changed = day_changes.change_counts(connection, reader.associate_id, first_day, last_day)
        asked = confirmations.asked(connection, reader.associate_id, now.astimezone(zone).date())
    since = reader.changes_seen_at
    unseen = frozenset(day for day, (_, last) in changed.items() if since is None or last > since)
    return Agenda({one.day: one for one in days}, unseen, asked)


def changes_for(engine: Engine, reader: Reader, *, clock: Clock) -> tuple[tuple[DayRevision, ...], tuple[DayRevision, ...]]:
    """Return what changed since the last look, and what had changed in the weeks before it; the newest first."""
    oldest = clock.now() - LONGEST_LOOK_BACK
    with domain_errors(), engine.connect() as connection:
        found = day_changes.revisions_since(connection, reader.associate_id, oldest)[::-1]
    seen = reader.changes_seen_at or oldest
    return tuple(one for one in found if one.recorded_at > seen), tuple(one for one in found if one.recorded_at <= seen)


def mark_changes_seen(engine: Engine, associate_id: int, until: datetime) -> None:
    """Say that an associate has looked at the changes recorded up to an instant."""
    with domain_errors(), engine.begin() as connection:
        preferences.mark_changes_seen(connection, associate_id, until)


def confirm(engine: Engine, associate_id: int, roster_id: int, *, clock: Clock) -> None:
    """Confirm a published roster; NotFoundError when the associate stands in no published roster with this id."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        if not confirmations.confirm(connection, roster_id, associate_id, now):
            raise NotFoundError(f"Roster {roster_id} is not published, or you do not stand in it.")


def confirmations_of(engine: Engine, roster_id: int, *, team_ids: Collection[int] | None = None) -> tuple[ConfirmationState, ...]:
    """Return who has confirmed a published roster and who has not, by team and name.

    Parameters
    ----------
    team_ids
        The teams that are wanted; all without it.
    """
    with domain_errors(), engine.connect() as connection:
        return confirmations.states(connection, roster_id, team_ids)
