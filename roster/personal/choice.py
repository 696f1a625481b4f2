"""Which people and days may change next: people by chance, around a day with a cost, or who could swap a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roster.personal.pricing import Window
from roster.personal.question import Floats, Ints, Question

WEEK = 7

LARGER, SMALLER = 1.08, 0.9
"""What the size of a neighbourhood is multiplied by."""


VISITED = 0.5
"""How much less likely a window is for each of its weeks that everybody could change before."""


@dataclass(frozen=True)
class Neighbourhood:
    """People and days that may change."""

    people: tuple[int, ...]
    window: Window


@dataclass(frozen=True)
class Outcome:
    """What a neighbourhood gave: better lines or ``None``, and whether its bound says that there are none."""

    lines: Ints | None
    exhausted: bool


class Chooser:
    """Chooses neighbourhoods: people by chance, people around a day with a cost, people who could swap a request.

    Parameters
    ----------
    weeks
        Lengths of windows in weeks, of which one is drawn; windows of the whole horizon are no longer than that.
    size
        Weeks of people in a neighbourhood; grows while neighbourhoods are exhausted, shrinks when they take too long.
    slow_seconds
        A neighbourhood that takes longer is too large.
    """

    def __init__(
        self, question: Question, random: np.random.Generator, weeks: Sequence[int], size: float, slow_seconds: float
    ) -> None:
        self._question, self._random, self.size, self._slow_seconds = question, random, size, slow_seconds
        weeks_in_all = -(-question.days // WEEK)
        self._weeks = sorted({min(length, weeks_in_all) for length in weeks})
        # How often everybody could change a week, where a tenth of them counts as a tenth.
        self._visits = np.zeros(weeks_in_all)

    def learn(self, outcome: Outcome, seconds: float) -> None:
        """Ask for more where neighbourhoods hold nothing better, for less where they are too much to look through."""
        if outcome.exhausted and seconds < self._slow_seconds:
            self.size *= LARGER
        elif seconds > self._slow_seconds:
            self.size = max(2.0, self.size * SMALLER)

    def choose(self, lines: Ints) -> Neighbourhood:
        """Return the next neighbourhood."""
        question, random = self._question, self._random
        weeks = int(random.choice(self._weeks))
        count = min(question.people, max(2, round(self.size / weeks)))
        window = self._window(lines, weeks)
        kind = random.integers(3)
        weights = np.ones(question.people)
        if kind == 1:
            weights += 5 * self._could_help(lines, window)
        elif kind == 2:
            refused = self._refusals(lines)[:, window.first : window.last].sum(axis=1)
            weights += refused * 5 / max(1.0, float(refused.max()))
        people = random.choice(question.people, count, replace=False, p=weights / weights.sum())
        self._visits[window.first // WEEK : -(-window.last // WEEK)] += count / question.people
        return Neighbourhood(tuple(int(person) for person in sorted(people)), window)

    def _window(self, lines: Ints, weeks: int) -> Window:
        """Return a window of whole weeks; one that costs more, or whose weeks were not chosen yet, is more likely."""
        days = self._question.days
        length = WEEK * weeks
        if days <= length:
            return Window(0, days)
        starts = np.arange(0, days - length + WEEK, WEEK)
        costs = self._day_costs(lines)
        weights = np.array([costs[start : start + length].sum() for start in starts]) + costs.mean() + 1e-9
        visits = np.array([self._visits[start // WEEK : start // WEEK + weeks].sum() for start in starts])
        weights *= VISITED ** (visits - visits.min())
        first = int(self._random.choice(starts, p=weights / weights.sum()))
        return Window(first, min(days, first + length))

    def _day_costs(self, lines: Ints) -> Floats:
        """Return the cost of each day in cover and requests, shape (days,)."""
        question = self._question
        missing = question.required - question.cover_of(lines)
        cover = question.under_weights * np.maximum(missing, 0) + question.over_weights * np.maximum(-missing, 0)
        return np.asarray(cover.sum(axis=1) + self._refusals(lines).sum(axis=0))

    def _refusals(self, lines: Ints) -> Floats:
        """Return the cost of refused requests, shape (associates, days)."""
        question = self._question
        rows, days = np.nonzero(lines >= 0)
        costs = question.base_costs.copy()
        costs[rows, days] += question.shift_costs[rows, days, lines[rows, days]]
        return costs

    def _could_help(self, lines: Ints, window: Window) -> Floats:
        """Return 1 for those who may work a shift that lacks heads on a day of the window by chance, or who work on it."""
        question = self._question
        missing = np.maximum(question.required - question.cover_of(lines), 0) * question.under_weights
        inside = missing[window.first : window.last]
        if not inside.any():
            return np.zeros(question.people)
        place = int(self._random.choice(inside.size, p=(inside / inside.sum()).reshape(-1)))
        day, shift = window.first + place // question.shifts, place % question.shifts
        able = np.array([terms.most_shifts[shift] > 0 and day not in terms.days_off for terms in question.terms])
        return np.asarray(able & (lines[:, day] != shift), dtype=float)
