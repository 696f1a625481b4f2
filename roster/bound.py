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
from roster.board import Slots, grid_of
from roster.bound_kernel import Choosers, add_supply, choose, price_shifts
from roster.line_kernel import Layers
from roster.line_table import LineTable
from roster.problem import Problem
from scheduling.cost import CoverageCost
from scheduling.ports import BreakPricer

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_JUMP = 1e-3
"""Heads by which a slope is taken to jump at least, so that the price of an interval that is satisfied stands still."""


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


class DualBound:
    """Evaluates the bound of a problem at given prices."""

    def __init__(
        self,
        problem: Problem,
        pricers: Mapping[int, BreakPricer],
        cost: CoverageCost,
        carried: Ints,
        table: LineTable | None = None,
    ) -> None:
        scenario = problem.scenario
        self._problem, self._cost = problem, cost
        self._layers, self._choosers = choosers(problem, table or LineTable(problem))
        self._slots = Slots(scenario)
        self._grid = grid_of(scenario, self._slots)
        self._pricers = [pricers[shift.span_minutes] for shift in scenario.shift_types]
        self._required = scenario.requirement.heads
        self._hours = scenario.horizon.interval_minutes / 60
        self._carried = carried / self._slots.per_interval
        self._kinks = cost.kinks(self._required)
        self._kink_costs = cost.of(self._kinks, self._required)
        policy = scenario.break_policy
        self._worked_costs = [
            cost.worked_hour * policy.productive_minutes_of(shift.span_minutes) / 60 for shift in scenario.shift_types
        ]
        # Only where rules clash a line breaks any; elsewhere a cost as high as that is one of refused requests.
        self._relaxed = np.array([person.relaxed for person in problem.people], dtype=bool)
        used: list[set[int]] = [set() for _ in range(problem.groups.count)]
        for person in problem.people:
            used[person.group].update(shift for shifts in person.shifts for shift in shifts)
        self._offers = [(group, shift) for group, shifts in enumerate(used) for shift in sorted(shifts)]

    @property
    def interval_hours(self) -> float:
        """Length of an interval in hours."""
        return self._hours

    def clipped(self, prices: Floats) -> Floats:
        """Return prices between which all others prove no more."""
        return np.clip(prices, -self._cost.steepest_over, self._cost.steepest_short)

    def at(self, prices: Floats) -> Ascent:
        """Return the bound at `prices` (weighted hours a head-hour, shape (intervals, skills)), clipped to the possible."""
        prices = self.clipped(prices)
        wanted, covered = self._conjugate(prices)
        groups, dearest = self._group_prices(prices)
        values, supply = self._respond(groups)
        broken = np.round(-values[self._relaxed] / BROKEN_RULE_COST).sum() * BROKEN_RULE_COST
        carried = float((self._carried * groups).sum() * self._hours)
        bound = covered - float(values.sum()) - broken - carried
        supply += self._carried
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

    def _respond(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return the value of everybody's best line at prices a group, and the heads that these lines give.

        Both prices and heads have the shape (groups, intervals).
        """
        days, shifts, per = self._problem.scenario.horizon.day_count, len(self._pricers), self._slots.per_interval
        worth = np.zeros((len(prices), self._choosers.graphs.shape[1], shifts + 3))
        breaks: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        for group, shift in self._offers:
            unit_prices = prices[group] * (self._hours / per)
            whole, losses = price_shifts(unit_prices, self._grid, per, shift, days)
            least, kinds, starts = self._pricers[shift].best_starts(losses)
            breaks[group, shift] = kinds, starts
            worth[group, :days, shift] = whole - least - self._worked_costs[shift]
        chosen = np.zeros((len(prices), days, shifts), dtype=np.int64)
        values = choose(self._layers, self._choosers, worth, chosen)
        units = np.zeros(prices.shape, dtype=np.int64)
        for group, shift in self._offers:
            add_supply(units[group], per, self._grid, shift, chosen[group, :, shift], *breaks[group, shift])
        return values, units / per


def choosers(problem: Problem, table: LineTable) -> tuple[Layers, Choosers]:
    """Return what everybody may choose from, laid out for machine code."""
    counts = np.array([len(graphs) for graphs in table.graphs], dtype=np.int64)
    graphs = np.concatenate([np.stack(graphs) for graphs in table.graphs])
    refused = [np.nonzero(person.day_costs) for person in problem.people]
    requests = np.array([len(days) for days, _ in refused], dtype=np.int64)
    return table.layers, Choosers(
        graphs,
        np.concatenate([[0], np.cumsum(counts)]),
        np.array([person.group for person in problem.people], dtype=np.int64),
        np.concatenate([[0], np.cumsum(requests)]),
        np.concatenate([days for days, _ in refused]),
        np.concatenate([letters for _, letters in refused]),
        np.concatenate([person.day_costs[where] for person, where in zip(problem.people, refused, strict=True)]),
    )


@dataclass(frozen=True)
class AscentParams:
    """How prices are raised.

    Parameters
    ----------
    first_step, last_step
        How far the price of an interval moves in the first and in the last round, about, in weighted hours a head-hour.
    memory, square_memory
        Weight of what was known of the slope, and of its square, before a round.
    most_rounds
        Rounds beyond which little is gained.
    """

    first_step: float = 0.3
    last_step: float = 0.002
    memory: float = 0.8
    square_memory: float = 0.98
    most_rounds: int = 1000


@dataclass
class Climb:
    """Prices on their way up, by steps of a size of their own for every interval (Adam: Kingma, Ba, ICLR 2015).

    The slope of an interval is the heads it wants less those it gets, which jumps to and fro by whole classes of equal people.
    Its mean over the last rounds says where the price should go, its mean square how much it jumps. Steps shrink by the same
    factor every round.

    Attributes
    ----------
    bound, best
        The best bound so far, and its prices.
    done
        Rounds so far.
    """

    params: AscentParams
    rounds: int
    prices: Floats
    bound: float = -np.inf
    done: int = 0

    def __post_init__(self) -> None:
        """Begin with no memory."""
        self.best = self.prices
        self._mean, self._square = np.zeros_like(self.prices), np.zeros_like(self.prices)

    @property
    def is_over(self) -> bool:
        """Whether all rounds are done."""
        return self.done >= self.rounds

    def go_on(self, dual: DualBound, rounds: int, over: Callable[[], bool]) -> Climb:
        """Do some more rounds, or fewer when they are over; return the climb itself."""
        params = self.params
        for _ in range(min(rounds, self.rounds - self.done)):
            ascent = dual.at(self.prices)
            if ascent.bound > self.bound:
                self.bound, self.best = ascent.bound, self.prices
            self._mean = params.memory * self._mean + (1 - params.memory) * ascent.slope
            self._square = params.square_memory * self._square + (1 - params.square_memory) * ascent.slope**2
            share, self.done = self.done / self.rounds, self.done + 1
            mean = self._mean / (1 - params.memory**self.done)
            jump = np.sqrt(self._square / (1 - params.square_memory**self.done))
            step = params.first_step * (params.last_step / params.first_step) ** share
            self.prices = dual.clipped(self.prices + step * mean / (jump + LEAST_JUMP))
            if over():
                break
        return self
