"""Planning: from facts to a roster with break slots, proven, checked and explained."""

from __future__ import annotations

import multiprocessing
import platform
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version

import numpy as np

from breaks.assignment import assign_breaks
from breaks.check import check_breaks
from breaks.check_coverage import check_coverage
from breaks.check_teams import check_team_breaks
from breaks.patterns import PatternPricer
from breaks.policy import scenario_refusals
from breaks.polish import polish_breaks
from demand.calendar import Calendar
from demand.requirement import requirement_from_volumes
from roster.check import check
from roster.deal import deal_lines
from roster.explain import explain_clashes
from roster.objective import objective_parts
from roster.places import assign_places
from roster.solver import SolvedRoster, SolveParams, solve_roster
from scheduling.coverage import coverage_of
from scheduling.errors import BadInputError, Fault
from scheduling.kpis import kpis
from scheduling.plan import BreakPattern, BreakPlan, RosterPlan
from scheduling.planning_input import PlanningInput
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult, Status
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

LINES_SHARE = 0.7
"""Share of the budget for lines; the rest polishes breaks."""
POLISH_ROUNDS_PER_SECOND = 6
"""Rounds of polish for which a second of the budget pays; counted, so that the same seed gives the same breaks."""
OPTIMAL_GAP = 1e-6


def prepare(planning_input: PlanningInput) -> Scenario:
    """Return the scenario of what a planner handed in, with the requirement computed from volumes where there is none.

    Raises
    ------
    BadInputError
        When the break policy has no legal pattern, or the volumes do not suffice for a forecast; with every fault.
    """
    requirement = planning_input.requirement
    if requirement is None:
        if planning_input.volumes is None:
            raise BadInputError([Fault("volumes.csv", None, "", "", "Neither a requirement nor volumes are given.")])
        requirement, _notes = requirement_from_volumes(
            planning_input.volumes,
            planning_input.queues,
            planning_input.horizon,
            calendar=Calendar(frozenset(planning_input.holidays)),
        )
    scenario = planning_input.scenario(requirement)
    refuse_impossible_breaks(scenario)
    return scenario


def refuse_impossible_breaks(scenario: Scenario) -> None:
    """Refuse a break policy under which some shift type has no legal break pattern; BadInputError with every fault."""
    faults = [Fault("scenario.toml", None, "break_policy", "", refusal) for refusal in scenario_refusals(scenario)]
    if faults:
        raise BadInputError(faults)


def plan(
    scenario: Scenario,
    progress: ProgressListener,
    stop: StopSignal,
    seed: int,
    seconds: float,
    workers: int = 2,
    executor: Executor | None = None,
    params: SolveParams | None = None,
) -> PlanningResult:
    """Return a roster with break slots for everybody, the best found in the time, with a proven bound.

    Parameters
    ----------
    seconds
        Budget for the whole job; construction alone may take longer on a large operation.
    workers
        With two or more, the bound is proven in processes beside the search; with one, everything is one thread.
    executor
        Where to prove the bound instead, such as the executor of a cluster.
    """
    began = time.monotonic()
    refuse_impossible_breaks(scenario)
    params = params or SolveParams()
    pricers = {
        shift.span_minutes: PatternPricer(scenario.break_policy, shift.span_minutes) for shift in scenario.shift_types
    }
    bound: list[float | None] = [None]

    def listen(step: Progress) -> None:
        bound[0] = step.bound
        progress(replace(step, done=step.done * LINES_SHARE))

    with _beside(executor, workers) as where:
        solved = solve_roster(
            scenario,
            pricers,
            seed=seed,
            seconds=seconds * LINES_SHARE,
            stop=stop,
            progress=listen,
            params=params,
            executor=where,
        )
    lines, breaks = _place(scenario, solved, params, began, seconds, seed, stop, progress)
    return _result(scenario, solved, lines, breaks, params, seed, began)


@contextmanager
def _beside(executor: Executor | None, workers: int) -> Iterator[Executor | None]:
    """Lend the executor, or one of processes that end with the job; ``None`` when there is one worker."""
    if executor is not None or workers < 2:
        yield executor
        return
    # Processes are spawned: a forked one would share database connections and locks of threads.
    pool = ProcessPoolExecutor(workers - 1, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.terminate_workers() if hasattr(pool, "terminate_workers") else _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    processes = list((pool._processes or {}).values())  # noqa: SLF001  # The public way came with Python 3.14.
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


def _place(
    scenario: Scenario,
    solved: SolvedRoster,
    params: SolveParams,
    began: float,
    seconds: float,
    seed: int,
    stop: StopSignal,
    progress: ProgressListener,
) -> tuple[RosterPlan, BreakPlan]:
    """Polish the breaks of the lines, deal lines and patterns out, choose places of work."""
    nowhere = np.zeros(solved.letters.shape, dtype=np.int8)
    lines = RosterPlan(solved.letters, nowhere)
    breaks = break_plan(scenario, solved.patterns)

    def over() -> bool:
        return stop() or time.monotonic() - began > seconds

    rounds = int(seconds * (1 - LINES_SHARE) * POLISH_ROUNDS_PER_SECOND)
    polished = polish_breaks(
        scenario,
        lines,
        breaks,
        seed=seed,
        rounds=rounds,
        stop=over,
        cost=params.cost,
        progress=lambda step: progress(replace(step, done=LINES_SHARE + step.done * (1 - LINES_SHARE), objective=None)),
    )
    gets = deal_lines(solved.problem, solved.letters)
    values = solved.letters[gets]
    dealt = replace(polished.breaks, assigned=polished.breaks.assigned[gets])
    places = assign_places(scenario, values, seed=seed)
    final = RosterPlan(values, places)
    return final, assign_breaks(scenario, final, dealt)


def break_plan(scenario: Scenario, patterns: Mapping[tuple[int, int], BreakPattern]) -> BreakPlan:
    """Return the break plan of patterns by (associate, day); day -1 is the day before the horizon."""
    distinct = tuple(sorted(set(patterns.values())))
    number = {pattern: index for index, pattern in enumerate(distinct)}
    people, days = len(scenario.associates), scenario.horizon.day_count
    assigned = np.full((people, days), -1, dtype=np.int32)
    carried = np.full(people, -1, dtype=np.int32)
    for (associate, day), pattern in patterns.items():
        if day < 0:
            carried[associate] = number[pattern]
        else:
            assigned[associate, day] = number[pattern]
    return BreakPlan(distinct, assigned, carried)


def violations_of(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> tuple[Violation, ...]:
    """Return what the independent checkers say of a roster with its breaks, hard violations first."""
    coverage = coverage_of(scenario, plan, breaks)
    found = [
        *check(scenario, plan),
        *check_breaks(scenario, plan, breaks),
        *check_coverage(scenario, plan, breaks, coverage),
        *check_team_breaks(scenario, plan, breaks),
    ]
    return tuple(sorted(found, key=lambda one: one.severity is not Severity.BLOCKS_PUBLISHING))


def _result(
    scenario: Scenario,
    solved: SolvedRoster,
    lines: RosterPlan,
    breaks: BreakPlan,
    params: SolveParams,
    seed: int,
    began: float,
) -> PlanningResult:
    """Put together what is known of the roster; the checkers have the last word on whether hard rules are kept."""
    coverage = coverage_of(scenario, lines, breaks, params.cost)
    violations = violations_of(scenario, lines, breaks)
    parts = objective_parts(solved.problem, lines.values, coverage, params.cost)
    objective = sum(parts.values())
    hard = any(one.severity is Severity.BLOCKS_PUBLISHING for one in violations)
    result = PlanningResult(
        status=Status.INFEASIBLE if hard else Status.FEASIBLE,
        plan=lines,
        breaks=breaks,
        coverage=coverage,
        objective=objective,
        bound=min(solved.bound, objective),
        wall_seconds=time.monotonic() - began,
        seed=seed,
        versions=versions(),
        violations=violations,
        kpis=kpis(scenario, lines, breaks, coverage),
        clashes=explain_clashes(solved.problem, violations),
        objective_parts=parts,
    )
    if not hard and result.gap <= OPTIMAL_GAP:
        result = replace(result, status=Status.OPTIMAL)
    return result


def versions() -> dict[str, str]:
    """Return the versions of what decides a result."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("ortools", "numpy", "pandas")}}

