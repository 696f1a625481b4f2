"""Even deals: who gets which line, so that what people bore before and will bear evens out.

With past burdens p (associates x burdens), burdens l of the lines, and a weight w for each burden, the deal is the assignment
of least

    sum over associates a and burdens b of  w_b (p_ab + l_line(a),b)^2

Squares make it dearest to give more to those who have most. The sums of all burdens are the same in every deal, so the sum of
squares is least exactly where the variance is. Equal lines cost the same, and whole numbers decide, so the deal is always the
same one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import linear_sum_assignment

from scheduling.burdens import BURDENS

Floats = NDArray[np.float64]

COST_SCALE = 1000
"""The assignment solver counts in whole numbers: thousandths."""
BURDEN_WEIGHTS: Floats = np.array([1.0, 1.0, 4.0, 0.5])
"""A night and a weekend day weigh alike; holidays are few and remembered; an unpopular timing that is a night counts twice."""


def even_costs(past: Floats, lines: Floats, weights: Floats = BURDEN_WEIGHTS) -> Floats:
    """Return what it costs to give each associate each line, shape (associates, lines); both are (number, burdens)."""
    if weights.shape != (len(BURDENS),):
        raise ValueError(f"There is one weight for each of {len(BURDENS)} burdens; got {weights.shape}.")
    total = past[:, None, :] + lines[None, :, :]
    return np.asarray((weights * total**2).sum(axis=2), dtype=np.float64)


def even_deal(past: Floats, lines: Floats, possible: NDArray[np.bool_] | None = None) -> Sequence[int] | None:
    """Return the line of each associate, ``None`` where no deal is possible; there are as many lines as associates."""
    costs = even_costs(past, lines)
    return cheapest_assignment(costs if possible is None else np.where(possible, costs, np.inf))


def cheapest_assignment(costs: Floats) -> Sequence[int] | None:
    """Return the column of each row in the assignment of least cost, ``None`` when there is none."""
    row, column = np.nonzero(np.isfinite(costs))
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(row, column, np.round(costs[row, column] * COST_SCALE).astype(np.int64))
    if solver.solve() != solver.OPTIMAL:
        return None
    return [solver.right_mate(index) for index in range(len(costs))]
