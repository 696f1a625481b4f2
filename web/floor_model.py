"""What the page of the floor is filled with, out of the snapshot that everybody shares."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from services.floor import FloorSnapshot
from services.floor_lines import AlertLine, HourLine, OutlookLine, QueueLine, TeamLine
from services.floor_people import PeopleCounts, PersonLine, Standing
from web.charts import CoverageChart, Tick, coverage_chart

STALE_AFTER: Final = timedelta(seconds=20)
"""Figures that are older say so: the worker is busy, or does not run."""

STANDING_TITLES: Final = {
    Standing.OVER_BREAK: ("Over time on a break", "over"),
    Standing.LATE: ("Late", "late"),
    Standing.ABSENT: ("Absent", "since the start"),
    Standing.AWAY: ("Signed out during the shift", "gone"),
    Standing.SYSTEM_DOWN: ("System down", "down"),
    Standing.IDLE: ("Idle: nothing in hand", "idle"),
}
"""Title of each list of people, and what its minutes are."""


@dataclass(frozen=True)
class QueueRow:
    """One queue with its outlook, and where it needs a look."""

    line: QueueLine
    outlook: OutlookLine | None
    first_miss_at: datetime | None

    @property
    def is_old(self) -> bool:
        """Whether the oldest job has waited longer than promised."""
        return self.line.oldest_seconds is not None and self.line.oldest_seconds > self.line.sla_seconds

    @property
    def needs_heads(self) -> bool:
        """Whether heads are missing."""
        return self.outlook is not None and (self.outlook.labour_needed or 0.0) >= 0.5

    @property
    def is_above_forecast(self) -> bool:
        """Whether a tenth more jobs came than were forecast."""
        return bool(self.line.forecast) and self.line.arrived > 1.1 * (self.line.forecast or 0.0)


@dataclass(frozen=True)
class PeopleList:
    """People of one standing.

    Parameters
    ----------
    count
        All of them; `people` may be only the longest.
    """

    name: str
    title: str
    what: str
    count: int
    people: tuple[PersonLine, ...]


@dataclass(frozen=True)
class FloorPage:
    """Everything that moves on the page.

    Parameters
    ----------
    teams
        Those of which anybody is there or should be; `quiet_teams` is the number of the others.
    """

    snapshot: FloorSnapshot
    zone: ZoneInfo
    totals: PeopleCounts
    teams: tuple[TeamLine, ...]
    queues: tuple[QueueRow, ...]
    lists: tuple[PeopleList, ...]
    alerts: tuple[AlertLine, ...]
    chart: CoverageChart | None
    hours: tuple[HourLine, ...]
    short_hours: float
    team_names: Mapping[int, str]
    quiet_teams: int


def floor_page(snapshot: FloorSnapshot, team_ids: Collection[int] | None) -> FloorPage:
    """Return what moves on the page.

    Parameters
    ----------
    team_ids
        The teams whose people are looked at; all when nothing is given. Queues and hours are always those of the site.
    """
    zone = ZoneInfo(snapshot.zone_name)
    teams = tuple(team for team in snapshot.teams if team_ids is None or team.id in team_ids)
    busy = tuple(team for team in teams if team.counts != PeopleCounts())
    totals = snapshot.totals if team_ids is None else sum_of(team.counts for team in teams)
    names = {team.name for team in teams}
    hours = tuple(replace(hour, starts_at=hour.starts_at.astimezone(zone)) for hour in snapshot.hours)
    return FloorPage(
        snapshot=snapshot,
        zone=zone,
        totals=totals,
        teams=busy,
        quiet_teams=len(teams) - len(busy),
        queues=tuple(_queue_row(snapshot, line, zone) for line in snapshot.queues),
        lists=tuple(_list(snapshot, standing, totals, team_ids) for standing in Standing),
        alerts=tuple(one for one in snapshot.alerts if team_ids is None or one.team is None or one.team in names),
        chart=hours_chart(hours),
        hours=hours,
        team_names={team.id: team.name for team in snapshot.teams},
        short_hours=sum(max(0.0, hour.required - hour.present) for hour in hours) / 4,
    )


def sum_of(counts: Iterable[PeopleCounts]) -> PeopleCounts:
    """Return the sum of counts."""
    rows = list(counts)
    return PeopleCounts(**{field.name: sum(getattr(row, field.name) for row in rows) for field in fields(PeopleCounts)})


def _queue_row(snapshot: FloorSnapshot, line: QueueLine, zone: ZoneInfo) -> QueueRow:
    outlook = snapshot.outlooks.get(line.id)
    miss = outlook.first_miss_at if outlook else None
    return QueueRow(line, outlook, miss and miss.astimezone(zone))


def _list(
    snapshot: FloorSnapshot, standing: Standing, totals: PeopleCounts, team_ids: Collection[int] | None
) -> PeopleList:  # fmt: skip
    title, what = STANDING_TITLES[standing]
    people = tuple(one for one in snapshot.people.get(standing.value, ()) if team_ids is None or one.team_id in team_ids)
    return PeopleList(standing.value, title, what, getattr(totals, standing.value), people)


def hours_chart(hours: tuple[HourLine, ...]) -> CoverageChart | None:
    """Return the chart of required heads against those really there, with the full hours marked; nothing without hours."""
    if len(hours) < 2:
        return None
    starts = [hour.starts_at for hour in hours]
    required, present = (np.array([getattr(hour, name) for hour in hours]) for name in ("required", "present"))
    chart = coverage_chart(starts, required, present)
    width = starts[1] - starts[0]
    first, span = starts[0], width * len(starts)
    marks = [first.replace(minute=0, second=0, microsecond=0) + timedelta(hours=number) for number in range(1, 6)]
    times = tuple(Tick(100.0 * ((mark - first) / span), f"{mark:%H:%M}") for mark in marks if mark <= first + span)
    return replace(chart, times=times)


def stale_minutes(snapshot: FloorSnapshot, now: datetime) -> float | None:
    """Return how old figures are that are too old, in minutes; nothing for fresh ones."""
    age = now - snapshot.computed_at
    return age / timedelta(minutes=1) if age > STALE_AFTER else None
