from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.policy import POLICIES, first_in_first_out, generalised_c_mu
from demand.staffing import service_level
from scheduling.presence import STATE_AFTER, PresenceKind, PresenceState
from services.simulated_floor import Judgements
from simulation.attainment import in_sla_share, weighted_share
from simulation.draws import PUNCTUAL, Habits, QueueLoad, draw_jobs, draw_people, with_burst
from simulation.engine import Done, Pace, Simulation
from simulation.memory_floor import MemoryFloor, QueueRules
from simulation.world import Answered, Offer, SimulatedJob, SimulatedPerson

HOUR = 3600.0


class WatchedFloor(MemoryFloor):
    """Remembers who was given what when, and in which state they were."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.given: list[tuple[float, int, int]] = []
        self.states: dict[int, PresenceState] = {}

    def presence(self, at: float, person_id: int, kind: PresenceKind) -> None:
        super().presence(at, person_id, kind)
        self.states[person_id] = STATE_AFTER[kind]

    def next(self, at: float, person_id: int) -> Offer | None:
        assert self.states[person_id] is PresenceState.WORKING
        offer = super().next(at, person_id)
        if offer is not None:
            self.given.append((at, person_id, offer.job_number))
        return offer


def person(number: int, *queues: int, pause: bool = True) -> SimulatedPerson:
    stretches = ((0.0, HOUR), (HOUR + 600, 2 * HOUR)) if pause else ((0.0, 2 * HOUR),)
    return SimulatedPerson(number, frozenset(queues), stretches)


def load(queue: int, jobs_an_hour: float, mean: float = 30.0) -> QueueLoad:
    return QueueLoad(queue, 300.0, mean, np.full(8, jobs_an_hour / 4), 900.0)


@given(
    seed=st.integers(0, 10**6),
    rates=st.lists(st.floats(0, 400), min_size=1, max_size=3),
    people=st.integers(1, 6),
    policy=st.sampled_from(sorted(POLICIES)),
    finishing=st.sampled_from([0.0, 30.0, 1e6]),
)
@settings(max_examples=40, deadline=None)
def test_every_job_is_answered_once_by_somebody_who_may_do_it_and_not_begun_before_a_break(
    seed: int, rates: list[float], people: int, policy: str, finishing: float
) -> None:
    queues = {number: QueueRules(1.0, 60.0, 0.1) for number in range(1, len(rates) + 1)}
    jobs = draw_jobs([load(number, rate) for number, rate in enumerate(rates, start=1)], seed)
    habits = Habits(finishing_seconds=finishing)
    there = draw_people([person(n, 1 + n % len(rates)) for n in range(people)], habits, seed)
    floor = WatchedFloor(POLICIES[policy], queues, {one.person_id: one for one in there})
    done = Simulation(floor, jobs, there).run(3 * HOUR)
    by_number = {job.number: job for job in jobs}
    times_given = Counter(number for _, _, number in floor.given)
    assert sum(times_given.values()) - len(done.answered_at) == done.handed_back
    assert max(done.into_break_seconds, default=0.0) <= finishing
    for at, who, number in floor.given:
        one = floor.people[who]
        assert by_number[number].queue_id in one.queue_ids
        assert by_number[number].arrives_at <= at
        assert any(start <= at and at + 60.0 / one.relative_speed <= end for start, end in one.stretches)
    waiting = {number for entries in floor._waiting.values() for _, number, _ in entries}
    assert set(done.answered_at) == set(times_given) - waiting
    assert done.repeated == 0
    assert all(state is PresenceState.SIGNED_OUT for state in floor.states.values())


def test_the_same_seed_gives_the_same_day() -> None:
    def day() -> Done:
        there = draw_people([person(n, 1, 2) for n in range(4)], Habits(), 5)
        floor = MemoryFloor(generalised_c_mu, {1: QueueRules(2.0, 60.0), 2: QueueRules(1.0, 60.0)}, dict(enumerate(there)))
        floor.people = {one.person_id: one for one in there}
        return Simulation(floor, draw_jobs([load(1, 150), load(2, 150)], 5), there).run(2 * HOUR)

    assert day() == day()


def test_idle_people_are_woken_by_a_job_at_once() -> None:
    job = SimulatedJob(0, 1, 100.0, 20.0, 300.0)
    there = [person(0, 1)]
    floor = MemoryFloor(first_in_first_out, {1: QueueRules(1.0, 60.0)}, {0: there[0]})
    done = Simulation(floor, [job], there, pace=replace(Pace(), retry_seconds=1e6)).run(HOUR)
    assert done.started_at == {0: 100.0}
    assert done.answered_at == {0: 120.0}


class ForeignJobsFloor(WatchedFloor):
    """Hands out what another run left behind before its own jobs."""

    left = 3

    def next(self, at: float, person_id: int) -> Offer | None:
        if self.left == 0:
            return super().next(at, person_id)
        self.left -= 1
        return Offer(-1 - self.left, None)

    def answer(self, at: float, person_id: int, offer: Offer, *, and_next: bool) -> Answered:
        if offer.job_number >= 0:
            return super().answer(at, person_id, offer, and_next=and_next)
        return Answered(True, self.next(at, person_id) if and_next else None)


def test_jobs_of_others_are_done_too_and_take_as_long_as_own_ones_do_in_the_mean() -> None:
    jobs = [SimulatedJob(0, 1, 0.0, 20.0, 300.0), SimulatedJob(1, 1, 0.0, 40.0, 300.0)]
    there = [person(0, 1)]
    done = Simulation(ForeignJobsFloor(first_in_first_out, {1: QueueRules(1.0, 60.0)}, {0: there[0]}), jobs, there).run(HOUR)
    assert done.answered_at == {-3: 30.0, -2: 60.0, -1: 90.0, 0: 110.0, 1: 150.0}


@pytest.mark.parametrize(("finishing", "into_break", "handed_back"), [(600.0, [300.0], 0), (60.0, [60.0], 1), (0.0, [], 1)])
def test_a_long_job_delays_the_break_for_as_long_as_the_person_tries_to_finish_it(
    finishing: float, into_break: list[float], handed_back: int
) -> None:
    job = SimulatedJob(0, 1, HOUR - 100, 400.0, 300.0)
    there = [replace(person(0, 1), finishing_seconds=finishing)]
    floor = WatchedFloor(first_in_first_out, {1: QueueRules(1.0, 60.0)}, {0: there[0]})
    done = Simulation(floor, [job], there).run(2 * HOUR + 1)
    assert done.into_break_seconds == into_break
    assert done.handed_back == handed_back
    assert set(done.answered_at) == {0}, "what was handed back is done after the break"
    assert floor.states[0] is PresenceState.SIGNED_OUT


@pytest.mark.parametrize("share", [0.85, 0.92])
def test_waits_are_those_of_erlang_c(share: float) -> None:
    agents, aht, target, hours = 12, 30.0, 20.0, 60
    steps = hours * 4
    arrivals = QueueLoad(1, target, aht, np.full(steps, share * agents * 900 / aht), 900.0, is_exponential=True)
    jobs = draw_jobs([arrivals], 3)
    there = [SimulatedPerson(n, frozenset({1}), ((0.0, hours * HOUR),)) for n in range(agents)]
    floor = MemoryFloor(first_in_first_out, {1: QueueRules(1.0, 0.0)}, {one.person_id: one for one in there})
    done = Simulation(floor, jobs, there, pace=Pace(batch_seconds=0.01)).run(hours * HOUR)
    waits = [done.started_at[job.number] - job.arrives_at for job in jobs if job.number in done.started_at]
    met = sum(wait <= target for wait in waits) / len(waits)
    assert met == pytest.approx(float(service_level(share * agents, agents, target, aht)), abs=0.03)


def test_punctual_people_are_as_planned() -> None:
    planned = [person(n, 1) for n in range(20)]
    drawn = draw_people(planned, PUNCTUAL, 1)
    assert [one.person_id for one in drawn] == list(range(20))
    assert all(one.late_seconds == 0 and one.relative_speed == pytest.approx(1.0) for one in drawn)


def test_one_person_more_leaves_the_others_as_they_are() -> None:
    some, more = (draw_people([person(n, 1) for n in range(count)], Habits(), 9) for count in (10, 11))
    assert more[: len(some)] == some


def test_a_burst_multiplies_the_arrivals_of_its_steps_only() -> None:
    burst = with_burst(load(1, 100), 2, 3, 4.0)
    assert burst.per_step.tolist() == [25, 25, 100, 100, 100, 25, 25, 25]


def test_what_is_due_later_is_left_out_and_what_is_not_answered_missed() -> None:
    jobs = [SimulatedJob(n, 1, at, 1.0, 10.0) for n, at in enumerate((0.0, 1.0, 2.0, 95.0))]
    done = Done(answered_at={0: 10.0, 1: 12.0})
    assert in_sla_share(jobs, done, 100.0) == {1: pytest.approx(1 / 3)}


def test_shares_are_weighted_by_jobs_and_weight() -> None:
    jobs = [SimulatedJob(n, 1 if n < 3 else 2, 0.0, 1.0, 1.0) for n in range(4)]
    assert weighted_share({1: 1.0, 2: 0.0}, jobs, {1: 1.0, 2: 3.0}) == pytest.approx(0.5)


def test_checked_jobs_and_mistakes_come_in_their_shares_and_are_drawn_again_the_same() -> None:
    answers = [{"verdict": word} for word in ("ok", "misplaced", "cannot tell")]
    judged = Judgements(answers, gold_share=0.1, double_share=0.2, mistake_share=0.25, seed=3)
    jobs = range(1000)
    gold = [number for number in jobs if judged.known(number) is not None]
    assert 0.07 < len(gold) / 1000 < 0.13
    assert 0.16 < sum(judged.wanted(number) == 2 for number in jobs) / 1000 < 0.24
    assert all(judged.wanted(number) == 1 for number in gold)
    wrong = sum(judged.given(number, person) != judged.known(number) for number in gold for person in (1, 2, 3))
    assert 0.15 < wrong / (3 * len(gold)) < 0.35
    assert judged.given(-7, 5) == judged.given(7, 5)
