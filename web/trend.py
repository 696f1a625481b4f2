"""A figure day by day as a line with its goal; drawn by `templates/me/_trend.html`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from web.charts import Frame, Tick, level_ticks, nice_step, points
from web.formatting import day

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrendChart:
    """A line for each run of days with a figure, a dot for each day, and the level of the goal in units of the drawing."""

    frame: Frame
    lines: tuple[str, ...]
    dots: tuple[tuple[float, float, str], ...]
    goal: float | None
    levels: tuple[Tick, ...]
    times: tuple[Tick, ...]


def trend_chart(
    days: Sequence[date], values: Floats, words: Sequence[str], *, goal: float | None = None, top: float | None = None
) -> TrendChart | None:
    """Return the chart of a figure; ``None`` where no day has one.

    Parameters
    ----------
    values
        One for each day, not-a-number for a day without.
    words
        What each day's dot says.
    goal
        Level that is asked for.
    top
        Highest level that the figure can have, such as 100 %.
    """
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return None
    frame = Frame(height=200.0)
    low, high = _ends(values[known], goal, top)
    step = nice_step(high - low)
    low, high = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    across = frame.across((np.arange(len(days)) + 0.5) / len(days))
    up = frame.up((values - low) / (high - low))
    runs = [run for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(run) > 1]
    every = max(1, ceil(len(days) / 5))
    return TrendChart(
        frame=frame,
        lines=tuple(points(across[run], up[run]) for run in runs),
        dots=tuple(
            (100 * float(across[at]) / frame.width, 100 * float(up[at]) / frame.height, words[at]) for at in known.tolist()
        ),
        goal=None if goal is None else 100.0 * (high - goal) / (high - low),
        levels=level_ticks(high, step, low),
        times=tuple(
            Tick(100.0 * (index + 0.5) / len(days), day(one, weekday=False))
            for index, one in enumerate(days)
            if (len(days) - 1 - index) % every == 0
        ),
    )


def _ends(values: Floats, goal: float | None, top: float | None) -> tuple[float, float]:
    """Return the ends of the axis: the figures and the goal fill it, with some air around them."""
    all_values = values if goal is None else np.append(values, goal)
    low, high = float(all_values.min()), float(all_values.max())
    air = max(0.1 * (high - low), 0.02 * abs(high), 1e-9)
    return max(0.0, low - air), high + air if top is None else min(top, high + air)
