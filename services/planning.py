"""Planning: from facts to a roster with break slots, proven, checked and explained."""

from __future__ import annotations

import multiprocessing
import platform
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version

from breaks.assignment import assign_breaks
from breaks.check import check_breaks
from breaks.check_coverage import check_coverage
from breaks.check_teams import check_team_breaks
from breaks.patterns import PatternPricer
from breaks.policy import scenario_refusals
from breaks.polish import polish_breaks
from demand.calendar import calendar_of
from demand.requirement import requirement_from_volumes
from roster.check import check
from roster.deal import deal_lines
from roster.explain import explain_clashes
from roster.objective import objective_parts
from roster.places import assign_places
from roster.run import Seconds, SolveParams
from roster.solver import SolvedRoster, solve_roster
from scheduling.coverage import coverage_of
from scheduling.errors import BadInputError, Fault
from scheduling.kpis import kpis
from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.planning_input import PlanningInput
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult, Status
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

CLOSING_SECONDS, CLOSING_SECONDS_OF_DAY, MOST_CLOSING_SHARE = 1.0, 5e-5, 0.5
"""Time kept for dealing out, checking and explaining, and how much more of it each day of each associate asks for; measured."""
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
            calendars={
                one.name: calendar_of(one.name, planning_input.holidays, planning_input.events) for one in planning_input.queues
            },
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
    warm_start: RosterPlan | None = None,
    clock: Seconds = time.monotonic,
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
    warm_start
        A roster of the same people and days to begin with, such as a published one; its lines are kept while nothing better is
        found, unless rules or facts no longer allow them.
    clock
        What counts the seconds; a benchmark on a busy machine counts those of the processor.
    """
    began = clock()
    refuse_impossible_breaks(scenario)
    params = params or SolveParams()
    pricers = {shift.span_minutes: PatternPricer(scenario.break_policy, shift.span_minutes) for shift in scenario.shift_types}

    def polisher(lines: RosterPlan, breaks: BreakPlan, rounds: int, over: StopSignal) -> BreakPlan:
        return polish_breaks(scenario, lines, breaks, seed=seed, rounds=rounds, stop=over, cost=params.cost).breaks

    with _beside(executor, workers) as where:
        solved = solve_roster(
            scenario,
            pricers,
            seed=seed,
            seconds=seconds - closing_seconds(scenario, seconds),
            stop=stop,
            progress=progress,
            polisher=polisher,
            params=params,
            executor=where,
            warm_start=warm_start,
            clock=clock,
        )
    progress(Progress("dealing lines, breaks and places", 1.0, None, solved.bound))
    lines, breaks = _deal(scenario, solved, seed)
    return _result(scenario, solved, lines, breaks, params, seed, lambda: clock() - began)


def closing_seconds(scenario: Scenario, seconds: float) -> float:
    """Return how much of a budget is kept for what follows the search: it grows with the days of all associates."""
    days = len(scenario.associates) * scenario.horizon.day_count
    return min(CLOSING_SECONDS + CLOSING_SECONDS_OF_DAY * days, MOST_CLOSING_SHARE * seconds)


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
        _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    # Work under way cannot be cancelled, and the public way to end its process came with Python 3.14.
    for process in list((pool._processes or {}).values()):
        process.terminate()
    # The thread of the pool waits for its processes too, and whoever of two comes second may return before they are known as
    # ended; so that thread alone waits for them.
    pool.shutdown(wait=True, cancel_futures=True)


def _deal(scenario: Scenario, solved: SolvedRoster, seed: int) -> tuple[RosterPlan, BreakPlan]:
    """Deal lines and break patterns out among equal people, and choose places of work; coverage stays what it is."""
    breaks = solved.breaks
    gets = deal_lines(solved.problem, solved.letters)
    values = solved.letters[gets]
    final = RosterPlan(values, assign_places(scenario, values, seed=seed))
    return final, assign_breaks(scenario, final, replace(breaks, assigned=breaks.assigned[gets]))


def violations_of(
    scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, coverage: Coverage | None = None
) -> tuple[Violation, ...]:
    """Return what the independent checkers say of a roster with its breaks, hard violations first.

    Parameters
    ----------
    coverage
        The coverage that is reported of it, ``None`` where none is yet.
    """
    coverage = coverage or coverage_of(scenario, plan, breaks)
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
    taken: Seconds,
) -> PlanningResult:
    """Put together what is known of the roster; the checkers have the last word on whether hard rules are kept."""
    coverage = coverage_of(scenario, lines, breaks, params.cost)
    violations = violations_of(scenario, lines, breaks, coverage)
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
        wall_seconds=taken(),
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
