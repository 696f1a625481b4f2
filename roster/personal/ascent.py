"""A bound, with prices, for horizons that are too long for the master programme of all lines.

Any prices of heads give a bound: the prices of the requirement and the cheapest line of everybody (Lagrange; see `columns`). Here
a line pays as well for what it works: `minutes` for each eight hours beyond the most or below the least, `weekends` and `shifts`
for each one beyond the most. What is paid for need not be counted, so that a line of a year is a shortest path through the states
alone:

    bound = sum pi(d, s) required(d, s) + sum over p of (cheapest line of p at all prices - prices of p x limits of p)

All prices climb together along a subgradient (Held, Wolfe, Crowder, Mathematical Programming 6, 1974). Each price has a pace of
its own, from the mean of its slopes and of their squares (Kingma, Ba, ICLR 2015), and all paces fall with time. Prices go to and
fro around good ones, so that the mean of the last ones gives a better bound than any of them (Polyak, Juditsky, SIAM Journal on
Control and Optimization 30(4), 1992).
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

FIRST_PACE, LAST_PACE = 0.1, 0.0005
"""What a price moves in a step, first and last, as a part of the dearest head too few."""

STEPS = 4000
"""Steps that are planned; where time is up before, the pace falls with the clock."""

SLOPE_KEPT, SQUARE_KEPT, PRICE_KEPT = 0.9, 0.99, 0.95
"""Share of the last mean in the next, of slopes, of their squares, and of prices."""

WEIGHED = 10
"""Steps from one bound at the mean of prices to the next."""

LEAST_SLOPE = 1e-2
"""What is added to the size of slopes, so that prices whose slope is next to nothing stand still."""


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

    def start(self) -> Prices:
        """Return prices of nothing."""
        question = self._question
        people = np.zeros(question.people)
        return Prices(np.zeros(question.required.shape), people, people.copy(), np.zeros((question.people, question.shifts)))

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

    def climb(self, seconds_left: Callable[[], float]) -> Iterator[tuple[float, Floats]]:
        """Yield better and better bounds with their prices of heads until time is up."""
        seconds, question = seconds_left(), self._question
        if seconds <= 0:
            return
        dearest = max(float(weights.max(initial=0.0)) for weights in (question.under_weights, question.over_weights))
        best, prices = -np.inf, self.start()
        slopes, squares, mean = self.start(), self.start(), prices
        for step in range(1, STEPS + 1):
            _, slope = self.weigh(prices)
            slope = self._kept(prices, slope)
            slopes = _mean(slopes, slope, SLOPE_KEPT)
            squares = _mean(squares, Prices(*(part**2 for part in slope)), SQUARE_KEPT)
            at = min(1.0, max(step / STEPS, 1 - seconds_left() / seconds))
            pace = dearest * FIRST_PACE * (LAST_PACE / FIRST_PACE) ** at
            moves = _moves(slopes, squares, step)
            prices = self._inside(Prices(*(part + pace * move for part, move in zip(prices, moves, strict=True))))
            mean = _mean(mean, prices, PRICE_KEPT)
            if step % WEIGHED == 0 or at == 1.0:
                bound, _ = self.weigh(mean)
                if bound > best:
                    best = bound
                    yield bound, mean.heads
            if at == 1.0:
                return

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


def _mean(before: Prices, now: Prices, kept: float) -> Prices:
    """Return the running mean of prices, slopes or squares."""
    return Prices(*(kept * old + (1 - kept) * new for old, new in zip(before, now, strict=True)))


def _moves(slopes: Prices, squares: Prices, step: int) -> Iterator[Floats]:
    """Yield how far each price goes along its mean slope; means of few steps began at nothing, which is made up for."""
    for slope, square in zip(slopes, squares, strict=True):
        size = np.sqrt(square / (1 - SQUARE_KEPT**step)) + LEAST_SLOPE
        yield slope / (1 - SLOPE_KEPT**step) / size


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
