"""The fluid model: arrivals flow into queues, groups of people drain them, first in first out.

Several states may be run at once, side by side in the same arrays, which is how moves are compared quickly: queues, groups and
edges of the second state follow those of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.projection.reforecast import arrival_factor
from allocation.projection.sharing import TINY, Edges, share_out
from allocation.projection.state import FloorState

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """Some states as arrays.

    Parameters
    ----------
    attraction
        Weight of the queue x share of the mix / SLA for each edge, shape (edges,).
    capacity
        Seconds of each group at the usual speed, shape (groups, steps).
    factor
        What the rest of the forecast of each queue was multiplied with, shape (queues,).
    arrivals
        Jobs that arrive in each step after that, shape (queues, steps).
    curve_times, curve_levels
        Corners of the arrival curve: seconds from now (negative for what waits already), and jobs that came until then,
        shape (queues, corners); rising, the corners of the future are the edges of the steps.
    """

    step_seconds: float
    edges: Edges
    attraction: Floats
    capacity: Floats
    aht_seconds: Floats
    sla_seconds: Floats
    factor: Floats
    arrivals: Floats
    curve_times: Floats
    curve_levels: Floats

    @property
    def steps(self) -> int:
        """Number of steps."""
        return int(self.arrivals.shape[1])


@dataclass(frozen=True, eq=False)
class Flow:
    """What a run of the fluid model gave.

    Parameters
    ----------
    served
        Jobs answered until each edge of the steps, shape (queues, steps + 1).
    caught_up
        For each step the seconds after its start at which the queue runs empty, the whole step when it does not, shape
        (queues, steps).
    is_empty
        Whether the queue is empty at the end of the step, shape (queues, steps).
    taken
        Seconds of each edge in each step, shape (steps, edges).
    spare
        Seconds that each group is idle in each step, shape (groups, steps).
    """

    network: Network
    served: Floats
    caught_up: Floats
    is_empty: NDArray[np.bool_]
    taken: Floats
    spare: Floats

    def reachable_spare(self) -> Floats:
        """Return the idle seconds of all groups that work each queue, shape (queues, steps); queues may share them."""
        edges = self.network.edges
        total = np.zeros((edges.queue_count, self.network.steps))
        np.add.at(total, edges.queue, self.spare[edges.group])
        return total


def compile_states(states: Sequence[FloorState]) -> Network:
    """Return the arrays of some states, which must have the same steps."""
    if len({(state.steps, state.step_seconds) for state in states}) != 1:
        raise ValueError("States that are run together need the same steps.")
    queues = [queue for state in states for queue in state.queues]
    aht = np.array([queue.aht_seconds for queue in queues], dtype=np.float64)
    sla = np.array([queue.sla_seconds for queue in queues], dtype=np.float64)
    factor = np.concatenate([_factors(state) for state in states])
    arrivals = np.array([queue.forecast_arrivals for queue in queues], dtype=np.float64) * factor[:, None]
    weight = np.array([queue.weight for queue in queues], dtype=np.float64)
    reserve = np.array([queue.reserved_share for queue in queues], dtype=np.float64)
    groups = [group for state in states for group in state.groups]
    speed = np.array([group.relative_speed for group in groups], dtype=np.float64)
    heads = np.array([group.heads for group in groups], dtype=np.float64).reshape(len(groups), states[0].steps)
    step_seconds = states[0].step_seconds
    queue, share = _edges(states)
    counts = np.array([len(group.queue_ids) for group in groups], dtype=np.int64)
    edges = Edges(np.repeat(np.arange(len(groups)), counts), queue, reserve[queue], len(groups), len(queues))
    times, levels = _arrival_curves(states, arrivals, step_seconds)
    return Network(
        step_seconds=step_seconds,
        edges=edges,
        attraction=weight[queue] * share / sla[queue],
        capacity=heads * (speed * step_seconds)[:, None],
        aht_seconds=aht,
        sla_seconds=sla,
        factor=factor,
        arrivals=arrivals,
        curve_times=times,
        curve_levels=levels,
    )


def _factors(state: FloorState) -> Floats:
    """Return the factor of each queue's arrivals, shape (queues,)."""
    arrived = [queue.arrived_so_far for queue in state.queues]
    return arrival_factor(arrived, [queue.forecast_so_far for queue in state.queues], state.progress)


def _edges(states: Sequence[FloorState]) -> tuple[Ints, Floats]:
    """Return the queue and the share of the mix of each edge, in the order of states and groups."""
    queues: list[Ints] = [np.zeros(0, dtype=np.int64)]
    shares: list[Floats] = [np.zeros(0)]
    first = 0
    for state in states:
        ids = np.array([queue.queue_id for queue in state.queues], dtype=np.int64)
        order = np.argsort(ids)
        of_groups = [group.queue_ids for group in state.groups]
        if of_groups:
            queues.append(first + order[np.searchsorted(ids[order], np.concatenate(of_groups))])
            shares.extend(group.share_values for group in state.groups)
        first += len(ids)
    return np.concatenate(queues), np.concatenate(shares)


def _arrival_curves(states: Sequence[FloorState], arrivals: Floats, step_seconds: float) -> tuple[Floats, Floats]:
    """Return the corners of the arrival curves; short pasts are filled up with their first corner."""
    pasts = [queue.past_curve for state in states for queue in state.queues]
    corners = max(len(times) for times, _ in pasts)
    steps = arrivals.shape[1]
    all_times = np.empty((len(pasts), corners + steps))
    all_levels = np.zeros((len(pasts), corners + steps))
    for row, (times, levels) in enumerate(pasts):
        missing = corners - len(times)
        all_times[row, missing:corners] = times
        all_times[row, :missing] = times[0]
        all_levels[row, missing:corners] = levels
    all_times[:, corners:] = step_seconds * np.arange(1, steps + 1)
    all_levels[:, corners:] = all_levels[:, corners - 1, None] + np.cumsum(arrivals, axis=1)
    return all_times, all_levels


def run(network: Network) -> Flow:
    """Drain the queues step by step: the generalised c-mu index, taken in the middle of the step, attracts the groups' time."""
    edges, steps, aht = network.edges, network.steps, network.aht_seconds
    served = np.zeros((edges.queue_count, steps + 1))
    caught_up = np.full((edges.queue_count, steps), network.step_seconds)
    is_empty = np.zeros((edges.queue_count, steps), dtype=bool)
    taken_by_step = np.zeros((steps, len(edges.queue)))
    spare_by_step = np.zeros((steps, edges.group_count))
    backlog = network.curve_levels[:, -steps - 1] * aht
    for step in range(steps):
        new = network.arrivals[:, step] * aht
        index = _index(network, served[:, step], (step + 0.5) * network.step_seconds)
        capacity = network.capacity[:, step]
        taken, rest, spare = share_out(edges, index, backlog + new, capacity)
        rest[rest <= TINY] = 0.0
        is_empty[:, step] = rest == 0.0
        used = capacity - spare
        stretch = np.divide(capacity, used, out=np.ones(len(capacity)), where=used > TINY)
        drain = edges.by_queue(taken * stretch[edges.group]) - new
        soon = np.divide(backlog, drain, out=np.ones(len(backlog)), where=drain > backlog) * network.step_seconds
        caught_up[:, step] = np.where(is_empty[:, step] & (backlog > 0), soon, caught_up[:, step])
        caught_up[is_empty[:, step] & (backlog == 0), step] = 0.0
        served[:, step + 1] = np.maximum(served[:, step], network.curve_levels[:, step - steps] - rest / aht)
        taken_by_step[step], spare_by_step[step], backlog = taken, spare, rest
    return Flow(network, served, caught_up, is_empty, taken_by_step, spare_by_step.T)


def _index(network: Network, served: Floats, now: float) -> Floats:
    """Return the attraction of each edge: ``weight x share / sla x (age / sla)^3`` with the age of the queue's head."""
    times, levels = network.curve_times, network.curve_levels
    last = times.shape[1] - 1
    after = np.minimum((levels <= served[:, None] * (1 + 1e-12)).sum(axis=1), last)
    before = np.maximum(after - 1, 0)
    rows = np.arange(len(served))
    low, high = levels[rows, before], levels[rows, after]
    part = np.divide(served - low, high - low, out=np.zeros(len(served)), where=high > low)
    arrived = times[rows, before] + np.clip(part, 0.0, 1.0) * (times[rows, after] - times[rows, before])
    aged = np.maximum(now - arrived, network.step_seconds / 2) / network.sla_seconds
    index: Floats = network.attraction * (aged * aged * aged)[network.edges.queue]
    return index
