"""Night hours minute by minute, pay periods day by day, and rules that are refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.pay import (
    PayRule,
    PeriodKind,
    allowance,
    counted_night_minutes,
    night_minutes,
    period_of,
    periods_before,
)
from scheduling.errors import BadInputError

ZONES = ["Asia/Kolkata", "Europe/Berlin", "UTC", "America/St_Johns"]
NEAR_CHANGES = [datetime(2027, 3, 27), datetime(2027, 10, 30), datetime(2027, 1, 5), datetime(2026, 12, 31)]  # noqa: DTZ001


def by_minute(rule: PayRule, zone: ZoneInfo, start: float, minutes: int) -> int:
    """Count the minutes whose beginning the clocks show in the night."""

    def is_night(at: float) -> bool:
        wall = datetime.fromtimestamp(at, zone).time().replace(second=0, microsecond=0)
        if rule.night_from < rule.night_until:
            return rule.night_from <= wall < rule.night_until
        return wall >= rule.night_from or wall < rule.night_until

    return sum(is_night(start + 60 * minute) for minute in range(minutes))


@given(
    zone_name=st.sampled_from(ZONES),
    near=st.sampled_from(NEAR_CHANGES),
    offset=st.integers(0, 3 * 1440),
    minutes=st.integers(0, 900),
    evening=st.sampled_from([time(22), time(20, 30), time(0), time(23, 45)]),
    morning=st.sampled_from([time(6), time(5, 15), time(7)]),
)
@settings(max_examples=50)
def test_night_is_counted_as_minute_by_minute(
    zone_name: str, near: datetime, offset: int, minutes: int, evening: time, morning: time
) -> None:
    zone = ZoneInfo(zone_name)
    start = near.replace(tzinfo=zone).timestamp() + 60 * offset
    rule = PayRule(night_from=evening, night_until=morning)
    found = night_minutes(rule, zone, np.array([start]), np.array([start + 60.0 * minutes]))
    assert found[0] == pytest.approx(by_minute(rule, zone, start, minutes))


def test_the_long_night_has_an_hour_more_and_the_short_one_an_hour_less() -> None:
    zone, rule = ZoneInfo("Europe/Berlin"), PayRule()
    evenings = [datetime(2027, month, day, 22, tzinfo=zone).timestamp() for month, day in ((3, 27), (10, 30), (6, 1))]
    mornings = [datetime(2027, month, day, 6, tzinfo=zone).timestamp() for month, day in ((3, 28), (10, 31), (6, 2))]
    assert night_minutes(rule, zone, np.array(evenings), np.array(mornings)).tolist() == [420.0, 540.0, 480.0]


def test_a_shift_with_too_little_night_counts_for_nothing() -> None:
    rule = PayRule(least_night_minutes=60, per_night_hour=30.0, per_night_shift=50.0)
    counted = counted_night_minutes(rule, np.array([59.0, 60.0, 480.0, 0.0]))
    assert counted.tolist() == [0.0, 60.0, 480.0, 0.0]
    assert allowance(rule, counted) == 9 * 30.0 + 2 * 50.0


@given(
    kind=st.sampled_from(list(PeriodKind)),
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    day=st.dates(date(2019, 1, 1), date(2031, 1, 1)),
)
@settings(max_examples=50)
def test_every_day_lies_in_one_period_and_periods_follow_each_other(kind: PeriodKind, start: date, day: date) -> None:
    rule = PayRule(period=kind, period_start=start.replace(day=min(start.day, 28)))
    period, before = periods_before(rule, day, 2)
    assert period.first_day <= day <= period.last_day
    assert before.last_day + timedelta(days=1) == period.first_day
    assert period_of(rule, period.first_day) == period_of(rule, period.last_day) == period
    assert 7 <= (period.last_day - period.first_day).days + 1 <= 31
    assert period_of(rule, rule.period_start).first_day == rule.period_start


def test_a_rule_is_read_back_as_it_was_written() -> None:
    rule = PayRule(time(21, 30), time(5), per_night_hour=42.5, period=PeriodKind.TWO_WEEKS, period_start=date(2027, 1, 4))
    assert PayRule.of(rule.document()) == rule
    assert PayRule.of({}) == PayRule()
    assert PayRule.of({"written by a newer version": 1}) == PayRule()


def test_every_fault_of_a_rule_is_named() -> None:
    with pytest.raises(BadInputError) as caught:
        PayRule(
            time(6), time(6), least_night_minutes=-1, per_night_hour=float("nan"), currency=" ", period_start=date(2027, 1, 31)
        )
    assert [fault.column for fault in caught.value.faults] == [
        "night_until",
        "least_night_minutes",
        "per_night_hour",
        "currency",
        "period_start",
    ]


@pytest.mark.parametrize(
    ("minutes", "per_hour", "earned"), [(150.0, 0.25, 0.63), (90.0, 0.01, 0.02), (30.0, 0.05, 0.03), (480.0, 31.25, 250.0)]
)
def test_half_a_cent_is_rounded_upwards(minutes: float, per_hour: float, earned: float) -> None:
    assert allowance(PayRule(per_night_hour=per_hour), np.array([minutes])) == earned
