"""What the breaks of a round of duties cost in the requirement intervals that the duties touch.

The duties of a round touch different intervals, so each has a window of intervals to itself. Inside a window the cost is known
for every number of units (one associate for one slot of the break grid) by which the heads of a skill may change, so the loss
of a break is looked up and not computed: the increase of cost when its units leave, the cheapest skill of the associate first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breaks.duties import Duties
from scheduling.cost import CoverageCost
from scheduling.coverage import Split

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEVELLING_WEIGHT = 2e-5
"""Weight of half the squared surplus: too small to outweigh coverage, enough to spread slack evenly where coverage is free."""


@dataclass(frozen=True)
class Site:
    """The coverage that duties add to.

    Parameters
    ----------
    required
        Heads, shape (intervals, skills).
    slots_per_interval
        Units of a head in an interval.
    allowed
        Whether a group may cover a skill, shape (groups, skills).
    levelling_weight
        Weight of half the squared surplus.
    """

    required: Floats
    slots_per_interval: int
    allowed: Bools
    cost: CoverageCost
    levelling_weight: float = LEVELLING_WEIGHT

    def potential(self, heads: Floats, required: Floats) -> Floats:
        """Return the cost of coverage with the small preference for evenly spread slack, element by element."""
        return self.cost.of(heads, required) + self.levelling_weight / 2 * np.square(heads - required)


class Window:
    """The intervals of each duty of one round.

    Parameters
    ----------
    site, split
        The coverage and how it is split over skills now; `split` is changed by `put_back`, `take` and `restore`.
    duties, members
        All duties, and which of them are in the round, shape (members,).
    """

    def __init__(self, site: Site, split: Split, duties: Duties, members: Ints) -> None:
        scale = site.slots_per_interval
        self._site, self._split, self._scale = site, split, scale
        self._group = duties.group[members]
        first = duties.first_slot[members] // scale
        self._lead = duties.first_slot[members] - first * scale
        width = int(-(-(self._lead + duties.slots[members]).max() // scale))
        rows = first[:, None] + np.arange(width)
        own = np.arange(width) * scale < (self._lead + duties.slots[members])[:, None]
        self.inside: Bools = np.asarray(own & (rows >= 0) & (rows < len(site.required)), dtype=bool)
        self._rows = np.clip(rows, 0, len(site.required) - 1)
        self._required = site.required[self._rows]
        self._saved = split.units[self._rows]
        self._units = self._saved.copy()
        self._allowed = site.allowed[self._group]
        self._useful = np.asarray(self._allowed.any(axis=1), dtype=bool)

    def away(self, lengths: Ints, kinds: Ints, starts: Ints) -> Ints:
        """Return the units that breaks take, shape (members, intervals); a length of 0 takes none."""
        members, width = self._rows.shape
        edges = np.zeros((members, width * self._scale + 1), dtype=np.int64)
        who = np.broadcast_to(np.arange(members)[:, None], kinds.shape)
        at = self._lead[:, None] + starts
        np.add.at(edges, (who, at), 1)
        np.add.at(edges, (who, at + lengths[kinds]), -1)
        units = edges[:, :-1].cumsum(axis=1).reshape(members, width, self._scale).sum(axis=2)
        return np.asarray(np.where(self.inside, units, 0), dtype=np.int64)

    def put_back(self, away: Ints) -> None:
        """Let the units of breaks work again, each for the skill where it helps most."""
        self._table = self._costs()
        self._offset = np.full(self._required.shape, self._scale)
        for number in range(self._scale):
            change = self._at(self._offset + 1) - self._at(self._offset)
            self._move(np.where(self._allowed[:, None, :], change, np.inf).argmin(axis=2), away > number, 1)

    def losses_of_units(self) -> Floats:
        """Return what it costs when a duty leaves for some units of an interval, shape (members, intervals, scale + 1).

        Infinite where the duty's group has not so many units; 0 outside the horizon and for a group that covers nothing.
        """
        offset = self._offset.copy()
        losses = np.zeros((*self._rows.shape, self._scale + 1))
        self._choice = np.zeros((*self._rows.shape, self._scale), dtype=np.int64)
        mine = self._mine()
        useful = self._useful[:, None] & self.inside
        for number in range(self._scale):
            change = self._at(np.maximum(offset - 1, 0)) - self._at(offset)
            change = np.where(self._allowed[:, None, :] & (mine > 0), change, np.inf)
            skill = change.argmin(axis=2)
            least = np.take_along_axis(change, skill[:, :, None], axis=2)[:, :, 0]
            losses[:, :, number + 1] = np.where(useful, losses[:, :, number] + least, 0.0)
            self._choice[:, :, number] = skill
            step = np.zeros_like(offset)
            np.put_along_axis(step, skill[:, :, None], 1, axis=2)
            offset -= step
            mine = mine - step
        return losses

    def take(self, away: Ints) -> None:
        """Take the units of breaks away, from the skills that `losses_of_units` chose, and make the split optimal again."""
        for number in range(self._scale):
            self._move(self._choice[:, :, number], away > number, -1)
        self._split.units[self._rows[self.inside]] = self._units[self.inside]
        changed = np.asarray(self.inside & (self._units != self._saved).any(axis=(2, 3)), dtype=bool)
        self._split.improve(self._rows[changed], largest=self._scale)

    def potentials(self) -> Floats:
        """Return the potential of each duty's intervals as the split is now, shape (members,)."""
        heads = self._split.units[self._rows].sum(axis=2) / self._scale
        cost = self._site.potential(heads, self._required).sum(axis=2)
        return np.asarray(np.where(self.inside, cost, 0.0).sum(axis=1), dtype=np.float64)

    def restore(self, which: Bools) -> None:
        """Bring the intervals of some members back to what they were when the window was made."""
        back = self.inside & which[:, None]
        self._split.units[self._rows[back]] = self._saved[back]

    def starts(self, losses: Floats, lengths: Ints, slots: int) -> Floats:
        """Return the loss of a break of each kind at each slot of the shift, shape (kinds, members, slots)."""
        table = self._touched(lengths, slots)
        flat = np.pad(losses, ((0, 0), (0, table.shape[-1]), (0, 0))).reshape(len(losses), -1)
        found = np.empty((len(lengths), len(losses), slots))
        for lead in np.unique(self._lead):
            members = np.flatnonzero(self._lead == lead)
            found[:, members] = flat[members][:, table[lead]].sum(axis=3).transpose(1, 0, 2)
        return found

    def _touched(self, lengths: Ints, slots: int) -> Ints:
        """Return the places in flat unit losses that a break touches, shape (leads, kinds, slots, intervals touched)."""
        lead = np.arange(self._scale)[:, None, None, None]
        begin = lead + np.arange(slots)[None, None, :, None]
        end = begin + lengths[None, :, None, None]
        interval = begin // self._scale + np.arange(int(lengths.max(initial=0)) // self._scale + 2)
        overlap = np.minimum(end, (interval + 1) * self._scale) - np.maximum(begin, interval * self._scale)
        return np.asarray(interval * (self._scale + 1) + np.maximum(0, overlap), dtype=np.int64)

    def _costs(self) -> Floats:
        """Return the potential at each change of units, -scale to +scale, shape (2 scale + 1, members, intervals, skills)."""
        heads = self._units.sum(axis=2) / self._scale
        steps = np.arange(-self._scale, self._scale + 1) / self._scale
        return self._site.potential(heads[None] + steps[:, None, None, None], self._required[None])

    def _at(self, offset: Ints) -> Floats:
        return np.asarray(np.take_along_axis(self._table, offset[None], axis=0)[0], dtype=np.float64)

    def _mine(self) -> Ints:
        """Return the units of each member's own group, shape (members, intervals, skills)."""
        mine = np.take_along_axis(self._units, self._group[:, None, None, None], axis=2)[:, :, 0]
        return np.asarray(mine, dtype=np.int64)

    def _move(self, skill: Ints, where: Bools, units: int) -> None:
        """Add units of each member's group to a skill in the intervals `where`."""
        where = np.asarray(where & self.inside & self._useful[:, None], dtype=bool)
        member, interval = np.nonzero(where)
        self._units[member, interval, self._group[member], skill[where]] += units
        self._offset[member, interval, skill[where]] += units
