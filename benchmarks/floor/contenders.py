"""What is measured: our claim, an update of a known row, and the claims of two job queues of others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.floor.server import connected
from benchmarks.floor.site import ASSOCIATES

KNOWN_ROWS = 64
PAYLOAD = {"media_url": "https://media.invalid/1.mp4", "kind": "video"}


@dataclass(frozen=True)
class Share:
    """What one of several claimers does: which it is of how many, and when it ends.

    Parameters
    ----------
    most
        Claims after which it ends, so that the queue is never empty.
    """

    claimer: int
    claimers: int
    seconds: float
    most: int


Rate = float
Contender = Callable[[str, Share, Callable[[], object]], Rate]
"""Makes its connection, waits for the others, and returns its claims a second."""


def _paced(once: Callable[[int], object], share: Share, ready: Callable[[], object]) -> Rate:
    for number in range(10):
        once(number)
    ready()
    began, count = perf_counter(), 10
    while perf_counter() - began < share.seconds and count < share.most:
        once(count)
        count += 1
    return (count - 10) / (perf_counter() - began)


def known_row(url: str, share: Share, ready: Callable[[], object]) -> Rate:
    """Update one known row: what a statement costs that decides nothing."""
    with closing(connected(url)) as connection:
        cursor = connection.cursor()
        return _paced(
            lambda _: cursor.execute("UPDATE known SET number = number + 1 WHERE id = %s", (share.claimer,)), share, ready
        )


def our_claim(url: str, share: Share, ready: Callable[[], object]) -> Rate:
    """Claim as the work page does, each time for another associate, with every rule on."""
    turns = [(associate, ahead) for ahead in (False, True) for associate in range(1 + share.claimer, ASSOCIATES, share.claimers)]
    with closing(connected(url)) as connection:
        cursor = connection.cursor()

        def claim(number: int) -> None:
            associate, is_ahead = turns[number]
            now = datetime.now(UTC)
            cursor.execute("SELECT * FROM claim_task(%s, %s, %s, %s)", (associate, now, now, is_ahead))
            if cursor.fetchone() is None:
                raise RuntimeError(f"Associate {associate} was given nothing.")

        return _paced(claim, Share(share.claimer, share.claimers, share.seconds, min(share.most, len(turns))), ready)


def procrastinate_fetch(url: str, share: Share, ready: Callable[[], object]) -> Rate:
    """Fetch jobs as a worker of procrastinate does."""
    from procrastinate import PsycopgConnector  # noqa: PLC0415 (an optional dependency)
    from procrastinate.manager import JobManager  # noqa: PLC0415

    async def run() -> Rate:
        connector = PsycopgConnector(conninfo=url, min_size=1, max_size=1)
        await connector.open_async()
        manager = JobManager(connector)
        worker = await manager.register_worker()
        rate = await _paced_async(lambda: manager.fetch_job(None, worker), share, ready)
        await connector.close_async()
        return rate

    return asyncio.run(run())


def pgqueuer_dequeue(url: str, share: Share, ready: Callable[[], object]) -> Rate:
    """Dequeue jobs one by one as a manager of pgqueuer does."""
    from pgqueuer.db import PsycopgDriver  # noqa: PLC0415 (an optional dependency)
    from pgqueuer.ports.repository import EntrypointExecutionParameter  # noqa: PLC0415
    from pgqueuer.queries import Queries  # noqa: PLC0415

    async def run() -> Rate:
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        connection.prepare_threshold = 0
        queries: Any = Queries(PsycopgDriver(connection))
        manager = uuid4()
        entrypoints = {f"queue {n}": EntrypointExecutionParameter(0) for n in range(1, 6)}

        async def dequeue() -> object:
            found = await queries.dequeue(1, entrypoints, manager, None, timedelta(seconds=180))
            return found or None

        rate = await _paced_async(dequeue, share, ready)
        await connection.close()
        return rate

    return asyncio.run(run())


async def _paced_async(once: Callable[[], Any], share: Share, ready: Callable[[], object]) -> Rate:
    for _ in range(10):
        await once()
    ready()
    began, count = perf_counter(), 10
    while perf_counter() - began < share.seconds and count < share.most:
        if await once() is None:
            raise RuntimeError("The queue is empty.")
        count += 1
    return (count - 10) / (perf_counter() - began)


def make_known(url: str) -> None:
    """Create the table of known rows."""
    with connected(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS known (id integer PRIMARY KEY, number integer, text text)")
        connection.execute(
            "INSERT INTO known SELECT n, 0, repeat('x', 120) FROM generate_series(0, %s) n ON CONFLICT DO NOTHING", (KNOWN_ROWS,)
        )


def fill_procrastinate(url: str, jobs: int) -> None:
    """Create the schema of procrastinate where it is missing, and fill it; its triggers for inserts are left out."""
    from procrastinate import SyncPsycopgConnector  # noqa: PLC0415 (an optional dependency)
    from procrastinate.schema import SchemaManager  # noqa: PLC0415

    with connected(url) as connection:
        if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,):
            connector = SyncPsycopgConnector(conninfo=url)
            connector.open()
            SchemaManager(connector).apply_schema()
            connector.close()
        connection.execute("TRUNCATE procrastinate_jobs CASCADE")
        _without_triggers(
            connection,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "SELECT 'queue ' || 1 + mod(n, 5), 'audit', %s FROM generate_series(1, %s) n",
            (json.dumps(PAYLOAD), jobs),
        )
        connection.execute("VACUUM ANALYZE procrastinate_jobs")


def fill_pgqueuer(url: str, jobs: int) -> None:
    """Create the schema of pgqueuer where it is missing, and fill it; its triggers for inserts are left out."""
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment  # noqa: PLC0415 (an optional dependency)

    with connected(url) as connection:
        if connection.execute("SELECT to_regclass('pgqueuer')").fetchone() == (None,):
            connection.execute(QueryBuilderEnvironment().build_install_query(), prepare=False)
        connection.execute("TRUNCATE pgqueuer")
        _without_triggers(
            connection,
            "INSERT INTO pgqueuer (priority, status, entrypoint, payload) "
            "SELECT 0, 'queued', 'queue ' || 1 + mod(n, 5), %s FROM generate_series(1, %s) n",
            (json.dumps(PAYLOAD).encode(), jobs),
        )
        connection.execute("VACUUM ANALYZE pgqueuer")


def _without_triggers(connection: psycopg.Connection[Any], statement: str, values: Sequence[object]) -> None:
    connection.execute("SET session_replication_role = replica")
    connection.execute(statement, values)
    connection.execute("RESET session_replication_role")
