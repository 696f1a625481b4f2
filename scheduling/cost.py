"""What uneven coverage costs: a convex, piecewise linear function of the heads in an interval.

Shortage is convex so that one quarter hour ten heads short is worse than ten quarter hours one head short; surplus beyond a
free buffer costs a little so that it spreads over the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CoverageCost:
    """Weights of shortage and surplus.

    Parameters
    ----------
    short_steps
        Pairs (share of the requirement at which the step begins, weight a head-hour *added* from there on).
    over_steps
        The same for surplus.
    least_step_heads
        A step that begins at a share above zero begins at no fewer heads than this.
    """

    short_steps: tuple[tuple[float, float], ...] = ((0.0, 1.0), (0.10, 1.0), (0.25, 2.0))
    over_steps: tuple[tuple[float, float], ...] = ((0.10, 0.05), (0.30, 0.05))
    least_step_heads: float = 1.0

    @property
    def steepest_short(self) -> float:
        """Weight of a head-hour in the last step of shortage."""
        return sum(weight for _, weight in self.short_steps)

    @property
    def steepest_over(self) -> float:
        """Weight of a head-hour in the last step of surplus."""
        return sum(weight for _, weight in self.over_steps)

    def _step_heads(self, share: float, required: Floats) -> Floats:
        if share == 0.0:
            return np.zeros_like(required)
        return np.maximum(share * required, self.least_step_heads)

    def of(self, scheduled: Floats, required: Floats) -> Floats:
        """Return the weighted heads of shortage and surplus, element by element; times hours it is the objective.

        ``sum_i a_i max(0, r - x - s_i) + sum_j b_j max(0, x - r - s_j)`` with steps ``s`` in heads.
        """
        gap = required - scheduled
        cost = np.zeros(np.broadcast_shapes(gap.shape, required.shape))
        for share, weight in self.short_steps:
            cost += weight * np.maximum(0.0, gap - self._step_heads(share, required))
        for share, weight in self.over_steps:
            cost += weight * np.maximum(0.0, -gap - self._step_heads(share, required))
        return cost

    def kinks(self, required: Floats) -> Floats:
        """Return the points where the slope changes, none below zero, shape (steps, *required.shape)."""
        points = [np.maximum(0.0, required - self._step_heads(share, required)) for share, _ in self.short_steps]
        points += [required + self._step_heads(share, required) for share, _ in self.over_steps]
        return np.stack([np.zeros_like(required), *points])
