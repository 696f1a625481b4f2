"""Proof of a bound beside the search: prices of coverage are raised, here or in another process, and prove a bound each round."""

from __future__ import annotations

import pickle
import time
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from functools import lru_cache

import numpy as np

from roster.bound import Climb, DualBound, Ints
from roster.problem import Problem, compile_problem
from roster.run import Run, SolveParams
from scheduling.cost import CoverageCost
from scheduling.ports import BreakPricer
from scheduling.scenario import Scenario

WAIT_SECONDS = 0.2
CLOSE_ENOUGH = 1e-4
"""A relative gap below which nobody looks for a better bound."""
FIRST_PRICE = 1.0
"""Price of a head-hour with which a climb begins: what an hour of work costs."""
STAGES = 12
"""Times that a climb in another process comes back to tell how far it is."""
SECONDS_OF_OFFER, SECONDS_OF_GRAPH = 6.5e-6, 1.3e-7
"""Time that a round takes for each day of a shift type of a group, and of a line graph; measured on the sample."""
SLOWNESS = 2.0
"""How much longer a round may take on a slower or busier machine, so that the rounds, not the clock, end a climb."""


def climb_on(packed: bytes, climb: Climb, rounds: int) -> Climb:
    """Do some rounds of a climb; a function of plain data, for any executor, on this machine or on others."""
    return climb.go_on(_unpacked(packed), rounds, lambda: False)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> DualBound:
    """Return the dual of a packed question; a process keeps the last one, for its stages come one after the other."""
    scenario, pricers, cost, carried = pickle.loads(packed)  # noqa: S301 - written by `Proof`, which hands it to the executor
    return DualBound(compile_problem(scenario), pricers, cost, carried)


def climb_rounds(problem: Problem, seconds: float, most: int) -> int:
    """Return how many rounds a climb may have in some seconds."""
    days = problem.scenario.horizon.day_count
    offers = {(person.group, shift) for person in problem.people for shifts in person.shifts for shift in shifts}
    graphs = sum(len(person.graphs) for person in problem.people)
    of_round = days * (SECONDS_OF_OFFER * len(offers) + SECONDS_OF_GRAPH * graphs) + 1e-3
    return int(np.clip(seconds / (SLOWNESS * of_round), 1, most))


class Proof:
    """Keeps the best bound that a climb has proven so far.

    Attributes
    ----------
    best
        The best bound so far, in head-hours; prices of nothing, of an hour and the steepest prove the first.
    """

    def __init__(
        self, problem: Problem, pricers: Mapping[int, BreakPricer], params: SolveParams, carried: Ints, run: Run
    ) -> None:
        self._dual = DualBound(problem, pricers, params.cost, carried)
        self._question: tuple[Scenario, Mapping[int, BreakPricer], CoverageCost, Ints]
        self._question = problem.scenario, pricers, params.cost, carried
        shape = problem.scenario.requirement.heads.shape
        rounds = climb_rounds(problem, run.seconds, params.ascent.most_rounds)
        self._climb = Climb(params.ascent, rounds, np.full(shape, FIRST_PRICE))
        # Prices of nothing are exact where everything can be covered, the steepest ones where nobody is there.
        prices = (0.0, FIRST_PRICE, params.cost.steepest_short)
        self.best = max(self._dual.at(np.full(shape, price)).bound for price in prices)
        self._executor: Executor | None = None
        self._stage: Future[Climb] | None = None
        self._packed = b""

    @property
    def beside(self) -> bool:
        """Whether the prices are raised beside the search."""
        return self._executor is not None

    def begin(self, executor: Executor | None) -> None:
        """Take the executor on which prices are raised beside the search; with none, `finish` raises them after it."""
        self._executor = executor
        if executor is not None:
            self._packed = pickle.dumps(self._question)
            self._next(executor)

    def _next(self, executor: Executor) -> None:
        rounds = -(-self._climb.rounds // STAGES)
        self._stage = executor.submit(climb_on, self._packed, self._climb, rounds)

    def collect(self) -> float:
        """Take what has been proven since, and go on; return the best bound.

        A process that dies, as where memory is short, or a cluster that goes away takes its stage with it; the climb then goes on
        here, after the search.
        """
        if self._stage is not None and self._stage.done():
            try:
                self._climb, self._stage = self._stage.result(), None
                self.best = max(self.best, self._climb.bound)
                if self._executor is not None and not self._climb.is_over:
                    self._next(self._executor)
            except (BrokenExecutor, CancelledError):
                self._executor = self._stage = None
        return self.best

    def finish(self, objective: float, run: Run) -> float:
        """Return the best bound; wait for it, or raise it here, in the time that is left.

        Only the bound depends on how far this comes, so that the roster stays the same on a slower machine.
        """
        while not run.over() and objective - self.best > CLOSE_ENOUGH * abs(objective):
            if self._executor is None:
                if self._climb.is_over:
                    break
                self._climb.go_on(self._dual, -(-self._climb.rounds // STAGES), run.over)
                self.best = max(self.best, self._climb.bound)
            elif self._stage is None:
                break
            else:
                time.sleep(WAIT_SECONDS)
                self.collect()
            run.bound = self.best
            run.tell("proving the bound", objective)
        return self.best
