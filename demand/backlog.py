"""Backlog queues: work with a deadline, whether a capacity meets it, and the flattest capacity that does.

Time is cut into equal intervals. Work of interval ``i`` of a queue may be done in the intervals ``i`` to ``i + slack`` of the
queue; work is a fluid that any number of heads share. A capacity meets every deadline exactly if for every window of intervals
it is at least the work that is released in the window and due in it (earliest deadline first then succeeds).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_REACH = 64
"""Intervals that `flattest` looks ahead at first; it doubles the reach while nothing binds."""


@dataclass(frozen=True)
class Backlog:
    """Work of some queues that share one capacity.

    Parameters
    ----------
    work
        Work released in each interval, shape (queues, intervals), zero or more, in any unit that the capacity shares.
    slack_intervals
        For each queue the intervals after that of the release in which the work may still be done, shape (queues,).
    """

    work: Floats
    slack_intervals: Ints

    def __post_init__(self) -> None:
        """Refuse negative work and slack, and shapes that do not match."""
        if self.work.ndim != 2 or self.slack_intervals.shape != self.work.shape[:1]:
            raise ValueError("Work needs the shape (queues, intervals) and slack the shape (queues,).")
        if not (np.isfinite(self.work).all() and (self.work >= 0).all() and (self.slack_intervals >= 0).all()):
            raise ValueError("Work and slack must be numbers of zero or more.")


@dataclass(frozen=True)
class Window:
    """A window of intervals with the work that must be done inside it.

    Parameters
    ----------
    first, last
        Indices of its first and last interval, both included.
    work, capacity
        Work released and due in the window, and what the capacity gives there.
    """

    first: int
    last: int
    work: float
    capacity: float

    @property
    def missing(self) -> float:
        """Work that cannot be done in time whatever the order, zero when the window is large enough."""
        return max(0.0, self.work - self.capacity)


def tightest_window(backlog: Backlog, capacity: Floats) -> Window:
    """Return the window that misses most capacity (or has least to spare); every deadline can be kept if it misses none.

    Exact over all windows, one vector operation for each first interval. Deadlines past the last interval do not bind.

    Parameters
    ----------
    capacity
        Work that can be done in each interval, shape (intervals,).
    """
    count = backlog.work.shape[1]
    supply = np.concatenate([[0.0], np.cumsum(capacity)])
    released = np.concatenate([np.zeros((len(backlog.work), 1)), np.cumsum(backlog.work, axis=1)], axis=1)
    ends = np.arange(1, count + 1)
    due = np.stack([row[np.maximum(0, ends - slack)] for row, slack in zip(released, backlog.slack_intervals, strict=True)])
    best: tuple[float, int, int] = (-np.inf, 0, 0)
    for first in range(count):
        inside = np.maximum(0.0, due[:, first:] - released[:, first, None]).sum(axis=0)
        gap = inside - (supply[first + 1 :] - supply[first])
        last = int(gap.argmax())
        best = max(best, (float(gap[last]), first, first + last), key=lambda window: window[0])
    _, first, last = best
    work = float(np.maximum(0.0, due[:, last] - released[:, first]).sum())
    return Window(first, last, work, float(supply[last + 1] - supply[first]))


def is_feasible(backlog: Backlog, capacity: Floats, tolerance: float = 1e-9) -> bool:
    """Return whether the capacity, shape (intervals,), keeps every deadline (relative `tolerance` for rounding)."""
    return tightest_window(backlog, capacity).missing <= tolerance * max(1.0, float(backlog.work.sum()))


def unmeetable_work(backlog: Backlog, capacity: Floats) -> Floats:
    """Return the work of each release that earliest deadline first leaves undone at its deadline, shape (queues, intervals).

    Work whose deadline has passed is left, so that it costs no other its deadline: the total is the least that any order can
    leave (Shih, Liu and Chung, "Algorithms for scheduling imprecise computations", 1991). Deadlines past the last interval do
    not bind.
    """
    count = backlog.work.shape[1]
    rest = backlog.work.copy()
    waiting: list[tuple[int, int, int]] = []
    for now in range(count):
        for arriving in np.flatnonzero(backlog.work[:, now] > 0):
            heapq.heappush(waiting, (now + int(backlog.slack_intervals[arriving]), now, int(arriving)))
        left = float(capacity[now])
        while waiting and (left > 0 or waiting[0][0] <= now):
            due, released, queue = waiting[0]
            done = min(left, float(rest[queue, released]))
            left -= done
            rest[queue, released] -= done
            if rest[queue, released] > 0 and due > now:
                break
            heapq.heappop(waiting)
    binding = np.arange(count)[None, :] + backlog.slack_intervals[:, None] < count
    return np.where(binding, rest, 0.0)


def flattest(work: Floats, slack_intervals: int, carried: Floats | None = None) -> Floats:
    """Return the flattest capacity that keeps every deadline of one queue, shape (intervals,).

    What is done must at every boundary lie between what is due and what has been released. The shortest string pulled tight
    between these two staircases has the least peak, and at once the least sum of any convex function of the capacity (the
    taut string; for deadlines in order of release it is the critical-interval method of Yao, Demers and Shenker, 1995).
    Deadlines past the last interval do not bind.

    Parameters
    ----------
    work
        Work released in each interval, shape (intervals,), zero or more.
    slack_intervals
        Intervals after that of the release in which the work may still be done.
    carried
        Work released in the intervals just before the first and not yet done, at most `slack_intervals` of them.

    Raises
    ------
    ValueError
        When carried work would already be late.
    """
    before = np.zeros(0) if carried is None else carried
    if len(before) > slack_intervals:
        raise ValueError(f"Work carried from {len(before)} intervals before is late with a slack of {slack_intervals}.")
    released = np.concatenate([[0.0], np.cumsum(np.concatenate([before, work]))])
    due = np.zeros(len(released))
    due[slack_intervals:] = released[: max(0, len(released) - slack_intervals)]
    due, ceiling = due[len(before) :], released[len(before) :]
    ceiling[-1] = due[-1]
    pace = np.zeros(len(work))
    at, done = 0, 0.0
    while at < len(work):
        stop, level = _next_bend(due, ceiling, at, done)
        pace[at:stop] = max(0.0, level - done) / (stop - at)
        at, done = stop, level
    return pace


def _next_bend(floor: Floats, ceiling: Floats, at: int, done: float) -> tuple[int, float]:
    """Return where the taut string from (`at`, `done`) next touches the floor or the ceiling, with its level there."""
    reach, last = FIRST_REACH, len(floor) - 1
    while True:
        stop = min(last, at + reach)
        steps = np.arange(1, stop - at + 1)
        least = np.maximum.accumulate((floor[at + 1 : stop + 1] - done) / steps)
        most = np.minimum.accumulate((ceiling[at + 1 : stop + 1] - done) / steps)
        crossed = np.flatnonzero(least > most)
        if len(crossed):
            return _bend_before(int(crossed[0]), floor, ceiling, at, done)
        if stop == last:
            return last, float(floor[last])
        reach *= 2


def _bend_before(crossed: int, floor: Floats, ceiling: Floats, at: int, done: float) -> tuple[int, float]:
    """Return the bend when floor and ceiling first leave no straight line at offset `crossed`.

    If the floor has risen above every line under the ceiling, the string turns upwards at the ceiling's lowest slope,
    otherwise downwards at the floor's highest. The last of equal slopes is taken, which joins straight pieces.
    """
    steps = np.arange(1, crossed + 2)
    up = (floor[at + 1 : at + crossed + 2] - done) / steps
    down = (ceiling[at + 1 : at + crossed + 2] - done) / steps
    if up[crossed] > down[:crossed].min():
        offset = crossed - 1 - int(down[:crossed][::-1].argmin())
        return at + offset + 1, float(ceiling[at + offset + 1])
    offset = crossed - 1 - int(up[:crossed][::-1].argmax())
    return at + offset + 1, float(floor[at + offset + 1])
