"""Any open cells of a roster decided by CP-SAT: a boolean for each shift that may be given in an open cell.

Every rule of `check` is written out. Closed cells are kept: in runs, successions and weekends they are constants, and minutes and
shifts of a type are limited to what they leave. Nobody works twice a day, so that shifts ``A`` after each of which all of ``B``
are forbidden share one clause. Cover is that of the master programme:

    sum over A of x(p, d, a) + sum over B of x(p, d + 1, b) <= 1
    sum over people of x(p, d, s) + u(d, s) - o(d, s) = required(d, s) less the heads of closed cells

The search begins with the roster as it is (large-neighbourhood search: Shaw, CP 1998; CP-SAT: Perron, Didier, Gay, CP 2023).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from roster.personal.choice import Neighbourhood, Outcome
from roster.personal.question import OFF, SATURDAY, SUNDAY, Bools, Ints, Question, Terms

Literal = cp_model.LiteralT
EFFORT = 2.0
"""Work for a neighbourhood in units of CP-SAT, which are about seconds: unlike seconds the same on a busy machine."""

Given = dict[int, cp_model.IntVar]
"""What says that a shift is given."""


def explore_exactly(question: Question, lines: Ints, where: Neighbourhood, seconds: float, seed: int) -> Outcome:
    """Look for a better roster in a neighbourhood of `lines`."""
    opened = np.zeros(lines.shape, dtype=bool)
    opened[list(where.people), where.window.first : where.window.last] = True
    found, proven = Exact(question, lines, opened).solve(seconds, seed, effort=EFFORT)
    better = found is not None and question.objective(found) < question.objective(lines) - question.step / 2
    return Outcome(found if better else None, proven)


class Exact:
    """The model of the open cells of a roster.

    Parameters
    ----------
    lines
        A roster whose closed cells are kept; it is what the search begins with, and what the result must cost less than.
    opened
        Whether a cell may change, shape (associates, days).
    """

    def __init__(self, question: Question, lines: Ints, opened: Bools) -> None:
        self._question, self._lines, self._opened = question, lines, opened
        self._model = cp_model.CpModel()
        self._given: dict[tuple[int, int], Given] = {}
        self._paid: list[cp_model.IntVar] = []
        self._weights: list[int] = []
        for person in np.flatnonzero(opened.any(axis=1)):
            self._post_person(int(person))
        self._post_cover()
        self._model.minimize(cp_model.LinearExpr.weighted_sum(self._paid, self._weights))

    def solve(self, seconds: float, seed: int, effort: float = math.inf) -> tuple[Ints | None, bool]:
        """Return the best roster that was found, or ``None``, and whether none is better."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
        solver.parameters.max_deterministic_time = effort
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        status = solver.solve(self._model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None, status == cp_model.INFEASIBLE
        lines = np.where(self._opened, OFF, self._lines)
        for cell, shifts in self._given.items():
            for shift, given in shifts.items():
                if solver.boolean_value(given):
                    lines[cell] = shift
        return lines, status == cp_model.OPTIMAL

    def _boolean(self, value: bool) -> cp_model.IntVar:
        """Return a boolean that the search begins with at a value."""
        boolean = self._model.new_bool_var("")
        self._model.add_hint(boolean, value)
        return boolean

    def _pay(self, variable: cp_model.IntVar, weight: float) -> None:
        """Let each unit of a variable cost a weight."""
        self._paid.append(variable)
        self._weights.append(round(weight / self._question.step))

    def _post_person(self, person: int) -> None:
        """Post the open cells of one associate with their terms and requests."""
        question, terms, line = self._question, self._question.terms[person], self._lines[person]
        possible = [shift for shift in range(question.shifts) if terms.most_shifts[shift] > 0]
        at_work: list[Literal] = [bool(value >= 0) for value in line]
        for day in np.flatnonzero(self._opened[person]).tolist():
            shifts = {shift: self._boolean(line[day] == shift) for shift in possible if day not in terms.days_off}
            for shift, given in shifts.items():
                self._pay(given, question.shift_costs[person, day, shift])
            at_work[day] = work = self._boolean(line[day] >= 0)
            self._model.add_exactly_one([*shifts.values(), ~work])
            self._given[person, day] = shifts
        self._post_successions(person)
        self._post_limits(person, terms)
        self._post_runs(terms, at_work, self._opened[person])
        self._post_weekends(terms, line, at_work)

    def _post_successions(self, person: int) -> None:
        """Forbid shifts after others."""
        forbidden, opened = self._question.forbidden, self._opened[person]
        for after in np.unique(forbidden[forbidden.any(axis=1)], axis=0):
            before = (forbidden | ~after).all(axis=1)
            for day in (np.flatnonzero(opened[1:] | opened[:-1]) + 1).tolist():
                clause = self._any_of(person, day - 1, before) + self._any_of(person, day, after)
                self._model.add_at_most_one(clause)

    def _any_of(self, person: int, day: int, shifts: Bools) -> list[Literal]:
        """Return literals of which one holds where an associate has one of some shifts on a day."""
        if self._opened[person, day]:
            return [given for shift, given in self._given[person, day].items() if shifts[shift]]
        value = self._lines[person, day]
        return [True] if value >= 0 and shifts[value] else []

    def _post_limits(self, person: int, terms: Terms) -> None:
        """Limit shifts of each type and minutes to what closed cells leave."""
        question, opened = self._question, self._opened[person]
        kept = self._lines[person, ~opened & (self._lines[person] >= 0)]
        cells = [self._given[person, day] for day in np.flatnonzero(opened).tolist()]
        for shift, most in enumerate(terms.most_shifts):
            given, left = [cell[shift] for cell in cells if shift in cell], most - int((kept == shift).sum())
            if left < len(given):
                self._model.add(cp_model.LinearExpr.sum(given) <= left)
        every = [given for cell in cells for given in cell.values()]
        minutes = [int(question.minutes[shift]) for cell in cells for shift in cell]
        total = cp_model.LinearExpr.weighted_sum(every, minutes) + int(question.minutes[kept].sum())
        self._model.add_linear_constraint(total, terms.least_minutes, terms.most_minutes)

    def _post_runs(self, terms: Terms, at_work: Sequence[Literal], opened: Bools) -> None:
        """Keep runs of work and of days off within their lengths, wherever an open cell can break them."""
        days, longest = len(at_work), terms.most_in_a_row + 1
        for first in range(days - longest + 1):
            if opened[first : first + longest].any():
                self._model.add(cp_model.LinearExpr.sum(list(at_work[first : first + longest])) <= terms.most_in_a_row)
        resting: list[Literal] = [not work if isinstance(work, bool) else ~work for work in at_work]
        both = ((at_work, resting, terms.least_in_a_row), (resting, at_work, terms.least_off_in_a_row))
        for inside, outside, least in both:
            for length in range(1, least):
                for first in range(1, days - length):
                    if opened[first - 1 : first + length + 1].any():
                        # In a run of just this length none of these would hold.
                        self._model.add_bool_or(inside[first - 1], *outside[first : first + length], inside[first + length])

    def _post_weekends(self, terms: Terms, line: Ints, at_work: Sequence[Literal]) -> None:
        """Limit weekends with work."""
        worked = []
        for saturday in range(SATURDAY, len(at_work), 7):
            after = saturday + 1 + SUNDAY - SATURDAY
            weekend = self._boolean(bool((line[saturday:after] >= 0).any()))
            for work in at_work[saturday:after]:
                self._model.add_implication(work, weekend)
            worked.append(weekend)
        self._model.add(cp_model.LinearExpr.sum(worked) <= terms.most_weekends)

    def _post_cover(self) -> None:
        """Let heads too few and too many cost what they do wherever an open cell can change them."""
        question = self._question
        needed = question.required - question.cover_of(np.where(self._opened, OFF, self._lines))
        missing = question.required - question.cover_of(self._lines)
        heads: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (_, day), shifts in self._given.items():
            for shift, given in shifts.items():
                heads.setdefault((day, shift), []).append(given)
        for place, able in heads.items():
            most = len(able) + abs(int(needed[place]))
            under, over = (self._model.new_int_var(0, most, "") for _ in range(2))
            self._model.add_hint(under, max(0, int(missing[place])))
            self._model.add_hint(over, max(0, -int(missing[place])))
            self._pay(under, float(question.under_weights[place]))
            self._pay(over, float(question.over_weights[place]))
            self._model.add(cp_model.LinearExpr.sum(able) + under - over == int(needed[place]))
