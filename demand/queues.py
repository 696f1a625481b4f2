"""What a queue promises: its kind, its SLA and how busy its associates may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SLA_SECONDS = 90 * 86_400


class QueueKind(StrEnum):
    """How soon the work of a queue has to be done."""

    REALTIME = "realtime"
    """At once: the SLA is the longest wait of a job, minutes."""
    BACKLOG = "backlog"
    """By a deadline: the SLA is the time from arrival to completion, hours or days."""


@dataclass(frozen=True)
class Queue:
    """One kind of work.

    Parameters
    ----------
    skill
        Skill that an associate needs for it.
    sla_seconds
        Longest wait (real time) or time to completion (backlog), above zero, at most 90 days.
    max_occupancy
        Greatest share of productive time spent on jobs, above 0 to 1.
    """

    name: str
    skill: str
    kind: QueueKind
    sla_seconds: float
    max_occupancy: float = 0.85

    def __post_init__(self) -> None:
        """Take the kind as text, and refuse what no operation can promise."""
        object.__setattr__(self, "kind", QueueKind(self.kind))
        if not 0 < self.sla_seconds <= LONGEST_SLA_SECONDS:
            raise ValueError(f"Queue {self.name}: an SLA of {self.sla_seconds} seconds is not above zero and at most 90 days.")
        if not 0 < self.max_occupancy <= 1:
            raise ValueError(f"Queue {self.name}: a maximal occupancy of {self.max_occupancy} is not above 0 and at most 1.")
