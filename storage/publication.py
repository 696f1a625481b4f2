"""Publication: which roster is in force on which day, and what changes when another takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text, update

from scheduling.errors import ConflictError, NotFoundError
from storage.metadata import RosterState
from storage.packed_rosters import pack_roster
from storage.rosters import RosterSummary, summary
from storage.tables import publication, published_day, roster, site

TAKE_OVER = text(
    "INSERT INTO published_day (site_id, day, roster_id) SELECT r.site_id, :first + n, r.id "
    "FROM roster r, generate_series(0, CAST(:last AS date) - CAST(:first AS date)) AS n WHERE r.id = :roster "
    "ON CONFLICT (site_id, day) DO UPDATE SET roster_id = excluded.roster_id"
)

# The shifts of both rosters are compared by start and span, because a shift type that was changed keeps its code.
CHANGES = text(
    "SELECT person.code, person.name, fresh.day, "
    "coalesce(old_shift.code, old.kind::text) AS before, coalesce(new_shift.code, fresh.kind::text) AS after, "
    "coalesce(old.place::text, '') AS place_before, coalesce(fresh.place::text, '') AS place_after, "
    "old.break_pattern_id IS DISTINCT FROM fresh.break_pattern_id AS breaks_differ "
    "FROM roster r JOIN assignment fresh ON fresh.roster_id = r.id "
    "JOIN published_day p ON p.site_id = r.site_id AND p.day = fresh.day AND p.roster_id <> r.id "
    "LEFT JOIN assignment old ON old.roster_id = p.roster_id AND old.associate_id = fresh.associate_id AND old.day = fresh.day "
    "JOIN associate person ON person.id = fresh.associate_id "
    "LEFT JOIN shift_type old_shift ON old_shift.id = old.shift_type_id "
    "LEFT JOIN shift_type new_shift ON new_shift.id = fresh.shift_type_id "
    "WHERE r.id = :roster AND fresh.day BETWEEN :first AND :last AND (coalesce(old.kind, 'none') <> fresh.kind "
    "OR old_shift.starts_at IS DISTINCT FROM new_shift.starts_at "
    "OR old_shift.span_minutes IS DISTINCT FROM new_shift.span_minutes "
    "OR old.place IS DISTINCT FROM fresh.place OR old.break_pattern_id IS DISTINCT FROM fresh.break_pattern_id) "
    "ORDER BY person.position, fresh.day"
)

OTHERS = text(
    "SELECT person.code, a.day, coalesce(t.code, a.kind::text) FROM roster r "
    "JOIN published_day p ON p.site_id = r.site_id AND p.roster_id <> r.id "
    "AND p.day BETWEEN r.first_day AND r.first_day + (r.weeks * 7 - 1) "
    "JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day "
    "JOIN associate person ON person.id = a.associate_id LEFT JOIN shift_type t ON t.id = a.shift_type_id WHERE r.id = :roster"
)

LEAVERS = text(
    "SELECT person.code, person.name, old.day, coalesce(old_shift.code, old.kind::text) AS before, 'none' AS after, "
    "coalesce(old.place::text, '') AS place_before, '' AS place_after, true AS breaks_differ "
    "FROM roster r JOIN published_day p ON p.site_id = r.site_id AND p.roster_id <> r.id "
    "AND p.day BETWEEN :first AND :last "
    "JOIN assignment old ON old.roster_id = p.roster_id AND old.day = p.day AND old.kind = 'shift' "
    "JOIN associate person ON person.id = old.associate_id "
    "JOIN shift_type old_shift ON old_shift.id = old.shift_type_id "
    "WHERE r.id = :roster AND NOT EXISTS ("
    "SELECT FROM roster_associate a WHERE a.roster_id = r.id AND a.associate_id = old.associate_id) "
    "ORDER BY person.position, old.day"
)


@dataclass(frozen=True)
class Days:
    """The days of a publication, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class DayChange:
    """One day of one associate that would not stay as it is published.

    Parameters
    ----------
    before, after
        Shift code, ``off``, ``leave`` or ``none``.
    place_before, place_after
        ``office``, ``home`` or empty.
    breaks_only
        Whether shift and place stay and only the breaks move.
    """

    associate: str
    name: str
    day: date
    before: str
    after: str
    place_before: str
    place_after: str
    breaks_only: bool


def changes(connection: Connection, roster_id: int, days: Days) -> tuple[DayChange, ...]:
    """Return what a roster changes on those of some days on which another one is in force, associate by associate."""
    given = {"roster": roster_id, "first": days.first, "last": days.last}
    rows = [*connection.execute(CHANGES, given), *connection.execute(LEAVERS, given)]
    return tuple(_change_of(row) for row in rows)


def _change_of(row: Any) -> DayChange:
    before = row.before or "none"
    same = before == row.after and row.place_before == row.place_after
    return DayChange(
        row.code, row.name, row.day, before, row.after, row.place_before, row.place_after, bool(row.breaks_differ) and same
    )


def days_of_others(connection: Connection, roster_id: int) -> dict[tuple[str, date], str]:
    """Return what other rosters have in force on the days of a roster: a shift code or a kind of day, by code and date."""
    return {(code, day): word for code, day, word in connection.execute(OTHERS, {"roster": roster_id})}


def site_of_roster(connection: Connection, roster_id: int) -> int:
    """Return the id of the site of a roster; NotFoundError when there is none with this id."""
    site_id = connection.execute(select(roster.c.site_id).where(roster.c.id == roster_id)).scalar_one_or_none()
    if site_id is None:
        raise NotFoundError(f"There is no roster {roster_id}; look at the roster list.")
    return int(site_id)


def in_force(connection: Connection, roster_id: int, days: Days | None = None) -> tuple[RosterSummary, ...]:
    """Return the other rosters in force on days of a roster, on all of them or on some."""
    head = summary(connection, roster_id)
    numbers = set(_rosters_by_day(connection, head, days or all_days(head)).values()) - {roster_id}
    return tuple(summary(connection, number) for number in sorted(numbers))


def all_days(head: RosterSummary) -> Days:
    """Return all days of a roster."""
    return Days(head.first_day, head.last_day)


def days_without(connection: Connection, head: RosterSummary, days: Days) -> tuple[date, ...]:
    """Return those of some days of a roster on which none is in force at its site."""
    known = _rosters_by_day(connection, head, days)
    every = (days.first + timedelta(days=step) for step in range(days.count))
    return tuple(day for day in every if day not in known)


def _rosters_by_day(connection: Connection, head: RosterSummary, days: Days) -> dict[date, int]:
    query = (
        select(published_day.c.day, published_day.c.roster_id)
        .join_from(published_day, site)
        .where(site.c.code == head.site, published_day.c.day.between(days.first, days.last))
    )
    return {row.day: row.roster_id for row in connection.execute(query)}


def days_of_roster(connection: Connection, roster_id: int) -> frozenset[date]:
    """Return the days on which a roster is in force."""
    return frozenset(connection.execute(select(published_day.c.day).where(published_day.c.roster_id == roster_id)).scalars())


def lock_for_change(connection: Connection, roster_id: int, version: int) -> RosterSummary:
    """Keep others from changing a roster, or publishing at its site, before the transaction ends.

    Raises
    ------
    NotFoundError
        When there is no such roster.
    ConflictError
        When it is no longer in the version that the caller saw.
    """
    head = summary(connection, roster_id)
    connection.execute(select(site.c.id).where(site.c.code == head.site).with_for_update())
    connection.execute(select(roster.c.id).where(roster.c.id == roster_id).with_for_update())
    head = summary(connection, roster_id)
    if head.version != version:
        raise ConflictError(
            f"Roster {roster_id} was changed by somebody else (it is in version {head.version}, you saw version {version}); "
            "look at it again and repeat."
        )
    return head


@dataclass(frozen=True)
class Publication:
    """A publication of days of a roster.

    Parameters
    ----------
    notice_days
        Days from the day of publication to the first day that changes or is new, ``None`` when nothing changes.
    notice_asked
        Days of notice that the site gave then.
    """

    days: Days
    at: datetime
    by: str
    reason: str
    notice_days: int | None
    notice_asked: int

    @property
    def is_late(self) -> bool:
        """Whether it gives less notice than the site asks for."""
        return self.notice_days is not None and self.notice_days < self.notice_asked


def publications(connection: Connection, roster_id: int) -> tuple[Publication, ...]:
    """Return when days of a roster were published, the first first."""
    table = publication
    query = select(table).where(table.c.roster_id == roster_id).order_by(table.c.id)
    return tuple(
        Publication(
            Days(row.first_day, row.last_day), row.recorded_at, row.recorded_by, row.reason, row.notice_days, row.notice_asked
        )
        for row in connection.execute(query)
    )


def publish(connection: Connection, roster_id: int, made: Publication) -> tuple[int, ...]:
    """Put a roster in force on some of its days; return the rosters that are now superseded on every day of theirs."""
    replaced = in_force(connection, roster_id, made.days)
    days = {"first": made.days.first, "last": made.days.last}
    connection.execute(TAKE_OVER, {"roster": roster_id, **days})
    connection.execute(
        publication.insert().values(
            roster_id=roster_id,
            first_day=made.days.first,
            last_day=made.days.last,
            recorded_at=made.at,
            recorded_by=made.by,
            reason=made.reason,
            notice_days=made.notice_days,
            notice_asked=made.notice_asked,
        )
    )
    connection.execute(
        update(roster)
        .where(roster.c.id == roster_id)
        .values(state=RosterState.PUBLISHED.value, published_at=made.at, published_by=made.by, version=roster.c.version + 1)
    )
    pack_roster(connection, roster_id)
    statement = (
        update(roster)
        .where(
            roster.c.id.in_([one.id for one in replaced]),
            ~select(published_day.c.day).where(published_day.c.roster_id == roster.c.id).exists(),
        )
        .values(state=RosterState.SUPERSEDED.value, version=roster.c.version + 1)
        .returning(roster.c.id)
    )
    return tuple(sorted(connection.execute(statement).scalars()))
