"""Backtest of the forecasting models on a year of a real 24x7 operation, as JSON lines.

Run ``python -m benchmarks.forecast_backtest [FILE]``; FILE is ``start,calls`` in 6-minute intervals of local time without a
zone, by default the Anonymous Bank year in ``../shared/data``. The reference setting is 13 origins a fortnight apart, hourly,
learnt from hourly jobs; one line a model, with and without the country's public holidays. The lines of the first half
are those on which the clipped model was chosen.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demand.backtest import backtest, choose_model
from demand.calendar import Calendar
from demand.history import VolumeSeries
from demand.models import MODELS, Model
from demand.uncertainty import measure

Floats = NDArray[np.float64]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "arrivals" / "anonymous_bank_1999_6min.csv"
COUNTRY = "IL"
HORIZON_DAYS = 14
ORIGINS = 13


def same_weekday_last_week(values: Floats, age_weeks: Floats) -> Floats:
    """Return the newest same weekday, the bar that every model has to clear."""
    return np.asarray(values[0], dtype=np.float64)


def mean_of_six(values: Floats, age_weeks: Floats) -> Floats:
    """Return the mean of the newest six rows, whatever is missing left out."""
    known = ~np.isnan(values[:6])
    total = np.where(known, values[:6], 0.0).sum(axis=0)
    mean = np.divide(total, known.sum(axis=0), out=np.full(values.shape[1], np.nan), where=known.any(axis=0))
    return np.asarray(mean, dtype=np.float64)


COMPARED = (
    *MODELS,
    Model("mean of 6", "Mean of the last 6 same weekdays and slots.", mean_of_six),
    Model("seasonal naive", "The same weekday of last week.", same_weekday_last_week),
)


def read_year(path: Path) -> VolumeSeries:
    """Return the year by hour; the wall clock of the file has no gaps, so it is kept as if it were UTC."""
    table = pd.read_csv(path, parse_dates=["start"])
    frame = pd.DataFrame(
        {"starts_at": table["start"].dt.tz_localize("UTC"), "queue": "calls", "jobs": table["calls"], "aht_seconds": 180.0}
    )
    return VolumeSeries.from_frame(frame, "UTC", file=path.name).coarser(60)


def backtest_lines(series: VolumeSeries, period: str, calendars: Mapping[str, Calendar]) -> Iterator[dict[str, object]]:
    """Yield a line for each calendar and model."""
    for holidays, calendar in calendars.items():
        started = perf_counter()
        results = backtest(series, 0, models=COMPARED, horizon_days=HORIZON_DAYS, origins=ORIGINS, calendar=calendar)
        seconds = perf_counter() - started
        chosen = choose_model(results[: len(MODELS)]).name
        for result in results:
            yield {
                "benchmark": "forecast_backtest",
                "period": period,
                "holidays": holidays,
                "model": result.model.name,
                "origins": len(result.origins),
                "horizon_days": HORIZON_DAYS,
                "wape_percent": round(100 * result.wape, 2),
                "bias_percent": round(100 * result.bias, 2),
                "chosen": result.model.name == chosen,
                "seconds_all_models": round(seconds, 3),
            }


def uncertainty_line(series: VolumeSeries, calendar: Calendar) -> dict[str, object]:
    """Return a line with the random rate of the year."""
    found = measure(series, 0, calendar)
    figures = {} if found is None else {name: round(float(value), 3) for name, value in vars(found).items()}
    return {"benchmark": "rate_uncertainty", **figures}


def main() -> int:
    """Print the lines; exit status 0 also where the data are absent."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=DATA)
    path = parser.parse_args().file
    if not path.exists():
        print(json.dumps({"benchmark": "forecast_backtest", "skipped": f"{path.name} is absent; give its path"}))
        return 0
    series = read_year(path)
    country = Calendar.of({day.year for day in series.grid.dates}, country=COUNTRY)
    calendars = {"not known": Calendar(), f"{COUNTRY} masked and scaled": country}
    tuned_days = series.grid.day_count - HORIZON_DAYS * ORIGINS
    lines = [
        *backtest_lines(series, "last half", calendars),
        *backtest_lines(series.days(0, tuned_days), "first half", calendars),
        uncertainty_line(series, country),
    ]
    for line in lines:
        print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
