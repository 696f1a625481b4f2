"""Unrolling: the days of somebody who goes through a rotation from a row on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scheduling.rotation import DAYS_IN_WEEK, Rows


def days_from(rotations: Sequence[Rows], row: int, days_passed: int, count: int) -> NDArray[np.int16]:
    """Return `count` days of somebody who began in a row some days ago.

    Parameters
    ----------
    row
        Number of the row in all rotations one after the other; it continues in the next row of its own rotation.
    days_passed
        Days since the beginning, which is the first day of a row; negative before it.
    """
    for rows in rotations:
        if row < len(rows):
            index = (row * DAYS_IN_WEEK + days_passed + np.arange(count)) % rows.size
            return np.asarray(rows.reshape(-1)[index], dtype=np.int16)
        row -= len(rows)
    raise ValueError(f"The rotations end {row + 1} rows before the one asked for.")
