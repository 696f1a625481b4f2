"""Rotations: cyclic rosters, and the question that one answers: rows, heads on each weekday, rules of its days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Rows = NDArray[np.int16]
"""A rotation: index of a shift type, or `scheduling.plan.OFF`; shape (weeks, 7)."""

DAYS_IN_WEEK = 7
Bounds = tuple[int, int]
"""Least and most, both included."""
Forbidden = tuple[int, int, int]
"""An earlier shift type, the number of days off between, and a later shift type that may not follow."""


@dataclass(frozen=True)
class RotationRules:
    """What every row of a rotation keeps, across its end as well.

    Parameters
    ----------
    work, off
        Length in days of a run of work, whatever its shift types, and of a run of days off.
    blocks
        Length of a run of one shift type, for each shift type.
    forbidden
        Shift types that may not follow each other.
    week_days
        Working days in each row, where rows are held to a number of them.
    one_type_a_week
        Whether all shifts of a row have one shift type.
    """

    work: Bounds
    off: Bounds
    blocks: tuple[Bounds, ...]
    forbidden: frozenset[Forbidden] = frozenset()
    week_days: Bounds | None = None
    one_type_a_week: bool = False


@dataclass(frozen=True)
class RotationProblem:
    """What is asked for.

    Parameters
    ----------
    shifts
        Codes of the shift types.
    weeks
        Rows of all rotations together, which is the number of associates that they take.
    requirement
        Heads needed of each shift type on each day of the week, shape (shift types, 7).
    exact
        Whether more heads than needed are as wrong as fewer.
    single
        Whether everybody goes through one rotation; otherwise there may be several, each closed in itself.
    saturday
        Column of the Saturday; the Sunday is the next one, after the last column that of the following row.
    """

    shifts: tuple[str, ...]
    weeks: int
    requirement: Counts
    rules: RotationRules
    exact: bool = True
    single: bool = True
    saturday: int = 5

    def __post_init__(self) -> None:
        shape = (len(self.shifts), DAYS_IN_WEEK)
        if not self.shifts or self.weeks < 1 or self.requirement.shape != shape or len(self.rules.blocks) != len(self.shifts):
            raise ValueError(f"A rotation needs rows, and heads and runs for each shift type; got {self.requirement.shape}.")
        for least, most in (self.rules.work, self.rules.off, *self.rules.blocks):
            if not 1 <= least <= most:
                raise ValueError(f"The least length of a run is 1, and not above the most; got {least} to {most}.")

    def scaled(self, factor: int) -> RotationProblem:
        """Return the question for `factor` times the rows and heads."""
        return RotationProblem(
            self.shifts,
            self.weeks * factor,
            self.requirement * factor,
            self.rules,
            self.exact,
            self.single,
            self.saturday,
        )


def free_weekends(problem: RotationProblem, rows: Rows) -> int:
    """Return how many times in `rows` weeks Saturday and the Sunday after it are both off."""
    days = rows.reshape(-1)
    saturdays = np.arange(problem.saturday, len(days), DAYS_IN_WEEK)
    return int(((days[saturdays] < 0) & (days[(saturdays + 1) % len(days)] < 0)).sum())
