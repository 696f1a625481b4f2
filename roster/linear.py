"""A linear programme assembled from whole arrays of variables, rows and coefficients, and solved with GLOP."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """Objective, and the dual value of every row (what one more unit of its right-hand side costs)."""

    objective: float
    duals: Floats


@dataclass
class LinearProgram:
    """Minimise a sum of costs under linear rows; grows by whole arrays."""

    _bounds: list[Floats] = field(default_factory=list)
    _sides: list[Floats] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    variable_count: int = 0
    row_count: int = 0

    def variables(self, count: int, upper: ArrayLike = np.inf, cost: ArrayLike = 0.0) -> Ints:
        """Add variables from 0 to `upper`; return their indices."""
        block = [np.broadcast_to(np.asarray(value, dtype=np.float64), count) for value in (0.0, upper, cost)]
        self._bounds.append(np.stack(block))
        self.variable_count += count
        return np.arange(self.variable_count - count, self.variable_count)

    def rows(self, count: int, lower: ArrayLike, upper: ArrayLike) -> Ints:
        """Add rows with sums from `lower` to `upper`; return their indices."""
        self._sides.append(np.stack([np.broadcast_to(np.asarray(side, dtype=np.float64), count) for side in (lower, upper)]))
        self.row_count += count
        return np.arange(self.row_count - count, self.row_count)

    def add(self, rows: ArrayLike, variables: ArrayLike, coefficients: ArrayLike) -> None:
        """Add coefficients; the three broadcast against each other, and no pair of row and variable comes twice."""
        row, variable, value = np.broadcast_arrays(rows, variables, coefficients)
        self._entries.append((row.ravel(), variable.ravel(), value.ravel().astype(np.float64)))

    def solve(self) -> Solution | None:
        """Return the optimum, ``None`` when GLOP finds none."""
        model = mathopt.Model.from_model_proto(self._proto())
        result = mathopt.solve(model, mathopt.SolverType.GLOP)
        if result.termination.reason is not mathopt.TerminationReason.OPTIMAL or not result.has_dual_feasible_solution():
            return None
        duals = result.dual_values()
        values = np.array([duals[model.get_linear_constraint(row)] for row in range(self.row_count)])
        return Solution(result.objective_value(), values)

    def _proto(self) -> model_pb2.ModelProto:
        lower, upper, cost = np.concatenate(self._bounds, axis=1)
        least, most = np.concatenate(self._sides, axis=1)
        row, variable, value = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((variable, row))
        proto = model_pb2.ModelProto()
        proto.variables.ids.extend(range(self.variable_count))
        proto.variables.lower_bounds.extend(lower)
        proto.variables.upper_bounds.extend(upper)
        proto.variables.integers.extend([False] * self.variable_count)
        costly = np.flatnonzero(cost)
        proto.objective.linear_coefficients.ids.extend(costly)
        proto.objective.linear_coefficients.values.extend(cost[costly])
        proto.linear_constraints.ids.extend(range(self.row_count))
        proto.linear_constraints.lower_bounds.extend(least)
        proto.linear_constraints.upper_bounds.extend(most)
        proto.linear_constraint_matrix.row_ids.extend(row[order])
        proto.linear_constraint_matrix.column_ids.extend(variable[order])
        proto.linear_constraint_matrix.coefficients.extend(value[order])
        return proto
