"""The days of one associate as they are in force: the floor's word where it has one, else the published roster, less leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from scheduling.duties import PlannedBreak
from scheduling.times import local_instant
from storage.bulk import raw

# A duty that has begun stays as it is whatever is published later. One that is to come counts only as far as it still is what is
# published, for the floor follows a change within a minute; what it adds are breaks that were repaired on the day.
DAYS: Final = (
    "SELECT p.day, p.roster_id, CASE WHEN d.starts_at <= %(now)s THEN 'shift' WHEN EXISTS (SELECT FROM leave v "
    "WHERE v.associate_id = %(associate)s AND p.day BETWEEN v.first_day AND v.last_day) THEN 'leave' "
    "ELSE coalesce(a.kind::text, 'none') END, s.code, s.starts_at, d.starts_at, s.span_minutes::int, "
    "coalesce(d.place, a.place)::text, b.id, b.productive_minutes::int "
    "FROM published_day p JOIN associate w ON w.id = %(associate)s AND p.site_id = w.site_id "
    "LEFT JOIN assignment a ON a.roster_id = p.roster_id AND a.associate_id = w.id AND a.day = p.day "
    "LEFT JOIN duty d ON d.associate_id = w.id AND d.day = p.day AND (d.starts_at <= %(now)s OR "
    "(d.shift_type_id, d.place, d.published_break_pattern_id) = (a.shift_type_id, a.place, a.break_pattern_id)) "
    "LEFT JOIN shift_type s ON s.id = coalesce(d.shift_type_id, a.shift_type_id) "
    "LEFT JOIN break_pattern b ON b.id = coalesce(d.break_pattern_id, a.break_pattern_id) "
    "WHERE p.day BETWEEN %(first)s AND %(last)s ORDER BY p.day"
)
SLOTS: Final = (
    "SELECT break_pattern_id, start_minute, minutes, kind, productive FROM break_slot "
    "WHERE break_pattern_id = ANY(%s) ORDER BY start_minute"
)
Slot = tuple[int, int, str, bool]


@dataclass(frozen=True)
class OwnShift:
    """A shift that is in force, with its breaks."""

    code: str
    starts_at: datetime
    ends_at: datetime
    place: str
    breaks: tuple[PlannedBreak, ...]
    productive_minutes: int


@dataclass(frozen=True)
class OwnDay:
    """One published day of an associate.

    Parameters
    ----------
    kind
        ``shift``, ``off``, ``leave`` or ``none``.
    shift
        On a day of the kind ``shift``.
    """

    day: date
    roster_id: int
    kind: str
    shift: OwnShift | None


def own_days(
    connection: Connection, associate_id: int, zone: ZoneInfo, first_day: date, last_day: date, *, now: datetime
) -> tuple[OwnDay, ...]:
    """Return the published days of an associate between two dates, both included; days without a roster are left out."""
    arguments = {"associate": associate_id, "first": first_day, "last": last_day, "now": now}
    rows = raw(connection).execute(DAYS, arguments).fetchall()
    slots = _slots(connection, {row[8] for row in rows if row[2] == "shift"})
    return tuple(_day(row, zone, slots) for row in rows)


def _slots(connection: Connection, patterns: Iterable[int]) -> dict[int, list[Slot]]:
    found: dict[int, list[Slot]] = defaultdict(list)
    for pattern, *slot in raw(connection).execute(SLOTS, (list(patterns),)):
        found[pattern].append(tuple(slot))
    return found


def _day(row: tuple[Any, ...], zone: ZoneInfo, slots: dict[int, list[Slot]]) -> OwnDay:
    day, roster_id, kind, code, wall, begun, span, place, pattern, productive = row
    if kind != "shift":
        return OwnDay(day, roster_id, kind, None)
    start = (begun or local_instant(day, wall, zone)).astimezone(UTC)
    # Minutes of a pattern are elapsed minutes, also in a night on which the clocks change.
    breaks = tuple(
        PlannedBreak(start + timedelta(minutes=begin), start + timedelta(minutes=begin + minutes), name, counts)
        for begin, minutes, name, counts in slots.get(pattern, ())
    )
    return OwnDay(day, roster_id, kind, OwnShift(code, start, start + timedelta(minutes=span), place, breaks, productive))
