"""The lines of the floor's page as plain data: teams, queues, hours, alerts; written to JSON and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from services.floor_people import PeopleCounts, PersonLine


@dataclass(frozen=True)
class TeamLine:
    """One team, by who works for it now."""

    id: int
    name: str
    counts: PeopleCounts


@dataclass(frozen=True)
class QueueLine:
    """One queue at this moment.

    Parameters
    ----------
    oldest_seconds
        Age of the first job that waits; nothing when none does.
    arrived, handled
        Jobs of today.
    forecast
        Jobs that were forecast for today until now; nothing without a forecast.
    sla_so_far
        Share of today's answers that were in time; nothing before the first.
    """

    id: int
    name: str
    kind: str
    sla_seconds: float
    waiting: int
    oldest_seconds: float | None
    arrived: int
    forecast: float | None
    handled: int
    sla_so_far: float | None


@dataclass(frozen=True)
class OutlookLine:
    """The next hours of one queue, as `allocation.projection.QueueOutlook` has them."""

    queue_id: int
    sla_projected: float | None
    sla_day: float | None
    idle_in_minutes: float | None
    labour_needed: float | None
    first_miss_at: datetime | None
    late_jobs: float


@dataclass(frozen=True)
class HourLine:
    """A quarter hour of the next four hours: heads required by all queues, and heads really there."""

    starts_at: datetime
    required: float
    present: float


@dataclass(frozen=True)
class AlertLine:
    """One thing to look at."""

    kind: str
    severity: str
    message: str
    cause: str
    queue_id: int | None = None
    team: str | None = None
    associate_id: int | None = None


@dataclass(frozen=True)
class FloorSnapshot:
    """Everything on the page of a floor.

    Parameters
    ----------
    version
        Rises with every snapshot; zero before the first.
    projected_at
        When the outlook was computed; it is computed less often than the rest.
    people
        Those worth a look by standing, the longest first; the counts have all of them.
    compute_ms
        How long it took.
    """

    version: int
    computed_at: datetime
    projected_at: datetime | None
    zone_name: str
    totals: PeopleCounts
    teams: tuple[TeamLine, ...] = ()
    people: Mapping[str, tuple[PersonLine, ...]] = field(default_factory=dict)
    queues: tuple[QueueLine, ...] = ()
    outlooks: Mapping[int, OutlookLine] = field(default_factory=dict)
    hours: tuple[HourLine, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    compute_ms: float = 0.0

    def team_name(self, team_id: int) -> str:
        """Return the name of a team."""
        return next((team.name for team in self.teams if team.id == team_id), "")

    def queue_name(self, queue_id: int) -> str:
        """Return the name of a queue."""
        return next((queue.name for queue in self.queues if queue.id == queue_id), "")


def document_of(snapshot: FloorSnapshot) -> dict[str, Any]:
    """Return a snapshot as JSON has it, without version and time, which are columns of their own."""
    return {
        "projected_at": _text(snapshot.projected_at),
        "zone_name": snapshot.zone_name,
        "totals": asdict(snapshot.totals),
        "teams": [asdict(team) for team in snapshot.teams],
        "people": {name: [asdict(line) for line in lines] for name, lines in snapshot.people.items()},
        "queues": [asdict(queue) for queue in snapshot.queues],
        "outlooks": [asdict(one) | {"first_miss_at": _text(one.first_miss_at)} for one in snapshot.outlooks.values()],
        "hours": [asdict(hour) | {"starts_at": _text(hour.starts_at)} for hour in snapshot.hours],
        "alerts": [asdict(alert) for alert in snapshot.alerts],
        "compute_ms": snapshot.compute_ms,
    }


def snapshot_of(version: int, computed_at: datetime, document: Mapping[str, Any]) -> FloorSnapshot:
    """Return the snapshot that `document_of` wrote."""
    outlooks = [OutlookLine(**{**one, "first_miss_at": _instant(one["first_miss_at"])}) for one in document.get("outlooks", ())]
    return FloorSnapshot(
        version=version,
        computed_at=computed_at,
        projected_at=_instant(document["projected_at"]),
        zone_name=document["zone_name"],
        totals=PeopleCounts(**document["totals"]),
        teams=tuple(TeamLine(team["id"], team["name"], PeopleCounts(**team["counts"])) for team in document["teams"]),
        people={name: tuple(PersonLine(**line) for line in lines) for name, lines in document["people"].items()},
        queues=tuple(QueueLine(**queue) for queue in document["queues"]),
        outlooks={one.queue_id: one for one in outlooks},
        hours=tuple(HourLine(**{**hour, "starts_at": datetime.fromisoformat(hour["starts_at"])}) for hour in document["hours"]),
        alerts=tuple(AlertLine(**alert) for alert in document["alerts"]),
        compute_ms=document.get("compute_ms", 0.0),
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
