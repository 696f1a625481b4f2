"""A floor in memory: the rules of a claim without a database, for any policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from allocation.policy import Heads, Policy, choose, reserved_intervals, reserved_point
from scheduling.presence import PresenceKind
from simulation.world import Answered, Offer, Seconds, SimulatedJob, SimulatedPerson


@dataclass(frozen=True)
class QueueRules:
    """What the floor knows of a queue.

    Parameters
    ----------
    handling_p95_seconds
        No job is handed out later than this before a break.
    """

    weight: float
    handling_p95_seconds: Seconds
    reserved_share: float = 0.0


@dataclass
class MemoryFloor:
    """Hands out jobs by a policy; implements `simulation.world.Floor`.

    Parameters
    ----------
    people
        By id.
    """

    policy: Policy
    queues: Mapping[int, QueueRules]
    people: Mapping[int, SimulatedPerson]
    _waiting: dict[int, list[tuple[Seconds, int, SimulatedJob]]] = field(default_factory=dict)
    _in_hand: dict[int, tuple[Seconds, int, SimulatedJob]] = field(default_factory=dict)
    _claims: int = 0
    _reserved: dict[int, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reserved = reserved_intervals({number: rules.reserved_share for number, rules in self.queues.items()})

    def arrive(self, _at: Seconds, jobs: list[SimulatedJob]) -> None:
        """Put jobs into their queues, in the order in which they are due."""
        for job in jobs:
            heappush(self._waiting.setdefault(job.queue_id, []), (job.arrives_at + job.sla_seconds, job.number, job))

    def presence(self, _at: Seconds, person_id: int, _kind: PresenceKind) -> None:
        """Put the job in hand back into its queue, for whoever comes or goes has none."""
        entry = self._in_hand.pop(person_id, None)
        if entry is not None:
            heappush(self._waiting[entry[2].queue_id], entry)

    def upkeep(self, _at: Seconds) -> None:
        """Nothing to do: nobody vanishes in memory."""

    def next(self, at: Seconds, person_id: int) -> Offer | None:
        """Hand out the job that the policy, or a reserved share, takes."""
        person = self.people[person_id]
        end = next((until for start, until in person.stretches if start <= at < until), at)
        queue_ids = [
            number
            for number in sorted(person.queue_ids)
            if self._waiting.get(number) and at + self.queues[number].handling_p95_seconds / person.relative_speed <= end
        ]
        self._claims += 1
        position = choose(self._heads(at, queue_ids), self.policy, reserved_point(self._claims))
        if position is None:
            return None
        self._in_hand[person_id] = heappop(self._waiting[queue_ids[position]])
        return Offer(self._in_hand[person_id][1], None)

    def answer(self, at: Seconds, person_id: int, _offer: Offer, *, and_next: bool) -> Answered:
        """Take an answer; hand out the next job where it is wanted."""
        self._in_hand.pop(person_id)
        return Answered(True, self.next(at, person_id) if and_next else None)

    def heartbeat(self, _at: Seconds, _person_id: int) -> None:
        """Nothing to do: no lease ends in memory."""

    def _heads(self, at: Seconds, queue_ids: list[int]) -> Heads:
        heads = [self._waiting[number][0][2] for number in queue_ids]
        intervals = [self._reserved.get(number, (0.0, 0.0)) for number in queue_ids]
        return Heads(
            queue_id=np.array(queue_ids, dtype=np.int64),
            age_seconds=np.array([at - job.arrives_at for job in heads]),
            sla_seconds=np.array([job.sla_seconds for job in heads]),
            weight=np.array([self.queues[number].weight for number in queue_ids]),
            mix_share=np.ones(len(queue_ids)),
            relative_speed=np.ones(len(queue_ids)),
            reserved_from=np.array([low for low, _ in intervals]),
            reserved_until=np.array([high for _, high in intervals]),
        )
