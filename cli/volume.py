"""`flask volume`: past and expected work in the database."""

from __future__ import annotations

from pathlib import Path

import click

from cli.context import chosen_site, clock, ready_engine, signature, today
from cli.failures import PlainGroup
from scheduling.times import Horizon


@click.group("volume", cls=PlainGroup)
def volume() -> None:
    """Load volumes: how many jobs came to each queue, and how long one took."""


@volume.command("load")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--site", "code", help="Code of the site; not needed when there is only one.")
def load(file: Path, code: str | None) -> None:
    """Load volumes from a CSV or XLSX FILE, all rows or none; intervals that are there already are replaced.

    Columns: starts_at (ISO local time with offset), queue, jobs, aht_seconds.
    """
    from interchange import read_volumes  # noqa: PLC0415 (slow to import)
    from services.drafting import planning_input_for  # noqa: PLC0415
    from services.loading import load_volumes  # noqa: PLC0415

    site, database = chosen_site(code), ready_engine()
    horizon = Horizon(site.zone_name, today(site.zone_name), 1, site.interval_minutes)
    queues = {queue.name for queue in planning_input_for(database, site.code, horizon.first_day, 1).queues}
    volumes = read_volumes(file, horizon, queues)
    rows = load_volumes(database, volumes, site=site.code, by=signature(), clock=clock())
    first, last = volumes["starts_at"].min(), volumes["starts_at"].max()
    click.echo(f"{rows:,} intervals from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}: site {site.code}")
