"""`flask sample`: the sample operation as a folder, or in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from cli.context import clock, ready_engine, signature, today
from cli.failures import PlainGroup
from cli.solve import MOST_SEED
from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.planning_input import PlanningInput

SAMPLE_SITE, SAMPLE_NAME = "PNQ1", "Pune audit floor"
ASSOCIATES, WEEKS, SEED = 240, 4, 1
SAMPLE_START = date(2027, 1, 4)


def sample_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which sample is meant."""
    for option in (
        click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day of the horizon, a Monday for a whole week."),
        click.option("--seed", type=click.IntRange(0, MOST_SEED), default=SEED, show_default=True, help="Seed of the sample."),
        click.option("--weeks", type=int, default=WEEKS, show_default=True, help="Length of the horizon, 1 to 17."),
        click.option("--associates", type=int, default=ASSOCIATES, show_default=True, help="Size, 20 to 10,000."),
    ):
        command = option(command)
    return command


@click.group("sample", cls=PlainGroup)
def sample() -> None:
    """Write or load the sample operation: a believable site, generated from a seed."""


@sample.command("write")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@sample_options
def write(folder: Path, associates: int, weeks: int, seed: int, start: datetime | None) -> None:
    """Write the sample operation as the scenario folder DIR.

    An earlier scenario folder is replaced; a folder with anything else in it is refused.
    """
    from interchange import write_scenario  # noqa: PLC0415 (slow to import)

    operation = sample_operation(associates, weeks, seed, start.date() if start else SAMPLE_START)
    write_scenario(folder, operation)
    click.echo(f"{associates} associates, {weeks} weeks from {operation.horizon.first_day}, seed {seed}: {folder}")


@sample.command("load")
@sample_options
@click.option("--site", default=SAMPLE_SITE, show_default=True, help="Code of the new site.")
def load(associates: int, weeks: int, seed: int, start: datetime | None, site: str) -> None:
    """Load the sample operation into the database, as a new site.

    Without --start, the horizon begins on the Monday of this week.
    """
    from services.reading import list_sites  # noqa: PLC0415 (slow to import)

    database = ready_engine()
    if site in {one.code for one in list_sites(database)}:
        raise ConflictError(f"Site {site!r} is there already, nothing was changed; load the sample under another --site.")
    operation = load_sample(sample_operation(associates, weeks, seed, start.date() if start else sample_start()), site)
    click.echo(f"{associates} associates, {weeks} weeks from {operation.horizon.first_day}, seed {seed}: site {site}")


def sample_operation(associates: int, weeks: int, seed: int, start: date) -> PlanningInput:
    """Return the sample operation; BadInputError with every number that lies outside its range."""
    from sample.operation import (  # noqa: PLC0415 (slow to import)
        LEAST_ASSOCIATES,
        MOST_ASSOCIATES,
        MOST_WEEKS,
        build_sample,
    )

    faults = []
    if not LEAST_ASSOCIATES <= associates <= MOST_ASSOCIATES:
        reason = f"The sample has from {LEAST_ASSOCIATES} to {MOST_ASSOCIATES:,} associates."
        faults.append(Fault("--associates", None, "", str(associates), reason))
    if not 1 <= weeks <= MOST_WEEKS:
        faults.append(Fault("--weeks", None, "", str(weeks), f"The sample has from 1 to {MOST_WEEKS} weeks."))
    if not 2000 <= start.year <= 2100:
        faults.append(Fault("--start", None, "", str(start), "The sample starts between the years 2000 and 2100."))
    if faults:
        raise BadInputError(faults)
    return build_sample(associates, weeks, seed, start)


def sample_start() -> date:
    """Return the Monday of this week, where the sample lies, so that its people are on shift today."""
    from sample.facts import ZONE_NAME  # noqa: PLC0415 (slow to import)

    now = today(ZONE_NAME)
    return now - timedelta(days=now.weekday())


def load_sample(operation: PlanningInput, site: str) -> PlanningInput:
    """Load a sample operation as a site and return it."""
    from services.loading import load_operation  # noqa: PLC0415 (slow to import)

    name = SAMPLE_NAME if site == SAMPLE_SITE else f"{SAMPLE_NAME} ({site})"
    load_operation(ready_engine(), operation, site=site, name=name, by=signature(), clock=clock())
    set_goals(site)
    return operation


def set_goals(site: str) -> None:
    """Ask of the people of a sample site what the sample asks of them, so that quality is held against goals."""
    from sample.goals import sample_goals  # noqa: PLC0415 (slow to import)
    from services.goals import GoalStepRow, goals_of, save_goals  # noqa: PLC0415
    from services.reading import list_sites  # noqa: PLC0415

    engine, goals = ready_engine(), sample_goals()
    site_id = next(one.id for one in list_sites(engine) if one.code == site)
    for queue in goals_of(engine, site_id):
        steps = [GoalStepRow(*step) for step in goals.get(queue.queue, ())]
        save_goals(engine, site_id, queue.queue_id, steps, by=signature(), clock=clock())
