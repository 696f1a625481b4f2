"""Jobs: what comes in, the tasks that are made of it, and how many stand where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Json
from sqlalchemy import Connection

from scheduling.jobs import TaskState
from storage.bulk import raw

QUEUES: Final = "SELECT name, id, sla_seconds, form FROM queue WHERE site_id = %s"
KNOWN: Final = (
    "SELECT reference, id, queue_id, media_kind::text, media_url, media_text, priority, due_at, known_answer, answers_wanted "
    "FROM job WHERE site_id = %s AND reference = ANY(%s)"
)
INSERT_JOBS: Final = (
    "INSERT INTO job (site_id, queue_id, reference, media_kind, media_url, media_text, priority, arrived_at, due_at, "
    "known_answer, answers_wanted) "
    "SELECT %s, g.queue_id, g.reference, g.media_kind::media_kind, g.media_url, g.media_text, g.priority, %s, "
    "g.due_at, g.known_answer, g.answers_wanted FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], "
    "%s::smallint[], %s::timestamptz[], %s::jsonb[], %s::smallint[]) WITH ORDINALITY AS g (queue_id, reference, media_kind, "
    "media_url, media_text, priority, due_at, known_answer, answers_wanted, place) ORDER BY g.place "
    "ON CONFLICT (site_id, reference) DO NOTHING RETURNING reference, id"
)
# The tasks of a job are found by their ids, so that no index has to be kept up while they are claimed.
INSERT_TASKS: Final = (
    "INSERT INTO task (id, job_id, queue_id, state, rank_at, arrived_at, due_at, is_double, is_gold) "
    "SELECT 2 * g.job_id + number, g.job_id, g.queue_id, 'waiting', g.rank_at, %s, g.due_at, g.wanted > 1, g.is_gold "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::smallint[], %s::boolean[]) "
    "AS g (job_id, queue_id, rank_at, due_at, wanted, is_gold) CROSS JOIN generate_series(0, 1) AS number "
    "WHERE number < g.wanted ORDER BY g.job_id, number"
)
LOWER_HEADS: Final = (
    "SELECT lower_queue_head(g.queue_id, g.rank_at) FROM (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) "
    "AS u (queue_id, rank_at) ORDER BY queue_id) g"
)
ROUTES: Final = (
    "SELECT from_queue_id, to_queue_id, share, credit FROM route WHERE from_queue_id = ANY(%s) ORDER BY 1, 2 FOR UPDATE"
)
CREDIT: Final = (
    "UPDATE route r SET credit = g.credit FROM unnest(%s::bigint[], %s::bigint[], %s::float8[]) AS g (source, target, credit) "
    "WHERE r.from_queue_id = g.source AND r.to_queue_id = g.target"
)
CANCEL: Final = (
    "WITH these AS (SELECT t.id FROM task t WHERE t.id IN (2 * %(job)s::bigint, 2 * %(job)s::bigint + 1) AND t.job_id = %(job)s "
    "AND t.state IN ('waiting', 'leased') ORDER BY t.id FOR UPDATE) "
    "UPDATE task SET state = 'cancelled', associate_id = NULL, is_ahead = NULL, lease_token = NULL, leased_at = NULL, "
    "started_at = NULL, expires_at = NULL FROM these WHERE task.id = these.id AND task.state IN ('waiting', 'leased')"
)
STATES: Final = "SELECT t.state FROM task t WHERE t.id IN (2 * %(job)s::bigint, 2 * %(job)s::bigint + 1) AND t.job_id = %(job)s"
COUNTS: Final = "SELECT t.state, count(*) FROM task t JOIN queue q ON q.id = t.queue_id WHERE q.site_id = %s GROUP BY t.state"
UPLOAD: Final = (
    "INSERT INTO upload (site_id, file_name, jobs, known_jobs, uploaded_by, uploaded_at) VALUES (%s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What the arrival of a job asks of its queue.

    Parameters
    ----------
    form
        Document of the answer form.
    """

    id: int
    sla_seconds: int
    form: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class KnownJob:
    """A job that is there already."""

    id: int
    queue_id: int
    media_kind: str
    media_url: str
    media_text: str
    priority: int
    due_at: datetime
    known_answer: Mapping[str, object] | None
    answers_wanted: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job to be written.

    Parameters
    ----------
    queue_id
        The queue in which it arrives.
    rank_at
        By which the tasks of a queue are ordered.
    """

    queue_id: int
    reference: str
    media_kind: str
    media_url: str
    media_text: str
    priority: int
    due_at: datetime
    rank_at: datetime
    known_answer: Mapping[str, object] | None
    answers_wanted: int


@dataclass(frozen=True, slots=True)
class Route:
    """A share of what arrives in one queue that goes to another."""

    from_queue_id: int
    to_queue_id: int
    share: float
    credit: float


def queues_of(connection: Connection, site_id: int) -> dict[str, QueueFacts]:
    """Return the queues of a site by name."""
    return {name: QueueFacts(*facts) for name, *facts in raw(connection).execute(QUEUES, (site_id,))}


def known_jobs(connection: Connection, site_id: int, references: Collection[str]) -> dict[str, KnownJob]:
    """Return those jobs of a site that are there already, by reference."""
    rows = raw(connection).execute(KNOWN, (site_id, list(references)))
    return {reference: KnownJob(*facts) for reference, *facts in rows}


def lower_heads(connection: Connection, ranks: Mapping[int, datetime]) -> None:
    """Let claims look from these ranks on, if they look from later ones now, and keep that so to the end of the transaction.

    Whoever puts tasks into queues does this first, all queues at once, in the order of their ids.
    """
    if ranks:
        raw(connection).execute(LOWER_HEADS, (list(ranks), list(ranks.values())))


def lock_routes(connection: Connection, queue_ids: Collection[int]) -> list[Route]:
    """Return the routes out of queues, in the order of their ends, and let nobody else use them before the transaction ends."""
    return [Route(*row) for row in raw(connection).execute(ROUTES, (list(queue_ids),))]


def write_credits(connection: Connection, owed: Mapping[tuple[int, int], float]) -> None:
    """Write what routes, by their two ends, are owed now."""
    if owed:
        ends = list(owed)
        raw(connection).execute(CREDIT, ([one for one, _ in ends], [other for _, other in ends], list(owed.values())))


def insert_jobs(connection: Connection, site_id: int, rows: Sequence[JobRow], arrived_at: datetime) -> dict[str, int]:
    """Write jobs; return the id by reference of those that were not there yet."""
    found = raw(connection).execute(
        INSERT_JOBS,
        (
            site_id,
            arrived_at,
            [row.queue_id for row in rows],
            [row.reference for row in rows],
            [row.media_kind for row in rows],
            [row.media_url for row in rows],
            [row.media_text for row in rows],
            [row.priority for row in rows],
            [row.due_at for row in rows],
            [None if row.known_answer is None else Json(row.known_answer) for row in rows],
            [row.answers_wanted for row in rows],
        ),
    )
    return dict(found.fetchall())


def insert_tasks(connection: Connection, tasks: Iterable[tuple[int, int, JobRow]], arrived_at: datetime) -> None:
    """Write the tasks of new jobs, each as the id of the job, the queue that it goes into, and the job."""
    listed = list(tasks)
    if not listed:
        return
    raw(connection).execute(
        INSERT_TASKS,
        (
            arrived_at,
            [job for job, _, _ in listed],
            [queue for _, queue, _ in listed],
            [row.rank_at for _, _, row in listed],
            [row.due_at for _, _, row in listed],
            [row.answers_wanted for _, _, row in listed],
            [row.known_answer is not None for _, _, row in listed],
        ),
    )


def cancel_tasks(connection: Connection, job_id: int) -> int:
    """Cancel what is not answered yet of a job; return the number of tasks."""
    return int(raw(connection).execute(CANCEL, {"job": job_id}).rowcount)


def task_states(connection: Connection, job_id: int) -> tuple[TaskState, ...]:
    """Return where the tasks of a job stand."""
    return tuple(TaskState(row[0]) for row in raw(connection).execute(STATES, {"job": job_id}))


def count_tasks(connection: Connection, site_id: int) -> dict[TaskState, int]:
    """Return how many tasks of a site stand where; the states that none has are zero."""
    found: dict[str, Any] = dict(raw(connection).execute(COUNTS, (site_id,)).fetchall())
    return {state: int(found.get(state.value, 0)) for state in TaskState}


def insert_upload(
    connection: Connection, site_id: int, file_name: str, *, jobs: int, known: int, by: str, at: datetime
) -> None:  # fmt: skip
    """Keep that a file of jobs was taken."""
    raw(connection).execute(UPLOAD, (site_id, file_name, jobs, known, by, at))
