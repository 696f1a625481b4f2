"""Answers that were given, for tests of quality, without the floor on which they would be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from psycopg.types.json import Jsonb
from sqlalchemy import Engine

from storage.bulk import raw

_numbers = count(1)


@dataclass(frozen=True)
class Given:
    """One answer; `known` makes its job gold, `is_agreed` one of a double audit."""

    associate_id: int
    queue_id: int
    answered_at: datetime
    seconds: float = 20.0
    given: Mapping[str, object] = field(default_factory=lambda: {"verdict": "ok"})
    known: Mapping[str, object] | None = None
    is_agreed: bool | None = None

    @property
    def is_correct(self) -> bool | None:
        """Whether it is as known."""
        return None if self.known is None else self.known == self.given


JOB = (
    "INSERT INTO job (site_id, queue_id, reference, media_kind, media_url, media_text, priority, arrived_at, due_at, "
    "known_answer, answers_wanted) SELECT site_id, id, %s, 'image', '/media/sample/7.svg', '', 0, %s, %s, %s, %s "
    "FROM queue WHERE id = %s RETURNING id"
)
TASK = (
    "INSERT INTO task (job_id, queue_id, state, rank_at, arrived_at, due_at, is_double, is_gold, associate_id, is_ahead, "
    "lease_token, leased_at, started_at, expires_at) "
    "VALUES (%s, %s, 'answered', %s, %s, %s, %s, %s, %s, false, gen_random_uuid(), %s, %s, %s) RETURNING id"
)
ANSWER = (
    "INSERT INTO answer (task_id, queue_id, associate_id, given, started_at, answered_at, handling_seconds, is_in_sla, "
    "awaits_grading, is_correct, is_agreed) VALUES (%s, %s, %s, %s, %s, %s, %s, true, false, %s, %s)"
)


def answer_all(engine: Engine, given: list[Given]) -> None:
    """Store answers with their jobs and tasks."""
    with engine.begin() as connection:
        driver = raw(connection)
        for one in given:
            started, due = one.answered_at - timedelta(seconds=one.seconds), one.answered_at + timedelta(hours=1)
            arrived, is_double = started - timedelta(minutes=1), one.is_agreed is not None
            known = None if one.known is None else Jsonb(dict(one.known))
            job = driver.execute(JOB, (f"job {next(_numbers)}", arrived, due, known, 1 + is_double, one.queue_id)).fetchone()
            assert job is not None
            lease = (started, started, due)
            gold = one.known is not None
            values = (job[0], one.queue_id, arrived, arrived, due, is_double, gold, one.associate_id, *lease)
            task = driver.execute(TASK, values).fetchone()
            assert task is not None
            facts = (Jsonb(dict(one.given)), started, one.answered_at, one.seconds, one.is_correct, one.is_agreed)
            driver.execute(ANSWER, (task[0], one.queue_id, one.associate_id, *facts))
