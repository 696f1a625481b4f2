from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from scheduling.duties import PlannedBreak
from scheduling.times import local_instant
from services.languages import Speech
from services.own_days import OwnDay, OwnShift
from storage.own_days import own_days
from tests.conftest import SteppedClock
from tests.published import published_site
from web.own_today import Coming, left_words, today_of

BERLIN = ZoneInfo("Europe/Berlin")


def worked(day: date, wall: time, *, hours: int = 9, zone: ZoneInfo = BERLIN) -> OwnDay:
    start = local_instant(day, wall, zone).astimezone(UTC)
    meal = PlannedBreak(start + timedelta(hours=4), start + timedelta(hours=4, minutes=30), "meal", False)
    return OwnDay(day, 1, "shift", OwnShift("X", start, start + timedelta(hours=hours), "home", (meal,), 420))


DAYS = [worked(date(2027, 1, 4), time(22)), OwnDay(date(2027, 1, 5), 1, "off", None), worked(date(2027, 1, 6), time(6))]


@given(st.integers(-48 * 60, 120 * 60))
def test_the_next_moment_is_ahead_and_nothing_lies_between(minutes: int) -> None:
    now = datetime(2027, 1, 4, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    found = today_of(DAYS, now)
    every = sorted(at for day in DAYS if day.shift for at in (
        day.shift.starts_at, day.shift.ends_at, day.shift.breaks[0].starts_at, day.shift.breaks[0].ends_at))  # fmt: skip
    ahead = [at for at in every if at > now]
    assert (found.next.at if found.next else None) == (ahead[0] if ahead else None)
    if found.current is not None:
        assert found.current.shift is not None
        assert found.current.shift.starts_at <= now < found.current.shift.ends_at


def test_a_night_shift_goes_on_after_midnight_and_the_next_one_is_told() -> None:
    found = today_of(DAYS, datetime(2027, 1, 5, 1, 45, tzinfo=UTC))
    assert found.current is DAYS[0]
    assert found.coming is DAYS[2]
    assert found.next is not None
    assert found.next.coming is Coming.SHIFT_ENDS
    assert found.next.said(Speech(zone_name="Europe/Berlin")) == "at 07:00; no further break"


def test_what_is_left_counts_begun_minutes_and_elapsed_hours() -> None:
    said = Speech()
    assert left_words(timedelta(seconds=1), said) == "1 min"
    assert left_words(timedelta(minutes=60), said) == "1 h 00 min"
    assert left_words(timedelta(hours=49), said) == "2 days"
    # In the night of the change, from 01:30 to 03:30 by the clocks is one hour.
    spring = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    shift = worked(date(2027, 3, 28), time(3, 30))
    assert shift.shift is not None
    assert left_words(shift.shift.starts_at - spring, said) == "1 h 00 min"


def test_a_shift_over_a_change_of_the_clocks_ends_when_its_span_is_over(engine: Engine) -> None:
    now = datetime(2027, 3, 20, tzinfo=UTC)
    site = published_site(engine, SteppedClock(now), start=date(2027, 3, 22), zone="Europe/Berlin")
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT a.associate_id, s.starts_at, s.span_minutes FROM assignment a "
                "JOIN shift_type s ON s.id = a.shift_type_id "
                "WHERE a.day = '2027-03-27' AND s.starts_at >= '18:00' ORDER BY 1 LIMIT 1"
            )
        ).one()
        (day,) = own_days(connection, row.associate_id, BERLIN, date(2027, 3, 27), date(2027, 3, 27), now=now)
    assert day.shift is not None
    assert day.shift.ends_at - day.shift.starts_at == timedelta(minutes=row.span_minutes)
    ends = day.shift.ends_at.astimezone(BERLIN)
    hours = row.starts_at.hour + row.span_minutes // 60 + 1 - 24
    assert ends.hour == hours, "the clocks went forward by an hour meanwhile"
    assert site.site_id
