"""Who is on a day, by team and timing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from scheduling.times import local_instant
from storage import tomorrow as stored
from storage.errors import domain_errors
from storage.sites import zone_of_site
from storage.tomorrow import PersonOfDay

__all__ = ["DayOfTeam", "PersonOfDay", "ShiftGroup", "team_days"]


@dataclass(frozen=True)
class ShiftGroup:
    """Those who have one shift, with their breaks as local times."""

    shift: str
    starts_at: datetime
    ends_at: datetime
    people: tuple[tuple[PersonOfDay, tuple[tuple[datetime, str], ...]], ...]


@dataclass(frozen=True)
class DayOfTeam:
    """A team on one day.

    Parameters
    ----------
    shifts
        Those who work, by timing.
    on_leave, off
        Those who do not.
    """

    team: str
    shifts: tuple[ShiftGroup, ...]
    on_leave: tuple[PersonOfDay, ...]
    off: tuple[PersonOfDay, ...]

    @property
    def working(self) -> tuple[PersonOfDay, ...]:
        """Everybody who has a shift."""
        return tuple(person for group in self.shifts for person, _ in group.people)

    @property
    def absent(self) -> int:
        """How many of those are recorded as absent."""
        return sum(bool(one.absence) for one in self.working)

    @property
    def unconfirmed(self) -> int:
        """How many of those have not confirmed the roster as it is now."""
        return sum(not one.is_confirmed for one in self.working)


def team_days(
    engine: Engine, site_id: int, day: date, *, team_ids: Collection[int] | None = None
) -> tuple[DayOfTeam, ...]:  # fmt: skip
    """Return every team on a day, in the order of their names; none when nothing is published for it."""
    with domain_errors(), engine.connect() as connection:
        zone = zone_of_site(connection, site_id)
        people = stored.people_of_day(connection, site_id, day, team_ids)
    return tuple(_team(name, tuple(of_team), day, zone) for name, of_team in groupby(people, key=lambda one: one.team))


def _team(name: str, people: tuple[PersonOfDay, ...], day: date, zone: ZoneInfo) -> DayOfTeam:
    working = (one for one in people if one.kind == "shift")
    groups = groupby(working, key=lambda one: (one.starts_at or time(), one.shift or "", one.span_minutes or 0))
    return DayOfTeam(
        name,
        tuple(_group(key, tuple(found), day, zone) for key, found in groups),
        tuple(one for one in people if one.kind == "leave"),
        tuple(one for one in people if one.kind == "off"),
    )


def _group(key: tuple[time, str, int], people: tuple[PersonOfDay, ...], day: date, zone: ZoneInfo) -> ShiftGroup:
    wall, code, span = key
    start = local_instant(day, wall, zone)

    @cache
    def after(minutes: int) -> datetime:
        # Elapsed minutes: a shift over a change of the clocks ends when it ends.
        return (start.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)).astimezone(zone)

    return ShiftGroup(
        code,
        start,
        after(span),
        tuple((one, tuple((after(slot.start_minute), slot.kind) for slot in one.breaks)) for one in people),
    )
