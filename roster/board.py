"""The board: heads in every interval as people come and go, and what one more person would be worth."""

from __future__ import annotations

from functools import cached_property

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
    padding
        Slots kept before and after the horizon, so that shifts across its edges need no special case.
    touched
        For each kind of break what it takes (see `_touched`), ``None`` for breaks that count as productive.
    """

    def __init__(self, scenario: Scenario) -> None:
        grid = scenario.break_policy.grid_minutes
        self.grid_minutes = grid
        self.first: Ints = scenario.shift_start_minutes // grid
        self.lengths: Ints = np.array([shift.span_minutes // grid for shift in scenario.shift_types], dtype=np.int64)
        self.per_interval = scenario.horizon.interval_minutes // grid
        self.count = scenario.horizon.total_minutes // grid
        self.break_slots: Ints = np.array([kind.minutes // grid for kind in scenario.break_policy.breaks], dtype=np.int64)
        self.longest_break = int(self.break_slots.max(initial=0))
        self.padding = int(self.lengths.max(initial=0)) + self.longest_break
        self.touched = [
            None if kind.productive else self._touched(int(length))
            for kind, length in zip(scenario.break_policy.breaks, self.break_slots, strict=True)
        ]

    def _touched(self, length: int) -> Ints:
        """Return what breaks of so many slots take, as flat indices into a table of units taken by intervals.

        The table has a column more than there are intervals, for what lies outside the horizon. Columns are the starts of the
        break from `longest_break` slots before the horizon to its end, rows the intervals that one break can touch.
        """
        per, starts = self.per_interval, np.arange(-self.longest_break, self.count)
        intervals = self.count // per
        rows = []
        for step in range((length + per - 2) // per + 1):
            interval = starts // per + step
            taken = np.minimum(starts + length, (interval + 1) * per) - np.maximum(starts, interval * per)
            inside = (interval >= 0) & (interval < intervals) & (taken > 0)
            rows.append(np.where(inside, np.clip(taken, 0, per) * (intervals + 1) + interval, intervals))
        return np.stack(rows)

    def inside(self, day: int, shift: int) -> tuple[slice, slice]:
        """Return the slots of a shift that lie in the horizon: as a slice of the horizon, and as a slice of the shift."""
        first, length = int(self.first[day, shift]), int(self.lengths[shift])
        low, high = max(0, -first), max(0, min(length, self.count - first))
        return slice(first + low, first + max(low, high)), slice(low, max(low, high))


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

    @property
    def heads(self) -> Floats:
        """Scheduled heads, shape (intervals, skills)."""
        return np.asarray(self._heads.heads / self.slots.per_interval, dtype=np.float64)

    def change(self, group: int, letters: Letters, kinds: NDArray[np.int8], starts: Letters, sign: int) -> None:
        """Add (`sign` 1) or remove (-1) a person's shifts; shapes as in `roster.board_kernel.change`."""
        self.coverage_cost += (
            change(self._heads, self.grid, self.slots.per_interval, group, letters, kinds, starts, sign) * self._hours
        )

    def shift_worth(self, group: int, shift: int) -> tuple[Floats, Floats]:
        """Return what one more person is worth: whole shifts (days,), and losses for the break pricer (kinds, days, slots)."""
        worth, losses = shift_worth(self._heads, self.grid, self.slots.per_interval, group, shift, self._days)
        return worth * self._hours, losses * self._hours


class Valuation:
    """What the shifts of a group would be worth on a board or at given prices.

    The worth of a shift is that of all its intervals, less what is lost in the best legal break pattern. A break costs the
    difference that its slots make in the intervals it touches; that is exact while no interval has parts of two breaks.
    """

    def __init__(self, slots: Slots, gains: Floats) -> None:
        """Take `gains` as `Board.unit_gains` gives them."""
        self._slots, self._gains = slots, gains

    @cached_property
    def _padded_losses(self) -> Floats:
        """Loss of a break of each kind that starts at each slot, with the padding of `Slots` on both sides."""
        slots, gains = self._slots, self._gains
        # Row u holds what is lost when u units of an interval are taken from a whole head; the last column takes nothing.
        lost = np.zeros((slots.per_interval + 1, gains.shape[1] + 1))
        lost[:, :-1] = gains[-1] - gains[::-1]
        losses = np.zeros((len(slots.touched), slots.count + 2 * slots.padding))
        for kind, touched in enumerate(slots.touched):
            if touched is not None:
                first = slots.padding - slots.longest_break
                losses[kind, first : first + touched.shape[1]] = lost.ravel()[touched].sum(axis=0)
        return losses

    @cached_property
    def _worth_before(self) -> Floats:
        """Worth of a whole head from the start to each slot, shape (slots + 1,)."""
        per_slot = np.repeat(self._gains[-1] / self._slots.per_interval, self._slots.per_interval)
        return np.concatenate([[0.0], np.cumsum(per_slot)])

    def losses(self, days: Ints, shift: int) -> Floats:
        """Return the losses for the break pricer, shape (kinds, days, slots of the shift)."""
        length = int(self._slots.lengths[shift])
        starts = self._slots.first[days, shift] + self._slots.padding
        return self._padded_losses[:, starts[:, None] + np.arange(length)]

    def worth_without_breaks(self, days: Ints, shift: int) -> Floats:
        """Return the worth of whole shifts, shape (days,)."""
        first = self._slots.first[days, shift]
        low = np.clip(first, 0, self._slots.count)
        high = np.clip(first + self._slots.lengths[shift], 0, self._slots.count)
        return np.asarray(self._worth_before[high] - self._worth_before[low])
