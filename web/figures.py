"""The figures of a roster as the page shows them: what is covered, what is short, and how evenly burdens are shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import Coverage
from scheduling.times import Horizon
from services.reading import RosterGrid
from web.charts import TOLERANCE_HEADS, Bar, histogram
from web.formatting import number, words
from web.grid import SATURDAY

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SkillFigures:
    """Head-hours of one skill over the horizon.

    Parameters
    ----------
    covered
        Share of the required head-hours that is there; ``None`` where nothing is required.
    intervals_short
        Number of intervals with fewer heads than required, where it is more than rounding.
    worst_heads
        The most heads short in one interval.
    """

    skill: str
    required_hours: float
    scheduled_hours: float
    short_hours: float
    over_hours: float
    covered: float | None
    intervals_short: int
    worst_heads: float


@dataclass(frozen=True)
class DayFigures:
    """Head-hours of one skill on one day, and the height of its shortage as a share of the worst day's."""

    required_hours: float
    scheduled_hours: float
    short_hours: float
    share_of_worst: float


@dataclass(frozen=True)
class TeamFigures:
    """How the burdens of one team lie: averages for one associate over the horizon."""

    team: str
    associates: int
    shifts: float
    nights: float
    weekend_days: float


@dataclass(frozen=True)
class Burden:
    """How one burden is spread over associates: the histogram and its ends."""

    name: str
    bars: tuple[Bar, ...]
    least: int
    mean: float
    most: int


def day_sums(horizon: Horizon, per_interval: Floats) -> Floats:
    """Return head-hours a local day from heads an interval, shape (days, ...) from (intervals, ...)."""
    firsts = horizon.day_starts[:-1] // horizon.interval_minutes
    return np.asarray(np.add.reduceat(per_interval, firsts, axis=0) * (horizon.interval_minutes / 60.0), dtype=np.float64)


def skill_figures(horizon: Horizon, skills: Sequence[str], coverage: Coverage) -> tuple[SkillFigures, ...]:
    """Return the head-hours of each skill over the horizon."""
    hours = horizon.interval_minutes / 60.0
    gap = coverage.required - coverage.scheduled
    short, over = np.maximum(0.0, gap), np.maximum(0.0, -gap)
    figures = []
    for index, skill in enumerate(skills):
        required = float(coverage.required[:, index].sum() * hours)
        missing = float(short[:, index].sum() * hours)
        figures.append(
            SkillFigures(
                skill=skill,
                required_hours=required,
                scheduled_hours=float(coverage.scheduled[:, index].sum() * hours),
                short_hours=missing,
                over_hours=float(over[:, index].sum() * hours),
                covered=1.0 - missing / required if required > 0 else None,
                intervals_short=int((short[:, index] > TOLERANCE_HEADS).sum()),
                worst_heads=float(short[:, index].max(initial=0.0)),
            )
        )
    return tuple(figures)


def sum_of(figures: Sequence[SkillFigures]) -> SkillFigures:
    """Return the head-hours of all skills together."""
    required, missing = sum(row.required_hours for row in figures), sum(row.short_hours for row in figures)
    return SkillFigures(
        skill="",
        required_hours=required,
        scheduled_hours=sum(row.scheduled_hours for row in figures),
        short_hours=missing,
        over_hours=sum(row.over_hours for row in figures),
        covered=1.0 - missing / required if required > 0 else None,
        intervals_short=sum(row.intervals_short for row in figures),
        worst_heads=max((row.worst_heads for row in figures), default=0.0),
    )


def day_figures(horizon: Horizon, coverage: Coverage, skill: int) -> tuple[DayFigures, ...]:
    """Return the head-hours of one skill on each day."""
    required, scheduled = coverage.required[:, skill], coverage.scheduled[:, skill]
    gap = required - scheduled
    short = day_sums(horizon, np.maximum(0.0, gap))
    worst = float(short.max(initial=0.0)) or 1.0
    columns = (day_sums(horizon, required), day_sums(horizon, scheduled), short, short / worst)
    return tuple(DayFigures(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def burdens(roster: RosterGrid) -> tuple[Burden, ...]:
    """Return how nights, weekend days and office days are spread over the associates who work at all."""
    working = roster.plan.values >= 0
    at_all = working.any(axis=1)
    weekend = np.array([day.weekday() >= SATURDAY for day in roster.horizon.dates])
    counts = {
        "Nights": _nights(roster).sum(axis=1)[at_all],
        "Weekend days worked": working[:, weekend].sum(axis=1)[at_all],
        "Shifts": working.sum(axis=1)[at_all],
    }
    return tuple(
        Burden(
            name, histogram(values), int(values.min(initial=99) if len(values) else 0), _mean(values), int(values.max(initial=0))
        )
        for name, values in counts.items()
    )


def _mean(values: NDArray[np.int64]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _nights(roster: RosterGrid) -> NDArray[np.bool_]:
    """Return where a night is worked, shape (associates, days)."""
    night_types = [index for index, shift in enumerate(roster.shift_types) if shift.is_night]
    return np.isin(roster.plan.values, night_types)


def team_figures(roster: RosterGrid) -> tuple[TeamFigures, ...]:
    """Return the averages of each team, by name."""
    teams = np.array([associate.team for associate in roster.associates])
    weekend = np.array([day.weekday() >= SATURDAY for day in roster.horizon.dates])
    shifts = (roster.plan.values >= 0).sum(axis=1)
    nights = _nights(roster).sum(axis=1)
    weekend_days = (roster.plan.values[:, weekend] >= 0).sum(axis=1)
    return tuple(
        TeamFigures(team, int(of.sum()), _mean(shifts[of]), _mean(nights[of]), _mean(weekend_days[of]))
        for team in sorted(set(teams.tolist()))
        if (of := teams == team).any()
    )


@dataclass(frozen=True)
class Distance:
    """How far a roster can be from the best possible one, in head-hours.

    Parameters
    ----------
    parts
        What the objective is made of, the largest first; the objective is their sum.
    hours
        The objective less the proven bound: no roster is better than this one by more.
    per_hundred
        `hours` for each hundred head-hours required; ``None`` where nothing is required.
    """

    parts: tuple[tuple[str, float], ...]
    hours: float
    per_hundred: float | None


def distance_of(objective: float, bound: float, parts: Mapping[str, float], required_hours: float) -> Distance:
    """Return how far a roster can be from the best possible one."""
    hours = max(0.0, objective - bound)
    return Distance(
        parts=tuple(sorted(parts.items(), key=lambda part: -part[1])),
        hours=hours,
        per_hundred=100.0 * hours / required_hours if required_hours > 0 else None,
    )


@dataclass(frozen=True)
class Figure:
    """One named number with its unit."""

    name: str
    text: str


UNITS = ("hours", "minutes", "seconds", "heads", "days")

NAMES: Final = {
    "nights": "Night shifts",
    "off_rotation_share": "Weekly off on other weekdays than the week before (%)",
    "office_seat_peak": "Office seats taken at once, at most",
    "productive_minutes_mean": "Productive minutes a shift, mean",
    "requests_granted_share": "Requests granted (%)",
    "timings_used": "Shift timings in use",
    "weekend_days_gini": "Weekend days, Gini coefficient (0 is the same for all)",
    "weekend_days_spread": "Weekend days, most less least",
}
"""What planners call a figure; the ones in per cent are stored as shares."""


def remaining_figures(kpis: Mapping[str, float], shown: frozenset[str]) -> tuple[Figure, ...]:
    """Return the figures that have no place of their own on the page, so that none is lost, named in words with their unit."""
    figures = []
    for key in sorted(kpis.keys() - shown):
        name = NAMES.get(key) or _name_of(key)
        value = kpis[key] * (100.0 if name.endswith("(%)") else 1.0)
        text = number(value, 2)
        figures.append(Figure(name, text.rstrip("0").rstrip(".") if "." in text else text))
    return tuple(figures)


def _name_of(key: str) -> str:
    unit = next((unit for unit in UNITS if f"_{unit}" in key), "")
    name = key.replace(f"_{unit}", "") if unit else key
    return words(name) + (f" ({unit})" if unit else "")


@dataclass(frozen=True)
class Worst:
    """The interval with the most heads short, all skills together."""

    start: datetime
    heads: float


def worst_of(horizon: Horizon, coverage: Coverage) -> Worst | None:
    """Return the interval with the most heads short, ``None`` where none is."""
    short = np.maximum(0.0, coverage.required - coverage.scheduled).sum(axis=1)
    index = int(short.argmax())
    if short[index] <= TOLERANCE_HEADS:
        return None
    return Worst(horizon.instant_of(index * horizon.interval_minutes), float(short[index]))
