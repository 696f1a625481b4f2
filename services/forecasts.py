"""Forecast of arrivals for the next two days, from the volumes that are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from demand.calendar import calendar_of
from demand.forecast import forecast
from demand.history import DayGrid, VolumeSeries
from scheduling.times import Clock, local_instant
from storage import forecasts
from storage.demand_events import events_of
from storage.errors import domain_errors
from storage.figures import floor_queues
from storage.sites import zone_of_site
from storage.tables import holiday

HISTORY: Final = timedelta(weeks=12)
"""So much of the history before its last interval is learnt from; older weeks hardly weigh."""
DAYS_AHEAD: Final = 3
"""Today, and the two days after it."""
KEPT: Final = timedelta(days=2)
DEFAULT_AHT_SECONDS: Final = 20.0
"""Handling time of a queue whose history says nothing about it."""


def refresh_forecast(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """Write what each queue of a site is expected to bring today and on the next two days; return the number of intervals.

    The model is the default of `demand.models`. An old history still tells how weekdays and hours differ, so that it serves
    however long ago it ended; without any, nothing is written.

    Raises
    ------
    NotFoundError
        When there is no such site.
    """
    now = clock.now()
    with domain_errors():
        with engine.connect() as connection:
            zone = zone_of_site(connection, site_id)
            series = _history(connection, site_id, zone)
            queue_ids = {queue.name: queue.id for queue in floor_queues(connection, site_id)}
            days = select(holiday.c.day).where(holiday.c.site_id == site_id)
            holidays = frozenset(connection.execute(days).scalars())
            events = tuple(events_of(connection, site_id).values())
        if series is None:
            return 0
        today = now.astimezone(zone).date()
        target = DayGrid(zone.key, today, DAYS_AHEAD, series.grid.interval_minutes)
        calendars = {name: calendar_of(name, holidays, events) for name in series.queues}
        expected = forecast(series, target, calendars=calendars)
        rows = [row for index, name in enumerate(expected.queues) for row in _rows(queue_ids[name], expected, index)]
        with engine.begin() as connection:
            forecasts.write_forecast(connection, rows)
            forecasts.drop_before(connection, list(queue_ids.values()), midnight(today, zone) - KEPT)
    return len(rows)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    return local_instant(day, time(), zone).astimezone(UTC)


def _history(connection: Connection, site_id: int, zone: ZoneInfo) -> VolumeSeries | None:
    """Return the last weeks of the volumes that are known; nothing when there are none."""
    last = forecasts.history_end(connection, site_id)
    if last is None:
        return None
    names = {queue.id: queue.name for queue in floor_queues(connection, site_id)}
    rows = forecasts.history(connection, list(names), last - HISTORY, last + timedelta(seconds=1))
    frame = pd.DataFrame(
        {
            "starts_at": pd.to_datetime(rows["minute"].astype(np.int64) * 60, unit="s", utc=True),
            "queue": [names[number] for number in rows["queue"].tolist()],
            "jobs": rows["jobs"].astype(np.float64),
            "aht_seconds": rows["aht"].astype(np.float64),
        }
    )
    series = VolumeSeries.from_frame(frame, zone.key)
    sparse = any(series.looks_sparse(queue) for queue in range(len(series.queues)))
    return series.with_gaps_as_zero() if sparse else series


def _rows(queue_id: int, expected: VolumeSeries, index: int) -> list[tuple[int, datetime, float, float]]:
    jobs, aht = expected.jobs[index], _known(expected.aht_seconds[index])
    starts = [datetime.fromtimestamp(int(minute) * 60, UTC) for minute in expected.grid.edges[:-1]]
    values = zip(starts, jobs.tolist(), aht.tolist(), strict=True)
    return [(queue_id, start, count, seconds) for start, count, seconds in values if not np.isnan(count)]


def _known(aht_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return handling times with the mean, else the default, where nothing is known."""
    known = aht_seconds[~np.isnan(aht_seconds)]
    usual = float(known.mean()) if len(known) else DEFAULT_AHT_SECONDS
    return np.where(np.isnan(aht_seconds) | (aht_seconds <= 0), usual or DEFAULT_AHT_SECONDS, aht_seconds)
