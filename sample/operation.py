"""The sample operation: one site with its people, rules and past volumes, generated from a seed."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from sample.facts import (
    HISTORY_WEEKS,
    HYBRID_OFFICE_DAYS,
    INTERVAL_MINUTES,
    LOAD,
    PRODUCTIVE_HOURS,
    QUEUES,
    SHIFT_TYPES,
    SLOTS_PER_DAY,
    WORKING_DAYS,
    ZONE_NAME,
)
from sample.people import draw_associates
from sample.personal import draw_history, draw_leave, draw_locks, draw_requests, leave_days
from sample.volumes import draw_volumes, heads_per_job, holidays_between
from scheduling.people import Associate, Leave, WorkMode
from scheduling.planning_input import PlanningInput
from scheduling.rules import Office
from scheduling.scenario import Requirement, Scenario
from scheduling.times import Horizon

LEAST_ASSOCIATES, MOST_ASSOCIATES = 20, 10_000
MOST_WEEKS = 17


def productive_hours(associates: tuple[Associate, ...], leave: tuple[Leave, ...], horizon: Horizon) -> float:
    """Return the productive hours that the associates can give inside the horizon, five days of seven hours a full week."""
    away = leave_days(leave)
    first, last = horizon.dates[0], horizon.dates[-1]
    days = 0
    for one in associates:
        days += (min(last, one.contract_end) - max(first, one.contract_start)).days + 1
        days -= sum(first <= day <= last for day in away.get(one.code, ()))
    return days * WORKING_DAYS / 7 * PRODUCTIVE_HOURS


def _office(associates: tuple[Associate, ...]) -> Office:
    """Return an office that seats the people expected at the busiest time of a busy day, and few more."""
    present = np.zeros(1440)
    for one in associates:
        share = {WorkMode.OFFICE: 1.15, WorkMode.HYBRID: 0.5, WorkMode.HOME: 0.0}[one.work_mode]
        timings = [shift for shift in SHIFT_TYPES if one.timing in {None, shift.code}]
        for shift in timings:
            minutes = (shift.start_minute + np.arange(shift.span_minutes)) % 1440
            present[minutes] += share / len(timings) * WORKING_DAYS / 7
    return Office(seats=int(np.ceil(present.max())) + 1, days_per_week=HYBRID_OFFICE_DAYS)


def build_sample(associates: int = 240, weeks: int = 4, seed: int = 1, start: date = date(2027, 1, 4)) -> PlanningInput:
    """Return the sample operation; the same arguments always give the same operation.

    Parameters
    ----------
    associates
        From 20 to 10,000; volumes, teams and seats scale with it.
    weeks
        Length of the horizon, from 1 to 17.
    start
        Local date of the first day; eight weeks of volumes lie before it.

    Raises
    ------
    ValueError
        When a number lies outside its range.
    """
    if not LEAST_ASSOCIATES <= associates <= MOST_ASSOCIATES:
        raise ValueError(f"The sample has from {LEAST_ASSOCIATES} to {MOST_ASSOCIATES} associates, not {associates}.")
    if not 1 <= weeks <= MOST_WEEKS:
        raise ValueError(f"The sample has from 1 to {MOST_WEEKS} weeks, not {weeks}.")
    # A child seed for each part keeps the others as they are when one part learns to draw more.
    seeds = np.random.SeedSequence(seed).spawn(5 + len(QUEUES))
    rng = [np.random.default_rng(child) for child in seeds[:5]]
    horizon = Horizon(ZONE_NAME, start, weeks, INTERVAL_MINUTES)
    days = horizon.day_count
    people = draw_associates(associates, start, days, rng[0])
    leave = draw_leave(people, start, days, rng[1])
    away = leave_days(leave)
    history = draw_history(people, away, start, rng[4])
    holidays = holidays_between(start - timedelta(weeks=HISTORY_WEEKS), horizon.dates[-1], start)
    heads = LOAD * productive_hours(people, leave, horizon) / (horizon.total_minutes / 60)
    volumes = draw_volumes(QUEUES, {facts.queue.name: heads * facts.share for facts in QUEUES}, start, holidays, seeds[5:])
    return PlanningInput(
        horizon=horizon,
        associates=people,
        shift_types=SHIFT_TYPES,
        office=_office(people),
        leave=leave,
        requests=draw_requests(people, away, tuple(shift.code for shift in SHIFT_TYPES), start, days, rng[2]),
        locks=draw_locks(people, away, history, start, days, rng[3]),
        history=history,
        holidays=holidays,
        volumes=volumes,
        queues=tuple(facts.queue for facts in QUEUES),
    )


def plain_requirement(operation: PlanningInput) -> Requirement:
    """Return the requirement of a sample by the plainest method: mean jobs of each weekday and interval times heads a job.

    It lets the roster engine be measured without a forecast. Holidays are left out of the means.
    """
    if operation.volumes is None:
        raise ValueError("A plain requirement is computed from volumes, and the operation has none.")
    skills = tuple(dict.fromkeys(queue.skill for queue in operation.queues))
    weeks = operation.volumes[~operation.volumes["starts_at"].dt.date.isin(set(operation.holidays))]
    heads = np.zeros((operation.horizon.interval_count, len(skills)))
    weekday = np.array([day.weekday() for day in operation.horizon.dates])
    for facts in QUEUES:
        one = weeks[weeks["queue"] == facts.queue.name]
        slot = one["starts_at"].dt.hour * (60 // INTERVAL_MINUTES) + one["starts_at"].dt.minute // INTERVAL_MINUTES
        means = one.groupby([one["starts_at"].dt.day_of_week, slot.rename("slot")])["jobs"].mean().to_numpy()
        heads[:, skills.index(facts.queue.skill)] += means.reshape(7, SLOTS_PER_DAY)[weekday].ravel() * heads_per_job(facts)
    return Requirement(skills, np.round(heads, 3))


def build_sample_scenario(associates: int = 240, weeks: int = 4, seed: int = 1, start: date = date(2027, 1, 4)) -> Scenario:
    """Return the sample operation as a scenario with its plain requirement; arguments as in `build_sample`."""
    operation = build_sample(associates, weeks, seed, start)
    return operation.scenario(plain_requirement(operation))
