"""The master linear programme: how much of each known line everybody takes, so that requests and cover cost least.

minimise    sum cost(l) x(p, l) + sum under(d, s) u(d, s) + sum over(d, s) o(d, s)
subject to  sum over lines with shift s on day d of x(p, l) + u(d, s) - o(d, s) = required(d, s)     price pi(d, s)
            sum over lines of p of x(p, l) = 1                                                       price mu(p)

A line that is not known yet belongs in where its cost less its prices is below mu(p): that is a cheapest line of `pricing`
(Lübbecke and Desrosiers, Operations Research 53(6), 2005). How lines are asked for until none belongs in is told in `generation`.
Lines come one after the other, and each solution is a start for the next: a primal simplex goes on from the old basis.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np

from roster.personal.pricing import Window
from roster.personal.question import OFF, Bools, Floats, Ints, Question

DUAL, PRIMAL = 1, 4
"""Strategies of the simplex as HiGHS numbers them."""


@dataclass(frozen=True)
class Column:
    """A known line of an associate."""

    associate: int
    line: Ints
    cost: float


class Master:
    """The master programme of a question, with columns added as they are found.

    Parameters
    ----------
    people
        The associates whose lines are asked for.
    fixed_cover
        Heads that others bring, shape (days, shifts).
    window
        Days whose cover may change; cover of other days is left out.
    """

    def __init__(
        self, question: Question, people: Iterable[int], fixed_cover: Ints | None = None, window: Window | None = None
    ) -> None:
        self.question, self.people = question, tuple(people)
        self._row_of = {person: row for row, person in enumerate(self.people)}
        heads = question.required - (0 if fixed_cover is None else fixed_cover)
        self.weighted: Bools = (question.under_weights > 0) | (question.over_weights > 0)
        if window is not None:
            self.weighted[: window.first] = False
            self.weighted[window.last :] = False
        self._cover_row = np.full(heads.shape, -1)
        self._cover_row[self.weighted] = len(self.people) + np.arange(int(self.weighted.sum()))
        self.heads = heads
        self.columns: list[Column] = []
        self._known: set[tuple[int, bytes]] = set()
        self.programme = self._empty_programme()

    @classmethod
    def around(cls, question: Question, lines: Ints, people: Iterable[int], window: Window) -> Master:
        """Return the programme of people and days that may change in a roster, with their lines as they are."""
        people = tuple(people)
        rest = lines.copy()
        rest[list(people)] = OFF
        master = cls(question, people, question.cover_of(rest), window)
        for person in people:
            master.add(person, lines[person])
        return master

    def _empty_programme(self) -> highspy.Highs:
        """Return the programme with cover but no lines."""
        programme = _silent_programme()
        programme.setOptionValue("threads", 1)
        programme.setOptionValue("solver", "simplex")
        programme.setOptionValue("simplex_strategy", PRIMAL)
        programme.setOptionValue("presolve", "off")
        ones = np.ones(len(self.people))
        needed = self.heads[self.weighted].astype(float)
        bounds = np.concatenate([ones, needed])
        self._convexity_rows = len(ones)
        nothing = np.zeros(0, dtype=np.int32)
        programme.addRows(len(bounds), bounds, bounds, 0, np.zeros(len(bounds), dtype=np.int32), nothing, np.zeros(0))
        rows, count = self._cover_row[self.weighted], len(needed)
        values = np.concatenate([np.ones(count), -np.ones(count)])
        programme.addCols(
            2 * count,
            np.concatenate([self.question.under_weights[self.weighted], self.question.over_weights[self.weighted]]),
            np.zeros(2 * count),
            np.full(2 * count, highspy.kHighsInf),
            2 * count,
            np.arange(2 * count, dtype=np.int32),
            np.concatenate([rows, rows]).astype(np.int32),
            values,
        )
        self.first_column = 2 * count
        return programme

    def add(self, associate: int, line: Ints) -> bool:
        """Add a line, unless it is known; say whether it was new."""
        key = (associate, line.astype(np.int8).tobytes())
        if key in self._known:
            return False
        self._known.add(key)
        cost = self.question.line_cost(associate, line)
        days = np.flatnonzero(line >= 0)
        rows = self._cover_row[days, line[days]]
        rows = np.concatenate([[self._row_of[associate]], rows[rows >= 0]]).astype(np.int32)
        self.programme.addCol(cost, 0.0, highspy.kHighsInf, len(rows), rows, np.ones(len(rows)))
        self.columns.append(Column(associate, line, cost))
        return True

    def cost_of(self, lines: Iterable[Ints]) -> float:
        """Return what the programme would cost with one whole line for each of its people."""
        missing = self.heads.copy()
        cost = 0.0
        for person, line in zip(self.people, lines, strict=True):
            days = np.flatnonzero(line >= 0)
            missing[days, line[days]] -= 1
            cost += self.question.line_cost(person, line)
        weights = self.question.under_weights * np.maximum(missing, 0) + self.question.over_weights * np.maximum(-missing, 0)
        return cost + float(weights[self.weighted].sum())

    def keep(self, allowed: Bools) -> None:
        """Take only columns of what is allowed, of shape (associates, days, shifts + 1) with a day off last."""
        count, days = len(self.columns), np.arange(allowed.shape[1])
        kept = [bool(allowed[one.associate, days, one.line].all()) for one in self.columns]
        numbers = np.arange(self.first_column, self.first_column + count, dtype=np.int32)
        self.programme.changeColsBounds(count, numbers, np.zeros(count), np.where(kept, highspy.kHighsInf, 0.0))

    def hold_prices(self, low: Floats, high: Floats) -> None:
        """Let prices of heads be between `low` and `high`, shape (days, shifts); heads too few and too many cost just that."""
        costs = np.concatenate([high[self.weighted], -low[self.weighted]])
        self.programme.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)

    def solve(self, seconds: float) -> bool:
        """Solve the programme and say whether it was solved in time."""
        self.programme.setOptionValue("time_limit", self.programme.getRunTime() + max(0.01, seconds))
        self.programme.run()
        return bool(self.programme.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def combine(self, seconds: float) -> Ints | None:
        """Return the best whole lines of the known columns, in the order of the people, that were found in time."""
        programme, count = self.programme, len(self.columns)
        if seconds <= 0:
            return None
        numbers = np.arange(self.first_column, self.first_column + count, dtype=np.int32)
        self._set(simplex_strategy=DUAL, presolve="choose", mip_rel_gap=0.0, mip_abs_gap=self.question.step * 0.99)
        self._set(time_limit=programme.getRunTime() + seconds)
        programme.changeColsIntegrality(count, numbers, np.full(count, 1, dtype=np.uint8))
        programme.run()
        found = programme.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        taken = np.flatnonzero(self.shares() > 0.5) if found else ()
        chosen = {self.columns[number].associate: self.columns[number].line for number in taken}
        programme.changeColsIntegrality(count, numbers, np.zeros(count, dtype=np.uint8))
        self._set(simplex_strategy=PRIMAL, presolve="off")
        return np.array([chosen[person] for person in self.people]) if found else None

    def _set(self, **options: float | str) -> None:
        """Set options of the programme."""
        for name, value in options.items():
            self.programme.setOptionValue(name, value)

    @property
    def objective(self) -> float:
        """Objective of the last solution."""
        return float(self.programme.getInfo().objective_function_value)

    def shares(self) -> Floats:
        """Return how much of each column is taken, shape (columns,)."""
        return np.array(self.programme.getSolution().col_value)[self.first_column :]

    def prices(self) -> Floats:
        """Return what a head is worth in each shift of each day, shape (days, shifts)."""
        duals = np.array(self.programme.getSolution().row_dual)
        worth = np.zeros(self.heads.shape)
        worth[self.weighted] = duals[self._convexity_rows :]
        return np.clip(worth, -self.question.over_weights, self.question.under_weights)


def _silent_programme() -> highspy.Highs:
    """Return an empty programme that prints nothing; HiGHS greets on standard output when it is made, whatever its options."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        programme = highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    programme.setOptionValue("output_flag", False)
    return programme
