"""The deal of lines to people: who of equal associates gets which of the lines chosen for them.

Associates of one skill group and one place of work are equal to the coverage, so their lines may be dealt out freely as long as
each gets one that their own rules and facts allow; those whose timing is open may get each other's timings with them. The deal
costs the wishes that a line refuses, and what `roster.even` makes of the burdens that the associate would then have borne, those
of the rolling year before included, so that nights, weekends, holidays and unpopular timings even out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from roster.even import cheapest_assignment, even_costs
from roster.line_table import LineTable
from roster.problem import Facts, Problem
from scheduling.burdens import BURDENS, YearOfBurdens, burden_days, whole_years

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DealParams:
    """What fairness is worth.

    Parameters
    ----------
    burden_cost
        Head-hours for each squared and weighted burden; see `roster.even`.
    table
        Most associates who sit down at one table: the work grows with its square, the gain does not.
    """

    burden_cost: float = 0.02
    table: int = 40


def deal_lines(problem: Problem, letters: NDArray[np.int16], params: DealParams | None = None) -> Ints:
    """Return whose line each associate gets, a permutation of the associates, shape (associates,).

    Parameters
    ----------
    letters
        Day values of the lines, shape (associates, days).
    """
    params = params or DealParams()
    scenario = problem.scenario
    past = past_burdens(problem)
    coming = burden_days(scenario.shift_types, scenario.horizon.dates, scenario.holidays, letters).astype(np.float64)
    gets, table = np.arange(len(letters), dtype=np.int64), LineTable(problem)
    for members in _tables(_equals(problem, letters), params.table):
        wishes = np.array([[table.wish_cost(one, letters[line]) for line in members] for one in members])
        fairness = params.burden_cost * even_costs(past[members], coming[members])
        chosen = cheapest_assignment(wishes + fairness)
        if chosen is not None:
            gets[members] = np.array(members)[chosen]
    return gets


def _equals(problem: Problem, letters: NDArray[np.int16]) -> list[list[int]]:
    """Return the classes of associates, by index, whose lines may change hands; those with clashing rules keep theirs."""
    classes: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, (person, associate) in enumerate(zip(problem.people, problem.scenario.associates, strict=True)):
        # Whoever has a timing of their own can only change with others who have it; that keeps tables of such people apart.
        shifts = associate.timing and tuple(sorted(set(letters[index][letters[index] >= 0].tolist())))
        if not person.relaxed:
            classes[person.group, associate.work_mode, shifts].append(index)
    return [members for members in classes.values() if len(members) > 1]


def _tables(classes: list[list[int]], size: int) -> Iterator[list[int]]:
    """Seat large classes at several tables."""
    for members in classes:
        for first in range(0, len(members), size):
            yield members[first : first + size]


def past_burdens(problem: Problem) -> Floats:
    """Return what each associate bore before the horizon: in the rolling year where that is known, else in the known past."""
    scenario, calendar = problem.scenario, problem.calendar
    known = {year.associate: year for year in scenario.years}
    if known:
        nothing = (0,) * len(BURDENS)
        codes = [associate.code for associate in scenario.associates]
        return whole_years([known.get(code, YearOfBurdens(code, nothing, 0)) for code in codes])
    days = [scenario.horizon.first_day - timedelta(days=calendar.lead_days - day) for day in range(calendar.lead_days)]
    past = np.array(Facts(scenario, calendar).past, dtype=np.int16).reshape(len(scenario.associates), len(days))
    return burden_days(scenario.shift_types, days, scenario.holidays, past).astype(np.float64)
