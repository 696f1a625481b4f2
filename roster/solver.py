"""The roster solver: a recipe.

1. Compile the scenario: calendar, facts, one small rule automaton an associate.
2. Search (`roster.search`): best answers on blocks of hours, where quarter hours do not yet distract, then on the true intervals
   with breaks; a few people at a time are ruined and recreated, and the breaks of all are polished in turn.
3. Where the office is too full for them, choose the lines of those who come to it anew.
4. Beside all that, raise prices of coverage and prove a bound by Lagrangian duality.

Breaks come from the pricers and the polisher that the caller gives; this package knows nothing else of breaks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roster.carry import carried_patterns, carried_units
from roster.problem import Problem, compile_problem
from roster.prove import Proof
from roster.run import Run, Seconds, SolveParams
from roster.search import Search
from roster.seating import seat
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.ports import BreakPolisher, BreakPricer, ProgressListener, StopSignal
from scheduling.scenario import Scenario


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
    clock: Seconds = time.monotonic,
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
    clock
        What counts the seconds of the budget.
    """
    params = params or SolveParams()
    run = Run(seconds, stop, progress, clock)
    run.tell("compiling the rules", None)
    problem = compile_problem(scenario)
    carried = carried_patterns(scenario, pricers)
    proof = Proof(problem, pricers, params, carried_units(scenario, problem.groups, carried), run)
    run.bound = proof.best
    proof.begin(executor)
    search = Search(problem, pricers, params, carried, np.random.default_rng(seed), run, proof)
    bench = search.roster(polisher, warm_start)
    seat(bench, run, seed=seed)
    run.bound = proof.finish(bench.objective, run)
    run.tell("bound proven", bench.objective)
    return SolvedRoster(problem, bench.lines(), bench.breaks(carried), proof.best)
