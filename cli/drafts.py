"""Generates a roster from the database and stores it as a draft."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.times import Clock
from services.drafting import planning_input_for, save_draft
from services.execution import Planner
from services.planning import prepare
from services.reading import RosterSummary


def generate_draft(
    engine: Engine,
    site: str,
    first_day: date,
    weeks: int,
    *,
    planner: Planner,
    progress: ProgressListener,
    stop: StopSignal,
    seed: int,
    seconds: float,
    by: str,
    clock: Clock,
    name: str = "",
) -> tuple[RosterSummary, PlanningResult]:
    """Return the stored draft and the result of planning; parameters as in `save_draft` and `Planner`.

    Raises
    ------
    BadInputError
        When the volumes do not suffice for a forecast, or the break policy is impossible.
    """
    progress(Progress("forecast", 0.0))
    scenario = prepare(planning_input_for(engine, site, first_day, weeks))
    result = planner(scenario, progress, stop, seed, seconds)
    parameters = {"seconds": seconds}
    return save_draft(engine, site, scenario, result, by=by, clock=clock, name=name, parameters=parameters), result
