"""What chance decides: arrivals, handling times, lateness, breaks that take longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.world import Seconds, SimulatedJob, SimulatedPerson

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class QueueLoad:
    """How jobs of a queue arrive.

    Parameters
    ----------
    per_step
        Jobs expected in each step, shape (steps,).
    handling_cv
        Coefficient of variation of the handling time, lognormal; 1 with `is_exponential` for the formulas of Erlang.
    """

    queue_id: int
    sla_seconds: Seconds
    mean_seconds: Seconds
    per_step: Floats
    step_seconds: Seconds
    handling_cv: float = 0.5
    is_exponential: bool = False


@dataclass(frozen=True)
class Habits:
    """How people differ from the plan.

    Parameters
    ----------
    late_share, late_mean_seconds
        Share of shifts that begin late, and by how much on average (exponential).
    overrun_share, overrun_mean_seconds
        The same of breaks that take longer.
    absent_share
        Share of shifts to which nobody comes.
    speed_cv
        Coefficient of variation of the relative speed, lognormal.
    finishing_seconds
        For how long into a break somebody tries to finish the job in hand; the work page asks for it back after a minute.
    """

    late_share: float = 0.08
    late_mean_seconds: Seconds = 360.0
    overrun_share: float = 0.1
    overrun_mean_seconds: Seconds = 90.0
    absent_share: float = 0.03
    speed_cv: float = 0.12
    finishing_seconds: Seconds = 60.0


PUNCTUAL = Habits(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""People as planned."""


def _lognormal(mean: float, cv: float, count: int, rng: np.random.Generator) -> Floats:
    sigma = np.sqrt(np.log1p(cv**2))
    return np.asarray(mean * np.exp(rng.normal(-(sigma**2) / 2, sigma, count)))


def draw_jobs(loads: Sequence[QueueLoad], seed: int) -> list[SimulatedJob]:
    """Return the jobs of all queues in the order of time: Poisson in each step, uniform inside it."""
    drawn: list[tuple[float, int, float, float]] = []
    for load, child in zip(loads, np.random.SeedSequence(seed).spawn(len(loads)), strict=True):
        rng = np.random.default_rng(child)
        counts = rng.poisson(load.per_step)
        steps = np.repeat(np.arange(len(counts)), counts)
        times = np.sort((steps + rng.random(len(steps))) * load.step_seconds)
        if load.is_exponential:
            handling = rng.exponential(load.mean_seconds, len(times))
        else:
            handling = _lognormal(load.mean_seconds, load.handling_cv, len(times), rng)
        drawn += [(at, load.queue_id, one, load.sla_seconds) for at, one in zip(times.tolist(), handling.tolist(), strict=True)]
    drawn.sort()
    return [SimulatedJob(number, queue_id, at, one, sla) for number, (at, queue_id, one, sla) in enumerate(drawn)]


def draw_people(planned: Sequence[SimulatedPerson], habits: Habits, seed: int) -> list[SimulatedPerson]:
    """Return the people who come, each with a speed, lateness and breaks of their own."""
    people = []
    for person, child in zip(planned, np.random.SeedSequence(seed).spawn(len(planned)), strict=True):
        # A seed for each person keeps the others as they are when one more is planned.
        rng = np.random.default_rng(child)
        is_absent, is_late = rng.random() < habits.absent_share, rng.random() < habits.late_share
        late = min(rng.exponential(habits.late_mean_seconds), person.stretches[0][1] - person.stretches[0][0] - 60)
        speed = float(_lognormal(1.0, habits.speed_cv, 1, rng)[0])
        pauses = len(person.stretches) - 1
        overruns = np.where(
            rng.random(pauses) < habits.overrun_share, rng.exponential(max(1e-9, habits.overrun_mean_seconds), pauses), 0.0
        )
        if not is_absent:
            people.append(
                SimulatedPerson(
                    person.person_id,
                    person.queue_ids,
                    person.stretches,
                    relative_speed=speed,
                    late_seconds=late if is_late else 0.0,
                    overrun_seconds=tuple(overruns.tolist()),
                    finishing_seconds=habits.finishing_seconds,
                )
            )
    return people


def with_burst(load: QueueLoad, first_step: int, steps: int, factor: float) -> QueueLoad:
    """Return a load with so many times the arrivals in some steps."""
    per_step = load.per_step.copy()
    per_step[first_step : first_step + steps] *= factor
    return QueueLoad(
        load.queue_id, load.sla_seconds, load.mean_seconds, per_step, load.step_seconds, load.handling_cv, load.is_exponential
    )
