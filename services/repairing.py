"""Carrying out a repair: from the roster as it stands and what happened to the scenario that holds now, and the least change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Engine

from roster.amend import AmendParams
from scheduling.errors import ConflictError
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.ports import ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services.amending import amend
from services.overrides import Overrides, grown, over, work_of_queues
from services.repairs import RepairTask, free_days, local_today
from storage import drafts, operation_reading, rosters
from storage.errors import domain_errors
from storage.runs import RunView
from storage.sites import site_id


@dataclass(frozen=True)
class Mended:
    """A repair that is computed but not stored.

    Parameters
    ----------
    before
        Figures of the roster as it stands, under what holds now, by the names of `services.repairs.RepairFigures`.
    """

    scenario: Scenario
    result: PlanningResult
    before: dict[str, float]


def mend(engine: Engine, run: RunView, progress: ProgressListener, stop: StopSignal, clock: Clock) -> Mended:
    """Compute the repair that a planning run asks for.

    Raises
    ------
    ConflictError
        When the roster was changed since the repair was asked for.
    """
    task = RepairTask.model_validate(run.task)
    scenario, plan, breaks = _as_it_stands(engine, run, task.overrides)
    with domain_errors(), engine.connect() as connection:
        today = local_today(rosters.summary(connection, run.base_roster_id or 0), clock)
    free, params = free_days(scenario, task, today), AmendParams(changed_day_cost=task.changed_day_cost)
    found = amend(scenario, plan, breaks, free, progress, stop, run.seed, run.seconds, params)
    return Mended(scenario, found.after, _figures(found.before))


def _as_it_stands(engine: Engine, run: RunView, overrides: Overrides) -> tuple[Scenario, RosterPlan, BreakPlan]:
    """Return the scenario that holds now, and the roster in the version that was looked at."""
    roster_id = run.base_roster_id or 0
    with domain_errors(), engine.connect() as connection:
        head = rosters.summary(connection, roster_id)
        if head.version != run.base_version:
            raise ConflictError(
                f"Roster {roster_id} was changed by somebody else before its repair began; look at it and repeat."
            )
        frame = rosters.frame(connection, roster_id)
        plan, breaks = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon)
        scenario = over(drafts.read_scenario(connection, roster_id), overrides)
        if overrides.growth:
            number = site_id(connection, head.site)
            work = work_of_queues(operation_reading.stored_volumes(connection, number, scenario.horizon))
            queues = operation_reading.queues_of(connection, number)
            scenario = replace(scenario, requirement=grown(scenario.requirement, overrides.growth, queues, work))
    return scenario, plan, breaks


def _figures(result: PlanningResult) -> dict[str, float]:
    hard = sum(one.severity is Severity.BLOCKS_PUBLISHING for one in result.violations)
    shares = {name: float(result.kpis[name]) for name in ("short_hours", "over_hours", "coverage_share")}
    counts = {"blocking_count": hard, "reason_count": len(result.violations) - hard}
    return {**shares, **counts, "objective": float(result.objective)}
