"""Alerts: what on the floor is past a threshold, how bad it is, and what causes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isfinite
from zoneinfo import ZoneInfo

from allocation import causes
from allocation.projection import Projection, QueueOutlook
from allocation.wording import heads_text, percent


class AlertKind(StrEnum):
    """What is past its threshold."""

    SLA_AT_RISK = "sla_at_risk"
    """The projected SLA of a queue is too low."""
    OLDEST_WAITING = "oldest_waiting"
    """The oldest job of a queue has used up most of its SLA."""
    ARRIVALS_ABOVE_FORECAST = "arrivals_above_forecast"
    """More jobs came than were forecast."""
    ABSENT = "absent"
    """Too large a part of a team is absent."""
    BREAK_OVERTIME = "break_overtime"
    """An associate is over time on a break."""
    LATE = "late"
    """An associate has not come to the shift."""
    IDLE = "idle"
    """An associate has nothing to do."""


class AlertSeverity(StrEnum):
    """How soon somebody should look."""

    WARNING = "warning"
    """Past the threshold."""
    CRITICAL = "critical"
    """Past a second threshold, or a deadline is already broken."""


@dataclass(frozen=True)
class AlertThresholds:
    """When to alert; values at a threshold do not alert yet.

    Parameters
    ----------
    least_sla, critical_sla
        Projected share in time.
    oldest_share_of_sla
        Age of the oldest job / SLA; critical from 1.
    arrivals_above_share
        (arrived - forecast) / forecast of the day so far, twice of it is critical.
    least_extra_jobs
        Fewer jobs above the forecast do not alert: a share of few jobs means little.
    absent_share
        Absent heads / planned heads of a team, twice of it is critical.
    break_over_minutes, late_minutes, idle_minutes
        Of one associate, three times of it is critical.
    """

    least_sla: float = 0.9
    critical_sla: float = 0.7
    oldest_share_of_sla: float = 0.8
    arrivals_above_share: float = 0.2
    least_extra_jobs: float = 10.0
    absent_share: float = 0.1
    break_over_minutes: float = 5.0
    late_minutes: float = 10.0
    idle_minutes: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what `threshold_faults` finds."""
        faults = [f"{name}: {reason}" for name, reason in threshold_faults(asdict(self)).items()]
        if faults:
            raise ValueError("\n".join(faults))


def threshold_faults(values: Mapping[str, float]) -> dict[str, str]:
    """Return what is wrong with thresholds by their names: none is below zero, and no SLA is critical above where it alerts."""
    faults = {name: "Give a number of zero or more." for name, value in values.items() if not (isfinite(value) and value >= 0)}
    if values["least_sla"] > 1:
        faults.setdefault("least_sla", "Give at most 1, which is every job in time.")
    elif not {"least_sla", "critical_sla"} & faults.keys() and values["critical_sla"] > values["least_sla"]:
        faults["critical_sla"] = f"Give at most {values['least_sla']:g}, from where on it alerts at all."
    return faults


@dataclass(frozen=True)
class QueueDeviation:
    """How a queue's day so far differs from its plan.

    Parameters
    ----------
    elapsed_seconds
        Time in which the arrivals came, above zero.
    arrived, forecast
        Jobs in that time.
    aht_seconds, planned_aht_seconds
        Handling time measured and planned.
    absent_heads, late_heads, over_break_heads, away_heads, system_down_heads
        Productive heads that the plan had for the queue now, and why they are missing.
    """

    queue_id: int
    elapsed_seconds: float
    arrived: float
    forecast: float
    aht_seconds: float
    planned_aht_seconds: float
    absent_heads: float = 0.0
    late_heads: float = 0.0
    over_break_heads: float = 0.0
    away_heads: float = 0.0
    system_down_heads: float = 0.0


@dataclass(frozen=True)
class Contribution:
    """Heads that a deviation costs, with the deviation in words."""

    heads: float
    text: str


@dataclass(frozen=True)
class TeamStanding:
    """One team: heads planned now, how many of them are absent, and of how many of these the absence is recorded."""

    team: str
    planned_heads: float
    absent_heads: float
    recorded_heads: float = 0.0


@dataclass(frozen=True)
class AssociateStanding:
    """One associate: minutes over time on a break, late for the shift, and idle; zero when not.

    Parameters
    ----------
    own_waiting, other_waiting
        Of an idle one: jobs that wait, by name of the queue, where work may be taken from and elsewhere.
    works_until
        Of an idle one: end of the work that is planned now.
    """

    associate_id: int
    name: str
    team: str
    break_over_minutes: float = 0.0
    late_minutes: float = 0.0
    idle_minutes: float = 0.0
    own_waiting: Mapping[str, int] = field(default_factory=dict)
    other_waiting: Mapping[str, int] = field(default_factory=dict)
    works_until: datetime | None = None


@dataclass(frozen=True)
class Alert:
    """One thing that somebody should look at.

    Parameters
    ----------
    queue_id, team, associate_id
        What it is about; those that do not apply are ``None``.
    cause
        The greatest reason with its number, and from what it is known; never empty.
    """

    kind: AlertKind
    severity: AlertSeverity
    message: str
    cause: str
    queue_id: int | None = None
    team: str | None = None
    associate_id: int | None = None


def contributions(deviation: QueueDeviation) -> tuple[Contribution, ...]:
    """Return what each deviation from plan costs in heads, the largest first.

    Extra jobs cost ``(arrived - forecast) x planned handling time / elapsed``, slower handling ``arrived x (handling time -
    planned) / elapsed``; together they are exactly the workload above plan. Missing people count as they are. A deviation
    that helps has negative heads.
    """
    seconds = max(deviation.elapsed_seconds, 1.0)
    extra = deviation.arrived - deviation.forecast
    slower = deviation.aht_seconds - deviation.planned_aht_seconds
    found = (
        Contribution(
            extra * deviation.planned_aht_seconds / seconds,
            f"{deviation.arrived:.0f} jobs came where {deviation.forecast:.0f} were forecast",
        ),
        Contribution(
            deviation.arrived * slower / seconds,
            f"a job takes {deviation.aht_seconds:.1f} s where {deviation.planned_aht_seconds:.1f} s were planned",
        ),
        Contribution(deviation.absent_heads, f"{heads_text(deviation.absent_heads)} absent"),
        Contribution(deviation.late_heads, f"{heads_text(deviation.late_heads)} late"),
        Contribution(deviation.over_break_heads, f"{heads_text(deviation.over_break_heads)} over time on a break"),
        Contribution(deviation.away_heads, f"{heads_text(deviation.away_heads)} signed out during the shift"),
        Contribution(deviation.system_down_heads, f"{heads_text(deviation.system_down_heads)} with a system down"),
    )
    return tuple(sorted(found, key=lambda one: -one.heads))


def cause_of(deviation: QueueDeviation) -> str:
    """Return the largest contribution in words; empty when nothing costs as much as a twentieth of a head."""
    largest = contributions(deviation)[0]
    return f"{largest.text}, which costs {heads_text(largest.heads)}" if largest.heads >= 0.05 else ""


def alerts(
    projection: Projection,
    deviations: Iterable[QueueDeviation] = (),
    teams: Sequence[TeamStanding] = (),
    associates: Sequence[AssociateStanding] = (),
    thresholds: AlertThresholds | None = None,
    zone: ZoneInfo | None = None,
) -> tuple[Alert, ...]:
    """Return every alert, critical ones first, otherwise in the order of kinds, queues, teams and associates.

    Parameters
    ----------
    zone
        Of the times in causes; UTC without it.
    """
    local = zone or ZoneInfo("UTC")
    limits = thresholds or AlertThresholds()
    by_queue = {deviation.queue_id: deviation for deviation in deviations}
    found: list[Alert] = []
    for queue in projection.queues:
        found.extend(_queue_alerts(projection, queue, by_queue.get(queue.queue_id), limits))
    found.extend(alert for team in teams for alert in _team_alerts(team, limits))
    found.extend(alert for associate in associates for alert in _associate_alerts(associate, limits, projection.state.now, local))
    kinds = list(AlertKind)
    return tuple(sorted(found, key=lambda one: (one.severity is not AlertSeverity.CRITICAL, kinds.index(one.kind))))


def _severity(is_critical: bool) -> AlertSeverity:
    return AlertSeverity.CRITICAL if is_critical else AlertSeverity.WARNING


def _queue_alerts(
    projection: Projection, queue: QueueOutlook, deviation: QueueDeviation | None, limits: AlertThresholds
) -> Iterator[Alert]:
    """Yield the alerts of one queue."""
    now = projection.state.queue(queue.queue_id)
    cause = cause_of(deviation) if deviation else ""
    cause = cause or causes.plan_too_small(sum(band.count for band in now.waiting), has_plan=deviation is not None)
    sla = queue.sla_projected
    if sla is not None and sla < limits.least_sla:
        labour = queue.labour_needed or 0.0
        need = f"; {heads_text(labour)} more would keep it" if labour > 0.05 else ""
        text = f"{queue.name} will answer {percent(sla)} in time in the next hours, less than {percent(limits.least_sla)}{need}."
        yield Alert(AlertKind.SLA_AT_RISK, _severity(sla < limits.critical_sla), text, cause, queue_id=queue.queue_id)
    used = queue.oldest_seconds / now.sla_seconds
    if used > limits.oldest_share_of_sla:
        text = f"The oldest job of {queue.name} has waited {queue.oldest_seconds:.0f} s, {used:.0%} of its SLA."
        yield Alert(AlertKind.OLDEST_WAITING, _severity(used >= 1.0), text, cause, queue_id=queue.queue_id)
    if deviation is None:
        return
    extra, limit = deviation.arrived - deviation.forecast, limits.arrivals_above_share
    if extra >= limits.least_extra_jobs and extra > limit * deviation.forecast:
        text = f"{deviation.arrived:.0f} jobs came to {queue.name}, {extra:.0f} more than were forecast."
        severity = _severity(extra > 2 * limit * deviation.forecast)
        yield Alert(AlertKind.ARRIVALS_ABOVE_FORECAST, severity, text, cause, queue_id=queue.queue_id)


def _team_alerts(team: TeamStanding, limits: AlertThresholds) -> Iterator[Alert]:
    """Yield the alert of a team whose absence is too large."""
    if team.planned_heads > 0 and team.absent_heads > limits.absent_share * team.planned_heads:
        share = team.absent_heads / team.planned_heads
        cause = causes.team_absent(team.absent_heads, team.recorded_heads)
        text = f"{heads_text(team.absent_heads)} of {team.planned_heads:g} of team {team.team} absent ({share:.0%})."
        yield Alert(AlertKind.ABSENT, _severity(share > 2 * limits.absent_share), text, cause, team=team.team)


def _associate_alerts(one: AssociateStanding, limits: AlertThresholds, now: datetime, zone: ZoneInfo) -> Iterator[Alert]:
    """Yield the alerts of one associate."""
    over, late, idle = one.break_over_minutes, one.late_minutes, one.idle_minutes
    why_idle = causes.idle(now, idle, zone, one.own_waiting, one.other_waiting, one.works_until)
    signs = (
        (
            AlertKind.BREAK_OVERTIME,
            over,
            limits.break_over_minutes,
            "is over time on a break by",
            causes.break_overtime(now, over, zone),
        ),
        (AlertKind.LATE, late, limits.late_minutes, "is late for the shift by", causes.late(now, late, zone)),
        (AlertKind.IDLE, idle, limits.idle_minutes, "has had nothing to do for", why_idle),
    )
    for kind, minutes, limit, words, cause in signs:
        if minutes > limit:
            text = f"{one.name} {words} {minutes:.0f} min."
            yield Alert(kind, _severity(minutes > 3 * limit), text, cause, team=one.team, associate_id=one.associate_id)
