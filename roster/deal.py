"""The deal of lines to people: who of equal associates gets which of the lines chosen for them.

Associates of one skill group, one place of work and one shift type are equal to the coverage, so their lines may be dealt out
freely as long as each gets one that their own rules and facts allow. The deal costs the wishes that a line refuses, and the
square of the weekend days that the associate would then have worked, past weeks included, so that weekends even out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import linear_sum_assignment

from roster.line_table import LineTable
from roster.problem import Facts, Problem

Ints = NDArray[np.int64]

COST_SCALE = 1000
"""The assignment solver counts in whole numbers: thousandths of a head-hour."""


@dataclass(frozen=True)
class DealParams:
    """What fairness is worth.

    Parameters
    ----------
    weekend_day_cost
        Head-hours for each squared weekend day worked.
    table
        Most associates who sit down at one table: the work grows with its square, the gain does not.
    """

    weekend_day_cost: float = 0.02
    table: int = 40


def deal_lines(problem: Problem, letters: NDArray[np.int16], params: DealParams | None = None) -> Ints:
    """Return whose line each associate gets, a permutation of the associates, shape (associates,).

    Parameters
    ----------
    letters
        Day values of the lines, shape (associates, days).
    """
    params = params or DealParams()
    weekend = np.array([date.weekday() >= 5 for date in problem.scenario.horizon.dates])
    past = _past_weekend_days(problem)
    gets, table = np.arange(len(letters), dtype=np.int64), LineTable(problem)
    for members in _tables(_equals(problem, letters), params.table):
        days = (letters[members][:, weekend] >= 0).sum(axis=1)
        wishes = np.array([[table.wish_cost(one, letters[line]) for line in members] for one in members])
        fairness = params.weekend_day_cost * (past[members][:, None] + days[None, :]) ** 2
        chosen = _cheapest(wishes + fairness)
        if chosen is not None:
            gets[members] = np.array(members)[chosen]
    return gets


def _equals(problem: Problem, letters: NDArray[np.int16]) -> list[list[int]]:
    """Return the classes of associates, by index, whose lines may change hands; those with clashing rules keep theirs."""
    classes: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, (person, associate) in enumerate(zip(problem.people, problem.scenario.associates, strict=True)):
        shifts = tuple(sorted(set(letters[index][letters[index] >= 0].tolist())))
        if not person.relaxed:
            classes[person.group, associate.work_mode, shifts].append(index)
    return [members for members in classes.values() if len(members) > 1]


def _tables(classes: list[list[int]], size: int) -> Iterator[list[int]]:
    """Seat large classes at several tables."""
    for members in classes:
        for first in range(0, len(members), size):
            yield members[first : first + size]


def _past_weekend_days(problem: Problem) -> Ints:
    """Return the weekend days that each associate worked in the known past."""
    calendar, scenario = problem.calendar, problem.scenario
    facts = Facts(scenario, calendar)
    first_weekday = (scenario.horizon.first_day.weekday() - calendar.lead_days) % 7
    weekend = [(first_weekday + day) % 7 >= 5 for day in range(calendar.lead_days)]
    counts = [sum(value >= 0 and free for value, free in zip(past, weekend, strict=True)) for past in facts.past]
    return np.array(counts, dtype=np.int64)


def _cheapest(costs: NDArray[np.float64]) -> Sequence[int] | None:
    """Return the column of each row in the assignment of least cost, ``None`` when there is none."""
    row, column = np.nonzero(np.isfinite(costs))
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(row, column, np.round(costs[row, column] * COST_SCALE).astype(np.int64))
    if solver.solve() != solver.OPTIMAL:
        return None
    return [solver.right_mate(index) for index in range(len(costs))]
