"""The board: heads in every interval as people come and go, and what one more person would be worth."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from roster.board_kernel import Grid, Heads, change, fill_prices, shift_worth
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, Split
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Letters = NDArray[np.int16]


class Slots:
    """Where shifts and breaks lie on the break grid of the horizon.

    Attributes
    ----------
    first
        Grid slot at which each shift type starts on each day, shape (days + 1, shifts); the last row is the day before.
    lengths
        Span of each shift type in slots, shape (shifts,).
    per_interval
        Grid slots in a requirement interval.
    count
        Grid slots in the horizon.
    break_slots
        Slots of a break of each kind.
    """

    def __init__(self, scenario: Scenario) -> None:
        grid = scenario.break_policy.grid_minutes
        self.grid_minutes = grid
        self.first: Ints = scenario.shift_start_minutes // grid
        self.lengths: Ints = np.array([shift.span_minutes // grid for shift in scenario.shift_types], dtype=np.int64)
        self.per_interval = scenario.horizon.interval_minutes // grid
        self.count = scenario.horizon.total_minutes // grid
        self.break_slots: Ints = np.array([kind.minutes // grid for kind in scenario.break_policy.breaks], dtype=np.int64)


def grid_of(scenario: Scenario, slots: Slots) -> Grid:
    """Return the slots as machine code reads them."""
    productive = np.array([kind.productive for kind in scenario.break_policy.breaks], dtype=bool)
    return Grid(slots.first, slots.lengths, np.where(productive, 0, slots.break_slots))


class Board:
    """Heads of a roster under construction.

    Parameters
    ----------
    groups
        Skill groups of the associates.
    supply
        Productive units of each group in each interval, shape (groups, intervals).

    Attributes
    ----------
    coverage_cost
        Weighted head-hours of shortage and surplus.
    """

    def __init__(self, scenario: Scenario, groups: SkillGroups, cost: CoverageCost, supply: Ints) -> None:
        self.slots = Slots(scenario)
        self.cost = cost
        required, self._hours = scenario.requirement.heads, scenario.horizon.interval_minutes / 60
        units = Split(groups.allowed, required, self.slots.per_interval, cost, supply).units
        points, weights, base = cost.marginal_steps(required)
        per = self.slots.per_interval
        heads = units.sum(axis=1)
        prices = np.zeros((*heads.shape, 2))
        self._heads = Heads(units, heads, prices, groups.allowed, points * per, weights / per, base / per)
        fill_prices(self._heads)
        self.grid = grid_of(scenario, self.slots)
        self._days = scenario.horizon.day_count
        self.coverage_cost = float(cost.of(self.heads, required).sum() * self._hours)

    def copy(self) -> Board:
        """Return a board with the same heads, which comes sooner than splitting them over the skills again."""
        other = copy(self)
        heads = self._heads
        other._heads = heads._replace(units=heads.units.copy(), heads=heads.heads.copy(), prices=heads.prices.copy())
        return other

    @property
    def heads(self) -> Floats:
        """Scheduled heads, shape (intervals, skills)."""
        return np.asarray(self._heads.heads / self.slots.per_interval, dtype=np.float64)

    @property
    def supply(self) -> Ints:
        """Productive units of each group with a skill that is required, shape (groups, intervals)."""
        return np.asarray(self._heads.units.sum(axis=2).T, dtype=np.int64)

    def change(self, group: int, letters: Letters, kinds: NDArray[np.int8], starts: Letters, sign: int) -> None:
        """Add (`sign` 1) or remove (-1) a person's shifts; shapes as in `roster.board_kernel.change`."""
        self.coverage_cost += (
            change(self._heads, self.grid, self.slots.per_interval, group, letters, kinds, starts, sign) * self._hours
        )

    def shift_worth(self, group: int, shift: int) -> tuple[Floats, Floats]:
        """Return what one more person is worth: whole shifts (days,), and losses for the break pricer (kinds, days, slots)."""
        worth, losses = shift_worth(self._heads, self.grid, self.slots.per_interval, group, shift, self._days)
        return worth * self._hours, losses * self._hours
