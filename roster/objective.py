"""What a finished roster costs, part by part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from roster.automaton import BROKEN_RULE_COST
from roster.fair import WeekendShares
from roster.line_table import LineTable
from roster.lines import line_cost
from roster.problem import Person, Problem
from scheduling.cost import CoverageCost
from scheduling.plan import NONE, Coverage
from scheduling.scenario import Scenario


def wish_cost(person: Person, letters: NDArray[np.int16]) -> float:
    """Return the cost of the sequence wishes and requests that a line refuses, infinite when it is not a line of theirs."""
    graph_days = len(person.graphs[0])
    padded = np.full(graph_days, NONE, dtype=np.int16)
    padded[: len(letters)] = letters
    sequence = min(line_cost(graph, padded) for graph in person.graphs)
    if np.isinf(sequence):
        return float("inf")
    return sequence % BROKEN_RULE_COST + float(person.day_costs[np.arange(len(letters)), letters].sum())


def objective_parts(problem: Problem, letters: NDArray[np.int16], coverage: Coverage, cost: CoverageCost) -> dict[str, float]:
    """Return the parts of the objective in head-hours; the objective is their sum.

    Parameters
    ----------
    letters
        Day values, shape (associates, days).
    """
    table = LineTable(problem)
    refused = sum(table.wish_cost(index, line) for index, line in enumerate(letters))
    return parts_of_letters(problem.scenario, letters, coverage, cost) | {"wishes refused": float(refused)}


def parts_of_letters(
    scenario: Scenario, letters: NDArray[np.int16], coverage: Coverage, cost: CoverageCost
) -> dict[str, float]:  # fmt: skip
    """Return the parts of the objective that need no compiled problem: all but the wishes refused."""
    hours = scenario.horizon.interval_minutes / 60
    minutes = np.array([scenario.break_policy.productive_minutes_of(shift.span_minutes) for shift in scenario.shift_types])
    worked = minutes[letters[letters >= 0]].sum() / 60 * cost.worked_hour
    least = np.minimum(coverage.scheduled, coverage.required)
    most = np.maximum(coverage.scheduled, coverage.required)
    shares = WeekendShares(scenario)
    shares.update(letters)
    return {
        "hours worked": float(worked),
        "shortage": float(cost.of(least, coverage.required).sum() * hours),
        "surplus": float(cost.of(most, coverage.required).sum() * hours),
        "unfair weekends": float(shares.costs(letters).sum()),
    }
