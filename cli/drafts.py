"""Generates a roster from the database and stores it as a draft."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from scheduling.ports import Planner, Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.times import Clock
from services.beginning import start_of
from services.drafting import planning_input_for, save_draft
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
    begins_with: int | None = None,
) -> tuple[RosterSummary, PlanningResult]:
    """Return the stored draft and the result of planning; parameters as in `save_draft` and `Planner`.

    Parameters
    ----------
    begins_with
        A stored roster of the same days to begin with.

    Raises
    ------
    BadInputError
        When the volumes do not suffice for a forecast, or the break policy is impossible.
    ConflictError
        When the roster to begin with is of another site or other days.
    """
    progress(Progress("forecast", 0.0))
    scenario = prepare(planning_input_for(engine, site, first_day, weeks))
    start = None if begins_with is None else start_of(engine, begins_with, site, scenario)
    result = planner(scenario, progress, stop, seed, seconds, start)
    parameters = {"seconds": seconds} if begins_with is None else {"seconds": seconds, "begins_with": begins_with}
    return save_draft(engine, site, scenario, result, by=by, clock=clock, name=name, parameters=parameters), result
