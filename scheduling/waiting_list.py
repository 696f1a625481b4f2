"""A waiting list in the order of coming: who moves up when places are free, without anybody being overtaken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Pool = TypeVar("Pool", bound=Hashable)


@dataclass(frozen=True)
class Waiting(Generic[Pool]):
    """Somebody who waits for one place in each of several pools, all of them or nothing.

    Parameters
    ----------
    pools
        What a place is needed of, such as (team, day).
    """

    id: int
    pools: frozenset[Pool]


def moving_up(waiting: Iterable[Waiting[Pool]], free: Mapping[Pool, int]) -> tuple[int, ...]:
    """Return who moves up, in the order in which they wait.

    Whoever cannot move up yet keeps a claim on every pool that they wait for, so that nobody behind them takes a place there
    first, even one that they cannot use alone.

    Parameters
    ----------
    waiting
        In the order of coming.
    free
        Places left in each pool; a pool that is not named has no limit.
    """
    claimed: Counter[Pool] = Counter()
    moving = []
    for one in waiting:
        if all(free[pool] > claimed[pool] for pool in one.pools if pool in free):
            moving.append(one.id)
        claimed.update(one.pools)
    return tuple(moving)
