"""Requests for leave: asked for, taken back, decided; and the waiting list behind the limits of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.leave_days import WorkingWeek, charged_days, leave_days, spans_of
from scheduling.times import Clock
from scheduling.words import N_, Words, joined
from services.editing import EditOutcome
from services.leave_room import known_off, move_up
from services.notices import tell
from services.roster_changes import DayEdit, change_days, follow
from services.supervisor_notices import tell_of_leave
from storage import days_away
from storage import leave as stored
from storage import leave_accounts as accounts
from storage.errors import domain_errors
from storage.leave import LeaveKind, LeaveRequest
from storage.leave_tables import EntryKind, LeaveState
from storage.metadata import DayKind
from storage.rosters import AuditEntry, audit_trail, record
from storage.sites import person, working_week, zone_of_site

__all__ = ["LeaveKind", "LeaveRequest", "LeaveState", "ask_leave", "decide_leave", "expire_leave", "take_back_leave"]

SUBJECT: Final = "leave request"
BY_ITSELF: Final = "automatic"
"""Who decides where no person does."""
DAYS_AHEAD: Final = 550
"""Leave is asked for at most so many days ahead."""


@dataclass(frozen=True)
class LeaveDays:
    """The days of a request: which are leave, and which of them are taken from the balance."""

    leave: tuple[date, ...]
    charged: tuple[date, ...]

    @property
    def years(self) -> Counter[int]:
        """Days taken from the balance of each year."""
        return Counter(day.year for day in self.charged)


def ask_leave(
    engine: Engine, associate_id: int, kind_id: int, first_day: date, last_day: date, note: str, *, by: str, clock: Clock
) -> LeaveRequest:
    """Ask for leave; return the request as it stands: to be decided, on the waiting list, or approved already.

    Raises
    ------
    BadInputError
        With every fault: days in the wrong order, over already or asked for too late, or a balance that does not suffice.
    ConflictError
        When the associate has leave, or asked for leave, on one of the days.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        who = person(connection, associate_id)
        stored.lock_leave(connection, who.site_id)
        kind = kind_with_id(connection, who.site_id, kind_id)
        today = now.astimezone(zone_of_site(connection, who.site_id)).date()
        refuse_dates(kind, first_day, last_day, today)
        number = stored.insert_request(connection, associate_id, kind_id, first_day, last_day, note.strip(), now)
        request = stored.request_with_id(connection, number)
        _refuse_days(connection, request)
        period = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
        record(connection, now, by, "leave asked for", (SUBJECT, number), None, kind=kind.name, **period)
        outcomes = settle(connection, who.site_id, now, fresh=number)
        request = stored.request_with_id(connection, number)
    follow(engine, outcomes, clock=clock)
    return request


def kind_with_id(connection: Connection, site_id: int, kind_id: int) -> LeaveKind:
    """Return a kind of leave that a site has now; NotFoundError when there is none."""
    for one in stored.kinds_of(connection, site_id):
        if one.id == kind_id:
            return one
    raise NotFoundError(Words("There is no such kind of leave any more; choose another."))


def refuse_dates(kind: LeaveKind, first_day: date, last_day: date, today: date) -> None:
    """Raise BadInputError with everything that is wrong with the days of a request."""
    soonest = today + timedelta(days=max(1, kind.notice_days))
    faults = []
    if last_day < first_day:
        faults.append(_fault("last_day", last_day, Words("The last day lies before the first one.")))
    if first_day < soonest:
        words = Words("%(kind)s can be asked for from %(day)s on, not earlier.", kind=kind.name, day=soonest)
        faults.append(_fault("first_day", first_day, words))
    if last_day > today + timedelta(days=DAYS_AHEAD):
        faults.append(_fault("last_day", last_day, Words("Leave can be asked for at most %(days)s days ahead.", days=DAYS_AHEAD)))
    if faults:
        raise BadInputError(faults)


def _refuse_days(connection: Connection, request: LeaveRequest) -> None:
    """Refuse a request whose days are leave already, are no working days, or are more than the balance has."""
    for one in days_away.away_between(connection, request.site_id, request.first_day, request.last_day):
        if one.associate_id == request.associate_id:
            period = {"first_day": one.first_day, "last_day": one.last_day}
            raise ConflictError(
                Words("You are on leave from %(first_day)s to %(last_day)s already; choose other days.", **period)
            )
    days = days_of(connection, [request])[request.id]
    if not days.leave:
        raise BadInputError([_fault("first_day", request.first_day, Words("All of these days are days off already."))])
    if not request.kind.has_balance:
        return
    left = days_left(connection, request.associate_id, request.kind.id, besides=request.id)
    faults = [
        _fault("last_day", request.last_day, _short_of(year, wanted, max(0, left[year])))
        for year, wanted in sorted(days.years.items())
        if wanted > left[year]
    ]
    if faults:
        raise BadInputError(faults)


def _short_of(year: int, wanted: int, left: int) -> Words:
    # A year is written without a mark of thousands.
    return Words("%(wanted)s days of %(year)s are needed, and %(left)s are left.", wanted=wanted, year=str(year), left=left)


def days_of(connection: Connection, requests: Collection[LeaveRequest]) -> dict[int, LeaveDays]:
    """Return the days of requests by their ids."""
    off = known_off(connection, requests)
    weeks = {site: WorkingWeek(*working_week(connection, site)) for site in {one.site_id for one in requests}}
    found = {}
    for one in requests:
        days = leave_days(one.first_day, one.last_day, off[one.id])
        found[one.id] = LeaveDays(days, charged_days(days, weeks[one.site_id]) if one.kind.has_balance else ())
    return found


def days_left(connection: Connection, associate_id: int, kind_id: int, *, besides: int | None = None) -> Counter[int]:
    """Return the days of each year that are neither taken nor asked for, but for one request."""
    left: Counter[int] = Counter()
    for account in accounts.accounts_of(connection, [associate_id]).get(associate_id, ()):
        if account.kind_id == kind_id:
            left[account.year] += account.balance
    pending = [
        one
        for one in stored.requests_of(connection, associate_id)
        if one.is_open and one.kind.id == kind_id and one.id != besides
    ]
    for days in days_of(connection, pending).values():
        left.subtract(days.years)
    return left


def settle(connection: Connection, site_id: int, now: datetime, *, fresh: int | None = None) -> tuple[EditOutcome, ...]:
    """Let waiting requests move up where there is room, and approve those whose kind needs no decision.

    Parameters
    ----------
    fresh
        A request that was asked for just now, of which its associate need not be told that there is room.
    """
    outcomes: list[EditOutcome] = []
    for request in move_up(connection, site_id):
        if request.id != fresh:
            record(connection, now, BY_ITSELF, "leave moved up", (SUBJECT, request.id), None)
        if request.kind.is_automatic:
            outcomes += _approve_if_possible(connection, request, now)
            continue
        tell_of_leave(connection, request, now)
        if request.id != fresh:
            tell(connection, [request.associate_id], "leave_moved_up", _period(request), now=now)
    return tuple(outcomes)


def _approve_if_possible(connection: Connection, request: LeaveRequest, now: datetime) -> tuple[EditOutcome, ...]:
    """Approve a request whose kind needs no decision; where something stands in the way, a supervisor has to look at it."""
    try:
        with connection.begin_nested(), domain_errors():
            return approve(connection, request, "", by=BY_ITSELF, now=now)
    except (ConflictError, BadInputError) as error:
        record(connection, now, BY_ITSELF, "leave not approved", (SUBJECT, request.id), None, why=str(error))
        tell_of_leave(connection, request, now)
        return ()


def approve(
    connection: Connection, request: LeaveRequest, reason: str, *, by: str, now: datetime
) -> tuple[EditOutcome, ...]:  # fmt: skip
    """Approve a request: take its days from the balance, make them leave, also in rosters that are published already."""
    if request.state is not LeaveState.ASKED:
        raise ConflictError(_not_open(request, "approved"))
    days = days_of(connection, [request])[request.id]
    taken = [
        {"associate_id": request.associate_id, "leave_kind_id": request.kind.id, "year": year, "days": -count,
         "kind": EntryKind.TAKEN.value, "leave_request_id": request.id}
        for year, count in sorted(days.years.items())
    ]  # fmt: skip
    accounts.add_entries(connection, taken, by=by, at=now)
    days_away.insert_leave(connection, request.associate_id, spans_of(days.leave), request_id=request.id)
    cells = days_away.published_cells(connection, [request.associate_id], request.first_day, request.last_day)
    shifts = [cell for cell in cells.get(request.associate_id, {}).values() if cell.kind == DayKind.SHIFT.value]
    leave = DayKind.LEAVE.value
    edits = [DayEdit(cell.roster_id, request.code, cell.day, cell.value, leave) for cell in shifts]
    outcomes = change_days(connection, edits, by=by, at=now, why=f"{request.kind.name} approved")
    stored.set_state(connection, request.id, LeaveState.APPROVED, by=by, at=now, reason=reason)
    was = {cell.day.isoformat(): cell.value for cell in shifts}
    charged = len(days.charged)
    record(connection, now, by, "leave approved", (SUBJECT, request.id), None, reason=reason, was=was, days=charged)
    tell(connection, [request.associate_id], "leave_decided", _decision(request, "approved", reason), now=now)
    return outcomes


def decide_leave(
    engine: Engine,
    request_id: int,
    reason: str,
    *,
    approved: bool,
    by: str,
    clock: Clock,
    team_ids: Collection[int] | None = None,
) -> LeaveRequest:
    """Approve or refuse a request; what becomes free goes to those who wait.

    Parameters
    ----------
    team_ids
        The teams whose requests may be decided; all without it.

    Raises
    ------
    BadInputError
        When it is refused without a reason.
    ConflictError
        When it is decided already, waits for room, or something stands in the way of the leave.
    NotFoundError
        When there is no such request in these teams.
    """
    now = clock.now()
    if not approved and not reason.strip():
        raise BadInputError([_fault("reason", "", "Say why the leave is refused; the associate will read it.")])
    with domain_errors(), engine.begin() as connection:
        request = _locked(connection, request_id)
        if team_ids is not None and request.team_id not in team_ids:
            raise NotFoundError(f"There is no request for leave {request_id} in the teams that you lead.")
        if approved:
            outcomes = approve(connection, request, reason.strip(), by=by, now=now)
        else:
            _refuse(connection, request, reason.strip(), by=by, now=now)
            outcomes = settle(connection, request.site_id, now)
        request = stored.request_with_id(connection, request_id)
    follow(engine, outcomes, clock=clock)
    return request


def _locked(connection: Connection, request_id: int) -> LeaveRequest:
    """Return a request that nobody else decides before the transaction ends."""
    stored.lock_leave(connection, stored.request_with_id(connection, request_id).site_id)
    return stored.request_with_id(connection, request_id)


def _refuse(connection: Connection, request: LeaveRequest, reason: str, *, by: str, now: datetime) -> None:
    if not request.is_open:
        raise ConflictError(_not_open(request, "refused"))
    stored.set_state(connection, request.id, LeaveState.REFUSED, by=by, at=now, reason=reason)
    record(connection, now, by, "leave refused", (SUBJECT, request.id), None, reason=reason)
    tell(connection, [request.associate_id], "leave_decided", _decision(request, "declined", reason), now=now)


def take_back_leave(engine: Engine, request_id: int, associate_id: int, *, by: str, clock: Clock) -> LeaveRequest:
    """Take an own request back: withdraw it while it is open, cancel it when it is approved and has not begun.

    Raises
    ------
    ConflictError
        When it is over or has begun, or the former shifts cannot be given again.
    NotFoundError
        When the associate has no such request.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        request = _locked(connection, request_id)
        if request.associate_id != associate_id:
            raise NotFoundError(Words("You have no request for leave %(id)s.", id=str(request_id)))
        outcomes: tuple[EditOutcome, ...] = ()
        if request.is_open:
            stored.set_state(connection, request_id, LeaveState.WITHDRAWN, by=by, at=now)
            record(connection, now, by, "leave withdrawn", (SUBJECT, request_id), None)
        else:
            outcomes = _cancel(connection, request, by=by, now=now)
        outcomes += settle(connection, request.site_id, now)
        request = stored.request_with_id(connection, request_id)
    follow(engine, outcomes, clock=clock)
    return request


def _cancel(connection: Connection, request: LeaveRequest, *, by: str, now: datetime) -> tuple[EditOutcome, ...]:
    """Cancel approved leave: its days go back to the balance, and the shifts that were published stand again."""
    today = now.astimezone(zone_of_site(connection, request.site_id)).date()
    if request.state is not LeaveState.APPROVED or request.first_day <= today:
        raise ConflictError(joined([_not_open(request, "cancelled"), Words("Only leave that has not begun can be given up.")]))
    back = accounts.entries_of_request(connection, request.id, EntryKind.TAKEN)
    returned = [
        {"associate_id": request.associate_id, "leave_kind_id": request.kind.id, "year": year, "days": days,
         "kind": EntryKind.RETURNED.value, "leave_request_id": request.id}
        for year, days in back.items()
    ]  # fmt: skip
    accounts.add_entries(connection, returned, by=by, at=now)
    days_away.delete_leave(connection, request_id=request.id)
    cells = days_away.published_cells(connection, [request.associate_id], request.first_day, request.last_day)
    was = _was(audit_trail(connection, SUBJECT, request.id))
    leave, off = DayKind.LEAVE.value, DayKind.OFF.value
    edits = [
        DayEdit(cell.roster_id, request.code, cell.day, leave, was.get(cell.day.isoformat(), off))
        for cell in cells.get(request.associate_id, {}).values()
        if cell.kind == leave
    ]
    outcomes = change_days(connection, edits, by=by, at=now, why=f"{request.kind.name} cancelled")
    stored.set_state(connection, request.id, LeaveState.CANCELLED, by=by, at=now)
    record(connection, now, by, "leave cancelled", (SUBJECT, request.id), None)
    return outcomes


def _was(history: Iterable[AuditEntry]) -> dict[str, str]:
    """Return what stood on the days of a request before it was approved."""
    return {day: value for one in history if one.action == "leave approved" for day, value in one.detail["was"].items()}


def expire_leave(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """End the requests of a site whose first day has come undecided, and let others move up; return how many ended."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        stored.lock_leave(connection, site_id)
        today = now.astimezone(zone_of_site(connection, site_id)).date()
        late = [one for one in stored.open_requests(connection, site_id) if one.first_day <= today]
        for one in late:
            stored.set_state(connection, one.id, LeaveState.EXPIRED, by=BY_ITSELF, at=now)
            record(connection, now, BY_ITSELF, "leave expired", (SUBJECT, one.id), None)
            tell(connection, [one.associate_id], "leave_decided", _decision(one, "expired", ""), now=now)
        outcomes = settle(connection, site_id, now)
    follow(engine, outcomes, clock=clock)
    return len(late)


def _period(request: LeaveRequest) -> dict[str, str]:
    return {"first_day": request.first_day.isoformat(), "last_day": request.last_day.isoformat()}


def _decision(request: LeaveRequest, decision: str, reason: str) -> dict[str, str]:
    return {**_period(request), "decision": decision, "reason": reason}


def _not_open(request: LeaveRequest, wanted: str) -> Words:
    waits = "waits for room on one of its days" if request.state is LeaveState.WAITLISTED else f"is {request.state.value}"
    text = f"The leave of {request.name} ({request.code}) from {request.first_day} {waits} and cannot be {wanted}."
    message = N_("This leave, from %(day)s, was decided or taken back meanwhile; nothing was changed.")
    return Words.retold(text, message, day=request.first_day)


def _fault(column: str, value: object, reason: str) -> Fault:
    return Fault("leave", None, column, str(value), reason)
