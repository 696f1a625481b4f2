"""Proof of a bound beside the search: prices from the weekly flows, raised by ascent, and what they are worth."""

from __future__ import annotations

import time
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

WAIT_SECONDS = 0.2
PRICING_SHARE = 0.6
"""Share of the time after the search in which weeks are priced when nobody does it beside the search."""
CLOSE_ENOUGH = 1e-4
"""A relative gap below which nobody looks for a better bound."""


def week_prices(
    scenario: Scenario,
    pricers: Mapping[int, BreakPricer],
    cost: CoverageCost,
    params: FlowParams,
    week: int,
    block_minutes: int,
    seed: int,
) -> Floats:
    """Return prices a head-hour of each interval of a week, shape (intervals of the week, skills).

    A function of plain data, so that any executor can run weeks side by side, on this machine or on others.
    """
    problem = compile_problem(scenario)
    carried = carried_units(scenario, problem.groups, carried_patterns(scenario, pricers))
    program = WeekProgram(problem, WeekFlows(problem), week, pricers, cost, block_minutes, carried)
    return program.prices(params, np.random.default_rng([seed, week])) / (scenario.horizon.interval_minutes / 60)


def raise_bound(
    scenario: Scenario,
    pricers: Mapping[int, BreakPricer],
    params: SolveParams,
    prices: Floats,
    target: float,
) -> float:
    """Return the bound that ascent from `prices` towards `target` proves; a function of plain data."""
    problem = compile_problem(scenario)
    carried = carried_units(scenario, problem.groups, carried_patterns(scenario, pricers))
    return ascend(DualBound(problem, pricers, params.cost, carried), prices, target, params.ascent, lambda: False)


class Proof:
    """Collects prices week by week and keeps the best bound that they prove.

    Attributes
    ----------
    best
        The best bound so far, in head-hours; prices of zero prove the first.
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
        self._blank = np.zeros(problem.scenario.requirement.heads.shape)
        self._prices = self._best_prices = self._blank
        self._levels = [minutes for minutes in params.flow.block_minutes if minutes >= problem.scenario.horizon.interval_minutes]
        self._executor: Executor | None = None
        self._weeks: dict[Future[Floats], int] = {}
        self._raised: list[Future[float]] = []
        # Prices of nothing are exact where everything can be covered, the steepest ones where nobody is there.
        steepest = np.full_like(self._blank, params.cost.steepest_short)
        self.best = max(self._dual.at(prices, slope=False).bound for prices in (self._blank, steepest))

    @property
    def beside(self) -> bool:
        """Whether the prices are found beside the search."""
        return self._executor is not None

    def begin(self, executor: Executor | None) -> None:
        """Take the executor on which prices are found beside the search; with none, `finish` finds them after it."""
        self._executor = executor

    def _question(
        self, week: int, minutes: int
    ) -> tuple[Scenario, Mapping[int, BreakPricer], CoverageCost, FlowParams, int, int, int]:
        params = self._params
        return self._problem.scenario, self._pricers, params.cost, params.flow, week, minutes, self._seed

    def collect(self, objective: float | None) -> float:
        """Take what has been found since and ask for more; `objective` is that of a complete roster, if there is one.

        The weeks are priced on ever shorter blocks, and the best prices are raised whenever all weeks have been priced.
        """
        for future in [future for future in self._weeks if future.done()]:
            self._take(self._weeks.pop(future), future.result())
        for raised in [raised for raised in self._raised if raised.done()]:
            self._raised.remove(raised)
            self.best = max(self.best, raised.result())
        if self._executor is not None and objective is not None and not self._weeks:
            self._ask(self._executor, objective)
        return self.best

    def _ask(self, executor: Executor, objective: float) -> None:
        """Raise the bound from the best prices, and price all weeks on the next shorter blocks."""
        scenario = self._problem.scenario
        if self._best_prices is not self._blank and self._prices is not self._blank:
            question = (scenario, self._pricers, self._params, self._best_prices, objective)
            self._raised.append(executor.submit(raise_bound, *question))
        self._prices = self._blank
        if self._levels:
            self._prices = self._blank.copy()
            minutes = self._levels.pop(0)
            for week in range(scenario.horizon.weeks):
                self._weeks[executor.submit(week_prices, *self._question(week, minutes))] = week

    def _take(self, week: int, prices: Floats) -> None:
        starts = self._problem.scenario.horizon.day_starts // self._problem.scenario.horizon.interval_minutes
        self._prices[starts[7 * week] : starts[7 * week + 7]] = prices
        bound = self._dual.at(self._prices, slope=False).bound
        if bound > self.best:
            self.best, self._best_prices = bound, self._prices.copy()

    def finish(self, objective: float, run: Run) -> float:
        """Return the best bound; wait for it, or raise it here towards `objective`, in the time that is left."""
        if self._executor is None:
            return self._prove_here(objective, run)
        run.bound = self.collect(objective)
        while not run.over() and (self._weeks or self._raised):
            run.tell("proving the bound", objective)
            time.sleep(WAIT_SECONDS)
            run.bound = self.collect(objective)
        return self.best

    def _prove_here(self, objective: float, run: Run) -> float:
        """Price the weeks on ever shorter blocks in a part of the time that is left, and raise the bound in the rest.

        Only the bound depends on how far this comes, so that the roster stays the same on a slower machine.
        """
        until = run.elapsed_seconds + PRICING_SHARE * max(0.0, run.seconds - run.elapsed_seconds)
        longest = 0.0
        for week, minutes in [
            (week, minutes) for minutes in self._levels for week in range(self._problem.scenario.horizon.weeks)
        ]:
            began = run.elapsed_seconds
            if run.over() or began + longest > until or objective - self.best <= CLOSE_ENOUGH * abs(objective):
                break
            if week == 0:
                self._prices = self._blank.copy()
            self._take(week, week_prices(*self._question(week, minutes)))
            longest = max(longest, run.elapsed_seconds - began)
            run.bound = self.best
            run.tell("pricing the weeks", objective)
        if objective - self.best > CLOSE_ENOUGH * abs(objective):
            self.best = max(self.best, ascend(self._dual, self._best_prices, objective, self._params.ascent, run.over))
        return self.best
