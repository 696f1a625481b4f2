"""What the next hours bring, queue by queue, and what a change would do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocation.projection.curves import QueueCurves, queue_curves
from allocation.projection.fluid import Flow, compile_states, run
from allocation.projection.sharing import TINY
from allocation.projection.state import FloorState

Floats = NDArray[np.float64]

MENDABLE_AFTER_MINUTES = 15.0
"""Deadlines that pass sooner than this are past mending: people need time to hear of a change."""

LEAST_LATE_JOBS = 0.5
"""Fewer late jobs are dust of the fluid, not a miss."""

LEAST_IDLE_MINUTES = 15.0
"""A queue is idle when it stays empty, with people to spare, for this long."""


@dataclass(frozen=True, eq=False)
class QueueOutlook:
    """The next hours of one queue.

    Parameters
    ----------
    waiting, oldest_seconds
        Jobs that wait now, and the age of the oldest.
    arrival_factor
        What the rest of the forecast was multiplied with.
    idle_in_minutes
        Until the queue is empty and stays so with people to spare; ``None`` when that does not happen.
    labour_needed
        Heads to be added from now on so that no deadline of the jobs of the horizon passes (that can still be mended), while
        other queues take no more; negative: heads that can go. ``None`` when nothing is due.
    first_miss_at
        When the first deadline passes without an answer; ``None`` when none does.
    late_jobs, in_time_jobs
        Jobs of the horizon answered late (or overdue at its end), and answered in time.
    sla_projected
        Share in time of both; ``None`` without jobs.
    sla_so_far, sla_day
        Share in time of what was handled today, and of that with the horizon.
    required_heads
        Workload of the arrivals x (1 + buffer) / largest occupancy, shape (steps,).
    working_heads
        Heads at work on the queue, shape (steps,).
    waiting_jobs
        Jobs that wait at each edge of the steps, shape (steps + 1,).
    """

    queue_id: int
    name: str
    waiting: float
    oldest_seconds: float
    arrival_factor: float
    idle_in_minutes: float | None
    labour_needed: float | None
    first_miss_at: datetime | None
    late_jobs: float
    in_time_jobs: float
    sla_projected: float | None
    sla_so_far: float | None
    sla_day: float | None
    required_heads: Floats
    working_heads: Floats
    waiting_jobs: Floats


@dataclass(frozen=True, eq=False)
class Projection:
    """The next hours of a site.

    Parameters
    ----------
    present_heads
        Productive heads really there, shape (steps,).
    spare_heads
        Heads of each group of the state that have nothing to do, shape (groups, steps).
    """

    state: FloorState
    queues: tuple[QueueOutlook, ...]
    present_heads: Floats
    spare_heads: Floats
    flow: Flow
    curves: tuple[QueueCurves, ...]

    @cached_property
    def required_heads(self) -> Floats:
        """Heads that all queues require, shape (steps,)."""
        return np.asarray(np.sum([queue.required_heads for queue in self.queues], axis=0), dtype=np.float64)

    @cached_property
    def starts(self) -> tuple[datetime, ...]:
        """Start of each step."""
        return tuple(self.state.now + timedelta(minutes=self.state.step_minutes * step) for step in range(self.state.steps))

    def queue(self, queue_id: int) -> QueueOutlook:
        """Return the outlook of a queue by its id."""
        return self.queues[self.state.position[queue_id]]


@dataclass(frozen=True)
class QueueEffect:
    """What a change does to one queue: figures of `QueueOutlook` before and after it."""

    queue_id: int
    name: str
    sla_before: float | None
    sla_after: float | None
    first_miss_before: datetime | None
    first_miss_after: datetime | None
    labour_before: float | None
    labour_after: float | None
    late_before: float
    late_after: float

    @property
    def late_avoided(self) -> float:
        """Late jobs that the change avoids; negative when it causes some."""
        return self.late_before - self.late_after


def project(state: FloorState, *, mendable_after_minutes: float = MENDABLE_AFTER_MINUTES) -> Projection:
    """Project one site from now to the end of its horizon.

    Parameters
    ----------
    mendable_after_minutes
        Deadlines that pass sooner ask for no labour.
    """
    flow = run(compile_states([state]))
    curves = tuple(queue_curves(flow))
    required, working, idle = _required_heads(state, flow), _working_heads(state, flow), _idle_minutes(flow)
    queues = tuple(
        _outlook(
            state, row, curve, mendable_after_minutes * 60.0, idle[row], float(flow.network.factor[row]), required[row], busy
        )
        for row, (curve, busy) in enumerate(zip(curves, working, strict=True))
    )
    heads = np.array([group.heads for group in state.groups], dtype=np.float64).reshape(len(state.groups), state.steps)
    speeds = np.array([group.relative_speed for group in state.groups], dtype=np.float64)
    return Projection(state, queues, heads.sum(axis=0), flow.spare / (speeds * state.step_seconds)[:, None], flow, curves)


def curves_of(states: Sequence[FloorState]) -> list[tuple[QueueCurves, ...]]:
    """Return the curves of each queue of each state, run side by side: a quick way to compare many moves."""
    if not states:
        return []
    curves = queue_curves(run(compile_states(states)))
    ends = np.cumsum([len(state.queues) for state in states]).tolist()
    return [tuple(curves[end - len(state.queues) : end]) for state, end in zip(states, ends, strict=True)]


def effect(before: Projection, after: Projection) -> dict[int, QueueEffect]:
    """Return what a change does to each queue, by the id of the queue; both projections need the same queues."""
    return {was.queue_id: effect_on(was, before.state, after.curves[after.state.position[was.queue_id]]) for was in before.queues}


def effect_on(
    before: QueueOutlook, state: FloorState, after: QueueCurves, *, mendable_after_minutes: float = MENDABLE_AFTER_MINUTES
) -> QueueEffect:
    """Return what a change does to one queue, from its outlook before and its curves after it."""
    return QueueEffect(
        queue_id=before.queue_id,
        name=before.name,
        sla_before=before.sla_projected,
        sla_after=_share(after.in_time_jobs, after.in_time_jobs + after.late_jobs),
        first_miss_before=before.first_miss_at,
        first_miss_after=_first_miss(state, after),
        labour_before=before.labour_needed,
        labour_after=after.heads_needed(mendable_after_minutes * 60.0),
        late_before=before.late_jobs,
        late_after=after.late_jobs,
    )


def _first_miss(state: FloorState, curve: QueueCurves) -> datetime | None:
    """Return when the first deadline passes without an answer, unless what is late is dust."""
    seconds = curve.first_late_seconds if curve.late_jobs >= LEAST_LATE_JOBS else None
    return None if seconds is None else state.now + timedelta(seconds=round(seconds, 3))


def _share(part: float, whole: float) -> float | None:
    """Return ``part / whole``, at most 1; nothing when there is no whole."""
    return min(1.0, part / whole) if whole > 1e-9 else None


def _outlook(
    state: FloorState,
    row: int,
    curve: QueueCurves,
    mendable_after: float,
    idle_in: float | None,
    factor: float,
    required: Floats,
    working: Floats,
) -> QueueOutlook:
    """Return the outlook of the queue of a row."""
    queue, late, in_time = state.queues[row], curve.late_jobs, curve.in_time_jobs
    return QueueOutlook(
        queue_id=queue.queue_id,
        name=queue.name,
        waiting=queue.waiting_count,
        oldest_seconds=queue.oldest_seconds,
        arrival_factor=factor,
        idle_in_minutes=idle_in,
        labour_needed=curve.heads_needed(mendable_after),
        first_miss_at=_first_miss(state, curve),
        late_jobs=late,
        in_time_jobs=in_time,
        sla_projected=_share(in_time, in_time + late),
        sla_so_far=_share(queue.in_sla_so_far, queue.handled_so_far),
        sla_day=_share(queue.in_sla_so_far + in_time, queue.handled_so_far + in_time + late),
        required_heads=required,
        working_heads=working,
        waiting_jobs=np.maximum(curve.arrived - curve.served_jobs[::2], 0.0),
    )


def _required_heads(state: FloorState, flow: Flow) -> Floats:
    """Return the workload of the arrivals x (1 + buffer) / largest occupancy, shape (queues, steps)."""
    occupancy = np.array([queue.max_occupancy for queue in state.queues])
    workload = flow.network.arrivals * (flow.network.aht_seconds / state.step_seconds)[:, None]
    required: Floats = workload * ((1.0 + state.buffer) / occupancy)[:, None]
    return required


def _working_heads(state: FloorState, flow: Flow) -> Floats:
    """Return the heads at work on each queue, shape (queues, steps)."""
    edges = flow.network.edges
    speeds = np.array([group.relative_speed for group in state.groups], dtype=np.float64)
    heads = flow.taken / (speeds[edges.group] * state.step_seconds)
    return np.stack([edges.by_queue(row) for row in heads], axis=1)


def _idle_minutes(flow: Flow) -> list[float | None]:
    """Return for each queue the minutes until it is empty and stays so with people to spare."""
    minutes = flow.network.step_seconds / 60.0
    steps = flow.network.steps
    calm = flow.is_empty & (flow.reachable_spare() > TINY)
    span = min(steps, int(np.ceil(LEAST_IDLE_MINUTES / minutes)))
    # Calm past the horizon is assumed, so that a calm last step counts.
    padded = np.concatenate([calm, np.ones((len(calm), span - 1), dtype=bool)], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, span, axis=1)
    stays = np.asarray(windows.all(axis=2), dtype=bool)
    first = stays.argmax(axis=1)
    caught_up = flow.caught_up[np.arange(len(first)), first] / 60.0
    return [
        float(at * minutes + late) if any_calm else None
        for at, late, any_calm in zip(first, caught_up, stays.max(axis=1).tolist(), strict=True)
    ]
