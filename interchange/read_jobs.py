"""The file of jobs: backlog that is handed in at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from interchange.faults import FaultList
from interchange.rows import FIRST_YEAR, LAST_YEAR, Row
from interchange.tables import Columns, read_csv
from scheduling.jobs import DOUBLE_AUDIT_ANSWERS, HIGHEST_PRIORITY, MediaKind, NewJob

JOBS: Final = Columns(
    ("reference", "queue", "media_kind"),
    optional=("media_url", "media_text", "priority", "due_at", "known_answer", "answers_wanted"),
)
MOST_JOBS: Final = 500_000
KINDS: Final = tuple(kind.value for kind in MediaKind)


def read_jobs(path: Path, faults: FaultList) -> Iterator[tuple[int, NewJob]]:
    """Yield the jobs of a CSV file with their lines; rows with a cell that cannot be read are noted and left out.

    Columns ``reference``, ``queue``, ``media_kind``, and where wanted ``media_url``, ``media_text``, ``priority`` (0),
    ``due_at`` (ISO time with offset), ``known_answer`` (a JSON object), ``answers_wanted`` (1).
    """
    found = False
    for row in read_csv(path, JOBS, faults, MOST_JOBS):
        found = True
        before = faults.count(path.name)
        job = _job(row)
        if job is not None and faults.count(path.name) == before:
            yield row.line, job
    if not found and not faults.count(path.name):
        faults.add(path.name, None, "", "", "There is no job; add at least one row.")


def _job(row: Row) -> NewJob | None:
    kind = row.known("media_kind", KINDS, f"no kind of medium; write {', '.join(KINDS)}")
    priority = row.whole("priority", 0, HIGHEST_PRIORITY) if row.cell("priority") else 0
    wanted = row.whole("answers_wanted", 1, DOUBLE_AUDIT_ANSWERS) if row.cell("answers_wanted") else 1
    due_at, known_answer = _due_at(row), _known_answer(row)
    reference, queue = row.text("reference"), row.text("queue")
    if kind is None or priority is None or wanted is None or reference is None or queue is None:
        return None
    return NewJob(
        reference=reference,
        queue=queue,
        media_kind=MediaKind(kind),
        media_url=row.cell("media_url"),
        media_text=row.cell("media_text"),
        priority=priority,
        due_at=due_at,
        known_answer=known_answer,
        answers_wanted=wanted,
    )


def _due_at(row: Row) -> datetime | None:
    """Return the deadline; seconds count, other than in the files of planning."""
    text = row.cell("due_at")
    if not text:
        return None
    try:
        due_at = datetime.fromisoformat(text)
    except ValueError:
        due_at = None
    if due_at is None or due_at.tzinfo is None or not FIRST_YEAR < due_at.year < LAST_YEAR:
        row.fault("due_at", "This is no time with an offset; write it like 2027-01-04T06:15:00+05:30.")
        return None
    return due_at.astimezone(UTC)


def _known_answer(row: Row) -> dict[str, object] | None:
    text = row.cell("known_answer")
    if not text:
        return None
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        row.fault("known_answer", 'This is no answer; write it like {"verdict": "ok"}, with the names of the queue\'s form.')
        return None
    return answer
