"""What the curves of one queue say: jobs answered against jobs due, and the heads that would keep every deadline.

Curves are piecewise linear, in jobs against seconds from now, so every figure is exact for the fluid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocation.projection.fluid import Flow

Floats = NDArray[np.float64]

ROUNDING = 1e-7
"""Jobs, relative to all jobs of the queue, by which an answer may come late through rounding alone."""


@dataclass(frozen=True, eq=False)
class QueueCurves:
    """The curves of one queue; those of the steps have the shape (steps + 1,).

    Parameters
    ----------
    edges
        Seconds from now to each edge of the steps.
    arrived
        Jobs that wait now or came until each edge.
    available
        Jobs that could have been answered until each edge with all the time that reaches the queue.
    served_times, served_jobs
        Corners of the jobs answered.
    due_times, due_jobs
        Corners of the jobs whose deadline has passed.
    """

    edges: Floats
    arrived: Floats
    available: Floats
    served_times: Floats
    served_jobs: Floats
    due_times: Floats
    due_jobs: Floats
    aht_seconds: float

    @cached_property
    def _against_due(self) -> tuple[Floats, Floats, Floats]:
        """Times at which either curve bends, the jobs answered until then, and how many fewer are due."""
        end = self.edges[-1]
        inside = self.due_times[(self.due_times > 0) & (self.due_times < end)]
        times = np.unique(np.concatenate([self.served_times, inside]))
        served = np.interp(times, self.served_times, self.served_jobs)
        ahead = served - np.interp(times, self.due_times, self.due_jobs)
        ahead[np.abs(ahead) <= ROUNDING * (1.0 + self.arrived[-1])] = 0.0
        return times, served, ahead

    @cached_property
    def late_jobs(self) -> float:
        """Jobs answered after their deadline, or past it and still waiting at the end."""
        _, served, ahead = self._against_due
        behind, sizes = np.maximum(-ahead, 0.0), np.abs(ahead)
        both = sizes[1:] + sizes[:-1]
        part = np.divide(behind[1:] + behind[:-1], both, out=np.zeros(len(both)), where=both > 0)
        return float((np.diff(served) * part).sum() + behind[-1])

    @property
    def in_time_jobs(self) -> float:
        """Jobs answered before their deadline."""
        return max(0.0, float(self.served_jobs[-1] + max(0.0, -self._against_due[2][-1])) - self.late_jobs)

    @cached_property
    def first_late_seconds(self) -> float | None:
        """Seconds from now to the first deadline that passes without an answer."""
        times, _, ahead = self._against_due
        late = np.flatnonzero(ahead < 0)
        if not len(late):
            return None
        at = int(late[0])
        if at == 0:
            return 0.0
        return float(times[at - 1] + (times[at] - times[at - 1]) * ahead[at - 1] / (ahead[at - 1] - ahead[at]))

    def heads_needed(
        self, mendable_after: float, start: float = 0.0, until: float = np.inf, settled_by: float = np.inf
    ) -> float | None:
        """Return the heads that must be added, from `start` to `until`, so that no deadline passes; negative when some can go.

        With extra time of ``h`` seconds a second, what is answered until ``t`` is the least over ``s`` of what had come until
        ``s`` and could be answered from ``s`` to ``t`` (Reich 1958); it must reach what is due at ``t``. So ``h`` is the
        greatest of ``(due(t) - arrived(s) - available(s, t)) / (t - s)``. Deadlines after the end, of jobs that came before
        it, count as if people went on at their mean pace: who works a backlog for tomorrow is not free today.

        Parameters
        ----------
        mendable_after
            Deadlines that pass within so many seconds are past mending and do not count.
        start, until
            Seconds from now between which the heads work.
        settled_by
            Deadlines that pass later than so many seconds do not count.

        Returns
        -------
        float | None
            Heads; ``None`` when no deadline counts or is reached by heads of that time.
        """
        corners = np.unique(np.concatenate([self.edges[1:], self.due_times]))
        ends = corners[(corners >= max(mendable_after, 1.0)) & (corners <= settled_by)]
        starts = self.edges[:-1]
        floor = self.arrived[:-1].copy()
        floor[0] = 0.0
        due = np.interp(ends, self.due_times, self.due_jobs)
        pace = self.available[-1] / self.edges[-1]
        given = np.interp(ends, self.edges, self.available) + pace * np.maximum(ends - self.edges[-1], 0.0)
        missing = due[None, :] - floor[:, None] - given[None, :] + self.available[:-1, None]
        worked = np.minimum(ends, until)[None, :] - np.maximum(starts, start)[:, None]
        counts = (worked > 0) & (ends[None, :] > starts[:, None])
        if not counts.any():
            return None
        return float((missing[counts] / worked[counts]).max() * self.aht_seconds)


def queue_curves(flow: Flow) -> list[QueueCurves]:
    """Return the curves of every queue of a run."""
    network = flow.network
    steps, seconds = network.steps, network.step_seconds
    edges = np.arange(steps + 1, dtype=np.float64) * seconds
    arrived = network.curve_levels[:, -steps - 1 :]
    work = np.diff(flow.served, axis=1) + flow.reachable_spare() / network.aht_seconds[:, None]
    available = np.concatenate([np.zeros((len(work), 1)), np.cumsum(work, axis=1)], axis=1)
    times = np.empty((len(work), 2 * steps + 1))
    jobs = np.empty_like(times)
    times[:, ::2], jobs[:, ::2] = edges, flow.served
    times[:, 1::2] = edges[:-1] + flow.caught_up
    emptied = arrived[:, :-1] + network.arrivals * (flow.caught_up / seconds)
    jobs[:, 1::2] = np.clip(np.where(flow.is_empty, emptied, flow.served[:, 1:]), flow.served[:, :-1], flow.served[:, 1:])
    due = network.curve_times + network.sla_seconds[:, None]
    return [
        QueueCurves(edges, arrived[row], available[row], times[row], jobs[row], due[row], network.curve_levels[row], aht)
        for row, aht in enumerate(network.aht_seconds.tolist())
    ]
