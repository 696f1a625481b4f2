"""Scenarios: copies of rosters under other people, rules or volumes, with what came out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update

from scheduling.errors import NotFoundError
from storage.metadata import RunKind
from storage.runs import ACTIVE
from storage.tables import planning_run, scenario, site


@dataclass(frozen=True)
class ScenarioRow:
    """A scenario as it is stored; `document` and `result` as the services wrote them."""

    id: int
    site: str
    base_roster_id: int
    name: str
    created_at: datetime
    created_by: str
    document: Mapping[str, Any]
    result: Mapping[str, Any] | None
    solved_at: datetime | None


def _query() -> Select[Any]:
    columns = [column for column in scenario.c if column.name != "site_id"]
    return select(site.c.code.label("site"), *columns).join_from(scenario, site)


def insert(connection: Connection, **values: object) -> int:
    """Store a scenario; return its id."""
    return int(connection.execute(scenario.insert().values(**values).returning(scenario.c.id)).scalar_one())


def with_id(connection: Connection, scenario_id: int, *, lock: bool = False) -> ScenarioRow:
    """Return a scenario; NotFoundError when there is none with this id. With `lock` nobody else changes it meanwhile."""
    query = _query().where(scenario.c.id == scenario_id)
    row = connection.execute(query.with_for_update(of=scenario) if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no scenario {scenario_id}; look at the list of scenarios.")
    return ScenarioRow(**row._mapping)


def latest(connection: Connection, limit: int) -> tuple[ScenarioRow, ...]:
    """Return scenarios, the newest first."""
    rows = connection.execute(_query().order_by(scenario.c.id.desc()).limit(limit))
    return tuple(ScenarioRow(**row._mapping) for row in rows)


def keep_result(connection: Connection, scenario_id: int, result: Mapping[str, Any], at: datetime) -> bool:
    """Keep what came out of a scenario; return whether the scenario was still there."""
    done = update(scenario).where(scenario.c.id == scenario_id).values(result=dict(result), solved_at=at)
    return connection.execute(done).rowcount > 0


def remove(connection: Connection, scenario_id: int) -> None:
    """Remove a scenario."""
    connection.execute(delete(scenario).where(scenario.c.id == scenario_id))


def active_run(connection: Connection, scenario_id: int) -> int | None:
    """Return the planning run that answers a scenario and has not ended, if there is one."""
    mine = (planning_run.c.kind == RunKind.SCENARIO.value, planning_run.c.task["scenario"].as_integer() == scenario_id)
    query = select(planning_run.c.id).where(*mine, planning_run.c.state.in_(ACTIVE)).limit(1)
    return connection.execute(query).scalar_one_or_none()
