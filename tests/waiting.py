"""Jobs that wait, for tests of the floor."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from sqlalchemy import Engine, text

from storage.bulk import raw

_numbers = count(1)

JOBS = (
    "WITH made AS (INSERT INTO job (site_id, queue_id, reference, media_kind, media_url, media_text, priority, arrived_at, "
    "due_at, answers_wanted) SELECT q.site_id, q.id, %(prefix)s || n, 'image', '/media/sample/7.svg', '', 0, "
    "%(now)s - (n %% %(spread)s) * interval '1 second', "
    "%(now)s - (n %% %(spread)s) * interval '1 second' + q.sla_seconds * interval '1 second', 1 "
    "FROM queue q, generate_series(1, %(count)s) n WHERE q.id = %(queue)s RETURNING id, queue_id, arrived_at, due_at) "
    "INSERT INTO task (job_id, queue_id, state, rank_at, arrived_at, due_at, is_double, is_gold) "
    "SELECT id, queue_id, 'waiting', due_at, arrived_at, due_at, false, false FROM made"
)


def put_jobs(engine: Engine, queue_id: int, count: int, now: datetime, *, spread_seconds: int = 600) -> None:
    """Put jobs into a queue that arrived, second by second, in the time before `now`."""
    with engine.begin() as connection:
        given = {"prefix": f"w{next(_numbers)}-", "count": count, "queue": queue_id, "now": now, "spread": spread_seconds}
        raw(connection).execute(JOBS, given)
        raw(connection).execute("UPDATE queue_head SET rank_from = '-infinity' WHERE queue_id = %s", (queue_id,))


def queue_ids(engine: Engine) -> dict[str, int]:
    """Return the queues by name."""
    with engine.connect() as connection:
        return {row.name: row.id for row in connection.execute(text("SELECT id, name FROM queue ORDER BY id"))}


def tasks_by_queue(engine: Engine, state: str = "waiting") -> dict[int, frozenset[int]]:
    """Return the tasks of a state in each queue."""
    query = text("SELECT queue_id, array_agg(id) AS ids FROM task WHERE state = CAST(:state AS task_state) GROUP BY queue_id")
    with engine.connect() as connection:
        return {row.queue_id: frozenset(row.ids) for row in connection.execute(query, {"state": state})}
