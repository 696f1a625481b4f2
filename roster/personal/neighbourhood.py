"""A neighbourhood: a few people, or a few weeks of more people, may change; everything else stays.

Who may change is asked for again by column generation at the prices of the whole, which are nearly right from the start. When
the bound of the neighbourhood says that it holds nothing better it is left at once; else the lines that are now known are
combined by branch and bound (large-neighbourhood search: Shaw, CP 1998; with columns: Legrain, Omer, Rosat, Computers &
Operations Research 2017). A random choice of people is hard to beat, so it is one of three kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from roster.personal.columns import DUAL, Master
from roster.personal.generation import generate
from roster.personal.pricing import Pricer, Window
from roster.personal.question import OFF, Floats, Ints, Question

COMBINE_SECONDS = 3.0
"""Time for combining the lines of one neighbourhood."""

SLOW_SECONDS = 2.5
"""A neighbourhood that takes longer is too large."""

NOTICEABLE = 1e-6


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


def marginal_prices(question: Question, cover: Ints, associate: int) -> Floats:
    """Return what one more head on each day in each shift costs an associate, shape (days, shifts)."""
    heads = np.where(cover < question.required, -question.under_weights, question.over_weights)
    return np.asarray(question.shift_costs[associate] + heads)


def explore(
    question: Question,
    pricer: Pricer,
    lines: Ints,
    where: Neighbourhood,
    prices: Floats | None,
    seconds_left: Callable[[], float],
) -> Outcome:
    """Look for a better roster in a neighbourhood of `lines`."""
    rest = lines.copy()
    rest[list(where.people)] = OFF
    master = Master(question, where.people, question.cover_of(rest), where.window)
    for person in where.people:
        master.add(person, lines[person])
    kept = {person: _kept_cost(question, person, lines[person], where.window) for person in where.people}
    now = master.cost_of([lines[person] for person in where.people])

    def ask(person: int, at: Floats) -> tuple[Ints | None, float]:
        priced = pricer.best(person, at, where.window, lines[person])
        return priced.line, priced.bound + kept[person]

    for found in generate(master, ask, seconds_left, start=prices):
        if found.bound > now - question.step + 1e-3:
            return Outcome(None, exhausted=True)
    better = combine(master, now, min(COMBINE_SECONDS, seconds_left()))
    if better is None:
        return Outcome(None, exhausted=False)
    rest[list(where.people)] = better
    return Outcome(rest, exhausted=False)


def _kept_cost(question: Question, person: int, line: Ints, window: Window) -> float:
    """Return what the days outside a window add to the cost of a line."""
    days = np.flatnonzero(line >= 0)
    days = days[(days < window.first) | (days >= window.last)]
    return float(question.shift_costs[person, days, line[days]].sum())


def combine(master: Master, now: float, seconds: float) -> Ints | None:
    """Return the best lines of the known columns, in the order of the people, where they cost less than `now`."""
    programme, count = master.programme, len(master.columns)
    if seconds <= 0:
        return None
    programme.changeColsIntegrality(
        count, np.arange(master.first_column, master.first_column + count, dtype=np.int32), np.full(count, 1, dtype=np.uint8)
    )
    programme.setOptionValue("simplex_strategy", DUAL)
    programme.setOptionValue("presolve", "choose")
    programme.setOptionValue("mip_rel_gap", 0.0)
    programme.setOptionValue("mip_abs_gap", master.question.step * 0.99)
    programme.setOptionValue("time_limit", programme.getRunTime() + seconds)
    programme.run()
    feasible = programme.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not feasible or master.objective > now - NOTICEABLE:
        return None
    chosen = {master.columns[number].associate: master.columns[number].line for number in np.flatnonzero(master.shares() > 0.5)}
    return np.array([chosen[person] for person in master.people])


class Chooser:
    """Chooses neighbourhoods: people by chance, people around a day with a cost, people who could swap a request.

    Parameters
    ----------
    size
        People in a neighbourhood; grows while neighbourhoods are exhausted, shrinks when they take too long.
    """

    def __init__(self, question: Question, random: np.random.Generator, weeks: int) -> None:
        self._question, self._random, self._weeks = question, random, weeks
        self.size = 4.0

    def learn(self, outcome: Outcome, seconds: float) -> None:
        """Ask for more people where neighbourhoods hold nothing better, for fewer where they are too much to look through."""
        if outcome.exhausted and seconds < SLOW_SECONDS:
            self.size += 0.15
        elif seconds > SLOW_SECONDS:
            self.size = max(2.0, self.size * 0.93)

    def choose(self, lines: Ints) -> Neighbourhood:
        """Return the next neighbourhood."""
        question, random = self._question, self._random
        count = int(min(question.people, max(2, round(self.size))))
        window = self._window(lines)
        kind = random.integers(3)
        weights = np.ones(question.people)
        if kind == 1:
            weights += 5 * self._could_help(lines, window)
        elif kind == 2:
            refused = self._refusals(lines)[:, window.first : window.last].sum(axis=1)
            weights += refused * 5 / max(1.0, float(refused.max()))
        people = random.choice(question.people, count, replace=False, p=weights / weights.sum())
        return Neighbourhood(tuple(int(person) for person in sorted(people)), window)

    def _window(self, lines: Ints) -> Window:
        """Return a window of whole weeks; one that costs more is more likely."""
        days = self._question.days
        length = 7 * self._weeks
        if days <= length:
            return Window(0, days)
        starts = np.arange(0, days - length + 7, 7)
        costs = self._day_costs(lines)
        weights = np.array([costs[start : start + length].sum() for start in starts]) + costs.mean() + 1e-9
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
