"""Operations and results for tests of storage, services and worker, small but complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from sample import build_sample, plain_requirement
from scheduling.coverage import carried_shifts, coverage_of
from scheduling.people import WorkMode
from scheduling.plan import HOME, LEAVE, NONE, NOWHERE, OFF, OFFICE, BreakPlan, BreakSlot, RosterPlan
from scheduling.planning_input import PlanningInput
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import Clash, PlanningResult, Status
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario
from tests.builders import MONDAY, PATTERN

SITE = "PNQ1"


def operation(associates: int = 20, weeks: int = 1, start: date = MONDAY) -> PlanningInput:
    """Return a sample operation with its requirement; its locks are left out, since the rotation below knows none.

    Of its past volumes the last two weeks are kept: to write all would take most of the time of most tests.
    """
    drawn = replace(build_sample(associates, weeks, seed=5, start=start), locks=())
    assert drawn.volumes is not None
    kept = drawn.volumes["starts_at"].dt.date >= start - timedelta(days=14)
    return replace(drawn, requirement=plain_requirement(drawn), volumes=drawn.volumes[kept])


def patterns(count: int) -> tuple[tuple[BreakSlot, ...], ...]:
    """Return different patterns of the default policy's breaks, all moved by multiples of five minutes."""
    slots = [slot for slot in PATTERN if slot.start_minute < 495]
    return tuple(
        (*(BreakSlot(slot.start_minute + 5 * (number >> bit & 1), slot.kind) for bit, slot in enumerate(slots)), PATTERN[-1])
        for number in range(count)
    )


def rotation(scenario: Scenario, shift: int = 0) -> RosterPlan:
    """Return five days on and two off in one timing each, everybody's days off `shift` days later than with 0."""
    rows, days = len(scenario.associates), scenario.horizon.day_count
    values = np.full((rows, days), OFF, dtype=np.int16)
    places = np.full((rows, days), NOWHERE, dtype=np.int8)
    for row, one in enumerate(scenario.associates):
        away = {leave.first_day + timedelta(days=n) for leave in scenario.leave if leave.associate == one.code for n in range(60)
                if leave.first_day + timedelta(days=n) <= leave.last_day}  # fmt: skip
        for day, when in enumerate(scenario.horizon.dates):
            if not one.contract_start <= when <= one.contract_end:
                values[row, day] = NONE
            elif when in away:
                values[row, day] = LEAVE
            elif (day + row - shift) % 7 < 5:
                values[row, day] = scenario.shift_index.get(one.timing or "", 0)
                places[row, day] = HOME if one.work_mode is WorkMode.HOME else OFFICE
    return RosterPlan(values, places)


def result(scenario: Scenario, *, shift: int = 0, blocking: int = 0, reasons: int = 0, pattern_count: int = 16) -> PlanningResult:
    """Return the rotation as the result of a planning run, with as many violations as asked for."""
    plan = rotation(scenario, shift)
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, pattern_count, plan.values.shape)
    carried = np.full(len(scenario.associates), -1, dtype=np.int32)
    carried[list(carried_shifts(scenario))] = 0
    breaks = BreakPlan(patterns(pattern_count), np.where(plan.values >= 0, drawn, -1).astype(np.int32), carried)
    people, days = scenario.associates, scenario.horizon.dates
    hard = [
        Violation("rest", Severity.BLOCKS_PUBLISHING, people[i].code, days[0], 90.0, "rests too little") for i in range(blocking)
    ]
    soft = [Violation("wished run", Severity.NEEDS_A_REASON, people[i].code, None, 1.0, "works long") for i in range(reasons)]
    return PlanningResult(
        status=Status.FEASIBLE,
        plan=plan,
        breaks=breaks,
        coverage=coverage_of(scenario, plan, breaks),
        objective=120.5,
        bound=118.25,
        wall_seconds=3.5,
        seed=11,
        versions={"ortools": "9.15"},
        violations=(*hard, *soft),
        kpis={"short_hours": 4.5},
        clashes=(Clash(people[0].code, ("locked to M06", "on leave"), "remove the lock"),) if blocking else (),
        objective_parts={"short": 120.5},
    )


def rotating_planner(
    scenario: Scenario,
    listener: ProgressListener,
    stop: StopSignal,
    seed: int,
    seconds: float,
    start: RosterPlan | None = None,
) -> PlanningResult:
    """Plan by rotation: a real planner, only a modest one."""
    listener(Progress("rotate", 0.5, objective=130.0, bound=118.25))
    made = replace(result(scenario, shift=seed), seed=seed, wall_seconds=min(seconds, 0.1))
    listener(Progress("check", 1.0, objective=made.objective, bound=made.bound))
    return made
