"""What the roster pages are filled with: reads the arguments of an address and builds the model of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from scheduling.errors import NotFoundError
from scheduling.people import Associate
from scheduling.plan import DAY_WORDS
from scheduling.times import Horizon
from services.reading import CoverageView, RosterGrid, RosterSummary
from web import arguments
from web.charts import TOLERANCE_HEADS, CoverageChart, coverage_chart
from web.figures import burdens, day_figures, distance_of, remaining_figures, skill_figures, sum_of, team_figures, worst_of
from web.findings import Findings
from web.gantt import ShiftBar, day_gantt, shift_bar
from web.grid import Grid, build_grid
from web.tones import tone_of

Model = dict[str, object]

SHOWN_FIGURES = frozenset(
    {
        "required_hours",
        "short_hours",
        "over_hours",
        "coverage_share",
        "worst_interval_minute",
        "worst_interval_short_heads",
        "productive_minutes_min",
        "productive_minutes_max",
    }
)
"""Figures that have a place of their own on the page of figures."""


GANTT_LIMIT = 300
"""With more shifts on a day than this the Gantt shows one team at a time."""


@dataclass(frozen=True)
class IntervalRow:
    """One interval of the table beside the coverage chart."""

    start: datetime
    required: float
    scheduled: float
    is_short: bool


@dataclass(frozen=True)
class DayRow:
    """One day of one associate."""

    date: date
    text: str
    tone: str
    bar: ShiftBar | None


def teams_of(associates: Sequence[Associate]) -> list[str]:
    """Return the names of the teams, sorted."""
    return sorted({associate.team for associate in associates})


def _neighbours(dates: Sequence[date], index: int) -> Model:
    return {
        "dates": dates,
        "date": dates[index],
        "previous_day": dates[index - 1] if index > 0 else None,
        "next_day": dates[index + 1] if index + 1 < len(dates) else None,
    }


def asked_grid(roster: RosterGrid, today: date) -> tuple[Grid, Model]:
    """Return the grid that the address asks for, and the search that it was asked with."""
    query, team = arguments.text("q"), arguments.text("team")
    who, when = arguments.text("who"), arguments.date_or_none("day")
    grid = build_grid(roster, today=today, query=query, team=team, target=(who, when) if who and when else None)
    return grid, {
        "query": query,
        "team": team,
        "teams": teams_of(roster.associates),
        "count": len(roster.associates),
        "who": who,
        "when": when,
    }


def horizon_of(summary: RosterSummary) -> Horizon:
    """Return the days of a roster."""
    return Horizon(summary.zone_name, summary.first_day, summary.weeks, summary.interval_minutes)


def breaks_page(roster: RosterGrid, day: int) -> Model:
    """Return the model of the Gantt of a day."""
    teams = teams_of(roster.associates)
    is_long = int((roster.plan.values[:, day] >= 0).sum()) > GANTT_LIMIT
    team = arguments.one_of("team", teams, teams[0] if is_long else "")
    return {
        "gantt": day_gantt(roster, day, team),
        "team": team,
        "teams": teams,
        "is_long": is_long,
        "who": arguments.text("who"),
        "kinds": roster.break_policy.breaks,
        **_neighbours(roster.horizon.dates, day),
    }


def coverage_page(view: CoverageView, today: date) -> Model:
    """Return the model of the coverage of one skill on one day."""
    horizon = view.horizon
    skill = arguments.one_of("skill", view.skills, view.skills[0])
    column, day = view.skills.index(skill), arguments.day_of(horizon, today)
    first, last = (int(minute) // horizon.interval_minutes for minute in horizon.day_starts[day : day + 2])
    required, scheduled = view.coverage.required[first:last, column], view.coverage.scheduled[first:last, column]
    starts = [horizon.instant_of(index * horizon.interval_minutes) for index in range(first, last)]
    days = day_figures(horizon, view.coverage, column)
    rows = zip(starts, required.tolist(), scheduled.tolist(), strict=True)
    return {
        "skill": skill,
        "skills": view.skills,
        "days": days,
        "chosen": days[day],
        "chart": coverage_chart(starts, required, scheduled),
        "intervals": [IntervalRow(start, need, have, need - have > TOLERANCE_HEADS) for start, need, have in rows],
        **_neighbours(horizon.dates, day),
    }


@dataclass(frozen=True)
class SkillCoverage:
    """The coverage of one skill on one day, drawn and summed."""

    skill: str
    chart: CoverageChart
    required_hours: float
    short_hours: float


def day_coverage(view: CoverageView, day: int) -> tuple[SkillCoverage, ...]:
    """Return the coverage of every skill on a day."""
    horizon, hour = view.horizon, view.horizon.interval_minutes / 60
    first, last = (int(minute) // horizon.interval_minutes for minute in horizon.day_starts[day : day + 2])
    starts = [horizon.instant_of(index * horizon.interval_minutes) for index in range(first, last)]
    found = []
    for column, skill in enumerate(view.skills):
        need, have = view.coverage.required[first:last, column], view.coverage.scheduled[first:last, column]
        short = float(np.maximum(0.0, need - have).sum() * hour)
        found.append(SkillCoverage(skill, coverage_chart(starts, need, have), float(need.sum() * hour), short))
    return tuple(found)


def figures_page(roster: RosterGrid, view: CoverageView) -> Model:
    """Return the model of the figures of a roster."""
    skills = skill_figures(view.horizon, view.skills, view.coverage)
    totals, head = sum_of(skills), roster.summary
    kpis = head.kpis
    ends = [kpis.get(f"productive_minutes_{end}") for end in ("min", "max")]
    return {
        "skills": skills,
        "totals": totals,
        "productive": None if None in ends else ends,
        "burdens": burdens(roster),
        "teams": team_figures(roster),
        "distance": distance_of(head.objective, head.bound, head.objective_parts, totals.required_hours),
        "worst": worst_of(view.horizon, view.coverage),
        "others": remaining_figures(kpis, SHOWN_FIGURES | {f"service_share_{skill}" for skill in view.skills}),
    }


def associate_page(roster: RosterGrid, code: str) -> Model:
    """Return the model of the days of one associate."""
    row = next((index for index, associate in enumerate(roster.associates) if associate.code == code), None)
    if row is None:
        raise NotFoundError(f"There is no associate {code!r} in roster {roster.summary.id}.")
    days = [_day_row(roster, row, day) for day in range(roster.horizon.day_count)]
    return {"associate": roster.associates[row], "days": days}


def _day_row(roster: RosterGrid, row: int, day: int) -> DayRow:
    value = int(roster.plan.values[row, day])
    when = roster.horizon.dates[day]
    if value < 0:
        return DayRow(when, DAY_WORDS[value], DAY_WORDS[value], None)
    shift = roster.shift_types[value]
    return DayRow(when, shift.code, str(tone_of(shift)), shift_bar(roster, row, day))


def violations_page(findings: Findings, names: Mapping[str, str], severity: str, rule: str) -> Model:
    """Return the model of the violations that the address asks for."""
    return {
        "findings": findings,
        "names": names,
        "chosen_severity": severity,
        "chosen_rule": rule,
        "lacks_seats": any(name in {"office-seats", "office-days"} for name, _ in findings.by_rule),
    }
