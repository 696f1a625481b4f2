"""The rest of the day's forecast, scaled by what the day has shown so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DAY_FACTOR_CV = 0.09
"""Coefficient of variation of a day's true level around its forecast, measured on real arrivals."""

TRUST_CURVE = ((0.0, 0.0), (0.5, 0.5), (0.75, 0.75), (1.0, 0.75))
"""Weight of the day so far against its progress: nothing at the start, 0.5 half-way, 0.75 later; 1 was worse on real arrivals."""


def trust(progress: float) -> float:
    """Return how far the ratio of actual to forecast is believed after a share `progress` of the day, 0 to 0.75."""
    points, weights = zip(*TRUST_CURVE, strict=True)
    return float(np.interp(progress, points, weights))


def arrival_factor(arrived: ArrayLike, forecast: ArrayLike, progress: float) -> Floats:
    """Return the factor for the rest of the forecast: ``1 + trust x (arrived - forecast) / (k + forecast)``.

    With ``k = 1 / cv^2`` (123 jobs) and full trust this is the mean of the day's level given Poisson counts and a gamma prior
    of mean 1 and the measured variation: ten jobs instead of five are hardly news, ten thousand instead of five thousand are.
    The trust shrinks it further because the level drifts within a day. It never falls below a quarter.

    Parameters
    ----------
    arrived, forecast
        Jobs that came, and that were forecast for the same time, zero or more; the arrays broadcast.
    """
    came, expected = np.asarray(arrived, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    factor: Floats = 1.0 + trust(progress) * (came - expected) / (1.0 / DAY_FACTOR_CV**2 + expected)
    return factor
