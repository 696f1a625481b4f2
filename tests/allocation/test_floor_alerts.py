"""Alerts: thresholds with their causes, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.alerts import (
    AlertKind,
    AlertSeverity,
    AlertThresholds,
    AssociateStanding,
    QueueDeviation,
    TeamStanding,
    alerts,
    cause_of,
    contributions,
)
from allocation.projection import project
from tests.allocation.floor_states import floor, group, queue

CALM = project(floor([queue(1, 5.0)], [group("A", 2, 1)]))


def test_a_calm_floor_has_no_alert() -> None:
    calm = QueueDeviation(1, 3600, 100, 100, 60, 60)
    assert alerts(CALM, [calm], [TeamStanding("A", 10, 1)], [AssociateStanding(1, "Ada", "A", 5, 10, 10)]) == ()


def test_a_queue_that_will_be_late_says_how_many_heads_would_keep_it_and_why() -> None:
    busy = project(floor([queue(1, waiting=60)], [group("A", 1, 1)]))
    (alert,) = alerts(busy, [QueueDeviation(1, 3600, 100, 100, 60, 60, absent_heads=2, late_heads=1)])
    assert alert.kind is AlertKind.SLA_AT_RISK
    assert alert.severity is AlertSeverity.CRITICAL
    assert "50.0%" in alert.message
    assert "1 head more would keep it" in alert.message
    assert alert.cause == "2 heads absent, which costs 2 heads"


def test_contributions_are_counted_in_heads() -> None:
    # In an hour 180 jobs of 80 s instead of 120 of 60 s: one head for more jobs, one for slower work.
    found = contributions(QueueDeviation(1, 3600, 180, 120, 80, 60, over_break_heads=1.5))
    assert [one.heads for one in found] == pytest.approx([1.5, 1.0, 1.0, 0.0, 0.0])


@given(st.floats(60, 30_000), st.floats(0, 10_000), st.floats(0, 10_000), st.floats(1, 300), st.floats(1, 300))
def test_arrivals_and_slowness_together_are_the_work_above_plan(
    seconds: float, arrived: float, forecast: float, aht: float, planned: float
) -> None:
    found = contributions(QueueDeviation(1, seconds, arrived, forecast, aht, planned))
    assert sum(one.heads for one in found) == pytest.approx((arrived * aht - forecast * planned) / seconds, abs=1e-6)
    assert [one.heads for one in found] == sorted((one.heads for one in found), reverse=True)


@pytest.mark.parametrize(
    ("deviation", "words"),
    [
        (QueueDeviation(1, 3600, 300, 120, 60, 60), "300 jobs came where 120 were forecast, which costs 3 heads"),
        (QueueDeviation(1, 3600, 120, 120, 90, 60), "a job takes 90.0 s where 60.0 s were planned, which costs 1 head"),
        (QueueDeviation(1, 3600, 60, 120, 60, 60), ""),
    ],
)
def test_the_largest_contribution_is_the_cause(deviation: QueueDeviation, words: str) -> None:
    assert cause_of(deviation) == words


def test_arrivals_above_forecast_count_only_when_they_are_many() -> None:
    few, many = QueueDeviation(1, 3600, 9, 2, 60, 60), QueueDeviation(1, 3600, 130, 100, 60, 60)
    assert alerts(CALM, [few]) == ()
    (alert,) = alerts(CALM, [many])
    assert alert.kind is AlertKind.ARRIVALS_ABOVE_FORECAST
    assert alert.severity is AlertSeverity.WARNING
    assert "30 more" in alert.message


@pytest.mark.parametrize(("oldest", "severity"), [(1500.0, AlertSeverity.WARNING), (1800.0, AlertSeverity.CRITICAL)])
def test_the_oldest_job_alerts_before_its_deadline(oldest: float, severity: AlertSeverity) -> None:
    ahead = project(floor([queue(1, 0.0, waiting=3, oldest=oldest)], [group("A", 50, 1)]))
    found = [one for one in alerts(ahead) if one.kind is AlertKind.OLDEST_WAITING]
    assert [one.severity for one in found] == [severity]


def test_teams_and_associates_past_their_thresholds_alert_critical_ones_first() -> None:
    people = [AssociateStanding(1, "Ada", "A", break_over_minutes=6), AssociateStanding(2, "Bo", "A", late_minutes=31)]
    found = alerts(CALM, [], [TeamStanding("A", 20, 3), TeamStanding("B", 0, 0)], people)
    assert [(one.kind, one.severity, one.team, one.associate_id) for one in found] == [
        (AlertKind.LATE, AlertSeverity.CRITICAL, "A", 2),
        (AlertKind.ABSENT, AlertSeverity.WARNING, "A", None),
        (AlertKind.BREAK_OVERTIME, AlertSeverity.WARNING, "A", 1),
    ]
    assert alerts(CALM, associates=[AssociateStanding(3, "Cy", "A", idle_minutes=11)])[0].kind is AlertKind.IDLE


def test_thresholds_that_make_no_sense_are_refused_all_at_once() -> None:
    with pytest.raises(ValueError, match=r"late_minutes is -1(.|\n)*idle_minutes is nan"):
        AlertThresholds(late_minutes=-1, idle_minutes=float("nan"))
    with pytest.raises(ValueError, match="must not exceed"):
        AlertThresholds(least_sla=0.5, critical_sla=0.6)
