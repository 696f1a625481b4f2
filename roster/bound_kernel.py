"""Everybody's best line at given prices, and the heads that these lines give, as machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from roster.board_kernel import Grid, fill_productive
from roster.line_kernel import Layers, best_letters
from scheduling.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Choosers(NamedTuple):
    """Who chooses a line, from which graphs.

    Parameters
    ----------
    graphs
        The layer of each day, shape (graphs, days); graphs of one associate together.
    first_graph
        Where the graphs of each associate begin, and their number, shape (associates + 1,).
    group
        Skill group of each associate.
    first_request
        Where the refused values of each associate begin, and their number, shape (associates + 1,).
    day, letter, cost
        What a day value costs on a day because it refuses a request, shape (refused values,).
    """

    graphs: NDArray[np.int32]
    first_graph: Ints
    group: Ints
    first_request: Ints
    day: Ints
    letter: Ints
    cost: Floats


@compiled
def choose(layers: Layers, choosers: Choosers, worth: Floats, chosen: Ints) -> Floats:
    """Return the value of everybody's best line, shape (associates,).

    Parameters
    ----------
    worth
        Worth of each letter on each day of the graphs for each group, shape (groups, days, shifts + 3).
    chosen
        Receives how many of each group work each shift type on each day, shape (groups, days, shifts).
    """
    people, days = len(choosers.group), chosen.shape[1]
    values = np.empty(people)
    letters, best = np.empty(worth.shape[1], np.int16), np.empty(worth.shape[1], np.int16)
    table = np.empty(worth.shape[1:])
    for person in range(people):
        group = choosers.group[person]
        table[:] = worth[group]
        for number in range(choosers.first_request[person], choosers.first_request[person + 1]):
            table[choosers.day[number], choosers.letter[number]] -= choosers.cost[number]
        values[person] = -np.inf
        for graph in range(choosers.first_graph[person], choosers.first_graph[person + 1]):
            value, _ = best_letters(layers, choosers.graphs[graph], table, letters)
            if value > values[person]:
                values[person] = value
                best[:] = letters
        for day in range(days):
            if best[day] >= 0:
                chosen[group, day, best[day]] += 1
    return values


@compiled
def price_shifts(price: Floats, grid: Grid, per_interval: int, shift: int, days: int) -> tuple[Floats, Floats]:
    """Return the worth of a whole shift on each day at a price of a unit in each interval, and what breaks take of it.

    Shapes as `roster.board_kernel.shift_worth` has them; here the worth is linear, so nothing is simplified.
    """
    slots, length = len(price) * per_interval, grid.lengths[shift]
    worth, losses = np.zeros(days), np.zeros((len(grid.away), days, length))
    until = np.zeros(length + 1)
    for day in range(days):
        first = grid.first[day, shift]
        for slot in range(length):
            at = first + slot
            until[slot + 1] = until[slot] + (price[at // per_interval] if 0 <= at < slots else 0.0)
        worth[day] = until[length]
        for kind in range(len(grid.away)):
            for start in range(length if grid.away[kind] else 0):
                losses[kind, day, start] = until[min(length, start + grid.away[kind])] - until[start]
    return worth, losses


@compiled
def add_supply(units: Ints, per_interval: int, grid: Grid, shift: int, heads: Ints, kinds: Ints, starts: Ints) -> None:
    """Add the productive units of so many heads on a shift on each day, all with the same breaks, to those of each interval.

    Parameters
    ----------
    heads
        Shape (days,).
    kinds, starts
        Kind, and slot of the shift, of each break, shape (days, breaks).
    """
    length = grid.lengths[shift]
    productive = np.empty(length, np.int64)
    for day in range(len(heads)):
        if heads[day]:
            first = grid.first[day, shift]
            fill_productive(productive, length, grid.away, kinds[day], starts[day])
            for slot in range(max(0, -first), min(length, len(units) * per_interval - first)):
                units[(first + slot) // per_interval] += heads[day] * productive[slot]
