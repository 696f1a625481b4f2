"""A year of a real 24x7 operation, from arrivals to a roster, as JSON lines.

Run ``python -m benchmarks.real_arrivals [FILE] [--associates N] [--seconds S]``. The arrivals of the Anonymous Bank (1999,
local time of Israel) are scaled so that about N associates are needed. The requirement of four real weeks is forecast from the
weeks before them, a roster with break slots is built for people without any facts of their own, and both are held against what
really arrived. The backtest over the whole year is `benchmarks.forecast_backtest`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from benchmarks.forecast_backtest import COUNTRY, DATA
from benchmarks.operation import figures
from demand.calendar import Calendar
from scheduling.people import Associate, WorkMode
from scheduling.planning_input import PlanningInput
from scheduling.queues import Queue, QueueKind
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from scheduling.times import Horizon
from services.planning import plan, prepare

ZONE = "Asia/Jerusalem"
START = date(1999, 5, 3)
WEEKS = 4
INTERVAL_MINUTES = 30
AHT_SECONDS = 30.0
PRODUCTIVE_HOURS_A_WEEK = 35.0
STARTS = (0, 3, 6, 7, 8, 9, 10, 12, 13, 14, 15, 18, 21, 22)
QUEUE = Queue("calls", "audit", QueueKind.REALTIME, 300, 0.88)


@dataclass(frozen=True)
class Year:
    """The arrivals of the year in intervals, scaled to the number of associates."""

    volumes: pd.DataFrame
    scale: float


def read_year(path: Path, associates: int) -> Year:
    """Return the year in intervals of half an hour; the wall times that clocks skip in spring are left out."""
    table = pd.read_csv(path, parse_dates=["start"])
    # The hour that comes twice in autumn stands once in the file; it is taken as the first of the two.
    instant = table["start"].dt.tz_localize(ZONE, ambiguous=True, nonexistent="NaT").dt.tz_convert("UTC")
    known = instant.notna()
    calls = table.loc[known, "calls"].groupby(instant[known].dt.floor(f"{INTERVAL_MINUTES}min")).sum()
    weekly_hours = calls.mean() * 7 * 24 * (60 / INTERVAL_MINUTES) * AHT_SECONDS / 3600 / QUEUE.max_occupancy
    scale = associates * PRODUCTIVE_HOURS_A_WEEK * 0.8 / weekly_hours
    jobs = (calls.to_numpy() * scale).round()
    frame = pd.DataFrame({"starts_at": calls.index.tz_convert(ZONE), "queue": QUEUE.name, "jobs": jobs})
    frame["aht_seconds"] = AHT_SECONDS
    return Year(frame, float(scale))


def planning_input(year: Year, associates: int) -> PlanningInput:
    """Return people without facts of their own, and the volumes known before the first day."""
    horizon = Horizon(ZONE, START, WEEKS, INTERVAL_MINUTES)
    people = tuple(
        Associate(
            f"A{number:03}", f"Associate {number}", f"Team {number % 5 + 1}", frozenset({QUEUE.skill}), WorkMode.HOME,
            START - timedelta(days=90), START + timedelta(days=90),
        )
        for number in range(1, associates + 1)
    )  # fmt: skip
    before = datetime.combine(START, time(), ZoneInfo(ZONE))
    country = Calendar.of({1999}, country=COUNTRY)
    return PlanningInput(
        horizon=horizon,
        associates=people,
        shift_types=tuple(ShiftType(f"S{hour:02}", time(hour), 540) for hour in STARTS),
        volumes=year.volumes[year.volumes["starts_at"] < before].reset_index(drop=True),
        queues=(QUEUE,),
        holidays=dict.fromkeys(country.holidays, "holiday"),
    )


def against_what_arrived(year: Year, scenario: Scenario, result: PlanningResult) -> dict[str, object]:
    """Return how forecast and roster met the weeks that really came."""
    horizon = scenario.horizon
    actual = year.volumes.set_index("starts_at")["jobs"]
    jobs = actual.reindex(pd.DatetimeIndex(horizon.interval_starts)).fillna(0).to_numpy()
    workload = jobs * AHT_SECONDS / (INTERVAL_MINUTES * 60)
    heads = result.coverage.scheduled[:, 0]
    needed = workload / QUEUE.max_occupancy
    hours = INTERVAL_MINUTES / 60
    return {
        "needed_hours": round(float(needed.sum() * hours), 1),
        "short_of_needed_hours": round(float(np.maximum(0, needed - heads).sum() * hours), 1),
        "work_in_intervals_covered_percent": round(float(100 * jobs[needed <= heads].sum() / jobs.sum()), 2),
        "short_of_workload_intervals": int((workload > heads).sum()),
    }


def main() -> int:
    """Print one JSON line; exit status 0 also where the data are absent."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("file", nargs="?", type=Path, default=DATA)
    parser.add_argument("--associates", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    if not options.file.exists():
        print(json.dumps({"benchmark": "real_arrivals", "skipped": f"{options.file.name} is absent; give its path"}))
        return 0
    year = read_year(options.file, options.associates)
    scenario = prepare(planning_input(year, options.associates))
    result = plan(scenario, lambda _: None, lambda: False, 1, options.seconds)
    line = {
        "benchmark": "real_arrivals",
        "first_day": START.isoformat(),
        "weeks": WEEKS,
        "associates": options.associates,
        "scale": round(year.scale, 3),
        "plan_seconds": round(result.wall_seconds, 2),
        **figures(result),
        **against_what_arrived(year, scenario, result),
    }
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
