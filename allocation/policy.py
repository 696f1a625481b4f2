"""Which queue next: a policy ranks the heads of queues, and reserved shares keep every queue from starving.

A claim looks only at the head of each queue that the associate may work now (the caller leaves out the others). Everything is
float64 and written so that a database that multiplies in the same order comes to the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor, isfinite
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from scheduling.errors import SchedulingError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_SLA_SECONDS: Final = 0.001
"""A head whose deadline is its arrival, or earlier, counts as if it had this SLA, so that nothing is divided by zero."""

MOST_RESERVED: Final = 0.5
"""Reserved shares together leave at least half of the claims to the policy."""

GOLDEN: Final = 0.6180339887498949
"""Golden ratio conjugate: of all numbers, its multiples are spread most evenly over the unit interval."""


class ReservedShareError(SchedulingError):
    """Reserved shares are out of range; the message lists every fault."""


@dataclass(frozen=True, eq=False)
class Heads:
    """The first jobs of the queues that may be claimed now; every array has the shape (queues,).

    Parameters
    ----------
    queue_id
        Distinct ids.
    age_seconds
        Time since the head arrived; negative ages, from clocks that differ, count as zero.
    sla_seconds
        From arrival to deadline of the head itself, which may have a deadline of its own.
    weight
        Worth of a job of the queue in time, above zero.
    mix_share
        What the supervisor's mix gives to the queue for the team of who claims, above zero.
    relative_speed
        Speed of who claims in this queue, 1 for the usual handling time.
    reserved_from, reserved_until
        Interval of points in which the queue goes first, see `reserved_intervals`; 0 and 0 without a reserved share.
    """

    queue_id: Ints
    age_seconds: Floats
    sla_seconds: Floats
    weight: Floats
    mix_share: Floats
    relative_speed: Floats
    reserved_from: Floats
    reserved_until: Floats

    def __len__(self) -> int:
        return len(self.queue_id)


class Policy(Protocol):
    """Ranks heads: the greatest index is served first."""

    def __call__(self, heads: Heads, /) -> Floats:
        """Return the index of each head, shape (queues,)."""
        ...


def generalised_c_mu(heads: Heads) -> Floats:
    """Return ``weight x mix share x relative speed / sla x (age / sla)^3``, multiplied from left to right.

    The marginal cost of waiting grows with the cube of the age, so that no queue is forgotten, and in an overload the loss is
    shared by weight. Source: Van Mieghem, Annals of Applied Probability 5(3), 1995; the exponent was found by simulation.
    """
    sla = np.maximum(heads.sla_seconds, LEAST_SLA_SECONDS)
    aged = np.maximum(heads.age_seconds, 0.0) / sla
    index: Floats = heads.weight * heads.mix_share * heads.relative_speed / sla * aged * aged * aged
    return index


def first_in_first_out(heads: Heads) -> Floats:
    """Return the age: whatever waits longest is next."""
    return np.maximum(heads.age_seconds, 0.0)


def strict_priority(heads: Heads) -> Floats:
    """Return the weight: the weightiest queue is next, however long others wait."""
    return heads.weight


def earliest_deadline(heads: Heads) -> Floats:
    """Return how far the deadline lies in the past: whatever is due first is next."""
    return heads.age_seconds - heads.sla_seconds


POLICIES: Final[Mapping[str, Callable[[Heads], Floats]]] = MappingProxyType(
    {policy.__name__: policy for policy in (generalised_c_mu, first_in_first_out, strict_priority, earliest_deadline)}
)
"""Every policy by its name, for settings and for simulations that compare them."""


def rank_at(due_at: datetime, priority: int, sla_seconds: float) -> datetime:
    """Return the instant by which jobs of one queue are ordered, the earliest first.

    Each step of priority is worth one SLA of waiting: a job goes before those of the step below that arrived up to one SLA
    earlier, and never before older ones. So a low priority is late by a bounded time and never starves.
    """
    return due_at - timedelta(seconds=priority * sla_seconds)


def reserved_intervals(shares: Mapping[int, float]) -> dict[int, tuple[float, float]]:
    """Return for each queue with a reserved share its interval [from, until) of points, side by side in the order of ids.

    Parameters
    ----------
    shares
        Reserved share of the claims by queue id; zero reserves nothing.

    Raises
    ------
    ReservedShareError
        When a share is negative or no number, or when together they pass `MOST_RESERVED`.
    """
    faults = [
        f"The reserved share of queue {queue_id} is {share}; give a number from 0 to {MOST_RESERVED}."
        for queue_id, share in sorted(shares.items())
        if not (isfinite(share) and share >= 0)
    ]
    total = sum(share for share in shares.values() if isfinite(share))
    if total > MOST_RESERVED + 1e-9:
        faults.append(
            f"The reserved shares add up to {total:.0%} of the claims, and at most {MOST_RESERVED:.0%} may be reserved; "
            "lower some of them."
        )
    if faults:
        raise ReservedShareError("\n".join(faults))
    intervals, start = {}, 0.0
    for queue_id, share in sorted(shares.items()):
        if share > 0:
            intervals[queue_id] = (start, start + share)
            start += share
    return intervals


def reserved_point(number: int) -> float:
    """Return the point of claim `number` in [0, 1): the fraction of ``number x golden ratio conjugate``.

    An interval of length ``r`` is met at least once in any ``2 / r + 1`` consecutive numbers, and ``N`` consecutive numbers
    meet it at least ``r N - c`` times with ``c = 2 + log(N) / log(1.618)``: by Denjoy and Koksma a Fibonacci number of
    consecutive points differs from its share by at most 2, and N is a sum of at most half as many Fibonacci numbers as that
    logarithm, plus one. (No constant bounds it for every r, by Kesten; among 300 random intervals none fell behind by 7 in
    three million.)
    """
    product = number * GOLDEN
    return product - floor(product)


def choose(heads: Heads, policy: Policy, point: float) -> int | None:
    """Return the position in `heads` of the queue to claim from; ``None`` when there is none.

    A head whose reserved interval holds the point goes first. Otherwise the policy decides; of equals the older head goes
    first, then the lower queue id.
    """
    if not len(heads):
        return None
    reserved = np.flatnonzero((heads.reserved_from <= point) & (point < heads.reserved_until))
    if len(reserved):
        return int(reserved[0])
    return int(np.lexsort((heads.queue_id, -heads.age_seconds, -policy(heads)))[0])
