"""What a personal roster is decided from: days, shifts, the terms of everybody, requests and weighted cover."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OFF = -1
"""The value of a day off in a roster; shifts are their indices."""

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Terms:
    """What the contract of one associate asks for over the horizon.

    Parameters
    ----------
    most_shifts
        Most shifts of each type, shape (shifts,).
    most_minutes, least_minutes
        Bounds of the minutes worked in the horizon.
    most_in_a_row
        Most working days in a row; the day before the horizon counts as off.
    least_in_a_row, least_off_in_a_row
        Fewest working days, and days off, in a run that touches neither end of the horizon.
    most_weekends
        Most weekends with work on Saturday or Sunday.
    days_off
        Days on which nothing may be given.
    """

    most_shifts: tuple[int, ...]
    most_minutes: int
    least_minutes: int
    most_in_a_row: int
    least_in_a_row: int
    least_off_in_a_row: int
    most_weekends: int
    days_off: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Question:
    """One instance: day 0 is a Monday; an associate works at most one shift a day.

    Parameters
    ----------
    names, shift_names
        What associates and shift types are called.
    minutes
        Length of each shift type, shape (shifts,).
    forbidden
        Whether shift ``b`` may not follow shift ``a`` on the next day, shape (shifts, shifts), indexed ``[a, b]``.
    terms
        One for each associate.
    on_weights, off_weights
        What it costs not to give a shift that was asked for, and to give one that was not wanted; shape (associates, days,
        shifts).
    required, under_weights, over_weights
        Heads wanted on each day in each shift, and what each head too few or too many costs; shape (days, shifts).
    """

    names: tuple[str, ...]
    shift_names: tuple[str, ...]
    minutes: Ints
    forbidden: Bools
    terms: tuple[Terms, ...]
    on_weights: Floats
    off_weights: Floats
    required: Ints
    under_weights: Floats
    over_weights: Floats
    title: str = field(default="")

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.required)

    @property
    def shifts(self) -> int:
        """Number of shift types."""
        return len(self.minutes)

    @property
    def people(self) -> int:
        """Number of associates."""
        return len(self.terms)

    @cached_property
    def base_costs(self) -> Floats:
        """Cost of a day on which none of the requests for it is granted, shape (associates, days)."""
        return np.asarray(self.on_weights.sum(axis=2))

    @cached_property
    def shift_costs(self) -> Floats:
        """What giving a shift adds to the cost of a day off, shape (associates, days, shifts)."""
        return self.off_weights - self.on_weights

    @cached_property
    def step(self) -> float:
        """The least by which two objectives can differ: 1 where all weights are whole numbers."""
        weights = (self.on_weights, self.off_weights, self.under_weights, self.over_weights)
        return 1.0 if all((array == np.round(array)).all() for array in weights) else 1e-3

    def line_cost(self, associate: int, line: Ints) -> float:
        """Return what a line costs in requests; `line` has shape (days,)."""
        worked = np.flatnonzero(line >= 0)
        return float(self.base_costs[associate].sum() + self.shift_costs[associate, worked, line[worked]].sum())

    def cover_of(self, lines: Ints) -> Ints:
        """Return the heads on each day in each shift, shape (days, shifts), of lines of shape (associates, days)."""
        cover = np.zeros((self.days, self.shifts), dtype=np.int64)
        rows, days = np.nonzero(lines >= 0)
        np.add.at(cover, (days, lines[rows, days]), 1)
        return cover

    def cover_cost(self, cover: NDArray[np.number]) -> float:
        """Return the weighted heads too few and too many."""
        missing = self.required - cover
        return float((self.under_weights * np.maximum(missing, 0) + self.over_weights * np.maximum(-missing, 0)).sum())

    def objective(self, lines: Ints) -> float:
        """Return the cost of a roster of shape (associates, days)."""
        requests = sum(self.line_cost(row, line) for row, line in enumerate(lines))
        return requests + self.cover_cost(self.cover_of(lines))
