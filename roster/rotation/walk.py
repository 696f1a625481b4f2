"""The walk: a circulation that hangs together as the rows of a rotation.

Hierholzer's algorithm (1873): walk until nothing is left to walk on, then insert the detours that were left out. From a node
the arcs are taken in turn, so that equal stints do not come in one long row.
"""

from __future__ import annotations

import numpy as np

from roster.rotation.circulation import Circulation
from scheduling.rotation import DAYS_IN_WEEK, Counts, Rows


def rows_of(circulation: Circulation, counts: Counts, first_node: int) -> Rows:
    """Return the rows of the closed walk through a node, the same ones for the same counts."""
    arcs = [circulation.arcs[number] for number in _closed_walk(circulation, counts, first_node)]
    days = np.array([letter for arc in arcs for letter in arc.letters], dtype=np.int16)
    # The walk begins in the middle of a week: the first row begins with its next first day.
    return np.roll(days, arcs[0].weekday).reshape(-1, DAYS_IN_WEEK)


def _closed_walk(circulation: Circulation, counts: Counts, first_node: int) -> list[int]:
    """Return the numbers of the arcs in the order in which they are walked."""
    left = counts.copy()
    leaving: dict[int, list[int]] = {}
    for number in np.flatnonzero(counts).tolist():
        leaving.setdefault(circulation.arcs[number].tail, []).append(number)
    # A stack of nodes with the arc that led there; who can go no further is the end of what is left to walk.
    stack: list[tuple[int, int]] = [(first_node, -1)]
    walk: list[int] = []
    while stack:
        node, came_by = stack[-1]
        choices = leaving.get(node)
        if not choices:
            stack.pop()
            walk.append(came_by)
            continue
        number = choices.pop(0)
        left[number] -= 1
        if left[number]:
            choices.append(number)
        stack.append((circulation.arcs[number].head, number))
    return walk[-2::-1]
