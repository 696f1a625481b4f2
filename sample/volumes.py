"""Past volumes: slot profile x weekday x lognormal day factor x autocorrelated slot factor x Poisson."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sample.facts import (
    BUFFER,
    DAY_FACTOR_CV,
    HISTORY_WEEKS,
    HOLIDAY_FACTOR,
    HOLIDAYS,
    INTERVAL_MINUTES,
    SITE_HOLIDAY,
    SLOT_FACTOR_CV,
    SLOT_LAG_ONE,
    SLOTS_PER_DAY,
    ZONE_NAME,
    QueueFacts,
)

Floats = NDArray[np.float64]


def holidays_between(first_day: date, last_day: date, start: date) -> dict[date, str]:
    """Return the holidays from `first_day` to `last_day`; one lies always in the four weeks before `start`."""
    found = {
        date(year, month, day): name
        for year in range(first_day.year, last_day.year + 1)
        for month, day, name in HOLIDAYS
        if first_day <= date(year, month, day) <= last_day
    }
    if not any(start - timedelta(days=28) <= day < start for day in found):
        found[start - timedelta(days=17)] = SITE_HOLIDAY
    return dict(sorted(found.items()))


def slot_profile(facts: QueueFacts) -> Floats:
    """Return relative arrivals of each interval of a day with mean 1, shape (intervals a day,)."""
    hours = np.arange(25)
    values = np.array([*facts.hourly, facts.hourly[0]], dtype=np.float64)
    profile = np.interp((np.arange(SLOTS_PER_DAY) + 0.5) * INTERVAL_MINUTES / 60, hours, values)
    return np.asarray(profile / profile.mean())


def week_profile(facts: QueueFacts) -> Floats:
    """Return relative arrivals of each interval of a week from Monday with mean 1, shape (7, intervals a day)."""
    weekday = np.array(facts.weekday, dtype=np.float64)
    return np.asarray(np.outer(weekday / weekday.mean(), slot_profile(facts)))


def heads_per_job(facts: QueueFacts) -> float:
    """Return the productive heads that one job in an interval requires: ``aht (1 + buffer) / (interval x occupancy)``."""
    return facts.aht_seconds * (1 + BUFFER) / (INTERVAL_MINUTES * 60 * facts.queue.max_occupancy)


def _slot_factors(count: int, rng: np.random.Generator) -> Floats:
    """Return a lognormal first-order autoregressive series with mean about 1, shape (count,)."""
    noise = rng.normal(0.0, SLOT_FACTOR_CV * np.sqrt(1 - SLOT_LAG_ONE**2), count)
    series = np.empty(count)
    value = rng.normal(0.0, SLOT_FACTOR_CV)
    for index, shock in enumerate(noise.tolist()):
        value = SLOT_LAG_ONE * value + shock
        series[index] = value
    return np.asarray(np.exp(series - SLOT_FACTOR_CV**2 / 2))


def _jobs(
    facts: QueueFacts, mean_heads: float, dates: list[date], holidays: Mapping[date, str], rng: np.random.Generator
) -> Floats:
    """Draw the jobs of a queue in each interval, shape (days x intervals a day,)."""
    weekdays = np.array([day.weekday() for day in dates])
    ordinary = np.array([day not in holidays for day in dates])
    sigma = np.sqrt(np.log1p(DAY_FACTOR_CV**2))
    day_factors = np.exp(rng.normal(-(sigma**2) / 2, sigma, len(dates)))
    shape = week_profile(facts)[weekdays]
    noise = day_factors[:, None] * _slot_factors(shape.size, rng).reshape(shape.shape)
    # The noise is scaled to mean 1 over the ordinary days, so that the load of the sample does not depend on the seed.
    noise *= shape[ordinary].sum() / (shape * noise)[ordinary].sum()
    rate = mean_heads / heads_per_job(facts) * shape * noise * np.where(ordinary, 1.0, HOLIDAY_FACTOR)[:, None]
    return np.asarray(rng.poisson(rate).ravel(), dtype=np.float64)


def _handling_times(facts: QueueFacts, count: int, rng: np.random.Generator) -> Floats:
    """Return the average handling time of each interval, drifting slowly to the figure of today, shape (count,)."""
    drift = 1 + 0.03 * np.sin(np.linspace(-1.5 * np.pi, 0, count)) + rng.normal(0, 0.01, count)
    return np.asarray(np.round(facts.aht_seconds * drift, 2))


def draw_volumes(
    queues: tuple[QueueFacts, ...],
    mean_heads: Mapping[str, float],
    start: date,
    holidays: Mapping[date, str],
    seeds: list[np.random.SeedSequence],
) -> pd.DataFrame:
    """Return the volumes of the weeks before `start`, columns starts_at, queue, jobs, aht_seconds, in the order of time.

    Parameters
    ----------
    mean_heads
        Mean productive heads that each queue, by name, shall require on ordinary days.
    seeds
        One for each queue.
    """
    dates = [start + timedelta(days=day) for day in range(-7 * HISTORY_WEEKS, 0)]
    first = datetime.combine(dates[0], time(), ZoneInfo(ZONE_NAME))
    starts = pd.date_range(first, periods=len(dates) * SLOTS_PER_DAY, freq=f"{INTERVAL_MINUTES}min")
    frames = []
    for facts, seed in zip(queues, seeds, strict=True):
        rng = np.random.default_rng(seed)
        jobs = _jobs(facts, mean_heads[facts.queue.name], dates, holidays, rng)
        aht = _handling_times(facts, len(starts), rng)
        frames.append(pd.DataFrame({"starts_at": starts, "queue": facts.queue.name, "jobs": jobs, "aht_seconds": aht}))
    return pd.concat(frames).sort_values("starts_at", kind="stable", ignore_index=True)
