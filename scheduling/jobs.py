"""Jobs: single items of work, and the answers that are wanted for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

HIGHEST_PRIORITY: Final = 9
MOST_JOBS_AT_ONCE: Final = 1000
"""Largest batch that is taken in one request."""
DOUBLE_AUDIT_ANSWERS: Final = 2


class MediaKind(StrEnum):
    """What an associate looks at."""

    VIDEO = "video"
    IMAGE = "image"
    TEXT = "text"


class TaskState(StrEnum):
    """Where one wanted answer stands; a job that needs two answers has two tasks."""

    WAITING = "waiting"
    """In its queue."""
    LEASED = "leased"
    """In the hands of one associate, or loaded ahead for them, until the lease expires."""
    ANSWERED = "answered"
    """Answered, once and for all."""
    CANCELLED = "cancelled"
    """Withdrawn by whoever sent the job."""


@dataclass(frozen=True)
class NewJob:
    """A job as a caller sends it.

    Parameters
    ----------
    reference
        The caller's own name of the job; one that is already known is not taken again.
    queue
        Name of the queue.
    media_url
        Address of the video or image; empty for a text.
    media_text
        The text itself; empty for a video or an image.
    priority
        0 to `HIGHEST_PRIORITY`; each step is worth one SLA of waiting.
    due_at
        Deadline; ``None`` takes the SLA of the queue.
    known_answer
        The right answer of a gold job, by field; never shown to an associate.
    answers_wanted
        1, or 2 for a double audit by two associates.
    """

    reference: str
    queue: str
    media_kind: MediaKind
    media_url: str = ""
    media_text: str = ""
    priority: int = 0
    due_at: datetime | None = None
    known_answer: Mapping[str, object] | None = None
    answers_wanted: int = 1
