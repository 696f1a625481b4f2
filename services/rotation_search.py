"""Searches for rotations: asked for by a planner, carried out as planning runs, stored with their answer or why there is none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine

from roster.rotation.check import check_rotations
from roster.rotation.explain import explain_rotation
from roster.rotation.solver import RotationResult, RotationStatus, solve_rotation
from roster.rotation.stints import LooseRulesError, work_stints
from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.rotation import RotationProblem
from scheduling.times import Clock
from services.planning_runs import RunLostError
from services.rotation_design import FILE, MOST_SECONDS, RotationRequest, problem_of, rotation_site
from storage import rotations, runs
from storage.errors import domain_errors
from storage.metadata import RunKind, RunState
from storage.rosters import record
from storage.runs import RunView
from storage.sites import ids_by, site_id
from storage.tables import shift_type, team

LEAST_EXPLAINED_SECONDS: Final = 1.0
"""Time to say why there is no rotation, where the proof took nearly all that was allowed."""
MOST_ACTIVE: Final = 5
"""Searches of a site that wait or work at once, so that nobody waits for those that somebody asked for by mistake."""
MESSAGES: Final[Mapping[RotationStatus, str]] = {
    RotationStatus.FEASIBLE: "",
    RotationStatus.INFEASIBLE: "There is no such rotation; that is proven.",
    RotationStatus.UNKNOWN: "It ended before an answer was there.",
}


class RotationTask(BaseModel):
    """What a run is asked that looks for a rotation.

    Parameters
    ----------
    question
        Requirement and rules, as `storage.rotations` keeps them.
    start
        The rotation that is gone on from.
    rotation
        The rotation that was stored, as soon as the run is done.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    team_id: int | None
    shift_type_ids: tuple[int, ...]
    weeks: int
    question: dict[str, Any]
    most_free_weekends: bool
    start: int | None = None
    rotation: int | None = None


@dataclass(frozen=True)
class Search:
    """What a run found."""

    task: RotationTask
    problem: RotationProblem
    result: RotationResult
    explanation: dict[str, list[str]]


def request_search(engine: Engine, site: str, request: RotationRequest, *, by: str, clock: Clock) -> RunView:
    """Queue a run that looks for a rotation.

    Raises
    ------
    BadInputError
        When the request makes no sense, or the rules leave too many different runs of work; with every fault.
    ConflictError
        When too many searches wait.
    NotFoundError
        When there is no such site.
    """
    problem = problem_of(rotation_site(engine, site), request)
    try:
        work_stints(problem.rules)
    except LooseRulesError as error:
        raise BadInputError([Fault(FILE, None, "working days in a row", _range(request), str(error))]) from None
    with domain_errors(), engine.connect() as connection:
        number = site_id(connection, site)
        shifts, teams = ids_by(connection, shift_type, "code", number), ids_by(connection, team, "name", number)
    task = RotationTask(
        name=request.name.strip(),
        team_id=teams.get(request.team or ""),
        shift_type_ids=tuple(shifts[code] for code in problem.shifts),
        weeks=request.weeks,
        question=rotations.question_document(problem),
        most_free_weekends=request.most_free_weekends,
    )
    return _queued(engine, site, task, request.seed, request.seconds, by, clock)


def _range(request: RotationRequest) -> str:
    return f"{request.work[0]} to {request.work[1]}"


def request_more(engine: Engine, rotation_id: int, *, seconds: float, by: str, clock: Clock) -> RunView:
    """Queue a run that goes on from a rotation: to more free weekends, or to an answer where none was found in the time.

    What it finds is a rotation of its own; the one that it begins with stays as it is, for people may go through it.

    Raises
    ------
    NotFoundError
        When there is no rotation with this id.
    BadInputError
        When it may take no time, or too much.
    ConflictError
        When its answer is final, or too many searches wait.
    """
    with domain_errors(), engine.connect() as connection:
        found = rotations.read_rotation(connection, rotation_id)
        teams = ids_by(connection, team, "name", site_id(connection, found.site))
    if found.is_proven:
        raise ConflictError(f"The answer of rotation {rotation_id} is proven; there is nothing more to look for.")
    task = RotationTask(
        name=found.name,
        team_id=teams.get(found.team or ""),
        shift_type_ids=found.shift_type_ids,
        weeks=found.problem.weeks,
        question=rotations.question_document(found.problem),
        most_free_weekends=found.most_free_weekends or bool(found.rotations),
        start=rotation_id if found.rotations else None,
    )
    return _queued(engine, found.site, task, found.seed, seconds, by, clock)


def _queued(engine: Engine, site: str, task: RotationTask, seed: int, seconds: float, by: str, clock: Clock) -> RunView:
    now = clock.now()
    if not 1 <= seconds <= MOST_SECONDS:
        raise BadInputError([Fault(FILE, None, "seconds", f"{seconds:g}", f"Choose 1 to {MOST_SECONDS:g} seconds.")])
    with domain_errors(), engine.begin() as connection:
        if len(runs.active_of(connection, site, RunKind.ROTATION)) >= MOST_ACTIVE:
            raise ConflictError(f"{MOST_ACTIVE} searches for rotations wait or work already; wait for one, or stop one.")
        run_id = runs.insert(
            connection,
            site_id=site_id(connection, site),
            seed=seed,
            seconds=seconds,
            requested_by=by,
            requested_at=now,
            kind=RunKind.ROTATION.value,
            task=task.model_dump(mode="json", exclude_defaults=True),
        )
        record(connection, now, by, "rotation asked for", ("planning run", run_id), None, name=task.name)
        return runs.view(connection, run_id)


def active_searches(engine: Engine, site: str) -> tuple[RunView, ...]:
    """Return the searches of a site that wait or work, the oldest first."""
    with domain_errors(), engine.connect() as connection:
        return runs.active_of(connection, site, RunKind.ROTATION)


def search(engine: Engine, run: RunView, progress: ProgressListener, stop: StopSignal) -> Search:
    """Look for the rotation that a run asks for; where there is none, for the reasons.

    Raises
    ------
    ConflictError
        When the independent checker does not accept what was found.
    """
    task = RotationTask.model_validate(run.task)
    with domain_errors(), engine.connect() as connection:
        problem = rotations.question_of(rotations.codes_of(connection, task.shift_type_ids), task.weeks, task.question)
        start = rotations.read_rotation(connection, task.start).rotations if task.start else ()
    result = solve_rotation(
        problem,
        seed=run.seed,
        seconds=run.seconds,
        most_free_weekends=task.most_free_weekends,
        start=start,
        stop=stop,
        progress=progress,
    )
    if result.rotations and (faults := check_rotations(problem, result.rotations)):
        raise ConflictError(f"The checker does not accept the rotation that was found: {faults[0].sentence}")
    return Search(task, problem, result, explanation_of(problem, result, run.seconds, progress, stop))


def explanation_of(
    problem: RotationProblem, result: RotationResult, seconds: float, progress: ProgressListener, stop: StopSignal
) -> dict[str, list[str]]:
    """Return why there is no rotation and what would make one possible; nothing where there is one, or nothing is known."""
    if result.status is not RotationStatus.INFEASIBLE:
        return {}
    began = time.monotonic() - result.seconds

    def over() -> bool:
        # The stop signal is asked often, so the time that went by is told here.
        progress(Progress("looking for what clashes", min(1.0, (time.monotonic() - began) / seconds)))
        return stop()

    left = max(LEAST_EXPLAINED_SECONDS, seconds - result.seconds)
    told = explain_rotation(problem, seed=result.seed, seconds=left, stop=over)
    return {"clash": list(told.clash), "relaxations": [change.words for change in told.relaxations]}


def finish_search(engine: Engine, run: RunView, worker: str, found: Search, clock: Clock) -> None:
    """Store what was found and end the run, both or neither; RunLostError when the run no longer belongs to the worker."""
    now, task, result = clock.now(), found.task, found.result
    with domain_errors(), engine.begin() as connection:
        values = {
            "site_id": site_id(connection, run.site),
            "name": task.name,
            "team_id": task.team_id,
            "shift_type_ids": list(task.shift_type_ids),
            "state": result.status.value,
            "free_weekends": result.free_weekends,
            "most_free_weekends": task.most_free_weekends,
            # Where the first rotation was taken, nothing is known of how many weekends can be free.
            "is_proven": result.proven and (result.bound is not None or not result.rotations),
            "explanation": found.explanation,
            "seconds": result.seconds,
            "seed": run.seed,
            "created_at": now,
            "created_by": run.requested_by,
        }
        rotation_id = rotations.save_rotation(connection, values, found.problem, result.rotations)
        record(connection, now, run.requested_by, "rotation designed", ("rotation", rotation_id), None, state=result.status.value)
        done = {"state": RunState.DONE.value, "finished_at": now, "done": 1.0, "phase": "done"}
        told = task.model_copy(update={"rotation": rotation_id}).model_dump(mode="json", exclude_defaults=True)
        weekends = float(result.free_weekends) if result.rotations else None
        figures = {"objective": weekends, "bound": None if result.bound is None else float(result.bound)}
        if not runs.end(connection, run.id, worker, **done, **figures, message=MESSAGES[result.status], task=told):
            raise RunLostError(f"Planning run {run.id} no longer belongs to {worker}; its result was discarded.")
