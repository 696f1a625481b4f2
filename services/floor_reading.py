"""What is read for the floor at one moment: the queues and the people as arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.forecasts import midnight
from storage import figures, forecasts
from storage.figures import Band, Counted, FloorQueue
from storage.sites import zone_of_site

Rows = NDArray[np.void]

AHEAD = timedelta(hours=8)
"""How far the projection looks: a shift."""
STEP = timedelta(minutes=5)


@dataclass(frozen=True, eq=False)
class PeopleReading:
    """Who is there, and who should be.

    Parameters
    ----------
    desks
        Associate, team, home, state, since; in the order of associates.
    duties, stretches, absences
        Associate, starts, ends; in the order of starts, from now to the end of the projection.
    """

    now: datetime
    desks: Rows
    duties: Rows
    stretches: Rows
    absences: Rows


@dataclass(frozen=True, eq=False)
class WorkReading:
    """What waits, what came and what is expected.

    Parameters
    ----------
    waiting, leased
        Jobs that wait, and those in hand, by age.
    today, last_hour
        What happened by queue.
    forecast
        Queue, starts, jobs, aht; in the order of starts, from the local midnight to the end of the projection.
    """

    now: datetime
    zone: ZoneInfo
    day_start: datetime
    interval_seconds: float
    queues: tuple[FloorQueue, ...]
    waiting: tuple[Band, ...]
    leased: tuple[Band, ...]
    today: Mapping[int, Counted]
    last_hour: Mapping[int, Counted]
    forecast: Rows
    routes: Mapping[tuple[int, int], float]
    mixes: Mapping[tuple[int, int], tuple[float, float]]
    skills: Rows
    speeds: Rows
    team_names: Mapping[int, str]


def read_people(
    connection: Connection, site_id: int, now: datetime, *, ahead: timedelta = AHEAD, team_ids: Collection[int] | None = None
) -> PeopleReading:
    """Read who is there and who should be, from now to `ahead`.

    Parameters
    ----------
    team_ids
        Only the desks of those who work for these teams now; everybody's without it.
    """
    duties, stretches, absences = (
        figures.spans(connection, table, site_id, now, now + ahead) for table in ("duty", "stretch", "absence")
    )
    return PeopleReading(now, figures.desks(connection, site_id, team_ids), duties, stretches, absences)


def read_work(connection: Connection, site_id: int, now: datetime) -> WorkReading:
    """Read what waits, what came today, and what is expected."""
    zone = zone_of_site(connection, site_id)
    start = midnight(now.astimezone(zone).date(), zone)
    queues = figures.floor_queues(connection, site_id)
    ids = [queue.id for queue in queues]
    expected = forecasts.read_forecast(connection, ids, start - timedelta(hours=1), now + AHEAD)
    return WorkReading(
        now=now,
        zone=zone,
        day_start=start,
        interval_seconds=_interval_seconds(expected),
        queues=queues,
        waiting=figures.waiting_bands(connection, ids, now),
        leased=figures.leased_bands(connection, ids, now),
        today=figures.counted(connection, ids, start, now),
        last_hour=figures.counted(connection, ids, now - timedelta(hours=1), now),
        forecast=expected,
        routes=figures.routes(connection, ids),
        mixes=figures.mixes(connection, site_id),
        skills=figures.skills(connection, site_id),
        speeds=figures.speeds(connection, site_id),
        team_names=figures.team_names(connection, site_id),
    )


def _interval_seconds(expected: Rows) -> float:
    """Return the length of a forecast interval: the least distance of two starts, a quarter hour when there are none."""
    starts = np.unique(expected["starts"])
    return float(np.diff(starts).min()) if len(starts) > 1 else 900.0
