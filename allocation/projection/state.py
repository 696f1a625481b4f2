"""The floor at one instant, as the projection sees it: queues, and groups of people who are equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_BAND_SECONDS = 0.001
"""Jobs of one age are spread over this time, so that every curve is continuous."""


@dataclass(frozen=True)
class AgeBand:
    """Jobs that wait, spread evenly over a range of ages.

    Parameters
    ----------
    youngest_seconds, oldest_seconds
        Ages of the youngest and the oldest, zero or more.
    count
        Number of jobs, zero or more; a fluid may have parts of a job.
    """

    youngest_seconds: float
    oldest_seconds: float
    count: float

    def __post_init__(self) -> None:
        """Refuse ages and counts that cannot be."""
        if not (0 <= self.youngest_seconds <= self.oldest_seconds < float("inf") and 0 <= self.count < float("inf")):
            raise ValueError(f"Ages must be in order and counts zero or more: {self}.")


@dataclass(frozen=True, eq=False)
class QueueState:
    """One queue: what waits, what will come, what has been done today.

    Parameters
    ----------
    sla_seconds
        Time from arrival to answer that is promised.
    weight
        Worth of a job in time, above zero.
    aht_seconds
        Usual handling time, above zero.
    waiting
        Jobs that wait by age; bands may overlap. Leased jobs count as waiting until answered.
    forecast_arrivals
        Jobs that were forecast for each step, shape (steps,).
    arrived_so_far, forecast_so_far
        Jobs that came today, and that were forecast until now.
    handled_so_far, in_sla_so_far
        Jobs answered today, and those of them inside their SLA.
    max_occupancy
        Largest share of productive time that may be spent handling jobs.
    reserved_share
        Share of claims in which the queue goes first.
    form
        Answer form; jobs may be moved only between queues with the same form, and never when it is empty.
    """

    queue_id: int
    name: str
    sla_seconds: float
    weight: float
    aht_seconds: float
    waiting: tuple[AgeBand, ...]
    forecast_arrivals: Floats
    arrived_so_far: float = 0.0
    forecast_so_far: float = 0.0
    handled_so_far: float = 0.0
    in_sla_so_far: float = 0.0
    max_occupancy: float = 0.9
    reserved_share: float = 0.0
    form: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers that the arithmetic cannot take."""
        if not (min(self.sla_seconds, self.weight, self.aht_seconds) > 0 and 0 < self.max_occupancy <= 1):
            raise ValueError(f"Queue {self.name}: SLA, weight, handling time and occupancy must be above zero.")
        if not (np.isfinite(self.forecast_arrivals).all() and (self.forecast_arrivals >= 0).all()):
            raise ValueError(f"Queue {self.name}: forecast arrivals must be numbers of zero or more.")

    @cached_property
    def waiting_count(self) -> float:
        """Jobs that wait."""
        return sum(band.count for band in self.waiting)

    @cached_property
    def oldest_seconds(self) -> float:
        """Age of the oldest job that waits, zero when none does."""
        return max((band.oldest_seconds for band in self.waiting if band.count > 0), default=0.0)

    @cached_property
    def past_curve(self) -> tuple[Floats, Floats]:
        """Arrival times (seconds, not above zero, rising) of the corners, and the jobs that wait and came until then."""
        bands = [band for band in self.waiting if band.count > 0]
        youngest = np.array([band.youngest_seconds for band in bands])
        oldest = np.maximum([band.oldest_seconds for band in bands], youngest + LEAST_BAND_SECONDS)
        count = np.array([band.count for band in bands])
        ages = np.unique(np.concatenate([youngest, oldest, [0.0]]))[::-1]
        if not bands:
            return -ages, np.zeros(len(ages))
        older = np.clip((oldest - ages[:, None]) / (oldest - youngest), 0.0, 1.0)
        return -ages, older @ count


@dataclass(frozen=True, eq=False)
class GroupState:
    """People of one team who are equal: the same skills, the same mix.

    Parameters
    ----------
    shares
        What the mix gives to each queue that they work now, above zero, by queue id.
    skills
        Ids of the queues that they can work if the mix lets them; those of `shares` are included.
    heads
        Productive heads really there in each step: planned work less absent, late and on break, shape (steps,).
    on_break
        Heads on a planned break that may still be moved, shape (steps,); nobody when left out.
    relative_speed
        Speed against the usual handling time, above zero.
    """

    team: str
    shares: Mapping[int, float]
    skills: frozenset[int]
    heads: Floats
    on_break: Floats = field(default_factory=lambda: np.zeros(0))
    relative_speed: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers that the arithmetic cannot take."""
        if not (np.isfinite(self.heads).all() and (self.heads >= 0).all() and self.relative_speed > 0):
            raise ValueError(f"Team {self.team}: heads must be zero or more and the speed above zero.")
        if not (all(share > 0 for share in self.shares.values()) and self.skills >= set(self.shares)):
            raise ValueError(f"Team {self.team}: shares must be above zero and belong to queues of the skills.")

    @cached_property
    def queue_ids(self) -> Ints:
        """Ids of the queues that they work now, rising."""
        return np.array(sorted(self.shares), dtype=np.int64)

    @cached_property
    def share_values(self) -> Floats:
        """Share of each queue of `queue_ids`."""
        return np.array([self.shares[queue_id] for queue_id in sorted(self.shares)], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class FloorState:
    """One site from now to the end of the horizon, cut into equal steps.

    Parameters
    ----------
    now
        Aware instant at which the first step starts.
    progress
        Share of the day's (or shift's) forecast time that has passed, 0 to 1: how far the day so far is to be believed.
    buffer
        Share added to the workload for what a forecast may be off.
    """

    now: datetime
    queues: tuple[QueueState, ...]
    groups: tuple[GroupState, ...]
    step_minutes: float = 5.0
    progress: float = 0.5
    buffer: float = 0.12

    def __post_init__(self) -> None:
        """Refuse a naive instant, shapes that do not match, and groups that work unknown queues."""
        if self.now.tzinfo is None:
            raise ValueError("The present must be an aware instant.")
        lengths = {len(queue.forecast_arrivals) for queue in self.queues} | {len(group.heads) for group in self.groups}
        if not self.queues or len(lengths) != 1 or not self.step_minutes > 0:
            raise ValueError(f"At least one queue is needed, and one number of steps of positive length, not {sorted(lengths)}.")
        known = {queue.queue_id for queue in self.queues}
        if len(known) != len(self.queues) or not all(known >= set(group.shares) for group in self.groups):
            raise ValueError("Ids of queues must be distinct, and groups may work only these queues.")

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.queues[0].forecast_arrivals)

    @property
    def step_seconds(self) -> float:
        """Length of a step in seconds."""
        return self.step_minutes * 60.0

    @cached_property
    def position(self) -> Mapping[int, int]:
        """Index of each queue by its id."""
        return {queue.queue_id: index for index, queue in enumerate(self.queues)}

    def queue(self, queue_id: int) -> QueueState:
        """Return a queue by its id."""
        return self.queues[self.position[queue_id]]
