"""A floor on a durable database of its own, which tests may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.floor.site import fill_queues, open_site
from storage import migrate
from storage.database import engine_at
from storage.embedded import EmbeddedServer
from tests.faults.balance import ASSOCIATES, JOBS


@pytest.fixture
def durable_server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A server that writes to the disk before it acknowledges, as an installation's does."""
    server = EmbeddedServer(tmp_path / "instance").start()
    yield server
    server.leave()


@pytest.fixture
def floor(durable_server: EmbeddedServer) -> Iterator[Engine]:
    durable_server.create_database("faults")
    engine = engine_at(durable_server.url("faults"))
    migrate.upgrade(engine)
    open_site(engine, ASSOCIATES)
    fill_queues(engine, JOBS)
    yield engine
    engine.dispose()
