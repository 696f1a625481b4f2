"""The heads on the floor minute by minute, and what it costs when somebody leaves or comes for some minutes.

A unit is one person for one minute, because real breaks keep to no grid. Only shortage counts on the day: heads above the
requirement are neither paid for nor sought. Every figure of cost is in weighted head-minutes: minutes in which a head is missing,
each weighted by how many are missing with it (`scheduling.cost.CoverageCost`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from breaks.balance import Balance, bounding_sets
from breaks.floor import Floor, OnShift, StandingBreak, standing_breaks
from breaks.window import Site
from scheduling.cost import CoverageCost
from scheduling.coverage import Split

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_SETS = 4096
"""With more sets of skills than this that people share, the floor is refused: such a cost cannot be looked up."""


@dataclass(frozen=True)
class CoverageEffect:
    """Required heads and those that are there, before and after a change.

    Parameters
    ----------
    first_minute, interval_minutes
        Where the rows lie on the axis of the floor.
    required, before, after
        Heads, shape (intervals, skills).
    cost_before, cost_after
        Weighted head-minutes of shortage.
    """

    first_minute: int
    interval_minutes: int
    required: Floats
    before: Floats
    after: Floats
    cost_before: float
    cost_after: float

    @property
    def short_before(self) -> Floats:
        """Missing heads before, shape (intervals, skills)."""
        return np.maximum(0.0, self.required - self.before)

    @property
    def short_after(self) -> Floats:
        """Missing heads after, shape (intervals, skills)."""
        return np.maximum(0.0, self.required - self.after)

    @property
    def short_minutes_saved(self) -> float:
        """Head-minutes of shortage before less those after."""
        return float((self.short_before - self.short_after).sum() * self.interval_minutes)


def on_the_day(cost: CoverageCost) -> CoverageCost:
    """Return the cost of shortage alone."""
    return CoverageCost(short_steps=cost.short_steps, over_steps=(), least_step_heads=cost.least_step_heads)


class FloorCoverage:
    """The coverage from the interval of now to the end of the last shift.

    Parameters
    ----------
    floor
        Who is there and what is required.
    cost
        How shortage is weighted; `on_the_day` is taken of it.

    Raises
    ------
    ValueError
        When people combine skills in more than `MOST_SETS` ways.
    """

    def __init__(self, floor: Floor, cost: CoverageCost) -> None:
        self.cost, self.interval_minutes, self._floor = on_the_day(cost), floor.interval_minutes, floor
        width = floor.interval_minutes
        first_row = (floor.now_minute - floor.first_minute) // width
        self.first_minute = floor.first_minute + first_row * width
        last = max([floor.now_minute + 1, *(person.end_minute for person in floor.people)])
        self.rows = -(-(last - self.first_minute) // width)
        self.required = np.zeros((self.rows, floor.required.shape[1]))
        low, high = max(0, first_row), min(len(floor.required), first_row + self.rows)
        if low < high:
            self.required[low - first_row : high - first_row] = floor.required[low:high]
        groups = sorted({tuple(sorted(person.skills)) for person in floor.people})
        number = {skills: index for index, skills in enumerate(groups)}
        self.group: Ints = np.array([number[tuple(sorted(person.skills))] for person in floor.people], dtype=np.int64)
        self._allowed = np.zeros((len(groups), floor.required.shape[1]), dtype=bool)
        for index, skills in enumerate(groups):
            self._allowed[index, list(skills)] = True
        self.useful: Bools = np.asarray(self._allowed.any(axis=1), dtype=bool)

    @cached_property
    def balance(self) -> Balance:
        """Heads of each skill, kept at least cost; changed by `apply`."""
        sets = bounding_sets(self._allowed, MOST_SETS)
        if sets is None:
            raise ValueError(f"People combine skills in more than {MOST_SETS} ways: merge queues that the same people cover.")
        site = Site(self.required, self.interval_minutes, self._allowed, self.cost, levelling_weight=0.0)
        return Balance(site, sets, self._units, 0)

    @cached_property
    def heads(self) -> Floats:
        """Heads before anything is applied, shape (rows, skills)."""
        return self._heads(self._units, self.required)

    def _heads(self, units: Ints, required: Floats) -> Floats:
        able = np.where(self.useful[:, None], units, 0)
        return Split(self._allowed, required, self.interval_minutes, self.cost, able).heads

    @cached_property
    def _units(self) -> Ints:
        """Minutes worked of each group in each row, shape (groups, rows)."""
        minutes = self.rows * self.interval_minutes
        units, own = np.zeros((len(self._allowed), minutes), dtype=np.int64), np.zeros(minutes, dtype=bool)
        for index, group in enumerate(self.group.tolist()):
            if not self._floor.people[index].is_absent:
                self.mark_open(own, self._floor.people[index], self._floor.standing[index])
                units[group] += own
        return np.asarray(units.reshape(len(units), self.rows, self.interval_minutes).sum(axis=2), dtype=np.int64)

    def mark_open(self, minutes: Bools, person: OnShift, standing: Iterable[StandingBreak]) -> None:
        """Write into `minutes`, shape (rows x interval,), whether a person is on shift and neither on a break nor without work.

        Parameters
        ----------
        standing
            The breaks that count; productive ones never do.
        """
        base, kinds = self.first_minute, person.policy.breaks
        minutes[:] = False
        minutes[max(0, person.start_minute - base) : max(0, person.end_minute - base)] = True
        for first, end in person.lost:
            minutes[max(0, first - base) : max(0, end - base)] = False
        for one in standing:
            if not kinds[one.kind].productive:
                minutes[max(0, one.start_minute - base) : max(0, one.end_minute - base)] = False

    def heads_with(self, starts: Mapping[int, Sequence[int]]) -> Floats:
        """Return the heads, shape (rows, skills), when breaks of some people start at other times, counted anew.

        Parameters
        ----------
        starts
            Planned start of each break by position, by place of the person in `Floor.people`.
        """
        units, own = self._units.copy(), np.zeros((2, self.rows * self.interval_minutes), dtype=bool)
        for index, planned in starts.items():
            person = self._floor.people[index]
            self.mark_open(own[0], person, self._floor.standing[index])
            self.mark_open(own[1], person, standing_breaks(person, self._floor.now_minute, planned))
            difference = own[1].astype(np.int64) - own[0]
            units[self.group[index]] += difference.reshape(self.rows, -1).sum(axis=1)
        rows = np.flatnonzero((units != self._units).any(axis=0))
        heads = self.heads.copy()
        heads[rows] = self._heads(units[:, rows], self.required[rows])
        return heads

    def changes(self, rows: Ints, groups: Ints | None = None) -> Floats:
        """Return the change of cost when minutes of a group leave (first half) or come, without a change.

        Returns
        -------
        Weighted head-minutes, shape (groups, rows, 2 interval + 1), with no change of minutes in the middle.
        """
        which = np.arange(len(self._allowed)) if groups is None else groups
        width, found = self.interval_minutes, np.zeros((len(which), len(rows), 2 * self.interval_minutes + 1))
        useful = np.flatnonzero(self.useful[which])
        if len(useful) and len(rows):
            at, members = np.broadcast_to(rows, (len(useful), len(rows))), which[useful]
            leaving, _ = self.balance.leaving(at, members)
            found[useful, :, width::-1] = leaving.transpose(1, 2, 0)
            found[useful, :, width:] = self.balance.coming(at, members).transpose(1, 2, 0)
        return found * width

    def apply(self, rows: Ints, group: Ints, minutes: Ints) -> Floats:
        """Let minutes of a group come (above 0) or leave (below) in each of some rows, each row once.

        Returns
        -------
        Change of cost in each row in weighted head-minutes, shape (rows,).
        """
        change, balance = np.zeros(len(rows)), self.balance
        able = self.useful[group]
        for number in range(int(minutes.max(initial=0))):
            more = np.flatnonzero(able & (minutes > number))
            change[more] += balance.come(rows[more], group[more])
        less = np.flatnonzero(able & (minutes < 0))
        if len(less):
            losses, skills = balance.leaving(rows[less][:, None], group[less])
            change[less] += losses[-minutes[less], np.arange(len(less)), 0]
            for number in range(int(-minutes.min())):
                goes = np.flatnonzero(minutes[less] < -number)
                balance.leave(rows[less[goes]], group[less[goes]], skills[number, goes, 0])
        return change * self.interval_minutes

    def total(self, heads: Floats) -> float:
        """Return the weighted head-minutes of shortage of these heads, shape (rows, skills)."""
        return float(self.cost.of(heads, self.required).sum() * self.interval_minutes)

    def effect(self, after: Floats) -> CoverageEffect:
        """Return the heads before anything is applied and those after, with what they cost."""
        before = self.heads
        return CoverageEffect(
            self.first_minute, self.interval_minutes, self.required, before, after, self.total(before), self.total(after)
        )
