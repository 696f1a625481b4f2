"""Which people with time to spare go to which queue in need: a min-cost flow, so that as few as possible are disturbed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from allocation.offers import PeopleMove, TeamPart
from allocation.projection import Projection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNITS_PER_HEAD: Final = 10
"""The flow is whole numbers of tenths of a head."""

COST_OF_MOVE: Final = 10
"""Anybody who changes the queue is disturbed."""

COST_OF_NEW_QUEUE: Final = 40
"""More so by a queue that the mix did not give them until now."""

COST_OF_WEIGHTY_SOURCE: Final = 20
"""People are rather taken from queues of little weight; the weightiest queue of the site costs this much."""

COST_UNMET: Final = 1_000
"""A head that is not found for a queue in need; twice that for the weightiest queue."""

LEAST_UNITS: Final = 5
"""Half a head; less is not worth a move."""


def match_people(projection: Projection, needs: Mapping[int, float], *, most_parts: int) -> dict[int, PeopleMove]:
    """Return for queues in need the people to move there, the least disturbing that serve all queues best.

    People are taken from queues that can do without them (their labour needed is negative), at most as many as work there
    now. A queue of more weight goes first where people are short.

    Parameters
    ----------
    needs
        Heads needed by queue id.
    most_parts
        A move takes at most so many teams, the largest parts first.
    """
    targets = [queue_id for queue_id in sorted(needs) if needs[queue_id] > 0]
    edges, heads = _sources(projection)
    if not targets or not len(edges):
        return {}
    flows = _solve(projection, targets, needs, edges, heads)
    wanted: dict[int, dict[tuple[str, int], float]] = defaultdict(lambda: defaultdict(float))
    state, network = projection.state, projection.flow.network
    for edge, target, units in flows:
        team = state.groups[network.edges.group[edge]].team
        source = state.queues[network.edges.queue[edge]].queue_id
        wanted[targets[target]][team, source] += units
    moves = {target: _whole_heads(projection, target, parts, most_parts) for target, parts in sorted(wanted.items())}
    return {target: move for target, move in moves.items() if move.parts}


def _sources(projection: Projection) -> tuple[Ints, Floats]:
    """Return the edges (group, queue) whose queue can do without heads, and the heads now at each edge of the network."""
    state, flow = projection.state, projection.flow
    edges = flow.network.edges
    can_give = np.array([(queue.labour_needed or 0.0) < 0 and queue.first_miss_at is None for queue in projection.queues])
    taken = flow.taken[: max(1, round(60.0 / state.step_minutes))].mean(axis=0) + 1e-9
    there = np.array([group.heads[0] for group in state.groups])
    heads: Floats = (there / np.maximum(edges.by_group(taken), 1e-12))[edges.group] * taken
    return np.flatnonzero(can_give[edges.queue]), heads


def _solve(
    projection: Projection, targets: list[int], needs: Mapping[int, float], sources: Ints, heads: Floats
) -> list[tuple[int, int, int]]:
    """Return what flows: (edge of the network, position of the target, units)."""
    state, edges = projection.state, projection.flow.network.edges
    queues = len(state.queues)
    surplus = np.array([floor(max(0.0, -(queue.labour_needed or 0.0)) * UNITS_PER_HEAD) for queue in projection.queues])
    capacity = np.floor(heads[sources] * UNITS_PER_HEAD).astype(np.int64)
    weight = np.array([queue.weight for queue in state.queues]) / max(queue.weight for queue in state.queues)
    skilled = np.array([[target in group.skills for target in targets] for group in state.groups])
    worked = np.array([[target in group.shares for target in targets] for group in state.groups])
    own, aim = np.nonzero(skilled[edges.group[sources]])
    # Nodes: the source, the queues that give, the edges of the network, the queues in need, the sink.
    first_edge, first_target = 1 + queues, 1 + queues + len(sources)
    sink = first_target + len(targets)
    new = ~worked[edges.group[sources[own]], aim]
    disturbance = COST_OF_MOVE + COST_OF_NEW_QUEUE * new + COST_OF_WEIGHTY_SOURCE * weight[edges.queue[sources[own]]]
    demand = np.array([ceil(needs[target] * UNITS_PER_HEAD) for target in targets])
    unmet = COST_UNMET * (1 + weight[[state.position[target] for target in targets]])
    many, few = np.arange(len(sources)), np.arange(len(targets))
    arcs = (
        (np.zeros(queues), 1 + np.arange(queues), surplus, np.zeros(queues)),
        (1 + edges.queue[sources], first_edge + many, capacity, np.zeros(len(sources))),
        (first_edge + own, first_target + aim, capacity[own], np.round(disturbance)),
        (np.zeros(len(targets)), first_target + few, demand, np.round(unmet)),
        (first_target + few, np.full(len(targets), sink), demand, np.zeros(len(targets))),
    )
    tails, ends, capacities, costs = (np.concatenate(column) for column in zip(*arcs, strict=True))
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), ends.astype(np.int32), capacities.astype(np.int64), costs.astype(np.int64)
    )
    solver.set_nodes_supplies(np.array([0, sink], dtype=np.int32), np.array([demand.sum(), -demand.sum()], dtype=np.int64))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"The flow of people to queues has no optimum: {status}.")
    start = queues + len(sources)
    flows = solver.flows(np.arange(start, start + len(own), dtype=np.int32))
    used = np.flatnonzero(flows)
    return [(int(sources[own[arc]]), int(aim[arc]), int(flows[arc])) for arc in used]


def _whole_heads(projection: Projection, target: int, wanted: Mapping[tuple[str, int], float], most_parts: int) -> PeopleMove:
    """Return the largest parts in whole heads, rounded up where so many can go."""
    state = projection.state
    parts: list[TeamPart] = []
    largest = sorted(wanted.items(), key=lambda item: (-item[1], item[0]))[:most_parts]
    for (team, source), units in largest:
        of_team = [group for group in state.groups if group.team == team]
        there = sum(group.heads[0] for group in of_team if source in group.shares and target in group.skills)
        heads = min(ceil(units / UNITS_PER_HEAD), floor(there + 1e-9))
        if heads >= 1 and units >= LEAST_UNITS:
            parts.append(TeamPart(team, source, heads, round(heads / sum(group.heads[0] for group in of_team), 4)))
    return PeopleMove(target, tuple(parts))
