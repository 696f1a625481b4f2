"""The best re-timing of the remaining breaks of each of many people, by dynamic programming along their chains.

With ``V(i, k)`` the least loss of a chain up to its place ``i`` when the break there takes its choice ``k``::

    V(i, l) = loss[i, l] + min over k of  V(i - 1, k) + penalty(start[i, l] - end[i - 1, k])

The penalty is zero for a legal work stretch and so large otherwise that rules come before coverage; minutes by which rules are
missed are kept as few as can be when a legal sequence is out of reach.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from breaks.chains import Chains

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RULE_MINUTE = 1e6
"""Loss of a minute by which a rule is missed, in weighted head-minutes; above any loss of coverage by one person."""

MOVED_MINUTE = 1e-5
"""Loss of a minute by which a break is moved: of two moves that are equal otherwise, the shorter is made."""

CHUNK_PEOPLE = 256
"""Chains solved together: their tables fit into the cache of a core."""


def best_choices(chains: Chains, losses: Floats) -> Ints:
    """Return the choice of least loss of every place, shape (people, places).

    Parameters
    ----------
    losses
        Loss of each choice beyond the rules on stretches, shape (people, places, choices); infinite where it is not allowed.
    """
    real = chains.position >= 0
    choice = np.zeros(chains.position.shape, dtype=np.int64)
    for first in range(0, len(chains), CHUNK_PEOPLE):
        part = slice(first, first + CHUNK_PEOPLE)
        choice[part] = _solve(chains, part, real[part], losses[part])
    return choice


def _solve(chains: Chains, part: slice, real: NDArray[np.bool_], losses: Floats) -> Ints:
    start = chains.start[part]
    end = start + chains.length[part][:, :, None]
    least, most = chains.least[part], chains.most[part]
    people, places, choices = start.shape
    middle = chains.middle
    value, came_from = losses[:, 0], np.zeros((people, places, choices), dtype=np.int64)
    for place in range(1, places):
        work = start[:, place, None, :] - end[:, place - 1, :, None]
        penalty = _penalty(work, least[:, None, None], most[:, None, None])
        # Breaks that overlap already may stay as they are, but no others may be made to overlap.
        standing = penalty[:, middle, middle].copy()
        penalty[work < 0] = np.inf
        penalty[:, middle, middle] = standing
        penalty[~real[:, place]] = 0.0
        penalty += value[:, :, None]
        came_from[:, place] = penalty.argmin(axis=1)
        value = penalty.min(axis=1) + losses[:, place]
    value = value + _penalty(chains.shift_end[part][:, None] - end[:, -1], least[:, None], most[:, None])
    choice = np.zeros((people, places), dtype=np.int64)
    choice[:, -1] = value.argmin(axis=1)
    for place in reversed(range(1, places)):
        choice[:, place - 1] = came_from[np.arange(people), place, choice[:, place]]
    return choice


def _penalty(work: Ints, least: Ints, most: Ints) -> Floats:
    off = np.maximum(least - work, work - most)
    return np.asarray(RULE_MINUTE * np.maximum(0, off), dtype=np.float64)


def plain_losses(chains: Chains, price_per_move: float) -> Floats:
    """Return what each choice loses whatever the coverage: rules, the price of a move, its length; as `best_choices` takes it."""
    distance = np.abs(chains.start - chains.start[:, :, chains.middle, None])
    losses = RULE_MINUTE * chains.fault + MOVED_MINUTE * distance + price_per_move
    losses[:, :, chains.middle] -= price_per_move
    return np.asarray(np.where(chains.may, losses, np.inf), dtype=np.float64)


def coverage_losses(chains: Chains, changes: Floats, taken: Ints) -> Floats:
    """Return what each choice costs the coverage, all other breaks of the person that may move being worked.

    Parameters
    ----------
    changes
        From `FloorCoverage.changes` for all groups and rows, shape (groups, rows, 2 interval + 1).
    taken
        Minutes that the breaks that may move take from each row now, shape (people, rows).

    Returns
    -------
    Weighted head-minutes, shape (people, places, choices); a row in which two breaks lie is counted for each by itself.
    """
    _, rows, width = changes.shape
    row = np.minimum(chains.row[:, :, :, None] + np.arange(chains.minutes.shape[3]), rows - 1)
    own = (chains.group[:, None] * rows + np.arange(rows)) * width + width // 2 + np.minimum(taken, width // 2)
    back = np.take_along_axis(own, row.reshape(len(chains), -1), axis=1).reshape(row.shape)
    flat = changes.ravel()
    return np.asarray((flat[back - chains.minutes] - flat[back]).sum(axis=3), dtype=np.float64)


def change_of(changes: Floats, group: Ints, more: Ints) -> Floats:
    """Return the exact change of cost when people of some groups work `more` minutes in each row, each alone, shape (people,)."""
    _, rows, width = changes.shape
    at = (group[:, None] * rows + np.arange(rows)) * width + width // 2 + np.clip(more, -(width // 2), width // 2)
    return np.asarray(changes.ravel()[at].sum(axis=1), dtype=np.float64)
