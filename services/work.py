"""Work: what an associate does with jobs: next, answer, return, and the sign of life between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Connection, Engine

from scheduling.answer_form import faults_of
from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.jobs import TaskState
from scheduling.times import Clock
from scheduling.words import N_, Words
from services.refusals import Refusal, RefusalKind, needs_duties, no_work, refusal_of
from storage import duties, leases
from storage.driver import statements
from storage.errors import domain_errors
from storage.leases import InHand, LeasedTask, TaskView
from storage.own_days import own_days
from storage.standing import Standing, standing_of

__all__ = [
    "AnswerReceipt",
    "Heartbeat",
    "LeasedTask",
    "Refusal",
    "RefusalKind",
    "Work",
    "answer",
    "answer_and_next",
    "heartbeat",
    "next_work",
    "return_task",
]

MOST_TRIES: Final = 5
CLASHES: Final = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""Two requests of one associate at once: the schema lets one through, and the other looks again."""

DUTIES_AHEAD: Final = timedelta(days=2)
"""How far the next duty is looked for; the floor is open until tomorrow."""
SHIFTS_AHEAD: Final = timedelta(days=60)
"""How far the next published shift is looked for where no duty is near."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Work:
    """What an associate has in hand now.

    Parameters
    ----------
    open
        The task to answer; ``None`` when there is none, and then `refusal` says why.
    ahead
        The task after it, so that its media can be loaded meanwhile.
    works_until
        When the work before the next break, or before the end of the shift, ends.
    """

    open: LeasedTask | None
    ahead: LeasedTask | None
    refusal: Refusal | None
    works_until: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerReceipt:
    """An answer that was taken, once and for all."""

    task_id: int
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a sign of life brings.

    Parameters
    ----------
    expires_at
        When the open lease expires now; ``None`` without an open lease.
    must_stop_at
        When the work before the next break ends.
    refusal
        Why the associate should not be working, ``None`` for somebody at work.
    """

    expires_at: datetime | None
    must_stop_at: datetime | None
    refusal: Refusal | None


def next_work(engine: Engine, associate_id: int, *, clock: Clock) -> Work:
    """Return what an associate works on now: what is open, else what was loaded ahead, else what is claimed; and one task ahead.

    Asked twice it answers the same, as long as the lease lives.

    Raises
    ------
    NotFoundError
        When there is no such associate.
    """
    now = clock.now()
    with domain_errors(), statements(engine) as connection:
        return _work(connection, associate_id, _retried(lambda: leases.next_work(connection, associate_id, now)), now)


def answer(
    engine: Engine,
    associate_id: int,
    task_id: int,
    token: UUID,
    given: Mapping[str, object],
    *,
    clock: Clock,
    handling_seconds: float | None = None,
) -> AnswerReceipt:
    """Take the answer to the open task.

    Parameters
    ----------
    token
        That of the lease.
    given
        Value by name of the field.
    handling_seconds
        Time spent on it, where the client knows better; never more than since the start of the lease.

    Raises
    ------
    ConflictError
        When it comes too late, twice, or from somebody else: it changes nothing, and the message says why.
    BadInputError
        When it does not fit the form of the queue; the lease goes on.
    NotFoundError
        When there is no such task.
    """
    now = clock.now()
    with domain_errors(), statements(engine) as connection:
        _check_form(connection, task_id, given)
        if not _retried(lambda: leases.answer_task(connection, associate_id, task_id, token, given, now, handling_seconds)):
            raise _not_taken(connection, associate_id, task_id, token, now)
    return AnswerReceipt(task_id, now)


def answer_and_next(
    engine: Engine,
    associate_id: int,
    task_id: int,
    token: UUID,
    given: Mapping[str, object],
    *,
    clock: Clock,
    handling_seconds: float | None = None,
) -> Work:
    """Take the answer to the open task as `answer` does, and return what is next, in one transaction."""
    now = clock.now()
    with domain_errors(), statements(engine) as connection:
        _check_form(connection, task_id, given)
        found = _retried(lambda: leases.answer_and_next(connection, associate_id, task_id, token, given, now, handling_seconds))
        if found is None:
            raise _not_taken(connection, associate_id, task_id, token, now)
        return _work(connection, associate_id, found, now)


def return_task(engine: Engine, associate_id: int, task_id: int, token: UUID, *, clock: Clock) -> Work:
    """Put the open task back, so that somebody else gets it, and return what is next.

    Raises
    ------
    ConflictError
        When the associate does not have it any more.
    NotFoundError
        When there is no such task.
    """
    now = clock.now()
    with domain_errors(), statements(engine) as connection:
        if not _retried(lambda: leases.return_task(connection, associate_id, task_id, token, now)):
            raise _not_taken(connection, associate_id, task_id, token, now, what="return")
        return _work(connection, associate_id, _retried(lambda: leases.next_work(connection, associate_id, now)), now)


def heartbeat(engine: Engine, associate_id: int, *, clock: Clock) -> Heartbeat:
    """Extend the leases of an associate who is still at it; NotFoundError when there is no such associate."""
    now = clock.now()
    with domain_errors(), statements(engine) as connection:
        must_stop_at, expires_at = _retried(lambda: leases.heartbeat(connection, associate_id, now))
        refusal = _refusal(connection, associate_id, now) if must_stop_at is None else None
    return Heartbeat(expires_at, must_stop_at, refusal)


def _work(connection: Connection, associate_id: int, found: InHand, now: datetime) -> Work:
    if found.open is not None:
        return Work(found.open, found.ahead, None, found.works_until)
    return Work(None, None, _refusal(connection, associate_id, now), None)


def _refusal(connection: Connection, associate_id: int, now: datetime) -> Refusal:
    standing = standing_of(connection, associate_id, now)
    if standing is None:
        raise NotFoundError(f"There is no associate {associate_id}.")
    if not needs_duties(standing, now):
        return no_work()
    near = duties.duties_near(connection, associate_id, now, now + DUTIES_AHEAD)
    duty = next((one for one in near if one.starts_at <= now < one.ends_at), None)
    coming = next((one.starts_at for one in near if one.starts_at > now), None)
    return refusal_of(standing, duty, coming or _next_shift(connection, associate_id, standing, now), now)


def _next_shift(connection: Connection, associate_id: int, standing: Standing, now: datetime) -> datetime | None:
    """Return when the next published shift begins, which may lie after days off and leave that no duty reaches across."""
    zone = ZoneInfo(standing.zone_name)
    today = now.astimezone(zone).date()
    days = own_days(connection, associate_id, zone, today, today + SHIFTS_AHEAD, now=now)
    return next((one.shift.starts_at for one in days if one.shift is not None and one.shift.starts_at > now), None)


def _retried(attempt: Callable[[], Found]) -> Found:
    for _ in range(MOST_TRIES - 1):
        try:
            return attempt()
        except CLASHES:
            continue
    return attempt()


def _check_form(connection: Connection, task_id: int, given: Mapping[str, object]) -> None:
    form = leases.form_of_task(connection, task_id)
    if form is None:
        raise NotFoundError(f"There is no task {task_id}.")
    faults = faults_of(form, given)
    if faults:
        raise BadInputError(faults)


def _not_taken(
    connection: Connection, associate_id: int, task_id: int, token: UUID, now: datetime, what: str = "answer"
) -> ConflictError | NotFoundError:  # fmt: skip
    view = leases.view_task(connection, task_id)
    if view is None:
        return NotFoundError(f"There is no task {task_id}.")
    nothing = N_("Your answer changed nothing: %(reason)s") if what == "answer" else N_("Your return changed nothing: %(reason)s")
    return ConflictError(Words(nothing, reason=_reason(view, associate_id, token, now)))


def _reason(view: TaskView, associate_id: int, token: UUID, now: datetime) -> Words:
    if view.state == TaskState.ANSWERED:
        is_own = view.associate_id == associate_id and view.token == token
        own, other = N_("you have answered this task already."), N_("somebody has answered this task already.")
        return Words(own if is_own else other)
    if view.state == TaskState.CANCELLED:
        return Words("the job was withdrawn by its sender.")
    if view.state == TaskState.LEASED and view.token == token and view.associate_id == associate_id:
        if view.is_ahead:
            return Words("this task is only loaded ahead; finish the open one first.")
        if view.expires_at is not None and view.expires_at <= now:
            over = f"{view.expires_at.astimezone(UTC):%H:%M:%S} UTC"
            return Words("the time for this task was over at %(time)s; others get it now.", time=over)
    return Words("you do not have this task any more: its time was over, or it was returned. Go on with the next one.")
