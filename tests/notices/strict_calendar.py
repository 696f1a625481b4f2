"""A reader of calendars that is as strict as RFC 5545: it takes only what a careful program may send, and says what is wrong.

It knows nothing of the library that writes the feed; only what the standard says of lines, folding, escapes, and what must be
there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar

MOST_OCTETS = 75
PARAMETER = r";[A-Z0-9-]+=(?:\"[^\"\x00-\x1f]*\"|[^\";:,\x00-\x1f]+)"
LINE = re.compile(rf"(?P<name>[A-Z0-9-]+)(?P<parameters>(?:{PARAMETER})*):(?P<value>.*)", re.DOTALL)
ESCAPE = re.compile(r"\\(.)")
PLAIN = {"n": "\n", "N": "\n", ",": ",", ";": ";", "\\": "\\"}
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "X-WR-CALNAME"}
NEEDED = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"}
ONCE = NEEDED | {"DESCRIPTION", "LOCATION", "TRANSP", "LAST-MODIFIED"}
UTC_TIME = re.compile(r"\d{8}T\d{6}Z")
LOCAL_TIME = re.compile(r"\d{8}T\d{6}")


@dataclass(frozen=True)
class StrictEvent:
    """An event that has everything that it needs."""

    properties: dict[str, str]
    starts_at: datetime
    ends_at: datetime

    @property
    def uid(self) -> str:
        return self.properties["UID"]

    @property
    def sequence(self) -> int:
        return int(self.properties["SEQUENCE"])

    @property
    def shown(self) -> tuple[str | None, ...]:
        names = ("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS")
        return tuple(self.properties.get(name) for name in names)


@dataclass
class StrictCalendar:
    """A calendar without a fault: its own properties, the zones that it describes, its events."""

    properties: dict[str, str] = field(default_factory=dict)
    zones: set[str] = field(default_factory=set)
    events: list[StrictEvent] = field(default_factory=list)


def unfolded(given: bytes) -> list[str]:
    """Return the content lines; each physical line ends with CRLF, has at most 75 octets, and no character is cut in two."""
    assert given.endswith(b"\r\n"), "the last line ends with CRLF"
    physical = given[:-2].split(b"\r\n")
    for line in physical:
        assert len(line) <= MOST_OCTETS, f"{len(line)} octets: {line!r}"
        assert not set(b"\r\n") & set(line), f"a bare line break: {line!r}"
        line.decode("utf-8")
    lines: list[bytes] = []
    for line in physical:
        if line[:1] in {b" ", b"\t"}:
            assert lines, "the first line goes on nothing"
            lines[-1] += line[1:]
        else:
            assert line, "an empty line"
            lines.append(line)
    return [line.decode("utf-8") for line in lines]


def plain(value: str) -> str:
    """Return a text without its escapes; a comma or semicolon that is not escaped is a fault."""
    assert not re.search(r"[,;]", ESCAPE.sub("", value)), f"not escaped: {value!r}"
    for sign in ESCAPE.findall(value):
        assert sign in PLAIN, f"no escape: \\{sign}"
    return ESCAPE.sub(lambda found: PLAIN[found[1]], value)


def read_strictly(given: bytes) -> StrictCalendar:
    """Return what is in a calendar; AssertionError for anything that the standard does not allow."""
    Calendar.from_ical(given)
    calendar = StrictCalendar()
    stack: list[str] = []
    event: dict[str, str] = {}
    places: dict[str, str] = {}
    for line in unfolded(given):
        found = LINE.fullmatch(line)
        assert found, f"no content line: {line!r}"
        name, parameters, value = found["name"], found["parameters"], found["value"]
        if name == "BEGIN":
            assert (value == "VCALENDAR") == (not stack), "one calendar around everything"
            stack.append(value)
            event, places = ({}, {}) if value == "VEVENT" else (event, places)
        elif name == "END":
            assert stack.pop() == value, f"END:{value} closes something else"
            if value == "VEVENT":
                calendar.events.append(strict_event(event, places, calendar.zones))
        elif stack[-1] == "VCALENDAR":
            assert name not in calendar.properties, f"{name} twice"
            calendar.properties[name] = plain(value) if name in TEXTS else value
        elif stack[-1] == "VTIMEZONE" and name == "TZID":
            calendar.zones.add(value)
        elif stack[-1] == "VEVENT":
            assert name not in event or name not in ONCE, f"{name} twice"
            event[name] = plain(value) if name in TEXTS else value
            places[name] = parameters
    assert not stack, "something is not closed"
    assert calendar.properties["VERSION"] == "2.0"
    assert calendar.properties["PRODID"]
    uids = [one.uid for one in calendar.events]
    assert len(uids) == len(set(uids)), "an id stands for two events"
    return calendar


def strict_event(event: dict[str, str], places: dict[str, str], zones: set[str]) -> StrictEvent:
    """Return an event that has everything that it needs, with its instants."""
    assert set(event) >= NEEDED, f"missing: {NEEDED - set(event)}"
    assert UTC_TIME.fullmatch(event["DTSTAMP"]), "DTSTAMP is in UTC"
    assert UTC_TIME.fullmatch(event["LAST-MODIFIED"]), "LAST-MODIFIED is in UTC"
    assert event["SEQUENCE"].isdigit()
    assert event["STATUS"] in {"CONFIRMED", "CANCELLED"}
    start, end = (instant_of(event[name], places[name], zones) for name in ("DTSTART", "DTEND"))
    assert start < end, "it ends after it starts"
    return StrictEvent(event, start, end)


def instant_of(value: str, parameters: str, zones: set[str]) -> datetime:
    """Return the instant of a time in UTC, or of a local time whose zone the calendar describes."""
    if UTC_TIME.fullmatch(value):
        assert not parameters, "a time in UTC has no zone"
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    found = re.fullmatch(r";TZID=([^;:]+)", parameters)
    assert found, f"no zone: {parameters}:{value}"
    assert LOCAL_TIME.fullmatch(value), f"no local time: {value}"
    assert found[1] in zones, f"the zone {found[1]} is not described"
    # A time that the clocks show twice is the first of the two.
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(found[1]), fold=0).astimezone(UTC)
