"""The heads of each skill in each interval, kept at least cost while single units come and go.

How a group's units are split over its skills does not matter, only how many heads each skill gets. Heads ``x`` are possible
exactly when for every set ``B`` of skills ``x(B) >= s(B)``, with ``s(B)`` the units of those groups that have no skill outside
``B``. When a unit comes or goes, the best heads change for one skill only (successive shortest paths: Ahuja, Magnanti, Orlin,
Network Flows, 1993, chapter 9; the sets are the base of a polymatroid, Fujishige, Submodular Functions, 2005): the cheapest
skill that no *tight* set, ``x(B) = s(B)``, forbids. So a unit needs a look-up and a comparison, and the balance stays optimal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breaks.window import Site
from scheduling.cost import CoverageCost
from scheduling.coverage import Split

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FORBIDDEN = 1e6
"""Price of a change that the people present do not allow; above every cost of a head."""

SLOPES_AT_ONCE = 64
"""Numbers of units whose costs are found together: few calls, and still inside the cache."""


class Balance:
    """Heads at least cost, interval by interval; the intervals of `margin` at both sides of the horizon cost nothing.

    Parameters
    ----------
    site
        Requirement, cost and the skills of each group.
    sets
        Sets of skills that bound the heads, from `bounding_sets`, shape (sets, skills).
    units
        Units of each group in each interval of the horizon, shape (groups, intervals).
    margin
        Intervals before and after the horizon into which shifts reach. Interval ``i`` of the horizon is row ``margin + i``.
    """

    def __init__(self, site: Site, sets: Bools, units: Ints, margin: int) -> None:
        self._scale, self._sets = site.slots_per_interval, sets.T.astype(np.int64)
        # A unit of a group lies inside a set when the group can help no skill outside it.
        inside: Bools = np.logical_not((site.allowed[:, None, :] & ~sets[None, :, :]).any(axis=2))
        self._inside = inside.astype(np.int64)
        self._no_leave = FORBIDDEN * (~inside[:, :, None] & sets[None]).astype(np.float64)
        self._no_come = FORBIDDEN * (inside[:, :, None] & ~sets[None]).astype(np.float64)
        useful: Bools = np.asarray(site.allowed.any(axis=1), dtype=bool)
        weights = site.cost
        levelled = _Levelled(
            short_steps=weights.short_steps,
            over_steps=weights.over_steps,
            least_step_heads=weights.least_step_heads,
            levelling_weight=site.levelling_weight,
        )
        split = Split(site.allowed, site.required, self._scale, levelled, np.where(useful[:, None], units, 0))
        heads = split.units.sum(axis=1)
        slack = heads @ self._sets - (units * useful[:, None]).T @ self._inside
        self._slopes, lowest = _slopes(site)
        width = self._slopes.shape[2]
        self._lowest, self._inner = lowest, slice(margin, margin + len(heads))
        outside = ((margin, margin), (0, 0))
        # Outside the horizon nothing is ever tight and all slopes are those of the last row, which are zero.
        self._slack = np.pad(slack, outside, constant_values=1 << 40)
        self._place = np.pad(heads - lowest, outside)
        rows = np.concatenate([np.full(margin, len(heads)), np.arange(len(heads)), np.full(margin, len(heads))])
        self._first = (rows[:, None] * heads.shape[1] + np.arange(heads.shape[1])) * width
        self._slopes, self._last = self._slopes.ravel(), width - 1
        self._skills = np.arange(heads.shape[1])

    @property
    def heads(self) -> Floats:
        """Scheduled heads, shape (intervals, skills)."""
        return np.asarray((self._place[self._inner] + self._lowest) / self._scale, dtype=np.float64)

    def come(self, rows: Ints, group: Ints) -> Floats:
        """Add a unit of a group in each of some rows, each row once; return the change of cost, shape (rows,)."""
        place, slack = self._place[rows], self._slack[rows]
        price = self._slope(rows, place)
        price += ((slack == 0)[:, None, :] @ self._no_come[group])[:, 0]
        skill: Ints = np.asarray(price.argmin(axis=1), dtype=np.int64)
        self._place[rows, skill] += 1
        self._slack[rows] = slack + self._sets[skill] - self._inside[group]
        return np.asarray(price[np.arange(len(rows)), skill], dtype=np.float64)

    def leaving(self, rows: Ints, group: Ints) -> tuple[Floats, Ints]:
        """Return what it costs when units of a group leave, without a change.

        Parameters
        ----------
        rows, group
            The intervals of each member, shape (members, intervals), and its group, shape (members,).

        Returns
        -------
        Cost of 0 to all units of a head, shape (units + 1, members, intervals), and the skill from which each unit goes, shape
        (units, members, intervals).
        """
        place, slack = self._place[rows], self._slack[rows]
        inside, no_leave = self._inside[group][:, None, :], self._no_leave[group]
        losses = np.zeros((self._scale + 1, *rows.shape))
        skills = np.zeros((self._scale, *rows.shape), dtype=np.int64)
        for number in range(self._scale):
            price = (slack == 0) @ no_leave
            place -= 1
            price -= self._slope(rows, place)
            skill: Ints = np.asarray(price.argmin(axis=2), dtype=np.int64)
            skills[number] = skill
            np.add(losses[number], price.min(axis=2), out=losses[number + 1])
            place += skill[:, :, None] != self._skills
            slack += inside - self._sets[skill]
        return losses, skills

    def coming(self, rows: Ints, group: Ints) -> Floats:
        """Return the change of cost when 0 to all units of a head of a group come, without a change; as `leaving`."""
        place, slack = self._place[rows], self._slack[rows]
        inside, no_come = self._inside[group][:, None, :], self._no_come[group]
        changes = np.zeros((self._scale + 1, *rows.shape))
        for number in range(self._scale):
            price = (slack == 0) @ no_come
            price += self._slope(rows, place)
            skill: Ints = np.asarray(price.argmin(axis=2), dtype=np.int64)
            np.add(changes[number], price.min(axis=2), out=changes[number + 1])
            place += skill[:, :, None] == self._skills
            slack += self._sets[skill] - inside
        return changes

    def leave(self, rows: Ints, group: Ints, skill: Ints) -> None:
        """Take a unit of a group away from the skill that `leaving` named, in each of some rows, each row once."""
        self._place[rows, skill] -= 1
        self._slack[rows] += self._inside[group] - self._sets[skill]

    def saved(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return a copy of some rows for `restore`."""
        return self._place[rows], self._slack[rows]

    def restore(self, rows: Ints, saved: tuple[Ints, Ints], which: Bools) -> None:
        """Bring those of the saved rows back that `which` names."""
        self._place[rows[which]], self._slack[rows[which]] = saved[0][which], saved[1][which]

    def _slope(self, rows: Ints, place: Ints) -> Floats:
        """Return the cost of one unit more of each skill, shape (..., skills)."""
        index = np.maximum(place, 0)
        np.minimum(index, self._last, out=index)
        index += self._first[rows]
        return np.asarray(self._slopes.take(index), dtype=np.float64)


@dataclass(frozen=True)
class _Levelled(CoverageCost):
    """The cost with the small preference for slack that is spread evenly."""

    levelling_weight: float = 0.0

    def of(self, scheduled: Floats, required: Floats) -> Floats:
        return super().of(scheduled, required) + self.levelling_weight / 2 * np.square(scheduled - required)


def _slopes(site: Site) -> tuple[Floats, Ints]:
    """Return the cost of one unit more at each number of units, beginning with a lowest number.

    Returns
    -------
    Slopes, shape (intervals + 1, skills, numbers), zero in the last interval; and the lowest numbers, (intervals, skills). Below
    the first and above the last number the slope is constant but for the levelling, which need not matter there.
    """
    kinks = np.concatenate([site.cost.kinks(site.required)[1:], site.required[None]]) * site.slots_per_interval
    lowest = np.floor(kinks.min(axis=0)).astype(np.int64) - 1
    width = int((np.ceil(kinks.max(axis=0)) - lowest).max(initial=1)) + 2
    slopes = np.zeros((len(lowest) + 1, lowest.shape[1], width))
    for first in range(0, width, SLOPES_AT_ONCE):
        numbers = np.arange(first, min(first + SLOPES_AT_ONCE, width) + 1)
        costs = site.potential((lowest + numbers[:, None, None]) / site.slots_per_interval, site.required)
        slopes[:-1, :, numbers[:-1]] = np.diff(costs, axis=0).transpose(1, 2, 0)
    return slopes, lowest


def bounding_sets(allowed: Bools, most: int) -> Bools | None:
    """Return the sets of skills that bound the heads: single skills, and unions of groups' skills that hang together.

    Parameters
    ----------
    allowed
        Whether a group may cover a skill, shape (groups, skills).
    most
        With more sets than this the answer is ``None``.
    """
    every = frozenset(range(allowed.shape[1]))
    found = {frozenset({skill}) for skill in every}
    groups = {frozenset(np.flatnonzero(row).tolist()) for row in allowed if row.any()}
    fresh = found | groups
    found |= groups
    while fresh:
        fresh = {one | group for one in fresh for group in groups if one & group} - found
        found |= fresh
        if len(found) > most:
            return None
    ordered = sorted(sorted(one) for one in found if one != every or len(found) == 1)
    return np.array([[skill in one for skill in sorted(every)] for one in ordered], dtype=bool).reshape(-1, len(every))
