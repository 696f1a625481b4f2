"""Leave: its kinds and limits, and the requests for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, delete, func, insert, select, text, update

from scheduling.errors import NotFoundError
from storage.leave_tables import LeaveState
from storage.tables import (
    associate,
    leave_kind,
    leave_limit,
    leave_request,
    team,
)

LEAVE_LOCK = 0x0F130
"""Advisory lock of those who decide about leave at a site, so that two of them do not give the same place away."""
OPEN = (LeaveState.ASKED.value, LeaveState.WAITLISTED.value)


@dataclass(frozen=True)
class LeaveKind:
    """A kind of leave.

    Parameters
    ----------
    has_balance
        Whether its days are taken from a balance.
    days_per_year
        What a full year of contract entitles to.
    is_limited
        Whether it counts against the limits of a day.
    is_automatic
        Whether a request that keeps balance and limits is approved at once.
    notice_days
        How many days before its first day it is asked for at the latest.
    """

    id: int
    code: str
    name: str
    has_balance: bool
    days_per_year: int
    is_limited: bool
    is_automatic: bool
    notice_days: int
    is_current: bool


@dataclass(frozen=True)
class LeaveLimit:
    """How many may be on leave on one day: of a team, or of the whole site where `team_id` is ``None``."""

    id: int
    team_id: int | None
    team: str
    first_day: date | None
    last_day: date | None
    most_count: int | None
    most_share: float | None


@dataclass(frozen=True)
class LeaveRequest:
    """A request for leave."""

    id: int
    associate_id: int
    code: str
    name: str
    team_id: int
    team: str
    site_id: int
    kind: LeaveKind
    first_day: date
    last_day: date
    note: str
    state: LeaveState
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state in {LeaveState.ASKED, LeaveState.WAITLISTED}


PLAIN = tuple(name for name in LeaveRequest.__dataclass_fields__ if name not in {"kind", "state"})


def lock_leave(connection: Connection, site_id: int) -> None:
    """Wait until nobody else decides about leave at this site, and keep others waiting to the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock, :site)"), {"lock": LEAVE_LOCK, "site": site_id})


def kinds_of(connection: Connection, site_id: int, *, current_only: bool = True) -> tuple[LeaveKind, ...]:
    """Return the kinds of leave of a site in the order in which they were made."""
    query = select(leave_kind).where(leave_kind.c.site_id == site_id).order_by(leave_kind.c.id)
    if current_only:
        query = query.where(leave_kind.c.is_current)
    return tuple(_kind_of(dict(row._mapping)) for row in connection.execute(query))


def _kind_of(row: dict[str, Any], prefix: str = "") -> LeaveKind:
    names = LeaveKind.__dataclass_fields__
    return LeaveKind(**{name: row[prefix + name] for name in names})


def save_kind(connection: Connection, site_id: int, kind_id: int | None, values: Mapping[str, Any]) -> int:
    """Write a kind of leave, a new one without `kind_id`; return its id."""
    if kind_id is None:
        statement = insert(leave_kind).values(site_id=site_id, **values).returning(leave_kind.c.id)
        return int(connection.execute(statement).scalar_one())
    mine = (leave_kind.c.id == kind_id, leave_kind.c.site_id == site_id)
    changed = connection.execute(update(leave_kind).where(*mine).values(**values))
    if not changed.rowcount:
        raise NotFoundError(f"There is no kind of leave {kind_id} at this site.")
    return kind_id


def limits_of(connection: Connection, site_id: int) -> tuple[LeaveLimit, ...]:
    """Return the limits of a site, those of the whole site first, then by team and first day."""
    query = (
        select(leave_limit, func.coalesce(team.c.name, "").label("team"))
        .outerjoin_from(leave_limit, team)
        .where(leave_limit.c.site_id == site_id)
        .order_by(team.c.name.nulls_first(), leave_limit.c.first_day.nulls_first())
    )
    names = LeaveLimit.__dataclass_fields__
    return tuple(LeaveLimit(**{name: row._mapping[name] for name in names}) for row in connection.execute(query))


def add_limit(connection: Connection, site_id: int, values: Mapping[str, Any]) -> int:
    """Write a limit, in place of one of the same scope that begins on the same day; return its id."""
    same = (
        leave_limit.c.site_id == site_id,
        leave_limit.c.team_id.is_not_distinct_from(values["team_id"]),
        leave_limit.c.first_day.is_not_distinct_from(values["first_day"]),
    )
    connection.execute(delete(leave_limit).where(*same))
    statement = insert(leave_limit).values(site_id=site_id, **values).returning(leave_limit.c.id)
    return int(connection.execute(statement).scalar_one())


def remove_limit(connection: Connection, site_id: int, limit_id: int) -> bool:
    """Remove a limit; return whether it was there."""
    statement = delete(leave_limit).where(leave_limit.c.id == limit_id, leave_limit.c.site_id == site_id)
    return bool(connection.execute(statement).rowcount)


def headcounts(connection: Connection, site_id: int) -> dict[int, int]:
    """Return the number of active associates of each team of a site."""
    query = select(associate.c.team_id, func.count()).where(associate.c.site_id == site_id, associate.c.is_active)
    return dict(connection.execute(query.group_by(associate.c.team_id)).all())


@cache
def _requests() -> Select[tuple[Any, ...]]:
    kinds = [leave_kind.c[name].label(f"kind_{name}") for name in LeaveKind.__dataclass_fields__]
    return (
        select(
            *(leave_request.c[name] for name in ("id", "associate_id", "first_day", "last_day", "note", "state")),
            *(leave_request.c[name] for name in ("asked_at", "decided_at", "decided_by", "reason")),
            associate.c.code,
            associate.c.name,
            associate.c.team_id,
            associate.c.site_id,
            team.c.name.label("team"),
            *kinds,
        )
        .join_from(leave_request, associate)
        .join(team, team.c.id == associate.c.team_id)
        .join(leave_kind, leave_kind.c.id == leave_request.c.leave_kind_id)
    )


def _request_of(row: Row[tuple[Any, ...]], kinds: dict[int, LeaveKind]) -> LeaveRequest:
    """Return the request of a row; a kind is made once for all requests that have it."""
    found = dict(row._mapping)
    if found["kind_id"] not in kinds:
        kinds[found["kind_id"]] = _kind_of(found, "kind_")
    values = {name: found[name] for name in PLAIN}
    return LeaveRequest(**values, state=LeaveState(found["state"]), kind=kinds[found["kind_id"]])


def requests_where(
    connection: Connection, *conditions: ColumnElement[bool], limit: int = 1000, newest_first: bool = False
) -> tuple[LeaveRequest, ...]:
    """Return requests in the order of asking."""
    order = (leave_request.c.asked_at, leave_request.c.id)
    query = _requests().where(*conditions).order_by(*((one.desc() for one in order) if newest_first else order)).limit(limit)
    kinds: dict[int, LeaveKind] = {}
    return tuple(_request_of(row, kinds) for row in connection.execute(query))


def open_requests(connection: Connection, site_id: int) -> tuple[LeaveRequest, ...]:
    """Return the requests of a site that nobody has decided, in the order of asking."""
    return requests_where(connection, leave_request.c.state.in_(OPEN), associate.c.site_id == site_id, limit=100_000)


def requests_with_ids(connection: Connection, ids: Collection[int]) -> tuple[LeaveRequest, ...]:
    """Return some requests in the order of asking."""
    return requests_where(connection, leave_request.c.id.in_(ids), limit=len(ids)) if ids else ()


def asked_count(team_ids: Collection[int] | None = None) -> ScalarSelect[int]:
    """Return the query of how many requests wait for a decision, of some teams or of all."""
    query = select(func.count()).select_from(leave_request).where(leave_request.c.state == LeaveState.ASKED.value)
    if team_ids is not None:
        query = query.join(associate, associate.c.id == leave_request.c.associate_id).where(associate.c.team_id.in_(team_ids))
    return query.scalar_subquery()


def requests_of(connection: Connection, associate_id: int, *, limit: int = 100) -> tuple[LeaveRequest, ...]:
    """Return the requests of an associate, the newest first."""
    return requests_where(connection, leave_request.c.associate_id == associate_id, limit=limit, newest_first=True)


def request_with_id(connection: Connection, request_id: int) -> LeaveRequest:
    """Return a request; NotFoundError when there is none with this id."""
    found = requests_where(connection, leave_request.c.id == request_id)
    if not found:
        raise NotFoundError(f"There is no request for leave {request_id}.")
    return found[0]


def insert_request(
    connection: Connection, associate_id: int, kind_id: int, first_day: date, last_day: date, note: str, at: datetime
) -> int:
    """Write a request that waits for room; return its id."""
    values = {
        "associate_id": associate_id,
        "leave_kind_id": kind_id,
        "first_day": first_day,
        "last_day": last_day,
        "note": note,
        "state": LeaveState.WAITLISTED.value,
        "asked_at": at,
    }
    return int(connection.execute(insert(leave_request).values(**values).returning(leave_request.c.id)).scalar_one())


def set_state(
    connection: Connection,
    request_id: int,
    state: LeaveState,
    *,
    by: str | None = None,
    at: datetime | None = None,
    reason: str = "",
) -> None:
    """Move a request to another state; a decided one says by whom and when."""
    values = {"state": state.value, "decided_by": by, "decided_at": at, "reason": reason, "version": leave_request.c.version + 1}
    connection.execute(update(leave_request).where(leave_request.c.id == request_id).values(**values))
