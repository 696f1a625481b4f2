"""The roster solver: a recipe.

1. Compile the scenario: calendar, facts, one small rule automaton an associate.
2. Construct a roster by best responses, on blocks of an hour, where quarter hours do not yet distract; ruin and recreate.
3. Polish its breaks, and let everybody answer once more on the true intervals; where the office is too full, choose lines anew.
4. Beside it, raise prices of coverage and prove a bound by Lagrangian duality.

Breaks come from the pricers and the polisher that the caller gives; this package knows nothing else of breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from roster.carry import carried_patterns, carried_units
from roster.improve import Watch, construct, ruin_and_recreate, sweep
from roster.line_table import LineTable
from roster.problem import Problem, compile_problem
from roster.prove import Proof
from roster.run import Run, SolveParams
from roster.seating import seat
from roster.workbench import Workbench
from scheduling.plan import NOWHERE, BreakPattern, BreakPlan, RosterPlan
from scheduling.ports import BreakPolisher, BreakPricer, ProgressListener, StopSignal
from scheduling.scenario import Scenario

TELL_EVERY_EFFORT = 50_000.0
LEAST_POLISH_ROUNDS = 20


@dataclass(frozen=True)
class SolvedRoster:
    """Lines and break patterns of everybody, with what is proven.

    Parameters
    ----------
    letters
        Day values, shape (associates, days).
    breaks
        Breaks of each shift, those carried over from before the horizon included.
    bound
        No roster that keeps the hard rules costs less, in head-hours.
    """

    problem: Problem
    letters: NDArray[np.int16]
    breaks: BreakPlan
    bound: float


def solve_roster(
    scenario: Scenario,
    pricers: Mapping[int, BreakPricer],
    *,
    seed: int,
    seconds: float,
    stop: StopSignal,
    progress: ProgressListener,
    polisher: BreakPolisher | None = None,
    params: SolveParams | None = None,
    executor: Executor | None = None,
    warm_start: RosterPlan | None = None,
) -> SolvedRoster:
    """Build a roster with break patterns and prove a bound.

    Parameters
    ----------
    pricers
        Break pricer for each span of a shift type in minutes.
    polisher
        Improves the breaks of all shifts together between the phases.
    seconds
        Budget; the solve ends a little earlier, or as soon as it has found all it can.
    executor
        Where prices are raised beside the search to prove the bound; with none they are raised after it, in this thread.
    warm_start
        A roster to begin with: lines that are still legal are kept until something better is found, the others are made anew.
    """
    params = params or SolveParams()
    run = Run(seconds, stop, progress)
    run.tell("compiling the rules", None)
    problem = compile_problem(scenario)
    carried = carried_patterns(scenario, pricers)
    proof = Proof(problem, pricers, params, carried_units(scenario, problem.groups, carried), run)
    run.bound = proof.best
    proof.begin(executor)
    bench = _search(problem, pricers, polisher, params, carried, seed, run, proof, warm_start)
    seat(bench, run, seed=seed)
    run.bound = proof.finish(bench.objective, run)
    run.tell("bound proven", bench.objective)
    return SolvedRoster(problem, bench.lines(), bench.breaks(carried), proof.best)


def _search(
    problem: Problem,
    pricers: Mapping[int, BreakPricer],
    polisher: BreakPolisher | None,
    params: SolveParams,
    carried: Mapping[int, BreakPattern],
    seed: int,
    run: Run,
    proof: Proof,
    warm_start: RosterPlan | None,
) -> Workbench:
    """Construct and improve a roster, first on blocks of intervals and then on the true ones.

    A roster to begin with is improved on the true intervals alone, for blocks would take it apart.
    """
    rng = np.random.default_rng(seed)
    scenario = problem.scenario
    table = LineTable(problem)
    budget = run.seconds * params.effort_per_second * (1.0 if proof.beside else 1.0 - params.proof_share)

    def bench_for(scale: Scenario) -> Workbench:
        return Workbench(problem, scale, pricers, params.cost, carried_units(scale, problem.groups, carried), table)

    bench: Workbench | None = None
    for minutes in params.block_minutes if warm_start is None else ():
        blocks = in_blocks(scenario, minutes)
        if blocks is None:
            continue
        former, bench = bench, bench_for(blocks)
        if former is not None:
            bench.take(former)
        watch = _watch(bench, budget, params.block_share, run, proof, "lines")
        construct(bench, rng, watch)
        sweep(bench, rng, params.improve, watch)
    if bench is not None:
        ruin_and_recreate(bench, rng, params.improve, watch)
    former, bench = bench, bench_for(scenario)
    if former is not None:
        bench.take(former)
    else:
        if warm_start is not None:
            bench.begin_with(warm_start.values)
        # Where clocks change in the horizon it may not be a whole number of blocks.
        watch = _watch(bench, budget, params.block_share, run, proof, "lines")
        construct(bench, rng, watch)
        sweep(bench, rng, params.improve, watch)
        ruin_and_recreate(bench, rng, params.improve, watch)
    watch = _watch(bench, budget, params.line_share, run, proof, "lines with breaks")
    construct(bench, rng, watch)
    if polisher is None:
        sweep(bench, rng, params.improve, watch)
        ruin_and_recreate(bench, rng, params.improve, watch)
        return bench
    first, last = (max(LEAST_POLISH_ROUNDS, int(rounds * run.seconds)) for rounds in params.polish_rounds_per_second)
    # What the breaks of blocks cost on the true intervals would only alarm whoever watches.
    run.tell("breaks", None)
    # Breaks that only suit blocks of an hour leave a tenth of the work uncovered, so this polish is done even after a stop.
    _polish(bench, polisher, carried, first, lambda: False)
    sweep(bench, rng, params.improve, watch)
    run.tell("breaks", bench.objective)
    _polish(bench, polisher, carried, last, run.over)
    return bench


def _polish(
    bench: Workbench, polisher: BreakPolisher, carried: Mapping[int, BreakPattern], rounds: int, stop: StopSignal
) -> None:
    """Polish the breaks of the lines on the bench; those of the shifts carried over stay, for the bench counts on them."""
    lines = bench.lines()
    plan = RosterPlan(lines, np.full(lines.shape, NOWHERE, dtype=np.int8))
    bench.take_breaks(polisher(plan, bench.breaks(carried), rounds, stop))


def _watch(bench: Workbench, budget: float, share: float, run: Run, proof: Proof, phase: str) -> Watch:
    """Return a watch that tells of the search now and then, and ends it after a share of the effort or of the time."""
    told = bench.effort

    def watch() -> bool:
        nonlocal told
        if bench.effort - told >= TELL_EVERY_EFFORT:
            told = bench.effort
            objective = bench.objective if all(bench.work) else None
            run.bound = proof.collect()
            run.tell(phase, objective)
        # The clock leaves half of the rest to a busy machine, so that the effort decides wherever it can.
        return bench.effort >= share * budget or run.over((1 + share) / 2)

    return watch


def in_blocks(scenario: Scenario, block_minutes: int) -> Scenario | None:
    """Return the scenario with its requirement averaged over blocks, ``None`` when its intervals are as long as that."""
    horizon = scenario.horizon
    if horizon.interval_minutes >= block_minutes or horizon.total_minutes % block_minutes:
        return None
    heads = scenario.requirement.heads
    mean = heads.reshape(-1, block_minutes // horizon.interval_minutes, heads.shape[1]).mean(axis=1)
    return replace(
        scenario,
        horizon=replace(horizon, interval_minutes=block_minutes),
        requirement=replace(scenario.requirement, heads=mean),
    )
