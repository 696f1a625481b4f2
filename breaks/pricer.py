"""The cheapest legal break pattern of many shifts at once, by dynamic programming over the lattice.

With ``V(c, e)`` the least loss of a shift whose breaks so far number ``c`` and whose last one ended at slot ``e``::

    V(0, 0) = 0
    V(c + 1_q, b + m_q) = min over q, b of  loss[q, b] + min over stretches L of V(c, b - L)

The inner minimum is a sliding minimum, taken by doubling in three whole-array operations. Slots are rows and shifts are
columns, so every operation runs over contiguous memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from breaks.lattice import Arc, Lattice
from scheduling.errors import PolicyError
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK_SHIFTS = 192
"""Shifts priced together: the values of so many shifts fit into the cache of a core."""


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
        self._stretch_losses = stretch_losses
        self._by_source = [list(arcs) for _, arcs in groupby(lattice.arcs, key=lambda arc: arc.source)]
        self._pad = max(0, lattice.stretch[1] - lattice.stretch[0])
        self._row_of = self._rows()
        self._row_count = int(self._row_of.max(initial=0)) + 1 + self._pad
        self._closed = ~lattice.may_start

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
        parts = [self._final(self._values(chunk)).min(axis=0) for chunk in self._chunks(losses)]
        return np.concatenate(parts) if parts else np.zeros(0)

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
        loss, kinds, starts = [], [], []
        for chunk in self._chunks(losses):
            values = self._values(chunk)
            part_loss, part_kinds, part_starts = self._trace(values, chunk)
            loss.append(part_loss)
            kinds.append(part_kinds)
            starts.append(part_starts)
        if not loss:
            empty = np.zeros((0, sum(lattice.counts[-1])), dtype=np.int64)
            return np.zeros(0), empty, empty
        return np.concatenate(loss), np.concatenate(kinds), np.concatenate(starts)

    def _chunks(self, losses: Floats) -> Iterator[Floats]:
        """Yield the losses of a few shifts at a time, shape (kinds, slots, shifts), infinite where a break may not start."""
        for first in range(0, losses.shape[1], CHUNK_SHIFTS):
            chunk = losses[:, first : first + CHUNK_SHIFTS].transpose(0, 2, 1).astype(np.float64, order="C")
            chunk[self._closed] = np.inf
            yield chunk

    def _values(self, chunk: Floats) -> Floats:
        """Return the least loss of every node, shape (rows, shifts)."""
        values = np.full((self._row_count, chunk.shape[2]), np.inf)
        if self._row_of[0, 0]:
            values[self._row_of[0, 0]] = 0.0
        for arcs in self._by_source:
            first, last = min(arc.first for arc in arcs), max(arc.last for arc in arcs)
            reached = self._after_stretch(values, arcs[0].source, first, last)
            for arc in arcs:
                self._take(values, reached[arc.first - first : arc.last - first + 1], chunk, arc)
        return values

    def _take(self, values: Floats, reached: Floats, chunk: Floats, arc: Arc) -> None:
        length = self._lattice.lengths[arc.kind]
        row = int(self._row_of[arc.target, arc.first + length])
        target = values[row : row + len(reached)]
        np.minimum(target, reached + chunk[arc.kind, arc.first : arc.last + 1], out=target)

    def _after_stretch(self, values: Floats, source: int, first: int, last: int) -> Floats:
        """Return ``min over L of V(source, b - L)`` for the starts b from `first` to `last`, shape (starts, shifts)."""
        least, most = self._lattice.stretch
        alive = np.flatnonzero(self._row_of[source])
        base = int(self._row_of[source, alive[0]]) - int(alive[0])
        rows = values[base + first - most : base + last - least + 1]
        if self._stretch_losses is not None:
            starts = last - first + 1
            reached = np.full((starts, values.shape[1]), np.inf)
            for length in range(least, most + 1):
                shifted = rows[most - length : most - length + starts]
                np.minimum(reached, shifted + self._stretch_losses[length], out=reached)
            return reached
        width, span = most - least + 1, 1
        while span * 2 <= width:
            rows = np.minimum(rows[:-span], rows[span:])
            span *= 2
        return rows if span == width else np.minimum(rows[: span - width], rows[width - span :])

    def _final(self, values: Floats) -> Floats:
        """Return the loss of the best pattern whose last break ends at each slot, shape (slots + 1, shifts)."""
        final: Floats = values[self._row_of[-1]]
        final[~self._lattice.ends] = np.inf
        if self._stretch_losses is not None:
            final += self._stretch_losses[::-1, None]
        return final

    def _trace(self, values: Floats, chunk: Floats) -> tuple[Floats, Ints, Ints]:
        """Follow the least values back from the end of each shift; as `best_starts`, for one chunk."""
        lattice = self._lattice
        final = self._final(values)
        ended = final.argmin(axis=0)
        shifts = np.arange(chunk.shape[2])
        count = np.full(len(shifts), len(lattice.counts) - 1)
        breaks = sum(lattice.counts[-1])
        kinds = np.zeros((len(shifts), breaks), dtype=np.int64)
        starts = np.zeros_like(kinds)
        for position in reversed(range(breaks)):
            kind, start, count, ended = self._step_back(values, chunk, count, ended)
            kinds[:, position], starts[:, position] = kind, start
        return final.min(axis=0), kinds, starts

    def _step_back(self, values: Floats, chunk: Floats, count: Ints, ended: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return kind and start of the last break of each shift, with count and end of the break before it."""
        stretches = np.arange(self._lattice.stretch[0], self._lattice.stretch[1] + 1)
        lengths = np.array(self._lattice.lengths)
        shifts = np.arange(len(count))
        start = ended - lengths[:, None]
        before = self._previous[:, count]
        source = start[:, None, :] - stretches[None, :, None]
        valid = (before >= 0)[:, None, :] & (source >= 0)
        row = np.where(valid, self._row_of[before[:, None, :], np.maximum(source, 0)], 0)
        total = values[row, shifts]
        if self._stretch_losses is not None:
            total = total + self._stretch_losses[stretches][None, :, None]
        total = total + chunk[np.arange(len(lengths))[:, None], np.maximum(start, 0), shifts][:, None, :]
        best = total.reshape(-1, len(shifts)).argmin(axis=0)
        kind, stretch = best // len(stretches), best % len(stretches)
        return kind, start[kind, shifts], before[kind, shifts], source[kind, stretch, shifts]

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
