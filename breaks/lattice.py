"""The graph of all legal break patterns of a shift.

A node is what matters of a shift just after a break: how many breaks of each kind have been taken, and the grid slot at which
the last one ended. An arc is a stretch of work followed by one break. Every path from the start of the shift to its end is one
legal pattern and every legal pattern is one path, so the number of nodes (a few thousand) stands for millions of patterns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from scheduling.errors import PolicyError
from scheduling.shifts import BreakPolicy

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Arc:
    """The breaks of one kind that may follow one count of breaks.

    Parameters
    ----------
    kind
        Index of the kind in the policy.
    source, target
        Indices of the counts before and after.
    first, last
        Earliest and latest slot at which the break may start on a way to the end of the shift, both included.
    """

    kind: int
    source: int
    target: int
    first: int
    last: int


@dataclass(frozen=True)
class Lattice:
    """The legal patterns of a shift of one span under one policy, in slots of the break grid.

    Parameters
    ----------
    policy, span_minutes
        What is asked. Limits off the grid are tightened to it; lengths off the grid are an error.

    Raises
    ------
    PolicyError
        When the span or a break is not a whole number of grid slots.
    """

    policy: BreakPolicy
    span_minutes: int

    def __post_init__(self) -> None:
        grid = self.policy.grid_minutes
        if grid <= 0 or self.span_minutes <= 0:
            raise PolicyError(
                f"A break grid of {grid} minutes on a shift of {self.span_minutes} minutes makes no sense: both must be above 0."
            )
        if self.span_minutes % grid:
            raise PolicyError(
                f"The shift span of {self.span_minutes} minutes is not a multiple of the break grid of {grid} minutes: "
                f"change the span to {self.span_minutes // grid * grid} minutes or choose another grid."
            )
        for kind in self.policy.breaks:
            if kind.minutes <= 0 or kind.minutes % grid or kind.count < 0:
                raise PolicyError(
                    f"{kind.count} breaks of kind {kind.kind!r} of {kind.minutes} minutes: the length must be a multiple of the "
                    f"break grid of {grid} minutes above 0, the count not below 0."
                )

    @cached_property
    def slots(self) -> int:
        """Slots of the shift."""
        return self.span_minutes // self.policy.grid_minutes

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """Slots of a break of each kind."""
        return tuple(kind.minutes // self.policy.grid_minutes for kind in self.policy.breaks)

    @cached_property
    def stretch(self) -> tuple[int, int]:
        """Least and most slots of a work stretch."""
        least, most = self.policy.work_stretch_minutes
        return max(0, -(-least // self.policy.grid_minutes)), min(most // self.policy.grid_minutes, self.slots)

    @cached_property
    def counts(self) -> tuple[tuple[int, ...], ...]:
        """How many breaks of each kind have been taken, for each node index; fewer breaks come first."""
        every = product(*(range(kind.count + 1) for kind in self.policy.breaks))
        return tuple(sorted(every, key=lambda count: (sum(count), count)))

    @cached_property
    def may_start(self) -> Bools:
        """Whether windows and edges let a break of a kind start at a slot, shape (kinds, slots)."""
        grid = self.policy.grid_minutes
        minutes = np.arange(self.slots) * grid
        allowed = np.zeros((len(self.lengths), self.slots), dtype=bool)
        for index, kind in enumerate(self.policy.breaks):
            earliest, latest = kind.window_minutes or (0, self.span_minutes)
            earliest = max(earliest, self.policy.not_before_minutes)
            latest = min(latest, self.span_minutes - max(0, self.policy.not_after_minutes) - kind.minutes)
            allowed[index] = (minutes >= earliest) & (minutes <= latest)
        return allowed

    @cached_property
    def ends(self) -> Bools:
        """Whether the last break of a legal pattern may end at a slot, shape (slots + 1,)."""
        rest = self.slots - np.arange(self.slots + 1)
        return np.asarray((rest >= self.stretch[0]) & (rest <= self.stretch[1]), dtype=bool)

    @cached_property
    def nodes(self) -> Bools:
        """Whether a node lies on a legal pattern, shape (counts, slots + 1)."""
        return self._reached_from_start & self._reaching_end

    def _after_stretch(self, ended: Bools) -> Bools:
        """Return the slots one legal stretch of work after the given ones, same shape."""
        started = np.zeros_like(ended)
        for length in range(self.stretch[0], self.stretch[1] + 1):
            started[length:] |= ended[: len(ended) - length]
        return started

    @cached_property
    def _steps(self) -> tuple[tuple[int, int, int], ...]:
        """(kind, source, target) of each pair of counts that differ by one break, sources in the order of `counts`.

        A break longer than the shift leads nowhere.
        """
        index = {count: position for position, count in enumerate(self.counts)}
        steps = []
        for source, count in enumerate(self.counts):
            for kind in range(len(count)):
                target = index.get((*count[:kind], count[kind] + 1, *count[kind + 1 :]))
                if target is not None and self.lengths[kind] <= self.slots:
                    steps.append((kind, source, target))
        return tuple(steps)

    @cached_property
    def _reached_from_start(self) -> Bools:
        reached = np.zeros((len(self.counts), self.slots + 1), dtype=bool)
        reached[0, 0] = True
        for kind, source, target in self._steps:
            begin = self._after_stretch(reached[source])[:-1] & self.may_start[kind]
            reached[target, self.lengths[kind] :] |= begin[: self.slots + 1 - self.lengths[kind]]
        return reached

    @cached_property
    def _reaching_end(self) -> Bools:
        reaching = np.zeros((len(self.counts), self.slots + 1), dtype=bool)
        reaching[-1] = self.ends
        for kind, source, target in reversed(self._steps):
            begin = np.zeros(self.slots + 1, dtype=bool)
            length = self.lengths[kind]
            begin[: self.slots + 1 - length] = reaching[target, length:]
            begin[:-1] &= self.may_start[kind]
            begin[-1] = False
            reaching[source] |= self._after_stretch(begin[::-1])[::-1]
        return reaching

    @cached_property
    def has_pattern(self) -> bool:
        """Whether any legal pattern exists."""
        return bool(self.nodes[0, 0])

    @cached_property
    def arcs(self) -> tuple[Arc, ...]:
        """The arcs between nodes of legal patterns, sources in the order of `counts`."""
        arcs = []
        for kind, source, target in self._steps:
            length = self.lengths[kind]
            begin = self._after_stretch(self.nodes[source])[: self.slots] & self.may_start[kind]
            begin[: self.slots + 1 - length] &= self.nodes[target, length:][: self.slots]
            begin[self.slots + 1 - length :] = False
            where = np.flatnonzero(begin)
            if len(where):
                arcs.append(Arc(kind, source, target, int(where[0]), int(where[-1])))
        return tuple(arcs)
