"""Loading: putting an operation, its volumes and its requirement into the database."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Engine

from scheduling.errors import NotFoundError
from scheduling.planning_input import PlanningInput
from scheduling.scenario import Requirement
from scheduling.times import Clock, Horizon
from storage import operation as operations
from storage.errors import domain_errors
from storage.rosters import record
from storage.sites import ids_by, site_row
from storage.tables import queue, skill


def load_operation(
    engine: Engine, operation: PlanningInput, *, site: str, name: str, by: str, clock: Clock
) -> None:  # fmt: skip
    """Make the database hold an operation, all of it or nothing; loading the same again changes nothing.

    Parameters
    ----------
    operation
        What the planner hands in. Facts of the same site and the same days are replaced, everything else stays.
    site, name
        Code of the site, made where it is missing, and the name that people see.
    by
        Who loads it.

    Raises
    ------
    ConflictError
        When two facts contradict each other, such as two leaves of one associate that start on one day.
    """
    with domain_errors(), engine.begin() as connection:
        ids = operations.write_operation(connection, operation, site, name)
        figures = {"associates": len(operation.associates), "first_day": operation.horizon.first_day.isoformat()}
        record(connection, clock.now(), by, "operation loaded", ("site", ids.site), None, **figures)


def load_volumes(engine: Engine, volumes: pd.DataFrame, *, site: str, by: str, clock: Clock) -> int:
    """Store volumes, all of them or none; an interval that is there already is replaced. Return the number of rows.

    Parameters
    ----------
    volumes
        Columns ``starts_at`` (aware), ``queue``, ``jobs``, ``aht_seconds``.

    Raises
    ------
    NotFoundError
        When there is no such site, or the site has no such queue.
    """
    with domain_errors(), engine.begin() as connection:
        site_id = int(site_row(connection, site, lock=True)._mapping["id"])
        unknown = sorted(set(volumes["queue"]) - set(ids_by(connection, queue, "name", site_id)))
        if unknown:
            raise NotFoundError(f"Site {site!r} has no queue {', '.join(map(repr, unknown[:5]))}; load its queues first.")
        operations.write_volumes(connection, site_id, volumes)
        record(connection, clock.now(), by, "volumes loaded", ("site", site_id), None, rows=len(volumes))
    return len(volumes)


def store_requirement(engine: Engine, requirement: Requirement, horizon: Horizon, *, site: str) -> None:
    """Replace the requirement of a site over a horizon; NotFoundError when there is no such site or skill."""
    with domain_errors(), engine.begin() as connection:
        site_id = int(site_row(connection, site, lock=True)._mapping["id"])
        skills = ids_by(connection, skill, "name", site_id)
        unknown = sorted(set(requirement.skills) - set(skills))
        if unknown:
            raise NotFoundError(f"Site {site!r} has no skill {', '.join(map(repr, unknown))}; load its people first.")
        ids = operations.SiteIds(site_id, skills, {}, {})
        operations.write_requirement(connection, ids, horizon, requirement.skills, requirement.heads)
