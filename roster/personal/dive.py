"""A dive from the fractions of the master programme to one line for everybody.

The programme says how much of each associate's day goes to each shift and to a day off. What is nearly whole is fixed, lines that
hold something else there are closed, lines that keep what is fixed are asked for at the new prices, and so on until everybody has
one line. Fixing days in place of whole lines leaves the rest of a line open (diving: Sadykov et al., INFORMS Journal on Computing
31(2), 2019; fixing days: Strandmark, Qu, Curtois, Computers & Operations Research 2020).
Of everybody one line that is taken is a guide: only what it holds is fixed, so that everybody always has a line.

A step that makes the programme dearer is undone, which its bound mostly tells early, and only the surest day is fixed. Where that
is dear as well, this day may hold anything else instead (one step of branching: Achterberg, Koch, Martin, OR Letters 33(1),
2005). Where both are dear for the first time, the known lines that keep what is fixed are combined by branch and bound; the dive
goes on the cheaper way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from roster.personal.columns import Master
from roster.personal.generation import generate
from roster.personal.pricing import Pricer
from roster.personal.question import OFF, Bools, Floats, Ints

SURE = 0.97
"""A day of which at least this share goes to one shift is fixed."""

LIKELY, STEPS = 0.6, 100
"""One of so many parts of all days is fixed in a step as long as at least this share of each goes to one shift, else one day."""

DEAR = 0.001
"""A step that makes the programme dearer by more than this part is undone."""

NEAR = 0.0003
"""How near to its bound, as a part of it, the programme is brought after each step."""

DIVING_SHARE = 0.65
"""Share of the time that is left within which a dive ends."""

COMBINE_SHARE, COMBINE_SECONDS = 0.2, 45.0
"""Share of the time that is left, and most seconds, for combining known lines."""


class Dive:
    """A dive.

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
        people = self._pricer.people
        # What each day may hold, shape (associates, days, shifts + 1): a day off is the last, as its number is -1.
        self._allowed: Bools = np.stack([np.column_stack([one.possible, one.resting]) for one in people])
        self._width: float | None = None

    def rosters(self, seconds_left: Callable[[], float]) -> Iterator[Ints]:
        """Yield one or two rosters, none where they would be no better or time ran out."""
        value = self._restrict(self._allowed, math.inf, seconds_left)
        guides, shares = self._choose_guides()
        most_fixed = fewest = -(-shares.size // STEPS)
        late, combined = (1 - DIVING_SHARE) * seconds_left(), False
        while late < seconds_left() and value < self._most - self._question.step / 2:
            before, cells = self._allowed, self._surest(shares, fewest)
            if not len(cells) or self._question.objective(guides) < value + self._question.step / 2:
                yield guides
                return
            dear = value + max(self._question.step / 2, DEAR * abs(value))
            after = self._restrict(self._with(before, cells, guides, only=True), dear, seconds_left)
            if after > dear and len(cells) > 1:
                self._allowed, fewest = before, 1
                continue
            if after > dear:
                otherwise = self._restrict(self._with(before, cells, guides, only=False), dear, seconds_left)
                if otherwise > dear and not combined:
                    self._allowed, combined = before, True
                    yield from self._combine(seconds_left)
                if otherwise > dear:
                    cheaper = self._with(before, cells, guides, only=after <= otherwise)
                    otherwise = self._restrict(cheaper, math.inf, seconds_left)
                after = otherwise
            value, fewest = after, min(most_fixed, 2 * fewest)
            guides, shares = self._choose_guides()
        if value < self._most - self._question.step / 2:
            yield from self._combine(seconds_left)

    def _combine(self, seconds_left: Callable[[], float]) -> Iterator[Ints]:
        """Yield the best roster of the known lines that keep what is fixed, where one was found."""
        self._master.keep(self._allowed)
        combined = self._master.combine(min(COMBINE_SECONDS, COMBINE_SHARE * seconds_left()))
        if combined is not None:
            self._most = min(self._most, self._question.objective(combined))
            yield combined

    def _with(self, allowed: Bools, cells: Ints, guides: Ints, *, only: bool) -> Bools:
        """Return what is allowed when cells hold what their guides have there, or anything else."""
        rows, days = cells.T
        changed = allowed.copy()
        if only:
            changed[rows, days] = False
        changed[rows, days, guides[rows, days]] = only
        return changed

    def _restrict(self, allowed: Bools, most: float, seconds_left: Callable[[], float]) -> float:
        """Let lines hold only what is allowed, ask for such lines, and return what the programme costs, infinite without one.

        As soon as a bound is above `most`, that is returned.
        """
        self._allowed = allowed
        for known, days in zip(self._pricer.people, allowed, strict=True):
            known.possible, known.resting = days[:, :OFF], days[:, OFF]
        self._master.keep(allowed)
        for found in generate(self._master, self._ask, seconds_left, start=self._prices, width=self._width, near=NEAR):
            if found.bound > most:
                return found.bound
            if math.isfinite(found.bound):
                self._prices, self._width = found.prices, found.width
        return self._master.objective if self._master.solve(max(0.0, seconds_left())) else math.inf

    def _ask(self, person: int, prices: Floats) -> tuple[Ints | None, float]:
        """Return a cheapest line of what is allowed, and its bound."""
        allowed = self._allowed[person]
        if (allowed.sum(axis=1) == 1).all():
            line = np.where(allowed[:, OFF], OFF, allowed.argmax(axis=1))
            days = np.flatnonzero(line >= 0)
            return line, float(prices[days, line[days]].sum())
        priced = self._pricer.best(person, prices)
        return priced.line, priced.bound

    def _surest(self, shares: Floats, fewest: int) -> Ints:
        """Return the cells that are surest of those not fixed: one, or `fewest` that are likely, and all that are sure."""
        opened = self._allowed.sum(axis=2) > 1
        # Ties fall by chance: to fix all days of which a half is sure would be a leap.
        shares = np.where(opened, shares + 1e-3 * self._random.random(shares.shape), 0.0)
        surest = np.sort(shares[opened])[::-1][:fewest]
        if not len(surest):
            return np.zeros((0, 2), dtype=np.int64)
        least = surest[0] if fewest == 1 else min(SURE, surest[0], max(LIKELY, surest[-1]))
        return np.argwhere(opened & (shares >= least))

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
