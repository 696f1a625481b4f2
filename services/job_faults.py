"""What is wrong with jobs that somebody sends: every fault of every job at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from interchange.faults import FaultList
from scheduling.answer_form import AnswerForm, faults_of, form_of
from scheduling.jobs import DOUBLE_AUDIT_ANSWERS, HIGHEST_PRIORITY, MediaKind, NewJob
from storage.jobs import KnownJob, QueueFacts

MOST_REFERENCE_LENGTH: Final = 200
MOST_URL_LENGTH: Final = 2000
MOST_TEXT_LENGTH: Final = 20_000
LONGEST_DEADLINE: Final = timedelta(days=366)
OWN_MEDIA: Final = ("/static/", "/media/")
"""Where media of this service itself may lie."""
SHOWN_QUEUES: Final = 8
_BLANK_OR_CONTROL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class PlacedJob:
    """A job with the place where it stands in its batch or file, and what the input is called."""

    place: int
    job: NewJob


@dataclass
class JobChecker:
    """Notes the faults of jobs.

    Parameters
    ----------
    file
        What faults call the input.
    queues
        The queues of the site.
    faults
        Gathers the faults; a place is its row.
    """

    file: str
    queues: Mapping[str, QueueFacts]
    faults: FaultList
    now: datetime

    @cached_property
    def forms(self) -> dict[str, AnswerForm]:
        """The answer form of each queue."""
        return {name: form_of(queue.form) for name, queue in self.queues.items()}

    def check(self, placed: Sequence[PlacedJob], known: Mapping[str, KnownJob]) -> None:
        """Note everything that is wrong with jobs.

        Parameters
        ----------
        known
            Jobs that are there already, by reference; they must be the same.
        """
        seen: dict[str, int] = {}
        for one in placed:
            first = seen.setdefault(one.job.reference, one.place)
            if first != one.place:
                self._note(
                    one, "reference", one.job.reference, f"Place {first} has this reference already; leave one of the two out."
                )
            self._check_content(one)
            there = known.get(one.job.reference)
            if there is None:
                self._check_deadline(one)
            else:
                self.check_known(one, there)

    def check_known(self, placed: PlacedJob, there: KnownJob) -> None:
        """Note where a job differs from the one that was sent under the same reference."""
        job = placed.job
        queue = self.queues.get(job.queue)
        same = {
            "queue": queue is None or queue.id == there.queue_id,
            "media_kind": job.media_kind == there.media_kind,
            "media_url": job.media_url == there.media_url,
            "media_text": job.media_text == there.media_text,
            "priority": job.priority == there.priority,
            "due_at": job.due_at is None or job.due_at == there.due_at,
            "known_answer": (None if job.known_answer is None else dict(job.known_answer)) == there.known_answer,
            "answers_wanted": job.answers_wanted == there.answers_wanted,
        }
        for column, is_same in same.items():
            if not is_same:
                reason = f"A job {job.reference!r} was sent before with another {column}; a new job needs a reference of its own."
                self._note(placed, column, getattr(job, column), reason)

    def _check_content(self, placed: PlacedJob) -> None:
        job = placed.job
        if not is_reference(job.reference):
            self._note(
                placed, "reference", job.reference, f"Write 1 to {MOST_REFERENCE_LENGTH} characters without control characters."
            )
        if job.queue not in self.queues:
            known = ", ".join(sorted(self.queues)[:SHOWN_QUEUES]) or "none"
            self._note(placed, "queue", job.queue, f"This is no queue of the site; known: {known}.")
        self._check_media(placed)
        if not 0 <= job.priority <= HIGHEST_PRIORITY:
            self._note(placed, "priority", job.priority, f"A priority is a whole number from 0 to {HIGHEST_PRIORITY}.")
        if not 1 <= job.answers_wanted <= DOUBLE_AUDIT_ANSWERS:
            self._note(placed, "answers_wanted", job.answers_wanted, "Write 1, or 2 for a double audit.")
        form = self.forms.get(job.queue)
        if job.known_answer is not None and form is not None:
            for fault in faults_of(form, job.known_answer):
                self._note(placed, f"known_answer.{fault.column}", fault.value, fault.reason)

    def _check_media(self, placed: PlacedJob) -> None:
        job = placed.job
        if job.media_kind is MediaKind.TEXT:
            if job.media_url:
                self._note(placed, "media_url", job.media_url, "A text has no address; send either a text or an address.")
            if not job.media_text or len(job.media_text) > MOST_TEXT_LENGTH or "\0" in job.media_text:
                self._note(placed, "media_text", job.media_text, f"Write 1 to {MOST_TEXT_LENGTH} characters.")
            return
        if job.media_text:
            self._note(placed, "media_text", job.media_text, "A video or an image has no text; send either a text or an address.")
        reason = fault_of_address(job.media_url)
        if reason:
            self._note(placed, "media_url", job.media_url, reason)

    def _check_deadline(self, placed: PlacedJob) -> None:
        due_at = placed.job.due_at
        if due_at is None:
            return
        if due_at.tzinfo is None:
            self._note(placed, "due_at", due_at.isoformat(), "The deadline has no zone; write it like 2027-01-04T06:15:00+05:30.")
        elif due_at <= self.now:
            self._note(placed, "due_at", due_at.isoformat(), "The deadline is over; leave it out to take the SLA of the queue.")
        elif due_at > self.now + LONGEST_DEADLINE:
            self._note(placed, "due_at", due_at.isoformat(), f"A deadline lies at most {LONGEST_DEADLINE.days} days ahead.")

    def _note(self, placed: PlacedJob, column: str, value: object, reason: str) -> None:
        self.faults.add(self.file, placed.place, column, value, reason)


def is_reference(text: str) -> bool:
    """Return whether a text can be the reference of a job; the database does not even look others up."""
    return 1 <= len(text) <= MOST_REFERENCE_LENGTH and not _CONTROL.search(text)


def fault_of_address(address: str) -> str:
    """Return what is wrong with the address of a medium; empty when nothing is."""
    if not address:
        return "The address of the medium is missing."
    if len(address) > MOST_URL_LENGTH or _BLANK_OR_CONTROL.search(address):
        return f"Write at most {MOST_URL_LENGTH} characters, without blanks, backslashes and control characters."
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "This is no address; write it like https://media.example/item.mp4."
    if parts.scheme in {"http", "https"} and host and "@" not in parts.netloc:
        return ""
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(OWN_MEDIA) and ".." not in parts.path
    return "" if is_own else f"Write an address with http or https, or a path under {' or '.join(OWN_MEDIA)}."
