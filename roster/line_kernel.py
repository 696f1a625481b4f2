"""Best walks through line graphs as machine code; `roster.lines` has the formula."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Layers(NamedTuple):
    """Many layers laid out one after the other.

    Parameters
    ----------
    states, columns
        States and letters of each layer, shape (layers,).
    first_letter, first_cell
        Where the letters and the cells of each layer begin, shape (layers,).
    letters
        Day values as columns of a table of values (OFF, LEAVE and NONE are the last three).
    target, cost
        Transitions and their costs, row by row, as in `roster.automaton.Layer`.
    most_states
        States of the largest layer.
    """

    states: Ints
    columns: Ints
    first_letter: Ints
    first_cell: Ints
    letters: Ints
    target: NDArray[np.int32]
    cost: Floats
    most_states: int


@compiled
def best_letters(layers: Layers, graph: NDArray[np.int32], values: Floats, letters: NDArray[np.int16]) -> tuple[float, float]:
    """Put the line of greatest value into `letters`; return that value, and the wish cost of the line.

    Parameters
    ----------
    graph
        The layer of each day, shape (days,).
    values
        Value of each letter on each day, shape (days, shifts + 3).
    letters
        Shape (days,); receives shift types, and -1, -2, -3 for OFF, LEAVE and NONE.
    """
    days, width = len(graph), values.shape[1]
    ahead, now = np.zeros(layers.most_states), np.zeros(layers.most_states)
    choices = np.empty((days, layers.most_states), np.int16)
    for day in range(days - 1, -1, -1):
        layer = graph[day]
        columns, first_letter, cell = layers.columns[layer], layers.first_letter[layer], layers.first_cell[layer]
        for state in range(layers.states[layer]):
            best = -np.inf
            for column in range(columns):
                if layers.target[cell] >= 0:
                    value = values[day, layers.letters[first_letter + column]] - layers.cost[cell] + ahead[layers.target[cell]]
                    if value > best:
                        best, choices[day, state] = value, column
                cell += 1
            now[state] = best
        ahead, now = now, ahead
    state, cost = 0, 0.0
    for day in range(days):
        layer = graph[day]
        column = choices[day, state]
        letter = layers.letters[layers.first_letter[layer] + column]
        letters[day] = letter if letter < width - 3 else letter - width
        cell = layers.first_cell[layer] + state * layers.columns[layer] + column
        cost += layers.cost[cell]
        state = layers.target[cell]
    return ahead[0], cost


@compiled
def walk_cost(layers: Layers, graph: NDArray[np.int32], line: NDArray[np.int16], width: int) -> float:
    """Return the wish cost of a line, infinite when the graph does not have it; days beyond the line are NONE."""
    state, cost = 0, 0.0
    for day in range(len(graph)):
        layer = graph[day]
        letter = line[day] if day < len(line) else -3
        letter = letter if letter >= 0 else letter + width
        column = 0
        while column < layers.columns[layer] and layers.letters[layers.first_letter[layer] + column] != letter:
            column += 1
        if column == layers.columns[layer]:
            return np.inf
        cell = layers.first_cell[layer] + state * layers.columns[layer] + column
        if layers.target[cell] < 0:
            return np.inf
        cost += layers.cost[cell]
        state = layers.target[cell]
    return cost
