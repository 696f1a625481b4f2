"""Duties on the floor: reading them with breaks and absences, and writing the stretches in which jobs are given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from psycopg import sql
from sqlalchemy import Connection

from scheduling.duties import Duty, PlannedBreak, Span, without
from storage.bulk import copy_lines, raw, read_array

DutyKey = tuple[int, date]
"""Associate and local date: a duty is found by both."""

LONGEST_SPAN = timedelta(days=1)
DAY_ZERO = date(2000, 1, 1)
COLUMNS = [("associate", "i8"), ("day", "i4"), ("second", "i8"), ("span", "i8"), ("pattern", "i8")]

FOUND = sql.SQL(
    "SELECT d.associate_id, d.day - '2000-01-01'::date, extract(epoch FROM d.starts_at)::bigint, "
    "d.span_minutes::bigint, d.break_pattern_id FROM duty d JOIN associate a ON a.id = d.associate_id WHERE {condition}"
)
ABSENCES = sql.SQL(
    "SELECT b.associate_id, b.day, b.starts_at, b.ends_at FROM absence b "
    "JOIN duty d ON d.associate_id = b.associate_id AND d.day = b.day JOIN associate a ON a.id = d.associate_id "
    "WHERE b.withdrawn_at IS NULL AND {condition} ORDER BY b.starts_at, b.id"
)
SLOTS = (
    "SELECT break_pattern_id, start_minute, minutes, kind, productive FROM break_slot "
    "WHERE break_pattern_id = ANY(%s) ORDER BY start_minute"
)
STRETCH_COLUMNS = ("associate_id", "starts_at", "ends_at", "day")


@dataclass(frozen=True, slots=True)
class _Slot:
    """One break of a pattern, in minutes from the start of the shift."""

    start: int
    end: int
    kind: str
    is_productive: bool


def duties_between(
    connection: Connection, site_id: int, start: datetime, end: datetime, *, associate_ids: Collection[int] | None = None
) -> list[Duty]:
    """Return the duties of a site of which some time lies between two instants, in the order of start and associate.

    Parameters
    ----------
    associate_ids
        Whose duties are wanted; everybody's without it.
    """
    condition = sql.SQL("a.site_id = {} AND d.starts_at > {} AND d.starts_at < {} AND d.ends_at > {}").format(
        sql.Literal(site_id), sql.Literal(start - LONGEST_SPAN - timedelta(minutes=1)), sql.Literal(end), sql.Literal(start)
    )
    return _duties_where(connection, _among(condition, associate_ids))


def duties_on(
    connection: Connection, site_id: int, first_day: date, last_day: date, *, associate_ids: Collection[int] | None = None
) -> list[Duty]:
    """Return the duties of a site on local dates, both included, in the order of start and associate."""
    condition = sql.SQL("a.site_id = {} AND d.day BETWEEN {} AND {}").format(
        sql.Literal(site_id), sql.Literal(first_day), sql.Literal(last_day)
    )
    return _duties_where(connection, _among(condition, associate_ids))


def duties_of(connection: Connection, keys: Collection[DutyKey]) -> list[Duty]:
    """Return the duties of these associates and days that there are, in the order of start and associate."""
    condition = sql.SQL("(d.associate_id, d.day) IN (SELECT * FROM unnest({}::bigint[], {}::date[]))").format(
        sql.Literal([associate for associate, _ in keys]), sql.Literal([day for _, day in keys])
    )
    return _duties_where(connection, condition)


def duties_near(connection: Connection, associate_id: int, start: datetime, end: datetime) -> list[Duty]:
    """Return the duties of one associate of which some time lies between two instants."""
    condition = sql.SQL("d.associate_id = {} AND d.starts_at < {} AND d.ends_at > {}").format(
        sql.Literal(associate_id), sql.Literal(end), sql.Literal(start)
    )
    return _duties_where(connection, condition)


def lock_duty(connection: Connection, key: DutyKey) -> Duty | None:
    """Return a duty that nobody else changes before the transaction ends; ``None`` when there is none."""
    raw(connection).execute("SELECT FROM duty WHERE associate_id = %s AND day = %s FOR UPDATE", key)
    found = duties_of(connection, [key])
    return found[0] if found else None


def write_stretches(connection: Connection, duties: Iterable[Duty]) -> int:
    """Write the stretches of duties in place of those they had; return their number.

    Two duties of one associate that overlap (a newer roster may start today's shift before yesterday's is over) may have a
    stretch that begins at the same instant; one of them is enough.
    """
    changed = list(duties)
    driver = raw(connection)
    driver.execute(
        "DELETE FROM stretch s USING unnest(%s::bigint[], %s::date[]) AS k (associate_id, day) "
        "WHERE s.associate_id = k.associate_id AND s.day = k.day",
        ([one.associate_id for one in changed], [one.day for one in changed]),
    )
    text = cache(datetime.isoformat)
    lines = [
        f"{one.associate_id}\t{text(span.starts_at)}\t{text(span.ends_at)}\t{one.day}"
        for one in changed
        for span in one.workable_stretches
    ]
    if lines:
        driver.execute("CREATE TEMP TABLE stage_stretch ON COMMIT DROP AS SELECT * FROM stretch LIMIT 0")
        copy_lines(connection, "stage_stretch", STRETCH_COLUMNS, lines)
        driver.execute("INSERT INTO stretch SELECT * FROM stage_stretch ON CONFLICT (associate_id, starts_at) DO NOTHING")
        driver.execute("DROP TABLE stage_stretch")
    return len(lines)


def _among(condition: sql.Composable, associate_ids: Collection[int] | None) -> sql.Composable:
    if associate_ids is None:
        return condition
    return sql.SQL("{} AND d.associate_id = ANY({}::bigint[])").format(condition, sql.Literal(list(associate_ids)))


def _duties_where(connection: Connection, condition: sql.Composable) -> list[Duty]:
    rows = read_array(connection, FOUND.format(condition=condition), COLUMNS)
    slots = _slots_of(connection, sorted(set(rows["pattern"].tolist())))
    absences: dict[DutyKey, list[Span]] = defaultdict(list)
    for associate, day, starts_at, ends_at in raw(connection).execute(ABSENCES.format(condition=condition)):
        absences[associate, day].append(Span(starts_at.astimezone(UTC), ends_at.astimezone(UTC)))
    # A floor has few different instants and many duties, so each is made once.
    instant = cache(lambda second: datetime.fromtimestamp(second, UTC))
    day_of = cache(lambda days: DAY_ZERO + timedelta(days=days))
    found = [
        _duty(associate, day_of(days), second, span, slots.get(pattern, ()), absences, instant)
        for associate, days, second, span, pattern in rows.tolist()
    ]
    found.sort(key=lambda one: (one.starts_at, one.associate_id))
    return found


def _duty(
    associate: int,
    day: date,
    second: int,
    span: int,
    slots: Sequence[_Slot],
    absences: dict[DutyKey, list[Span]],
    instant: Callable[[int], datetime],
) -> Duty:
    starts_at, ends_at = instant(second), instant(second + 60 * span)
    breaks = tuple(
        PlannedBreak(instant(second + 60 * one.start), instant(second + 60 * one.end), one.kind, one.is_productive)
        for one in slots
    )
    away = tuple(
        Span(max(one.starts_at, starts_at), min(one.ends_at, ends_at))
        for one in absences.get((associate, day), ())
        if one.starts_at < ends_at and starts_at < one.ends_at
    )
    is_absent = bool(away) and not without((Span(starts_at, ends_at),), away)
    return Duty(associate, day, starts_at, ends_at, breaks, is_absent, away)


def _slots_of(connection: Connection, patterns: list[int]) -> dict[int, tuple[_Slot, ...]]:
    found: dict[int, list[_Slot]] = defaultdict(list)
    make = cache(_Slot)
    for pattern, start, minutes, kind, productive in raw(connection).execute(SLOTS, (patterns,)):
        found[pattern].append(make(start, start + minutes, kind, productive))
    return {pattern: tuple(slots) for pattern, slots in found.items()}
