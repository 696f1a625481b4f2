"""`flask floor`: work for the floor."""

from __future__ import annotations

from pathlib import Path

import click

from cli.context import chosen_site, clock, ready_engine, signature
from cli.failures import PlainGroup
from cli.simulate import simulate


@click.group("floor", cls=PlainGroup)
def floor() -> None:
    """Bring work to the floor."""


@floor.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--site", "code", help="Code of the site; not needed when there is only one.")
def import_jobs(file: Path, code: str | None) -> None:
    """Take the jobs of a CSV FILE, all of them or none; a job whose reference is known is not taken again.

    Columns: reference, queue, media_kind (video, image or text), and where wanted media_url, media_text, priority (0 to 9),
    due_at (ISO time with offset), known_answer (a JSON object), answers_wanted (1 or 2).
    """
    from services.jobs import import_csv  # noqa: PLC0415 (slow to import)

    site = chosen_site(code)
    sent = import_csv(ready_engine(), site.id, file, by=signature(), clock=clock())
    click.echo(f"{sent.new:,} new jobs, {sent.known:,} known already: site {site.code}")


floor.add_command(simulate)
