"""SLA attained by each order of work, at several loads, with and without a burst; and the simulation beside Erlang C."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from allocation.policy import POLICIES, Policy, first_in_first_out
from benchmarks.floor.server import report
from demand.staffing import service_level
from sample.facts import QUEUES, SKILL_SETS
from simulation.attainment import in_sla_share, weighted_share
from simulation.draws import Habits, QueueLoad, draw_jobs, draw_people, with_burst
from simulation.engine import Pace, Simulation
from simulation.memory_floor import MemoryFloor, QueueRules
from simulation.world import SimulatedJob, SimulatedPerson

LOADS = (0.90, 0.97, 1.03)
PEOPLE = 240
DAY = 86_400.0
STEP = 900.0
SEED = 1
BURST_STEPS, BURST_FACTOR = (40, 4), 1.6
"""Jobs of the first queue in one hour of the day, 60 % more than planned."""
PAUSES = (3000, 6300, 9600, 12600, 15900, 19200, 22500, 26400, 29400)
"""Starts of the breaks in a shift, in seconds: each work stretch lasts 45 to 60 minutes."""
PAUSE_SECONDS = (600, 600, 600, 1800, 600, 600, 1200, 600, 600)
SHIFT = 32_400
WEIGHTS = {1: 4.0, 2: 3.0, 3: 1.5, 4: 1.0}
RESERVED = {3: 0.05, 4: 0.05}


def planned_people(count: int) -> list[SimulatedPerson]:
    """Return shifts that begin evenly through day and night, in the skills of the sample; some began the day before."""
    number_of_skill: dict[str, list[int]] = {facts.queue.skill: [] for facts in QUEUES}
    for number, facts in enumerate(QUEUES, start=1):
        number_of_skill[facts.queue.skill].append(number)
    sets = [skills for skills, share in SKILL_SETS for _ in range(round(100 * share))]
    rng = np.random.default_rng(SEED)
    people = []
    for person in range(count):
        start = person * (DAY + SHIFT) / count - SHIFT
        edges = [0.0, *(edge for at, pause in zip(PAUSES, PAUSE_SECONDS, strict=True) for edge in (at, at + pause)), SHIFT]
        stretches = [(start + low, start + high) for low, high in zip(edges[::2], edges[1::2], strict=True)]
        inside = tuple((max(0.0, low), high) for low, high in stretches if high > 0)
        queues = frozenset(n for skill in sets[int(rng.integers(len(sets)))] for n in number_of_skill[skill])
        if inside:
            people.append(SimulatedPerson(person, queues, inside))
    return people


def _loads(load: float, people: list[SimulatedPerson]) -> list[QueueLoad]:
    """Return arrivals whose work is `load` times what the people can do, with a rate that wanders as measured on real calls."""
    rng = np.random.default_rng(SEED)
    steps = int(DAY / STEP)
    seconds = sum(max(0.0, min(DAY, high) - max(0.0, low)) for one in people for low, high in one.stretches)
    result = []
    for number, facts in enumerate(QUEUES, start=1):
        walk = np.zeros(steps)
        for step in range(1, steps):
            walk[step] = 0.79 * walk[step - 1] + rng.normal(0.0, 0.04)
        rate = np.exp(walk)
        per_step = load * seconds * facts.share / facts.aht_seconds * rate / rate.sum()
        result.append(QueueLoad(number, facts.queue.sla_seconds, facts.aht_seconds, per_step, STEP))
    return result


def run(*, seconds: float, most: int) -> None:
    """Print a line for each policy, load and burst, and one for the check against Erlang C."""
    people = planned_people(PEOPLE)
    for load in LOADS:
        for is_burst in (False, True):
            loads = _loads(load, people)
            if is_burst:
                loads[0] = with_burst(loads[0], *BURST_STEPS, BURST_FACTOR)
            jobs = draw_jobs(loads, SEED)
            for name, policy in POLICIES.items():
                _compare(name, policy, load, is_burst, jobs, people)
    _erlang()


def _compare(
    name: str, policy: Policy, load: float, is_burst: bool, jobs: list[SimulatedJob], people: list[SimulatedPerson]
) -> None:
    began = perf_counter()
    queues = {
        number: QueueRules(WEIGHTS[number], 2.0 * facts.aht_seconds, RESERVED.get(number, 0.0))
        for number, facts in enumerate(QUEUES, start=1)
    }
    there = draw_people(people, Habits(absent_share=0.0, speed_cv=0.1), SEED)
    simulation = Simulation(MemoryFloor(policy, queues, {one.person_id: one for one in there}), jobs, there)
    done = simulation.run(DAY)
    shares = in_sla_share(jobs, done, DAY)
    report(
        benchmark="floor policies",
        policy=name,
        load=load,
        burst=is_burst,
        jobs=len(jobs),
        weighted_in_sla_percent=round(100 * weighted_share(shares, jobs, WEIGHTS), 2),
        in_sla_percent={QUEUES[number - 1].queue.name: round(100 * share, 2) for number, share in shares.items()},
        seconds=round(perf_counter() - began, 1),
    )


def _erlang() -> None:
    """One queue, one skill, nobody pauses, exponential handling: the waits must be those of the formula."""
    agents, aht, target, days = 20, 30.0, 20.0, 5
    for load in (0.85, 0.90, 0.95):
        steps = int(days * DAY / STEP)
        arrivals = QueueLoad(1, target, aht, np.full(steps, load * agents * STEP / aht), STEP, is_exponential=True)
        jobs = draw_jobs([arrivals], SEED)
        people = [SimulatedPerson(number, frozenset({1}), ((0.0, days * DAY),)) for number in range(agents)]
        floor = MemoryFloor(first_in_first_out, {1: QueueRules(1.0, 0.0)}, {one.person_id: one for one in people})
        done = Simulation(floor, jobs, people, pace=replace(Pace(), batch_seconds=0.01)).run(days * DAY)
        waits = [done.started_at[job.number] - job.arrives_at for job in jobs if job.number in done.started_at]
        report(
            benchmark="floor policies",
            policy="Erlang C",
            load=load,
            jobs=len(jobs),
            simulated_percent=round(100 * sum(wait <= target for wait in waits) / len(waits), 2),
            formula_percent=round(100 * float(service_level(load * agents, agents, target, aht)), 2),
        )
