"""The roster problem: a scenario compiled to what the engine works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from roster.automaton import Automaton, LineGraph, Machine, unfold
from roster.machines import (
    DaysOffMachine,
    OffRotationMachine,
    RunMachine,
    SuccessionMachine,
    WeeklyTimingMachine,
    WeekMinutesMachine,
    WorkingWeekMachine,
)
from roster.successions import Calendar, calendar_of
from scheduling.coverage import SkillGroups
from scheduling.people import Associate
from scheduling.plan import DAY_WORDS, LEAVE, NONE, OFF
from scheduling.rules import Timing
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WishCosts:
    """What a refused wish costs in weighted head-hours; requests carry their own weight."""

    day_beyond_wished_run: float = 0.25
    night_beyond_wished_run: float = 0.05
    short_weekly_rest: float = 0.25
    repeated_days_off: float = 0.5


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


@dataclass(frozen=True)
class Problem:
    """A scenario with its calendar, skill groups and people compiled."""

    scenario: Scenario
    calendar: Calendar
    groups: SkillGroups
    people: tuple[Person, ...]


def machines_for(
    scenario: Scenario, calendar: Calendar, shifts: tuple[int, ...], wishes: WishCosts, left_out: frozenset[str] = frozenset()
) -> dict[str, Machine]:
    """Return the machines of the sequence rules by rule name, for a line over `shifts`, without those `left_out`."""
    rules, types = scenario.rules, scenario.shift_types
    nights = frozenset(shift for shift in shifts if types[shift].is_night)
    minutes = tuple(scenario.break_policy.productive_minutes_of(shift.span_minutes) for shift in types)
    change = "timing_change" not in left_out and rules.timing is not Timing.FREE
    machines: dict[str, Machine] = {
        "consecutive_days": RunMachine(
            frozenset(range(len(types))),
            rules.max_consecutive_days,
            rules.wished_consecutive_days,
            wishes.day_beyond_wished_run,
        ),
        "days_off_together": DaysOffMachine(rules.days_off_consecutive),
        "working_days": WorkingWeekMachine(rules.working_days_per_week),
        "rest": SuccessionMachine(calendar, shifts, wishes.short_weekly_rest, timing_change=change),
        "off_rotation": OffRotationMachine(wishes.repeated_days_off),
    }
    if nights:
        machines["consecutive_nights"] = RunMachine(
            nights, rules.max_consecutive_nights, rules.wished_consecutive_nights, wishes.night_beyond_wished_run
        )
    if rules.timing is Timing.WEEKLY and len(shifts) > 1:
        machines["timing_kept"] = WeeklyTimingMachine()
    if max(minutes, default=0) * rules.working_days_per_week > rules.max_weekly_work_minutes:
        machines["weekly_work"] = WeekMinutesMachine(minutes, rules.max_weekly_work_minutes)
    return {name: machine for name, machine in machines.items() if name not in left_out}


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


def timings_of(scenario: Scenario, associate: Associate) -> tuple[int, ...]:
    """Return the shift types that an associate may work."""
    if associate.timing is not None:
        return (scenario.shift_index[associate.timing],)
    refuses_nights = scenario.rules.night_consent_required and not associate.night_consent
    return tuple(index for index, shift in enumerate(scenario.shift_types) if not (refuses_nights and shift.is_night))


def compile_problem(scenario: Scenario, wishes: WishCosts | None = None) -> Problem:
    """Compile a scenario; equal associates share their graphs."""
    calendar, wishes = calendar_of(scenario), wishes or WishCosts()
    facts, groups = Facts(scenario, calendar), SkillGroups.of(scenario)
    maker = GraphMaker(scenario, calendar, wishes)
    people = []
    costs = request_costs(scenario)
    for index, associate in enumerate(scenario.associates):
        choices = letter_choices(scenario, timings_of(scenario, associate))
        locked = {value for value in facts.locked[index].values() if value >= 0}
        agreeing = [shifts for shifts in choices if locked <= set(shifts)]
        graphs = [maker.graph(shifts, facts.past[index], facts.letters(index, shifts)) for shifts in agreeing]
        kept = tuple(graph for graph in graphs if graph is not None)
        relaxed = not kept
        if relaxed:
            kept = tuple(maker.relaxed_graph(shifts, facts.past[index], facts.letters(index, shifts)) for shifts in choices)
        people.append(Person(kept, int(groups.of_associate[index]), costs[index], relaxed))
    return Problem(scenario, calendar, groups, tuple(people))


def letter_choices(scenario: Scenario, timings: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the sets of shifts a line may draw on: one shift each where a timing is kept, else all of them."""
    if scenario.rules.timing is Timing.FIXED:
        return tuple((timing,) for timing in timings)
    return (timings,)


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
        self._automata: dict[tuple[tuple[int, ...], frozenset[str]], Automaton] = {}
        self._graphs: dict[object, LineGraph | None] = {}

    def _automaton(self, shifts: tuple[int, ...], left_out: frozenset[str]) -> Automaton:
        key = (shifts, left_out)
        if key not in self._automata:
            machines = machines_for(self._scenario, self._calendar, shifts, self._wishes, left_out)
            self._automata[key] = Automaton(tuple(machines.values()), self._calendar.kinds)
        return self._automata[key]

    def graph(
        self,
        shifts: tuple[int, ...],
        past: Sequence[int],
        letters: tuple[tuple[int, ...], ...],
        left_out: frozenset[str] = frozenset(),
        *,
        relaxed: bool = False,
    ) -> LineGraph | None:
        """Return the graph of an associate with this past and these letters, ``None`` when no line keeps the rules."""
        known = {value for value in past if value >= 0} | {value for day in letters for value in day if value >= 0}
        everything = tuple(sorted(known | set(shifts)))
        automaton = self._automaton(everything, left_out)
        origin = automaton.run(past, self._calendar.kind_of[: self._calendar.lead_days])
        key = (id(automaton), origin, letters, relaxed)
        if key not in self._graphs:
            kinds = self._calendar.kind_of[self._calendar.lead_days :]
            self._graphs[key] = unfold(automaton, [origin], kinds, letters, relaxed=relaxed)
        return self._graphs[key]

    def relaxed_graph(self, shifts: tuple[int, ...], past: Sequence[int], letters: tuple[tuple[int, ...], ...]) -> LineGraph:
        """Return the graph in which hard rules may be broken at a price; there always is one."""
        return cast("LineGraph", self.graph(shifts, past, letters, relaxed=True))
