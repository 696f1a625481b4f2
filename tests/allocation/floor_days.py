"""Days on the floor, written by wall clocks: duties, presence and absences of one associate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.duties import Duty, PlannedBreak, Span
from scheduling.presence import PresenceEvent, PresenceKind

DAY = date(2027, 1, 4)
ZONE = "Europe/Berlin"
_numbers = count(1)

SIGNS = {
    "in": PresenceKind.SIGN_IN,
    "out": PresenceKind.SIGN_OUT,
    "break": PresenceKind.BREAK_START,
    "back": PresenceKind.BREAK_END,
    "coach": PresenceKind.COACHING_START,
    "coached": PresenceKind.COACHING_END,
    "down": PresenceKind.SYSTEM_DOWN,
    "up": PresenceKind.SYSTEM_UP,
}

BREAKS = (
    (60, 10, "short"),
    (120, 10, "short"),
    (180, 10, "short"),
    (240, 30, "meal"),
    (310, 10, "short"),
    (360, 20, "coaching"),
    (420, 10, "short"),
    (465, 10, "short"),
    (500, 10, "short"),
)
"""The default policy in a duty of nine hours: start, length, kind; 120 minutes in all."""


def at(day: date, wall: str, zone: str = ZONE) -> datetime:
    """The instant at which clocks show `wall`; ``+1`` after it means on the day after, ``'`` the second of two."""
    hours, minutes = wall[:5].split(":")
    days = 1 if "+1" in wall else 0
    local = datetime.combine(day + timedelta(days=days), time(int(hours), int(minutes)), tzinfo=ZoneInfo(zone))
    return local.replace(fold=1 if "'" in wall else 0).astimezone(UTC)


def duty(
    start: str = "06:00",
    *,
    day: date = DAY,
    breaks: Iterable[tuple[int, int, str]] = BREAKS,
    productive: frozenset[str] = frozenset(),
    minutes: int = 540,
    zone: str = ZONE,
    is_absent: bool = False,
    associate_id: int = 1,
) -> Duty:
    begins = at(day, start, zone)
    planned = tuple(
        PlannedBreak(begins + timedelta(minutes=offset), begins + timedelta(minutes=offset + length), kind, kind in productive)
        for offset, length, kind in breaks
    )
    return Duty(associate_id, day, begins, begins + timedelta(minutes=minutes), planned, is_absent)


def event(kind: PresenceKind, occurred_at: datetime) -> PresenceEvent:
    return PresenceEvent(UUID(int=next(_numbers)), kind, occurred_at)


def events(text: str, *, day: date = DAY, zone: str = ZONE) -> list[PresenceEvent]:
    """Events such as ``"in 06:00, break 07:00, back 07:10"``."""
    words = (one.split() for one in text.split(","))
    return [event(SIGNS[word], at(day, wall, zone)) for word, wall in words]


def as_planned(
    of: Duty, *, late_minutes: float = 0.0, coaching_kinds: frozenset[str] = frozenset({"coaching"})
) -> list[PresenceEvent]:
    """What an associate does who keeps to the plan, with all of it shifted by `late_minutes` but the end."""
    shift = timedelta(minutes=late_minutes)
    told = [event(PresenceKind.SIGN_IN, of.starts_at + shift)]
    for one in of.breaks:
        is_coaching = one.kind in coaching_kinds
        told.append(event(PresenceKind.COACHING_START if is_coaching else PresenceKind.BREAK_START, one.starts_at + shift))
        told.append(event(PresenceKind.COACHING_END if is_coaching else PresenceKind.BREAK_END, one.ends_at + shift))
    return [*told, event(PresenceKind.SIGN_OUT, of.ends_at)]


def span(first: str, last: str, *, day: date = DAY, zone: str = ZONE) -> Span:
    return Span(at(day, first, zone), at(day, last, zone))
