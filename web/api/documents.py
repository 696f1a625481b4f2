"""The documents that the API gives and takes, as models, so that their description cannot differ from what is sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scheduling.answer_form import FieldKind
from scheduling.jobs import MediaKind
from scheduling.presence import PresenceKind, PresenceState
from services.break_wishes import WishAnswer
from services.refusals import RefusalKind

Instant = Annotated[datetime, Field(description="With its offset, in UTC.")]


class Document(BaseModel):
    """A document with exactly these keys."""

    model_config = ConfigDict(extra="forbid")


class FaultDocument(Document):
    """One thing wrong with a body."""

    index: Annotated[int | None, Field(description="Place in a batch, from 0.")]
    field: str
    value: str
    reason: str


class ErrorDocument(Document):
    """What went wrong, and what to do."""

    error: str
    message: str
    faults: list[FaultDocument] = []


class CredentialsBody(Document):
    """A sign-in."""

    name: str
    password: str


class TokenDocument(Document):
    """An open session; the token goes into the header `Authorization: Bearer`."""

    token: str
    token_type: str
    life_seconds: int


class SentDocument(Document):
    """What became of jobs: how many are new, how many were known, and the ids of all in the order of the batch."""

    new: int
    known: int
    ids: list[int]


class MediaDocument(Document):
    """What is looked at; an address for a video or an image, words for a text."""

    kind: MediaKind
    url: str
    text: str


class FieldDocument(Document):
    """One question of an answer form."""

    name: str
    label: str
    kind: FieldKind
    options: list[str]
    required: bool
    tolerance: float


class FormDocument(Document):
    """What an answer must have."""

    fields: list[FieldDocument]


class TaskDocument(Document):
    """A task in hand; `started_at` is empty for one that is loaded ahead."""

    id: int
    token: UUID
    queue: str
    media: MediaDocument
    form: FormDocument
    started_at: Instant | None
    expires_at: Instant
    due_at: Instant


class RefusalDocument(Document):
    """Why there is no work, and when there is again."""

    kind: RefusalKind
    message: str
    resumes_at: Instant | None


class WorkDocument(Document):
    """What an associate has in hand."""

    open: TaskDocument | None
    ahead: TaskDocument | None
    refusal: RefusalDocument | None
    works_until: Instant | None


class ReceiptDocument(Document):
    """An answer that was taken."""

    task_id: int
    answered_at: Instant


class HeartbeatDocument(Document):
    """Until when the open lease lives, and until when there is work."""

    expires_at: Instant | None
    must_stop_at: Instant | None
    refusal: RefusalDocument | None


class PresenceBody(Document):
    """Something that happened; without `occurred_at` it happened now."""

    id: UUID
    kind: PresenceKind
    occurred_at: datetime | None = None


class BreakDocument(Document):
    """One planned break."""

    kind: str
    starts_at: Instant
    ends_at: Instant
    is_productive: bool


class DutyDocument(Document):
    """One shift, on the local date on which it starts."""

    day: date
    starts_at: Instant
    ends_at: Instant
    breaks: list[BreakDocument]
    is_absent: bool


class DeskDocument(Document):
    """What the floor knows of an associate at this moment."""

    state: PresenceState
    since: Instant | None
    duty: DutyDocument | None
    next_duty: DutyDocument | None
    break_now: BreakDocument | None
    next_break: BreakDocument | None
    zone: str


class OwnDayDocument(Document):
    """One published day of one's own; without a shift the times are empty. `changed`: since one last looked."""

    day: date
    kind: str
    shift: str | None
    starts_at: Instant | None
    ends_at: Instant | None
    place: str | None
    productive_minutes: int | None
    breaks: list[BreakDocument]
    changed: bool


class TodayDocument(Document):
    """The shift that goes on and the next one, and what waits to be read or confirmed."""

    day: date
    zone: str
    current: OwnDayDocument | None
    coming: OwnDayDocument | None
    unread_notices: int
    changed_days: list[date]
    to_confirm: list[int]


class OwnDaysDocument(Document):
    """Published days between two dates; days without a roster are left out."""

    zone: str
    first_day: date
    last_day: date
    days: list[OwnDayDocument]


class EmptyBody(Document):
    """Nothing."""


class OpenApiDocument(BaseModel):
    """The description of the API."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


class WishDocument(Document):
    """The answer to a wish for a break at another time; `nearest` is the nearest start that can be had where this cannot."""

    answer: WishAnswer
    message: str
    nearest: Instant | None
    accepted: bool
