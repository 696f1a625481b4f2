"""Proof of a bound beside the search: prices from the weekly flows, raised by ascent, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, Future

import numpy as np
from numpy.typing import NDArray

from roster.bound import DualBound, ascend
from roster.carry import carried_patterns, carried_units
from roster.flow import FlowParams, WeekFlows, WeekProgram
from roster.problem import Problem, compile_problem
from roster.run import Run, SolveParams
from scheduling.cost import CoverageCost
from scheduling.plan import BreakPattern
from scheduling.ports import BreakPricer
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]

CLOSE_ENOUGH = 1e-4
"""A relative gap below which nobody looks for a better bound."""


def week_prices(
    scenario: Scenario,
    pricers: Mapping[int, BreakPricer],
    cost: CoverageCost,
    params: FlowParams,
    week: int,
    seed: int,
) -> Floats:
    """Return prices a head-hour of each interval of a week, shape (intervals of the week, skills).

    A function of plain data, so that any executor can run weeks side by side, on this machine or on others.
    """
    problem = compile_problem(scenario)
    carried = carried_units(scenario, problem.groups, carried_patterns(scenario, pricers))
    program = WeekProgram(problem, WeekFlows(problem), week, pricers, cost, params, carried)
    return program.prices(params, np.random.default_rng([seed, week])) / (scenario.horizon.interval_minutes / 60)


class Proof:
    """Collects prices week by week and keeps the best bound that they prove.

    Attributes
    ----------
    best
        The best bound so far, in head-hours; prices of zero prove the first.
    beside
        Whether the prices are found beside the search.
    """

    def __init__(
        self,
        problem: Problem,
        pricers: Mapping[int, BreakPricer],
        params: SolveParams,
        carried: Mapping[int, BreakPattern],
        seed: int,
    ) -> None:
        self._problem, self._pricers, self._params, self._seed = problem, pricers, params, seed
        units = carried_units(problem.scenario, problem.groups, carried)
        self._dual = DualBound(problem, pricers, params.cost, units)
        self._prices = np.zeros(problem.scenario.requirement.heads.shape)
        self._pending: dict[Future[Floats], int] = {}
        self.beside = False
        self.best = self._dual.at(self._prices, slope=False).bound

    def begin(self, executor: Executor | None, run: Run) -> None:
        """Start pricing the weeks in `executor`, or price them here, at most `proof_share` of the time."""
        scenario, params = self._problem.scenario, self._params
        self.beside = executor is not None
        for week in range(scenario.horizon.weeks):
            question = (scenario, self._pricers, params.cost, params.flow, week, self._seed)
            if executor is not None:
                self._pending[executor.submit(week_prices, *question)] = week
                continue
            if run.elapsed_seconds > params.proof_share * run.seconds or run.over():
                break
            self._take(week, week_prices(*question))
            run.bound = self.best
            run.tell("pricing the weeks", None)

    def collect(self) -> float:
        """Take the prices that have been found since; return the best bound."""
        for future in [future for future in self._pending if future.done()]:
            self._take(self._pending.pop(future), future.result())
        return self.best

    def _take(self, week: int, prices: Floats) -> None:
        starts = self._problem.scenario.horizon.day_starts // self._problem.scenario.horizon.interval_minutes
        self._prices[starts[7 * week] : starts[7 * week + 7]] = prices
        self.best = max(self.best, self._dual.at(self._prices, slope=False).bound)

    def finish(self, objective: float, run: Run) -> float:
        """Raise the bound towards `objective` from the prices that came in time; drop the rest."""
        for future in self._pending:
            future.cancel()
        self._pending.clear()
        if objective - self.best <= CLOSE_ENOUGH * abs(objective):
            return self.best

        def watch(_done: int, bound: float) -> bool:
            return run.over() or objective - bound <= CLOSE_ENOUGH * abs(objective)

        bound, self._prices = ascend(
            self._dual, self._prices, objective, self._params.ascent_rounds, self._params.ascent, watch
        )
        self.best = max(self.best, bound)
        return self.best
