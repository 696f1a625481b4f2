"""The calendar feed of an associate: a secret address, and the published shifts as events that stay the same thing.

What a calendar shows of a day is kept with a fingerprint. When the day shows something else, its sequence rises; when its shift
is gone, the event is cancelled, so that a calendar which took it in strikes it out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vText
from sqlalchemy import Engine

from scheduling.errors import NotFoundError
from scheduling.times import Clock
from scheduling.words import N_
from services.day_words import break_word, place_word
from services.languages import Speech
from services.preferences import Reader, speech_of
from services.sessions import new_token, token_hash
from storage import feeds, own_days, preferences
from storage.addressees import associate
from storage.errors import domain_errors
from storage.feeds import StoredEvent
from storage.own_days import OwnShift

FEED_PREFIX: Final = "wfc_"
LOOK_BACK: Final = timedelta(days=28)
LOOK_AHEAD: Final = timedelta(days=400)
EVENT_SPACE: Final = UUID("5d0b6a2e-9f8e-4d0e-8d5b-0f9a4c1f7a11")
"""The name space of the ids of events, so that an event has the same id wherever it is made."""
PRODUCT: Final = "-//Workforce//Shifts//EN"
REFRESH: Final = "PT1H"
CALENDAR_NAME: Final = N_("Shifts")
SHIFT_NAME: Final = N_("Shift %(code)s")


@dataclass(frozen=True)
class Entry:
    """What a calendar shows of a shift."""

    day: date
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    place: str

    @property
    def fingerprint(self) -> bytes:
        """The SHA-256 of everything that is shown."""
        shown = (self.starts_at.isoformat(), self.ends_at.isoformat(), self.summary, self.description, self.place)
        return hashlib.sha256("\x00".join(shown).encode()).digest()


def open_feed(engine: Engine, associate_id: int, *, clock: Clock) -> str:
    """Give the feed of an associate a new secret and return it; it is known to nobody else and shown once."""
    token, now = new_token(FEED_PREFIX), clock.now()
    with domain_errors(), engine.begin() as connection:
        feeds.put_token(connection, associate_id, token_hash(token), now)
    return token


def close_feed(engine: Engine, associate_id: int) -> None:
    """Let the address of a feed lead nowhere."""
    with domain_errors(), engine.begin() as connection:
        feeds.drop_token(connection, associate_id)


def feed_made_at(engine: Engine, associate_id: int) -> datetime | None:
    """Return when the present address of a feed was made; nothing when there is none."""
    with domain_errors(), engine.connect() as connection:
        return feeds.made_at(connection, associate_id)


def feed_of(engine: Engine, token: str, *, clock: Clock) -> bytes:
    """Return the calendar behind a secret; NotFoundError when there is none."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        associate_id = feeds.associate_of(connection, token_hash(token)) if token.startswith(FEED_PREFIX) else None
        if associate_id is None:
            raise NotFoundError("There is no calendar at this address; its owner may have made a new one.")
        reader = preferences.reader(connection, associate(associate_id))
        zone, said = ZoneInfo(reader.zone_name), speech_of(reader)
        today = now.astimezone(zone).date()
        window = today - LOOK_BACK, today + LOOK_AHEAD
        days = own_days.own_days(connection, associate_id, zone, *window, now=now)
        entries = [entry_of(one.day, one.shift, said) for one in days if one.shift is not None]
        known = feeds.events_between(connection, associate_id, *window)
        fresh = changed_events(entries, known, now)
        feeds.put_events(connection, associate_id, fresh)
        stored = feeds.events_between(connection, associate_id, *window) if fresh else known
    return calendar_of(reader, {one.day: one for one in entries}, stored.values(), said)


def entry_of(day: date, shift: OwnShift, speech: Speech) -> Entry:
    """Return what a calendar shows of a shift: its breaks with their times, and what they come to."""
    lines = [f"{speech.times(one.starts_at, one.ends_at)} {break_word(one.kind, speech)}" for one in shift.breaks]
    lines.append(speech.say(N_("%(minutes)s productive minutes"), minutes=shift.productive_minutes))
    place = place_word(shift.place, speech)
    return Entry(
        day=day,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        summary=f"{speech.say(SHIFT_NAME, code=shift.code)}, {place}",
        description="\n".join(lines),
        place=place,
    )


def changed_events(entries: Iterable[Entry], known: dict[date, StoredEvent], now: datetime) -> list[StoredEvent]:
    """Return the events that are new, or show something else than when they were last given out."""
    now = now.replace(microsecond=0)
    there = {one.day: one for one in entries}
    fresh = [
        StoredEvent(one.day, 0, one.fingerprint, one.starts_at, one.ends_at, one.summary, False, now)
        for one in there.values()
        if one.day not in known or known[one.day].fingerprint != one.fingerprint
    ]
    gone = [
        replace(one, fingerprint=hashlib.sha256(b"gone" + one.fingerprint).digest(), is_cancelled=True, modified_at=now)
        for one in known.values()
        if one.day not in there and not one.is_cancelled
    ]
    return fresh + gone


def calendar_of(
    reader: Reader, entries: dict[date, Entry], stored: Iterable[StoredEvent], speech: Speech
) -> bytes:  # fmt: skip
    """Return the events as a calendar with its time zone, in the words of RFC 5545."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", vText(f"{speech.say(CALENDAR_NAME)}: {reader.name}"))
    made.add("x-wr-timezone", reader.zone_name)
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", REFRESH)
    events = list(stored)
    years = [at.year for one in events for at in (one.starts_at, one.ends_at)]
    if years:
        made.add_component(_described_zone(reader.zone_name, min(years) - 1, max(years) + 2))
    for one in events:
        made.add_component(event_of(reader, one, entries.get(one.day)))
    return bytes(made.to_ical())


@cache
def _described_zone(zone_name: str, first_year: int, last_year: int) -> Timezone:
    """Return a zone with the changes of its clocks over some years; it is dear to make and the same for everybody."""
    return Timezone.from_tzid(zone_name, first_date=date(first_year, 1, 1), last_date=date(last_year, 1, 1))


def event_of(reader: Reader, stored: StoredEvent, entry: Entry | None) -> Event:
    """Return one shift as an event; a cancelled one has the times and the name that it had."""
    zone, event = ZoneInfo(reader.zone_name), Event()
    event.add("uid", str(uuid5(EVENT_SPACE, f"{reader.associate_id}/{stored.day.isoformat()}")))
    event.add("dtstamp", stored.modified_at)
    event.add("last-modified", stored.modified_at)
    event.add("sequence", stored.sequence)
    event.add("dtstart", _written(stored.starts_at, zone))
    event.add("dtend", _written(stored.ends_at, zone))
    event.add("summary", stored.summary)
    event.add("status", "CANCELLED" if stored.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if stored.is_cancelled else "OPAQUE")
    if entry is not None:
        event.add("description", entry.description)
        event.add("location", entry.place)
    return event


def _written(at: datetime, zone: ZoneInfo) -> datetime:
    """Return an instant in local time, or in UTC where local time says it twice: a calendar would take the first of the two."""
    local = at.astimezone(zone)
    return at.astimezone(UTC) if local.fold else local
