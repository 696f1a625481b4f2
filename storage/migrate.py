"""Migrations: bringing the schema of a database to the version that the code expects, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from storage.errors import StorageError, domain_errors
from storage.tables import metadata

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
MIGRATION_LOCK = 7_305_311_044
"""Any number: whoever migrates holds the advisory lock of this number, so that processes that start together take turns."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision; nothing changes when it is there already."""
    _migrate(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to a revision (``-1`` for one step, ``base`` for an empty database)."""
    _migrate(engine, lambda config: command.downgrade(config, revision))


def current(engine: Engine) -> str | None:
    """Return the revision of the database, ``None`` when it has no schema."""
    with domain_errors(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the newest revision that the code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(connection: Connection) -> list[object]:
    """Return what the schema of a database lacks of, or has beside, the tables of the code; empty when they agree."""
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def new_revision(engine: Engine, message: str, identifier: str) -> None:
    """Write the draft of a migration from the difference between database and code, for a developer to finish."""
    _migrate(engine, lambda config: command.revision(config, message, autogenerate=True, rev_id=identifier))


def _migrate(engine: Engine, action: Callable[[Config], object]) -> None:
    with domain_errors(), engine.begin() as connection:
        # A migration may take longer than an ordinary statement should.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        try:
            action(config)
        except CommandError as error:
            raise StorageError(f"The schema cannot be migrated: {error}") from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    return config
