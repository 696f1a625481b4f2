"""The real database for every test that wants one: an embedded server for the session, a fresh database for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, QueuePool
from sqlalchemy.event import listen

from storage import migrate
from storage.database import engine_at
from storage.embedded import EmbeddedServer

TEMPLATE = "template_migrated"
MEMORY_BYTES = 4 * 2**30
_numbers = count(1)


class SteppedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 12, 1, 9, 30, tzinfo=UTC))


def memory_folder() -> Path | None:
    """Return a folder in memory with room for databases, where a new one is there several times sooner; ``None`` without one."""
    memory = Path("/dev/shm")  # noqa: S108 (that folder is meant)
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES
    return memory if has_room and os.access(memory, os.W_OK) else None


@pytest.fixture(scope="session")
def database_server() -> Iterator[EmbeddedServer]:
    """A server of this session's own; with pytest-xdist every worker has one."""
    folder = Path(mkdtemp(prefix="workforce-tests-", dir=memory_folder()))
    server = EmbeddedServer(folder).start()
    # What a test writes is thrown away, so nothing waits for the disk.
    engine = engine_at(server.url("postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
    server.create_database(TEMPLATE)
    engine = engine_at(server.url(TEMPLATE))
    migrate.upgrade(engine)
    engine.dispose()
    yield server
    server.leave()
    shutil.rmtree(folder)


@pytest.fixture
def empty_engine(database_server: EmbeddedServer) -> Iterator[Engine]:
    """A new database without a schema."""
    yield from _new_database(database_server, None)


@pytest.fixture
def engine(database_server: EmbeddedServer) -> Iterator[Engine]:
    """A new database with the newest schema; `engine.url` is its address for other processes."""
    yield from _new_database(database_server, TEMPLATE)


def _new_database(server: EmbeddedServer, template: str | None) -> Iterator[Engine]:
    name = f"test_{next(_numbers)}"
    server.create_database(name, template=template)
    engine = engine_at(server.url(name))
    yield engine
    retire(engine)
    server.drop_database(name)


def retire(engine: Engine) -> None:
    """Close all connections to a database that is about to go, and let nobody have another.

    A thread of a server may still answer the last page of a test, or look every half second at a run for a page that is closed:
    a connection that it held would be open for ever, and found so in the middle of some later test.
    """

    def refuse(*_: object) -> None:
        raise ConnectionRefusedError("The test is over.")

    listen(engine, "checkout", refuse)
    pool, end = engine.pool, monotonic() + 10
    assert isinstance(pool, QueuePool)
    while pool.checkedout() and monotonic() < end:
        sleep(0.01)
    assert not pool.checkedout(), "a connection is not given back"
    engine.dispose()
