"""Fairness over a year: four rotation periods, dealt out in three ways, as JSON lines.

Run ``python -m benchmarks fairness [--associates N] [--periods P] [--weeks W] [--seed N]``: designs a rotation, lets a third of
the associates go through it in the morning, a third in the evening and a third at night, and takes everybody through P periods
of W weeks. At each change it is decided anew who gets which row, by one of three policies: ``kept`` (everybody stays in their
first row and timing), ``random``, and ``even`` (`roster.even`, on the burdens of all periods so far). A tenth of the people join
in the second period. One line a policy and period says, for each burden, most less least and the Gini coefficient.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from time import process_time

import numpy as np
from numpy.typing import NDArray

from roster.even import even_deal
from roster.rotation.solver import solve_rotation
from roster.rotation.unroll import days_from
from scheduling.burdens import BURDENS, YearOfBurdens, burden_days, spread, whole_years
from scheduling.kpis import gini
from scheduling.rotation import RotationProblem, RotationRules, Rows
from scheduling.shifts import ShiftType

Floats = NDArray[np.float64]
Policy = Callable[[Floats, Floats, np.random.Generator], Sequence[int]]

FIRST_DAY = date(2027, 1, 4)
TIMINGS = (ShiftType("M", time(6), 540), ShiftType("E", time(14), 540), ShiftType("N", time(22), 540))
HOLIDAYS = frozenset(
    {date(2027, 1, 26), date(2027, 3, 22), date(2027, 5, 1), date(2027, 8, 15), date(2027, 10, 2), date(2027, 10, 29)}
    | {date(2027, 11, 8), date(2027, 12, 25)}
)
NEWCOMERS = 0.1
"""Share of the associates who join in the second period."""

POLICIES: dict[str, Policy] = {
    "kept": lambda past, lines, rng: range(len(past)),
    "random": lambda past, lines, rng: rng.permutation(len(past)).tolist(),
    "even": lambda past, lines, rng: even_deal(past, lines) or range(len(past)),
}


def rotation_rows(rows: int) -> Rows:
    """Return a rotation of one timing with as many free weekends as can be."""
    rules = RotationRules(work=(4, 6), off=(2, 4), blocks=((4, 6),), week_days=(5, 5))
    least = np.full((1, 7), rows * 5 // 7 - 1)
    result = solve_rotation(RotationProblem(("X",), rows, least, rules, exact=False), most_free_weekends=True)
    return result.rotations[0]


def burdens_of_lines(rows: Rows, first_day: date, weeks: int) -> Floats:
    """Return the burdens of all lines of a period, those of each timing one after the other, shape (associates, burdens)."""
    dates = [first_day + timedelta(days=day) for day in range(7 * weeks)]
    lines = np.stack([days_from([rows], row, 0, len(dates)) for row in range(len(rows))])
    parts = [burden_days(TIMINGS, dates, HOLIDAYS, np.where(lines >= 0, timing, lines)) for timing in range(len(TIMINGS))]
    return np.concatenate(parts).astype(np.float64)


def simulate(policy: Policy, rows: Rows, periods: int, weeks: int, seed: int) -> list[dict[str, object]]:
    """Return the figures after each period."""
    rng = np.random.default_rng(seed)
    size = len(TIMINGS) * len(rows)
    counts, known = np.zeros((size, len(BURDENS))), np.zeros(size)
    late = rng.permutation(size)[: round(NEWCOMERS * size)]
    told = []
    for period in range(periods):
        lines = burdens_of_lines(rows, FIRST_DAY + timedelta(weeks=period * weeks), weeks)
        past = whole_years(_years(counts, known))
        began = process_time()
        gets = np.array(policy(past, lines, rng))
        seconds = process_time() - began
        there = np.ones(size, dtype=bool)
        if period == 0:
            there[late] = False
        counts[there] += lines[gets[there]]
        known[there] += 7 * weeks
        told.append({"period": period + 1, "cpu_seconds": round(seconds, 4), **_figures(whole_years(_years(counts, known)))})
    return told


def _years(counts: Floats, known: Floats) -> list[YearOfBurdens]:
    rows = zip(counts.astype(int).tolist(), known.astype(int).tolist(), strict=True)
    return [YearOfBurdens(str(index), tuple(row), days) for index, (row, days) in enumerate(rows)]


def _figures(borne: Floats) -> dict[str, list[float]]:
    return {
        burden.value: [round(spread(borne[:, column]), 1), round(gini(np.round(borne[:, column]).astype(np.int64)), 4)]
        for column, burden in enumerate(BURDENS)
    }


def main() -> int:
    """Print one JSON line a policy and period; the figures are most less least, and the Gini coefficient."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--associates", type=int, default=60)
    parser.add_argument("--periods", type=int, default=4)
    parser.add_argument("--weeks", type=int, default=13)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows = rotation_rows(max(7, arguments.associates // len(TIMINGS)))
    for name, policy in POLICIES.items():
        for figures in simulate(policy, rows, arguments.periods, arguments.weeks, arguments.seed):
            print(json.dumps({"policy": name, "associates": len(TIMINGS) * len(rows), **figures}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
