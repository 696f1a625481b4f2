"""`flask db`: the schema of the database."""

from __future__ import annotations

import click

from cli.context import engine
from cli.failures import PlainGroup


@click.group("db", cls=PlainGroup)
def database() -> None:
    """Bring the schema of the database up to date, or back."""


@database.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION, the newest one without it; nothing happens when it is there already."""
    from storage import migrate  # noqa: PLC0415 (slow to import)
    from storage.database import check_version  # noqa: PLC0415

    check_version(engine())
    migrate.upgrade(engine(), revision)
    click.echo(f"The schema is at {migrate.current(engine())}.")


@database.command("downgrade", context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION: -1 (one step, the default) or base (an empty database); its data is lost."""
    from storage import migrate  # noqa: PLC0415 (slow to import)

    if migrate.current(engine()) is None:
        click.echo("The database has no schema; there is nothing to take back.")
        return
    migrate.downgrade(engine(), revision)
    click.echo(f"The schema is at {migrate.current(engine()) or 'base: it is empty'}.")
