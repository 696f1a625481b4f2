"""A dive from the fractions of the master programme to one line for everybody.

The programme says how much of each associate's day goes to each shift and to a day off. What is nearly whole is fixed, lines that
hold something else there are closed, lines that keep what is fixed are asked for at the new prices, and so on until everybody has
one line. Fixing days in place of whole lines leaves the rest of a line open (diving: Sadykov et al., INFORMS Journal on Computing
31(2), 2019; fixing days: Strandmark, Qu, Curtois, Computers & Operations Research 2020).
Of everybody one line that is taken is a guide: only what it holds is fixed, so that everybody always has a line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from roster.personal.columns import Master
from roster.personal.generation import generate
from roster.personal.pricing import Pricer
from roster.personal.question import Bools, Floats, Ints

SURE = 0.97
"""A day of which at least this share goes to one shift is fixed."""

STEPS = 100
"""At least one of so many parts of all days is fixed in a step."""

ROUNDS = 20
"""Most rounds of pricing after each fixing; a programme that is far from its bound would lead astray."""


class Dive:
    """A dive; the programme is of no further use afterwards.

    Parameters
    ----------
    most
        What the roster must cost less than; a dive whose programme costs more is given up.
    prices
        Prices of heads at which the programme was solved.
    """

    def __init__(self, master: Master, random: np.random.Generator, most: float, prices: Floats | None = None) -> None:
        self._master, self._random, self._most, self._prices = master, random, most, prices
        self._question = master.question
        self._pricer = Pricer(master.question)
        self._fixed: Bools = np.zeros((self._question.people, self._question.days), dtype=bool)
        self._closed: set[int] = set()
        self._guides: Ints = np.zeros(self._fixed.shape, dtype=np.int64)

    def run(self, seconds_left: Callable[[], float]) -> Ints | None:
        """Return a roster, ``None`` where it would be no better or time ran out."""
        while seconds_left() > 0 and self._master.objective < self._most - self._question.step / 2:
            self._fix()
            if self._fixed.all():
                return self._guides
            for found in generate(self._master, self._ask, seconds_left, start=self._prices, rounds=ROUNDS):
                self._prices = found.prices
            if not self._master.solve(max(0.0, seconds_left())):
                return None
        return None

    def _ask(self, person: int, prices: Floats) -> tuple[Ints | None, float]:
        """Return a cheapest line that keeps what is fixed, and its bound."""
        if self._fixed[person].all():
            line = self._guides[person]
            days = np.flatnonzero(line >= 0)
            return line, float(prices[days, line[days]].sum())
        priced = self._pricer.best(person, prices)
        return priced.line, priced.bound

    def _fix(self) -> None:
        """Fix the days that are surest as the line that guides an associate has them."""
        self._guides, shares = self._choose_guides()
        guides = self._guides
        # Ties fall by chance: to fix all days of which a half is sure would be a leap.
        shares = np.where(self._fixed, 0.0, shares + 1e-3 * self._random.random(shares.shape))
        fewest = min(-(-shares.size // STEPS), int((~self._fixed).sum()))
        surest = np.partition(shares, shares.size - fewest, axis=None)[shares.size - fewest]
        new = ~self._fixed & (shares >= min(SURE, surest))
        for person, day in np.argwhere(new):
            known = self._pricer.people[person]
            keeps = np.arange(self._question.shifts) == guides[person, day]
            known.possible[day] &= keeps
            known.resting[day] &= guides[person, day] < 0
        self._fixed |= new
        for number, column in enumerate(self._master.columns):
            days = self._fixed[column.associate]
            if number not in self._closed and (column.line[days] != guides[column.associate, days]).any():
                self._master.close(number)
                self._closed.add(number)

    def _choose_guides(self) -> tuple[Ints, Floats]:
        """Return for everybody the line that agrees most with all that are taken, and how much of each day agrees with it."""
        question = self._question
        taken = self._master.shares()
        given = np.zeros((question.people, question.days, question.shifts + 1))
        days, numbers = np.arange(question.days), np.flatnonzero(taken > 1e-6)
        for number in numbers:
            column = self._master.columns[number]
            given[column.associate, days, column.line] += taken[number]
        guides, best = np.zeros((question.people, question.days), dtype=np.int64), np.full(question.people, -1.0)
        for number in numbers:
            column = self._master.columns[number]
            agrees = given[column.associate, days, column.line].sum() + 1e-3 * self._random.random()
            if agrees > best[column.associate]:
                best[column.associate], guides[column.associate] = agrees, column.line
        return guides, given[np.arange(question.people)[:, None], days, guides]
