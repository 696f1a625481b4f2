"""Connectivity: the closed walks that a circulation falls into.

A balanced circulation is one closed walk exactly if the arcs that it uses hang together. Where they do not, each part gets a
cut (`programme.Programme.cut`): some walk leads out of its nodes, unless all walks stay in it or none comes there. There are
finitely many sets of nodes, so in the end there is one walk, or a proof that there is none. Two walks that are ready for a
stint on the same weekday share that node and are one walk already, so few cuts are needed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from roster.rotation.circulation import Circulation
from roster.rotation.programme import Answer, BoundListener, Programme
from scheduling.ports import StopSignal
from scheduling.rotation import Counts


def parts(circulation: Circulation, counts: Counts) -> list[NDArray[np.int64]]:
    """Return the nodes of each closed walk, in the order of their first nodes."""
    parent = list(range(circulation.node_count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    used = circulation.ends[counts > 0]
    for tail, head in used.tolist():
        parent[root(tail)] = root(head)
    found: dict[int, list[int]] = {}
    for node in np.unique(used).tolist():
        found.setdefault(root(node), []).append(node)
    return [np.array(nodes, dtype=np.int64) for nodes in found.values()]


def one_walk(
    circulation: Circulation,
    programme: Programme,
    seconds_left: Callable[[], float],
    stop: StopSignal,
    bounded: BoundListener = lambda _: None,
) -> Answer:
    """Solve and cut until the circulation is one closed walk, or any where several are allowed.

    Returns
    -------
    The answer of the programme; without counts and undecided when the time is over before there is one walk.
    """
    nodes = np.arange(circulation.node_count)
    while True:
        answer = programme.solve(seconds_left(), stop, bounded)
        if answer.counts is None or not circulation.problem.single:
            return answer
        found = parts(circulation, answer.counts)
        if len(found) == 1:
            return answer
        if seconds_left() <= 0 or stop():
            return Answer(None, decided=False, bound=answer.bound)
        for part in found:
            programme.cut(np.isin(nodes, part))
