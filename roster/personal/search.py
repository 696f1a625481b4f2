"""What one worker does: bound and dive where it leads, then neighbourhoods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time

import numpy as np

from roster.personal.columns import Master, generate
from roster.personal.dive import dive
from roster.personal.neighbourhood import Chooser, explore, marginal_prices
from roster.personal.pricing import Pricer, Window
from roster.personal.question import OFF, Floats, Ints, Question
from roster.personal.relaxation import bound_at

WHOLE_DAYS = 100
"""Horizons of at most so many days are asked for whole; longer ones in windows."""

WINDOW_WEEKS = 4

ENOUGH = 0.005
"""Rounds of better lines beside the others end when one gains less than this part of the objective."""

TOLD_AFTER = 10
"""People who get a line before the others hear of it; a round of a long horizon may take longer than there is time."""

BAND = 12
"""Units of minutes that a first line of a long horizon may be away from an even spread."""

BOUND_SHARE = 0.5
"""Share of the time for the prices of all windows of a long horizon."""


@dataclass(frozen=True)
class Post:
    """What workers tell each other: a roster with its objective, a bound, prices of heads."""

    lines: Ints | None = None
    objective: float = math.inf
    bound: float = -math.inf
    prices: Floats | None = None


def first_roster(question: Question, seed: int, seconds_left: Callable[[], float]) -> Ints | None:
    """Return a legal roster: everybody in a random order gets the cheapest line beside those who have one.

    Returns
    -------
    Lines of shape (associates, days), ``None`` when time ran out before everybody had one.

    Raises
    ------
    ValueError
        If an associate has no legal line; the message names them.
    """
    random = np.random.default_rng(seed)
    bands = (None,) * 3 if question.days <= WHOLE_DAYS else (BAND, 2 * BAND, 4 * BAND)
    pricers = [Pricer(question, band) for band in bands]
    lines = np.full((question.people, question.days), OFF)
    cover = question.cover_of(lines)
    for person in random.permutation(question.people):
        prices = marginal_prices(question, cover, person)
        quick = (line for pricer in pricers if (line := pricer.quick(person, prices)) is not None)
        found = next(quick, None) if seconds_left() > 0 else None
        # Where shifts of a type are so few that no quick line keeps the terms, one that counts them may.
        found = pricers[-1].best(person, prices).line if found is None and seconds_left() > 0 else found
        if seconds_left() <= 0:
            return None
        if found is None:
            raise ValueError(f"No line keeps the terms of {question.names[person]}; loosen minutes, runs, weekends or days off.")
        lines[person] = found
        days = np.flatnonzero(found >= 0)
        cover[days, found[days]] += 1
    return lines


def _price(line: Ints, prices: Floats) -> float:
    """Return what a line costs at prices."""
    worked = np.flatnonzero(line >= 0)
    return float(prices[worked, line[worked]].sum())


class Search:
    """The work of one worker on a question.

    Parameters
    ----------
    leads
        Whether this worker begins with the bound.
    news
        Returns what another worker has found since, or ``None``.
    """

    def __init__(
        self,
        question: Question,
        seed: int,
        seconds_left: Callable[[], float],
        *,
        leads: bool,
        news: Callable[[], Post | None] = lambda: None,
    ) -> None:
        self._question, self._seconds_left, self._leads, self._news = question, seconds_left, leads, news
        self._random = np.random.default_rng(seed)
        self._pricer = Pricer(question)
        self._prices: Floats | None = None
        self._lines = np.full((question.people, question.days), OFF)
        self._objective, self._bound = math.inf, -math.inf
        self._long = question.days > WHOLE_DAYS

    def posts(self, lines: Ints) -> Iterator[Post]:
        """Yield better rosters and bounds, beginning with `lines`, until time is up."""
        self._lines, self._objective = lines.copy(), self._question.objective(lines)
        yield Post(self._lines, self._objective)
        if self._leads and self._long:
            # A bound that needs no programme: heads are worth nothing, the terms and requests of everybody are.
            yield Post(bound=bound_at(self._pricer, np.zeros(self._question.required.shape), self._seconds_left))
        else:
            yield from self._sweeps()
        if self._leads:
            yield from self._lead_long() if self._long else self._lead()
        yield from self._neighbourhoods()

    def _sweeps(self) -> Iterator[Post]:
        """Give everybody in turn a better line beside the others, until that gains little."""
        question = self._question
        pricer = Pricer(question, BAND if self._long else None)
        lines, cover, before = self._lines.copy(), question.cover_of(self._lines), math.inf
        while self._seconds_left() > 0 and self._objective < before - ENOUGH * abs(self._objective):
            before = self._objective
            for number, person in enumerate(self._random.permutation(question.people), start=1):
                cover -= question.cover_of(lines[[person]])
                prices = marginal_prices(question, cover, person)
                found = pricer.quick(person, prices)
                if found is not None and _price(found, prices) < _price(lines[person], prices):
                    lines[person] = found
                cover += question.cover_of(lines[[person]])
                if self._seconds_left() <= 0:
                    break
                if number % TOLD_AFTER == 0:
                    yield from self._take(lines.copy())
            yield from self._take(lines.copy())

    def _lead(self) -> Iterator[Post]:
        """Bound the whole question by its master programme, and dive."""
        master = Master(self._question, range(self._question.people))
        for person, line in enumerate(self._lines):
            master.add(person, line)
        for found in generate(master, self._ask, self._seconds_left):
            if found.bound > self._bound:
                self._prices, self._bound = found.prices, found.bound
                yield Post(bound=found.bound, prices=found.prices)
        if master.solve(max(0.0, self._seconds_left())):
            yield from self._take(dive(master, self._ask, self._lines, self._random, self._seconds_left))

    def _ask(self, person: int, prices: Floats) -> tuple[Ints | None, float]:
        """Return a cheapest line over all days and its bound."""
        priced = self._pricer.best(person, prices)
        return priced.line, priced.bound

    def _lead_long(self) -> Iterator[Post]:
        """Go through the windows of a long horizon with everybody in each: prices for the bound, and a dive."""
        question = self._question
        length = 7 * WINDOW_WEEKS
        windows = [Window(first, min(first + length, question.days)) for first in range(0, question.days, length)]
        worth, known = np.zeros(question.required.shape), np.zeros(question.days, dtype=bool)
        budget = self._seconds_left() * BOUND_SHARE / len(windows)
        for number, window in enumerate(windows, start=1):
            self._hear()
            prices, lines = self._window_of_all(window, self._part_of_time(budget))
            if prices is not None:
                worth[window.first : window.last] = prices[window.first : window.last]
                known[window.first : window.last] = True
                for day in np.flatnonzero(~known):
                    worth[day] = worth[day % length if known[day % length] else day]
                self._prices = worth.copy()
            yield from self._take(lines)
            if self._seconds_left() <= 0:
                return
            weighed = number in {len(windows), (len(windows) + 1) // 2}
            bound = bound_at(self._pricer, worth, self._seconds_left) if weighed else -math.inf
            yield Post(bound=bound, prices=self._prices)

    def _part_of_time(self, seconds: float) -> Callable[[], float]:
        """Return what is left of some seconds from now on."""
        until = self._seconds_left() - seconds
        return lambda: self._seconds_left() - until

    def _window_of_all(self, window: Window, seconds_left: Callable[[], float]) -> tuple[Floats | None, Ints | None]:
        """Return prices of a window in which everybody may change, and a roster from a dive."""
        question, lines = self._question, self._lines.copy()
        master = Master(question, range(question.people), None, window)
        for person, line in enumerate(lines):
            master.add(person, line)

        def ask(person: int, prices: Floats) -> tuple[Ints | None, float]:
            priced = self._pricer.best(person, prices, window, lines[person])
            return priced.line, priced.bound

        prices = None
        enough = 0.4 * seconds_left()
        for found in generate(master, ask, lambda: seconds_left() - enough, start=self._prices):
            prices = found.prices
        if not master.solve(max(1.0, seconds_left())):
            return prices, None
        return prices, dive(master, ask, lines, self._random, seconds_left)

    def _neighbourhoods(self) -> Iterator[Post]:
        """Improve the roster a neighbourhood at a time."""
        chooser = Chooser(self._question, self._random, WINDOW_WEEKS if self._long else 53)
        while self._seconds_left() > 0:
            self._hear()
            began = process_time()
            where = chooser.choose(self._lines)
            outcome = explore(self._question, self._pricer, self._lines, where, self._prices, self._seconds_left)
            if self._seconds_left() > 0:
                chooser.learn(outcome, process_time() - began)
            yield from self._take(outcome.lines)

    def _take(self, lines: Ints | None) -> Iterator[Post]:
        """Keep a roster that is better, and tell of it."""
        if lines is None:
            return
        objective = self._question.objective(lines)
        if objective < self._objective - 1e-6:
            self._lines, self._objective = lines, objective
            yield Post(lines, objective)

    def _hear(self) -> None:
        """Take what other workers found."""
        while (post := self._news()) is not None:
            if post.lines is not None and post.objective < self._objective:
                self._lines, self._objective = post.lines, post.objective
            if post.prices is not None:
                self._prices = post.prices
