"""A dive from the fractions of the master programme to one line for everybody.

The programme says how much of each associate's day goes to each shift and to a day off. What is nearly whole is fixed, lines that
hold something else there are closed, lines that keep what is fixed are asked for at the new prices, and so on until everybody has
one line. Fixing days in place of whole lines leaves the rest of a line open (diving: Sadykov et al., INFORMS Journal on Computing
31(2), 2019; fixing days: Strandmark, Qu, Curtois, Computers & Operations Research 2020).
Of everybody one line that is taken is a guide: only what it holds is fixed, so that everybody always has a line.

Shifts in which heads are scarce, whose price is high, are fixed first: as long as all others are open there is room to make them
whole; left to the end, they cost whole heads.

A step that makes the programme dearer is undone, which its bound mostly tells early, and only the surest day is fixed. Where that
is dear as well, this day may hold anything else instead (one step of branching: Achterberg, Koch, Martin, OR Letters 33(1),
2005). Where both are dear, the prices then tell which heads are scarce as well, and all that was not scarce is opened again; the
dive goes on the cheaper way where they tell nothing new.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from roster.personal.columns import Master
from roster.personal.generation import generate
from roster.personal.pricing import Pricer, Window
from roster.personal.question import OFF, Bools, Floats, Ints

SCARCE = 0.3
"""Heads are scarce where their price is at least this part of the dearest head too few."""

SURE = 0.97
"""A day of which at least this share goes to one shift is fixed."""

LIKELY, STEPS = 0.6, 100
"""One of so many parts of all days is fixed in a step as long as at least this share of each goes to one shift, else one day."""

DEAR = 0.001
"""A step that makes the programme dearer by more than this part is undone."""

NEAR = 0.0003
"""How near to its bound, as a part of it, the programme is brought after each step."""

OPENINGS = 6
"""Most times that what is not scarce is opened again."""


class Dive:
    """A dive for the people of a programme.

    Parameters
    ----------
    lines
        The roster that is to be made better, shape (associates, days); days out of the window keep what it holds.
    prices
        Prices of heads at which the programme was solved, where it was.
    """

    def __init__(
        self, master: Master, lines: Ints, window: Window, random: np.random.Generator, prices: Floats | None = None
    ) -> None:
        self._master, self._lines, self._window, self._random, self._prices = master, lines, window, random, prices
        self._question = master.question
        self._pricer = Pricer(master.question)
        self._most = master.cost_of(lines[list(master.people)])
        self._unfixed = self._open(lines, window)
        self._allowed, self._tried = self._unfixed, prices
        self._width: float | None = None
        self._scarce: Bools = np.zeros(self._question.required.shape, dtype=bool)
        self._fixed_scarce: Bools = np.zeros(lines.shape, dtype=bool)
        self._openings = OPENINGS
        self._guides, self._shares = lines, np.zeros(lines.shape)
        self._most_fixed = self._fewest = -(-int(self._opened.sum()) // STEPS)

    def _open(self, lines: Ints, window: Window) -> Bools:
        """Return what each day may hold, shape (associates, days, shifts + 1): a day off is the last, as its number is -1."""
        rows, days = np.indices(lines.shape)
        allowed = np.zeros((*lines.shape, self._question.shifts + 1), dtype=bool)
        allowed[rows, days, lines] = True
        for person in self._master.people:
            known = self._pricer.people[person]
            allowed[person, window.first : window.last] = np.column_stack([known.possible, known.resting])[
                window.first : window.last
            ]
        return allowed

    @property
    def _opened(self) -> Bools:
        """Whether a day may still hold more than one thing, shape (associates, days)."""
        return np.asarray(self._allowed.sum(axis=2) > 1)

    def roster(self, seconds_left: Callable[[], float]) -> Ints | None:
        """Return a roster, ``None`` where it would be no better or time ran out."""
        value, step = self._restrict(self._unfixed, math.inf, seconds_left), self._question.step
        self._mark_scarce()
        self._choose_guides()
        while seconds_left() > 0 and value < self._most - step / 2:
            cells = surest_cells(self._shares, self._opened, self._guides_scarce, self._fewest, self._random)
            if not len(cells) or self._master.cost_of(self._guides[list(self._master.people)]) < value + step / 2:
                return self._guides
            value = self._fix(cells, value, seconds_left)
        return None

    def _fix(self, cells: Ints, value: float, seconds_left: Callable[[], float]) -> float:
        """Fix cells where that is not dear, or see to fixing fewer; return what the programme costs then."""
        before, dear = self._allowed, value + max(self._question.step / 2, DEAR * abs(value))
        fixed = self._restrict(self._with(before, cells, only=True), dear, seconds_left)
        if fixed > dear and len(cells) > 1:
            self._allowed, self._fewest = before, 1
            return value
        if fixed > dear:
            fixed = self._branch(before, cells, fixed, dear, seconds_left)
        else:
            rows, days = cells.T
            self._fixed_scarce[rows, days] |= self._guides_scarce[rows, days]
        self._fewest = min(self._most_fixed, 2 * self._fewest)
        self._choose_guides()
        return fixed

    def _branch(self, before: Bools, cells: Ints, fixed: float, dear: float, seconds_left: Callable[[], float]) -> float:
        """Let a cell that is dear to fix hold anything else, or open what is not scarce, or go the cheaper way."""
        news = self._mark_scarce()
        otherwise = self._restrict(self._with(before, cells, only=False), dear, seconds_left)
        if otherwise <= dear:
            return otherwise
        news = self._mark_scarce() or news
        if news and self._openings > 0:
            self._openings -= 1
            return self._restrict(np.where(self._fixed_scarce[:, :, None], before, self._unfixed), math.inf, seconds_left)
        return self._restrict(self._with(before, cells, only=fixed <= otherwise), math.inf, seconds_left)

    def _with(self, allowed: Bools, cells: Ints, *, only: bool) -> Bools:
        """Return what is allowed when cells hold what their guides have there, or anything else."""
        rows, days = cells.T
        changed = allowed.copy()
        if only:
            changed[rows, days] = False
        changed[rows, days, self._guides[rows, days]] = only
        return changed

    def _restrict(self, allowed: Bools, most: float, seconds_left: Callable[[], float]) -> float:
        """Let lines hold only what is allowed, ask for such lines, and return what the programme costs, infinite without one.

        As soon as a bound is above `most`, that is returned.
        """
        self._allowed = allowed
        for person in self._master.people:
            known, days = self._pricer.people[person], allowed[person]
            known.possible, known.resting = days[:, :OFF], days[:, OFF]
        self._master.keep(allowed)
        for found in generate(self._master, self._ask, seconds_left, start=self._prices, width=self._width, near=NEAR):
            self._tried = found.prices
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
        priced = self._pricer.best(person, prices, self._window, self._lines[person])
        return priced.line, priced.bound + self._kept_cost(person, prices)

    def _kept_cost(self, person: int, prices: Floats) -> float:
        """Return what days out of the window add to the cost of a line."""
        line = self._lines[person].copy()
        line[self._window.first : self._window.last] = OFF
        days = np.flatnonzero(line >= 0)
        return float(prices[days, line[days]].sum())

    def _mark_scarce(self) -> bool:
        """Mark the heads that are scarce at the last prices, and say whether any were not marked before."""
        before = self._scarce
        if self._tried is not None:
            self._scarce = before | (np.abs(self._tried) >= SCARCE * self._question.under_weights.max(initial=0.0))
        return bool((self._scarce & ~before).any())

    @property
    def _guides_scarce(self) -> Bools:
        """Whether guides hold a shift whose heads are scarce, shape (associates, days)."""
        return np.asarray((self._guides >= 0) & self._scarce[np.arange(self._question.days), self._guides])

    def _choose_guides(self) -> None:
        """Choose for everybody the line that agrees most with all that are taken, and keep how much of each day agrees."""
        question = self._question
        taken = self._master.shares()
        given = np.zeros((question.people, question.days, question.shifts + 1))
        days, numbers = np.arange(question.days), np.flatnonzero(taken > 1e-6)
        for number in numbers:
            column = self._master.columns[number]
            given[column.associate, days, column.line] += taken[number]
        guides, best = self._lines.copy(), np.full(question.people, -1.0)
        for number in numbers:
            column = self._master.columns[number]
            agrees = given[column.associate, days, column.line].sum() + 1e-3 * self._random.random()
            if agrees > best[column.associate]:
                best[column.associate], guides[column.associate] = agrees, column.line
        self._guides, self._shares = guides, given[np.arange(question.people)[:, None], days, guides]


def surest_cells(shares: Floats, opened: Bools, scarce: Bools, fewest: int, random: np.random.Generator) -> Ints:
    """Return the cells to fix next: the surest, or `fewest` that are likely and all that are sure.

    Parameters
    ----------
    shares
        How much of each cell agrees with its guide, shape (associates, days).
    opened
        Whether a cell is not fixed.
    scarce
        Whether its guide holds a shift whose heads are scarce; as long as such cells are open no other is fixed.

    Returns
    -------
    Rows and days, shape (cells, 2); none where nothing is open.
    """
    opened = opened & scarce if (opened & scarce).any() else opened
    # Ties fall by chance: to fix all days of which a half is sure would be a leap.
    shares = np.where(opened, shares + 1e-3 * random.random(opened.shape), 0.0)
    surest = np.sort(shares[opened])[::-1][:fewest]
    if not len(surest):
        return np.zeros((0, 2), dtype=np.int64)
    least = surest[0] if fewest == 1 else min(SURE, surest[0], max(LIKELY, surest[-1]))
    return np.argwhere(opened & (shares >= least))
