"""Prepares an installation for its first use, and leaves one that is ready as it is."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import click
from sqlalchemy import Engine

from cli.context import clock, engine, settings, signature
from cli.drafts import generate_draft
from cli.figures import figures_of, pairs
from cli.first_accounts import prepare_accounts
from cli.running import run_with_progress, shielded_planner
from cli.sample import ASSOCIATES, SAMPLE_SITE, SEED, WEEKS, load_sample, sample_operation, sample_start
from scheduling.errors import SchedulingError
from services.publishing import publish_roster
from services.reading import RosterState, RosterSummary, list_rosters, list_sites
from storage import migrate
from storage.database import check_version

REASON = "First roster of the sample operation, published unseen so that there is something to look at."


def prepare_installation() -> None:
    """Migrate; load the sample where there is no site; publish a roster where it has none; print figures and sign-ins."""
    database = engine()
    check_version(database)
    migrate.upgrade(database)
    if not list_sites(database):
        click.echo(f"No operation yet: loading the sample of {ASSOCIATES} associates.")
        load_sample(sample_operation(ASSOCIATES, WEEKS, SEED, sample_start()), SAMPLE_SITE)
    # What others loaded is theirs to roster; only the sample gets a roster unasked.
    if SAMPLE_SITE in {site.code for site in list_sites(database)}:
        _publish_first(database, list_rosters(database, SAMPLE_SITE))
    for roster in _published(list_rosters(database))[:1]:
        _print_roster(roster)
    prepare_accounts(database)


def _published(rosters: Sequence[RosterSummary]) -> list[RosterSummary]:
    return [roster for roster in rosters if roster.state is RosterState.PUBLISHED]


def _publish_first(database: Engine, rosters: Sequence[RosterSummary]) -> None:
    """Build and publish a roster of the sample where none is published; one that was refused is not built again."""
    if _published(rosters):
        return
    if rosters and rosters[0].blocking_count:
        click.echo(f"Roster {rosters[0].id} is a draft that may not be published; `flask roster generate` makes another.")
        return
    _first_roster(database)


def _first_roster(database: Engine) -> None:
    """Build the roster of the sample and publish it; one that may not be published stays a draft."""
    seconds = settings().solve_seconds
    click.echo(f"No published roster yet: forecasting, and building one in about {seconds:.0f} s.")
    # The planner's thread has no application, so everything that is asked of it is asked here.
    job = functools.partial(
        generate_draft,
        database,
        SAMPLE_SITE,
        sample_start(),
        WEEKS,
        planner=shielded_planner(settings().solve_workers, settings().solver_cluster),
        seed=SEED,
        seconds=seconds,
        by=signature(),
        clock=clock(),
    )
    draft, result = run_with_progress(lambda progress, stop: job(progress=progress, stop=stop), keeps_best=False)
    try:
        publish_roster(database, draft.id, draft.version, by=signature(), clock=clock(), reason=REASON)
    except SchedulingError as error:
        for line in figures_of(result):
            click.echo(line)
        click.echo(f"The roster stays a draft: {error}", err=True)


def _print_roster(roster: RosterSummary) -> None:
    kpis = roster.kpis
    values = {
        "published roster": f"{roster.id}, {roster.site_name}, {roster.first_day} to {roster.last_day}",
        "required": f"{kpis['required_hours']:,.1f} productive head-hours",
        "short": f"{kpis['short_hours']:,.1f} head-hours ({100 * kpis['coverage_share']:.1f} % of the need is met)",
        "over": f"{kpis['over_hours']:,.1f} head-hours",
        "productive time": f"{kpis['productive_minutes_min']:.0f} to {kpis['productive_minutes_max']:.0f} minutes a shift",
        "objective": f"{roster.objective:,.1f} (proven: not below {roster.bound:,.1f}, gap {100 * roster.gap:.2f} %)",
        "violations": f"{roster.blocking_count} that block publishing, {roster.reason_count} that need a reason",
    }
    for line in pairs(values):
        click.echo(line)
