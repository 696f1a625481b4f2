"""Jobs over JSON: a program hands in work, and withdraws it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError
from werkzeug.exceptions import BadRequest

from scheduling.errors import BadInputError, Fault, NotFoundError
from scheduling.jobs import DOUBLE_AUDIT_ANSWERS, HIGHEST_PRIORITY, MOST_JOBS_AT_ONCE, MediaKind, NewJob
from services import jobs
from services.job_faults import MOST_REFERENCE_LENGTH, MOST_TEXT_LENGTH, MOST_URL_LENGTH, PlacedJob
from web.access import current_user
from web.api.bodies import fault_of
from web.context import clock, engine, first_site
from web.json_input import sent_json

blueprint = Blueprint("api_jobs", __name__)

FORM: Final = 'Send one job, or {"jobs": [...]} with 1 to 1,000 of them, as application/json.'


class Media(BaseModel):
    """What an associate looks at: a video or an image by its address, a text as it stands."""

    model_config = ConfigDict(extra="forbid")

    kind: MediaKind
    url: Annotated[str, Field(max_length=MOST_URL_LENGTH)] = ""
    text: Annotated[str, Field(max_length=MOST_TEXT_LENGTH)] = ""


class JobBody(BaseModel):
    """One job; without `due_at` it has the SLA of its queue."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str, Field(min_length=1, max_length=MOST_REFERENCE_LENGTH)]
    queue: Annotated[str, Field(min_length=1, max_length=200)]
    media: Media
    priority: Annotated[StrictInt, Field(ge=0, le=HIGHEST_PRIORITY)] = 0
    due_at: datetime | None = None
    known_answer: Annotated[dict[str, Any], Field(max_length=100)] | None = None
    answers_wanted: Annotated[StrictInt, Field(ge=1, le=DOUBLE_AUDIT_ANSWERS)] = 1

    def job(self) -> NewJob:
        """Return it as the domain has it."""
        return NewJob(
            reference=self.reference,
            queue=self.queue,
            media_kind=self.media.kind,
            media_url=self.media.url,
            media_text=self.media.text,
            priority=self.priority,
            due_at=self.due_at,
            known_answer=self.known_answer,
            answers_wanted=self.answers_wanted,
        )


class JobsBody(BaseModel):
    """A batch, taken whole or not at all."""

    model_config = ConfigDict(extra="forbid")

    jobs: Annotated[list[JobBody], Field(min_length=1, max_length=MOST_JOBS_AT_ONCE)]


def given_jobs() -> list[Any]:
    """Return the jobs of the body, unread: one alone, or a batch; BadRequest when it is neither."""
    body = sent_json()
    match body:
        case {"jobs": list(listed), **rest} if not rest:
            return listed
        case {"reference": _}:
            return [body]
    raise BadRequest(FORM)


def read_jobs(given: list[Any]) -> tuple[list[PlacedJob], list[Fault]]:
    """Return the jobs that can be read with their places, and the faults of the others."""
    placed, faults = [], []
    for place, one in enumerate(given):
        try:
            placed.append(PlacedJob(place, JobBody.model_validate(one).job()))
        except ValidationError as error:
            faults += [fault_of(fault, file=jobs.BATCH, row=place) for fault in error.errors()]
    return placed, faults


def site_id() -> int:
    """Return the site for which somebody sends: that of a service token, else the first one."""
    if current_user().site_id is not None:
        return int(current_user().site_id or 0)
    site = first_site()
    if site is None:
        raise NotFoundError("There is no site yet; load an operation first.")
    return site.id


@blueprint.post("/jobs")
def send() -> tuple[Response, int]:
    """Take jobs, all of them or none; one whose reference is known is not taken again."""
    placed, faults = read_jobs(given_jobs()[: MOST_JOBS_AT_ONCE + 1])
    if faults:
        faults += jobs.faults_of(engine(), site_id(), placed, clock=clock())
        raise BadInputError(sorted(faults, key=lambda one: (one.row or 0, one.column)))
    sent = jobs.send_jobs(engine(), site_id(), [one.job for one in placed], by=current_user().name, clock=clock())
    return jsonify(new=sent.new, known=sent.known, ids=sent.ids), 201 if sent.new else 200


@blueprint.delete("/jobs/<path:reference>")
def cancel(reference: str) -> tuple[str, int]:
    """Withdraw a job; 409 when it is answered already."""
    jobs.cancel_job(engine(), site_id(), reference, by=current_user().name, clock=clock())
    return "", 204
