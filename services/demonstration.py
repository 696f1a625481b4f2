"""A floor brought to life: the people of the published roster come and work, and jobs arrive as forecast, all simulated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from sqlalchemy import Connection, Engine, text

from scheduling.errors import ConflictError
from scheduling.jobs import MediaKind
from scheduling.times import Clock
from services.forecasts import refresh_forecast
from services.opening import open_floor
from services.simulated_floor import Judgements, MovedClock, ServiceFloor, planned_people
from simulation.draws import Habits, QueueLoad, draw_jobs, draw_people
from simulation.world import Seconds, SimulatedJob, SimulatedPerson
from storage.duties import duties_between
from storage.errors import domain_errors
from storage.forecasts import read_forecast

STEP_SECONDS: Final = 900.0
DRAWINGS: Final = 500
"""Different pictures that the simulated jobs show."""
ANSWERS: Final = tuple({"verdict": verdict} for verdict in ("ok", "misplaced", "cannot tell"))
"""What can be answered in the plainest form, which queues have unless they are given another."""
QUEUES = text("SELECT id, name, sla_seconds FROM queue WHERE site_id = :site ORDER BY id")
LANES = text(
    "SELECT l.associate_id, l.queue_id, a.code FROM lane l JOIN associate a ON a.id = l.associate_id WHERE a.site_id = :site"
)


@dataclass(frozen=True)
class Checks:
    """How many simulated jobs are checked, and how often the people are mistaken, each as a share from 0 to 1."""

    gold_share: float = 0.05
    double_share: float = 0.03
    mistake_share: float = 0.04


@dataclass(frozen=True)
class Demonstration:
    """What is going to happen."""

    floor: ServiceFloor
    jobs: list[SimulatedJob]
    people: list[SimulatedPerson]


def prepare_demonstration(
    engine: Engine,
    site_id: int,
    *,
    clock: Clock,
    hours: float,
    load: float | None,
    without: Collection[str],
    checks: Checks,
    seed: int,
) -> Demonstration:
    """Draw people and jobs of the next hours.

    Parameters
    ----------
    load
        Work that arrives as a share of what the people can do; ``None`` takes the forecast as it is.
    without
        Codes of associates who are not simulated, because somebody wants to be one of them.
    checks
        How many of the jobs are checked, and how often people are mistaken.

    Raises
    ------
    ConflictError
        When nobody is on shift in these hours.
    """
    open_floor(engine, site_id, clock=clock)
    refresh_forecast(engine, site_id, clock=clock)
    start, until = clock.now(), hours * 3600.0
    with domain_errors(), engine.connect() as connection:
        duties = duties_between(connection, site_id, start, start + timedelta(hours=hours))
        queues = {row.id: row for row in connection.execute(QUEUES, {"site": site_id})}
        queues_of: dict[int, set[int]] = {}
        for who, queue_id, code in connection.execute(LANES, {"site": site_id}).tuples():
            if code not in without:
                queues_of.setdefault(who, set()).add(queue_id)
        expected = _expected(connection, list(queues), clock, until)
    planned = planned_people(duties, {who: frozenset(ids) for who, ids in queues_of.items()}, start, until)
    if not planned:
        raise ConflictError("Nobody is on shift in these hours: publish a roster that covers them first.")
    people = draw_people(planned, Habits(), seed)
    capacity = sum(max(0.0, min(until, high) - low) for one in people for low, high in one.stretches)
    work = sum(float(jobs.sum()) * aht for jobs, aht in expected.values())
    scale = 1.0 if load is None or work == 0 else load * capacity / work
    loads = [
        QueueLoad(queue_id, float(queues[queue_id].sla_seconds), aht, scale * jobs, STEP_SECONDS)
        for queue_id, (jobs, aht) in sorted(expected.items())
    ]
    names = {queue_id: str(row.name) for queue_id, row in queues.items()}
    judgements = Judgements(ANSWERS, checks.gold_share, checks.double_share, checks.mistake_share, seed)
    floor = ServiceFloor(engine, site_id, names, MovedClock(start), f"SIM-{start:%Y%m%d%H%M%S}-{seed}", _drawing, judgements)
    return Demonstration(floor, draw_jobs(loads, seed), people)


def _expected(
    connection: Connection, queue_ids: list[int], clock: Clock, until: Seconds
) -> dict[int, tuple[np.ndarray[tuple[int], np.dtype[np.float64]], float]]:
    """Return by queue the jobs expected in each step from now on, and their handling time."""
    now = clock.now()
    # The step that goes on counts too, or a short simulation would lie between two starts and have no jobs.
    start = now - timedelta(seconds=now.timestamp() % STEP_SECONDS)
    rows = read_forecast(connection, queue_ids, start, now + timedelta(seconds=until))
    steps = int(np.ceil(until / STEP_SECONDS))
    expected = {}
    for queue_id in queue_ids:
        own = rows[rows["queue"] == queue_id]
        if len(own):
            jobs = np.resize(own["jobs"].astype(np.float64), steps)
            expected[queue_id] = (jobs, float(np.average(own["aht"], weights=own["jobs"] + 1e-9)))
    return expected


def _drawing(job: SimulatedJob) -> tuple[MediaKind, str, str]:
    """Return what a simulated job shows: a drawn shelf, now and then as a video."""
    number = 1 + job.number % DRAWINGS
    if job.number % 3 == 0:
        return MediaKind.VIDEO, f"/media/sample/{number}.mp4", ""
    return MediaKind.IMAGE, f"/media/sample/{number}.svg", ""
