"""A database of a benchmark's own, as an installation would have it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from sqlalchemy import Engine

from storage import migrate
from storage.database import engine_at
from storage.embedded import EmbeddedServer

DATABASE = "benchmark"


@contextmanager
def fresh_server() -> Iterator[EmbeddedServer]:
    """Start a server in a folder that is removed afterwards; its durability is that of an installation."""
    folder = Path(mkdtemp(prefix="workforce-benchmark-"))
    server = EmbeddedServer(folder).start()
    try:
        yield server
    finally:
        server.leave()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def migrated(server: EmbeddedServer) -> Iterator[Engine]:
    """Create the schema in a new database, and give its engine."""
    server.create_database(DATABASE)
    engine = engine_at(server.url(DATABASE), statement_timeout_seconds=600)
    migrate.upgrade(engine)
    yield engine
    engine.dispose()
    server.drop_database(DATABASE)


def address(engine: Engine) -> str:
    """Return the address of a database as the driver takes it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def connected(url: str) -> psycopg.Connection[Any]:
    """Connect as the hot path does: every statement a transaction, prepared at once."""
    connection: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True)
    connection.prepare_threshold = 0
    return connection


def report(**figures: object) -> None:
    """Print one JSON line."""
    print(json.dumps(figures), flush=True)
