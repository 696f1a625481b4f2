"""Days away: approved leave, and what is published for the days that somebody asks about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, func, insert, select, text

from storage.bulk import array_literal
from storage.tables import associate, leave, leave_kind, leave_request

PUBLISHED = text(
    "SELECT a.associate_id, a.day, a.roster_id, a.kind::text, coalesce(t.code, a.kind::text) "
    "FROM published_day p JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day "
    "LEFT JOIN shift_type t ON t.id = a.shift_type_id "
    "WHERE a.associate_id = ANY(CAST(:people AS bigint[])) AND p.day BETWEEN :first AND :last"
)


@dataclass(frozen=True)
class Away:
    """Somebody who is on leave on some days."""

    associate_id: int
    team_id: int
    first_day: date
    last_day: date
    is_limited: bool
    kind: str


@dataclass(frozen=True)
class PublishedCell:
    """What is published for a day of an associate, in words of a roster."""

    day: date
    roster_id: int
    kind: str
    value: str


def insert_leave(
    connection: Connection,
    associate_id: int,
    spans: Iterable[tuple[date, date]],
    *,
    request_id: int | None = None,
    take_id: int | None = None,
) -> None:  # fmt: skip
    """Write approved leave."""
    origin = {"associate_id": associate_id, "leave_request_id": request_id, "offer_take_id": take_id}
    rows = [{**origin, "first_day": first, "last_day": last} for first, last in spans]
    if rows:
        connection.execute(insert(leave), rows)


def delete_leave(connection: Connection, *, request_id: int | None = None, take_id: int | None = None) -> None:
    """Remove the approved leave that comes from a request or from an offer."""
    origin = leave.c.leave_request_id == request_id if request_id is not None else leave.c.offer_take_id == take_id
    connection.execute(delete(leave).where(origin))


def away_between(connection: Connection, site_id: int, first_day: date, last_day: date) -> tuple[Away, ...]:
    """Return the approved leave of active associates of a site that touches some days."""
    query = (
        select(
            leave.c.associate_id,
            associate.c.team_id,
            leave.c.first_day,
            leave.c.last_day,
            # A shift that was given up was offered, and does not take the place of somebody who asks.
            (func.coalesce(leave_kind.c.is_limited, True) & leave.c.offer_take_id.is_(None)).label("is_limited"),
            func.coalesce(leave_kind.c.name, "").label("kind"),
        )
        .join_from(leave, associate)
        .outerjoin(leave_request, leave_request.c.id == leave.c.leave_request_id)
        .outerjoin(leave_kind, leave_kind.c.id == leave_request.c.leave_kind_id)
        .where(associate.c.site_id == site_id, associate.c.is_active)
        .where(leave.c.first_day <= last_day, leave.c.last_day >= first_day)
        .order_by(associate.c.position, leave.c.first_day)
    )
    return tuple(Away(*row) for row in connection.execute(query))


def published_cells(
    connection: Connection, associate_ids: Collection[int], first_day: date, last_day: date
) -> dict[int, dict[date, PublishedCell]]:
    """Return what is in force for associates on some days, by associate and day."""
    found: dict[int, dict[date, PublishedCell]] = defaultdict(dict)
    given = {"people": array_literal(associate_ids), "first": first_day, "last": last_day}
    for who, day, roster_id, kind, value in connection.execute(PUBLISHED, given):
        found[who][day] = PublishedCell(day, roster_id, kind, value)
    return dict(found)
