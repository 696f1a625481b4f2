"""Drafting: from the database to a scenario, and from a planning result to a draft roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, Engine

from scheduling.errors import ConflictError
from scheduling.planning_input import PlanningInput
from scheduling.result import PlanningResult
from scheduling.scenario import Requirement, Scenario
from scheduling.times import Clock, Horizon
from services.rotation_days import followed_rotations, keep_rotations
from storage import drafts
from storage.bulk import refresh_statistics
from storage.drafts import DraftHead
from storage.errors import domain_errors
from storage.operation_reading import active_associate_ids, read_operation
from storage.rosters import RosterSummary, record, summary
from storage.sites import site_row
from storage.year_burdens import years_before


def planning_input_for(engine: Engine, site: str, first_day: date, weeks: int) -> PlanningInput:
    """Return what a roster of a site is decided from: people, rules, volumes, rotations, and what was published before.

    The requirement is the one stored for exactly these weeks, if there is one. NotFoundError when there is no such site.
    """
    with domain_errors(), engine.connect() as connection:
        found = read_operation(connection, site, first_day, weeks)
        site_id = int(site_row(connection, site)._mapping["id"])
        followed = followed_rotations(connection, site_id, found.horizon)
        years = years_before(connection, site_id, active_associate_ids(connection, site_id), first_day)
    return keep_rotations(replace(found, years=years), followed)


def scenario_for(
    engine: Engine, site: str, first_day: date, weeks: int, requirement: Requirement | None = None
) -> Scenario:  # fmt: skip
    """Return the scenario of a site over some weeks, with the given requirement or the stored one.

    Raises
    ------
    NotFoundError
        When there is no such site.
    ConflictError
        When no requirement is given and none is stored for all of these weeks.
    """
    found = planning_input_for(engine, site, first_day, weeks)
    if requirement is None and found.requirement is None:
        raise ConflictError(
            f"Site {site!r} has no requirement for the {weeks} weeks from {first_day}; compute it from the volumes first."
        )
    return found.scenario(requirement)


def save_draft(
    engine: Engine,
    site: str,
    scenario: Scenario,
    result: PlanningResult,
    *,
    by: str,
    clock: Clock,
    name: str = "",
    note: str = "",
    parameters: Mapping[str, object] | None = None,
) -> RosterSummary:
    """Store the result of a planning run as a draft, all of it or nothing.

    Parameters
    ----------
    scenario
        What the result was decided from; its people, shift types and policy must still be those of the site.
    name
        What people call it; without one it is named after its first day.
    parameters
        What the planner was told, kept for repeating the run.

    Raises
    ------
    ConflictError
        When the operation was changed in the meantime, or the result breaks a rule of the schema.
    """
    head = DraftHead(site, name or roster_title(scenario.horizon), note, clock.now(), by, parameters or {})
    with domain_errors(), engine.begin() as connection:
        roster_id = draft_within(connection, head, scenario, result)
    return drafted(engine, roster_id)


def roster_title(horizon: Horizon) -> str:
    """Return the name of a roster that was given none."""
    return f"Roster from {horizon.first_day.isoformat()}, {horizon.weeks} weeks"


def draft_within(connection: Connection, head: DraftHead, scenario: Scenario, result: PlanningResult) -> int:
    """Store a draft in a transaction that does more than that; return its id."""
    roster_id = drafts.write_draft(connection, head, scenario, result)
    record(
        connection, head.created_at, head.created_by, "draft saved", ("roster", roster_id), 1, objective=float(result.objective)
    )
    return roster_id


def drafted(engine: Engine, roster_id: int) -> RosterSummary:
    """Return the head of a draft just stored, after making it quick to read."""
    with domain_errors(), engine.begin() as connection:
        refresh_statistics(connection, "roster", "roster_associate", "assignment", "coverage", "violation", "break_slot")
        return summary(connection, roster_id)


def roster_result(engine: Engine, roster_id: int) -> PlanningResult:
    """Return a roster as the result of its planning run, for exports; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return drafts.read_result(connection, roster_id)


def roster_scenario(engine: Engine, roster_id: int) -> Scenario:
    """Return the scenario to check a roster against: its own rules and requirement, the people's facts of today."""
    with domain_errors(), engine.connect() as connection:
        return drafts.read_scenario(connection, roster_id)
