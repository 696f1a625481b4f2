"""The expected volume of a queue: planned rows where there are some, the forecast elsewhere, on the requirement's intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from demand.backtest import BacktestResult, backtest, choose_model, origins_of
from demand.calendar import Calendar
from demand.forecast import profile_of, project
from demand.history import DayGrid, VolumeSeries
from demand.models import DEFAULT_MODEL, Model
from demand.uncertainty import Uncertainty, measure
from scheduling.times import Horizon

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BACKTEST_DAYS = 14
BACKTEST_ORIGINS = 13


@dataclass(frozen=True)
class ExpectedVolume:
    """What one queue is expected to bring.

    Parameters
    ----------
    jobs
        Jobs in each interval, shape (intervals,).
    work_seconds
        Handling seconds in each interval, shape (intervals,).
    before
        Intervals that lie before the horizon.
    model
        Model of the forecast; ``None`` when every interval of the horizon was planned.
    forecast_share
        Share of the horizon's intervals that were forecast, 0 to 1.
    backtests
        Results of all models on this queue; empty when the history is too short or nothing was forecast.
    uncertainty
        Random rate measured on the past; ``None`` when the past is too short.
    """

    jobs: Floats
    work_seconds: Floats
    before: int
    model: Model | None
    forecast_share: float
    backtests: tuple[BacktestResult, ...]
    uncertainty: Uncertainty | None

    def heads(self, interval_minutes: int) -> Floats:
        """Return the heads busy on average in each interval, shape (intervals,)."""
        return self.work_seconds / (60.0 * interval_minutes)


def _past(series: VolumeSeries, horizon: Horizon) -> VolumeSeries | None:
    """Return the days before the horizon, ``None`` when there are none."""
    days = min(series.grid.day_count, (horizon.first_day - series.grid.first_day).days)
    return series.days(0, days) if days > 0 else None


def _chosen(past: VolumeSeries | None, calendar: Calendar, model: Model | None) -> tuple[Model, tuple[BacktestResult, ...]]:
    """Return the model to forecast with and the backtests that chose it."""
    if model is not None or past is None:
        return model or DEFAULT_MODEL, ()
    if not origins_of(past.grid.day_count, horizon_days=BACKTEST_DAYS, most=BACKTEST_ORIGINS):
        return DEFAULT_MODEL, ()
    results = backtest(past, 0, horizon_days=BACKTEST_DAYS, origins=BACKTEST_ORIGINS, calendar=calendar)
    return choose_model(results), results


def _given(series: VolumeSeries, grid: DayGrid) -> tuple[Floats, Floats]:
    """Return the rows of the series that fall on `grid`, jobs and handling times, NaN where there is none."""
    jobs, aht = np.full(grid.interval_count, np.nan), np.full(grid.interval_count, np.nan)
    shift = (series.grid.start_minute - grid.start_minute) // grid.interval_minutes
    low, high = max(0, shift), min(grid.interval_count, shift + series.grid.interval_count)
    if low < high:
        jobs[low:high] = series.jobs[0, low - shift : high - shift]
        aht[low:high] = series.aht_seconds[0, low - shift : high - shift]
    return jobs, aht


def _at_edges(values: Floats, grid: DayGrid, edges: NDArray[np.int64]) -> Floats:
    """Return the amount between each two `edges`, the grid's amounts spread evenly over their intervals."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    return np.diff(np.interp(edges, grid.edges, running))


def expected_volume(
    series: VolumeSeries, horizon: Horizon, *, margin_days: int = 0, calendar: Calendar | None = None, model: Model | None = None
) -> ExpectedVolume:
    """Return what a queue is expected to bring in a horizon and in some days around it.

    Intervals with a row in the series keep it; all others are forecast from every row up to the end of the horizon, so that a
    plan for the first weeks also shapes the weeks that it leaves open.

    Parameters
    ----------
    series
        Volumes of one queue.
    margin_days
        Days before and after the horizon to return as well.
    model
        Forecasting model; by default the one that wins the backtest on the days before the horizon.
    """
    calendar = calendar or Calendar()
    past = _past(series, horizon)
    used, results = _chosen(past, calendar, model)
    grid = DayGrid(
        horizon.zone_name,
        horizon.first_day - timedelta(days=margin_days + 1),
        horizon.day_count + 2 * margin_days + 2,
        series.grid.interval_minutes,
    )
    jobs, aht = _given(series, grid)
    known = series.days(0, max(1, min(series.grid.day_count, (horizon.end.date() - series.grid.first_day).days)))
    likely, likely_aht = project(profile_of(known, 0, calendar, used), grid, calendar)
    open_ = np.isnan(jobs)
    jobs = np.where(open_, np.nan_to_num(likely), jobs)
    work = np.where(jobs == 0, 0.0, jobs * np.where(np.isnan(aht), np.nan_to_num(likely_aht), aht))
    margin = margin_days * 1440 // horizon.interval_minutes
    steps = np.arange(-margin, horizon.interval_count + margin + 1, dtype=np.int64)
    edges = round(horizon.start.timestamp() / 60) + horizon.interval_minutes * steps
    inside = (grid.day_of_interval > margin_days) & (grid.day_of_interval <= margin_days + horizon.day_count)
    share = float(open_[inside].mean())
    return ExpectedVolume(
        jobs=_at_edges(jobs, grid, edges),
        work_seconds=_at_edges(work, grid, edges),
        before=margin,
        model=used if share > 0 else None,
        forecast_share=share,
        backtests=results if share > 0 else (),
        uncertainty=measure(past, 0, calendar) if past is not None else None,
    )
