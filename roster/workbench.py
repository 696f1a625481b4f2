"""The workbench: a roster under construction, in which one associate at a time gets the best line against all others.

A best response is exact: the worth of every shift on every day, with its best legal break pattern, is priced against the
people who are there; then the best walk through the associate's rule automaton is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from roster.automaton import BROKEN_RULE_COST, LineGraph
from roster.board import Board, Slots, Valuation
from roster.fair import WeekendShares
from roster.lines import Line, best_line, line_cost
from roster.objective import wish_cost
from roster.problem import Person, Problem
from scheduling.cost import CoverageCost
from scheduling.coverage import working_slots
from scheduling.people import WorkMode
from scheduling.plan import NONE, BreakPattern, BreakPlan
from scheduling.ports import BreakPricer
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SEAT_TAKEN_COST = 1e4
"""What a shift in a full office costs: more than coverage can be worth, less than a broken rule of the associate."""


@dataclass(frozen=True)
class Work:
    """What one associate is given: a line, and a break pattern for each shift.

    Parameters
    ----------
    letters
        Day values, shape (days,).
    patterns
        Break pattern of each worked day.
    slots
        Grid slots of the horizon in which the associate is productive.
    cost
        Cost of the hours worked and of refused wishes and requests.
    """

    letters: NDArray[np.int16]
    patterns: Mapping[int, BreakPattern]
    slots: Ints
    cost: float


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

    Attributes
    ----------
    work
        Work of each associate, ``None`` for those who have none yet.
    effort
        Work done so far, in best responses of an associate with one timing over four weeks.
    """

    def __init__(
        self,
        problem: Problem,
        scenario: Scenario,
        pricers: Mapping[int, BreakPricer],
        cost: CoverageCost,
        carried: Ints,
    ) -> None:
        self.problem, self._scenario, self._carried = problem, scenario, carried
        self._pricers = [pricers[shift.span_minutes] for shift in scenario.shift_types]
        self.board = Board(scenario, problem.groups, cost, carried)
        self.work: list[Work | None] = [None] * len(problem.people)
        self.shares = WeekendShares(scenario)
        self._weekend_price = np.zeros(len(problem.people))
        # What each line costs is kept by associate, for the objective is asked after every few responses.
        self._costs = np.zeros(len(problem.people))
        self._unfair = np.zeros(len(problem.people))
        self.effort = 0.0
        self._effort_of_days = 0.45 + 0.55 * scenario.horizon.day_count / 28
        self._days = np.arange(scenario.horizon.day_count)
        self._seats = _Seats(scenario, self.board.slots)
        policy = scenario.break_policy
        self._worked_costs = [
            cost.worked_hour * policy.productive_minutes_of(shift.span_minutes) / 60 for shift in scenario.shift_types
        ]
        self._masks: dict[tuple[int, BreakPattern], NDArray[np.bool_]] = {}

    @property
    def objective(self) -> float:
        """Head-hours: hours worked, coverage, wishes and requests, unfair weekends."""
        return self.board.coverage_cost + float(self._costs.sum() + self._unfair.sum())

    def update_shares(self) -> None:
        """Take the mean of the present lines as everybody's share of weekends."""
        self.shares.update(self.lines())
        self._unfair[:] = [0.0 if work is None else self.shares.cost(work.letters) for work in self.work]

    def lines(self) -> NDArray[np.int16]:
        """Return the day values of those who have work, shape (associates, days)."""
        return np.stack([work.letters for work in self.work if work is not None])

    def remove(self, index: int) -> None:
        """Take an associate's work away."""
        work = self.work[index]
        if work is not None:
            self._weekend_price[index] = self.shares.price(work.letters)
            self.board.change(self.problem.people[index].group, work.slots, -1)
            self._seats.change(index, work.letters, -1)
            self._costs[index] = self._unfair[index] = 0.0
            self.work[index] = None

    def put(self, index: int, work: Work | None) -> None:
        """Give an associate work that was made for them."""
        self.remove(index)
        if work is not None:
            self.board.change(self.problem.people[index].group, work.slots, 1)
            self._seats.change(index, work.letters, 1)
            self._costs[index], self._unfair[index] = work.cost, self.shares.cost(work.letters)
            self.work[index] = work

    def respond(self, index: int) -> None:
        """Give an associate who has no work the best line and breaks against all others."""
        person = self.problem.people[index]
        valuation = Valuation(self.board.slots, self.board.unit_gains(person.group))
        worth: dict[int, Floats] = {}
        found = [best_line(graph, self._values(index, graph, valuation, worth)) for graph in person.graphs]
        _, line = max(found, key=itemgetter(0))
        # Pricing one more timing takes about a sixteenth of the time of a whole response, measured on the sample.
        self.effort += (0.94 + 0.06 * len(worth)) * self._effort_of_days
        self.put(index, self._work(person, line, valuation))

    def _values(self, index: int, graph: LineGraph, valuation: Valuation, worth: dict[int, Floats]) -> Floats:
        """Return the value of each letter on each day, shape (days of the graph, shifts + 3)."""
        person = self.problem.people[index]
        values = np.zeros((len(graph), person.day_costs.shape[1]))
        values[: len(self._days)] -= person.day_costs
        for shift in {letter for layer in graph for letter in layer.letters if letter >= 0}:
            if shift not in worth:
                least = self._pricers[shift].least_loss(valuation.losses(self._days, shift))
                worth[shift] = valuation.worth_without_breaks(self._days, shift) - least
                worth[shift] -= self._worked_costs[shift] + SEAT_TAKEN_COST * self._seats.full(index, shift)
            values[: len(self._days), shift] += worth[shift]
            values[: len(self._days), shift] -= self._weekend_price[index] * self.shares.weekend
        return values

    def _work(self, person: Person, line: Line, valuation: Valuation) -> Work:
        letters = line.letters[: len(self._days)]
        patterns: dict[int, BreakPattern] = {}
        for shift in {int(letter) for letter in letters if letter >= 0}:
            days = np.flatnonzero(letters == shift)
            _, found = self._pricers[shift].best_patterns(valuation.losses(days, shift))
            patterns.update(zip((int(day) for day in days), found, strict=True))
        return self._work_of(person, line, patterns)

    def _work_of(self, person: Person, line: Line, patterns: Mapping[int, BreakPattern]) -> Work:
        letters = line.letters[: len(self._days)]
        cost = line.wish_cost % BROKEN_RULE_COST + float(person.day_costs[self._days, letters].sum())
        cost += sum(self._worked_costs[int(letter)] for letter in letters if letter >= 0)
        return Work(letters, patterns, self.productive_slots(letters, patterns), cost)

    def hold(self, index: int, letters: NDArray[np.int16], patterns: Mapping[int, BreakPattern]) -> None:
        """Give an associate who has no work a line of their own graphs with the breaks that it has already."""
        person = self.problem.people[index]
        self.put(index, self._work_of(person, _line_of(person, letters), patterns))

    def occupy(self, shifts: Iterable[tuple[int, int]]) -> None:
        """Take seats of the office for shifts, as (day, shift), of people who are not on this bench."""
        for day, shift in shifts:
            self._seats.take(day, shift)

    def give(self, index: int, letters: NDArray[np.int16]) -> None:
        """Give an associate who has no work a line of their own graphs, with the best breaks against all others."""
        person = self.problem.people[index]
        line = _line_of(person, letters)
        self.put(index, self._work(person, line, Valuation(self.board.slots, self.board.unit_gains(person.group))))

    def begin_with(self, lines: NDArray[np.int16]) -> None:
        """Give everybody who may still have it their line of a roster, shape (associates, days), with the best breaks."""
        for index, person in enumerate(self.problem.people):
            if not person.relaxed and np.isfinite(wish_cost(person, lines[index])):
                self.give(index, lines[index])

    def productive_slots(self, letters: NDArray[np.int16], patterns: Mapping[int, BreakPattern]) -> Ints:
        """Return the grid slots of the horizon in which a line with these break patterns is productive."""
        slots = [self._shift_slots(day, int(letters[day]), pattern) for day, pattern in patterns.items()]
        return np.concatenate(slots) if slots else np.zeros(0, dtype=np.int64)

    def _shift_slots(self, day: int, shift: int, pattern: BreakPattern) -> Ints:
        key = (shift, pattern)
        if key not in self._masks:
            span = self._scenario.shift_types[shift].span_minutes
            self._masks[key] = working_slots(self._scenario.break_policy, span, pattern)
        whole, part = self.board.slots.inside(day, shift)
        return np.arange(whole.start, whole.stop)[self._masks[key][part]]

    def take(self, other: Workbench) -> None:
        """Take over everybody's work, and the effort that was spent on it, from a bench of the same people."""
        self.effort, self.shares = other.effort, other.shares
        self._put_all(other.work)

    def _put_all(self, works: Sequence[Work | None]) -> None:
        """Give everybody work at once; heads are split over skills once, not once for each associate who comes."""
        supply, per_interval = self._carried.copy(), self.board.slots.per_interval
        self._seats = _Seats(self._scenario, self.board.slots)
        for index, work in enumerate(works):
            self.work[index] = work
            self._costs[index], self._unfair[index] = (work.cost, self.shares.cost(work.letters)) if work else (0.0, 0.0)
            if work is not None:
                units = np.bincount(work.slots // per_interval, minlength=supply.shape[1])
                supply[self.problem.people[index].group] += units
                self._seats.change(index, work.letters, 1)
        self.board = Board(self._scenario, self.problem.groups, self.board.cost, supply)

    def patterns(self) -> dict[tuple[int, int], BreakPattern]:
        """Return everybody's break patterns by (associate, day)."""
        return {
            (index, day): pattern
            for index, work in enumerate(self.work)
            if work is not None
            for day, pattern in work.patterns.items()
        }

    def take_breaks(self, breaks: BreakPlan) -> None:
        """Give everybody the breaks of a plan, with the lines they have."""
        works = list(self.work)
        for index, work in enumerate(works):
            if work is not None:
                patterns = {day: breaks.patterns[breaks.assigned[index, day]] for day in work.patterns}
                works[index] = replace(work, patterns=patterns, slots=self.productive_slots(work.letters, patterns))
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


def _line_of(person: Person, letters: NDArray[np.int16]) -> Line:
    """Return days of an associate as a line of their graphs."""
    padded = np.full(len(person.graphs[0]), NONE, dtype=np.int16)
    padded[: len(letters)] = letters
    return Line(padded, min(line_cost(graph, padded) for graph in person.graphs))


class _Seats:
    """Seats of the office taken by those who must be there."""

    def __init__(self, scenario: Scenario, slots: Slots) -> None:
        self._office = scenario.office
        self._slots = slots
        self._must = [associate.work_mode is WorkMode.OFFICE for associate in scenario.associates]
        self._taken = np.zeros(slots.count + int(slots.lengths.max(initial=0)), dtype=np.int64)

    def _range(self, day: int, shift: int) -> slice:
        first = int(self._slots.first[day, shift])
        return slice(max(0, first), first + int(self._slots.lengths[shift]))

    def change(self, index: int, letters: NDArray[np.int16], sign: int) -> None:
        """Take or free the seats of a line."""
        if self._office is None or not self._must[index]:
            return
        for day in np.flatnonzero(letters >= 0):
            self._taken[self._range(int(day), int(letters[day]))] += sign

    def take(self, day: int, shift: int) -> None:
        """Take a seat for one shift."""
        self._taken[self._range(day, shift)] += 1

    def full(self, index: int, shift: int) -> NDArray[np.bool_]:
        """Return on which days no seat is left for one more person of the shift, shape (days,)."""
        days = len(self._slots.first) - 1
        if self._office is None or not self._must[index]:
            return np.zeros(days, dtype=bool)
        full = self._taken >= self._office.seats
        return np.array([bool(full[self._range(day, shift)].any()) for day in range(days)])
