"""The real services as the floor of a simulation: the same claims, answers and presence as those of real people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID, uuid5

import numpy as np
from sqlalchemy import Engine

from scheduling.duties import Duty
from scheduling.errors import ConflictError
from scheduling.jobs import MOST_JOBS_AT_ONCE, MediaKind, NewJob
from scheduling.presence import PresenceEvent, PresenceKind
from services import jobs, presence, work
from services.work import Work
from simulation.world import Answered, Offer, Seconds, SimulatedJob, SimulatedPerson

ACTOR = "simulation"
Ticket = tuple[int, UUID]
"""Task and lease."""
NAMESPACE = UUID("6d3a5d5e-8f0a-4b57-9d3b-0d7f6f6f3c11")
"""Ids of simulated presence events are made of what happened, so that a repeated simulation repeats them."""

USUAL_SHARE: Final = 0.85
"""Of so many jobs the first of the answers is right; of the others any."""


class MovedClock:
    """A clock that is moved by the simulation."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start

    def now(self) -> datetime:
        """Return the present of the simulation."""
        return self._now

    def move_to(self, at: Seconds) -> datetime:
        """Let it be `at` seconds after the start."""
        self._now = self._start + timedelta(seconds=at)
        return self._now


@dataclass(frozen=True)
class Judgements:
    """What is right of each job, which jobs are checked, and who is mistaken; drawn from the seed and the numbers alone.

    Parameters
    ----------
    answers
        The answers that can be right of a job.
    gold_share, double_share
        Shares of the jobs whose right answer is known, and of those that two people answer.
    mistake_share
        Share of the answers that are another than the right one.
    """

    answers: Sequence[Mapping[str, object]]
    gold_share: float = 0.0
    double_share: float = 0.0
    mistake_share: float = 0.0
    seed: int = 0

    def known(self, job_number: int) -> Mapping[str, object] | None:
        """Return the known answer of a gold job; ``None`` for others."""
        return self._right(job_number) if self._checked(job_number) < self.gold_share else None

    def wanted(self, job_number: int) -> int:
        """Return how many answers a job wants; a gold job is checked already."""
        return 2 if self.gold_share <= self._checked(job_number) < self.gold_share + self.double_share else 1

    def given(self, job_number: int, person_id: int) -> Mapping[str, object]:
        """Return what somebody answers."""
        others = [one for one in self.answers if one != self._right(job_number)]
        draw = self._draw(job_number, person_id)
        is_mistaken = bool(others) and draw.random() < self.mistake_share
        return others[int(draw.integers(len(others)))] if is_mistaken else self._right(job_number)

    def _checked(self, job_number: int) -> float:
        return float(self._draw(job_number).random())

    def _right(self, job_number: int) -> Mapping[str, object]:
        # Most items are as the first answer says, as on a floor where little is wrong.
        draw = self._draw(job_number, 0)
        return self.answers[0 if draw.random() < USUAL_SHARE else int(draw.integers(len(self.answers)))]

    def _draw(self, *numbers: int) -> np.random.Generator:
        # Jobs of others that are still there have numbers below zero.
        return np.random.default_rng([self.seed, *map(abs, numbers)])


@dataclass
class ServiceFloor:
    """Hands out work through the services; implements `simulation.world.Floor`.

    Parameters
    ----------
    run
        Distinguishes the references of this simulation from those of others on the same database.
    media
        Makes the kind, address and text of a job.
    judgements
        What people answer, and which jobs are checked.
    upkeep_work
        What is done at each upkeep, with the seconds since the start.
    """

    engine: Engine
    site_id: int
    queue_names: Mapping[int, str]
    clock: MovedClock
    run: str
    media: Callable[[SimulatedJob], tuple[MediaKind, str, str]]
    judgements: Judgements
    upkeep_work: Callable[[Seconds], None] = lambda _: None
    _numbers: dict[int, int] = field(default_factory=dict)

    def arrive(self, at: Seconds, arrived: list[SimulatedJob]) -> None:
        """Send jobs."""
        self.clock.move_to(at)
        for first in range(0, len(arrived), MOST_JOBS_AT_ONCE):
            batch = arrived[first : first + MOST_JOBS_AT_ONCE]
            sent = jobs.send_jobs(self.engine, self.site_id, [self._new(job) for job in batch], by=ACTOR, clock=self.clock)
            self._numbers.update(zip(sent.ids, (job.number for job in batch), strict=True))

    def presence(self, at: Seconds, person_id: int, kind: PresenceKind) -> None:
        """Record presence."""
        now = self.clock.move_to(at)
        event = PresenceEvent(uuid5(NAMESPACE, f"{self.run} {person_id} {kind} {at}"), kind, now)
        presence.record(self.engine, person_id, event, by=ACTOR, clock=self.clock)

    def next(self, at: Seconds, person_id: int) -> Offer | None:
        """Ask for work."""
        self.clock.move_to(at)
        return self._offer(work.next_work(self.engine, person_id, clock=self.clock))

    def answer(self, at: Seconds, person_id: int, offer: Offer, *, and_next: bool) -> Answered:
        """Answer, and ask for the next where it is wanted; one that comes too late is not taken."""
        self.clock.move_to(at)
        task_id, token = cast("Ticket", offer.ticket)
        arguments = (self.engine, person_id, task_id, token, self.judgements.given(offer.job_number, person_id))
        try:
            if and_next:
                return Answered(True, self._offer(work.answer_and_next(*arguments, clock=self.clock)))
            work.answer(*arguments, clock=self.clock)
        except ConflictError:
            return Answered(False, self.next(at, person_id) if and_next else None)
        return Answered(True, None)

    def heartbeat(self, at: Seconds, person_id: int) -> None:
        """Extend the lease."""
        self.clock.move_to(at)
        work.heartbeat(self.engine, person_id, clock=self.clock)

    def upkeep(self, at: Seconds) -> None:
        """Do the chores that are due."""
        self.clock.move_to(at)
        self.upkeep_work(at)

    def _offer(self, found: Work) -> Offer | None:
        task = found.open
        return None if task is None else Offer(self._numbers.get(task.job_id, -task.job_id), (task.task_id, task.token))

    def _new(self, job: SimulatedJob) -> NewJob:
        kind, url, text = self.media(job)
        return NewJob(
            f"{self.run}-{job.number}",
            self.queue_names[job.queue_id],
            kind,
            media_url=url,
            media_text=text,
            known_answer=self.judgements.known(job.number),
            answers_wanted=self.judgements.wanted(job.number),
        )


def planned_people(
    duties: Sequence[Duty], queues_of: Mapping[int, frozenset[int]], start: datetime, until: Seconds
) -> list[SimulatedPerson]:
    """Return the people of duties with their work after `start`; the seconds count from there."""
    people = []
    for duty in duties:
        spans = (((one.starts_at - start).total_seconds(), (one.ends_at - start).total_seconds()) for one in duty.stretches)
        stretches = tuple((max(0.0, low), high) for low, high in spans if high > 60 and low < until)
        if stretches and duty.associate_id in queues_of and not duty.is_absent:
            people.append(SimulatedPerson(duty.associate_id, queues_of[duty.associate_id], stretches))
    return people
