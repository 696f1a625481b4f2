from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import Engine, text

from scheduling.errors import NotFoundError
from services import calendar_feed, own_days
from services.calendar_feed import Entry, calendar_of, changed_events, entry_of
from services.languages import Speech
from services.preferences import Preference, Reader, associate, reader_of
from storage.feeds import StoredEvent
from storage.own_days import OwnShift
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.notices.strict_calendar import StrictCalendar, read_strictly
from tests.published import Site, published_site

NOW = datetime.combine(MONDAY, datetime.min.time(), UTC) - timedelta(days=3)
BERLIN = ZoneInfo("Europe/Berlin")


def somebody(site: Site, rank: int = 0) -> int:
    """Return an associate who works all five days of the week."""
    query = "SELECT associate_id FROM assignment WHERE kind = 'shift' GROUP BY 1 HAVING count(*) = 5 ORDER BY 1"
    with site.engine.connect() as connection:
        return int(connection.execute(text(query)).scalars().all()[rank])


def opened(site: Site, clock: SteppedClock, who: int) -> str:
    return calendar_feed.open_feed(site.engine, who, clock=clock)


def feed(site: Site, token: str, clock: SteppedClock) -> StrictCalendar:
    return read_strictly(calendar_feed.feed_of(site.engine, token, clock=clock))


def test_the_feed_has_every_published_shift_with_its_breaks_and_its_zone(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock, zone="Europe/Berlin")
    who = somebody(site)
    found = feed(site, opened(site, clock, who), clock)
    person = reader_of(engine, associate(who))
    days = own_days.agenda(engine, person, MONDAY, MONDAY + timedelta(days=6), clock=clock).days
    shifts = {day: one.shift for day, one in days.items() if one.shift is not None}
    assert len(found.events) == len(shifts) == 5
    assert found.zones == {"Europe/Berlin"}
    for event, shift in zip(found.events, shifts.values(), strict=True):
        assert event.starts_at == shift.starts_at
        assert event.ends_at == shift.ends_at
        assert event.properties["SEQUENCE"] == "0"
        assert event.properties["STATUS"] == "CONFIRMED"
        for one in shift.breaks:
            assert f"{one.starts_at.astimezone(BERLIN):%H:%M}" in event.properties["DESCRIPTION"]
        assert "420 productive minutes" in event.properties["DESCRIPTION"]


def test_a_second_look_gives_the_same_octets_and_a_change_raises_one_sequence(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock, pattern_count=1)
    who = somebody(site)
    token = opened(site, clock, who)
    first = calendar_feed.feed_of(engine, token, clock=clock)
    clock.advance(3600)
    assert calendar_feed.feed_of(engine, token, clock=clock) == first
    before = {event.uid: event for event in read_strictly(first).events}
    site.publish(shift=1, pattern_count=1)
    after = {event.uid: event for event in feed(site, token, clock).events}
    assert set(before) <= set(after), "an event that was given out is never left out, it is cancelled"
    for uid, event in after.items():
        was = before.get(uid)
        moved = was is not None and event.shown != was.shown
        assert event.sequence == (was.sequence + moved if was else 0)
    gone = [uid for uid, event in after.items() if event.properties["STATUS"] == "CANCELLED"]
    assert len(gone) == 1
    assert after[gone[0]].starts_at == before[gone[0]].starts_at
    # Back again: the same event, confirmed, its sequence higher still.
    site.publish(shift=0, pattern_count=1)
    again = {event.uid: event for event in feed(site, token, clock).events}
    assert again[gone[0]].properties["STATUS"] == "CONFIRMED"
    assert again[gone[0]].sequence == 2


def test_leave_takes_the_shift_out_of_the_calendar(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    who = somebody(site)
    token = opened(site, clock, who)
    day = feed(site, token, clock).events[0].starts_at.astimezone(ZoneInfo("Asia/Kolkata")).date()
    leave = "INSERT INTO leave (associate_id, first_day, last_day) VALUES (:who, :day, :day)"
    with engine.begin() as connection:
        connection.execute(text(leave), {"who": who, "day": day})
    assert feed(site, token, clock).events[0].properties["STATUS"] == "CANCELLED"


def test_only_the_newest_address_of_its_owner_leads_anywhere(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    who = somebody(site)
    old, other = opened(site, clock, who), opened(site, clock, somebody(site, 1))
    new = opened(site, clock, who)
    assert feed(site, new, clock).events != feed(site, other, clock).events
    for wrong in (old, new[:-1], "wfs_" + new[4:], "", "nothing"):
        with pytest.raises(NotFoundError):
            calendar_feed.feed_of(engine, wrong, clock=clock)
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT token_hash FROM calendar_feed")).scalars().all()
    assert all(new.encode() not in bytes(one) for one in stored)
    calendar_feed.close_feed(engine, who)
    with pytest.raises(NotFoundError):
        calendar_feed.feed_of(engine, new, clock=clock)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 27, 21, 0, tzinfo=UTC),
        datetime(2027, 10, 30, 16, 30, tzinfo=UTC),
        datetime(2027, 10, 30, 20, 0, tzinfo=UTC),
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    ],
)
def test_a_shift_over_a_change_of_the_clocks_keeps_its_instants(start: datetime) -> None:
    end, said = start + timedelta(hours=9), Speech(zone_name="Europe/Berlin")
    entry = entry_of(start.date(), OwnShift("N22", start, end, "home", (), 420), said)
    reader = Reader(associate(7), "A", "Asha", 1, "Europe/Berlin", Preference(), None)
    made = calendar_of(reader, {entry.day: entry}, changed_events([entry], {}, NOW), said)
    strict = read_strictly(made).events[0]
    assert (strict.starts_at, strict.ends_at) == (start, end)
    event: Any = Calendar.from_ical(made).walk("VEVENT")[0]
    assert event["DTSTART"].dt.astimezone(UTC) == start
    assert event["DTEND"].dt.astimezone(UTC) == end


@settings(deadline=None, max_examples=60)
@given(
    words=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200),
    lines=st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=90), max_size=5),
)
def test_any_words_come_back_from_the_calendar_as_they_were(words: str, lines: list[str]) -> None:
    day, start = date(2027, 1, 4), datetime(2027, 1, 4, 6, tzinfo=UTC)
    said = "\n".join(lines)
    entry = Entry(day, start, start + timedelta(hours=9), words, said, "office; gate, 2")
    stored = StoredEvent(day, 3, entry.fingerprint, start, entry.ends_at, words, False, NOW)
    reader = Reader(associate(7), "A", words, 1, "Asia/Kolkata", Preference(), None)
    made = calendar_of(reader, {day: entry}, [stored], Speech(zone_name="Asia/Kolkata"))
    event = read_strictly(made).events[0]
    assert event.properties["SUMMARY"] == words
    assert event.properties["DESCRIPTION"] == said
    assert event.properties["LOCATION"] == "office; gate, 2"
    assert re.fullmatch(r"[0-9a-f-]{36}", event.uid)
