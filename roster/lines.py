"""Lines: the best walk of one associate through the unfolded rule automaton."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roster.automaton import LineGraph

Floats = NDArray[np.float64]
Letters = NDArray[np.int16]


@dataclass(frozen=True)
class Line:
    """What one associate does on each day.

    Parameters
    ----------
    letters
        Day values (shift index, OFF, LEAVE or NONE), shape (days,).
    wish_cost
        Cost of the wishes that the line refuses and of the hard rules it breaks.
    """

    letters: Letters
    wish_cost: float


def best_line(graph: LineGraph, values: Floats) -> tuple[float, Line]:
    """Return the line of greatest value, by dynamic programming from the last day to the first.

    Parameters
    ----------
    values
        Value of each letter on each day, shape (days, shifts + 3); day values index the columns, so that OFF, LEAVE and NONE
        are the last three.

    Returns
    -------
    Value of the line less its wish cost, and the line.
    """
    ahead = np.zeros(1)
    choices: list[NDArray[np.intp]] = []
    for day in range(len(graph) - 1, -1, -1):
        layer = graph[day]
        total = np.where(layer.target >= 0, values[day, layer.letters] - layer.cost + ahead[layer.target], -np.inf)
        choice = total.argmax(axis=1)
        choices.append(choice)
        ahead = total[np.arange(len(total)), choice]
    return float(ahead[0]), _follow(graph, choices[::-1])


def _follow(graph: LineGraph, choices: Sequence[NDArray[np.intp]]) -> Line:
    letters = np.empty(len(graph), dtype=np.int16)
    state, cost = 0, 0.0
    for day, layer in enumerate(graph):
        column = int(choices[day][state])
        letters[day] = layer.letters[column]
        cost += float(layer.cost[state, column])
        state = int(layer.target[state, column])
    return Line(letters, cost)


def best_values(graph: LineGraph, values: Floats) -> Floats:
    """Return the value of the best line for each of many valuations, shape (valuations,).

    Parameters
    ----------
    values
        Shape (valuations, days, shifts + 3), columns as in `best_line`.
    """
    ahead = np.zeros((len(values), 1))
    for day in range(len(graph) - 1, -1, -1):
        layer = graph[day]
        gain = values[:, day, layer.letters][:, None, :] - layer.cost
        total = np.where(layer.target >= 0, gain + ahead[:, layer.target], -np.inf)
        ahead = total.max(axis=2)
    return np.asarray(ahead[:, 0])


def line_cost(graph: LineGraph, letters: Letters) -> float:
    """Return the wish cost of a line, infinite when the graph does not have it."""
    state, cost = 0, 0.0
    for day, layer in enumerate(graph):
        letter = int(letters[day])
        if letter not in layer.letters:
            return float("inf")
        column = layer.letters.index(letter)
        if layer.target[state, column] < 0:
            return float("inf")
        cost += float(layer.cost[state, column])
        state = int(layer.target[state, column])
    return cost
