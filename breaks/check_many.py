"""Which of many break patterns are legal, in whole arrays: the rules of `breaks.check.pattern_faults` without the words.

A large roster has hundreds of thousands of different patterns, nearly all of them legal. Those that are not are put in words one
by one by the checker; tests hold the two against each other on patterns of every kind.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import BreakSlots
from scheduling.shifts import BreakPolicy

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def are_legal(policy: BreakPolicy, span_minutes: Ints, slots: BreakSlots) -> Bools:
    """Return whether each pattern keeps every rule of the policy, in a shift of the span that is given for it.

    Parameters
    ----------
    span_minutes
        Span of the shift for each pattern, shape (patterns,).
    slots
        The breaks of the patterns, one pattern after the other, each in its own order.
    """
    count, kinds = len(span_minutes), len(policy.breaks)
    known = (slots.kind >= 0) & (slots.kind < kinds)
    kind, pattern, start = np.where(known, slots.kind, 0), slots.pattern, slots.minute
    minutes = np.array([one.minutes for one in policy.breaks] or [0], dtype=np.int64)[kind]
    end, span = start + minutes, span_minutes[pattern]
    windows = [one.window_minutes or (None, None) for one in policy.breaks] or [(None, None)]
    first = np.array([-np.inf if low is None else low for low, _ in windows])[kind]
    last = np.array([np.inf if high is None else high for _, high in windows])[kind]
    fits = known & (start % policy.grid_minutes == 0) & (start >= first) & (start <= last)
    fits &= (start >= policy.not_before_minutes) & (end <= span - policy.not_after_minutes)
    fits &= _stretches_fit(policy, pattern, start, end, span)
    legal = np.bincount(pattern[~fits], minlength=count) == 0
    had = np.bincount(pattern * max(kinds, 1) + kind, minlength=count * max(kinds, 1)).reshape(count, max(kinds, 1))
    legal &= (had == np.array([one.count for one in policy.breaks] or [0])).all(axis=1)
    unproductive = np.array([not one.productive for one in policy.breaks] or [False], dtype=bool)[kind]
    left = span_minutes - np.bincount(pattern, weights=minutes * unproductive, minlength=count)
    return np.asarray(
        legal & _last_stretch_fits(policy, span_minutes, pattern, end) & _within(left, policy.productive_minutes), dtype=bool
    )


def _within(minutes: Ints | Floats, bounds: tuple[int, int]) -> Bools:
    return np.asarray((minutes >= bounds[0]) & (minutes <= bounds[1]), dtype=bool)


def _stretches_fit(policy: BreakPolicy, pattern: Ints, start: Ints, end: Ints, span: Ints) -> Bools:
    """Return whether the work before each break, since the break before it or the start of the shift, is as long as it may be."""
    follows = np.concatenate([[False], pattern[1:] == pattern[:-1]])[: len(pattern)]
    since = np.where(follows, np.concatenate([[0], end])[: len(end)], 0)
    return _within(start - since, policy.work_stretch_minutes) & (start >= since)


def _last_stretch_fits(policy: BreakPolicy, span_minutes: Ints, pattern: Ints, end: Ints) -> Bools:
    """Return whether the work after the last break of each pattern, or all of it where there is none, is as long as it may be."""
    last = np.zeros(len(span_minutes), dtype=np.int64)
    last[pattern] = end
    return _within(span_minutes - last, policy.work_stretch_minutes) & (span_minutes >= last)
