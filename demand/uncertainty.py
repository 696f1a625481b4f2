"""How far a forecast may be off: the random rate around the weekday profile, measured on the history.

Arrivals in an interval are Poisson around a rate that itself is random. With ``a`` the actual jobs, ``e`` the mean of the
``k`` same weekdays and slots before, ``E (a - e)^2 = (1 + 1/k) (cv^2 m^2 + m)``, so ``cv`` follows from sums over many
intervals with the Poisson noise taken out. A North American bank's call centre has a rate CV of about 9 % with a correlation of
about 0.8 from one half hour to the next; that makes a buffer of 12 %, the default where the history is too short.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log1p, sqrt

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from demand.calendar import Calendar
from demand.forecast import ordinary
from demand.history import VolumeSeries

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

COMPARED_WEEKS = 4
LEAST_DAYS = 14
OUTLIER_SPREADS = 3.5
Z_90 = 1.2815515655446004
"""90 % quantile of the standard normal distribution."""
TYPICAL_RATE_CV = 0.09
SHORT_MINUTES = 60


@dataclass(frozen=True)
class Uncertainty:
    """The random rate of a queue.

    Parameters
    ----------
    day_cv
        Coefficient of variation of a whole day's rate.
    rate_cv
        Coefficient of variation of the rate of an hour.
    hour_correlation
        Correlation of the rates of successive hours, -1 to 1; NaN where the rate does not vary.
    days
        Days that were measured.
    """

    day_cv: float
    rate_cv: float
    hour_correlation: float
    days: int


def p90_buffer(cv: float) -> float:
    """Return the 90 % quantile of a lognormal factor of mean 1 less 1: ``exp(z s - s^2 / 2) - 1``, ``s^2 = ln(1 + cv^2)``."""
    variance = log1p(cv * cv)
    return exp(Z_90 * sqrt(variance) - variance / 2) - 1.0


DEFAULT_BUFFER = round(p90_buffer(TYPICAL_RATE_CV), 2)
"""The P90 buffer of a queue without enough history: 0.12."""


def _compared(table: Floats, weekdays: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return actual values and means of the same weekdays and slots before, both (days, slots) in order of date."""
    expected = np.full(table.shape, np.nan)
    for weekday in range(7):
        days = np.flatnonzero(weekdays == weekday)
        if len(days) > COMPARED_WEEKS:
            windows = sliding_window_view(table[days[:-1]], COMPARED_WEEKS, axis=0)
            expected[days[COMPARED_WEEKS:]] = windows.mean(axis=-1)
    return table, expected


def _rate_variance(actual: Floats, expected: Floats) -> float:
    """Return the squared CV of the rate by the method of moments, not below zero."""
    scale = float((expected**2).sum())
    if scale == 0.0:
        return 0.0
    squares = float(((actual - expected) ** 2).sum()) / (1 + 1 / COMPARED_WEEKS)
    return max(0.0, (squares - float(expected.sum())) / scale)


def _usual_days(actual: Floats, expected: Floats) -> Bools:
    """Return which days are fully known and no outliers (unlabelled holidays, outages), shape (days,)."""
    usable = np.asarray(~np.isnan(actual + expected).any(axis=1), dtype=bool)
    ratio = np.full(len(actual), np.nan)
    totals, usual = actual[usable].sum(axis=1), expected[usable].sum(axis=1)
    ratio[usable] = np.divide(totals, usual, out=np.ones(len(totals)), where=usual > 0)
    if not usable.any():
        return usable
    centre = np.median(ratio[usable])
    spread = 1.4826 * np.median(np.abs(ratio[usable] - centre))
    near = np.abs(ratio - centre) <= OUTLIER_SPREADS * max(float(spread), 0.02)
    return np.asarray(usable & near, dtype=bool)


def _hour_correlation(actual: Floats, expected: Floats, variance: float) -> float:
    """Return the correlation of the rates of successive hours of a day; Poisson noise of two hours is independent."""
    if variance == 0.0:
        return float("nan")
    error = actual - expected
    scale = float((expected[:, 1:] * expected[:, :-1]).sum()) * variance * (1 + 1 / COMPARED_WEEKS)
    if scale == 0.0:
        return float("nan")
    return float(np.clip((error[:, 1:] * error[:, :-1]).sum() / scale, -1.0, 1.0))


def measure(history: VolumeSeries, queue: int, calendar: Calendar | None = None) -> Uncertainty | None:
    """Measure the random rate of one queue; ``None`` where fewer than two weeks of days have four full weeks before them.

    Holidays and days far from their weekday are left out; events are divided by their factor.
    """
    hourly = history.coarser(SHORT_MINUTES)
    table = ordinary(hourly.wall_table(queue).jobs, hourly.grid.dates, calendar or Calendar())
    actual, expected = _compared(table, hourly.grid.weekdays)
    usual = _usual_days(actual, expected)
    actual, expected = actual[usual], expected[usual]
    if len(actual) < LEAST_DAYS:
        return None
    variance = _rate_variance(actual, expected)
    return Uncertainty(
        day_cv=sqrt(_rate_variance(actual.sum(axis=1), expected.sum(axis=1))),
        rate_cv=sqrt(variance),
        hour_correlation=_hour_correlation(actual, expected, variance),
        days=len(actual),
    )
