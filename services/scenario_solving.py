"""Carrying out a scenario: lay its document over the roster's own facts, solve, and keep what came out with the scenario."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import Engine

from roster.amend import AmendParams
from scheduling.plan import DAY_WORDS, NONE, NOWHERE, BreakPlan, RosterPlan
from scheduling.ports import Planner, ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services.amending import amend
from services.overrides import Overrides, grown, over, staffed, work_of_queues
from services.planning_runs import RunLostError
from services.scenarios import Outcome, ScenarioDocument, document_of
from storage import drafts, operation_reading, rosters, runs, scenarios
from storage.errors import domain_errors
from storage.metadata import RunState
from storage.runs import RunView
from storage.sites import site_id


@dataclass(frozen=True)
class Copy:
    """A roster under the facts of a scenario; people who are new have nothing yet."""

    scenario: Scenario
    plan: RosterPlan
    breaks: BreakPlan


def solve_scenario(
    engine: Engine, run: RunView, planner: Planner, progress: ProgressListener, stop: StopSignal
) -> Outcome:  # fmt: skip
    """Compute what comes out of the scenario that a planning run asks about."""
    with domain_errors(), engine.connect() as connection:
        row = scenarios.with_id(connection, int(run.task["scenario"]))
    document = ScenarioDocument.model_validate(row.document)
    copy = copied(engine, row.base_roster_id, document.overrides)
    if document.method == "anew":
        result = planner(copy.scenario, progress, stop, run.seed, run.seconds, None)
    else:
        free = np.ones(copy.plan.values.shape, dtype=bool)
        params = AmendParams(changed_day_cost=document.changed_day_cost)
        found = amend(copy.scenario, copy.plan, copy.breaks, free, progress, stop, run.seed, run.seconds, params)
        result = found.after
    return outcome_of(copy.scenario, result)


def copied(engine: Engine, roster_id: int, overrides: Overrides) -> Copy:
    """Return a roster with the document laid over its facts."""
    with domain_errors(), engine.connect() as connection:
        frame = rosters.frame(connection, roster_id)
        plan, breaks = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon)
        base = drafts.read_scenario(connection, roster_id)
        number = site_id(connection, frame.site)
        work = work_of_queues(operation_reading.stored_volumes(connection, number, base.horizon))
        queues = operation_reading.queues_of(connection, number)
    requirement = grown(base.requirement, overrides.growth, queues, work)
    scenario = staffed(over(replace(base, requirement=requirement), overrides), overrides)
    rows = [base.associate_index.get(one.code, -1) for one in scenario.associates]
    return Copy(scenario, *_rows_of(plan, breaks, rows))


def _rows_of(plan: RosterPlan, breaks: BreakPlan, rows: list[int]) -> tuple[RosterPlan, BreakPlan]:
    """Return a roster with other rows; -1 stands for somebody who is new."""
    new = np.array(rows) < 0
    values, places, assigned = plan.values[rows].copy(), plan.places[rows].copy(), breaks.assigned[rows].copy()
    carried = breaks.carried[rows].copy()
    values[new], places[new], assigned[new], carried[new] = NONE, NOWHERE, -1, -1
    return RosterPlan(values, places), replace(breaks, assigned=assigned, carried=carried)


def outcome_of(scenario: Scenario, result: PlanningResult) -> Outcome:
    """Return what is kept of a result."""
    words = {**DAY_WORDS, **{number: shift.code for number, shift in enumerate(scenario.shift_types)}}
    counts = Counter((one.rule, str(one.severity)) for one in result.violations)
    lines = zip(scenario.associates, result.plan.values.tolist(), strict=True)
    return Outcome(
        objective=float(result.objective),
        bound=float(result.bound),
        seconds=float(result.wall_seconds),
        kpis={name: float(value) for name, value in result.kpis.items()},
        parts={name: float(value) for name, value in result.objective_parts.items()},
        violations=tuple((rule, severity, number) for (rule, severity), number in sorted(counts.items())),
        lines={one.code: tuple(words[value] for value in line) for one, line in lines},
    )


def finish_scenario(engine: Engine, run: RunView, worker: str, outcome: Outcome, clock: Clock) -> None:
    """Keep what came out and end the run, both or neither; RunLostError when the run no longer belongs to the worker."""
    now = clock.now()
    figures = {"objective": outcome.objective, "bound": outcome.bound, "done": 1.0}
    with domain_errors(), engine.begin() as connection:
        scenarios.keep_result(connection, int(run.task["scenario"]), document_of(outcome), now)
        if not runs.end(connection, run.id, worker, state=RunState.DONE.value, finished_at=now, **figures):
            raise RunLostError(f"Planning run {run.id} no longer belongs to {worker}; its result was discarded.")
