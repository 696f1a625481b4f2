"""Leave as people look at it: own balances and requests, and the calendar of who is away when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, select

from scheduling.errors import NotFoundError
from scheduling.leave_days import days_between, leave_days
from scheduling.words import Words
from services.leave_requests import LeaveDays, days_left, days_of
from services.leave_room import Room, known_off, room_of
from storage import days_away
from storage import leave as stored
from storage import leave_accounts as accounts
from storage.errors import domain_errors
from storage.leave import LeaveKind, LeaveRequest
from storage.leave_tables import LeaveState
from storage.rosters import AuditEntry, audit_trail
from storage.sites import person
from storage.swaps import teams_of
from storage.tables import associate

__all__ = ["CalendarRow", "LeaveCalendar", "OwnBalance", "OwnLeave", "leave_calendar", "leave_history", "own_leave"]


@dataclass(frozen=True)
class OwnBalance:
    """What somebody has of a kind of leave in a year.

    Parameters
    ----------
    pending
        Days asked for and not decided.
    left
        What is neither taken nor asked for.
    """

    kind: LeaveKind
    year: int
    granted: int
    taken: int
    pending: int
    left: int


@dataclass(frozen=True)
class OwnLeave:
    """Kinds that may be asked for, balances and requests of an associate.

    Parameters
    ----------
    ahead
        For each request on the waiting list, how many wait before it.
    """

    kinds: tuple[LeaveKind, ...]
    balances: tuple[OwnBalance, ...]
    requests: tuple[LeaveRequest, ...]
    days: Mapping[int, LeaveDays]
    ahead: Mapping[int, int]


def own_leave(engine: Engine, associate_id: int) -> OwnLeave:
    """Return what an associate sees of leave."""
    with domain_errors(), engine.connect() as connection:
        site_id = person(connection, associate_id).site_id
        kinds = stored.kinds_of(connection, site_id)
        requests = stored.requests_of(connection, associate_id)
        open_ones = [one for one in requests if one.is_open]
        return OwnLeave(
            kinds,
            _balances(connection, associate_id, kinds),
            requests,
            days_of(connection, open_ones),
            _ahead(connection, site_id, open_ones),
        )


def _balances(connection: Connection, associate_id: int, kinds: Collection[LeaveKind]) -> tuple[OwnBalance, ...]:
    by_id = {one.id: one for one in kinds}
    left = {one.id: days_left(connection, associate_id, one.id) for one in kinds if one.has_balance}
    found = accounts.accounts_of(connection, [associate_id]).get(associate_id, ())
    return tuple(
        OwnBalance(
            by_id[one.kind_id],
            one.year,
            one.granted,
            one.taken,
            one.balance - left[one.kind_id][one.year],
            left[one.kind_id][one.year],
        )
        for one in found
        if one.kind_id in left
    )


def _ahead(connection: Connection, site_id: int, mine: Collection[LeaveRequest]) -> dict[int, int]:
    """Return how many wait before each request on the waiting list, on any of its days."""
    waiting = [one for one in mine if one.state is LeaveState.WAITLISTED]
    if not waiting:
        return {}
    line = [one for one in stored.open_requests(connection, site_id) if one.state is LeaveState.WAITLISTED]
    place = {one.id: number for number, one in enumerate(line)}
    return {
        one.id: sum(other.first_day <= one.last_day and one.first_day <= other.last_day for other in line[: place[one.id]])
        for one in waiting
    }


def leave_history(
    engine: Engine, request_id: int, *, associate_id: int | None = None, team_ids: Collection[int] | None = None
) -> tuple[LeaveRequest, tuple[AuditEntry, ...]]:
    """Return a request with what was done with it, the oldest first.

    Raises
    ------
    NotFoundError
        When it is not that associate's, or of none of those teams.
    """
    with domain_errors(), engine.connect() as connection:
        request = stored.request_with_id(connection, request_id)
        if associate_id is not None and request.associate_id != associate_id:
            raise NotFoundError(Words("You have no request for leave %(id)s.", id=str(request_id)))
        if team_ids is not None and request.team_id not in team_ids:
            raise NotFoundError(f"There is no request for leave {request_id} in the teams that you lead.")
        return request, audit_trail(connection, "leave request", request_id)


@dataclass(frozen=True)
class CalendarRow:
    """One associate in the calendar: the state of leave on each day that has some, ``approved``, ``asked`` or ``waitlisted``."""

    associate_id: int
    code: str
    name: str
    team: str
    days: Mapping[date, tuple[str, str]]


@dataclass(frozen=True)
class LeaveCalendar:
    """Who is away on which day, and how many may be.

    Parameters
    ----------
    rows
        Associates with leave on at least one of the days.
    away, most
        By scope (the id of a team, ``None`` for the site) and day: how many are away or asked to be, how many may be.
    """

    days: tuple[date, ...]
    rows: tuple[CalendarRow, ...]
    teams: Mapping[int, str]
    away: Counter[tuple[int | None, date]]
    most: Mapping[tuple[int | None, date], int]


def leave_calendar(
    engine: Engine, site_id: int, first_day: date, last_day: date, *, team_ids: Collection[int] | None = None
) -> LeaveCalendar:
    """Return the calendar of leave; with `team_ids` the rows of some teams only."""
    with domain_errors(), engine.connect() as connection:
        open_ones = [
            one for one in stored.open_requests(connection, site_id) if one.first_day <= last_day and one.last_day >= first_day
        ]
        off = known_off(connection, open_ones)
        asked = [
            (one, leave_days(one.first_day, one.last_day, off[one.id])) for one in open_ones if one.state is LeaveState.ASKED
        ]
        room = room_of(connection, site_id, first_day, last_day, [pair for pair in asked if pair[0].kind.is_limited])
        teams = {number: name for number, name in teams_of(connection, site_id).items() if team_ids is None or number in team_ids}
        days = days_between(first_day, last_day)
        rows = _rows(connection, site_id, days, open_ones, off, teams)
    scopes: tuple[int | None, ...] = (*teams, None)
    pools = [(scope, day) for scope in scopes for day in days]
    return LeaveCalendar(days, rows, teams, room.taken, _most(room, pools))


def _most(room: Room, pools: Collection[tuple[int | None, date]]) -> dict[tuple[int | None, date], int]:
    return {pool: most for pool in pools if (most := room.most(*pool)) is not None}


def _rows(
    connection: Connection,
    site_id: int,
    days: tuple[date, ...],
    open_ones: Collection[LeaveRequest],
    off: Mapping[int, frozenset[date]],
    teams: Mapping[int, str],
) -> tuple[CalendarRow, ...]:
    marks: dict[int, dict[date, tuple[str, str]]] = defaultdict(dict)
    for one in open_ones:
        for day in leave_days(one.first_day, one.last_day, off[one.id]):
            marks[one.associate_id][day] = (one.state.value, one.kind.name)
    for away in days_away.away_between(connection, site_id, days[0], days[-1]):
        for day in days_between(away.first_day, away.last_day):
            marks[away.associate_id][day] = ("approved", away.kind or "Leave")
    query = select(associate.c.id, associate.c.code, associate.c.name, associate.c.team_id).where(
        associate.c.site_id == site_id, associate.c.team_id.in_(list(teams)), associate.c.id.in_(list(marks))
    )
    within = set(days)
    return tuple(
        CalendarRow(row.id, row.code, row.name, teams[row.team_id], {d: m for d, m in marks[row.id].items() if d in within})
        for row in connection.execute(query.order_by(associate.c.team_id, associate.c.position))
        if within & marks[row.id].keys()
    )
