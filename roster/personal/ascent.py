"""A bound, with prices, for horizons that are too long for the master programme of all lines.

Any prices of heads give a bound: the prices of the requirement and the cheapest line of everybody (Lagrange; see `columns`). Here
a line pays as well for what it works: `minutes` for each eight hours beyond the most or below the least, `weekends` and `shifts`
for each one beyond the most. What is paid for need not be counted, so that a line of a year is a shortest path through the states
alone:

    bound = sum pi(d, s) required(d, s) + sum over p of (cheapest line of p at all prices - prices of p x limits of p)

All prices climb together along a subgradient that leans on the one before (Held, Wolfe, Crowder, Mathematical Programming 6,
1974; Camerini, Fratta, Maffioli, Mathematical Programming Study 3, 1975).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numba
import numpy as np

from roster.personal.moves import LEAST_MINUTES, MOST_MINUTES, MOST_WEEKENDS, Board, board_of, counts_of
from roster.personal.question import OFF, SATURDAY, SUNDAY, Bools, Floats, Ints, Question
from roster.personal.states import Kinds, automaton_of

PAID_MINUTES = 480.0
"""Minutes of work that a price of minutes is for, so that all prices are of one size."""

FIRST_STEP, MOST_STEP, LAST_STEP, LEANING = 0.3, 2.0, 1e-3, 0.95
"""Steps as a part of the distance to the roster (Polyak's step), and share of the last direction in the next."""

LONGER, SHORTER, PATIENCE = 1.02, 0.7, 20
"""What a step is multiplied by after each gain, and after so many steps without one."""


class Prices(NamedTuple):
    """Prices of heads (days, shifts), of minutes and weekends (associates,), of shifts of a type (associates, shifts)."""

    heads: Floats
    minutes: Floats
    weekends: Floats
    shifts: Floats


class Machines(NamedTuple):
    """Automata of everybody, stacked: `target` of shape (machines, states, kinds + 1), `works` (machines, states)."""

    target: Ints
    works: Bools
    of_person: Ints
    kind: Ints


def machines_of(question: Question) -> Machines:
    """Return the automata of a question; those of equal terms are one."""
    kinds = Kinds.of(question.minutes, question.forbidden)
    keys = [(one.most_in_a_row, one.least_in_a_row, one.least_off_in_a_row) for one in question.terms]
    different = sorted(set(keys))
    found = [automaton_of(kinds, question.terms[keys.index(key)]) for key in different]
    size = max(len(one.states) for one in found)
    target = np.full((len(found), size, len(kinds.minutes) + 1), -1, dtype=np.int64)
    works = np.zeros((len(found), size), dtype=bool)
    for number, one in enumerate(found):
        target[number, : len(one.states)], works[number, : len(one.states)] = one.target, one.works
    return Machines(target, works, np.array([different.index(key) for key in keys]), kinds.of_shift)


class Ascent:
    """Prices of a question, and the bound they give."""

    def __init__(self, question: Question) -> None:
        self._question, self._board, self._machines = question, board_of(question), machines_of(question)
        self._most_shifts = np.minimum(self._board.most_shifts, question.days).astype(float)

    def start(self, heads: Floats | None = None) -> Prices:
        """Return first prices: those of heads where they are known, and nothing for all else."""
        question = self._question
        people = np.zeros(question.people)
        heads = np.zeros(question.required.shape) if heads is None else heads
        return Prices(heads, people, people.copy(), np.zeros((question.people, question.shifts)))

    def weigh(self, prices: Prices) -> tuple[float, Prices]:
        """Return the bound at prices, and its subgradient."""
        question, board = self._question, self._board
        lines = np.full((question.people, question.days), OFF, dtype=np.int64)
        cost = cheapest_lines(board, self._machines, *prices, lines)
        counts = counts_of(question, lines)
        least, most = board.limits[:, LEAST_MINUTES] / PAID_MINUTES, board.limits[:, MOST_MINUTES] / PAID_MINUTES
        weekends, worked = board.limits[:, MOST_WEEKENDS], counts.minutes / PAID_MINUTES
        bound = cost + float((prices.heads * question.required).sum() + question.base_costs.sum())
        bound -= float(np.where(prices.minutes > 0, prices.minutes * most, prices.minutes * least).sum())
        bound -= float(prices.weekends @ weekends + (prices.shifts * self._most_shifts).sum())
        # Where minutes are free, a line within its limits asks for no price.
        wanted = np.where(prices.minutes > 0, most, np.where(prices.minutes < 0, least, np.clip(worked, least, most)))
        slope = Prices(
            (question.required - counts.cover).astype(float),
            worked - wanted,
            (counts.weekends - weekends).astype(float),
            counts.shifts - self._most_shifts,
        )
        return bound, slope

    def climb(
        self, most: Callable[[], float], seconds_left: Callable[[], float], heads: Floats | None = None
    ) -> Iterator[tuple[float, Floats]]:
        """Yield better and better bounds with their prices of heads until time is up.

        Parameters
        ----------
        most
            Returns the objective of the best roster, which no bound can exceed.
        heads
            First prices of heads, where good ones are known.
        """
        best, prices, step, waited = -np.inf, self.start(heads), FIRST_STEP, 0
        direction = Prices(*map(np.zeros_like, prices))
        while seconds_left() > 0 and step > LAST_STEP:
            bound, slope = self.weigh(prices)
            waited += 1
            if bound > best:
                best, step, waited = bound, min(MOST_STEP, LONGER * step), 0
                yield bound, prices.heads
            elif waited > PATIENCE:
                step, waited = step * SHORTER, 0
            direction = self._kept(prices, Prices(*(new + LEANING * old for new, old in zip(slope, direction, strict=True))))
            length = sum(float((part**2).sum()) for part in direction)
            if length == 0:
                return
            pace = step * max(1e-3 * abs(best), most() - bound) / length
            prices = self._inside(Prices(*(old + pace * part for old, part in zip(prices, direction, strict=True))))

    def _kept(self, prices: Prices, direction: Prices) -> Prices:
        """Return a direction without what would leave the prices that are allowed."""
        question = self._question
        heads = direction.heads.copy()
        heads[(prices.heads >= question.under_weights) & (heads > 0)] = 0.0
        heads[(prices.heads <= -question.over_weights) & (heads < 0)] = 0.0
        weekends = np.where((prices.weekends <= 0) & (direction.weekends < 0), 0.0, direction.weekends)
        shifts = np.where((prices.shifts <= 0) & (direction.shifts < 0), 0.0, direction.shifts)
        return Prices(heads, direction.minutes, weekends, shifts)

    def _inside(self, prices: Prices) -> Prices:
        """Return the nearest prices that are allowed."""
        question = self._question
        return Prices(
            np.clip(prices.heads, -question.over_weights, question.under_weights),
            prices.minutes,
            np.maximum(prices.weekends, 0.0),
            np.maximum(prices.shifts, 0.0),
        )


@numba.njit(cache=True, nogil=True)
def cheapest_lines(  # type: ignore[no-untyped-def] # pragma: no cover
    board: Board, machines: Machines, heads, minutes, weekends, shifts, lines
):
    """Fill `lines` with the cheapest line of everybody, and return what they cost together."""
    total = 0.0
    people, days = lines.shape
    kinds = machines.target.shape[2] - 1
    price, cheapest = np.empty((days, kinds)), np.empty((days, kinds), np.int64)
    for person in range(people):
        price[:], cheapest[:] = np.inf, -1
        for day in range(days):
            for shift in range(heads.shape[1]):
                if board.possible[person, day, shift]:
                    cost = board.shift_costs[person, day, shift] - heads[day, shift] + shifts[person, shift]
                    cost += minutes[person] * board.minutes[shift] / PAID_MINUTES
                    kind = machines.kind[shift]
                    if cost < price[day, kind]:
                        price[day, kind], cheapest[day, kind] = cost, shift
        automaton = machines.of_person[person]
        total += _shortest(
            machines.target[automaton], machines.works[automaton], price, cheapest, weekends[person], lines[person]
        )
    return total


@numba.njit(cache=True, nogil=True)
def _shortest(target, works, price, cheapest, weekend, line):  # type: ignore[no-untyped-def] # pragma: no cover
    """Fill a line with the shortest path through the states, and return its length."""
    days, kinds, states = price.shape[0], price.shape[1], target.shape[0]
    costs = np.full((days + 1, states), np.inf)
    origin, letter = np.empty((days + 1, states), np.int64), np.empty((days + 1, states), np.int64)
    costs[0, 0] = 0.0
    for day in range(days):
        for state in range(states):
            now = costs[day, state]
            if now == np.inf:
                continue
            extra = now
            if day % 7 == SATURDAY or (day % 7 == SUNDAY and not works[state]):
                extra = now + weekend
            for kind in range(kinds + 1):
                after = target[state, kind]
                cost = now if kind == kinds else extra + price[day, kind]
                if after >= 0 and cost < costs[day + 1, after]:
                    costs[day + 1, after], origin[day + 1, after], letter[day + 1, after] = cost, state, kind
    state = costs[days].argmin()
    total = costs[days, state]
    for day in range(days, 0, -1):
        kind = letter[day, state]
        line[day - 1] = OFF if kind == kinds else cheapest[day - 1, kind]
        state = origin[day, state]
    return total
