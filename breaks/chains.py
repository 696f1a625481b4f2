"""The remaining breaks of many people as chains of arrays: where each break may start, and what it takes from whom.

A chain holds the breaks of one person from the first that may move; breaks keep their order. Its first place stands for all that
came before, and chains of fewer breaks begin with more such places, so that all chains have the same number of places. Choice
``middle`` of every place is where the break stands at first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Chains:
    """The chains of some people.

    Parameters
    ----------
    index
        Place of each in `Floor.people`, shape (people,).
    group
        Skill group of each, shape (people,).
    position, kind
        Position in the pattern (-1 before the first) and kind of each place, shape (people, places).
    start
        Start of each choice on the axis of the floor, shape (people, places, choices).
    length
        Minutes of each place, shape (people, places).
    takes
        Whether it is a break that may move and takes its minutes from productive time, shape (people, places).
    may
        Whether a choice is allowed, shape (people, places, choices).
    fault
        Minutes by which a choice misses its window or an edge of the shift, shape (people, places, choices).
    least, most, shift_end
        Shortest and longest work stretch, and the end of the shift, shape (people,).
    productive
        Least and most productive minutes, shape (people, 2).
    whole
        Productive minutes if no minute of a break that may move were lost anyway, shape (people,).
    row, minutes
        First row of the coverage that a choice touches, shape (people, places, choices), and the minutes that it takes from that
        row and those after it, shape (people, places, choices, rows touched).
    """

    index: Ints
    group: Ints
    position: Ints
    kind: Ints
    start: Ints
    length: Ints
    takes: Bools
    may: Bools
    fault: Ints
    least: Ints
    most: Ints
    shift_end: Ints
    productive: Ints
    whole: Ints
    row: Ints
    minutes: Ints

    def __len__(self) -> int:
        return len(self.index)

    @property
    def middle(self) -> int:
        """The choice that leaves a break where it stands."""
        return int(self.start.shape[2]) // 2

    @cached_property
    def saved(self) -> Ints:
        """Minutes of each choice that were lost anyway, so that a break there costs none, shape (people, places, choices)."""
        saved = self.length[:, :, None] - self.minutes.sum(axis=3)
        return np.asarray(np.where(self.takes[:, :, None], saved, 0), dtype=np.int64)

    def chosen(self, values: NDArray[np.generic], choice: Ints) -> Ints:
        """Return the values, shape (people, places, choices), of one choice each, shape (people, places)."""
        return np.take_along_axis(values, choice[:, :, None], axis=2)[:, :, 0].astype(np.int64)

    def taken(self, choice: Ints, rows: int) -> Ints:
        """Return the minutes that breaks take from each row of the coverage, shape (people, rows)."""
        people, places = np.arange(len(self))[:, None], np.arange(choice.shape[1])
        minutes, row = self.minutes[people, places, choice], self.row[people, places, choice]
        at = np.minimum(row[:, :, None] + np.arange(minutes.shape[2]), rows - 1) + people[:, :, None] * rows
        counts = np.bincount(at.ravel(), weights=minutes.ravel(), minlength=len(self) * rows)
        return counts.reshape(len(self), rows).astype(np.int64)

    def violation(self, choice: Ints) -> Ints:
        """Return by how many minutes rules are missed in all, counting only what a choice can change, shape (people,)."""
        start = self.chosen(self.start, choice)
        work = np.concatenate([start[:, 1:], self.shift_end[:, None]], axis=1) - (start + self.length)
        off = np.maximum(0, np.maximum(self.least[:, None] - work, work - self.most[:, None]))
        off[:, :-1][self.position[:, 1:] < 0] = 0
        return np.asarray(off.sum(axis=1) + self.chosen(self.fault, choice).sum(axis=1) + self.unproductive(choice))

    def unproductive(self, choice: Ints) -> Ints:
        """Return by how many minutes the productive ones are too few or too many, shape (people,)."""
        left = self.whole + self.chosen(self.saved, choice).sum(axis=1)
        off = np.maximum(self.productive[:, 0] - left, left - self.productive[:, 1])
        return np.asarray(np.maximum(0, off), dtype=np.int64)

    def moves(self, choice: Ints) -> Ints:
        """Return how many breaks do not stand where they stood, shape (people,)."""
        return np.asarray((choice != self.middle).sum(axis=1), dtype=np.int64)

    def part(self, which: Ints) -> Chains:
        """Return the chains of some of the people."""
        return Chains(**{one.name: getattr(self, one.name)[which] for one in fields(self)})

    def with_group(self, group: int) -> Chains:
        """Return the chains with everybody in one group, for prices of that group alone."""
        return replace(self, group=np.full(len(self), group, dtype=np.int64))
