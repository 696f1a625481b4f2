"""Heads from load: the workload rule and the Erlang formulas.

Load is in erlangs (heads busy on average): jobs in an interval x AHT / interval. Arrays broadcast against each other. The
recursions work on probabilities or logarithms, never on factorials, so that they hold for any number of agents.
Sources: Erlang 1917; Halfin and Whitt, Operations Research 29(3), 1981; Mandelbaum and Zeltyn, "Service engineering in action:
the Palm/Erlang-A queue", 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, inf, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDING = 1e-12
"""A service level this little below its target counts as reached."""


def workload_heads(jobs: ArrayLike, aht_seconds: ArrayLike, interval_minutes: float) -> Floats:
    """Return the heads busy on average: ``jobs x aht / interval``; no jobs need no handling time (NaN is allowed there)."""
    work = np.asarray(jobs, dtype=np.float64) * np.asarray(aht_seconds, dtype=np.float64)
    return np.asarray(np.where(np.asarray(jobs) == 0, 0.0, work) / (60.0 * interval_minutes), dtype=np.float64)


def buffered_heads(workload: ArrayLike, buffer: float, max_occupancy: float) -> Floats:
    """Return the heads of the workload rule: ``workload x (1 + buffer) / max_occupancy``.

    Parameters
    ----------
    buffer
        Share added for what the forecast may be off, zero or more.
    max_occupancy
        Greatest share of productive time spent on jobs, above 0 to 1.

    Raises
    ------
    ValueError
        When a parameter lies outside its range.
    """
    if not (buffer >= 0.0 and 0.0 < max_occupancy <= 1.0):
        raise ValueError(f"A buffer of {buffer} or a maximal occupancy of {max_occupancy} is out of range.")
    return np.asarray(workload, dtype=np.float64) * (1.0 + buffer) / max_occupancy


def erlang_b(load: ArrayLike, agents: ArrayLike) -> Floats:
    """Return the probability that all agents are busy when none may wait.

    ``B(0) = 1``, ``B(n) = a B(n-1) / (n + a B(n-1))``: no term grows, no cancellation.
    """
    a, n = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(agents, dtype=np.int64))
    blocked = np.ones(a.shape)
    for count in range(1, int(n.max(initial=0)) + 1):
        offered = a * blocked
        blocked = np.where(count <= n, offered / (count + offered), blocked)
    return blocked


def _wait_from_blocking(blocked: Floats, a: Floats, n: ArrayLike) -> Floats:
    """Return Erlang C from Erlang B, ``n B / (n - a (1 - B))``; 1 where the load is not below the agents."""
    number = np.broadcast_to(np.asarray(n, dtype=np.float64), a.shape)
    rest = number - a * (1.0 - blocked)
    stable = a < number
    return np.where(stable, np.divide(number * blocked, rest, out=np.ones(a.shape), where=stable), np.where(a > 0, 1.0, 0.0))


def erlang_c(load: ArrayLike, agents: ArrayLike) -> Floats:
    """Return the probability that a job has to wait (M/M/n); 1 where the load is not below the agents, 0 without load."""
    a, n = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(agents, dtype=np.int64))
    return _wait_from_blocking(erlang_b(a, n), a, n)


def service_level(load: ArrayLike, agents: ArrayLike, target_seconds: ArrayLike, aht_seconds: ArrayLike) -> Floats:
    """Return the share of jobs begun within the target: ``1 - C exp(-(n - a) T / aht)``; 0 where the queue grows for ever."""
    a, n = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(agents, dtype=np.float64))
    spare = np.maximum(0.0, n - a)
    patience = np.asarray(target_seconds, dtype=np.float64) / np.asarray(aht_seconds, dtype=np.float64)
    return np.asarray(1.0 - erlang_c(a, n.astype(np.int64)) * np.exp(-spare * patience), dtype=np.float64)


def mean_wait_seconds(load: ArrayLike, agents: ArrayLike, aht_seconds: ArrayLike) -> Floats:
    """Return the average speed of answer over all jobs, ``C aht / (n - a)``; infinite where the queue grows for ever."""
    a, n = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(agents, dtype=np.float64))
    wait = erlang_c(a, n.astype(np.int64)) * np.asarray(aht_seconds)
    return np.where(wait == 0.0, 0.0, np.divide(wait, n - a, out=np.full(wait.shape, inf), where=n > a))


def required_agents(load: ArrayLike, target_seconds: ArrayLike, aht_seconds: ArrayLike, level: float) -> Ints:
    """Return the fewest agents that begin a share `level` of the jobs within the target (Erlang C); 0 without load.

    Raises
    ------
    ValueError
        When the level is not between 0 and 1, both excluded.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"A service level of {level} cannot be staffed; choose one above 0 and below 1.")
    a, decay = np.broadcast_arrays(
        np.asarray(load, dtype=np.float64), np.asarray(target_seconds, dtype=np.float64) / np.asarray(aht_seconds)
    )
    needed = np.where(a > 0, -1, 0).astype(np.int64)
    blocked, count = np.ones(a.shape), 0
    while (needed < 0).any():
        count += 1
        offered = a * blocked
        blocked = offered / (count + offered)
        late = _wait_from_blocking(blocked, a, count) * np.exp(-np.maximum(0.0, count - a) * decay)
        reached = (needed < 0) & (1.0 - late >= level - ROUNDING)
        needed = np.where(reached, count, needed)
    return needed


@dataclass(frozen=True)
class ErlangA:
    """Figures of a queue whose jobs leave after an exponential patience (M/M/n+M); the wait is in the unit of the AHT."""

    p_wait: float
    p_abandon: float
    mean_wait: float
    occupancy: float


def erlang_a(arrival_rate: float, aht: float, patience: float, agents: int) -> ErlangA:
    """Return the stationary figures of M/M/n+M from its birth and death rates, in logarithms.

    Parameters
    ----------
    arrival_rate
        Jobs a unit of time, above zero.
    aht, patience
        Mean handling time and mean patience in the same unit, above zero.
    agents
        Number of agents, at least one.

    Raises
    ------
    ValueError
        When a parameter is out of range.
    """
    if not (min(arrival_rate, aht, patience) > 0 and agents >= 1):
        raise ValueError("Arrival rate, handling time, patience and agents must be above zero.")
    # Beyond its mode the queue decays at least like a Gaussian of variance `arrival_rate x patience`: 14 of its spreads
    # leave out less than the last digit of a double.
    overload = max(0.0, arrival_rate - agents / aht) * patience
    waiting = int(overload + 14 * sqrt(arrival_rate * patience) + 100)
    states = np.arange(1, agents + waiting + 1, dtype=np.float64)
    leaving = np.minimum(states, agents) / aht + np.maximum(0.0, states - agents) / patience
    weight = np.concatenate([[0.0], np.cumsum(np.log(arrival_rate / leaving))])
    share = np.exp(weight - weight.max())
    share /= share.sum()
    queue = float((share[agents:] * np.arange(waiting + 1)).sum())
    busy = float((share * np.minimum(np.arange(len(share)), agents)).sum())
    return ErlangA(
        p_wait=float(share[agents:].sum()),
        p_abandon=queue / patience / arrival_rate,
        mean_wait=queue / arrival_rate,
        occupancy=busy / agents,
    )


def halfin_whitt(beta: float) -> float:
    """Return the limit of the probability to wait as load grows with ``a + beta sqrt(a)`` agents: ``1 / (1 + b F(b) / f(b))``.

    ``F`` and ``f`` are the distribution and the density of the standard normal.

    Raises
    ------
    ValueError
        When `beta` is not above zero: the queue then grows for ever.
    """
    if not beta > 0.0:
        raise ValueError(f"A staffing surplus of {beta} leaves a queue that grows for ever; choose one above zero.")
    density = exp(-beta * beta / 2) / sqrt(2 * pi)
    return density / (density + beta * (1 + erf(beta / sqrt(2))) / 2)
