"""Alerts: thresholds with their causes, by hand."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

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
    found = contributions(QueueDeviation(1, 3600, 180, 120, 80, 60, over_break_heads=1.5, away_heads=2))
    assert [one.heads for one in found] == pytest.approx([2.0, 1.5, 1.0, 1.0, 0.0, 0.0, 0.0])
    assert found[0].text == "2 heads signed out during the shift"


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


@pytest.mark.parametrize(
    ("own", "others", "words"),
    [
        ({"live": 0}, {"photos": 1200}, "nothing waits in live, and 1,200 wait in photos, not open to them"),
        (
            {"live": 12, "photos": 40},
            {},
            "40 wait in photos, 12 wait in live, and either none of them is sure to be done by 08:45",
        ),
        ({}, {"live": 0}, "no queue is open to them"),
        (dict.fromkeys("abcde", 0), {}, "nothing waits in a, b, c and 2 more queues"),
    ],
)
def test_who_is_idle_is_idle_for_a_reason(own: dict[str, int], others: dict[str, int], words: str) -> None:
    until = CALM.state.now.replace(hour=8, minute=45)
    who = AssociateStanding(3, "Cy", "A", idle_minutes=11, own_waiting=own, other_waiting=others, works_until=until)
    (alert,) = alerts(CALM, associates=[who])
    since = CALM.state.now - timedelta(minutes=11)
    assert alert.cause.startswith(f"no job in hand since {since:%H:%M} UTC; ")
    assert words in alert.cause


def test_every_other_alert_has_a_cause_too() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    people = [AssociateStanding(1, "Ada", "A", break_over_minutes=6), AssociateStanding(2, "Bo", "A", late_minutes=31)]
    found = alerts(CALM, [], [TeamStanding("A", 20, 3, 2)], people, zone=zone)
    causes = {one.kind: one.cause for one in found}
    began = (CALM.state.now - timedelta(minutes=31)).astimezone(zone)
    assert causes[AlertKind.LATE].startswith(f"the shift began at {began:%H:%M} IST, there was no sign-in since")
    assert "the break was over at" in causes[AlertKind.BREAK_OVERTIME]
    assert causes[AlertKind.ABSENT] == (
        "2 heads by recorded absences and 1 head did not come for half an hour, with nothing recorded"
    )
    busy = project(floor([queue(1, waiting=60)], [group("A", 1, 1)]))
    for plan, words in (
        ((), "there is no plan of today"),
        ([QueueDeviation(1, 3600, 9, 9, 60, 60)], "the plan itself has too few"),
    ):
        assert [words in one.cause for one in alerts(busy, plan)] == [True]


def test_thresholds_that_make_no_sense_are_refused_all_at_once() -> None:
    with pytest.raises(ValueError, match=r"late_minutes: Give(.|\n)*idle_minutes: Give"):
        AlertThresholds(late_minutes=-1, idle_minutes=float("nan"))
    with pytest.raises(ValueError, match="critical_sla: Give at most"):
        AlertThresholds(least_sla=0.5, critical_sla=0.6)
