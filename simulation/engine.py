"""The loop of events: whatever happens next happens, and may make other things happen later."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from statistics import fmean
from typing import Final

from scheduling.presence import PresenceKind
from simulation.world import Floor, Offer, Seconds, SimulatedJob, SimulatedPerson

Event = Callable[[Seconds], None]
USUAL_SECONDS: Final = 30.0
"""What a job takes where none of this run says how long."""


@dataclass(frozen=True)
class Pace:
    """How finely time is cut.

    Parameters
    ----------
    batch_seconds
        Jobs that arrive within so long are sent together.
    retry_seconds
        Somebody who was given nothing asks again after so long, or when a job arrives.
    upkeep_seconds
        Between two rounds of upkeep.
    heartbeat_seconds
        Between two signs of life of somebody with a job in hand.
    """

    batch_seconds: Seconds = 2.0
    retry_seconds: Seconds = 30.0
    upkeep_seconds: Seconds = 5.0
    heartbeat_seconds: Seconds = 60.0


@dataclass
class Done:
    """What happened.

    Attributes
    ----------
    answered_at
        By job; a job that is missing was not answered.
    started_at
        By job, when somebody began it.
    into_break_seconds
        By how much a job that ran into a break, or past the end of a shift, did so.
    handed_back
        Jobs that went back to their queue because a break began while they were in hand.
    repeated, refused
        Answers to a job that had one already, and answers that were not taken.
    """

    answered_at: dict[int, Seconds] = field(default_factory=dict)
    started_at: dict[int, Seconds] = field(default_factory=dict)
    into_break_seconds: list[Seconds] = field(default_factory=list)
    handed_back: int = 0
    repeated: int = 0
    refused: int = 0


@dataclass
class _Desk:
    """One person as the simulation goes on: the stretch that is worked, and the job in hand."""

    person: SimulatedPerson
    stretch: int = 0
    offer: Offer | None = None
    is_idle: bool = False

    @property
    def stretch_end(self) -> Seconds:
        return self.person.stretches[self.stretch][1]

    @property
    def is_last_stretch(self) -> bool:
        return self.stretch + 1 == len(self.person.stretches)


class Simulation:
    """Runs people and jobs against a floor.

    Parameters
    ----------
    pause
        Called with the time of each event before it happens: a demonstration waits there until it is that late.
    """

    def __init__(
        self,
        floor: Floor,
        jobs: Sequence[SimulatedJob],
        people: Sequence[SimulatedPerson],
        *,
        pace: Pace | None = None,
        pause: Callable[[Seconds], None] = lambda _: None,
    ) -> None:
        self._floor, self._pace, self._pause = floor, pace or Pace(), pause
        self._jobs = {job.number: job for job in jobs}
        # Work that others sent, or an earlier run left behind, takes as long as that of this run does in the mean.
        self._usual_seconds = fmean(job.handling_seconds for job in jobs) if jobs else USUAL_SECONDS
        self._events: list[tuple[Seconds, int, Event]] = []
        self._count = 0
        self._idle: dict[int, deque[_Desk]] = {}
        self.done = Done()
        for batch in _batches(jobs, self._pace.batch_seconds):
            self._at(batch[-1].arrives_at, lambda at, batch=batch: self._arrive(at, batch))  # type: ignore[misc]
        for person in people:
            desk = _Desk(person)
            start = person.stretches[0][0] + person.late_seconds
            self._at(start, lambda at, desk=desk: self._come(at, desk, PresenceKind.SIGN_IN))  # type: ignore[misc]

    def run(self, until: Seconds) -> Done:
        """Let everything happen that happens before `until`; return what did."""
        self._at(self._pace.upkeep_seconds, self._upkeep)
        while self._events and self._events[0][0] < until:
            at, _, event = heappop(self._events)
            self._pause(at)
            event(at)
        return self.done

    def _at(self, when: Seconds, event: Event) -> None:
        self._count += 1
        heappush(self._events, (when, self._count, event))

    def _upkeep(self, at: Seconds) -> None:
        self._floor.upkeep(at)
        self._at(at + self._pace.upkeep_seconds, self._upkeep)

    def _arrive(self, at: Seconds, batch: list[SimulatedJob]) -> None:
        self._floor.arrive(at, batch)
        for job in batch:
            self._wake(at, job.queue_id)

    def _wake(self, at: Seconds, queue_id: int) -> None:
        """Let the person who has been idle longest, of those who may do it, ask for the new job."""
        waiting = self._idle.get(queue_id)
        while waiting:
            desk = waiting.popleft()
            if desk.is_idle:
                self._ask(at, desk)
                return

    def _come(self, at: Seconds, desk: _Desk, kind: PresenceKind) -> None:
        self._floor.presence(at, desk.person.person_id, kind)
        while desk.stretch_end <= at and not desk.is_last_stretch:
            desk.stretch += 1
        self._at(max(at, desk.stretch_end), lambda later: self._stretch_over(later, desk))
        self._at(max(at, desk.person.stretches[desk.stretch][0]), lambda later: self._ask(later, desk))

    def _ask(self, at: Seconds, desk: _Desk) -> None:
        if desk.offer is None and desk.person.stretches[desk.stretch][0] <= at < desk.stretch_end:
            desk.is_idle = False
            self._take(at, desk, self._floor.next(at, desk.person.person_id))

    def _take(self, at: Seconds, desk: _Desk, offer: Offer | None) -> None:
        desk.offer = offer
        if offer is None:
            desk.is_idle = True
            for queue_id in desk.person.queue_ids:
                self._idle.setdefault(queue_id, deque()).append(desk)
            stretch = desk.stretch
            self._at(at + self._pace.retry_seconds, lambda later: self._retry(later, desk, stretch))
            return
        self.done.started_at.setdefault(offer.job_number, at)
        job = self._jobs.get(offer.job_number)
        seconds = (self._usual_seconds if job is None else job.handling_seconds) / desk.person.relative_speed
        self._at(at + seconds, lambda later: self._finish(later, desk, offer))
        if seconds > self._pace.heartbeat_seconds:
            self._at(at + self._pace.heartbeat_seconds, lambda later: self._live(later, desk, offer))

    def _live(self, at: Seconds, desk: _Desk, offer: Offer) -> None:
        if desk.offer is offer:
            self._floor.heartbeat(at, desk.person.person_id)
            self._at(at + self._pace.heartbeat_seconds, lambda later: self._live(later, desk, offer))

    def _retry(self, at: Seconds, desk: _Desk, stretch: int) -> None:
        if desk.is_idle and desk.stretch == stretch:
            self._ask(at, desk)

    def _finish(self, at: Seconds, desk: _Desk, offer: Offer) -> None:
        if desk.offer is not offer:
            # It was handed back in the meantime.
            return
        over = at > desk.stretch_end
        answered = self._floor.answer(at, desk.person.person_id, offer, and_next=not over)
        if answered.is_taken:
            self.done.repeated += offer.job_number in self.done.answered_at
            self.done.answered_at[offer.job_number] = at
        else:
            self.done.refused += 1
        desk.offer = None
        if over:
            self.done.into_break_seconds.append(at - desk.stretch_end)
            self._leave(at, desk)
        else:
            self._take(at, desk, answered.following)

    def _stretch_over(self, at: Seconds, desk: _Desk) -> None:
        """Go on the break; somebody with a job in hand first tries to finish it, for as long as the person does that."""
        if desk.offer is None:
            self._leave(at, desk)
        elif desk.person.finishing_seconds <= 0:
            self._hand_back(at, desk)
        else:
            offer = desk.offer
            self._at(at + desk.person.finishing_seconds, lambda later: self._give_up(later, desk, offer))

    def _give_up(self, at: Seconds, desk: _Desk, offer: Offer) -> None:
        if desk.offer is offer:
            self.done.into_break_seconds.append(at - desk.stretch_end)
            self._hand_back(at, desk)

    def _hand_back(self, at: Seconds, desk: _Desk) -> None:
        """Begin the break with a job in hand, so that it goes back to its queue."""
        self.done.handed_back += 1
        desk.offer = None
        self._leave(at, desk)

    def _leave(self, at: Seconds, desk: _Desk) -> None:
        desk.is_idle = False
        person = desk.person
        if desk.is_last_stretch:
            self._floor.presence(at, person.person_id, PresenceKind.SIGN_OUT)
            return
        self._floor.presence(at, person.person_id, PresenceKind.BREAK_START)
        overrun = person.overrun_seconds[desk.stretch] if person.overrun_seconds else 0.0
        desk.stretch += 1
        back = max(at, person.stretches[desk.stretch][0] + overrun)
        self._at(back, lambda later: self._come(later, desk, PresenceKind.BREAK_END))


def _batches(jobs: Iterable[SimulatedJob], seconds: Seconds) -> list[list[SimulatedJob]]:
    """Return jobs in the order of time, those together that arrive in the same cut of so many seconds."""
    batches: dict[int, list[SimulatedJob]] = {}
    for job in sorted(jobs, key=lambda one: (one.arrives_at, one.number)):
        batches.setdefault(int(job.arrives_at // seconds), []).append(job)
    return list(batches.values())
