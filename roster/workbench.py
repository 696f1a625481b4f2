"""The workbench: a roster under construction, in which one associate at a time gets the best line against all others.

A best response is exact: the worth of every shift on every day, with its best legal break pattern, is priced against the
people who are there; then the best walk through the associate's rule automaton is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from roster.automaton import BROKEN_RULE_COST
from roster.board import Board
from roster.board_kernel import add_units
from roster.fair import WeekendShares
from roster.line_table import LineTable
from roster.problem import Person, Problem
from roster.seats import Seats
from scheduling.cost import CoverageCost
from scheduling.plan import BreakPattern, BreakPlan, BreakRows, BreakSlot
from scheduling.ports import BreakPricer
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Letters = NDArray[np.int16]

SEAT_TAKEN_COST = 1e4
"""What a shift in a full office costs: more than coverage can be worth, less than a broken rule of the associate."""

OFFER_OVERHEAD_DAYS = 10
"""What it costs to ask for the worth of a shift type at all, in days priced, measured."""


@dataclass(frozen=True)
class Work:
    """What one associate is given: a line, and breaks for each shift.

    Parameters
    ----------
    letters
        Day values, shape (days,).
    kinds, starts
        Kind, and grid slot from the start of the shift, of each break in the order of time, shape (days, breaks); zeros on a day
        without a shift.
    cost
        Cost of the hours worked and of refused wishes and requests.
    """

    letters: Letters
    kinds: NDArray[np.int8]
    starts: Letters
    cost: float


@dataclass(frozen=True)
class _Offer:
    """A shift type on every day, for one associate: what it is worth, and the best breaks, as in `Work`."""

    worth: Floats
    kinds: Ints
    starts: Ints


class Workbench:
    """Everybody's work, the heads that follow from it, and the seats of the office.

    Parameters
    ----------
    problem
        The compiled scenario.
    scenario
        The scenario whose requirement is covered; its intervals may be coarser than those of `problem`.
    pricers
        Break pricer for each span in minutes.
    carried
        Productive units of shifts carried over from before the horizon, shape (groups, intervals).
    table
        The line graphs of the problem.
    board
        The heads of `carried`, where they are split over the skills already.

    Attributes
    ----------
    work
        Work of each associate, ``None`` for those who have none yet.
    effort
        Work done so far, in days for which a shift type was priced.
    """

    def __init__(
        self,
        problem: Problem,
        scenario: Scenario,
        pricers: Mapping[int, BreakPricer],
        cost: CoverageCost,
        carried: Ints,
        table: LineTable | None = None,
        board: Board | None = None,
    ) -> None:
        self.problem, self._scenario, self._carried = problem, scenario, carried
        self._table = table or LineTable(problem)
        self._pricers = [pricers[shift.span_minutes] for shift in scenario.shift_types]
        self.board = board or Board(scenario, problem.groups, cost, carried)
        self.work: list[Work | None] = [None] * len(problem.people)
        self.shares = WeekendShares(scenario)
        self._weekend_price = np.zeros(len(problem.people))
        # What each line costs is kept by associate, for the objective is asked after every few responses.
        self._costs = np.zeros(len(problem.people))
        self._unfair = np.zeros(len(problem.people))
        self.effort = 0.0
        self._days = np.arange(scenario.horizon.day_count)
        self._seats = Seats(scenario, self.board.slots)
        self._breaks = sum(kind.count for kind in scenario.break_policy.breaks)
        policy = scenario.break_policy
        self._worked_costs = [
            cost.worked_hour * policy.productive_minutes_of(shift.span_minutes) / 60 for shift in scenario.shift_types
        ]

    @property
    def objective(self) -> float:
        """Head-hours: hours worked, coverage, wishes and requests, unfair weekends."""
        return self.board.coverage_cost + float(self._costs.sum() + self._unfair.sum())

    def update_shares(self) -> None:
        """Take the mean of the present lines as everybody's share of weekends."""
        self.shares.update(self.lines())
        self._unfair[:] = [0.0 if work is None else self.shares.cost(work.letters) for work in self.work]

    def lines(self) -> Letters:
        """Return the day values of those who have work, shape (associates, days)."""
        return np.stack([work.letters for work in self.work if work is not None])

    def remove(self, index: int) -> None:
        """Take an associate's work away."""
        work = self.work[index]
        if work is not None:
            self._weekend_price[index] = self.shares.price(work.letters)
            self._change(index, work, -1)
            self._costs[index] = self._unfair[index] = 0.0
            self.work[index] = None

    def put(self, index: int, work: Work | None) -> None:
        """Give an associate work that was made for them."""
        self.remove(index)
        if work is not None:
            self._change(index, work, 1)
            self._costs[index], self._unfair[index] = work.cost, self.shares.cost(work.letters)
            self.work[index] = work

    def _change(self, index: int, work: Work, sign: int) -> None:
        self.board.change(self.problem.people[index].group, work.letters, work.kinds, work.starts, sign)
        self._seats.change(index, work.letters, sign)

    def respond(self, index: int) -> None:
        """Give an associate who has no work the best line and breaks against all others."""
        person = self.problem.people[index]
        offers: dict[int, _Offer] = {}
        best, chosen, wishes = -np.inf, np.zeros(0, dtype=np.int16), 0.0
        for number, graph in enumerate(self._table.graphs[index]):
            values = self._values(index, number, len(graph), offers)
            value, letters, cost = self._table.best(graph, values)
            if value > best:
                best, chosen, wishes = value, letters, cost
        self.effort += (1 + len(offers)) * (len(self._days) + OFFER_OVERHEAD_DAYS)
        self.put(index, self._work(person, chosen, wishes, offers))

    def _values(self, index: int, number: int, days: int, offers: dict[int, _Offer]) -> Floats:
        """Return the value of each letter on each day for a graph of an associate, shape (days of the graph, shifts + 3)."""
        person = self.problem.people[index]
        values = np.zeros((days, person.day_costs.shape[1]))
        values[: len(self._days)] -= person.day_costs
        for shift in person.shifts[number]:
            if shift not in offers:
                offers[shift] = self._offer(index, person.group, shift)
            values[: len(self._days), shift] += offers[shift].worth
        return values

    def _offer(self, index: int, group: int, shift: int) -> _Offer:
        """Return the worth of a shift type on each day against all others, less what it costs."""
        whole, losses = self.board.shift_worth(group, shift)
        least, kinds, starts = self._pricers[shift].best_starts(losses)
        costs = self._worked_costs[shift] + self._weekend_price[index] * self.shares.weekend
        return _Offer(whole - least - costs - SEAT_TAKEN_COST * self._seats.full(index, shift), kinds, starts)

    def _work(self, person: Person, line: Letters, wishes: float, offers: Mapping[int, _Offer]) -> Work:
        letters = line[: len(self._days)].copy()
        kinds = np.zeros((len(letters), self._breaks), dtype=np.int8)
        starts = np.zeros((len(letters), self._breaks), dtype=np.int16)
        cost = wishes % BROKEN_RULE_COST + float(person.day_costs[self._days, letters].sum())
        for shift, offer in offers.items():
            worked = letters == shift
            kinds[worked], starts[worked] = offer.kinds[worked], offer.starts[worked]
            cost += self._worked_costs[shift] * int(worked.sum())
        return Work(letters, kinds, starts, cost)

    def give(self, index: int, letters: Letters) -> None:
        """Give an associate who has no work a line of their own graphs, with the best breaks against all others."""
        person = self.problem.people[index]
        offers = {int(shift): self._offer(index, person.group, int(shift)) for shift in np.unique(letters[letters >= 0])}
        self.put(index, self._work(person, letters, self._table.sequence_cost(index, letters), offers))

    def hold(self, index: int, letters: Letters, patterns: Mapping[int, BreakPattern]) -> None:
        """Give an associate who has no work a line of their own graphs with the breaks, by day, that it has already."""
        kinds = np.zeros((len(letters), self._breaks), dtype=np.int64)
        starts = np.zeros_like(kinds)
        grid = self._scenario.break_policy.grid_minutes
        for day, pattern in patterns.items():
            kinds[day] = [slot.kind for slot in pattern]
            starts[day] = [slot.start_minute // grid for slot in pattern]
        nothing = np.zeros(len(letters))
        offers = {int(shift): _Offer(nothing, kinds, starts) for shift in np.unique(letters[letters >= 0])}
        person = self.problem.people[index]
        self.put(index, self._work(person, letters, self._table.sequence_cost(index, letters), offers))

    def patterns_of(self, index: int) -> dict[int, BreakPattern]:
        """Return the breaks of an associate by day."""
        work = self.work[index]
        if work is None:
            return {}
        grid = self._scenario.break_policy.grid_minutes
        return {
            int(day): tuple(
                BreakSlot(int(start) * grid, int(kind)) for start, kind in zip(work.starts[day], work.kinds[day], strict=True)
            )
            for day in np.flatnonzero(work.letters >= 0)
        }

    def occupy(self, days: Ints, shifts: Ints) -> None:
        """Take seats of the office for shifts, on the days beside them, of people who are not on this bench."""
        self._seats.take(days, shifts)

    def begin_with(self, lines: Letters) -> None:
        """Give everybody who may still have it their line of a roster, shape (associates, days), with the best breaks."""
        for index, person in enumerate(self.problem.people):
            if not person.relaxed and np.isfinite(self._table.wish_cost(index, lines[index])):
                self.give(index, lines[index])

    def take(self, other: Workbench) -> None:
        """Take over everybody's work, and the effort that was spent on it, from a bench of the same people."""
        self.effort, self.shares = other.effort, other.shares
        self._put_all(other.work)

    def _put_all(self, works: Sequence[Work | None]) -> None:
        """Give everybody work at once; heads are split over skills once, not once for each associate who comes."""
        units = self._carried.copy()
        self._seats = Seats(self._scenario, self.board.slots)
        for index, work in enumerate(works):
            self.work[index] = work
            self._costs[index], self._unfair[index] = (work.cost, self.shares.cost(work.letters)) if work else (0.0, 0.0)
            if work is not None:
                group = self.problem.people[index].group
                add_units(units[group], self.board.slots.per_interval, self.board.grid, work.letters, work.kinds, work.starts, 1)
                self._seats.change(index, work.letters, 1)
        self.board = Board(self._scenario, self.problem.groups, self.board.cost, units)

    def breaks(self, carried: Mapping[int, BreakPattern]) -> BreakPlan:
        """Return everybody's breaks, with those of the shifts carried over from the day before."""
        works = [(index, work) for index, work in enumerate(self.work) if work is not None]
        counts = [int((work.letters >= 0).sum()) for _, work in works]
        grid = self._scenario.break_policy.grid_minutes
        early = np.array([[(slot.start_minute, slot.kind) for slot in pattern] for pattern in carried.values()], dtype=np.int64)
        early = early.reshape(len(carried), self._breaks, 2)
        minutes = [work.starts[work.letters >= 0].astype(np.int64) * grid for _, work in works]
        rows = BreakRows(
            np.concatenate([np.array(list(carried), dtype=np.int64), np.repeat([index for index, _ in works], counts)]),
            np.concatenate([np.full(len(carried), -1), *(np.flatnonzero(work.letters >= 0) for _, work in works)]),
            np.concatenate([early[:, :, 0], *minutes]),
            np.concatenate([early[:, :, 1], *(work.kinds[work.letters >= 0] for _, work in works)]),
        )
        return BreakPlan.of_rows(rows, (len(self.work), len(self._days)))

    def take_breaks(self, breaks: BreakPlan) -> None:
        """Give everybody the breaks of a plan, with the lines they have."""
        if not breaks.patterns:
            # Nobody works, so nobody has a break.
            return
        minutes, kinds = breaks.table(self._breaks)
        starts, kinds = (minutes // self._scenario.break_policy.grid_minutes).astype(np.int16), kinds.astype(np.int8)
        works = list(self.work)
        for index, work in enumerate(works):
            if work is not None:
                worked = (work.letters >= 0)[:, None]
                which = breaks.assigned[index]
                works[index] = replace(work, kinds=np.where(worked, kinds[which], 0), starts=np.where(worked, starts[which], 0))
        self._put_all(works)

    def recreate(self, indices: Iterable[int]) -> None:
        """Take the work of some away and give each of them the best line in turn."""
        order = list(indices)
        for index in order:
            self.remove(index)
        for index in order:
            self.respond(index)

    def restore(self, indices: Sequence[int], works: Sequence[Work | None]) -> None:
        """Give some associates back the work they had."""
        for index in indices:
            self.remove(index)
        for index, work in zip(indices, works, strict=True):
            self.put(index, work)
