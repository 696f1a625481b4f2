"""From volumes to the requirement: productive heads for each interval and skill.

Heads stay fractions. The roster's cost of coverage is convex and piecewise linear in heads and what a roster schedules is
fractional too (breaks cut intervals), while rounding every interval of every skill up would ask for half a head more each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demand.backlog import flattest
from demand.calendar import Calendar
from demand.expected import ExpectedVolume, expected_volume
from demand.history import VolumeSeries
from demand.models import Model
from demand.rows import DEFAULT_FILE, checked_rows
from demand.staffing import buffered_heads, required_agents
from demand.uncertainty import DEFAULT_BUFFER, p90_buffer
from scheduling.errors import BadInputError, Fault
from scheduling.queues import Queue, QueueKind
from scheduling.scenario import Requirement
from scheduling.times import Horizon

Floats = NDArray[np.float64]

SERVICE_LEVEL = 0.95
"""Share of real-time jobs to begin within the SLA, for the Erlang C floor of small queues."""
SETTLING_DAYS = 7
"""Days before the horizon, besides the SLA, in which a backlog plan settles, so that the horizon does not start empty."""
LARGEST_BUFFER = 0.25
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class QueueNeed:
    """What one queue needs: its expected volume, the buffer used, and heads in the horizon, shape (intervals,)."""

    queue: Queue
    volume: ExpectedVolume
    buffer: float
    heads: Floats


def default_buffer(queue: Queue, volume: ExpectedVolume) -> float:
    """Return the P90 buffer of a queue: from its measured random rate, or 12 % where the past is too short.

    A real-time queue has to meet the rate of the hour. A backlog averages the day factors over the days of its SLA, so their
    CV shrinks with the square root of the days. No buffer is above 25 %: where volume is that wild, moving people during the
    day costs less than keeping them in reserve all day.
    """
    days = max(1.0, queue.sla_seconds / DAY_SECONDS)
    if volume.uncertainty is None:
        return DEFAULT_BUFFER if queue.kind is QueueKind.REALTIME else DEFAULT_BUFFER / sqrt(days)
    if queue.kind is QueueKind.REALTIME:
        return min(LARGEST_BUFFER, p90_buffer(volume.uncertainty.rate_cv))
    return min(LARGEST_BUFFER, p90_buffer(volume.uncertainty.day_cv / sqrt(days)))


def margin_days(queue: Queue) -> int:
    """Return the days around the horizon that a queue's requirement depends on."""
    return ceil(queue.sla_seconds / DAY_SECONDS) + SETTLING_DAYS if queue.kind is QueueKind.BACKLOG else 0


def _levelled(workload: Floats, slack_intervals: int) -> Floats:
    """Return the flattest heads over a window, shape (intervals,), zero in the first `slack_intervals`.

    The window starts as it ends, with a full SLA of work in hand. From an empty start the plan would let the backlog grow
    older all the way to the end, and so ask for fewer heads than work comes in.
    """
    carried, work = workload[:slack_intervals], workload[slack_intervals:]
    return np.concatenate([np.zeros(len(carried)), flattest(work, slack_intervals, carried)])


def queue_need(queue: Queue, volume: ExpectedVolume, horizon: Horizon, buffer: float | None) -> QueueNeed:
    """Return the heads that one queue needs, by the workload rule or as the flattest backlog."""
    used = default_buffer(queue, volume) if buffer is None else buffer
    workload = volume.heads(horizon.interval_minutes)
    if queue.kind is QueueKind.BACKLOG:
        workload = _levelled(workload, int(queue.sla_seconds // (60 * horizon.interval_minutes)))
    workload = workload[volume.before : volume.before + horizon.interval_count]
    return QueueNeed(queue, volume, used, buffered_heads(workload, used, queue.max_occupancy))


def _erlang_floor(needs: Sequence[QueueNeed], interval_minutes: int, level: float) -> Floats:
    """Return the agents that the pooled real-time queues of one skill need by Erlang C, at the strictest of their SLAs.

    The queues of a skill are served by the same people, so their loads are pooled before the formula, not after. The load
    carries the buffers: the level is kept also when volume is at its P90.
    """
    work = sum((need.volume.work_seconds * (1 + need.buffer) for need in needs), np.zeros(1))
    jobs = sum((need.volume.jobs * (1 + need.buffer) for need in needs), np.zeros(1))
    aht = np.divide(work, jobs, out=np.ones_like(work), where=jobs > 0)
    target = min(need.queue.sla_seconds for need in needs)
    return required_agents(work / (60.0 * interval_minutes), target, aht, level).astype(np.float64)


def _of_skill(needs: Sequence[QueueNeed], horizon: Horizon, level: float) -> Floats:
    """Return the heads of one skill in the horizon, shape (intervals,): real-time queues pooled, backlog added."""
    total = sum((need.heads for need in needs), np.zeros(horizon.interval_count))
    realtime = [need for need in needs if need.queue.kind is QueueKind.REALTIME]
    if realtime:
        by_workload = sum((need.heads for need in realtime), np.zeros(horizon.interval_count))
        total += np.maximum(0.0, _erlang_floor(realtime, horizon.interval_minutes, level) - by_workload)
    return total


def _promise_faults(queue: Queue) -> list[Fault]:
    """Return what is wrong with the numbers of one queue."""
    numbers = (
        ("sla_seconds", queue.sla_seconds, queue.sla_seconds > 0, "must be above zero"),
        ("max_occupancy", queue.max_occupancy, 0 < queue.max_occupancy <= 1, "must be above 0 and at most 1"),
    )
    return [
        Fault("queues.csv", None, column, str(value), f"of queue {queue.name} {reason}")
        for column, value, fine, reason in numbers
        if not fine
    ]


def _queue_faults(volumes: pd.DataFrame, queues: Sequence[Queue], file: str) -> list[Fault]:
    """Return the queues that are unknown, have no volumes, are there twice, or promise what no one can keep."""
    named = list(volumes["queue"].astype(str).unique())
    names = [queue.name for queue in queues]
    unknown = "has volumes but is not among the queues; add it there or correct the name"
    unused = "has no volumes; add rows or remove the queue"
    twice = "is there twice; keep one"
    doubled = sorted({name for name in names if names.count(name) > 1})
    return [
        *(Fault(file, None, "queue", name, unknown) for name in named if name not in names),
        *(Fault("queues.csv", None, "queue", name, unused) for name in names if name not in named),
        *(Fault("queues.csv", None, "queue", name, twice) for name in doubled),
        *(fault for queue in queues for fault in _promise_faults(queue)),
    ]


def series_of_queue(volumes: pd.DataFrame, queue: str, zone_name: str, file: str = DEFAULT_FILE) -> VolumeSeries:
    """Return the volumes of one queue; short gaps of a sparse source have no jobs."""
    series = VolumeSeries.from_frame(volumes[volumes["queue"].astype(str) == queue], zone_name, file=file)
    return series.with_gaps_as_zero() if series.looks_sparse(0) else series


def needs_of_queues(
    volumes: pd.DataFrame,
    queues: Sequence[Queue],
    horizon: Horizon,
    *,
    calendar: Calendar | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    buffer: float | None = None,
    model: Model | None = None,
    file: str = DEFAULT_FILE,
) -> tuple[QueueNeed, ...]:
    """Return what each queue needs, in the order of the queues; parameters as in `requirement_from_volumes`."""
    checked_rows(volumes, file)
    faults = _queue_faults(volumes, queues, file)
    if faults:
        raise BadInputError(faults)
    needs = []
    for queue in queues:
        series = series_of_queue(volumes, queue.name, horizon.zone_name, file)
        own = (calendars or {}).get(queue.name, calendar)
        volume = expected_volume(series, horizon, margin_days=margin_days(queue), calendar=own, model=model)
        needs.append(queue_need(queue, volume, horizon, buffer))
    return tuple(needs)


def _note(need: QueueNeed) -> str:
    """Return one sentence or two on where the requirement of a queue comes from."""
    volume = need.volume
    source = "planned volumes"
    if volume.model is not None:
        source = f"{volume.forecast_share:.0%} of the intervals forecast by the model “{volume.model.name}”"
    wapes = ", ".join(f"{result.model.name} {result.wape:.1%}" for result in volume.backtests)
    shown = f" Backtest over {len(volume.backtests[0].origins)} fortnights, WAPE: {wapes}." if wapes else ""
    measured = "" if volume.uncertainty is None else f", day factor CV {volume.uncertainty.day_cv:.1%}"
    return f"Queue {need.queue.name}: {source}; buffer {need.buffer:.1%}{measured}.{shown}"


def requirement_from_volumes(
    volumes: pd.DataFrame,
    queues: Sequence[Queue],
    horizon: Horizon,
    *,
    calendar: Calendar | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    buffer: float | None = None,
    service_level: float = SERVICE_LEVEL,
    model: Model | None = None,
    file: str = DEFAULT_FILE,
) -> tuple[Requirement, tuple[str, ...]]:
    """Return the productive heads that each skill needs in each interval of a horizon, with a note for each queue.

    Rows inside the horizon are the expected volume; intervals without a row are forecast. Real-time queues need
    ``workload x (1 + buffer) / max_occupancy`` and, pooled by skill, at least what Erlang C asks; backlog queues need the
    flattest heads that keep every deadline. Queues of one skill add up.

    Parameters
    ----------
    volumes
        Columns ``starts_at`` (aware), ``queue``, ``jobs``, ``aht_seconds``.
    queues
        The queues; skills appear in the requirement in the order of their first queue.
    calendars
        Calendars of single queues by name, in place of `calendar`.
    buffer
        Share added to every queue's workload; by default the measured P90 of each queue (`default_buffer`).
    service_level
        Share of real-time jobs to begin within the SLA, above 0 and below 1.
    model
        Forecasting model; by default the one that wins the backtest on each queue.

    Raises
    ------
    BadInputError
        With every faulty row, unknown queue, and queue without volumes.
    """
    needs = needs_of_queues(
        volumes, queues, horizon, calendar=calendar, calendars=calendars, buffer=buffer, model=model, file=file
    )
    return requirement_of_needs(needs, horizon, service_level), tuple(_note(need) for need in needs)


def requirement_of_needs(needs: Sequence[QueueNeed], horizon: Horizon, service_level: float = SERVICE_LEVEL) -> Requirement:
    """Return the productive heads that each skill needs from what its queues need."""
    skills = tuple(dict.fromkeys(need.queue.skill for need in needs))
    heads = [_of_skill([need for need in needs if need.queue.skill == skill], horizon, service_level) for skill in skills]
    return Requirement(skills, np.stack(heads, axis=1) if heads else np.zeros((horizon.interval_count, 0)))


def scaled_need(need: QueueNeed, horizon: Horizon, volume_factor: float, aht_factor: float) -> QueueNeed:
    """Return what a queue would need if its volume and its handling time were other ones; the buffer stays."""
    volume = replace(
        need.volume,
        jobs=need.volume.jobs * volume_factor,
        work_seconds=need.volume.work_seconds * (volume_factor * aht_factor),
    )
    return queue_need(need.queue, volume, horizon, need.buffer)
