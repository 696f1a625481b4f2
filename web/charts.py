"""Geometry of the charts, as text for SVG attributes; the templates in `templates/charts` draw it.

Every function is pure: arrays in, strings and numbers out, so that a chart is the same on the page, in print and in a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOLERANCE_HEADS = 0.05
"""A shortage below this is rounding, not a sign on the page."""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its place in per cent of the axis, from the left or from the top, and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Frame:
    """The box of the curves in units of the drawing; the page stretches it to the room it has."""

    width: float = 1000.0
    height: float = 300.0

    def across(self, share: Floats) -> Floats:
        """Return the horizontal place of each share of the width."""
        return self.width * share

    def up(self, share: Floats) -> Floats:
        """Return the vertical place of each share of the height, counted from the foot."""
        return self.height * (1.0 - share)


@dataclass(frozen=True)
class CoverageChart:
    """Required heads as a line, scheduled heads as an area, and where heads are short as a hatched area."""

    frame: Frame
    required: str
    scheduled: str
    scheduled_line: str
    short: str
    levels: tuple[Tick, ...]
    times: tuple[Tick, ...]


@dataclass(frozen=True)
class Curve:
    """A line over the course of a run, with the labels of its ends."""

    frame: Frame
    lines: tuple[str, ...]
    levels: tuple[Tick, ...]
    times: tuple[Tick, ...]


@dataclass(frozen=True)
class Bar:
    """A bar of a small histogram: its value, how many have it, and its height as a share of the highest."""

    value: int
    count: int
    share: float


def nice_step(largest: float, parts: int = 4) -> float:
    """Return the least step of 1, 2 or 5 times a power of ten that reaches `largest` in at most about `parts` steps."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** floor(log10(largest / parts))
    return next(step * power for step in (1, 2, 5, 10) if step * power * parts >= largest * 0.999)


def points(across: Floats, up: Floats) -> str:
    """Return the corners of a line as text for the `points` attribute."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across.tolist(), up.tolist(), strict=True))


def step_corners(edges: Floats, levels: Floats) -> tuple[Floats, Floats]:
    """Return the corners of a step curve, two for each interval."""
    return np.repeat(edges, 2)[1:-1], np.repeat(levels, 2)


def _area(edges: Floats, low: Floats, high: Floats, where: NDArray[np.bool_]) -> str:
    """Return one closed path a run of intervals in `where`, between two step curves."""
    bounds = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(np.int8)))
    paths = []
    for first, last in bounds.reshape(-1, 2).tolist():
        across, above = step_corners(edges[first : last + 1], high[first:last])
        _, below = step_corners(edges[first : last + 1], low[first:last])
        paths.append(f"M{points(across, above)} L{points(across[::-1], below[::-1])}Z")
    return " ".join(paths)


def coverage_chart(starts: Sequence[datetime], required: Floats, scheduled: Floats, frame: Frame | None = None) -> CoverageChart:
    """Return the chart of one skill over one day.

    Parameters
    ----------
    starts
        Local start of each interval, in order; a day of a clock change has more or fewer of them.
    required, scheduled
        Productive heads in each interval, shape (intervals,).
    """
    frame = frame or Frame()
    count = len(starts)
    largest = float(max(required.max(initial=0.0), scheduled.max(initial=0.0)))
    step = nice_step(largest)
    top = max(step, ceil(largest / step - 1e-9) * step)
    edges = frame.across(np.arange(count + 1) / max(1, count))
    need, have, zero = frame.up(required / top), frame.up(scheduled / top), np.full(count, frame.height)
    everywhere = np.ones(count, dtype=bool)
    return CoverageChart(
        frame=frame,
        required=points(*step_corners(edges, need)),
        scheduled=_area(edges, zero, have, everywhere),
        scheduled_line=points(*step_corners(edges, have)),
        short=_area(edges, have, need, required - scheduled > TOLERANCE_HEADS),
        levels=level_ticks(top, step),
        times=tuple(
            Tick(100.0 * index / count, f"{start:%H}")
            for index, start in enumerate(starts)
            if start.minute == 0 and start.hour % 2 == 0
        ),
    )


def level_ticks(top: float, step: float, foot: float = 0.0) -> tuple[Tick, ...]:
    """Return the marks of the vertical axis from `foot` to `top`."""
    digits = 0 if step >= 1 else max(0, ceil(-log10(step)))
    return tuple(
        Tick(100.0 * (top - level) / (top - foot), f"{level:,.{digits}f}".replace(",", "\u202f"))
        for level in np.arange(foot, top + step / 2, step).tolist()
    )


def progress_curve(history: Sequence[tuple[float, float | None, float | None]], frame: Frame | None = None) -> Curve | None:
    """Return the course of objective and bound over the seconds of a run; `None` before there are two points.

    Parameters
    ----------
    history
        (elapsed seconds, objective, bound) in the order of time; either figure may not be known yet.
    """
    frame = frame or Frame()
    columns = np.array([[np.nan if value is None else value for value in point] for point in history], dtype=np.float64)
    if len(columns) < 2 or np.isnan(columns[:, 1:]).all():
        return None
    elapsed = columns[:, 0]
    longest = max(float(elapsed[-1]), 1.0)
    least, largest = _readable_ends(columns[:, 1:])
    step = nice_step(max(largest - least, 0.01 * largest))
    foot = max(0.0, floor(least / step + 1e-9) * step)
    top = max(foot + step, ceil(largest / step - 1e-9) * step)
    lines = []
    for figure in (columns[:, 1], columns[:, 2]):
        known = ~np.isnan(figure)
        level = np.clip((figure[known] - foot) / (top - foot), 0.0, 1.0)
        lines.append(points(frame.across(elapsed[known] / longest), frame.up(level)))
    marks = np.arange(0.0, longest + 1e-9, nice_step(longest, 6)).tolist()
    seconds = tuple(Tick(100.0 * mark / longest, f"{mark:g}") for mark in marks)
    return Curve(frame=frame, lines=tuple(lines), levels=level_ticks(top, step, foot), times=seconds)


def _readable_ends(figures: Floats) -> tuple[float, float]:
    """Return the ends of the axis: objective and bound are close together and far from zero, so it begins below the lowest.

    A first objective far above the last one would press the rest flat, so it is cut.
    """
    known = figures[~np.isnan(figures)]
    least, largest = float(known.min()), float(known.max())
    objectives = figures[:, 0][~np.isnan(figures[:, 0])]
    if len(objectives):
        largest = min(largest, least + 3.0 * max(float(objectives[-1]) - least, 0.02 * abs(least)))
    return least, largest


def histogram(values: NDArray[np.int64]) -> tuple[Bar, ...]:
    """Return how many have each value from 0 to the largest."""
    if not len(values):
        return ()
    counts = np.bincount(values)
    return tuple(Bar(value, int(count), float(count / counts.max())) for value, count in enumerate(counts))


@dataclass(frozen=True)
class Lines:
    """Some curves over one axis of time; each is the text of a polyline, or of several points."""

    frame: Frame
    lines: tuple[str, ...]
    levels: tuple[Tick, ...]
    times: tuple[Tick, ...]


def steps_chart(starts: Sequence[datetime], curves: Sequence[Floats], frame: Frame | None = None) -> Lines:
    """Return step curves over the intervals of a day, each of shape (intervals,)."""
    frame = frame or Frame(height=220.0)
    count = max(1, len(starts))
    top, step = _top_of(max((float(curve.max(initial=0.0)) for curve in curves), default=0.0))
    edges = frame.across(np.arange(len(starts) + 1) / count)
    even = [index for index, start in enumerate(starts) if start.minute == 0 and start.hour % 2 == 0]
    hours = (Tick(100.0 * index / count, f"{starts[index]:%H}") for index in even)
    lines = tuple(points(*step_corners(edges, frame.up(curve / top))) for curve in curves)
    return Lines(frame, lines, level_ticks(top, step), tuple(hours))


def days_chart(past: Sequence[tuple[date, float]], expected: Sequence[tuple[date, float]], frame: Frame | None = None) -> Lines:
    """Return the amounts of days: a line of what came, and a line of what is expected, on one axis of days."""
    frame = frame or Frame(height=220.0)
    days = [day for day, _ in (*past, *expected)]
    first, span = min(days), max(1, (max(days) - min(days)).days)
    top, step = _top_of(max(amount for _, amount in (*past, *expected)))

    def line(part: Sequence[tuple[date, float]]) -> str:
        at = frame.across(np.array([(day - first).days for day, _ in part], dtype=np.float64) / span)
        return points(at, frame.up(np.array([amount for _, amount in part], dtype=np.float64) / top))

    mondays = (day for day in sorted(set(days)) if day.weekday() == 0)
    ticks = tuple(Tick(100.0 * (day - first).days / span, f"{day.day} {day:%b}") for day in list(mondays)[::2])
    return Lines(frame, (line(past), line(expected)), level_ticks(top, step), ticks)


def _top_of(largest: float) -> tuple[float, float]:
    """Return the top of an axis from zero that holds a value, and the step between its marks."""
    step = nice_step(largest)
    return max(step, ceil(largest / step - 1e-9) * step), step
