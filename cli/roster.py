"""`flask roster`: generate, check, publish, export, list."""

from __future__ import annotations

import functools
import os
import secrets
from datetime import datetime
from pathlib import Path

import click

from cli.context import chosen_site, clock, monday_after, ready_engine, settings, signature, today
from cli.failures import CommandFailure, PlainGroup
from cli.figures import counts, figures_of, table, violation_lines
from cli.running import run_with_progress, shielded_planner
from cli.solve import MOST_SECONDS, MOST_SEED, refuse_clash
from scheduling.errors import SchedulingError

MOST_WEEKS = 53
USUAL_WEEKS = 4
IDS = click.IntRange(1, 2**31 - 1)
IDS.name = "number of a roster"


@click.group("roster", cls=PlainGroup)
def roster() -> None:
    """Generate, check, publish, export and list the rosters of the database."""


@roster.command("list")
@click.option("--site", "code", help="Code of the site; all sites without it.")
def show(code: str | None) -> None:
    """List the rosters, the newest first."""
    from services.reading import list_rosters  # noqa: PLC0415 (slow to import)

    found = list_rosters(ready_engine(), chosen_site(code).code if code else None)
    header = ("id", "site", "first day", "weeks", "state", "gap", "blocking", "reasons", "published by", "name")
    rows = [
        (
            str(one.id),
            one.site,
            one.first_day.isoformat(),
            str(one.weeks),
            one.state.value,
            f"{100 * one.gap:.2f} %" if one.is_bounded else "-",
            str(one.blocking_count),
            str(one.reason_count),
            one.published_by or "-",
            one.name,
        )
        for one in found
    ]
    for line in table(header, rows) if rows else ["There is no roster yet; `flask roster generate` makes one."]:
        click.echo(line)


@roster.command("generate")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; the Monday after the last published roster.")
@click.option("--weeks", type=click.IntRange(1, MOST_WEEKS), help=f"Length in weeks; {USUAL_WEEKS}.")
@click.option("--seconds", type=click.FloatRange(0, MOST_SECONDS, min_open=True), help="Time to spend; 60 unless configured.")
@click.option("--seed", type=click.IntRange(0, MOST_SEED), default=1, show_default=True, help="Seed of all random choices.")
@click.option("--site", "code", help="Code of the site; not needed when there is only one.")
@click.option("--name", default="", help="What people call the roster.")
@click.option("--begin-with", "begins_with", type=IDS, help="Roster to go on from; the new one is of its days.")
def generate(
    start: datetime | None,
    weeks: int | None,
    seconds: float | None,
    seed: int,
    code: str | None,
    name: str,
    begins_with: int | None,
) -> None:
    """Build a roster from what the database holds and store it as a draft.

    Ctrl-C stops with the best roster so far, a second Ctrl-C aborts. When hard rules clash, the nearest roster is stored and
    the exit status is 1.
    """
    from cli.drafts import generate_draft  # noqa: PLC0415 (slow to import)
    from services.beginning import refuse_other_days  # noqa: PLC0415
    from services.reading import list_rosters, roster_summary  # noqa: PLC0415

    site, database = chosen_site(code), ready_engine()
    published = (one.last_day for one in list_rosters(database, site.code) if one.published_at)
    base = roster_summary(database, begins_with) if begins_with is not None else None
    first_day = base.first_day if base else monday_after(max([today(site.zone_name), *published]))
    first_day = start.date() if start else first_day
    weeks = weeks or (base.weeks if base else USUAL_WEEKS)
    if base is not None:
        refuse_other_days(base, site.code, first_day, weeks)
    # The planner's thread has no application, so everything that is asked of it is asked here.
    job = functools.partial(
        generate_draft,
        database,
        site.code,
        first_day,
        weeks,
        planner=shielded_planner(settings().solve_workers, settings().solver_cluster),
        seed=seed,
        seconds=seconds or settings().solve_seconds,
        by=signature(),
        clock=clock(),
        name=name,
        begins_with=begins_with,
    )
    draft, result = run_with_progress(lambda progress, stop: job(progress=progress, stop=stop))
    for line in figures_of(result):
        click.echo(line)
    refuse_clash(result, f"the nearest roster is stored as draft {draft.id}")
    click.echo(f"Roster {draft.id} is stored as a draft; `flask roster publish {draft.id}` puts it in force.")


@roster.command("check")
@click.argument("number", metavar="ROSTER", type=IDS)
def check(number: int) -> None:
    """Check the stored roster ROSTER again, with checkers that know nothing of the engine, and print every violation.

    It is held against the people's facts of today. Exit status: 1 when a violation blocks publishing.
    """
    from services.drafting import roster_result, roster_scenario  # noqa: PLC0415 (slow to import)
    from services.planning import violations_of  # noqa: PLC0415

    database = ready_engine()
    stored = roster_result(database, number)
    found = violations_of(roster_scenario(database, number), stored.plan, stored.breaks)
    for line in violation_lines(found):
        click.echo(line)
    hard, soft = counts(found)
    summary = f"Roster {number}: {hard} violations block publishing, {soft} need a reason."
    if hard:
        raise CommandFailure(summary)
    click.echo(summary)


@roster.command("publish")
@click.argument("number", metavar="ROSTER", type=IDS)
@click.option("--reason", default="", help="Why it is published although it breaks rules that need a reason, or at short notice.")
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="First day to publish; the roster's without it.")
@click.option("--to", "last_day", type=click.DateTime(["%Y-%m-%d"]), help="Last day to publish; the roster's without it.")
def publish(number: int, reason: str, first_day: datetime | None, last_day: datetime | None) -> None:
    """Put days of ROSTER in force, all of them unless some are named, in place of whatever is published for them."""
    from services.opening import open_floor_of  # noqa: PLC0415
    from services.publishing import Days, publish_roster  # noqa: PLC0415 (slow to import)
    from services.reading import roster_summary  # noqa: PLC0415

    database = ready_engine()
    head = roster_summary(database, number)
    days = Days(first_day.date() if first_day else head.first_day, last_day.date() if last_day else head.last_day)
    done = publish_roster(database, number, head.version, by=signature(), clock=clock(), reason=reason, days=days)
    open_floor_of(database, done.id, clock=clock())
    click.echo(f"Roster {done.id} is published: it is in force from {days.first} to {days.last}.")


@roster.command("export")
@click.argument("number", metavar="ROSTER", type=IDS)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx", "folder"]),
    default="csv",
    show_default=True,
    help="Assignments as CSV, everything as a workbook, or a whole result folder.",
)
@click.option("--out", "target", metavar="OUT", required=True, type=click.Path(path_type=Path), help="File or folder to write.")
def export(number: int, form: str, target: Path) -> None:
    """Write the roster ROSTER to a file or folder."""
    from interchange import roster_workbook, write_result  # noqa: PLC0415 (slow to import)
    from interchange.result_writer import result_texts  # noqa: PLC0415
    from services.drafting import roster_result, roster_scenario  # noqa: PLC0415

    scenario, stored = roster_scenario(ready_engine(), number), roster_result(ready_engine(), number)
    if form == "folder":
        write_result(target, scenario, stored)
    elif form == "xlsx":
        write_file(target, roster_workbook(scenario, stored.plan, stored.breaks, stored.coverage))
    else:
        write_file(target, result_texts(scenario, stored)["assignments.csv"].encode())
    click.echo(f"Roster {number} is in {target}.")


def write_file(target: Path, content: bytes) -> None:
    """Write a file as a whole or not at all; an earlier one is replaced."""
    if target.is_dir():
        raise SchedulingError(f"{target} is a folder; give the name of a file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        fresh.write_bytes(content)
        os.replace(fresh, target)  # noqa: PTH105 (says what it does)
    finally:
        fresh.unlink(missing_ok=True)
