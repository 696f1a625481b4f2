"""The line graphs of everybody, laid out for machine code, each layer once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from roster.automaton import BROKEN_RULE_COST, Layer
from roster.line_kernel import Layers, best_letters, walk_cost
from roster.problem import Problem

Floats = NDArray[np.float64]
Letters = NDArray[np.int16]
Graph = NDArray[np.int32]
"""The layer of each day, shape (days,)."""


class LineTable:
    """Finds and prices lines of a problem's people.

    Attributes
    ----------
    layers
        All layers.
    graphs
        The graphs that each associate has to choose from.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._width = len(problem.scenario.shift_types) + 3
        self._days = np.arange(problem.scenario.horizon.day_count)
        number: dict[int, int] = {}
        kept: list[Layer] = []

        def numbered(layer: Layer) -> int:
            if id(layer) not in number:
                number[id(layer)] = len(kept)
                kept.append(layer)
            return number[id(layer)]

        self.graphs: list[list[Graph]] = [
            [np.array([numbered(layer) for layer in graph], dtype=np.int32) for graph in person.graphs]
            for person in problem.people
        ]
        self.layers = _laid_out(kept, self._width)

    def best(self, graph: Graph, values: Floats) -> tuple[float, Letters, float]:
        """Return value, day values and wish cost of the best line of a graph; `values` as in `roster.lines.best_line`."""
        letters = np.empty(len(graph), dtype=np.int16)
        value, cost = best_letters(self.layers, graph, values, letters)
        return value, letters, cost

    def sequence_cost(self, index: int, letters: Letters) -> float:
        """Return the cost of the sequence wishes that a line refuses and of the hard rules it breaks, infinite as `wish_cost`."""
        return min(walk_cost(self.layers, graph, letters, self._width) for graph in self.graphs[index])

    def wish_cost(self, index: int, letters: Letters) -> float:
        """Return what a line refuses an associate in wishes and requests, infinite when it is not one of theirs."""
        sequence = self.sequence_cost(index, letters)
        if np.isinf(sequence):
            return float("inf")
        return sequence % BROKEN_RULE_COST + float(self._problem.people[index].day_costs[self._days, letters].sum())


def _laid_out(layers: list[Layer], width: int) -> Layers:
    """Return layers one after the other; `width` is the number of day values."""
    states = np.array([len(layer.target) for layer in layers], dtype=np.int64)
    columns = np.array([len(layer.letters) for layer in layers], dtype=np.int64)
    letters = np.array([letter % width for layer in layers for letter in layer.letters], dtype=np.int64)
    return Layers(
        states,
        columns,
        np.cumsum(columns) - columns,
        np.cumsum(states * columns) - states * columns,
        letters,
        np.concatenate([layer.target.ravel() for layer in layers] or [np.zeros(0, dtype=np.int32)]).astype(np.int32),
        np.concatenate([layer.cost.ravel() for layer in layers] or [np.zeros(0)]),
        int(states.max(initial=1)),
    )
