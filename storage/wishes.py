"""Wishes before a rotation period, and the windows in which they may be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from scheduling.errors import NotFoundError
from storage.metadata import DayKind
from storage.tables import associate, request, shift_type, team, wish, wish_window

# A wish for a timing is a request for it on every day of the period, its points shared out among the days. What came with a file
# for the same day and thing stands.
WRITE_DAYS_OFF = text(
    "INSERT INTO request (associate_id, day, kind, weight, wish_id) "
    "SELECT w.associate_id, w.day, 'off', w.points * v.weight_per_point, w.id "
    "FROM wish w JOIN wish_window v ON v.id = w.wish_window_id "
    "WHERE v.id = :window AND w.associate_id = :associate AND w.day IS NOT NULL ON CONFLICT DO NOTHING"
)
WRITE_TIMINGS = text(
    "INSERT INTO request (associate_id, day, kind, shift_type_id, weight, wish_id) "
    "SELECT w.associate_id, v.first_day + n, 'shift', w.shift_type_id, "
    "w.points * v.weight_per_point / (v.last_day - v.first_day + 1), w.id "
    "FROM wish w JOIN wish_window v ON v.id = w.wish_window_id "
    "CROSS JOIN LATERAL generate_series(0, v.last_day - v.first_day) AS n "
    "WHERE v.id = :window AND w.associate_id = :associate AND w.shift_type_id IS NOT NULL ON CONFLICT DO NOTHING"
)

# What is in force on the days that somebody wished something for; a timing is kept as far as the shifts have it.
OUTCOMES = text(
    "SELECT w.id, w.day IS NOT NULL AS is_day, count(a.day) AS known, "
    "count(a.day) FILTER (WHERE w.day IS NOT NULL AND a.kind IN ('off', 'leave')) AS kept_off, "
    "count(a.day) FILTER (WHERE a.kind = 'shift') AS shifts, "
    "count(a.day) FILTER (WHERE a.kind = 'shift' AND s.code = t.code) AS kept_shifts "
    "FROM wish w JOIN wish_window v ON v.id = w.wish_window_id "
    "LEFT JOIN shift_type t ON t.id = w.shift_type_id "
    "LEFT JOIN published_day p ON p.site_id = v.site_id "
    "AND p.day BETWEEN coalesce(w.day, v.first_day) AND coalesce(w.day, v.last_day) "
    "LEFT JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day AND a.associate_id = w.associate_id "
    "LEFT JOIN shift_type s ON s.id = a.shift_type_id "
    "WHERE w.wish_window_id = :window AND (CAST(:associate AS bigint) IS NULL OR w.associate_id = :associate) GROUP BY w.id"
)


@dataclass(frozen=True)
class WishWindow:
    """A period to be planned, and when wishes for it may be said.

    Parameters
    ----------
    points
        What an associate may share out among wishes.
    weight_per_point
        What the refusal of a wish costs the roster for each of its points, in weighted head-hours.
    """

    id: int
    site_id: int
    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime
    points: int
    weight_per_point: float
    made_by: str

    def is_open(self, now: datetime) -> bool:
        """Return whether wishes may be said."""
        return self.opens_at <= now < self.closes_at


@dataclass(frozen=True)
class Wish:
    """A day off on `day`, or the timing `shift` for the whole period."""

    id: int
    associate_id: int
    code: str
    name: str
    team: str
    day: date | None
    shift_type_id: int | None
    shift: str
    points: int


@dataclass(frozen=True)
class WishOutcome:
    """What is in force where something was wished.

    Parameters
    ----------
    known
        Number of days of the wish for which a roster is published.
    kept
        Number of those on which it is as wished; of a wish for a timing only shifts count.
    judged
        Number of days that can be judged: all of a day off, the shifts of a timing.
    """

    known: int
    kept: int
    judged: int

    @property
    def is_kept(self) -> bool | None:
        """Whether the wish was kept: on most of its shifts for a timing; ``None`` as long as nothing is published."""
        return None if not self.judged else 2 * self.kept > self.judged


def windows_of(connection: Connection, site_id: int, *, limit: int = 20) -> tuple[WishWindow, ...]:
    """Return the windows of a site, the latest period first."""
    query = select(*(wish_window.c[name] for name in WishWindow.__dataclass_fields__)).where(wish_window.c.site_id == site_id)
    rows = connection.execute(query.order_by(wish_window.c.first_day.desc()).limit(limit))
    return tuple(WishWindow(**row._mapping) for row in rows)


def window_with_id(connection: Connection, window_id: int) -> WishWindow:
    """Return a window; NotFoundError when there is none with this id."""
    query = select(*(wish_window.c[name] for name in WishWindow.__dataclass_fields__)).where(wish_window.c.id == window_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no wishing window {window_id}.")
    return WishWindow(**row._mapping)


def insert_window(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a window; return its id."""
    return int(connection.execute(insert(wish_window).values(**values).returning(wish_window.c.id)).scalar_one())


def wishes_of(connection: Connection, window_id: int, associate_id: int | None = None) -> tuple[Wish, ...]:
    """Return the wishes of a window, those of each associate with the most points first."""
    query = (
        select(
            wish.c.id,
            wish.c.associate_id,
            associate.c.code,
            associate.c.name,
            team.c.name.label("team"),
            wish.c.day,
            wish.c.shift_type_id,
            func.coalesce(shift_type.c.code, "").label("shift"),
            wish.c.points,
        )
        .join_from(wish, associate)
        .join(team, team.c.id == associate.c.team_id)
        .outerjoin(shift_type, shift_type.c.id == wish.c.shift_type_id)
        .where(wish.c.wish_window_id == window_id)
        .order_by(associate.c.position, wish.c.points.desc(), wish.c.day.nulls_first(), wish.c.id)
    )
    if associate_id is not None:
        query = query.where(wish.c.associate_id == associate_id)
    return tuple(Wish(*row) for row in connection.execute(query))


def replace_wishes(connection: Connection, window_id: int, associate_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the wishes of an associate in place of those that are there, and what the roster engine reads of them."""
    mine = (wish.c.wish_window_id == window_id, wish.c.associate_id == associate_id)
    connection.execute(delete(wish).where(*mine))
    values = [{"wish_window_id": window_id, "associate_id": associate_id, **row} for row in rows]
    if values:
        connection.execute(insert(wish), values)
    arguments = {"window": window_id, "associate": associate_id}
    connection.execute(WRITE_DAYS_OFF, arguments)
    connection.execute(WRITE_TIMINGS, arguments)


def requests_of_wishes(connection: Connection, window_id: int) -> dict[int, int]:
    """Return the number of requests that the roster engine reads of each associate's wishes."""
    query = select(request.c.associate_id, func.count()).join_from(request, wish, wish.c.id == request.c.wish_id)
    counted = query.where(wish.c.wish_window_id == window_id, request.c.kind != DayKind.NONE.value)
    return dict(connection.execute(counted.group_by(request.c.associate_id)).all())


def outcomes(connection: Connection, window_id: int, associate_id: int | None = None) -> dict[int, WishOutcome]:
    """Return what became of wishes, by their ids."""
    found = {}
    for row in connection.execute(OUTCOMES, {"window": window_id, "associate": associate_id}):
        kept, judged = (row.kept_off, row.known) if row.is_day else (row.kept_shifts, row.shifts)
        found[row.id] = WishOutcome(row.known, kept, judged)
    return found
