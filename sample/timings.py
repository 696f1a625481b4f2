"""How many associates keep which timing, fitted to the daily profile of the demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sample.facts import INTERVAL_MINUTES, SLOTS_PER_DAY, WORKING_DAYS
from scheduling.shifts import BreakPolicy, ShiftType

Floats = NDArray[np.float64]


def supply_profiles(shift_types: tuple[ShiftType, ...], policy: BreakPolicy) -> Floats:
    """Return the expected productive heads of one associate a shift type in each interval of a day, shape (types, intervals).

    Breaks are taken as spread evenly over the part of the shift in which they may lie; days off as spread over the week.
    """
    minutes = np.zeros((len(shift_types), 2 * 1440))
    for row, shift in zip(minutes, shift_types, strict=True):
        first, last = shift.start_minute, shift.start_minute + shift.span_minutes
        row[first:last] = 1.0
        open_from, open_to = first + policy.not_before_minutes, last - policy.not_after_minutes
        row[open_from:open_to] -= policy.break_minutes / (open_to - open_from)
    folded = minutes[:, :1440] + minutes[:, 1440:]
    return np.asarray(folded.reshape(len(shift_types), SLOTS_PER_DAY, INTERVAL_MINUTES).mean(axis=2) * WORKING_DAYS / 7)


def share_groups(capacity: Floats, demand: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """Return which share of each skill's demand each group serves, shape (groups, skills), columns sum to 1.

    Iterative proportional fitting: every group is loaded alike as far as its skills allow (Deming and Stephan, 1940).

    Parameters
    ----------
    capacity, demand
        Shape (groups,) and (skills,).
    """
    flow = np.where(allowed, capacity[:, None] * demand[None, :], 0.0)
    for _ in range(500):
        flow *= (capacity / capacity.sum() * demand.sum() / np.maximum(flow.sum(axis=1), 1e-12))[:, None]
        flow *= (demand / np.maximum(flow.sum(axis=0), 1e-12))[None, :]
    return np.asarray(flow / demand[None, :])


def fit_timings(target: Floats, profiles: Floats, count: int) -> NDArray[np.int64]:
    """Return the associates on each timing, shape (types,), least squares against a daily profile of heads.

    Each associate in turn takes the timing that brings the supply nearest to the target; then single changes mend the rest.
    """
    target = target * (profiles[0].sum() * count / target.sum())
    counts = np.zeros(len(profiles), dtype=np.int64)
    gram, wish = profiles @ profiles.T, profiles @ target
    norms = np.diagonal(gram)
    pull = 2 * wish - norms
    for _ in range(count):
        best = int(pull.argmax())
        counts[best] += 1
        pull = pull - 2 * gram[best]
    while count:
        residual = wish - gram @ counts
        gain = 2 * (residual[None, :] - residual[:, None]) - (norms[:, None] + norms[None, :] - 2 * gram)
        gain[counts == 0] = -np.inf
        source, target_type = divmod(int(gain.argmax()), len(profiles))
        if gain[source, target_type] <= 1e-9:
            break
        counts[source] -= 1
        counts[target_type] += 1
    return counts
