"""The database of an installation: where it is, and how it is opened."""

from __future__ import annotations

from threading import Event
from time import monotonic
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from config import Settings
from storage.embedded import EmbeddedServer
from storage.errors import DatabaseUnavailableError, domain_errors

DATABASE = "workforce"
USED_AT: Final = "used_at"
TRUSTED_SECONDS: Final = 2.0
"""A connection that was used no longer ago than this is taken to be alive."""
LEAST_POSTGRES = 150000
"""PostgreSQL 15, as the server counts its versions."""


def open_engine(settings: Settings) -> Engine:
    """Return the engine of the installation's database.

    Nothing is started or connected before the first use, so that commands which need no database never touch it. Without a
    configured database the first connection starts the embedded server.
    """
    options: dict[str, Any] = {
        "pool_size": settings.database_pool_size,
        "statement_timeout_seconds": settings.statement_timeout_seconds,
    }
    if settings.database_url is not None:
        return engine_at(configured_url(settings.database_url.get_secret_value()), **options)
    server = EmbeddedServer(settings.instance_dir)
    engine = engine_at(server.url(DATABASE), **options)
    ready = Event()

    def start_first(*_: object) -> None:
        if not ready.is_set():
            server.start().create_database(DATABASE)
            ready.set()

    event.listen(engine, "do_connect", start_first)
    return engine


def configured_url(address: str) -> URL:
    """Return the address of a configured database with the driver that is used here.

    Raises
    ------
    DatabaseUnavailableError
        When it is no address, or not of a PostgreSQL.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise DatabaseUnavailableError("DATABASE_URL is no address of a database; write postgresql://user@host/name.") from error
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg2"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername != "postgresql+psycopg":
        raise DatabaseUnavailableError(
            f"DATABASE_URL names {url.drivername!r}; only PostgreSQL 15 or later will do, as postgresql://user@host/name."
        )
    return url


def check_version(engine: Engine) -> int:
    """Return the version of the database server as it counts them, such as 180004.

    Raises
    ------
    DatabaseUnavailableError
        When it cannot be reached, or is older than PostgreSQL 15.
    """
    with domain_errors(), engine.connect() as connection:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if version < LEAST_POSTGRES:
        raise DatabaseUnavailableError(f"The database is PostgreSQL {version // 10000}; version 15 or later is needed.")
    return version


def engine_at(url: URL, *, pool_size: int = 8, statement_timeout_seconds: float = 60.0) -> Engine:
    """Return an engine whose sessions speak UTC and give up on statements that take too long."""
    options = f"-c timezone=UTC -c statement_timeout={round(statement_timeout_seconds * 1000)}"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"options": options, "connect_timeout": 10, "application_name": DATABASE},
    )
    event.listen(engine, "checkin", _remember_use)
    event.listen(engine, "checkout", _ask_whether_alive)
    return engine


def _remember_use(_driver: object, record: PoolProxiedConnection | ConnectionPoolEntry) -> None:
    record.info[USED_AT] = monotonic()


def _ask_whether_alive(driver: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Ask a connection that was idle for a while whether it lives; a dead one is replaced.

    The pool could ask each time, but that is a round trip, as much as a claim itself; one that was used a moment ago lives.
    """
    used_at = record.info.get(USED_AT)
    if used_at is None or monotonic() - used_at < TRUSTED_SECONDS:
        return
    try:
        driver.execute("SELECT 1")
        driver.rollback()
    except psycopg.Error as error:
        raise DisconnectionError(str(error)) from error
