"""Work over JSON: an associate's page or program takes tasks, answers them, gives them back, and says that it is alive."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from services import work
from services.work import LeasedTask, Refusal, Work
from web.api.bodies import body_as
from web.api.presence import own_associate_id
from web.context import clock, engine
from web.speech import in_words

blueprint = Blueprint("api_work", __name__)

LONGEST_HANDLING_SECONDS = 86_400.0


class TaskBody(BaseModel):
    """Which task is meant, by the lease under which it was given."""

    model_config = ConfigDict(extra="forbid")

    task_id: Annotated[int, Field(ge=1, lt=2**63)]
    token: UUID


class AnswerBody(TaskBody):
    """The answer to a task; with `and_next` the response has the next one."""

    given: Annotated[dict[str, Any], Field(max_length=100)]
    and_next: bool = True
    handling_seconds: Annotated[float, Field(ge=0, le=LONGEST_HANDLING_SECONDS)] | None = None


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def task_document(task: LeasedTask | None) -> dict[str, Any] | None:
    """Return a task as a document."""
    if task is None:
        return None
    return {
        "id": task.task_id,
        "token": str(task.token),
        "queue": task.queue_name,
        "media": {"kind": task.media_kind, "url": task.media_url, "text": task.media_text},
        "form": task.form,
        "started_at": _instant(task.started_at),
        "expires_at": _instant(task.expires_at),
        "due_at": _instant(task.due_at),
    }


def refusal_document(refusal: Refusal | None) -> dict[str, Any] | None:
    """Return why there is no work as a document."""
    if refusal is None:
        return None
    return {"kind": refusal.kind.value, "message": in_words(refusal.message), "resumes_at": _instant(refusal.resumes_at)}


def work_document(found: Work) -> dict[str, Any]:
    """Return what an associate has in hand as a document."""
    return {
        "open": task_document(found.open),
        "ahead": task_document(found.ahead),
        "refusal": refusal_document(found.refusal),
        "works_until": _instant(found.works_until),
    }


@blueprint.post("/work/next")
def ask() -> Response:
    """Return what the associate who asks works on now; asked twice it answers the same."""
    return jsonify(work_document(work.next_work(engine(), own_associate_id(), clock=clock())))


@blueprint.post("/work/answer")
def answer() -> Response:
    """Take an answer, once; 409 when it comes too late, twice, or from somebody else, and then nothing has changed."""
    who, body = own_associate_id(), body_as(AnswerBody)
    arguments = (engine(), who, body.task_id, body.token, body.given)
    if body.and_next:
        found = work.answer_and_next(*arguments, clock=clock(), handling_seconds=body.handling_seconds)
        return jsonify(work_document(found))
    receipt = work.answer(*arguments, clock=clock(), handling_seconds=body.handling_seconds)
    return jsonify(task_id=receipt.task_id, answered_at=_instant(receipt.answered_at))


@blueprint.post("/work/return")
def give_back() -> Response:
    """Put the open task back for somebody else, and return what is next."""
    who, body = own_associate_id(), body_as(TaskBody)
    return jsonify(work_document(work.return_task(engine(), who, body.task_id, body.token, clock=clock())))


@blueprint.post("/work/heartbeat")
def live() -> Response:
    """Extend the leases of an associate who is still at it."""
    beat = work.heartbeat(engine(), own_associate_id(), clock=clock())
    return jsonify(
        expires_at=_instant(beat.expires_at),
        must_stop_at=_instant(beat.must_stop_at),
        refusal=refusal_document(beat.refusal),
    )
