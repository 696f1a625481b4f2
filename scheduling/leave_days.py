"""Days of leave: which days of a period are leave, and what they take from a balance."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from scheduling.times import WEEKDAYS


@dataclass(frozen=True)
class WorkingWeek:
    """How a site counts its weeks."""

    starts_on: str = "monday"
    working_days: int = 5

    def first_day_of(self, day: date) -> date:
        """Return the day on which the week of a day begins."""
        return day - timedelta(days=(day.weekday() - WEEKDAYS.index(self.starts_on)) % 7)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Return the days from first to last, both included."""
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))


def leave_days(first: date, last: date, known_off: Collection[date]) -> tuple[date, ...]:
    """Return the days of a period that become leave: all but the days off of a roster that is published already.

    Where nothing is published, every day is leave: the roster that is made later gives so many shifts fewer in that week.
    """
    return tuple(day for day in days_between(first, last) if day not in known_off)


def charged_days(days: Iterable[date], week: WorkingWeek) -> tuple[date, ...]:
    """Return those of the days of leave that are taken from a balance: of each week no more than its working days."""
    return tuple(day for _, in_week in groupby(sorted(days), key=week.first_day_of) for day in list(in_week)[: week.working_days])


def spans_of(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Return the days as spans without gaps: first and last day of each."""
    numbered = enumerate(sorted(days))
    runs = [[day for _, day in run] for _, run in groupby(numbered, key=lambda one: one[1] - timedelta(days=one[0]))]
    return tuple((run[0], run[-1]) for run in runs)
