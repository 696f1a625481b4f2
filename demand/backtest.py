"""The rolling-origin backtest: what each model would have forecast, against what came.

At each origin a model sees only the days before it and forecasts the next days, at the interval of the history; errors are
taken hour by hour. (Scored at intervals of a few jobs, a model would win by forecasting the most frequent count, none, and
leave the nights without heads.) Figures: WAPE, the sum of absolute errors over
the sum of actual jobs; bias, the sum of errors (forecast less actual) over the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from demand.calendar import Calendar
from demand.forecast import profile_of, project
from demand.history import VolumeSeries
from demand.models import MODELS, Model

Floats = NDArray[np.float64]

LEAST_HISTORY_DAYS = 28
LEAST_GAIN = 0.01
"""A challenger's WAPE must be lower than the default's by this share of it."""


@dataclass(frozen=True)
class BacktestResult:
    """How one model did on one queue.

    Parameters
    ----------
    origins
        First forecast date of each origin.
    absolute_errors, errors, actuals
        Sums over the days forecast from each origin, shape (origins,): of absolute errors, of forecast less actual, of jobs.
    """

    model: Model
    origins: tuple[date, ...]
    absolute_errors: Floats
    errors: Floats
    actuals: Floats

    @property
    def wape(self) -> float:
        """Weighted absolute percentage error as a fraction; NaN when nothing came."""
        return _ratio(self.absolute_errors, self.actuals)

    @property
    def bias(self) -> float:
        """Forecast less actual over actual as a fraction; NaN when nothing came."""
        return _ratio(self.errors, self.actuals)


def _ratio(part: Floats, whole: Floats) -> float:
    total = float(whole.sum())
    return float(part.sum()) / total if total > 0 else float("nan")


def _summed(values: Floats, factor: int) -> Floats:
    """Return the sums of each `factor` successive values; the last may have fewer."""
    return np.asarray(np.add.reduceat(values, np.arange(0, len(values), factor)), dtype=np.float64)


def origins_of(day_count: int, *, horizon_days: int, most: int) -> tuple[int, ...]:
    """Return the day indices of at most `most` successive origins whose last horizon ends with the history.

    Every origin leaves four weeks to learn from; the result is empty when the history is too short for one.
    """
    possible = max(0, (day_count - LEAST_HISTORY_DAYS) // horizon_days)
    return tuple(day_count - horizon_days * back for back in range(min(most, possible), 0, -1))


def backtest(
    history: VolumeSeries,
    queue: int,
    *,
    models: Sequence[Model] = MODELS,
    horizon_days: int = 14,
    origins: int = 13,
    scored_minutes: int = 60,
    calendar: Calendar | None = None,
) -> tuple[BacktestResult, ...]:
    """Backtest models on one queue, in the order given.

    Parameters
    ----------
    queue
        Index of the queue in the history.
    horizon_days
        Days forecast from each origin; origins lie as far apart.
    origins
        Most origins to use, the newest ones.
    scored_minutes
        Time over which forecast and actual jobs are summed before they are compared; a multiple of the interval.
    calendar
        Holidays are masked in what is learnt and scaled in what is forecast; their errors count.
    """
    starts = origins_of(history.grid.day_count, horizon_days=horizon_days, most=origins)
    factor = max(1, scored_minutes // history.grid.interval_minutes)
    sums = np.zeros((len(models), 3, len(starts)))
    for position, start in enumerate(starts):
        past, future = history.days(0, start), history.days(start, start + horizon_days)
        actual = future.jobs[queue]
        for row, model in enumerate(models):
            expected, _ = project(profile_of(past, queue, calendar, model), future.grid, calendar)
            error = _summed(np.where(np.isnan(actual) | np.isnan(expected), 0.0, expected - actual), factor)
            sums[row, :, position] = np.abs(error).sum(), error.sum(), np.nansum(actual)
    dates = tuple(history.grid.dates[start] for start in starts)
    return tuple(BacktestResult(model, dates, *sums[row]) for row, model in enumerate(models))


def choose_model(results: Sequence[BacktestResult]) -> Model:
    """Return the model to use: the first of the results unless another has won.

    To win is to have the lowest WAPE, at least one per cent (of it) below the first's, and to beat the first at more than half
    of the origins, so that one lucky fortnight does not decide.

    Raises
    ------
    ValueError
        Without results.
    """
    if not results:
        raise ValueError("There are no backtest results to choose from.")
    first = results[0]
    winners = [
        result
        for result in results[1:]
        if result.wape < first.wape * (1 - LEAST_GAIN)
        and 2 * np.count_nonzero(result.absolute_errors < first.absolute_errors) > len(result.origins)
    ]
    return min(winners, key=lambda result: result.wape).model if winners else first.model
