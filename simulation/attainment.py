"""How well it went: the share of jobs answered inside their SLA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulation.engine import Done
from simulation.world import Seconds, SimulatedJob


def in_sla_share(jobs: Iterable[SimulatedJob], done: Done, until: Seconds) -> dict[int, float]:
    """Return by queue the share of jobs answered in time; a job whose deadline lies after `until` is left out.

    A job that is not answered by its deadline missed it, whether it was answered later or never.
    """
    met: dict[int, int] = {}
    due: dict[int, int] = {}
    for job in jobs:
        deadline = job.arrives_at + job.sla_seconds
        if deadline <= until:
            due[job.queue_id] = due.get(job.queue_id, 0) + 1
            met[job.queue_id] = met.get(job.queue_id, 0) + (done.answered_at.get(job.number, until + 1) <= deadline)
    return {queue_id: met[queue_id] / due[queue_id] for queue_id in sorted(due)}


def weighted_share(shares: Mapping[int, float], jobs: Iterable[SimulatedJob], weights: Mapping[int, float]) -> float:
    """Return the shares of the queues weighted by their jobs and weights."""
    worth: dict[int, float] = {}
    for job in jobs:
        worth[job.queue_id] = worth.get(job.queue_id, 0.0) + weights[job.queue_id]
    total = sum(worth[queue_id] for queue_id in shares)
    return sum(share * worth[queue_id] for queue_id, share in shares.items()) / total if total else 1.0
