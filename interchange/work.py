"""The files about work: requirement, volumes, queues."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from interchange.faults import FaultList
from interchange.rows import Row
from interchange.tables import Columns, Source, read_csv, read_table
from scheduling.queues import Queue, QueueKind
from scheduling.scenario import Requirement
from scheduling.times import Horizon

REQUIREMENT = Columns(("starts_at", "skill", "heads"))
VOLUMES = Columns(("starts_at", "queue", "jobs", "aht_seconds"))
QUEUES = Columns(("queue", "skill", "kind", "sla_seconds", "max_occupancy"))

SHOWN_QUEUES = 8
MOST_HEADS = 1e6
MOST_JOBS = 1e9
MOST_AHT_SECONDS = 86_400.0
MOST_SLA_SECONDS = 90 * 86_400


def _on_grid(row: Row, instant: datetime, horizon: Horizon) -> bool:
    """Note a time that is not the start of an interval."""
    if horizon.minute_of(instant) % horizon.interval_minutes:
        row.fault("starts_at", f"No interval of {horizon.interval_minutes} minutes starts then, counted from midnight on site.")
        return False
    return True


def read_requirement(path: Path, horizon: Horizon | None, faults: FaultList) -> tuple[Requirement | None, list[str]]:
    """Read requirement.csv; return the requirement and the skills that it names.

    Rows outside the horizon are left out, intervals without a row need no heads. Without a horizon only the cells are checked.
    """
    skills: dict[str, int] = {}
    seen: dict[tuple[datetime, str], int] = {}
    places: list[tuple[int, int, float]] = []
    for row in read_csv(path, REQUIREMENT, faults):
        instant, skill, heads = row.instant("starts_at"), row.text("skill"), row.number("heads", 0.0, MOST_HEADS)
        if skill is not None and ";" in skill:
            row.fault("skill", "A skill cannot hold a semicolon; write one skill a row.")
        if skill is None or instant is None:
            continue
        column = skills.setdefault(skill, len(skills))
        if (instant, skill) in seen:
            row.fault("starts_at", f"Row {seen[instant, skill]} has this time and skill already; leave one of the two out.")
            continue
        seen[instant, skill] = row.line
        if horizon is None or not _on_grid(row, instant, horizon) or heads is None:
            continue
        interval = horizon.minute_of(instant) // horizon.interval_minutes
        if 0 <= interval < horizon.interval_count:
            places.append((interval, column, heads))
    if not skills and not faults.count(path.name):
        faults.add(path.name, None, "", "", "There is no row; a requirement needs at least one.")
    if horizon is None or not skills:
        return None, list(skills)
    matrix = np.zeros((horizon.interval_count, len(skills)))
    for interval, column, heads in places:
        matrix[interval, column] = heads
    return Requirement(tuple(skills), matrix), list(skills)


def read_queues(path: Path, faults: FaultList) -> tuple[tuple[Queue, ...], set[str]]:
    """Read queues.csv; return the queues, and all names including those of rows with faults."""
    found: list[Queue] = []
    seen: dict[str, int] = {}
    for row in read_csv(path, QUEUES, faults):
        before = faults.count(path.name)
        name, skill = row.text("queue"), row.text("skill")
        kind = row.known("kind", tuple(QueueKind), "no kind of queue; write realtime or backlog")
        sla, occupancy = row.whole("sla_seconds", 1, MOST_SLA_SECONDS), row.number("max_occupancy", 0.0, 1.0)
        if occupancy is not None and occupancy < 0.01:
            row.fault("max_occupancy", "The occupancy must be at least 0.01.")
        if skill is not None and ";" in skill:
            row.fault("skill", "A skill cannot hold a semicolon; a queue needs exactly one skill.")
        if name is None:
            continue
        if name in seen:
            row.fault("queue", f"Row {seen[name]} has this queue already; leave one of the two out.")
            continue
        seen[name] = row.line
        if skill is None or kind is None or sla is None or occupancy is None:
            continue
        if faults.count(path.name) == before:
            found.append(Queue(name, skill, QueueKind(kind), sla, occupancy))
    if not seen and not faults.count(path.name):
        faults.add(path.name, None, "", "", "There is no queue; add at least one row.")
    return tuple(found), set(seen)


def _aht(row: Row, jobs: float | None) -> float | None:
    """Return the handling time, which an interval without jobs may leave empty."""
    if jobs == 0 and not row.cell("aht_seconds"):
        return 0.0
    aht = row.number("aht_seconds", 0.0, MOST_AHT_SECONDS)
    if aht == 0 and jobs:
        row.fault("aht_seconds", "Jobs that take no time need nobody; give the handling time of a job.")
        return None
    return aht


def volumes_from(path: Source, queues: Collection[str] | None, horizon: Horizon | None, faults: FaultList) -> pd.DataFrame:
    """Read volumes from CSV or XLSX into the columns starts_at (aware), queue, jobs, aht_seconds, in the order of the file.

    Parameters
    ----------
    queues
        Names that are allowed; ``None`` allows all.
    horizon
        Gives the zone of the times and the grid on which they must lie; ``None`` leaves them in UTC.
    """
    starts: list[datetime] = []
    names: list[str] = []
    jobs_column: list[float] = []
    aht_column: list[float] = []
    seen: dict[tuple[datetime, str], int] = {}
    for row in read_table(path, VOLUMES, faults):
        instant, name, jobs = row.instant("starts_at"), row.text("queue"), row.number("jobs", 0.0, MOST_JOBS)
        aht = _aht(row, jobs)
        if name is not None and queues is not None and name not in queues:
            row.fault("queue", f"This is no queue that is known; known: {', '.join(sorted(queues)[:SHOWN_QUEUES]) or 'none'}.")
        if instant is None or name is None:
            continue
        if (instant, name) in seen:
            row.fault("starts_at", f"Row {seen[instant, name]} has this time and queue already; leave one of the two out.")
            continue
        seen[instant, name] = row.line
        if (horizon is None or _on_grid(row, instant, horizon)) and jobs is not None and aht is not None:
            starts.append(instant)
            names.append(name)
            jobs_column.append(jobs)
            aht_column.append(aht)
    if not seen and not faults.count(path.name):
        faults.add(path.name, None, "", "", "There is no row of volumes; add the past weeks, interval by interval.")
    zone = ZoneInfo("UTC") if horizon is None else horizon.zone
    index = pd.DatetimeIndex(pd.to_datetime(starts, utc=True)).as_unit("us").tz_convert(zone if horizon is not None else UTC)
    return pd.DataFrame(
        {
            "starts_at": index,
            "queue": pd.Series(names, dtype="str"),
            "jobs": np.array(jobs_column, dtype=np.float64),
            "aht_seconds": np.array(aht_column, dtype=np.float64),
        }
    )
