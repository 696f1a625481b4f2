"""The roster problem: a scenario compiled to what the engine works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from roster.automaton import Automaton, LineGraph, Machine, has_line, unfold
from roster.rules import RULES
from roster.rules.rule import Face
from roster.setting import LineChoice, LineSetting, WishCosts, line_choices
from roster.successions import Calendar, calendar_of
from scheduling.coverage import SkillGroups
from scheduling.plan import DAY_WORDS, LEAVE, NONE, OFF
from scheduling.rules import Severity
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]

WISHES = frozenset(
    rule.name for rule in RULES if rule.face is Face.MACHINE and rule.severity is Severity.NEEDS_A_REASON
)  # fmt: skip
"""The wishes about one associate's sequence of days, by name; they forbid nothing."""


@dataclass(frozen=True)
class Person:
    """One associate as the engine sees them.

    Parameters
    ----------
    graphs
        Line graphs to choose from: one for each timing the associate may keep, or one for all when timings are not kept.
    group
        Index of the skill group.
    day_costs
        Cost of requests refused, shape (days, shifts + 3), columns indexed by day value.
    relaxed
        Whether hard rules clash for this associate, so that the graphs break as few as can be.
    """

    graphs: tuple[LineGraph, ...]
    group: int
    day_costs: Floats
    relaxed: bool

    @cached_property
    def shifts(self) -> tuple[tuple[int, ...], ...]:
        """The shift types that occur in each of the graphs."""
        return tuple(
            tuple(sorted({letter for layer in graph for letter in layer.letters if letter >= 0})) for graph in self.graphs
        )


@dataclass(frozen=True)
class Problem:
    """A scenario with its calendar, skill groups and people compiled."""

    scenario: Scenario
    calendar: Calendar
    groups: SkillGroups
    people: tuple[Person, ...]


def machines_for(setting: LineSetting) -> dict[str, Machine]:
    """Return the machines of the registered rules by their names, without those left out."""
    machines = {rule.name: rule.machine(setting) for rule in RULES if rule.name not in setting.left_out}
    return {name: machine for name, machine in machines.items() if machine is not None}


class Facts:
    """The facts of every associate as allowed letters for each day."""

    def __init__(self, scenario: Scenario, calendar: Calendar) -> None:
        self._scenario, self._calendar = scenario, calendar
        days = scenario.horizon.day_count
        count = len(scenario.associates)
        self.on_leave = np.zeros((count, days), dtype=bool)
        for leave in scenario.leave:
            row = scenario.associate_index[leave.associate]
            first, last = scenario.horizon.day_index(leave.first_day), scenario.horizon.day_index(leave.last_day)
            self.on_leave[row, max(0, first) : max(0, last + 1)] = True
        self.locked: list[dict[int, int]] = [{} for _ in range(count)]
        for lock in scenario.locks:
            day = scenario.horizon.day_index(lock.date)
            if 0 <= day < days:
                self.locked[scenario.associate_index[lock.associate]][day] = day_value(scenario, lock.value)
        self.past: list[list[int]] = [[NONE] * calendar.lead_days for _ in range(count)]
        for past in scenario.history:
            day = scenario.horizon.day_index(past.date) + calendar.lead_days
            if 0 <= day < calendar.lead_days:
                self.past[scenario.associate_index[past.associate]][day] = day_value(scenario, past.value)

    def letters(self, index: int, shifts: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """Return the letters of an associate on each day of the horizon and of the rest of its last week."""
        scenario, associate = self._scenario, self._scenario.associates[index]
        allowed: list[tuple[int, ...]] = []
        for day, date in enumerate(scenario.horizon.dates):
            if not associate.contract_start <= date <= associate.contract_end:
                allowed.append((NONE,))
            elif self.on_leave[index, day]:
                allowed.append((LEAVE,))
            elif day in self.locked[index]:
                allowed.append((self.locked[index][day],))
            else:
                allowed.append((*shifts, OFF))
        return (*allowed, *(((NONE,),) * self._calendar.trail_days))


def day_value(scenario: Scenario, word: str) -> int:
    """Return the day value of a word of a file: a shift code, ``off``, ``leave`` or ``none``."""
    words = {text: value for value, text in DAY_WORDS.items()}
    return words[word] if word in words else scenario.shift_index[word]


def compile_problem(scenario: Scenario, wishes: WishCosts | None = None) -> Problem:
    """Compile a scenario; equal associates share their graphs."""
    calendar, wishes = calendar_of(scenario), wishes or WishCosts()
    facts, groups = Facts(scenario, calendar), SkillGroups.of(scenario)
    maker = GraphMaker(scenario, calendar, wishes)
    people = []
    costs = request_costs(scenario)
    for index, associate in enumerate(scenario.associates):
        choices = line_choices(scenario, associate)
        past, letters = facts.past[index], [facts.letters(index, choice.shifts) for choice in choices]
        graphs = [maker.graph(choice, past, allowed) for choice, allowed in zip(choices, letters, strict=True)]
        kept = tuple(graph for graph in graphs if graph is not None)
        relaxed = not kept
        if relaxed:
            kept = tuple(maker.relaxed_graph(choice, past, allowed) for choice, allowed in zip(choices, letters, strict=True))
        people.append(Person(kept, int(groups.of_associate[index]), costs[index], relaxed))
    return Problem(scenario, calendar, groups, tuple(people))


def request_costs(scenario: Scenario) -> list[Floats]:
    """Return what each day value costs each associate in refused requests, each of shape (days, shifts + 3)."""
    shape = (scenario.horizon.day_count, len(scenario.shift_types) + 3)
    nothing = np.zeros(shape)
    costs: list[Floats] = [nothing] * len(scenario.associates)
    for request in scenario.requests:
        day = scenario.horizon.day_index(request.date)
        if not 0 <= day < shape[0]:
            continue
        row = scenario.associate_index[request.associate]
        if costs[row] is nothing:
            costs[row] = nothing.copy()
        wanted = day_value(scenario, request.want)
        refused = [value for value in range(-1, shape[1] - 3) if value != wanted]
        costs[row][day, refused] += request.weight
    return costs


class GraphMaker:
    """Unfolds the rule automaton for associates; equal questions get the same graph."""

    def __init__(self, scenario: Scenario, calendar: Calendar, wishes: WishCosts) -> None:
        self._scenario, self._calendar, self._wishes = scenario, calendar, wishes
        self._automata: dict[tuple[tuple[int, ...], LineChoice, frozenset[str]], Automaton] = {}
        self._graphs: dict[object, LineGraph | None] = {}

    def _automaton(self, shifts: tuple[int, ...], choice: LineChoice, left_out: frozenset[str]) -> Automaton:
        key = (shifts, choice, left_out)
        if key not in self._automata:
            setting = LineSetting(self._scenario, self._calendar, shifts, choice, self._wishes, left_out)
            self._automata[key] = Automaton(tuple(machines_for(setting).values()), self._calendar.kinds)
        return self._automata[key]

    def graph(
        self,
        choice: LineChoice,
        past: Sequence[int],
        letters: tuple[tuple[int, ...], ...],
        left_out: frozenset[str] = frozenset(),
        *,
        relaxed: bool = False,
    ) -> LineGraph | None:
        """Return the graph of an associate with this past and these letters, ``None`` when no line keeps the rules."""
        automaton, origin = self._begun(choice, past, letters, left_out)
        key = (id(automaton), origin, letters, relaxed)
        if key not in self._graphs:
            kinds = self._calendar.kind_of[self._calendar.lead_days :]
            self._graphs[key] = unfold(automaton, [origin], kinds, letters, relaxed=relaxed)
        return self._graphs[key]

    def has_line(
        self, choice: LineChoice, past: Sequence[int], letters: tuple[tuple[int, ...], ...], left_out: frozenset[str]
    ) -> bool:
        """Return whether some line keeps the hard rules that are not left out; no graph is unfolded, and no wish followed."""
        automaton, origin = self._begun(choice, past, letters, left_out | WISHES)
        return has_line(automaton, origin, self._calendar.kind_of[self._calendar.lead_days :], letters)

    def _begun(
        self, choice: LineChoice, past: Sequence[int], letters: tuple[tuple[int, ...], ...], left_out: frozenset[str]
    ) -> tuple[Automaton, int]:
        """Return the automaton of a choice, and its state after the past."""
        known = {value for value in past if value >= 0} | {value for day in letters for value in day if value >= 0}
        automaton = self._automaton(tuple(sorted(known | set(choice.shifts))), choice, left_out)
        return automaton, automaton.run(past, self._calendar.kind_of[: self._calendar.lead_days])

    def walk(self, choice: LineChoice, past: Sequence[int], letters: Sequence[int]) -> tuple[int, float]:
        """Return how many hard rules a line breaks and what the wishes cost that it refuses; no graph is unfolded for that."""
        known = {value for value in past if value >= 0} | {value for value in letters if value >= 0}
        automaton = self._automaton(tuple(sorted(known | set(choice.shifts))), choice, frozenset())
        kinds, lead = self._calendar.kind_of, self._calendar.lead_days
        state, broken, cost = automaton.run(past, kinds[:lead]), 0, 0.0
        days = [*letters, *[NONE] * self._calendar.trail_days]
        for letter, kind in zip(days, kinds[lead:], strict=True):
            state, wrong, price = automaton.step(state, int(letter), kind)
            broken, cost = broken + wrong, cost + price
        return broken, cost

    def relaxed_graph(self, choice: LineChoice, past: Sequence[int], letters: tuple[tuple[int, ...], ...]) -> LineGraph:
        """Return the graph in which hard rules may be broken at a price; there always is one."""
        return cast("LineGraph", self.graph(choice, past, letters, relaxed=True))
