"""Time: the horizon, its intervals, and elapsed minutes between local times.

All arithmetic is in *elapsed minutes since the start of the horizon* (local midnight of its first day), so that the two nights
a year on which clocks change need no special case: a day may have 1380 or 1500 minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Clock(Protocol):
    """Where the present comes from; tests give their own."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        return datetime.now(UTC)


def local_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the aware instant at which the clocks of `zone` show `wall` on `day`.

    A wall time that does not exist (spring) is taken as if the clocks had not yet been changed, a wall time that exists twice
    (autumn) is the first of the two.
    """
    naive = datetime.combine(day, wall, tzinfo=zone)
    return naive.astimezone(UTC).astimezone(zone)


@dataclass(frozen=True)
class Horizon:
    """The days for which a roster is made.

    Parameters
    ----------
    zone_name
        IANA name of the site's time zone.
    first_day
        Local date of the first day.
    weeks
        Length in weeks of seven days.
    interval_minutes
        Length of a requirement interval; divides an hour or is a multiple of it, and divides a day.
    """

    zone_name: str
    first_day: date
    weeks: int
    interval_minutes: int = 15

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.zone_name)

    @property
    def day_count(self) -> int:
        """Number of days."""
        return self.weeks * 7

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The local dates, first to last."""
        return tuple(self.first_day + timedelta(days=index) for index in range(self.day_count))

    @cached_property
    def start(self) -> datetime:
        """Local midnight at which the first day begins."""
        return local_instant(self.first_day, time(), self.zone)

    @cached_property
    def end(self) -> datetime:
        """Local midnight at which the last day ends."""
        return local_instant(self.first_day + timedelta(days=self.day_count), time(), self.zone)

    @cached_property
    def total_minutes(self) -> int:
        """Elapsed minutes from start to end."""
        return self.minute_of(self.end)

    @property
    def interval_count(self) -> int:
        """Number of requirement intervals."""
        return self.total_minutes // self.interval_minutes

    def minute_of(self, instant: datetime) -> int:
        """Return the elapsed minutes from the start of the horizon to `instant` (negative before it)."""
        return round((instant.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds() / 60)

    def instant_of(self, minute: int) -> datetime:
        """Return the local instant that lies `minute` elapsed minutes after the start."""
        return (self.start.astimezone(UTC) + timedelta(minutes=minute)).astimezone(self.zone)

    def minute_at(self, day_index: int, wall: time) -> int:
        """Return the elapsed minute at which clocks show `wall` on day `day_index` (which may lie outside the horizon)."""
        return _minute_at(self, day_index, wall)

    def day_index(self, day: date) -> int:
        """Return the index of a local date; negative before the first day."""
        return (day - self.first_day).days

    @cached_property
    def day_starts(self) -> NDArray[np.int64]:
        """Elapsed minute of each local midnight, shape (days + 1,)."""
        return np.array([self.minute_at(index, time()) for index in range(self.day_count + 1)], dtype=np.int64)

    @cached_property
    def interval_starts(self) -> tuple[datetime, ...]:
        """Local start of each interval, shape (intervals,)."""
        return tuple(self.instant_of(index * self.interval_minutes) for index in range(self.interval_count))


@lru_cache(maxsize=32_768)
def _minute_at(horizon: Horizon, day_index: int, wall: time) -> int:
    # Asked again and again of the same few horizons, and a zone takes its time to say when clocks change.
    return horizon.minute_of(local_instant(horizon.first_day + timedelta(days=day_index), wall, horizon.zone))
