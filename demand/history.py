"""The volume history: jobs and handling times per queue on a regular grid over whole local dates.

The grid is regular in *elapsed* time; every interval also knows its local date and its wall-clock slot. So a night on which
clocks change has 92 or 100 quarter hours, and 09:00 is the same slot on both sides of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from math import gcd
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demand.rows import DEFAULT_FILE, VolumeRows, checked_rows, rows_fault
from scheduling.errors import BadInputError
from scheduling.times import local_instant

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MINUTES_PER_DAY = 1440


def epoch_minute(instant: datetime) -> int:
    """Return the whole minutes from 1970-01-01T00:00Z to an aware instant."""
    return round(instant.timestamp() / 60)


@dataclass(frozen=True)
class DayGrid:
    """Intervals of equal length over whole local dates.

    Parameters
    ----------
    zone_name
        IANA name of the site's time zone.
    first_day
        Local date of the first day.
    day_count
        Number of days.
    interval_minutes
        Length of an interval; divides an hour, so that wall-clock slots survive a change of clocks.
    """

    zone_name: str
    first_day: date
    day_count: int
    interval_minutes: int

    def __post_init__(self) -> None:
        """Refuse an interval that does not divide an hour, and a grid without days."""
        if self.interval_minutes < 1 or 60 % self.interval_minutes:
            raise ValueError(f"An interval of {self.interval_minutes} minutes does not divide an hour.")
        if self.day_count < 1:
            raise ValueError(f"A grid needs at least one day, not {self.day_count}.")

    def _midnight(self, day_index: int) -> int:
        day = self.first_day + timedelta(days=day_index)
        return epoch_minute(local_instant(day, time(), ZoneInfo(self.zone_name)))

    @cached_property
    def start_minute(self) -> int:
        """Epoch minute of the first local midnight."""
        return self._midnight(0)

    @cached_property
    def interval_count(self) -> int:
        """Number of intervals."""
        return (self._midnight(self.day_count) - self.start_minute) // self.interval_minutes

    @property
    def slots_per_day(self) -> int:
        """Number of wall-clock slots of an ordinary day."""
        return MINUTES_PER_DAY // self.interval_minutes

    @cached_property
    def edges(self) -> Ints:
        """Epoch minutes between which the intervals lie, shape (intervals + 1,)."""
        return self.start_minute + self.interval_minutes * np.arange(self.interval_count + 1, dtype=np.int64)

    @cached_property
    def day_of_interval(self) -> Ints:
        """Index of the local date of each interval, shape (intervals,)."""
        midnights = [self._midnight(index) for index in range(self.day_count + 1)]
        return np.asarray(np.searchsorted(midnights, self.edges[:-1], side="right") - 1, dtype=np.int64)

    @cached_property
    def slot_of_interval(self) -> Ints:
        """Wall-clock slot of each interval, shape (intervals,)."""
        local = pd.DatetimeIndex(self.edges[:-1] * 60 * 10**9, tz="UTC").tz_convert(self.zone_name)
        return np.asarray((local.hour * 60 + local.minute) // self.interval_minutes, dtype=np.int64)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The local dates, first to last."""
        return tuple(self.first_day + timedelta(days=index) for index in range(self.day_count))

    @cached_property
    def weekdays(self) -> Ints:
        """Weekday of each date, Monday is 0, shape (days,)."""
        return (self.first_day.weekday() + np.arange(self.day_count, dtype=np.int64)) % 7

    def on_wall(self, values: Floats) -> Floats:
        """Return the mean of `values` (intervals,) by date and wall-clock slot, shape (days, slots), NaN where none is known.

        A slot that occurs twice on a date (clocks put back) is the mean of the two, one that is skipped is NaN.
        """
        cell = self.day_of_interval * self.slots_per_day + self.slot_of_interval
        known = ~np.isnan(values)
        size = self.day_count * self.slots_per_day
        count = np.bincount(cell[known], minlength=size).astype(np.float64)
        total = np.bincount(cell[known], weights=values[known], minlength=size)
        table = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        return np.asarray(table.reshape(self.day_count, self.slots_per_day), dtype=np.float64)


class WallTable(NamedTuple):
    """One queue by date and wall-clock slot, NaN where missing; both have the shape (days, slots)."""

    jobs: Floats
    """Jobs per interval."""
    work: Floats
    """Handling seconds per interval; NaN also where the handling time is unknown."""


@dataclass(frozen=True)
class VolumeSeries:
    """Volumes of some queues over whole local dates.

    Parameters
    ----------
    queues
        Names, in the order of the rows of the arrays.
    jobs
        Jobs that arrive, shape (queues, intervals), NaN where missing.
    aht_seconds
        Average handling time of these jobs, shape (queues, intervals), NaN where missing.
    """

    grid: DayGrid
    queues: tuple[str, ...]
    jobs: Floats
    aht_seconds: Floats

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, zone_name: str, *, row_minutes: int | None = None, file: str = DEFAULT_FILE
    ) -> VolumeSeries:
        """Build the series from a tidy table with ``starts_at`` (aware), ``queue``, ``jobs`` and ``aht_seconds``.

        Parameters
        ----------
        row_minutes
            Time that a row covers; by default the usual distance between successive rows of a queue, a day at most.
            The jobs of a row that covers more than a grid interval are spread evenly.
        file
            What to call the table in messages.

        Raises
        ------
        BadInputError
            With every row that is naive, negative, not finite, twice, or reaches into the next row.
        """
        rows = checked_rows(frame, file)
        span = row_minutes or min(MINUTES_PER_DAY, rows.usual_distance() or 60)
        _refuse_overlaps(rows, span, file)
        zone = ZoneInfo(zone_name)
        first = datetime.fromtimestamp(int(rows.minutes.min()) * 60, tz=zone).date()
        last = datetime.fromtimestamp((int(rows.minutes.max()) + span) * 60 - 1, tz=zone).date()
        midnight = epoch_minute(local_instant(first, time(), zone))
        piece = gcd(span, 60, int(np.gcd.reduce(rows.minutes - midnight)))
        grid = DayGrid(zone_name, first, (last - first).days + 1, piece)
        return cls._placed(rows, grid, span // piece)

    @classmethod
    def _placed(cls, rows: VolumeRows, grid: DayGrid, pieces: int) -> VolumeSeries:
        """Put the rows on the grid, each in `pieces` equal parts."""
        shape = (len(rows.queues), grid.interval_count)
        jobs, aht = np.full(shape, np.nan), np.full(shape, np.nan)
        at = ((rows.minutes - grid.start_minute) // grid.interval_minutes)[:, None] + np.arange(pieces)
        jobs[rows.queue_of_row[:, None], at] = rows.jobs[:, None] / pieces
        aht[rows.queue_of_row[:, None], at] = rows.aht_seconds[:, None]
        return cls(grid, rows.queues, jobs, aht)

    def wall_table(self, queue: int) -> WallTable:
        """Return one queue by date and wall-clock slot."""
        work = np.where(self.jobs[queue] == 0, 0.0, self.jobs[queue] * self.aht_seconds[queue])
        return WallTable(self.grid.on_wall(self.jobs[queue]), self.grid.on_wall(work))

    def short_gaps(self, queue: int) -> Bools:
        """Return which intervals are missing between two known ones less than a day apart, shape (intervals,)."""
        known = np.flatnonzero(~np.isnan(self.jobs[queue]))
        gap = np.zeros(self.grid.interval_count, dtype=bool)
        distance = np.diff(known)
        for first, last in zip(known[:-1][distance > 1], known[1:][distance > 1], strict=True):
            gap[first + 1 : last] = last - first < self.grid.slots_per_day
        return gap

    def looks_sparse(self, queue: int) -> bool:
        """Whether the source left out the intervals without jobs: there are short gaps, and no row says zero."""
        return bool(self.short_gaps(queue).any()) and not bool((self.jobs[queue] == 0).any())

    def with_gaps_as_zero(self) -> VolumeSeries:
        """Return the series with zero jobs in short gaps; longer ones, and what lies before and after the rows, stay missing."""
        gaps = np.array([self.short_gaps(queue) for queue in range(len(self.queues))])
        return VolumeSeries(self.grid, self.queues, np.where(gaps, 0.0, self.jobs), self.aht_seconds)

    def days(self, first: int, stop: int) -> VolumeSeries:
        """Return the part from day index `first` up to, without, `stop`."""
        grid = self.grid
        keep = (grid.day_of_interval >= first) & (grid.day_of_interval < stop)
        part = DayGrid(grid.zone_name, grid.dates[first], stop - first, grid.interval_minutes)
        return VolumeSeries(part, self.queues, self.jobs[:, keep], self.aht_seconds[:, keep])

    def coarser(self, interval_minutes: int) -> VolumeSeries:
        """Return the series on longer intervals; one is missing as soon as a part of it is missing.

        Raises
        ------
        ValueError
            When the new interval is not a multiple of the old one that divides an hour.
        """
        factor, rest = divmod(interval_minutes, self.grid.interval_minutes)
        if rest or factor < 1:
            raise ValueError(f"{interval_minutes} minutes is no multiple of {self.grid.interval_minutes} minutes.")
        grid = DayGrid(self.grid.zone_name, self.grid.first_day, self.grid.day_count, interval_minutes)
        # A change of clocks by half an hour leaves half an interval over at the end.
        fine, shape = grid.interval_count * factor, (len(self.queues), grid.interval_count, factor)
        jobs = self.jobs[:, :fine].reshape(shape).sum(axis=2)
        work = np.where(self.jobs == 0, 0.0, self.jobs * self.aht_seconds)[:, :fine].reshape(shape).sum(axis=2)
        aht = np.divide(work, jobs, out=np.full(jobs.shape, np.nan), where=jobs > 0)
        return VolumeSeries(grid, self.queues, jobs, aht)


def _refuse_overlaps(rows: VolumeRows, span: int, file: str) -> None:
    """Raise when two rows of a queue cover the same time."""
    order = np.lexsort((rows.minutes, rows.queue_of_row))
    gaps = np.diff(rows.minutes[order])
    same = np.diff(rows.queue_of_row[order]) == 0
    close = order[1:][same & (gaps < span)]
    faults = [
        rows_fault(
            rows, int(index), file, f"starts less than {span} minutes after the row before it in this queue; keep one distance"
        )
        for index in np.sort(close)
    ]
    if faults:
        raise BadInputError(faults)
