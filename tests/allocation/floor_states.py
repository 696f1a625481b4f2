"""Small floors, drawn by hand: one team a group, steps of five minutes, four hours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation.projection import AgeBand, FloorState, GroupState, QueueState

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
STEPS = 48


def curve(value: float | list[float], steps: int = STEPS) -> NDArray[np.float64]:
    """Return a value for every step."""
    return np.array(value if isinstance(value, list) else [value] * steps, dtype=np.float64)


def queue(
    queue_id: int, arrivals: float | list[float] = 0.0, *, waiting: float = 0.0, oldest: float = 0.0, **more: Any
) -> QueueState:
    """Return a queue of jobs of 60 s with an SLA of 30 min, with jobs that wait spread from age 0 to the oldest."""
    facts: dict[str, Any] = {"sla_seconds": 1800.0, "weight": 1.0, "aht_seconds": 60.0} | more
    bands = (AgeBand(0.0, oldest, waiting),) if waiting else ()
    return QueueState(queue_id, f"Q{queue_id}", waiting=bands, forecast_arrivals=curve(arrivals), **facts)


def group(team: str, heads: float | list[float], *queue_ids: int, skills: tuple[int, ...] = (), **more: Any) -> GroupState:
    """Return people who work some queues with equal shares, and have the skill of some more."""
    shares = dict.fromkeys(queue_ids, 1.0)
    return GroupState(team, shares, frozenset((*queue_ids, *skills)), curve(heads), **more)


def floor(queues: list[QueueState], groups: list[GroupState], **more: Any) -> FloorState:
    """Return a floor at `NOW`."""
    return FloorState(NOW, tuple(queues), tuple(groups), **more)
