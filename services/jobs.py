"""Jobs: taking what callers send, whole or not at all, and withdrawing a job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from allocation.policy import rank_at
from allocation.routing import spread
from interchange.faults import FaultList
from interchange.read_jobs import read_jobs
from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.jobs import MOST_JOBS_AT_ONCE, NewJob, TaskState
from scheduling.times import Clock
from services.job_faults import JobChecker, PlacedJob, is_reference
from storage import jobs as store
from storage.bulk import refresh_statistics
from storage.errors import domain_errors
from storage.jobs import JobRow, QueueFacts
from storage.rosters import record

__all__ = ["NewJob", "SentJobs", "cancel_job", "count_tasks", "faults_of", "import_csv", "send_jobs"]

BATCH: Final = "jobs"
"""What faults of a batch call it; their row is the place in the batch, from 0."""
CHUNK_JOBS: Final = 5000
MOST_TRIES: Final = 3


@dataclass(frozen=True)
class SentJobs:
    """What became of jobs that were sent.

    Parameters
    ----------
    new, known
        How many are new, and how many were there already.
    ids
        Of all of them, in the order in which they were sent.
    """

    new: int
    known: int
    ids: tuple[int, ...]


def send_jobs(engine: Engine, site_id: int, jobs: Sequence[NewJob], *, by: str, clock: Clock) -> SentJobs:
    """Take up to a thousand jobs, all of them or none; a job whose reference is known is not taken again.

    Raises
    ------
    BadInputError
        With every fault of every job.
    """
    faults = FaultList()
    if not 1 <= len(jobs) <= MOST_JOBS_AT_ONCE:
        faults.add(BATCH, None, "", len(jobs), f"Send 1 to {MOST_JOBS_AT_ONCE:,} jobs at once.")
        faults.raise_if_any()
    placed = [PlacedJob(place, job) for place, job in enumerate(jobs)]
    return _taken_again_after_deadlock(engine, _Intake(site_id, BATCH, placed, faults, clock.now()))


def faults_of(engine: Engine, site_id: int, placed: Sequence[PlacedJob], *, clock: Clock) -> tuple[Fault, ...]:
    """Return everything that is wrong with jobs of a batch, without taking any."""
    intake = _Intake(site_id, BATCH, placed, FaultList(), clock.now())
    with domain_errors(), engine.connect() as connection:
        try:
            intake.rows(connection)
        except BadInputError as error:
            return error.faults
    return ()


def import_csv(engine: Engine, site_id: int, path: Path, *, by: str, clock: Clock) -> SentJobs:
    """Take a CSV file of jobs, all of them or none.

    Raises
    ------
    BadInputError
        With every fault, by row and column.
    """
    now, faults = clock.now(), FaultList()
    placed = [PlacedJob(line, job) for line, job in read_jobs(path, faults)]
    intake = _Intake(site_id, path.name, placed, faults, now)
    with domain_errors(), engine.begin() as connection:
        # On its own, so that nobody who puts something into these queues has to wait while the file is written.
        rows = intake.rows(connection)
        store.lower_heads(connection, _least_ranks(connection, rows))
    sent = _taken_again_after_deadlock(engine, intake, upload=(path.name, by))
    with domain_errors(), engine.begin() as connection:
        refresh_statistics(connection, "job", "task")
    return sent


def cancel_job(engine: Engine, site_id: int, reference: str, *, by: str, clock: Clock) -> None:
    """Withdraw a job: what is not answered yet never will be; cancelling it again changes nothing.

    Raises
    ------
    NotFoundError
        When the site has no job with this reference.
    ConflictError
        When it is answered already.
    """
    with domain_errors(), engine.begin() as connection:
        known = store.known_jobs(connection, site_id, [reference]).get(reference) if is_reference(reference) else None
        if known is None:
            raise NotFoundError(f"There is no job {reference!r}.")
        if store.cancel_tasks(connection, known.id):
            record(connection, clock.now(), by, "job cancelled", ("job", known.id), None, reference=reference)
        elif TaskState.CANCELLED not in store.task_states(connection, known.id):
            raise ConflictError(f"The job {reference!r} is answered already; it cannot be withdrawn any more.")


def count_tasks(engine: Engine, site_id: int) -> dict[TaskState, int]:
    """Return how many tasks of a site stand where."""
    with domain_errors(), engine.connect() as connection:
        return store.count_tasks(connection, site_id)


@dataclass
class _Intake:
    """Jobs on their way in."""

    site_id: int
    file: str
    placed: Sequence[PlacedJob]
    faults: FaultList
    now: datetime

    def rows(self, connection: Connection) -> list[JobRow]:
        """Return the jobs as they are written, with those that are known; BadInputError with every fault."""
        queues = store.queues_of(connection, self.site_id)
        references = [one.job.reference for one in self.placed]
        known = store.known_jobs(connection, self.site_id, list(filter(is_reference, references)))
        checker = JobChecker(self.file, queues, self.faults, self.now)
        checker.check(self.placed, known)
        self.faults.raise_if_any()
        self.known = {reference: one.id for reference, one in known.items()}
        return [_row(one.job, queues[one.job.queue], self.now) for one in self.placed]

    def take(self, connection: Connection) -> SentJobs:
        """Write what is new."""
        fresh = [row for row in self.rows(connection) if row.reference not in self.known]
        targets = _Targets(connection, fresh)
        new: dict[str, int] = {}
        for first in range(0, len(fresh), CHUNK_JOBS):
            chunk = fresh[first : first + CHUNK_JOBS]
            made = store.insert_jobs(connection, self.site_id, chunk, self.now)
            written = [row for row in chunk if row.reference in made]
            store.insert_tasks(
                connection,
                ((made[row.reference], queue, row) for row, queue in zip(written, targets.of(written), strict=True)),
                self.now,
            )
            new |= made
        targets.keep(connection)
        ids = {**self.known, **self._sent_meanwhile(connection, fresh, new), **new}
        return SentJobs(len(new), len(self.placed) - len(new), tuple(ids[one.job.reference] for one in self.placed))

    def _sent_meanwhile(self, connection: Connection, fresh: Sequence[JobRow], new: Mapping[str, int]) -> dict[str, int]:
        """Return the ids of jobs that somebody else sent at the same time; they must be the same too."""
        missing = [row.reference for row in fresh if row.reference not in new]
        if not missing:
            return {}
        there = store.known_jobs(connection, self.site_id, missing)
        checker = JobChecker(self.file, store.queues_of(connection, self.site_id), self.faults, self.now)
        for one in self.placed:
            if one.job.reference in there:
                checker.check_known(one, there[one.job.reference])
        self.faults.raise_if_any()
        return {reference: one.id for reference, one in there.items()}


class _Targets:
    """The queues that jobs go into: their own, unless a share of it is routed elsewhere."""

    def __init__(self, connection: Connection, rows: Sequence[JobRow]) -> None:
        sources = {row.queue_id for row in rows}
        self._shares: dict[int, dict[int, float]] = defaultdict(dict)
        self._credits: dict[int, dict[int, float]] = defaultdict(dict)
        for route in store.lock_routes(connection, sources):
            self._shares[route.from_queue_id][route.to_queue_id] = route.share
            self._credits[route.from_queue_id][route.to_queue_id] = route.credit
        # Before anything is written, see `advance_queue_heads`.
        store.lower_heads(connection, _ranks_with_routes(rows, self._shares))

    def of(self, rows: Sequence[JobRow]) -> list[int]:
        """Return the queue of each job."""
        found = [row.queue_id for row in rows]
        for source, shares in self._shares.items():
            places = [place for place, row in enumerate(rows) if row.queue_id == source]
            routed = spread(shares, self._credits[source], len(places))
            self._credits[source] = dict(routed.credit)
            for place, target in zip(places, routed.choices, strict=True):
                found[place] = source if target is None else target
        return found

    def keep(self, connection: Connection) -> None:
        """Write what the routes are owed after these jobs."""
        owed_now = {(source, to): owed for source, each in self._credits.items() for to, owed in each.items()}
        store.write_credits(connection, owed_now)


def _row(job: NewJob, queue: QueueFacts, now: datetime) -> JobRow:
    due_at = now + timedelta(seconds=queue.sla_seconds) if job.due_at is None else job.due_at.astimezone(UTC)
    rank = rank_at(due_at, job.priority, queue.sla_seconds)
    return JobRow(
        queue.id, job.reference, job.media_kind.value, job.media_url, job.media_text, job.priority, due_at, rank,
        job.known_answer, job.answers_wanted,
    )  # fmt: skip


def _ranks_with_routes(rows: Sequence[JobRow], shares: Mapping[int, Mapping[int, float]]) -> dict[int, datetime]:
    """Return the least rank that may come into each queue."""
    least: dict[int, datetime] = {}
    for row in rows:
        for queue in (row.queue_id, *shares.get(row.queue_id, ())):
            least[queue] = min(row.rank_at, least.get(queue, row.rank_at))
    return least


def _least_ranks(connection: Connection, rows: Sequence[JobRow]) -> dict[int, datetime]:
    shares: dict[int, dict[int, float]] = defaultdict(dict)
    for route in store.lock_routes(connection, {row.queue_id for row in rows}):
        shares[route.from_queue_id][route.to_queue_id] = route.share
    return _ranks_with_routes(rows, shares)


def _taken_again_after_deadlock(
    engine: Engine, intake: _Intake, *, upload: tuple[str, str] | None = None, tries: int = MOST_TRIES
) -> SentJobs:
    """Take jobs in one transaction; two batches with the same references in another order may have to be taken one by one."""
    try:
        with domain_errors(), engine.begin() as connection:
            sent = intake.take(connection)
            if upload is not None:
                file_name, by = upload
                store.insert_upload(
                    connection, intake.site_id, file_name, jobs=sent.new, known=sent.known, by=by, at=intake.now
                )  # fmt: skip
            return sent
    except Exception as error:
        if tries > 1 and _is_deadlock(error):
            return _taken_again_after_deadlock(engine, intake, upload=upload, tries=tries - 1)
        raise


def _is_deadlock(error: BaseException) -> bool:
    cause = error.__cause__
    return isinstance(cause.orig if isinstance(cause, DBAPIError) else cause, psycopg.errors.DeadlockDetected)
