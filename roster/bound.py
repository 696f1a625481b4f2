"""A proven bound: what no roster with break slots can beat.

For any price of a head in every interval and skill, every roster ``x`` that keeps the hard rules satisfies::

    objective(x) >= sum over intervals and skills of  min over heads h of  cost(h) + price h
                    - sum over associates of the best worth of a line with breaks at these prices

The first sum is read off the kinks of the convex cost, the second is one exact shortest path an associate through the rule
automaton, over shifts that are worth what their best legal break pattern leaves. A head with several skills is worth the
dearest of them. This is Lagrangian duality (Geoffrion 1974), so any prices give a valid bound and good prices a good one.
Rules that couple associates (office seats, fairness) are left out, which keeps the bound valid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roster.automaton import BROKEN_RULE_COST
from roster.board import Slots, Valuation
from roster.problem import Problem
from scheduling.cost import CoverageCost
from scheduling.coverage import working_slots
from scheduling.ports import BreakPricer

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ascent:
    """A bound, and the direction in which prices should move to raise it.

    Parameters
    ----------
    slope
        Heads wanted less heads supplied at these prices, a subgradient, shape (intervals, skills).
    """

    bound: float
    slope: Floats


class StackedGraphs:
    """The line graphs of all associates side by side, so that all best lines are found in one pass over the days."""

    def __init__(self, problem: Problem) -> None:
        graphs = [(index, graph) for index, person in enumerate(problem.people) for graph in person.graphs]
        self._owner = np.array([index for index, _ in graphs], dtype=np.int64)
        self._people = len(problem.people)
        self.days = problem.scenario.horizon.day_count
        self._group = np.array([person.group for person in problem.people], dtype=np.int64)
        self._day_costs = np.stack([person.day_costs for person in problem.people])
        self._letters, self._targets, self._costs = [], [], []
        letter_limit = problem.people[0].day_costs.shape[1]
        for day in range(len(graphs[0][1])):
            layers = [graph[day] for _, graph in graphs]
            states = max(layer.target.shape[0] for layer in layers)
            columns = max(layer.target.shape[1] for layer in layers)
            letters = np.zeros((len(layers), columns), dtype=np.int64)
            target = np.zeros((len(layers), states, columns), dtype=np.int64)
            cost = np.full((len(layers), states, columns), np.inf)
            for row, layer in enumerate(layers):
                height, width = layer.target.shape
                letters[row, :width] = np.array(layer.letters) % letter_limit
                target[row, :height, :width] = np.maximum(layer.target, 0)
                cost[row, :height, :width] = np.where(layer.target >= 0, layer.cost, np.inf)
            self._letters.append(letters)
            self._targets.append(target)
            self._costs.append(cost)

    def best(self, worth: Floats) -> tuple[Floats, Ints]:
        """Return the value of each associate's best line, and its letters.

        Parameters
        ----------
        worth
            Worth of each letter on each day for each group, shape (groups, days, shifts + 3).

        Returns
        -------
        Values, shape (associates,), and letters as columns of `worth`, shape (associates, days).
        """
        rows = np.arange(len(self._owner))
        values = (worth[self._group] - self._day_costs)[self._owner]
        ahead = np.zeros((len(rows), 1))
        choices: list[Ints] = []
        for day in range(len(self._letters) - 1, -1, -1):
            total = ahead[rows[:, None, None], self._targets[day]] - self._costs[day]
            if day < self.days:
                total += np.take_along_axis(values[:, day], self._letters[day], axis=1)[:, None, :]
            choice = total.argmax(axis=2)
            choices.append(choice)
            ahead = np.take_along_axis(total, choice[:, :, None], axis=2)[:, :, 0]
        order = np.lexsort((-ahead[:, 0], self._owner))
        chosen = order[np.searchsorted(self._owner[order], np.arange(self._people))]
        return ahead[chosen, 0], self._follow(chosen, choices[::-1])

    def _follow(self, chosen: Ints, choices: list[Ints]) -> Ints:
        state = np.zeros(len(chosen), dtype=np.int64)
        letters = np.empty((len(chosen), self.days), dtype=np.int64)
        for day in range(self.days):
            column = choices[day][chosen, state]
            letters[:, day] = self._letters[day][chosen, column]
            state = self._targets[day][chosen, state, column]
        return letters


class DualBound:
    """Evaluates the bound of a problem at given prices."""

    def __init__(self, problem: Problem, pricers: Mapping[int, BreakPricer], cost: CoverageCost, carried: Ints) -> None:
        scenario = problem.scenario
        self._problem, self._pricers, self._cost = problem, pricers, cost
        self._slots = Slots(scenario)
        self._graphs = StackedGraphs(problem)
        self._required = scenario.requirement.heads
        self._hours = scenario.horizon.interval_minutes / 60
        self._carried = carried / self._slots.per_interval
        self._kinks = cost.kinks(self._required)
        self._kink_costs = cost.of(self._kinks, self._required)
        self._days = np.arange(scenario.horizon.day_count)
        policy = scenario.break_policy
        self._worked_costs = [
            cost.worked_hour * policy.productive_minutes_of(shift.span_minutes) / 60 for shift in scenario.shift_types
        ]
        self._group = np.array([person.group for person in problem.people], dtype=np.int64)
        # Only where rules clash a line breaks any; elsewhere a cost as high as that is one of refused requests.
        self._relaxed = np.array([person.relaxed for person in problem.people], dtype=bool)
        self._shifts_of = [
            sorted({letter for person in problem.people if person.group == group for graph in person.graphs
                    for layer in graph for letter in layer.letters if letter >= 0})
            for group in range(problem.groups.count)
        ]  # fmt: skip

    @property
    def interval_hours(self) -> float:
        """Length of an interval in hours."""
        return self._hours

    def at(self, prices: Floats, *, slope: bool = True) -> Ascent:
        """Return the bound at `prices` (weighted hours a head-hour, shape (intervals, skills)), clipped to the possible."""
        prices = np.clip(prices, -self._cost.steepest_over, self._cost.steepest_short)
        wanted, covered = self._conjugate(prices)
        groups, dearest = self._group_prices(prices)
        valuations = self._valuations(groups)
        values, letters = self._graphs.best(self._worth(valuations))
        broken = np.round(-values[self._relaxed] / BROKEN_RULE_COST).sum() * BROKEN_RULE_COST
        carried = float((self._carried * groups).sum() * self._hours)
        bound = covered - float(values.sum()) - broken - carried
        if not slope:
            return Ascent(bound, np.zeros_like(prices))
        supply = self._supply(letters, valuations) + self._carried
        supplied = np.zeros_like(prices)
        for group, skills in enumerate(dearest):
            if skills is not None:
                np.add.at(supplied, (np.arange(len(prices)), skills), supply[group])
        return Ascent(bound, wanted - supplied)

    def _conjugate(self, prices: Floats) -> tuple[Floats, float]:
        """Return the heads of least cost plus price, and the sum of those in weighted hours."""
        total = self._kink_costs + prices * self._kinks
        best = total.argmin(axis=0)[None]
        heads = np.take_along_axis(self._kinks, best, axis=0)[0]
        return heads, float(np.take_along_axis(total, best, axis=0).sum() * self._hours)

    def _group_prices(self, prices: Floats) -> tuple[Floats, list[Ints | None]]:
        groups = np.zeros((self._problem.groups.count, len(prices)))
        dearest: list[Ints | None] = []
        for group, allowed in enumerate(self._problem.groups.allowed):
            skills = np.flatnonzero(allowed)
            if len(skills) == 0:
                dearest.append(None)
                continue
            best = prices[:, skills].argmax(axis=1)
            dearest.append(skills[best])
            groups[group] = prices[np.arange(len(prices)), skills[best]]
        return groups, dearest

    def _valuations(self, groups: Floats) -> list[Valuation]:
        units = np.arange(self._slots.per_interval + 1)[:, None] / self._slots.per_interval
        return [Valuation(self._slots, units * row * self._hours) for row in groups]

    def _worth(self, valuations: list[Valuation]) -> Floats:
        shape = (len(valuations), len(self._days), len(self._problem.scenario.shift_types) + 3)
        worth = np.zeros(shape)
        for group, valuation in enumerate(valuations):
            for shift in self._shifts_of[group]:
                pricer = self._pricers[self._problem.scenario.shift_types[shift].span_minutes]
                whole = valuation.worth_without_breaks(self._days, shift) - self._worked_costs[shift]
                worth[group, :, shift] = whole - pricer.least_loss(valuation.losses(self._days, shift))
        return worth

    def _supply(self, letters: Ints, valuations: list[Valuation]) -> Floats:
        """Return the productive heads of each group in each interval when everybody works these lines."""
        scenario, slots = self._problem.scenario, self._slots
        supply = np.zeros((len(valuations), slots.count))
        for group, valuation in enumerate(valuations):
            for shift in self._shifts_of[group]:
                heads = (letters[self._group == group] == shift).sum(axis=0)
                days = np.flatnonzero(heads)
                if len(days) == 0:
                    continue
                span = scenario.shift_types[shift].span_minutes
                _, patterns = self._pricers[span].best_patterns(valuation.losses(days, shift))
                for day, pattern in zip(days, patterns, strict=True):
                    whole, part = slots.inside(int(day), shift)
                    supply[group, whole] += heads[day] * working_slots(scenario.break_policy, span, pattern)[part]
        return np.asarray(supply.reshape(len(valuations), -1, slots.per_interval).mean(axis=2))


@dataclass(frozen=True)
class AscentParams:
    """Subgradient ascent: Polyak steps along a damped direction, the same price for whole blocks of time first.

    Parameters
    ----------
    block_minutes
        Lengths of the blocks, one stage each; long blocks settle what a day is worth before its hours.
    rounds
        Steps in each stage.
    step
        Share of the distance to the target that the first steps of a stage aim at.
    memory
        Weight of the former direction.
    patience
        Steps without a better bound after which the step is halved and the best prices are taken up again.
    """

    block_minutes: tuple[int, ...] = (1440, 480, 120)
    rounds: int = 25
    step: float = 0.05
    memory: float = 0.6
    patience: int = 5


def ascend(dual: DualBound, prices: Floats, target: float, params: AscentParams, over: Callable[[], bool]) -> float:
    """Raise the bound from `prices` towards `target`; return the best bound."""
    best = -np.inf
    for block_minutes in params.block_minutes:
        intervals = max(1, round(block_minutes / 60 / dual.interval_hours))
        best, prices = _stage(dual, prices, target, intervals, params, over)
    return best


def _stage(
    dual: DualBound, prices: Floats, target: float, block: int, params: AscentParams, over: Callable[[], bool]
) -> tuple[float, Floats]:
    best, best_prices = -np.inf, prices
    direction: Floats | None = None
    step, stalled = params.step, 0
    starts = np.arange(0, len(prices), block)
    lengths = np.diff(np.append(starts, len(prices)))
    for _ in range(params.rounds):
        ascent = dual.at(prices)
        stalled = 0 if ascent.bound > best else stalled + 1
        if ascent.bound > best:
            best, best_prices = ascent.bound, prices
        if over():
            break
        if stalled >= params.patience:
            step, stalled, direction, prices = step / 2, 0, None, best_prices
            continue
        slope = np.repeat(np.add.reduceat(ascent.slope, starts, axis=0) / lengths[:, None], lengths, axis=0)
        direction = slope if direction is None else params.memory * direction + (1 - params.memory) * slope
        length = float((direction**2).sum()) * dual.interval_hours
        if length == 0.0:
            break
        prices = prices + step * max(target - ascent.bound, 0.0) / length * direction
    return best, best_prices
