"""Fair weekends: what it costs when an associate works more or fewer weekend days than their share.

The share of an associate is the mean over all, for the days on which they could have worked. A difference of up to one day is
free; beyond it every day costs. The cost belongs to one line alone as long as the mean stands still, so it is taken anew
between sweeps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import NONE
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]
Letters = NDArray[np.int16]

UNFAIR_DAY_COST = 0.25
"""Head-hours for each weekend day beyond the free difference."""
FREE_DAYS = 1.0


class WeekendShares:
    """Weekend days worked, and what differences cost.

    Attributes
    ----------
    weekend
        Whether each day is a Saturday or Sunday, shape (days,).
    share
        Mean weekend days worked for each weekend day in contract.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.weekend = np.array([date.weekday() >= 5 for date in scenario.horizon.dates])
        self.share = 5 / 7

    def update(self, lines: Letters) -> None:
        """Take the mean of these lines, shape (associates, days), as everybody's share."""
        possible = (lines[:, self.weekend] != NONE).sum()
        if possible:
            self.share = float((lines[:, self.weekend] >= 0).sum() / possible)

    def _excess(self, line: Letters) -> float:
        days = line[self.weekend]
        return float((days >= 0).sum() - self.share * (days != NONE).sum())

    def cost(self, line: Letters) -> float:
        """Return what the weekend days of one line cost."""
        return UNFAIR_DAY_COST * max(0.0, abs(self._excess(line)) - FREE_DAYS)

    def costs(self, lines: Letters) -> Floats:
        """Return what the weekend days of each line cost, shape (associates,)."""
        days = lines[:, self.weekend]
        excess = (days >= 0).sum(axis=1) - self.share * (days != NONE).sum(axis=1)
        return np.asarray(UNFAIR_DAY_COST * np.maximum(0.0, np.abs(excess) - FREE_DAYS), dtype=np.float64)

    def price(self, line: Letters) -> float:
        """Return what a weekend day more would cost an associate who has this line, the slope of the cost."""
        excess = self._excess(line)
        return UNFAIR_DAY_COST * float(np.sign(excess)) if abs(excess) > FREE_DAYS else 0.0
