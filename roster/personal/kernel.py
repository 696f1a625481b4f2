"""The inner loop of pricing: the cheapest path through states, weekends, counted shifts and minutes, compiled by numba.

A dense dynamic programme, day by day. A cell is (state, row, units): `row` numbers weekends worked and counted shifts given,
`units` the minutes worked in units of their greatest common divisor, kept within a band ``[low, high]`` of each day. The way
back is found by looking which step explains a cost, so that going forward stores nothing but costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

FAR = 2**30
"""The cost of what cannot be reached; whole numbers, so that the inner loop is exact and eight cells wide."""


class Graph(NamedTuple):
    """What a path walks through; arrays as the kernel reads them.

    Parameters
    ----------
    target
        State after a letter, the last column a day off; -1 where forbidden; shape (states, kinds + 1).
    works
        Whether the last day of a state was worked, shape (states,).
    kind, units
        Kind and minutes of each option, shape (options,).
    stride, radix
        Where an option is counted in a row: its digit is ``row // stride % radix``; stride 0 where it is not counted.
    weekend_stride, weekends
        Rows of one weekend (all digits of counted shifts), and the most weekends.
    fewest, most
        Band of weekends after each day, shape (days + 1,).
    weekend_day
        0 on a weekday; 1 on a day that makes a worked weekend; 2 on one that does unless the day before did; shape (days,).
    low, high
        Band of units after each day, shape (days + 1,); the last entry bounds the whole line.
    start
        State before the first day.
    ends
        Whether a line may end in a state, shape (states,).
    """

    target: NDArray[np.int32]
    works: NDArray[np.bool_]
    kind: NDArray[np.int64]
    units: NDArray[np.int64]
    stride: NDArray[np.int64]
    radix: NDArray[np.int64]
    weekend_stride: int
    weekends: int
    fewest: NDArray[np.int64]
    most: NDArray[np.int64]
    weekend_day: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    start: int
    ends: NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def _row_after(graph, day, state, row, option):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the row after an option, -1 where it would be one too many."""
    stride = graph.stride[option]
    if stride > 0:
        if row // stride % graph.radix[option] == graph.radix[option] - 1:
            return -1
        row += stride
    marked = graph.weekend_day[day]
    if marked == 1 or (marked == 2 and not graph.works[state]):
        row += graph.weekend_stride
    return row if graph.fewest[day + 1] <= row // graph.weekend_stride <= graph.most[day + 1] else -1


@numba.njit(cache=True, nogil=True)
def _relax(source, goal, cost, first, last, shift):  # type: ignore[no-untyped-def] # pragma: no cover
    """Take the cheaper of two ways into each cell."""
    for place in range(first, last + 1):
        goal[place + shift] = min(goal[place + shift], source[place] + cost)


@numba.njit(cache=True, nogil=True)
def cheapest_path(graph, price, costs):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the cost of the cheapest path and its option on each day, -1 for a day off.

    Parameters
    ----------
    price
        Price of each option, last that of a day off, `FAR` where it is not possible; int32, (days, options + 1).
    costs
        Room for the costs of all cells: int32 of shape (days + 1, states, rows, width).
    """
    days, options = price.shape[0], price.shape[1] - 1
    states, kinds, rows = graph.target.shape[0], graph.target.shape[1] - 1, costs.shape[2]
    begin = np.full((days + 1, states, rows), 1, np.int64)
    end = np.zeros((days + 1, states, rows), np.int64)
    costs[0, graph.start, 0, 0] = 0
    begin[0, graph.start, 0] = 0
    for day in range(days):
        width = graph.high[day + 1] - graph.low[day + 1] + 1
        for state in range(states):
            for row in range(rows):
                if begin[day, state, row] > end[day, state, row]:
                    continue
                for option in range(-1, options):
                    cost = price[day, option]
                    if cost == FAR:
                        continue
                    target, units, to = graph.target[state, kinds], 0, row
                    if option >= 0:
                        target, units = graph.target[state, graph.kind[option]], graph.units[option]
                        to = _row_after(graph, day, state, row, option)
                    if target < 0 or to < 0:
                        continue
                    shift = graph.low[day] + units - graph.low[day + 1]
                    first = max(begin[day, state, row], -shift)
                    last = min(end[day, state, row], width - 1 - shift)
                    if first > last:
                        continue
                    if begin[day + 1, target, to] > end[day + 1, target, to]:
                        costs[day + 1, target, to, :width] = FAR
                        begin[day + 1, target, to], end[day + 1, target, to] = first + shift, last + shift
                    begin[day + 1, target, to] = min(begin[day + 1, target, to], first + shift)
                    end[day + 1, target, to] = max(end[day + 1, target, to], last + shift)
                    _relax(costs[day, state, row], costs[day + 1, target, to], cost, first, last, shift)
    return _way_back(graph, price, costs, begin, end)


@numba.njit(cache=True, nogil=True)
def _way_back(graph, price, costs, begin, end):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the cheapest cost at the end and the options that lead there."""
    days = len(price)
    line = np.full(days, -1, np.int64)
    best, state, row, place = _cheapest_end(graph, costs[days], begin[days], end[days])
    if state < 0:
        return FAR, line
    for day in range(days - 1, -1, -1):
        line[day], state, row, place = _step_back(graph, day, price[day], costs, begin[day], end[day], (state, row, place))
    return best, line


@numba.njit(cache=True, nogil=True)
def _cheapest_end(graph, costs, begin, end):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the cheapest cost after the last day, and its state, row and place; a state of -1 where there is none."""
    best, at = FAR // 2, (-1, -1, -1)
    for state in range(costs.shape[0]):
        if graph.ends[state]:
            for row in range(costs.shape[1]):
                for place in range(begin[state, row], end[state, row] + 1):
                    if costs[state, row, place] < best:
                        best, at = costs[state, row, place], (state, row, place)
    return best, at[0], at[1], at[2]


@numba.njit(cache=True, nogil=True)
def _step_back(graph, day, price, costs, begin, end, at):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the option that explains the cost of a cell, and the state, row and place that it came from."""
    kinds = graph.target.shape[1] - 1
    for before in range(graph.target.shape[0]):
        for option in range(-1, len(price) - 1):
            target, units, cost = graph.target[before, kinds], 0, price[option]
            if option >= 0:
                target, units = graph.target[before, graph.kind[option]], graph.units[option]
            if target != at[0] or cost == FAR:
                continue
            cell = at[2] + graph.low[day + 1] - units - graph.low[day]
            for row in range(at[1] + 1):
                if begin[before, row] <= cell <= end[before, row]:
                    to = row if option < 0 else _row_after(graph, day, before, row, option)
                    if to == at[1] and costs[day, before, row, cell] + cost == costs[day + 1, at[0], at[1], at[2]]:
                        return option, before, row, cell
    return -1, -1, -1, -1
