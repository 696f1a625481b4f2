"""What is simulated: jobs and people, with everything about them that chance decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scheduling.presence import PresenceKind

Seconds = float
"""Seconds since the start of the simulation."""


@dataclass(frozen=True)
class SimulatedJob:
    """One job that will arrive.

    Parameters
    ----------
    handling_seconds
        What an associate of relative speed 1 takes for it.
    """

    number: int
    queue_id: int
    arrives_at: Seconds
    handling_seconds: Seconds
    sla_seconds: Seconds


@dataclass(frozen=True)
class SimulatedPerson:
    """One associate on one duty.

    Parameters
    ----------
    stretches
        Planned work between breaks, in the order of time; at least one.
    relative_speed
        Above one is faster than others.
    late_seconds
        How late the person signs in.
    overrun_seconds
        How much longer each break takes than planned; one number for each pause between two stretches.
    finishing_seconds
        For how long into a break the person tries to finish the job in hand, before it goes back to its queue.
    """

    person_id: int
    queue_ids: frozenset[int]
    stretches: tuple[tuple[Seconds, Seconds], ...]
    relative_speed: float = 1.0
    late_seconds: Seconds = 0.0
    overrun_seconds: tuple[Seconds, ...] = ()
    finishing_seconds: Seconds = 60.0


@dataclass(frozen=True)
class Offer:
    """A job in the hands of a person; the ticket is whatever the floor needs to take the answer."""

    job_number: int
    ticket: object


@dataclass(frozen=True)
class Answered:
    """What came of an answer.

    Parameters
    ----------
    is_taken
        False when the lease was over, so that somebody else has the job or will get it.
    following
        The next job, where one was asked for and there is one.
    """

    is_taken: bool
    following: Offer | None


class Floor(Protocol):
    """What hands out work: in memory, or the real services."""

    def arrive(self, at: Seconds, jobs: list[SimulatedJob]) -> None:
        """Take jobs in."""
        ...

    def presence(self, at: Seconds, person_id: int, kind: PresenceKind) -> None:
        """Hear that somebody came, went, or began or ended a break."""
        ...

    def next(self, at: Seconds, person_id: int) -> Offer | None:
        """Hand out a job; ``None`` when there is none for this person now."""
        ...

    def answer(self, at: Seconds, person_id: int, offer: Offer, *, and_next: bool) -> Answered:
        """Take an answer, and hand out the next job where it is wanted."""
        ...

    def heartbeat(self, at: Seconds, person_id: int) -> None:
        """Hear that somebody is still at it."""
        ...

    def upkeep(self, at: Seconds) -> None:
        """Do what is done every few seconds whoever works."""
        ...
