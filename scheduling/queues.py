"""Queues: kinds of work that arrive, each done with one skill."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QueueKind(StrEnum):
    """How soon the work of a queue must be done."""

    REALTIME = "realtime"
    """An SLA of minutes: work is done in the interval in which it arrives."""
    BACKLOG = "backlog"
    """A deadline of hours or days: work may wait for quieter hours."""


@dataclass(frozen=True)
class Queue:
    """One kind of work.

    Parameters
    ----------
    sla_seconds
        Time from arrival to answer that is promised.
    max_occupancy
        Largest share of productive time that may be spent handling jobs, above 0 and at most 1.
    """

    name: str
    skill: str
    kind: QueueKind
    sla_seconds: int
    max_occupancy: float
