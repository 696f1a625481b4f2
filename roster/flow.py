"""Prices of coverage from a flow of interchangeable associates over automaton states, one week at a time.

Associates who may have the same letters on every day of a week are one flow through the rule automaton, whatever their number:
model size does not depend on headcount (Becker, Schiffer, Walther, INFORMS J. Computing 34(3), 2022). What they did before the
week is left open, which makes the flow a relaxation. Breaks are columns: for each day, shift type and skill group the patterns
that price out, found by the break pricer (Dantzig-Wolfe). Coverage is asked in blocks of intervals, in which breaks can move
freely. The dual values of the coverage rows are prices for `roster.bound`, which proves what they are worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roster.automaton import Automaton, LineGraph, unfold
from roster.board import Slots, Valuation
from roster.linear import LinearProgram
from roster.problem import Facts, Problem, machines_for
from roster.setting import LineChoice, LineSetting, WishCosts, line_choices
from scheduling.cost import CoverageCost
from scheduling.coverage import working_slots
from scheduling.plan import BreakPattern
from scheduling.ports import BreakPricer
from scheduling.rules import Timing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WeekLetters = tuple[tuple[int, ...], ...]
"""The letters allowed on each day of a week."""
ClassKey = tuple[int, tuple[tuple[LineChoice, WeekLetters], ...]]
"""Skill group, and for each choice of shifts the letters of the week."""
WISHES_LEFT_OUT = frozenset({"weekly-off-rotates", "minutes-of-the-terms", "shifts-of-a-type", "weekends-of-the-terms"})
"""Left out, so that the bound stays one and its automaton small: a wish, and what the terms of one person count over weeks."""

RESTS_LEFT_OUT = frozenset({"rest-between-shifts", "weekly-rest", "rest-at-timing-change", "wished-weekly-rest"})
"""Left out as well where timings change within the horizon, for the automaton would remember every shift."""


@dataclass(frozen=True)
class FlowParams:
    """How finely the prices are sought.

    Parameters
    ----------
    block_minutes
        Lengths of the blocks of coverage, tried one after the other; the shorter, the nearer to the truth and the slower.
    rounds
        Most times that break patterns are priced out.
    least_gain
        A round that lowers the objective by fewer head-hours for each hour required is the last.
    """

    block_minutes: tuple[int, ...] = (60, 30, 15)
    rounds: int = 12
    least_gain: float = 2e-4


class WeekFlows:
    """The line graphs of a week for classes of equal associates; equal weeks share them."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._facts = Facts(problem.scenario, problem.calendar)
        self._automata: dict[tuple[tuple[int, ...], LineChoice], tuple[Automaton, tuple[int, ...]]] = {}

    def classes(self, week: int) -> Counter[ClassKey]:
        """Return the classes of associates in a week of the horizon, with their sizes."""
        scenario = self._problem.scenario
        days = slice(7 * week, 7 * week + 7)
        found: Counter[ClassKey] = Counter()
        for index, person in enumerate(self._problem.people):
            choices = line_choices(scenario, scenario.associates[index])
            letters = tuple((choice, self._facts.letters(index, choice.shifts)[days]) for choice in choices)
            found[person.group, letters] += 1
        return found

    def graphs(self, week: int, letters: tuple[tuple[LineChoice, WeekLetters], ...]) -> list[LineGraph]:
        """Return the graphs of a class for a week that begins in any state."""
        calendar = self._problem.calendar
        first = calendar.lead_days + 7 * week
        graphs = []
        for choice, allowed in letters:
            shifts = tuple(sorted({value for day in allowed for value in day if value >= 0}))
            automaton, origins = self._automaton(shifts, choice)
            graph = unfold(automaton, origins, calendar.kind_of[first : first + 7], allowed)
            if graph is not None:
                graphs.append(graph)
        return graphs

    def _automaton(self, shifts: tuple[int, ...], choice: LineChoice) -> tuple[Automaton, tuple[int, ...]]:
        """Return the automaton of the hard rules over `shifts`, and the states in which a week may begin."""
        if (shifts, choice) not in self._automata:
            problem = self._problem
            fixed = problem.scenario.rules.timing is Timing.FIXED
            setting = LineSetting(problem.scenario, problem.calendar, shifts, choice, WishCosts())
            machines = machines_for(setting, WISHES_LEFT_OUT if fixed else WISHES_LEFT_OUT | RESTS_LEFT_OUT)
            automaton = Automaton(tuple(machines.values()), problem.calendar.kinds)
            self._automata[shifts, choice] = (automaton, _week_starts(automaton, problem, (*shifts, -1)))
        return self._automata[shifts, choice]


def _week_starts(automaton: Automaton, problem: Problem, letters: Sequence[int]) -> tuple[int, ...]:
    """Return the states in which a seventh day can end in ordinary weeks, from any past."""
    calendar = problem.calendar
    kinds = calendar.kind_of[calendar.lead_days :][:7]
    states, seen = {0}, {0}
    while states:
        frontier = states
        for kind in kinds:
            frontier = {
                step[0] for state in frontier for letter in letters if not (step := automaton.step(state, letter, kind))[1]
            }
        states = frontier - seen
        seen |= frontier
    return tuple(sorted(seen))


class WeekProgram:
    """The linear programme of one week: flows of classes, break pattern columns, coverage in blocks."""

    def __init__(
        self,
        problem: Problem,
        flows: WeekFlows,
        week: int,
        pricers: Mapping[int, BreakPricer],
        cost: CoverageCost,
        block_minutes: int,
        carried: Ints,
    ) -> None:
        self._problem, self._scenario, self._pricers = problem, problem.scenario, pricers
        self._slots = Slots(self._scenario)
        self._days = np.arange(7 * week - 1, 7 * week + 7) if week else np.arange(7 * week, 7 * week + 7)
        per_day = self._scenario.horizon.day_starts // self._scenario.horizon.interval_minutes
        self._intervals = slice(int(per_day[7 * week]), int(per_day[7 * week + 7]))
        self._per_block = max(1, block_minutes // self._scenario.horizon.interval_minutes)
        length = self._intervals.stop - self._intervals.start
        self._block_of = np.arange(length) // self._per_block
        self._blocks = int(self._block_of[-1]) + 1
        self._groups = problem.groups.count
        self._program = LinearProgram()
        shape = (self._groups, len(self._days), len(self._scenario.shift_types))
        self._working = self._program.rows(int(np.prod(shape)), 0, 0).reshape(shape)
        self._used = np.zeros(shape, dtype=bool)
        for (group, letters), size in flows.classes(week).items():
            self._add_class(group, flows.graphs(week, letters), size, first=len(self._days) - 7)
        self._add_coverage(cost, carried[:, self._intervals])
        self._columns: set[tuple[int, int, int, BreakPattern]] = set()

    def _add_class(self, group: int, graphs: Sequence[LineGraph], size: int, first: int) -> None:
        """Add the flow of a class; its shifts on the day before the week are bounded by its size alone."""
        if not graphs:
            return
        program = self._program
        source = int(program.rows(1, size, size)[0])
        before = int(program.rows(1, -np.inf, size)[0]) if first else None
        for graph in graphs:
            nodes: Ints | None = None
            for day, layer in enumerate(graph):
                state, column = np.nonzero(layer.target >= 0)
                letters = np.array(layer.letters)[column]
                arcs = program.variables(len(state), cost=layer.cost[state, column])
                program.add(source if nodes is None else nodes[state], arcs, 1.0 if nodes is None else -1.0)
                if day + 1 < len(graph):
                    nodes = program.rows(len(graph[day + 1].target), 0, 0)
                    program.add(nodes[layer.target[state, column]], arcs, 1.0)
                worked = letters >= 0
                program.add(self._working[group, first + day, letters[worked]], arcs[worked], -1.0)
                self._used[group, first + day, letters[worked]] = True
            if before is not None:
                shifts = np.array(sorted({value for layer in graph for value in layer.letters if value >= 0}), dtype=np.int64)
                spill = program.variables(len(shifts))
                program.add(before, spill, 1.0)
                program.add(self._working[group, 0, shifts], spill, -1.0)
                self._used[group, 0, shifts] = True

    def _add_coverage(self, cost: CoverageCost, carried: Ints) -> None:
        """Add rows for the supply of each group and the coverage of each skill in each block, with its convex cost."""
        program, blocks = self._program, self._blocks
        heads = np.zeros((self._groups, blocks))
        for group in range(self._groups):
            heads[group] = np.bincount(self._block_of, carried[group] / self._slots.per_interval, minlength=blocks)
        self._supply = program.rows(heads.size, -heads.ravel(), -heads.ravel()).reshape(heads.shape)
        required = self._scenario.requirement.heads[self._intervals]
        skills = required.shape[1]
        total = self._per_block_sum(required)
        self._coverage = program.rows(total.size, total.ravel(), total.ravel()).reshape(total.shape)
        for group, allowed in enumerate(self._problem.groups.allowed):
            for skill in np.flatnonzero(allowed):
                given = program.variables(blocks)
                program.add(self._supply[group], given, -1.0)
                program.add(self._coverage[:, skill], given, 1.0)
            if not allowed.any():
                program.add(self._supply[group], program.variables(blocks), -1.0)
        hours = self._scenario.horizon.interval_minutes / 60
        for sign, pieces in ((1.0, cost.short_pieces(required)), (-1.0, cost.over_pieces(required))):
            for width, weight in pieces:
                piece = program.variables(blocks * skills, self._per_block_sum(width).ravel(), weight * hours)
                program.add(self._coverage.ravel(), piece, sign)

    def _per_block_sum(self, values: Floats) -> Floats:
        total = np.zeros((self._blocks, values.shape[1]))
        np.add.at(total, self._block_of, values)
        return total

    def price_out(self, prices: Floats) -> int:
        """Add the best break pattern of every day, shift and group at `prices`; return how many are new.

        Parameters
        ----------
        prices
            Price of a head of each group in each interval of the week, shape (groups, intervals).
        """
        slots, new = self._slots, 0
        units = np.arange(slots.per_interval + 1)[:, None] / slots.per_interval
        whole = np.zeros((self._groups, len(self._scenario.requirement.heads)))
        whole[:, self._intervals] = prices
        for group in range(self._groups):
            valuation = Valuation(slots, units * whole[group])
            for shift, kind in enumerate(self._scenario.shift_types):
                used = np.flatnonzero(self._used[group, :, shift])
                if len(used) == 0:
                    continue
                _, patterns = self._pricers[kind.span_minutes].best_patterns(valuation.losses(self._days[used], shift))
                for day, pattern in zip(used, patterns, strict=True):
                    new += self._add_column(group, int(day), shift, pattern)
        return new

    def _add_column(self, group: int, day: int, shift: int, pattern: BreakPattern) -> bool:
        key = (group, day, shift, pattern)
        if key in self._columns:
            return False
        self._columns.add(key)
        column = self._program.variables(1)
        self._program.add(self._working[group, day, shift], column, 1.0)
        span = self._scenario.shift_types[shift].span_minutes
        whole, part = self._slots.inside(int(self._days[day]), shift)
        mask = working_slots(self._scenario.break_policy, span, pattern)[part]
        intervals = np.arange(whole.start, whole.stop)[mask] // self._slots.per_interval - self._intervals.start
        intervals = intervals[(intervals >= 0) & (intervals < len(self._block_of))]
        heads = np.bincount(self._block_of[intervals], minlength=self._blocks) / self._slots.per_interval
        touched = np.flatnonzero(heads)
        self._program.add(self._supply[group, touched], column, heads[touched])
        return True

    def prices(self, params: FlowParams, rng: np.random.Generator) -> Floats:
        """Return the price of a head of each skill in each interval, in weighted hours, shape (intervals, skills)."""
        length, skills = len(self._block_of), len(self._scenario.requirement.skills)
        for _ in range(3):
            self.price_out(np.repeat(rng.random((self._groups, -(-length // 6))), 6, axis=1)[:, :length])
        prices = np.zeros((length, skills))
        objective = np.inf
        hours = self._scenario.requirement.heads[self._intervals].sum() * self._scenario.horizon.interval_minutes / 60
        for _ in range(params.rounds):
            solution = self._program.solve()
            if solution is None:
                break
            prices = solution.duals[self._coverage][self._block_of]
            gained = objective - solution.objective
            objective = solution.objective
            if self.price_out(solution.duals[self._supply][:, self._block_of]) == 0 or gained < params.least_gain * hours:
                break
        return prices
