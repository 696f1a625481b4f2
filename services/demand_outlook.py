"""The outlook on demand: history, forecast, backtest and requirement of a site, events by hand, and what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine

from demand.backtest import BacktestResult
from demand.calendar import calendar_of
from demand.requirement import QueueNeed, needs_of_queues, requirement_of_needs, scaled_need
from scheduling.errors import BadInputError, Fault, NotFoundError
from scheduling.events import DemandEvent
from scheduling.scenario import Requirement
from scheduling.times import Clock, Horizon
from storage import demand_events, rosters
from storage.errors import domain_errors
from storage.operation_reading import DemandFacts, read_demand
from storage.sites import ids_by
from storage.tables import queue as queue_table

__all__ = [
    "BacktestResult",
    "DemandEvent",
    "Outlook",
    "QueueNeed",
    "add_event",
    "events_of",
    "outlook",
    "remove_event",
    "what_if",
]

HISTORY_WEEKS: Final = 8
"""So many weeks before the forecast are shown."""
KEPT: Final = 4
"""Outlooks that are kept in memory: a backtest of every queue takes about a second."""
MOST_EVENT_DAYS: Final = 92
Floats = NDArray[np.float64]
Key = tuple[object, ...]


@dataclass(frozen=True)
class Outlook:
    """What is known of the demand of a site.

    Parameters
    ----------
    needs
        What each queue is expected to bring and needs.
    past
        Jobs of each past day by queue, oldest first.
    is_given
        Whether a requirement is stored for these weeks, so that planning takes that instead of the forecast.
    """

    horizon: Horizon
    needs: tuple[QueueNeed, ...]
    past: Mapping[str, tuple[tuple[date, float], ...]]
    is_given: bool

    @cached_property
    def requirement(self) -> Requirement:
        """What is required as things stand."""
        return requirement_of_needs(self.needs, self.horizon)

    def need_of(self, queue: str) -> QueueNeed:
        """Return what a queue needs; NotFoundError when there is no such queue."""
        found = next((one for one in self.needs if one.queue.name == queue), None)
        if found is None:
            raise NotFoundError(f"There is no queue {queue!r} with volumes.")
        return found

    def expected_days(self, queue: str) -> tuple[tuple[date, float], ...]:
        """Return the expected jobs of each day of the horizon."""
        volume, horizon = self.need_of(queue).volume, self.horizon
        jobs = volume.jobs[volume.before : volume.before + horizon.interval_count]
        edges = np.asarray(horizon.day_starts, dtype=np.int64) // horizon.interval_minutes
        sums = np.add.reduceat(jobs, edges[: horizon.day_count])
        return tuple(zip(horizon.dates, sums.tolist(), strict=True))


_kept: dict[Key, Outlook] = {}
_lock = Lock()


def outlook(engine: Engine, site: str, first_day: date, weeks: int) -> Outlook | None:
    """Return the outlook of a site over some weeks, ``None`` when it has no volumes; NotFoundError when there is no such site."""
    with domain_errors(), engine.connect() as connection:
        given = read_demand(connection, site, first_day, weeks)
    if not len(given.volumes) or not given.queues:
        return None
    key = _key_of(engine, site, given)
    with _lock:
        if key in _kept:
            return _kept[key]
    made = _outlook(given)
    with _lock:
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = made
    return made


def _key_of(engine: Engine, site: str, given: DemandFacts) -> Key:
    """Return what an outlook depends on."""
    content = int(pd.util.hash_pandas_object(given.volumes, index=False).sum())
    holidays = tuple(sorted(given.holidays))
    return (str(engine.url), site, given.horizon.first_day, given.horizon.weeks, content, given.queues, given.events, holidays)


def _outlook(given: DemandFacts) -> Outlook:
    volumes, horizon = given.volumes, given.horizon
    named = set(volumes["queue"].astype(str))
    queues = tuple(one for one in given.queues if one.name in named)
    calendars = {one.name: calendar_of(one.name, given.holidays, given.events) for one in queues}
    needs = needs_of_queues(volumes, queues, horizon, calendars=calendars)
    days = volumes["starts_at"].dt.date
    recent = volumes[(days >= horizon.first_day - timedelta(weeks=HISTORY_WEEKS)) & (days < horizon.first_day)]
    sums = recent.groupby([recent["queue"].astype(str), recent["starts_at"].dt.date])["jobs"].sum()
    past = {one.name: tuple(sums[one.name].items()) if one.name in sums.index else () for one in queues}
    return Outlook(horizon, needs, past, given.is_given)


def what_if(seen: Outlook, queue: str, volume_factor: float, aht_factor: float) -> Requirement:
    """Return the requirement if the volume and the handling time of a queue (of all, with an empty name) were other ones."""
    if volume_factor == aht_factor == 1.0:
        return seen.requirement
    needs = [
        scaled_need(one, seen.horizon, volume_factor, aht_factor) if queue in {"", one.queue.name} else one for one in seen.needs
    ]
    return requirement_of_needs(needs, seen.horizon)


def events_of(engine: Engine, site_id: int) -> Mapping[int, DemandEvent]:
    """Return the events of a site by id, in the order of their days."""
    with domain_errors(), engine.connect() as connection:
        return demand_events.events_of(connection, site_id)


def add_event(engine: Engine, site_id: int, event: DemandEvent, *, by: str, clock: Clock) -> int:
    """Override the forecast of some days by hand; return the id of the event.

    Raises
    ------
    BadInputError
        With everything that is wrong with it.
    """
    with domain_errors(), engine.begin() as connection:
        faults = event_faults(event, ids_by(connection, queue_table, "name", site_id))
        if faults:
            raise BadInputError(faults)
        number = demand_events.add_event(connection, site_id, event, by=by, at=clock.now())
        detail = {"queue": event.queue, "days": [str(event.first_day), str(event.last_day)], "reason": event.reason}
        figures = {"factor": event.factor, "jobs_per_day": event.jobs_per_day}
        rosters.record(connection, clock.now(), by, "demand event added", ("demand event", number), None, **detail, **figures)
    return number


def event_faults(event: DemandEvent, queues: Mapping[str, int] | Sequence[str]) -> list[Fault]:
    """Return everything that is wrong with an event."""
    given = [value for value in (event.factor, event.jobs_per_day) if value is not None]
    days = (event.last_day - event.first_day).days + 1
    checks = (
        ("last_day", days >= 1, f"The event ends before it starts ({event.first_day})."),
        ("last_day", days <= MOST_EVENT_DAYS, f"An event lasts at most {MOST_EVENT_DAYS} days; make several of it."),
        ("queue", event.queue is None or event.queue in queues, "This is no queue of the site."),
        ("factor", len(given) == 1, "Give either a factor or the jobs of a day, and not both."),
        ("factor", event.factor is None or 0 < event.factor <= 100, "A factor lies above 0 and is at most 100."),
        ("jobs_per_day", event.jobs_per_day is None or 0 <= event.jobs_per_day <= 1e9, "Jobs are 0 or more, at most a billion."),
        ("reason", bool(event.reason.strip()), "Say why, so that others know in a year."),
    )
    return [Fault("event", None, name, "", reason) for name, is_right, reason in checks if not is_right]


def remove_event(engine: Engine, site_id: int, event_id: int, *, by: str, clock: Clock) -> None:
    """Take an event away; NotFoundError when the site has none with this id."""
    with domain_errors(), engine.begin() as connection:
        if not demand_events.remove_event(connection, site_id, event_id):
            raise NotFoundError(f"There is no event {event_id}; somebody may have removed it.")
        rosters.record(connection, clock.now(), by, "demand event removed", ("demand event", event_id), None)
