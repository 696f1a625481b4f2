"""What a roster costs: hours worked, and a convex, piecewise linear function of the heads in an interval.

The unit is the head-hour: a productive hour worked costs one. An hour short costs twice as much as an hour worked, and more
when many heads are missing at once, so that one quarter hour ten heads short is worse than ten quarter hours one head short;
surplus beyond a free buffer costs a little so that it spreads over the day (docs/adr/003-objective.md has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CoverageCost:
    """Weights of hours worked, shortage and surplus.

    Parameters
    ----------
    short_steps
        Pairs (share of the requirement at which the step begins, weight a head-hour *added* from there on).
    over_steps
        The same for surplus.
    least_step_heads
        A step that begins at a share above zero begins at no fewer heads than this.
    worked_hour
        Cost of a productive hour worked.
    """

    short_steps: tuple[tuple[float, float], ...] = ((0.0, 2.0), (0.10, 2.0), (0.25, 4.0))
    over_steps: tuple[tuple[float, float], ...] = ((0.10, 0.1), (0.30, 0.1))
    least_step_heads: float = 1.0
    worked_hour: float = 1.0

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

    def short_pieces(self, required: Floats) -> list[tuple[Floats, float]]:
        """Return the pieces of shortage from the requirement downward: width in heads and weight a head-hour of each."""
        return self._pieces(self.short_steps, required)

    def over_pieces(self, required: Floats) -> list[tuple[Floats, float]]:
        """Return the pieces of surplus from the requirement upward, the free buffer first."""
        return self._pieces(((0.0, 0.0), *self.over_steps), required)

    def _pieces(self, steps: tuple[tuple[float, float], ...], required: Floats) -> list[tuple[Floats, float]]:
        begins = [self._step_heads(share, required) for share, _ in steps]
        ends = [*begins[1:], np.full_like(required, np.inf)]
        weights = np.cumsum([weight for _, weight in steps])
        return [(end - begin, float(weight)) for begin, end, weight in zip(begins, ends, weights, strict=True)]

    def marginal_steps(self, required: Floats) -> tuple[Floats, Floats, float]:
        """Return what the next head costs: points, weights and a base.

        With ``x`` heads it is ``base`` and the weights of all points that are not above ``x``; shape (*required.shape, steps) and
        (steps,).
        """
        points = [required - self._step_heads(share, required) for share, _ in self.short_steps]
        points += [required + self._step_heads(share, required) for share, _ in self.over_steps]
        weights = np.array([weight for _, weight in (*self.short_steps, *self.over_steps)])
        return np.stack(points, axis=-1), weights, -self.steepest_short

    def kinks(self, required: Floats) -> Floats:
        """Return the points where the slope changes, none below zero, shape (steps, *required.shape)."""
        points = [np.maximum(0.0, required - self._step_heads(share, required)) for share, _ in self.short_steps]
        points += [required + self._step_heads(share, required) for share, _ in self.over_steps]
        return np.stack([np.zeros_like(required), *points])
