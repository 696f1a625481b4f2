"""The register of forecasting models: what a weekday and slot will bring, from what it has brought.

A model sees one weekday at a time: a table with a row for each past date of that weekday, newest first, and a column for each
wall-clock slot. All dates of a weekday in the horizon get the same profile, so nothing is carried from one forecast day into
the next. Register: the first is the default; another has to win a rolling backtest (`demand.backtest.choose_model`) first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEDIAN_WEEKS = 6
HALF_LIFE_WEEKS = 4.0
CLIP_SPREADS = 2.0
NORMAL_MAD = 1.4826
"""Standard deviation over median absolute deviation of a normal variable."""


def half_life_weights(age_weeks: Floats) -> Floats:
    """Return the weight of each date: 1 for age zero, half of it for every four weeks more, shape (dates,)."""
    return np.asarray(0.5 ** (age_weeks / HALF_LIFE_WEEKS), dtype=np.float64)


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Return the mean of each column over its known values, NaN where none is known; values (dates, slots)."""
    known = ~np.isnan(values)
    share = weights[:, None] * known
    total = share.sum(axis=0)
    summed = (share * np.where(known, values, 0.0)).sum(axis=0)
    return np.asarray(np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0), dtype=np.float64)


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """Return the least value of each column that has half of the weight of its known values at or below it, NaN for none."""
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    share = np.where(np.isnan(ranked), 0.0, weights[order])
    reached = np.cumsum(share, axis=0)
    middle = (reached >= reached[-1] / 2 * (1 - 1e-12)).argmax(axis=0)
    return np.asarray(np.take_along_axis(ranked, middle[None, :], axis=0)[0], dtype=np.float64)


def median_of_last_weeks(values: Floats, age_weeks: Floats) -> Floats:
    """Return the median of the newest six known values of each slot, NaN where none is known."""
    known = ~np.isnan(values)
    recent = np.where(known & (np.cumsum(known, axis=0) <= MEDIAN_WEEKS), values, np.nan)
    result = np.full(values.shape[1], np.nan)
    some = known.any(axis=0)
    if some.any():
        result[some] = np.nanmedian(recent[:, some], axis=0)
    return result


def half_life_mean(values: Floats, age_weeks: Floats) -> Floats:
    """Return the mean of each slot with weights that halve every four weeks, NaN where nothing is known."""
    return weighted_mean(values, half_life_weights(age_weeks))


def clipped_half_life_mean(values: Floats, age_weeks: Floats) -> Floats:
    """Return the half-life mean after values far from the slot's weighted median were pulled in to two spreads from it.

    The spread is the weighted median absolute deviation, scaled to a standard deviation, and no less than the noise of
    Poisson counts, ``sqrt(median + 1)``. A strike, an outage or a holiday that nobody entered then moves the mean little.
    """
    weights = half_life_weights(age_weeks)
    centre = weighted_median(values, weights)
    spread = NORMAL_MAD * weighted_median(np.abs(values - centre), weights)
    reach = CLIP_SPREADS * np.maximum(spread, np.sqrt(centre + 1.0))
    return weighted_mean(np.clip(values, centre - reach, centre + reach), weights)


@dataclass(frozen=True)
class Model:
    """A named way to forecast the jobs of one weekday.

    Parameters
    ----------
    name
        How screens, commands and settings call it.
    description
        One sentence for the planner.
    predict
        From jobs of past dates of the weekday, newest first, shape (dates, slots), NaN where unknown, and their age in weeks,
        shape (dates,), to the expected jobs, shape (slots,), NaN where nothing is known.
    """

    name: str
    description: str
    predict: Callable[[Floats, Floats], Floats]


MODELS: tuple[Model, ...] = (
    Model("median", "Median of the last 6 same weekdays and slots.", median_of_last_weeks),
    Model("half-life", "Mean of all same weekdays and slots, weights halve every 4 weeks.", half_life_mean),
    Model("clipped half-life", "As half-life, with outlying days pulled in towards the median.", clipped_half_life_mean),
)
DEFAULT_MODEL = MODELS[0]


def model_named(name: str) -> Model:
    """Return the registered model of this name.

    Raises
    ------
    ValueError
        When there is none; the message lists the names.
    """
    for model in MODELS:
        if model.name == name:
            return model
    raise ValueError(f"There is no forecasting model {name!r}; choose one of {', '.join(model.name for model in MODELS)}.")
