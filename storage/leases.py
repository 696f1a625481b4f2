"""Leases: claims, answers, returns, heartbeats and the sweep, each one prepared statement.

The rules stand in functions of the database, made and replaced by migrations, so that a claim is one round trip. Every function
here takes a connection of `storage.driver.statements`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Json
from sqlalchemy import Connection

from scheduling.answer_form import AnswerForm, document_of, form_of
from storage.bulk import raw

COLUMNS: Final = (
    "is_ahead, task_id, job_id, queue_id, queue_name, lease_token, media_kind, media_url, media_text, form, started_at, "
    "expires_at, due_at, works_until"
)
NEXT: Final = f"SELECT {COLUMNS} FROM next_work(%s::bigint, %s::timestamptz)"  # noqa: S608 (our own words)
ANSWER: Final = "SELECT answer_task(%s::bigint, %s::bigint, %s::uuid, %s::jsonb, %s::timestamptz, %s::float8)"
ANSWER_AND_NEXT: Final = (
    f"SELECT {COLUMNS} FROM answer_and_next(%s::bigint, %s::bigint, %s::uuid, %s::jsonb, %s::timestamptz, %s::float8)"  # noqa: S608 (our own words)
)
RETURN: Final = "SELECT return_task(%s::bigint, %s::bigint, %s::uuid, %s::timestamptz)"
FORM: Final = "SELECT answer_form(%s::bigint)"
STATE: Final = "SELECT state::text, associate_id, is_ahead, expires_at, lease_token FROM task WHERE id = %s"
SWEEP: Final = "SELECT sweep_leases(%s::timestamptz)"
HEARTBEAT: Final = "SELECT works_until, expires_at FROM extend_leases(%s::bigint, %s::timestamptz)"


@dataclass(frozen=True, slots=True)
class LeasedTask:
    """A task in the hands of an associate, with everything that a page needs to show it.

    Parameters
    ----------
    token
        Proves that an answer comes from this lease.
    form
        Document of the answer form, see `scheduling.answer_form`.
    started_at
        ``None`` for a task that is loaded ahead.
    expires_at
        From then on no answer is taken, and the task may be given to somebody else.
    """

    task_id: int
    job_id: int
    queue_id: int
    queue_name: str
    token: UUID
    media_kind: str
    media_url: str
    media_text: str
    form: dict[str, object]
    started_at: datetime | None
    expires_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class InHand:
    """What an associate has after a claim: the open task and the one loaded ahead, and when the work before a break ends."""

    open: LeasedTask | None = None
    ahead: LeasedTask | None = None
    works_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskView:
    """Where a task stands, to tell why an answer to it was not taken."""

    state: str
    associate_id: int | None
    is_ahead: bool | None
    expires_at: datetime | None
    token: UUID | None


@lru_cache(maxsize=512)
def _read_form(text: str) -> tuple[AnswerForm, dict[str, object]]:
    form = form_of(json.loads(text))
    return form, document_of(form)


def _in_hand(rows: Iterable[tuple[Any, ...]]) -> InHand:
    found: dict[bool, LeasedTask] = {}
    works_until = None
    for is_ahead, task, job, queue, name, token, kind, url, words, form, started_at, expires_at, due_at, until in rows:
        if task is not None:
            document = _read_form(form)[1]
            found[is_ahead] = LeasedTask(
                task, job, queue, name, token, kind, url, words, document, started_at, expires_at, due_at
            )  # fmt: skip
            works_until = until
    return InHand(found.get(False), found.get(True), works_until)


def next_work(connection: Connection, associate_id: int, now: datetime) -> InHand:
    """Return what the associate has, after promoting and claiming what is missing; nothing when there is nothing to do now."""
    return _in_hand(raw(connection).execute(NEXT, (associate_id, now), prepare=True))


def answer_task(
    connection: Connection,
    associate_id: int,
    task_id: int,
    token: UUID,
    given: Mapping[str, object],
    now: datetime,
    handling_seconds: float | None,
) -> bool:
    """Take the answer to a task by its lease; return whether it was taken, for otherwise nothing happened."""
    arguments = (associate_id, task_id, token, Json(given), now, handling_seconds)
    row = raw(connection).execute(ANSWER, arguments, prepare=True).fetchone()
    return bool(row and row[0])


def answer_and_next(
    connection: Connection,
    associate_id: int,
    task_id: int,
    token: UUID,
    given: Mapping[str, object],
    now: datetime,
    handling_seconds: float | None,
) -> InHand | None:
    """Take the answer as `answer_task` does, and return what the associate has then; ``None`` when it was not taken."""
    arguments = (associate_id, task_id, token, Json(given), now, handling_seconds)
    rows = raw(connection).execute(ANSWER_AND_NEXT, arguments, prepare=True).fetchall()
    return _in_hand(rows) if rows else None


def return_task(connection: Connection, associate_id: int, task_id: int, token: UUID, now: datetime) -> bool:
    """Put the open task back, so that somebody else gets it; return whether the associate had it."""
    row = raw(connection).execute(RETURN, (associate_id, task_id, token, now), prepare=True).fetchone()
    return bool(row and row[0])


def form_of_task(connection: Connection, task_id: int) -> AnswerForm | None:
    """Return the answer form of a task; ``None`` when there is no such task."""
    row = raw(connection).execute(FORM, (task_id,), prepare=True).fetchone()
    return _read_form(row[0])[0] if row and row[0] else None


def view_task(connection: Connection, task_id: int) -> TaskView | None:
    """Return where a task stands; ``None`` when there is no such task."""
    row = raw(connection).execute(STATE, (task_id,), prepare=True).fetchone()
    return TaskView(*row) if row else None


def heartbeat(connection: Connection, associate_id: int, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Extend the leases of an associate at work; return when the work ends, and when the open lease expires.

    The first is ``None`` for somebody who is not at work, the second when there is no open lease.
    """
    row = raw(connection).execute(HEARTBEAT, (associate_id, now), prepare=True).fetchone()
    return (row[0], row[1]) if row else (None, None)


def sweep_leases(connection: Connection, now: datetime) -> int:
    """Put the tasks of expired leases back into their queues; return their number."""
    row = raw(connection).execute(SWEEP, (now,), prepare=True).fetchone()
    return int(row[0]) if row else 0
