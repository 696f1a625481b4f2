"""The database of an installation: where it is, and how it is opened."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, make_url

from config import Settings
from storage.embedded import EmbeddedServer
from storage.errors import DatabaseUnavailableError

DATABASE = "workforce"
LEAST_POSTGRES = 150000
"""PostgreSQL 15, as the server counts its versions."""


def database_url(settings: Settings) -> URL:
    """Return the address of the database; start the embedded server when none is configured."""
    if settings.database_url is None:
        server = EmbeddedServer(settings.make_instance_dir()).start()
        server.create_database(DATABASE)
        return server.url(DATABASE)
    url = make_url(settings.database_url.get_secret_value())
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg2"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername != "postgresql+psycopg":
        raise DatabaseUnavailableError(
            f"DATABASE_URL names {url.drivername!r}; only PostgreSQL 15 or later will do, as postgresql://user@host/name."
        )
    return url


def open_engine(settings: Settings) -> Engine:
    """Return the engine of the installation's database; no connection is made before it is used."""
    return engine_at(
        database_url(settings),
        pool_size=settings.database_pool_size,
        statement_timeout_seconds=settings.statement_timeout_seconds,
    )


def engine_at(url: URL, *, pool_size: int = 8, statement_timeout_seconds: float = 60.0) -> Engine:
    """Return an engine whose sessions speak UTC and give up on statements that take too long."""
    options = f"-c timezone=UTC -c statement_timeout={round(statement_timeout_seconds * 1000)}"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 10, "application_name": DATABASE},
    )
