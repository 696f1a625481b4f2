"""A finished roster of which a few associates answer again, while everybody else stays as they are.

Only those few are compiled: the others are heads that are there, and seats that are taken, like the shifts carried over from
before the horizon. So a question about one associate of a thousand costs what it costs in a team of ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from roster.automaton import LineGraph
from roster.board import Board
from roster.problem import Facts, GraphMaker, Person, Problem, request_costs
from roster.setting import LineChoice, WishCosts, line_choices
from roster.successions import calendar_of
from roster.workbench import Workbench
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, productive_units
from scheduling.plan import NONE, OFFICE, BreakPattern, BreakPlan, RosterPlan
from scheduling.ports import BreakPricer
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]
Letters = NDArray[np.int16]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Verdict:
    """What the rules say of the days of one associate.

    Parameters
    ----------
    broken
        Hard sequence rules broken, and days on which a fact (leave, lock, contract) is not kept.
    wish_cost
        Cost of the sequence wishes and requests that are refused.
    """

    broken: int
    wish_cost: float


@dataclass(frozen=True)
class Worths:
    """What shifts are worth with their best breaks, less their hours; estimates, for they look at one day at a time.

    Parameters
    ----------
    more
        A shift more, shape (groups, shifts, days).
    last
        The last shift that is there already, of the same shape.
    """

    more: Floats
    last: Floats

    def values(self, group: int, letters: Letters) -> Floats:
        """Return the value of each shift on each day for who has these letters now, shape (days, shifts)."""
        values: Floats = self.more[group].T.copy()
        days = np.flatnonzero(letters >= 0)
        values[days, letters[days]] = self.last[group][letters[days], days]
        return values


@dataclass(frozen=True)
class _Around:
    """The heads that are there without some associates.

    Parameters
    ----------
    rows
        Those who are left out, by index.
    supply
        Productive units of each group, shape (groups, intervals).
    board
        The same split over the skills; to be copied before anybody comes.
    """

    rows: tuple[int, ...]
    supply: Ints
    board: Board


class Standing:
    """A roster as it stands, and the facts and rules of its people.

    Parameters
    ----------
    plan, breaks
        The roster; people who are new to it have NONE on every day.
    """

    def __init__(
        self,
        scenario: Scenario,
        plan: RosterPlan,
        breaks: BreakPlan,
        pricers: Mapping[int, BreakPricer],
        cost: CoverageCost | None = None,
    ) -> None:
        self.scenario, self.plan, self.breaks = scenario, plan, breaks
        self.pricers, self.cost = pricers, cost or CoverageCost()
        self.calendar = calendar_of(scenario)
        self.groups = SkillGroups.of(scenario)
        self.facts = Facts(scenario, self.calendar)
        self.maker = GraphMaker(scenario, self.calendar, WishCosts())
        self.requests = request_costs(scenario)
        self._around: _Around | None = None

    def verdict(self, index: int, letters: Letters) -> Verdict:
        """Return what the rules say of a line of an associate, by the choice of timing that it breaks least."""
        days = np.arange(len(letters))
        values = [int(value) for value in letters]
        found = []
        for choice in line_choices(self.scenario, self.scenario.associates[index]):
            allowed = self.facts.letters(index, choice.shifts)
            wrong = sum(not _may_stand(value, day) for value, day in zip(values, allowed, strict=False))
            broken, cost = self.maker.walk(choice, self.facts.past[index], values)
            found.append((broken + wrong, cost))
        broken, cost = min(found)
        return Verdict(broken, cost + float(self.requests[index][days, letters].sum()))

    def forbidden_days(self, index: int) -> Bools:
        """Return on which days a fact forbids what an associate is to do, shape (days,)."""
        letters = self.facts.letters(index, tuple(range(len(self.scenario.shift_types))))
        values = self.plan.values[index].tolist()
        return np.array([not _may_stand(value, allowed) for value, allowed in zip(values, letters, strict=False)], dtype=bool)

    def person(self, index: int, free: Bools, changed_day_cost: float = 0.0, only: Mapping[int, int] | None = None) -> Person:
        """Return an associate who may change some days.

        Parameters
        ----------
        free
            Days that may change, shape (days,); the others stay, except where a fact forbids what stands there.
        changed_day_cost
            Cost of each day that is not as it stands.
        only
            The one value that a day must have, by day; facts of these days do not count.
        """
        kept = self.graphs(index, free, only)
        if kept:
            return self.changing(index, kept, free, changed_day_cost)
        past = self.facts.past[index]
        broken = tuple(self.maker.relaxed_graph(choice, past, days) for choice, days in self._choices(index, free, only))
        return replace(self.changing(index, broken, free, changed_day_cost), relaxed=True)

    def graphs(self, index: int, free: Bools, only: Mapping[int, int] | None = None) -> tuple[LineGraph, ...]:
        """Return the lines of an associate that keep the hard rules, one graph for each timing that has any.

        That there are none shows in a hundredth of the time that it takes to list the lines that break rules, as `person` does.
        """
        past = self.facts.past[index]
        graphs = (self.maker.graph(choice, past, days) for choice, days in self._choices(index, free, only))
        return tuple(graph for graph in graphs if graph is not None)

    def changing(self, index: int, graphs: tuple[LineGraph, ...], free: Bools, changed_day_cost: float) -> Person:
        """Return an associate with these lines to choose from, where each free day that is not as it stands costs something."""
        letters, costs = self.plan.values[index], self.requests[index].copy()
        for day in np.flatnonzero(free & (letters != NONE)):
            costs[day] += changed_day_cost
            costs[day, letters[day]] -= changed_day_cost
        return Person(graphs, int(self.groups.of_associate[index]), costs, relaxed=False)

    def _choices(
        self, index: int, free: Bools, only: Mapping[int, int] | None
    ) -> list[tuple[LineChoice, tuple[tuple[int, ...], ...]]]:  # fmt: skip
        """Return each way to fill the days of an associate, with the values that each day may have then."""
        choices = line_choices(self.scenario, self.scenario.associates[index])
        return [(choice, self._allowed(index, choice.shifts, free, only or {})) for choice in choices]

    def whoever(self, index: int, letters: Letters) -> Person:
        """Return an associate who has these days whatever rules and facts say of them."""
        only = {day: int(value) for day, value in enumerate(letters)}
        return self.person(index, np.zeros(len(letters), dtype=bool), only=only)

    def _allowed(
        self, index: int, shifts: tuple[int, ...], free: Bools, only: Mapping[int, int]
    ) -> tuple[tuple[int, ...], ...]:  # fmt: skip
        days = list(self.facts.letters(index, shifts))
        for day, value in enumerate(self.plan.values[index].tolist()):
            if day in only:
                days[day] = (only[day],)
            elif not free[day] and _may_stand(value, days[day]):
                days[day] = (value,)
        return tuple(days)

    def patterns(self, index: int) -> dict[int, BreakPattern]:
        """Return the break pattern of each shift of an associate by day."""
        numbers = self.breaks.assigned[index]
        return {int(day): self.breaks.patterns[numbers[day]] for day in np.flatnonzero(numbers >= 0)}

    def bench(self, rows: Sequence[int], people: Sequence[Person]) -> Workbench:
        """Return a bench for some associates, none of whom has work yet; the others stand around it."""
        scenario, chosen, around = self.scenario, np.array(rows, dtype=np.int64), self._without(rows)
        some = replace(scenario, associates=tuple(scenario.associates[row] for row in rows))
        problem = Problem(some, self.calendar, replace(self.groups, of_associate=self.groups.of_associate[chosen]), tuple(people))
        bench = Workbench(problem, some, self.pricers, self.cost, around.supply, board=around.board.copy())
        bench.shares.update(self.plan.values)
        seated = self.plan.places == OFFICE
        seated[chosen] = False
        where, days = np.nonzero(seated)
        bench.occupy(days, self.plan.values[where, days].astype(np.int64))
        return bench

    def supply_without(self, rows: Sequence[int]) -> Ints:
        """Return the productive units of each group without some associates, shape (groups, intervals)."""
        return self._without(rows).supply.copy()

    def _without(self, rows: Sequence[int]) -> _Around:
        # Questions about one associate ask for the same again and again.
        if self._around is None or self._around.rows != tuple(rows):
            assigned = self.breaks.assigned.copy()
            assigned[list(rows)] = -1
            units = productive_units(self.scenario, self.groups, self.plan, replace(self.breaks, assigned=assigned))
            self._around = _Around(tuple(rows), units, Board(self.scenario, self.groups, self.cost, units))
        return self._around

    def supply_of(self, bench: Workbench) -> Ints:
        """Return the productive units of each group on a bench and around it, shape (groups, intervals)."""
        return bench.board.supply

    def worths(self, supply: Ints) -> Worths:
        """Return what a shift would be worth to a supply, one more and the last one that is there, less its hours.

        Parameters
        ----------
        supply
            Productive units of each group in each interval, shape (groups, intervals).
        """
        scenario = self.scenario
        head = scenario.horizon.interval_minutes // scenario.break_policy.grid_minutes
        more = Board(scenario, self.groups, self.cost, supply)
        worth = np.zeros((2, self.groups.count, len(scenario.shift_types), scenario.horizon.day_count))
        for group in range(self.groups.count):
            without = supply.copy()
            without[group] = np.maximum(0, without[group] - head)
            for which, board in enumerate((more, Board(scenario, self.groups, self.cost, without))):
                worth[which, group] = self._worth_on(board, group)
        return Worths(worth[0], worth[1])

    def _worth_on(self, board: Board, group: int) -> Floats:
        scenario = self.scenario
        worth = np.zeros((len(scenario.shift_types), scenario.horizon.day_count))
        for shift, kind in enumerate(scenario.shift_types):
            whole, losses = board.shift_worth(group, shift)
            least = self.pricers[kind.span_minutes].least_loss(losses)
            hours = scenario.break_policy.productive_minutes_of(kind.span_minutes) / 60
            worth[shift] = whole - least - self.cost.worked_hour * hours
        return worth


def _may_stand(value: int, allowed: tuple[int, ...]) -> bool:
    """Return whether the facts of a day let a value stand there; a shift of another timing is for the rules to judge."""
    return value in allowed or (value >= 0 and len(allowed) > 1)
