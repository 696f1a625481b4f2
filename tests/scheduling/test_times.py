"""Elapsed minutes, local times, and the two nights a year on which they part."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.times import Horizon, SystemClock, local_instant
from tests.builders import AUTUMN_MONDAY, MONDAY, SPRING_MONDAY, scenario

ZONES = st.sampled_from(
    ["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "UTC"]
)
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
WALLS = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))


@pytest.mark.parametrize(("start", "minutes"), [(MONDAY, 10080), (SPRING_MONDAY, 10020), (AUTUMN_MONDAY, 10140)])
def test_a_week_has_an_hour_less_or_more_when_clocks_change(start: date, minutes: int) -> None:
    horizon = Horizon("Europe/Berlin", start, 1)
    assert horizon.total_minutes == minutes
    assert horizon.interval_count == minutes // 15 == len(horizon.interval_starts)
    assert horizon.day_starts[-1] - horizon.day_starts[-2] == minutes - 6 * 1440


def test_a_local_time_that_does_not_exist_is_read_by_the_old_clocks() -> None:
    instant = local_instant(date(2027, 3, 28), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert instant.astimezone(UTC) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert instant.time() == time(3, 30)


def test_a_local_time_that_exists_twice_is_the_first() -> None:
    instant = local_instant(date(2027, 10, 31), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert instant.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("start", "minutes"), [(MONDAY, 540), (SPRING_MONDAY, 480), (AUTUMN_MONDAY, 600)])
def test_from_ten_to_seven_over_the_change(start: date, minutes: int) -> None:
    horizon = Horizon("Europe/Berlin", start, 1)
    assert horizon.minute_at(6, time(7)) - horizon.minute_at(5, time(22)) == minutes


@given(zone=ZONES, first=DAYS, weeks=st.integers(1, 5), minute=st.integers(-20000, 60000))
@settings(max_examples=50, deadline=None)
def test_minutes_and_instants_are_inverse(zone: str, first: date, weeks: int, minute: int) -> None:
    horizon = Horizon(zone, first, weeks)
    instant = horizon.instant_of(minute)
    assert instant.tzinfo is horizon.zone
    assert horizon.minute_of(instant) == minute
    assert horizon.minute_of(instant.astimezone(UTC)) == minute


@given(zone=ZONES, first=DAYS, day=st.integers(-10, 40), wall=WALLS)
@settings(max_examples=50, deadline=None)
def test_minute_at_shows_the_wall_time_or_the_time_does_not_exist(zone: str, first: date, day: int, wall: time) -> None:
    horizon = Horizon(zone, first, 4)
    shown = horizon.instant_of(horizon.minute_at(day, wall))
    asked = datetime.combine(first + timedelta(days=day), wall)
    moved = shown.replace(tzinfo=None) - asked
    assert moved in {timedelta(0), timedelta(minutes=30), timedelta(hours=1)}


@given(zone=ZONES, first=DAYS)
@settings(max_examples=30, deadline=None)
def test_days_follow_each_other_and_fill_the_horizon(zone: str, first: date) -> None:
    horizon = Horizon(zone, first, 2)
    lengths = horizon.day_starts[1:] - horizon.day_starts[:-1]
    assert horizon.day_starts[0] == 0
    assert horizon.day_starts[-1] == horizon.total_minutes
    assert set(lengths) <= {1380, 1410, 1440, 1470, 1500}
    assert [horizon.day_index(day) for day in horizon.dates] == list(range(14))


def test_the_clock_of_the_machine_is_aware() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_the_start_of_a_shift_the_day_before_is_the_last_row() -> None:
    of = scenario(weeks=1)
    assert of.shift_start_minutes.shape == (8, 4)
    assert list(of.shift_start_minutes[-1]) == [360 - 1440, 600 - 1440, 840 - 1440, 1320 - 1440]
    assert list(of.shift_start_minutes[6]) == [360 + 8640, 600 + 8640, 840 + 8640, 1320 + 8640]
