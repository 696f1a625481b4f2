"""Amending: from a standing roster and what happened to it to the roster with the least change, checked and explained."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from breaks.patterns import PatternPricer
from roster.amend import AmendParams, amend_roster
from roster.objective import parts_of_letters
from roster.places import keep_places
from roster.standing import Standing
from scheduling.coverage import coverage_of
from scheduling.kpis import kpis
from scheduling.plan import NOWHERE, BreakPlan, RosterPlan
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult, Status
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from services.planning import refuse_impossible_breaks, versions, violations_of

NO_BOUND = 0.0
"""What is proven of a roster with the least change: that nothing costs less than nothing."""


@dataclass(frozen=True)
class Amendment:
    """A roster with the least change, beside what there would be without it.

    Parameters
    ----------
    before
        The roster as it stands, without the days that cannot be worked any more, judged by what is required now.
    """

    before: PlanningResult
    after: PlanningResult


def amend(
    scenario: Scenario,
    plan: RosterPlan,
    breaks: BreakPlan,
    free: NDArray[np.bool_],
    progress: ProgressListener,
    stop: StopSignal,
    seed: int,
    seconds: float,
    params: AmendParams | None = None,
) -> Amendment:
    """Return the least change that mends a roster after people, rules or requirement are no longer what they were.

    Parameters
    ----------
    scenario
        What holds now.
    plan, breaks
        The roster as it stands, rows in the order of the associates of the scenario.
    free
        Days that may change, shape (associates, days).
    """
    began = time.monotonic()
    refuse_impossible_breaks(scenario)
    spans = {shift.span_minutes for shift in scenario.shift_types}
    pricers = {span: PatternPricer(scenario.break_policy, span) for span in spans}
    standing = Standing(scenario, plan, breaks, pricers)
    progress(Progress("judging the roster as it stands", 0.0))
    left_plan, left_breaks = what_is_left(standing)
    before = judged(standing, left_plan, left_breaks, seed, 0.0)
    amended = amend_roster(standing, free, seed=seed, seconds=seconds, stop=stop, progress=progress, params=params)
    progress(Progress("checking", 1.0))
    places = keep_places(scenario, plan.places, plan.values, amended.values)
    after = judged(standing, RosterPlan(amended.values, places), amended.breaks, seed, time.monotonic() - began)
    return Amendment(before, after)


def what_is_left(standing: Standing) -> tuple[RosterPlan, BreakPlan]:
    """Return the roster as it stands without the shifts that leave or the end of a contract takes away."""
    values, places = standing.plan.values.copy(), standing.plan.places.copy()
    assigned = standing.breaks.assigned.copy()
    everything = tuple(range(len(standing.scenario.shift_types)))
    for index in range(len(values)):
        days = standing.facts.letters(index, everything)
        for day in np.flatnonzero(standing.forbidden_days(index)).tolist():
            if max(days[day]) < 0:
                values[index, day], places[index, day], assigned[index, day] = days[day][0], NOWHERE, -1
    return RosterPlan(values, places), replace(standing.breaks, assigned=assigned)


def judged(standing: Standing, plan: RosterPlan, breaks: BreakPlan, seed: int, seconds: float) -> PlanningResult:
    """Return a roster with its figures and with what the independent checkers say of it."""
    scenario, cost = standing.scenario, standing.cost
    coverage = coverage_of(scenario, plan, breaks, cost)
    refused = sum(standing.verdict(index, line).wish_cost for index, line in enumerate(plan.values))
    parts = parts_of_letters(scenario, plan.values, coverage, cost) | {"wishes refused": refused}
    violations = violations_of(scenario, plan, breaks)
    hard = any(one.severity is Severity.BLOCKS_PUBLISHING for one in violations)
    return PlanningResult(
        status=Status.INFEASIBLE if hard else Status.FEASIBLE,
        plan=plan,
        breaks=breaks,
        coverage=coverage,
        objective=sum(parts.values()),
        bound=NO_BOUND,
        wall_seconds=seconds,
        seed=seed,
        versions=versions(),
        violations=violations,
        kpis=kpis(scenario, plan, breaks, coverage),
        objective_parts=parts,
    )
