"""Burdens that a year shares out: nights, weekend days, holidays, unpopular timings; and how evenly they lie."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import NONE
from scheduling.shifts import MINUTES_PER_DAY, ShiftType

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

YEAR_DAYS = 364
"""The rolling year: 52 whole weeks, so that every weekday is in it equally often."""
EARLIEST_POPULAR_MINUTE = 6 * 60
LATEST_POPULAR_MINUTE = 21 * 60
"""A shift that begins before 06:00 or ends after 21:00 takes the evening, or the sleep, of those at home."""


class Burden(StrEnum):
    """What is shared out, in the order of the columns of every array of burdens."""

    NIGHTS = "nights"
    WEEKEND_DAYS = "weekend days"
    HOLIDAYS = "holidays"
    UNPOPULAR = "unpopular timings"


BURDENS = tuple(Burden)


@dataclass(frozen=True)
class YearOfBurdens:
    """What one associate bore in the rolling year before a day.

    Parameters
    ----------
    counts
        Shifts of each burden, in the order of `BURDENS`.
    known_days
        Days of that year of which something is known; fewer for somebody who came later.
    """

    associate: str
    counts: tuple[int, ...]
    known_days: int


def is_unpopular(shift: ShiftType) -> bool:
    """Return whether a shift begins before 06:00 or ends after 21:00."""
    ends = shift.start_minute + shift.span_minutes
    return shift.start_minute < EARLIEST_POPULAR_MINUTE or ends > LATEST_POPULAR_MINUTE or ends > MINUTES_PER_DAY


def burden_days(
    shift_types: Sequence[ShiftType], dates: Sequence[date], holidays: Collection[date], values: NDArray[np.int16]
) -> Counts:  # fmt: skip
    """Return how many shifts of each burden rows of day values have, shape (rows, burdens).

    Parameters
    ----------
    values
        Day values, shape (rows, days).
    """
    weekend = [index for index, day in enumerate(dates) if day.weekday() >= 5]
    holiday = [index for index, day in enumerate(dates) if day in holidays]
    # The words for days without a shift are negative, so that they find the places after those of the shift types.
    nothing = [False] * -NONE
    is_night = np.array([*(shift.is_night for shift in shift_types), *nothing], dtype=bool)
    unpopular = np.array([*map(is_unpopular, shift_types), *nothing], dtype=bool)
    parts = (is_night[values], values[:, weekend] >= 0, values[:, holiday] >= 0, unpopular[values])
    return np.stack([part.sum(axis=1) for part in parts], axis=1).astype(np.int64)


def whole_years(years: Sequence[YearOfBurdens]) -> Floats:
    """Return burdens as if everybody had been there as long as the longest, shape (associates, burdens).

    Who came later is taken to have borne, on the days that are missing, what the others bore on average: nobody has to catch up
    on nights of a time in which they were not there.
    """
    counts = np.array([one.counts for one in years], dtype=np.float64).reshape(len(years), len(BURDENS))
    return over_whole_years(counts, np.array([one.known_days for one in years], dtype=np.float64))


def over_whole_years(counts: Floats | Counts, known: Floats | Counts) -> Floats:
    """Return burdens as `whole_years` does, from arrays of the shapes (associates, burdens) and (associates,)."""
    total = known.sum()
    rate = counts.sum(axis=0) / total if total else np.zeros(len(BURDENS))
    missing = known.max(initial=0) - known
    return np.asarray(counts + missing[:, None] * rate, dtype=np.float64)


def spread(counts: Floats) -> float:
    """Return most less least, 0 for nobody."""
    return float(counts.max(initial=0.0) - counts.min(initial=counts.max(initial=0.0)))
