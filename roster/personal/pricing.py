"""Pricing: the cheapest line of one associate when every shift of every day has a price.

The line is a shortest path with resources through the rule automaton (Strandmark, Qu, Curtois, C&OR 2020). Most of the bounds
on shifts of a type never bind, so they are counted only once a cheapest line has broken them (state space relaxation that is
tightened when needed: Boland, Dethridge, Dumitrescu, Operations Research Letters 34(1), 2006). Where counting them all would
make too many rows, a shift type that is given too often is made dearer instead: the cost is then a lower bound (Lagrange).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd

import numpy as np
from numpy.typing import NDArray

from roster.personal.kernel import FAR, Graph, cheapest_path
from roster.personal.question import OFF, SATURDAY, SUNDAY, Bools, Floats, Ints, Question
from roster.personal.states import Automaton, Kinds, automaton_of

MOST_CELLS = 2**25
"""Most cells of a table (128 MiB); where counted shifts would need more, shifts are made dearer instead."""

PENALTY_ROUNDS = 40


@dataclass(frozen=True)
class Priced:
    """A cheapest line: `cost` at the prices asked for, `bound` below which no line can be; ``None`` where none was found."""

    line: Ints | None
    cost: float
    bound: float


@dataclass(frozen=True)
class Window:
    """Days from `first` to before `last` that may change, both at the start of a week or at an end of the horizon."""

    first: int
    last: int


@dataclass
class Person:
    """What pricing knows of an associate.

    Parameters
    ----------
    possible
        Whether a shift may be given, shape (days, shifts).
    resting
        Whether a day may be off, shape (days,); a dive fixes days by closing what else they could hold.
    counted
        Shift types that are counted.
    penalties
        What makes a shift type dearer that is not counted, shape (shifts,).
    """

    automaton: Automaton
    possible: Bools
    resting: Bools
    counted: list[int] = field(default_factory=list)
    penalties: Floats = field(default_factory=lambda: np.zeros(0))


class Pricer:
    """Cheapest lines of a question, one associate at a time.

    Parameters
    ----------
    band
        Most units of minutes that a line may be away from an even spread over the open days, and a quarter of it for weekends;
        ``None`` for no such limit. A band makes long horizons quick, and the cost no bound any more.
    """

    def __init__(self, question: Question, band: int | None = None) -> None:
        self.question, self._band = question, band
        self._kinds = Kinds.of(question.minutes, question.forbidden)
        self.unit = gcd(*(int(minutes) for minutes in question.minutes))
        self._units = question.minutes // self.unit
        self._weekday = np.arange(question.days) % 7
        shared: dict[tuple[int, int, int], Automaton] = {}
        self.people = []
        for terms in question.terms:
            key = (terms.most_in_a_row, terms.least_in_a_row, terms.least_off_in_a_row)
            if key not in shared:
                shared[key] = automaton_of(self._kinds, terms)
            possible = np.tile(np.array(terms.most_shifts) > 0, (question.days, 1))
            possible[list(terms.days_off)] = False
            resting = np.ones(question.days, dtype=bool)
            self.people.append(Person(shared[key], possible, resting, penalties=np.zeros(question.shifts)))
        self._room_kept = np.zeros(0, dtype=np.int32)
        self._cells = 0

    @cached_property
    def whole(self) -> Window:
        """The window of all days."""
        return Window(0, self.question.days)

    def best(
        self,
        associate: int,
        prices: Floats,
        window: Window | None = None,
        line: Ints | None = None,
        seconds_left: Callable[[], float] = lambda: 1.0,
    ) -> Priced:
        """Return the cheapest line.

        Parameters
        ----------
        prices
            Price of each shift on each day, shape (days, shifts); a day off is free.
        window, line
            Days that may change, and the line that is kept on the others; all days without them.
        """
        window = window or self.whole
        kept = np.full(self.question.days, OFF) if line is None else line.copy()
        kept[window.first : window.last] = OFF
        most = np.array(self.question.terms[associate].most_shifts) - self._counts(kept)
        person, bound, found = self.people[associate], -np.inf, None
        for _ in range(PENALTY_ROUNDS):
            if seconds_left() <= 0:
                break
            path, cost = self._path(associate, prices + person.penalties, window, kept, most)
            if path is None:
                return Priced(None, np.inf, np.inf)
            penalties = person.penalties
            bound = max(bound, cost - float(np.minimum(penalties, 1e9) @ most))
            over = self._counts(path) - most - self._counts(kept)
            excess = np.flatnonzero(over > 0)
            if not len(excess):
                cost -= float(penalties @ self._counts(path[window.first : window.last]))
                found = Priced(path, cost, bound)
                if not penalties[penalties > 0].size:
                    return found
                penalties[over < 0] *= 0.9
                return found
            self._tighten(person, excess, most, float(np.abs(prices).max()))
        return Priced(None, np.inf, bound)

    def quick(self, associate: int, prices: Floats) -> Ints | None:
        """Return a good line, ``None`` where none was found.

        Nothing is counted: a shift given too often is kept to those of its days on which it is cheapest, and a path
        asked for again.
        """
        most, open_prices = np.array(self.question.terms[associate].most_shifts), prices.copy()
        nothing = np.full(self.question.days, OFF)
        for _ in range(self.question.shifts + 1):
            path, _ = self._path(associate, open_prices, self.whole, nothing, most)
            excess = () if path is None else np.flatnonzero(self._counts(path) > most)
            if path is None or not len(excess):
                return path
            for shift in excess:
                given = np.flatnonzero(path == shift)
                kept = given[open_prices[given, shift].argsort(kind="stable")[: most[shift]]]
                open_prices[np.setdiff1d(np.arange(len(path)), kept), shift] = np.inf
        return None

    def _tighten(self, person: Person, excess: Ints, most: Ints, dearest: float) -> None:
        """Count the shifts given too often, or make them dearer where that would be too many rows."""
        rows = int(np.prod([most[shift] + 1 for shift in person.counted]))
        for shift in excess:
            if shift not in person.counted and rows * (most[shift] + 1) * self._cells <= MOST_CELLS:
                person.counted.append(int(shift))
                rows *= int(most[shift]) + 1
            elif shift not in person.counted:
                person.penalties[shift] = max(1.0, 0.05 * dearest, person.penalties[shift] * 2.0)

    def _counts(self, line: Ints) -> Ints:
        """Return the shifts of each type in a line."""
        return np.bincount(line[line >= 0], minlength=self.question.shifts)

    def _path(self, associate: int, prices: Floats, window: Window, kept: Ints, most: Ints) -> tuple[Ints | None, float]:
        """Return the cheapest line that counts only the counted shifts, and its cost within the window."""
        person, days = self.people[associate], slice(window.first, window.last)
        possible = np.where(person.possible[days] & (most > 0), prices[days], np.inf)
        counted = [shift for shift in person.counted if most[shift] > 0]
        options, cheapest = self.options(possible, person.resting[days], counted)
        graph = self.graph(associate, window, kept, counted, most)
        if graph is None:
            return None, np.inf
        scale, whole = whole_prices(options)
        cost, choice = cheapest_path(graph, whole, self.room(len(options), graph))
        if cost >= FAR // 2:
            return None, np.inf
        path = kept.copy()
        path[days] = np.where(choice >= 0, cheapest[np.arange(len(choice)), choice], OFF)
        return path, cost / scale

    def options(self, possible: Floats, resting: Bools, counted: Sequence[int]) -> tuple[Floats, Ints]:
        """Return the price of each option on each day, and its shift.

        First the cheapest shift of each kind, then each counted shift, last (in the prices alone) a day off.
        """
        single = possible[:, counted]
        free = possible.copy()
        free[:, counted] = np.inf
        rows, shifts = np.arange(len(free)), []
        for kind in range(len(self._kinds.minutes)):
            members = np.flatnonzero(self._kinds.of_shift == kind)
            shifts.append(members[free[:, members].argmin(axis=1)])
        prices = [free[rows, shift] for shift in shifts]
        prices += [*single.T, np.where(resting, 0.0, np.inf)]
        shifts += [np.full(len(free), shift) for shift in counted]
        return np.stack(prices, axis=1), np.stack(shifts, axis=1)

    def graph(self, associate: int, window: Window, kept: Ints, counted: Sequence[int], most: Ints) -> Graph | None:
        """Return what the kernel walks through, ``None`` where the rest of the line leaves nothing."""
        person, terms = self.people[associate], self.question.terms[associate]
        worked = kept >= 0
        used = int(self._units[kept[worked]].sum())
        weekends = len(set(np.flatnonzero(worked & (self._weekday >= SATURDAY)) // 7))
        strides, stride = [], 1
        for shift in counted:
            strides.append(stride)
            stride *= int(most[shift]) + 1
        uncounted = len(self._kinds.minutes)
        low, high = self._bounds(
            associate, window, -(-terms.least_minutes // self.unit) - used, terms.most_minutes // self.unit - used
        )
        if terms.most_weekends < weekends or (low > high).any():
            return None
        left = min(terms.most_weekends - weekends, (window.last - window.first + 6) // 7)
        even = left * np.arange(len(low)) / max(1, len(low) - 1)
        away = len(low) if self._band is None else self._band / 4
        return Graph(
            target=person.automaton.target,
            works=person.automaton.works,
            kind=np.array([*range(uncounted), *self._kinds.of_shift[list(counted)]], dtype=np.int64),
            units=np.array([*self._kinds.minutes // self.unit, *self._units[list(counted)]], dtype=np.int64),
            stride=np.array([0] * uncounted + strides, dtype=np.int64),
            radix=np.array([1] * uncounted + [int(most[shift]) + 1 for shift in counted], dtype=np.int64),
            weekend_stride=stride,
            weekends=left,
            fewest=np.maximum(0, np.ceil(even - away)).astype(np.int64),
            most=np.minimum(left, np.floor(even + away)).astype(np.int64),
            weekend_day=np.select([self._weekday == SATURDAY, self._weekday == SUNDAY], [1, 2])[window.first : window.last],
            low=low,
            high=high,
            start=self._state_after(person.automaton, kept[: window.first]),
            ends=self._ends(person.automaton, kept[window.last :]),
        )

    def _bounds(self, associate: int, window: Window, least: int, most: int) -> tuple[Ints, Ints]:
        """Return the band of units after each day of a window in which a line can still end between `least` and `most`."""
        person, terms = self.people[associate], self.question.terms[associate]
        days = window.last - window.first
        open_days = np.concatenate([[0], person.possible[window.first : window.last].any(axis=1).cumsum()])
        longest = int(self._units[person.possible.any(axis=0)].max(initial=0))
        passed = np.arange(days + 1)
        cycle = terms.most_in_a_row + terms.least_off_in_a_row
        reach = np.minimum(open_days, passed - passed // cycle * terms.least_off_in_a_row) * longest
        left = days - passed
        ahead = np.minimum(open_days[-1] - open_days, left - left // cycle * terms.least_off_in_a_row) * longest
        high = np.minimum(most, reach)
        low = np.maximum(0, least - ahead)
        if self._band is not None and days > 0:
            middle = open_days / max(1, open_days[-1]) * (least + most) / 2
            low = np.maximum(low, np.ceil(middle - self._band).astype(np.int64))
            high = np.minimum(high, np.floor(middle + self._band).astype(np.int64))
            low[-1], high[-1] = max(0, least), min(most, reach[-1])
        low[0] = high[0] = 0
        return low, high

    def _state_after(self, automaton: Automaton, letters: Ints) -> int:
        """Return the state after the days before a window; only the last run matters, and whether it reaches the first day."""
        return self._run(automaton, 0, letters)

    def _run(self, automaton: Automaton, state: int, letters: Ints) -> int:
        """Return the state after letters, -1 where a rule is broken."""
        for letter in letters:
            kind = self._kinds.of_shift[letter] if letter >= 0 else automaton.target.shape[1] - 1
            state = int(automaton.target[state, kind])
            if state < 0:
                break
        return state

    def _ends(self, automaton: Automaton, letters: Ints) -> Bools:
        """Return the states from which the days after a window can be followed."""
        longest = 2 * max((state.length for state in automaton.states), default=1) + 2
        soon = letters[:longest]
        return np.array([self._run(automaton, state, soon) >= 0 for state in range(len(automaton.states))])

    def room(self, days: int, graph: Graph) -> NDArray[np.int32]:
        """Return room for the costs of all cells, made anew only when it must grow."""
        states, rows = len(graph.works), graph.weekend_stride * (graph.weekends + 1)
        width = int((graph.high - graph.low).max()) + 1
        size = (days + 1) * states * rows * width
        self._cells = size // graph.weekend_stride
        if self._room_kept.size < size:
            self._room_kept = np.zeros(size, dtype=np.int32)
        return self._room_kept[:size].reshape(days + 1, states, rows, width)


def whole_prices(prices: Floats) -> tuple[float, NDArray[np.int32]]:
    """Return a scale, and prices times the scale rounded down to whole numbers, whose sum over any line fits."""
    finite = np.isfinite(prices)
    most = np.where(finite, np.abs(prices), 0.0).max(axis=1, initial=0.0).sum()
    scale = 2.0 ** np.floor(np.log2(FAR / 4 / max(1.0, most)))
    return float(scale), np.where(finite, np.floor(np.where(finite, prices, 0.0) * scale), FAR).astype(np.int32)
