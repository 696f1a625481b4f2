"""What one worker does: annealing, beside the bound and dives where it leads, then neighbourhoods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from roster.personal.annealing import anneal
from roster.personal.ascent import Ascent
from roster.personal.check import line_faults
from roster.personal.choice import WEEK, Chooser, Neighbourhood, Outcome
from roster.personal.columns import Master
from roster.personal.dive import Dive
from roster.personal.exact import explore_exactly
from roster.personal.generation import generate
from roster.personal.neighbourhood import explore, marginal_prices
from roster.personal.pricing import Pricer
from roster.personal.question import OFF, Floats, Ints, Question
from roster.personal.ways import Way, Ways

WHOLE_DAYS = 100
"""Lines and the bound of horizons of at most so many days are asked for whole."""

COLUMN_WEEKS = 4, 8
"""Weeks of windows of columns: the first alone where the horizon is long, else both beside whole lines."""

COLUMNS_SECONDS = 2.5
"""Neighbourhoods of columns that take longer become smaller."""

EXACT_WEEKS, EXACT_SIZE, EXACT_SECONDS = (1, 2, 4), 16.0, 1.5
"""Weeks of windows of CP-SAT, first size of a neighbourhood in weeks of people, and seconds beyond which it becomes smaller."""

NEAR = 0.05
"""Where another worker has a better roster that is this near to the bound, annealing ends."""

LEADING_SHARE, LEADING_SECONDS = 0.05, 15.0
"""Share of the time, and most seconds, in which the worker that leads anneals: a good roster is a start for the programme."""

DIVING_SHARE = 0.65
"""Share of the time that is left within which a dive into the whole programme ends."""

DIVE_WEEKS, DIVE_SECONDS = (2, 4), 90.0
"""Weeks of windows that everybody dives in together, and seconds beyond which fewer people do."""

DIVES = 3
"""Most dives into the whole programme, as long as they find something better; lines that one finds are known to the next."""

ANNEALED, ANNEALED_LONG = 0.4, 0.25
"""Share of the time in which a worker that does not lead anneals, and in which both anneal a long horizon."""

BAND = 12
"""Units of minutes that a first line of a long horizon may be away from an even spread."""

ASCENT_SHARE, ASCENT_SECONDS = 0.05, 5.0
"""Share of the time, and most seconds, in which prices climb that are a start for the programme of a shorter horizon."""

BOUND_SHARE = 0.12
"""Share of the time for the bound of a long horizon."""


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
        if found is None and seconds_left() > 0:
            # Where shifts of a type are so few that no quick line keeps the terms, one that counts them may.
            found = pricers[-1].best(person, prices, seconds_left=seconds_left).line
        if seconds_left() <= 0:
            return None
        if found is None:
            raise ValueError(f"No line keeps the terms of {question.names[person]}; loosen minutes, runs, weekends or days off.")
        lines[person] = found
        days = np.flatnonzero(found >= 0)
        cover[days, found[days]] += 1
    return lines


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
        if self._leads:
            yield from self._lead_long() if self._long else self._lead()
        else:
            yield from self._anneal(ANNEALED_LONG if self._long else ANNEALED)
        yield from self._neighbourhoods()

    def _anneal(self, share: float, most_seconds: float = math.inf) -> Iterator[Post]:
        """Anneal for a share of the time that is left, or until another worker has a better roster near the bound."""
        part = self._part_of_time(min(most_seconds, share * self._seconds_left()))
        own = math.inf

        def until() -> float:
            self._hear()
            near = self._objective - self._bound < NEAR * abs(self._objective)
            return 0.0 if near and self._objective < own - 1e-6 else part()

        for lines, cost in anneal(self._question, self._lines, int(self._random.integers(2**31)), until):
            own = cost
            yield from self._take(lines)

    def _lead(self) -> Iterator[Post]:
        """Bound the whole question by its master programme, and dive into it a few times."""
        yield from self._anneal(LEADING_SHARE, LEADING_SECONDS)
        yield from self._climb(min(ASCENT_SECONDS, ASCENT_SHARE * self._seconds_left()))
        yield Post(bound=self._bound, prices=self._prices)
        master = Master(self._question, range(self._question.people))
        for person, line in enumerate(self._lines):
            master.add(person, line)
        for found in generate(master, self._ask, self._seconds_left, start=self._prices):
            if found.bound > self._bound:
                self._prices, self._bound = found.prices, found.bound
                yield Post(bound=found.bound, prices=found.prices)
        for _ in range(DIVES):
            self._hear()
            before = self._objective
            dive = Dive(master, self._lines, self._pricer.whole, self._random, self._prices)
            yield from self._take(dive.roster(self._part_of_time(DIVING_SHARE * self._seconds_left())))
            if self._objective == before:
                break

    def _ask(self, person: int, prices: Floats) -> tuple[Ints | None, float]:
        """Return a cheapest line over all days and its bound."""
        priced = self._pricer.best(person, prices)
        return priced.line, priced.bound

    def _lead_long(self) -> Iterator[Post]:
        """Bound a long horizon without its programme, then anneal as well."""
        yield from self._climb(BOUND_SHARE * self._seconds_left())
        # In a window minutes are nearly given, so that heads have other prices there.
        self._prices = None
        yield from self._anneal(ANNEALED_LONG)

    def _climb(self, seconds: float) -> Iterator[Post]:
        """Let prices climb for some seconds."""
        for bound, prices in Ascent(self._question).climb(self._part_of_time(seconds)):
            if bound > self._bound:
                self._bound, self._prices = bound, prices
                yield Post(bound=bound)

    def _part_of_time(self, seconds: float) -> Callable[[], float]:
        """Return what is left of some seconds from now on."""
        until = self._seconds_left() - seconds
        return lambda: self._seconds_left() - until

    def _neighbourhoods(self) -> Iterator[Post]:
        """Improve the roster a neighbourhood at a time."""
        question, left = self._question, self._seconds_left
        in_all = -(-question.days // WEEK)
        windows = COLUMN_WEEKS[:1] if self._long else (*(weeks for weeks in COLUMN_WEEKS if weeks < in_all), in_all)
        dives = [weeks for weeks in DIVE_WEEKS if weeks < in_all]
        ways = Ways(question, [*map(self._columns_way, windows), *map(self._diving_way, dives), self._exact_way()])
        while left() > 0:
            self._hear()
            before, better = self._lines, ways.improve(self._lines, left)
            self._hear()
            if better is not None:
                yield from self._take(joined_changes(question, before, better, self._lines))
                yield from self._take(better)

    def _columns_way(self, weeks: int) -> Way:
        """Return neighbourhoods by column generation, in windows of so many weeks."""

        def by_columns(lines: Ints, where: Neighbourhood) -> Outcome:
            return explore(self._question, self._pricer, lines, where, self._prices, self._seconds_left)

        return Way(by_columns, Chooser(self._question, self._random, (weeks,), 4.0 * weeks, COLUMNS_SECONDS))

    def _diving_way(self, weeks: int) -> Way:
        """Return neighbourhoods of mostly everybody in windows of so many weeks, by a dive."""
        size = float(weeks * self._question.people)

        def by_dive(lines: Ints, where: Neighbourhood) -> Outcome:
            master = Master.around(self._question, lines, where.people, where.window)
            dive = Dive(master, lines, where.window, self._random, self._prices)
            return Outcome(dive.roster(self._seconds_left), exhausted=False)

        return Way(by_dive, Chooser(self._question, self._random, (weeks,), size, DIVE_SECONDS))

    def _exact_way(self) -> Way:
        """Return neighbourhoods by CP-SAT."""

        def by_model(lines: Ints, where: Neighbourhood) -> Outcome:
            return explore_exactly(self._question, lines, where, self._seconds_left(), int(self._random.integers(2**31)))

        return Way(by_model, Chooser(self._question, self._random, EXACT_WEEKS, EXACT_SIZE, EXACT_SECONDS))

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
            self._bound = max(self._bound, post.bound)
            if post.prices is not None:
                self._prices = post.prices


def joined_changes(question: Question, before: Ints, mine: Ints, theirs: Ints) -> Ints | None:
    """Return a roster with the changes of two workers, ``None`` where their lines together are not legal.

    Parameters
    ----------
    before
        The legal roster that one worker began with.
    mine, theirs
        The legal rosters that it and another have made; where both changed a cell, mine holds.
    """
    joined = np.where(mine == before, theirs, mine)
    for row in np.flatnonzero((joined != theirs).any(axis=1)):
        if next(line_faults(question, question.terms[row], joined[row].tolist()), None):
            return None
    return joined
