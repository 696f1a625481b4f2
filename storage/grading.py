"""Grading: answers that wait to be compared with a known answer or with that of somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from storage.bulk import raw

# The second task of a double audit is found by the index that keeps its two associates apart.
GRADABLE: Final = (
    "SELECT a.task_id, q.form::text, a.given, CASE WHEN t.is_gold THEN j.known_answer END, e.given, e.open "
    "FROM answer a JOIN task t ON t.id = a.task_id JOIN job j ON j.id = t.job_id JOIN queue q ON q.id = t.queue_id "
    "LEFT JOIN LATERAL (SELECT b.given, o.state IN ('waiting', 'leased') AS open FROM task o "
    "LEFT JOIN answer b ON b.task_id = o.id "
    "WHERE t.is_double AND o.job_id = t.job_id AND o.is_double AND o.id <> t.id) e ON true "
    "WHERE a.awaits_grading AND ((t.is_gold AND a.is_correct IS NULL) OR e.open IS NOT TRUE) "
    "ORDER BY a.task_id LIMIT %s FOR UPDATE OF a SKIP LOCKED"
)
WRITE: Final = (
    "UPDATE answer a SET is_correct = g.is_correct, is_agreed = g.is_agreed, awaits_grading = g.awaits "
    "FROM unnest(%s::bigint[], %s::boolean[], %s::boolean[], %s::boolean[]) AS g (task_id, is_correct, is_agreed, awaits) "
    "WHERE a.task_id = g.task_id"
)


@dataclass(frozen=True, slots=True)
class Gradable:
    """An answer that can be graded now.

    Parameters
    ----------
    form
        Text of the document of the form.
    known
        The right answer, of a gold job.
    other
        What the other associate said, in a double audit that has both answers.
    other_is_open
        Whether the other answer of a double audit is still to come.
    """

    task_id: int
    form: str
    given: Mapping[str, Any]
    known: Mapping[str, Any] | None
    other: Mapping[str, Any] | None
    other_is_open: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """What is known of an answer: ``None`` where nothing is."""

    task_id: int
    is_correct: bool | None
    is_agreed: bool | None
    awaits_more: bool


def lock_gradable(connection: Connection, most: int) -> list[Gradable]:
    """Return answers that can be graded now, and that nobody else grades before the transaction ends."""
    rows = raw(connection).execute(GRADABLE, (most,))
    return [Gradable(task, form, given, known, other, bool(is_open)) for task, form, given, known, other, is_open in rows]


def write_grades(connection: Connection, grades: Sequence[Grade]) -> None:
    """Write what is known of answers."""
    columns = (
        [one.task_id for one in grades],
        [one.is_correct for one in grades],
        [one.is_agreed for one in grades],
        [one.awaits_more for one in grades],
    )
    raw(connection).execute(WRITE, columns)
