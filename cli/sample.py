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
    open_leave(site)
    return operation


def id_of(site: str) -> int:
    """Return the id of a site that is there."""
    from services.reading import list_sites  # noqa: PLC0415 (slow to import)

    return next(one.id for one in list_sites(ready_engine()) if one.code == site)


def open_leave(site: str) -> None:
    """Let the people of a sample site ask for leave of this year and of the next, so that the first request can be tried."""
    from sample.facts import ZONE_NAME  # noqa: PLC0415 (slow to import)
    from sample.leave import SHARE_AWAY, sample_leave  # noqa: PLC0415
    from services.leave_settings import add_limit, grant_year, save_kind  # noqa: PLC0415

    engine, site_id, year = ready_engine(), id_of(site), today(ZONE_NAME).year
    for kind in sample_leave():
        number = save_kind(engine, site_id, None, kind, by=signature(), clock=clock())
        for granted in (year, year + 1) if kind["has_balance"] else ():
            grant_year(engine, site_id, number, granted, by=signature(), clock=clock())
    add_limit(engine, site_id, None, None, None, SHARE_AWAY, by=signature(), clock=clock())


def set_goals(site: str) -> None:
    """Ask of the people of a sample site what the sample asks of them, so that quality is held against goals."""
    from sample.goals import sample_goals  # noqa: PLC0415 (slow to import)
    from services.goals import GoalStepRow, goals_of, save_goals  # noqa: PLC0415

    engine, site_id, goals = ready_engine(), id_of(site), sample_goals()
    for queue in goals_of(engine, site_id):
        steps = [GoalStepRow(*step) for step in goals.get(queue.queue, ())]
        save_goals(engine, site_id, queue.queue_id, steps, by=signature(), clock=clock())
