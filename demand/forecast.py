"""The forecast of jobs and handling times for each interval of a horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from demand.calendar import Calendar
from demand.history import DayGrid, VolumeSeries, WallTable
from demand.models import DEFAULT_MODEL, Model, half_life_weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AHT_PRIOR_JOBS = 30.0
"""Jobs of evidence that a slot needs before its own handling time weighs as much as the queue's."""
HOLIDAY_PRIOR_DAYS = 1.0
"""Days of evidence that a holiday is a day like any other."""


@dataclass(frozen=True)
class Profile:
    """What an ordinary week of a queue is expected to bring.

    Parameters
    ----------
    jobs
        Expected jobs per interval, shape (7, slots), Monday first.
    aht_seconds
        Expected handling time, shape (7, slots); NaN when the history says nothing about it.
    holiday_factor
        Volume of a holiday over that of an ordinary day of its weekday.
    """

    jobs: Floats
    aht_seconds: Floats
    holiday_factor: float = 1.0

    @property
    def is_empty(self) -> bool:
        """Whether the history knew nothing at all."""
        return bool(np.isnan(self.jobs).all())


def ordinary(table: Floats, dates: tuple[date, ...], calendar: Calendar) -> Floats:
    """Return the table (days, slots) as if every day were ordinary: holidays missing, event days over their factor."""
    unlike = (calendar.is_holiday(dates) & ~calendar.has_factor(dates)) | calendar.has_total(dates)
    factors = np.where(unlike, np.nan, calendar.factors(dates))
    return np.asarray(table / factors[:, None], dtype=np.float64)


def weekday_profile(table: Floats, weekdays: Ints, model: Model) -> Floats:
    """Return the model's expectation by weekday and slot, shape (7, slots), from a table (days, slots), oldest day first.

    A weekday's slot that was never seen takes the mean of this slot on the other weekdays; NaN only where no day has it.
    """
    day_count, slots = table.shape
    result = np.full((7, slots), np.nan)
    for weekday in range(7):
        days = np.flatnonzero(weekdays == weekday)[::-1]
        if len(days):
            result[weekday] = model.predict(table[days], (day_count - 1 - days) / 7.0)
    known = ~np.isnan(result)
    count = known.sum(axis=0)
    total = np.where(known, result, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.full(slots, np.nan), where=count > 0)
    return np.where(known, result, mean)


def _aht_profile(table: WallTable, weekdays: Ints, usable: Bools) -> Floats:
    """Return the workload-weighted handling time by weekday and slot, drawn to the queue's where jobs are few."""
    both = usable[:, None] & ~np.isnan(table.jobs) & ~np.isnan(table.work)
    weight = half_life_weights((len(weekdays) - 1 - np.arange(len(weekdays))) / 7.0)[:, None] * both
    jobs, work = weight * np.where(both, table.jobs, 0.0), weight * np.where(both, table.work, 0.0)
    if not jobs.sum() > 0:
        return np.full((7, jobs.shape[1]), np.nan)
    overall = work.sum() / jobs.sum()
    member = (weekdays[None, :] == np.arange(7)[:, None]).astype(np.float64)
    return np.asarray((member @ work + AHT_PRIOR_JOBS * overall) / (member @ jobs + AHT_PRIOR_JOBS), dtype=np.float64)


def _holiday_factor(table: Floats, profile: Floats, weekdays: Ints, holidays: Bools) -> float:
    """Return the volume of past holidays over their weekday's, drawn to 1 by a day's worth of prior evidence."""
    days = np.flatnonzero(holidays)
    expected = profile[weekdays[days]]
    both = ~np.isnan(table[days]) & ~np.isnan(expected)
    if not both.any():
        return 1.0
    prior = HOLIDAY_PRIOR_DAYS * float(np.nansum(profile)) / 7.0
    seen, usual = float(table[days][both].sum()), float(expected[both].sum())
    return (seen + prior) / (usual + prior) if usual + prior > 0 else 1.0


def profile_of(history: VolumeSeries, queue: int, calendar: Calendar | None = None, model: Model = DEFAULT_MODEL) -> Profile:
    """Learn the ordinary week of one queue.

    Parameters
    ----------
    queue
        Index of the queue in the history.
    calendar
        Holidays are not learnt from, except for the volume of holidays themselves.
    """
    calendar = calendar or Calendar()
    grid, table = history.grid, history.wall_table(queue)
    plain = ordinary(table.jobs, grid.dates, calendar)
    jobs = weekday_profile(plain, grid.weekdays, model)
    holidays = calendar.is_holiday(grid.dates) & ~calendar.has_factor(grid.dates)
    return Profile(
        jobs=jobs,
        aht_seconds=_aht_profile(table, grid.weekdays, ~holidays),
        holiday_factor=_holiday_factor(table.jobs, jobs, grid.weekdays, holidays),
    )


def day_factors(dates: tuple[date, ...], profile: Profile, calendar: Calendar) -> Floats:
    """Return what each date is expected to bring over an ordinary day, shape (days,); a given factor beats the holiday's."""
    learnt = np.where(calendar.is_holiday(dates), profile.holiday_factor, 1.0)
    return np.where(calendar.has_factor(dates), calendar.factors(dates), learnt)


def project(profile: Profile, target: DayGrid, calendar: Calendar | None = None) -> tuple[Floats, Floats]:
    """Return the expected jobs and handling times in each interval of `target`, both of shape (intervals,)."""
    weekday, slot = target.weekdays[target.day_of_interval], target.slot_of_interval
    calendar = calendar or Calendar()
    factors = day_factors(target.dates, profile, calendar)
    jobs = profile.jobs[weekday, slot] * factors[target.day_of_interval]
    return _with_totals(jobs, target, calendar), profile.aht_seconds[weekday, slot]


def _with_totals(jobs: Floats, target: DayGrid, calendar: Calendar) -> Floats:
    """Return the jobs with those days whose sum is known outright drawn to it, spread as usual (evenly where nothing is)."""
    for index in np.flatnonzero(calendar.has_total(target.dates)):
        mine = target.day_of_interval == index
        usual, total = float(np.nansum(jobs[mine])), calendar.event_totals[target.dates[index]]
        jobs[mine] = np.nan_to_num(jobs[mine]) * (total / usual) if usual > 0 else total / np.count_nonzero(mine)
    return jobs


def forecast(
    history: VolumeSeries,
    target: DayGrid,
    calendar: Calendar | None = None,
    model: Model = DEFAULT_MODEL,
    calendars: Mapping[str, Calendar] | None = None,
) -> VolumeSeries:
    """Return the expected volume of every queue on `target`, whose intervals are as long as those of the history.

    Parameters
    ----------
    calendars
        Calendars of single queues by name, in place of `calendar`.

    Raises
    ------
    ValueError
        When the intervals differ in length.
    """
    if target.interval_minutes != history.grid.interval_minutes:
        raise ValueError(f"The history has {history.grid.interval_minutes} minutes, the target {target.interval_minutes}.")
    own = [(calendars or {}).get(name, calendar) for name in history.queues]
    parts = [project(profile_of(history, queue, mine, model), target, mine) for queue, mine in enumerate(own)]
    return VolumeSeries(target, history.queues, np.array([jobs for jobs, _ in parts]), np.array([aht for _, aht in parts]))
