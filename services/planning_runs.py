"""Planning runs: requests to build a roster, how they are claimed, reported on, stopped and ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from sqlalchemy import Engine

from scheduling.errors import ConflictError
from scheduling.ports import Progress
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services.beginning import refuse_other_days
from services.drafting import draft_within, drafted, roster_title
from storage import runs
from storage.drafts import DraftHead
from storage.errors import domain_errors
from storage.metadata import RunKind, RunState
from storage.rosters import RosterSummary, record, summary
from storage.runs import RunView
from storage.sites import site_row

MOST_ATTEMPTS = 3
"""A run whose worker died so often is given up."""


class RunLostError(ConflictError):
    """The planning run no longer belongs to this worker, because it was silent for too long; its result is discarded."""


def request_run(
    engine: Engine,
    site: str,
    first_day: date,
    weeks: int,
    *,
    seed: int,
    seconds: float,
    by: str,
    clock: Clock,
    begins_with: int | None = None,
) -> RunView:
    """Queue a planning run.

    Parameters
    ----------
    seconds
        How long it may take.
    begins_with
        A roster of the same days to begin with.

    Raises
    ------
    NotFoundError
        When there is no such site, or no such roster.
    ConflictError
        When the site has a run that has not ended, or the roster to begin with is of other days.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        base = None if begins_with is None else summary(connection, begins_with)
        if base is not None:
            refuse_other_days(base, site, first_day, weeks)
        run_id = runs.insert(
            connection,
            site_id=site_row(connection, site)._mapping["id"],
            first_day=first_day,
            weeks=weeks,
            seed=seed,
            seconds=seconds,
            requested_by=by,
            requested_at=now,
            base_roster_id=begins_with,
            base_version=base and base.version,
        )
        record(connection, now, by, "planning run requested", ("planning run", run_id), None, site=site)
        return runs.view(connection, run_id)


def claim_run(
    engine: Engine, worker: str, clock: Clock, kinds: Collection[RunKind] = tuple(RunKind)
) -> RunView | None:  # fmt: skip
    """Take the oldest queued run of some kinds for a worker, ``None`` when there is none; two workers never get the same one."""
    with domain_errors(), engine.begin() as connection:
        run_id = runs.claim(connection, worker, clock.now(), kinds)
        return None if run_id is None else runs.view(connection, run_id)


def report_progress(engine: Engine, run_id: int, worker: str, progress: Progress | None, clock: Clock) -> bool:
    """Write a sign of life, and progress where there is any; return whether somebody asked the run to stop.

    Raises
    ------
    RunLostError
        When the run no longer belongs to the worker.
    """
    with domain_errors(), engine.begin() as connection:
        stopping = runs.advance(connection, run_id, worker, clock.now(), progress)
    if stopping is None:
        raise RunLostError(f"Planning run {run_id} no longer belongs to {worker}.")
    return stopping


def request_stop(engine: Engine, run_id: int, *, by: str, clock: Clock) -> RunView:
    """Ask a run to stop with the best so far; one that has not begun ends at once.

    Raises
    ------
    NotFoundError
        When there is none with this id.
    ConflictError
        When it has ended already.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        found = runs.view(connection, run_id)
        if not runs.ask_to_stop(connection, run_id, by, now):
            raise ConflictError(f"Planning run {run_id} has ended already ({found.state.value}).")
        record(connection, now, by, "planning run stopped", ("planning run", run_id), None)
        return runs.view(connection, run_id)


def finish_run(
    engine: Engine,
    run: RunView,
    worker: str,
    scenario: Scenario,
    result: PlanningResult,
    clock: Clock,
    *,
    name: str = "",
    about: Mapping[str, object] | None = None,
) -> RosterSummary:
    """Store the result of a run as a draft and end the run, both or neither.

    Parameters
    ----------
    name
        What people call the draft; without one it is named after its first day.
    about
        What else is kept with the parameters of the draft.

    Raises
    ------
    RunLostError
        When the run no longer belongs to the worker.
    """
    now = clock.now()
    parameters = {"seconds": run.seconds, "planning_run": run.id, **(about or {})}
    head = DraftHead(run.site, name or roster_title(scenario.horizon), "", now, run.requested_by, parameters)
    figures = {"objective": float(result.objective), "bound": float(result.bound), "done": 1.0}
    with domain_errors(), engine.begin() as connection:
        roster_id = draft_within(connection, head, scenario, result)
        done = {"state": RunState.DONE.value, "finished_at": now, "roster_id": roster_id}
        if not runs.end(connection, run.id, worker, **done, **figures):
            raise RunLostError(f"Planning run {run.id} no longer belongs to {worker}; its result was discarded.")
    return drafted(engine, roster_id)


def fail_run(engine: Engine, run_id: int, worker: str, message: str, clock: Clock) -> None:
    """End a run without a roster and say why; nothing happens when it no longer belongs to the worker."""
    with domain_errors(), engine.begin() as connection:
        values = {"state": RunState.FAILED.value, "finished_at": clock.now(), "message": message}
        runs.end(connection, run_id, worker, **values)


def release_run(engine: Engine, run_id: int, worker: str) -> None:
    """Put a run back into the queue because its worker ends; nothing happens when it no longer belongs to the worker."""
    with domain_errors(), engine.begin() as connection:
        runs.end(connection, run_id, worker, state=RunState.QUEUED.value, worker=None, started_at=None, attempts=0)


def recover_runs(engine: Engine, *, timeout_seconds: float, clock: Clock) -> tuple[int, ...]:
    """Queue runs again whose worker was silent for too long, or give them up; return their ids."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        silent = runs.silent_since(connection, now - timedelta(seconds=timeout_seconds))
        for row in silent:
            if row.state == RunState.STOPPING.value:
                runs.give_up(connection, row.id, now, "Stopped; its worker had died, so nothing came of it.")
            elif row.attempts >= MOST_ATTEMPTS:
                runs.give_up(connection, row.id, now, f"Its worker died {row.attempts} times; look at the log of the worker.")
            else:
                runs.requeue(connection, row.id)
            record(connection, now, "worker", "planning run recovered", ("planning run", row.id), None, worker=row.worker)
    return tuple(row.id for row in silent)
