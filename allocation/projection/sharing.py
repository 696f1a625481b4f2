"""How groups of people share their time among the queues that they work, within one step.

Time and work are in seconds at the usual handling time. An edge is a pair of a group and a queue that the group works.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TINY = 1e-7
"""Seconds of work or time that count as none."""

MOST_EXCHANGES = 4
"""Times that idle people take over work, so that busy people get free for a queue in need; longer chains are left out."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Which group works which queue.

    Parameters
    ----------
    group, queue
        Index of the group and of the queue of each edge, shape (edges,).
    reserved
        Share of the group's time that goes to the queue first, shape (edges,).
    """

    group: Ints
    queue: Ints
    reserved: Floats
    group_count: int
    queue_count: int

    def by_group(self, values: Floats) -> Floats:
        """Return the sums over the edges of each group, shape (groups,)."""
        return np.asarray(np.bincount(self.group, values, self.group_count), dtype=np.float64)

    def by_queue(self, values: Floats) -> Floats:
        """Return the sums over the edges of each queue, shape (queues,)."""
        return np.asarray(np.bincount(self.queue, values, self.queue_count), dtype=np.float64)


def share_out(edges: Edges, index: Floats, work: Floats, time: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the time spent on each edge, the work that rests, and the time that is left.

    Each group splits its time among its queues that still have work in proportion to the index, again and again until it has
    no time or no work. Nobody is idle while a queue that they work has work left. Where people are idle, they take over work
    from colleagues who also work a queue in need.

    Parameters
    ----------
    index
        Attraction of each edge, above zero, shape (edges,).
    work, time
        Work of each queue, shape (queues,), and time of each group, shape (groups,); they are not changed.
    """
    rest, spare, taken = work.copy(), time.copy(), np.zeros(len(index))
    _offer(edges, index, rest, spare, taken)
    for _ in range(MOST_EXCHANGES):
        if not _exchange(edges, rest, spare, taken):
            break
        _offer(edges, index, rest, spare, taken)
    return taken, rest, spare


def _offer(edges: Edges, index: Floats, rest: Floats, spare: Floats, taken: Floats) -> None:
    """Split the spare time among queues with work until no group has both; in each round a queue is filled, or all time used."""
    has_reserve = bool(edges.reserved.any())
    is_open = rest > TINY
    while is_open.any():
        pull = np.where(is_open[edges.queue], index, 0.0)
        total = edges.by_group(pull)
        portion = np.divide(spare, total, out=np.zeros(len(spare)), where=total > 0)
        if has_reserve:
            reserved = np.where(is_open[edges.queue], edges.reserved, 0.0)
            free = 1.0 - edges.by_group(reserved)
            offers = pull * (portion * free)[edges.group] + reserved * spare[edges.group]
        else:
            offers = pull * portion[edges.group]
        offered = edges.by_queue(offers)
        is_full = is_open & (offered >= rest)
        accepted = np.divide(rest, offered, out=np.ones(len(rest)), where=is_full)
        gained = offers * accepted[edges.queue]
        taken += gained
        np.maximum(spare - edges.by_group(gained), 0.0, out=spare)
        rest -= np.where(is_full, rest, offered)
        if not is_full.any():
            break
        is_open &= ~is_full


def _exchange(edges: Edges, rest: Floats, spare: Floats, taken: Floats) -> bool:
    """Let idle people take over work from colleagues who work a queue in need; return whether anything changed hands."""
    in_need = (rest > TINY).astype(np.float64)
    if not in_need.any() or not (spare > TINY).any():
        return False
    wanted = edges.by_group(in_need[edges.queue]) > 0
    releasable = np.where(wanted[edges.group] & (taken > TINY), taken, 0.0)
    release = edges.by_queue(releasable)
    pull = release[edges.queue]
    total = edges.by_group(pull)
    portion = np.divide(spare, total, out=np.zeros(len(spare)), where=(total > 0) & (spare > TINY))
    absorbable = pull * portion[edges.group]
    absorb = edges.by_queue(absorbable)
    moved = np.minimum(release, absorb)
    if moved.sum() <= TINY * 10:
        return False
    change = absorbable * np.divide(moved, absorb, out=np.zeros(len(rest)), where=absorb > 0)[edges.queue]
    change -= releasable * np.divide(moved, release, out=np.zeros(len(rest)), where=release > 0)[edges.queue]
    taken += change
    np.maximum(spare - edges.by_group(change), 0.0, out=spare)
    return True
