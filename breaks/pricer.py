"""The cheapest legal break pattern of many shifts at once, by dynamic programming over the lattice.

With ``V(c, e)`` the least loss of a shift whose breaks so far number ``c`` and whose last one ended at slot ``e``::

    V(0, 0) = 0
    V(c + 1_q, b + m_q) = min over q, b of  loss[q, b] + min over stretches L of V(c, b - L)

The loops are in `breaks.pricer_kernel`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from breaks.lattice import Lattice
from breaks.pricer_kernel import price
from scheduling.errors import PolicyError
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PatternPricer:
    """Prices all legal patterns of one span under one policy (implements `scheduling.ports.BreakPricer`).

    Parameters
    ----------
    policy, span_minutes
        Which patterns are legal.
    stretch_losses
        What a work stretch of so many grid slots loses, shape (slots + 1,); ``None`` when only the starts of breaks matter.

    Raises
    ------
    PolicyError
        When the span or a break is not a whole number of grid slots.
    """

    def __init__(self, policy: BreakPolicy, span_minutes: int, stretch_losses: Floats | None = None) -> None:
        self._lattice = lattice = Lattice(policy, span_minutes)
        self._pad = max(0, lattice.stretch[1] - lattice.stretch[0])
        self._row_of = self._rows()
        row_count = int(self._row_of.max(initial=0)) + 1 + self._pad
        arcs = np.array([(arc.kind, arc.source, arc.target, arc.first, arc.last) for arc in lattice.arcs], dtype=np.int64)
        of_stretch = np.zeros(lattice.slots + 1) if stretch_losses is None else np.asarray(stretch_losses, dtype=np.float64)
        self._question = (
            lattice.may_start,
            arcs.reshape(-1, 5),
            self._row_of,
            row_count,
            np.array(lattice.lengths, dtype=np.int64),
            lattice.stretch,
            of_stretch,
            lattice.ends,
            self._previous,
        )

    def _rows(self) -> Ints:
        """Return where the value of each node is kept, row 0 (always infinite) for no node; shape (counts, slots + 1)."""
        row_of = np.zeros(self._lattice.nodes.shape, dtype=np.int64)
        following = 1 + self._pad
        for count, alive in enumerate(self._lattice.nodes):
            where = np.flatnonzero(alive)
            if len(where):
                first, last = int(where[0]), int(where[-1])
                row_of[count, first : last + 1] = np.arange(following, following + last - first + 1)
                following += last - first + 1 + self._pad
        return row_of

    def least_loss(self, losses: Floats) -> Floats:
        """Return the least total loss of a legal pattern for each shift, infinite when there is none.

        Parameters
        ----------
        losses
            What is lost when a break of a kind starts at a slot of the shift, shape (kinds, shifts, slots), finite.

        Returns
        -------
        Loss of the best pattern, shape (shifts,).
        """
        return self._price(losses, 0)[0]

    def best_patterns(self, losses: Floats) -> tuple[Floats, list[BreakPattern]]:
        """Return the least loss and a legal pattern that has it, for each shift; `losses` as in `least_loss`.

        Raises
        ------
        PolicyError
            When no legal pattern exists.
        """
        loss, kinds, starts = self.best_starts(losses)
        return loss, patterns_of(kinds, starts, self._lattice.policy.grid_minutes)

    def best_starts(self, losses: Floats) -> tuple[Floats, Ints, Ints]:
        """Return the least loss (shifts,), and kind and start slot of each break in order of time, shape (shifts, breaks).

        Raises
        ------
        PolicyError
            When no legal pattern exists.
        """
        lattice = self._lattice
        if not lattice.has_pattern:
            raise PolicyError(
                f"No legal break pattern exists for a shift of {lattice.span_minutes} minutes: "
                "widen the work stretch or a window of the break policy."
            )
        return self._price(losses, sum(lattice.counts[-1]))

    def _price(self, losses: Floats, breaks: int) -> tuple[Floats, Ints, Ints]:
        if not self._lattice.has_pattern:
            return np.full(losses.shape[1], np.inf), *np.zeros((2, losses.shape[1], breaks), dtype=np.int64)
        return price(np.ascontiguousarray(losses, dtype=np.float64), *self._question, breaks)

    @cached_property
    def _previous(self) -> Ints:
        """Index of the count with one break of a kind fewer, -1 for none, shape (kinds, counts)."""
        index = {count: position for position, count in enumerate(self._lattice.counts)}
        return np.array(
            [
                [index.get((*count[:kind], count[kind] - 1, *count[kind + 1 :]), -1) for count in self._lattice.counts]
                for kind in range(len(self._lattice.lengths))
            ],
            dtype=np.int64,
        ).reshape(len(self._lattice.lengths), len(self._lattice.counts))


def patterns_of(kinds: Ints, starts: Ints, grid_minutes: int) -> list[BreakPattern]:
    """Return the patterns of rows of kinds and start slots, equal rows as one shared object."""
    if not len(kinds):
        return []
    rows, where = np.unique(np.stack([starts * grid_minutes, kinds], axis=2), axis=0, return_inverse=True)
    unique = [tuple(BreakSlot(int(minute), int(kind)) for minute, kind in row) for row in rows]
    return [unique[position] for position in where.ravel()]
