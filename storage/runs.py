"""Planning runs: the queue of requests, the claim, progress and ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, text, update

from scheduling.errors import ConflictError, NotFoundError
from scheduling.ports import Progress
from storage.metadata import RunKind, RunState
from storage.tables import planning_run, planning_step, site

ACTIVE = (RunState.QUEUED.value, RunState.RUNNING.value, RunState.STOPPING.value)
WORKING = (RunState.RUNNING.value, RunState.STOPPING.value)

CLAIM = text(
    "UPDATE planning_run SET state = 'running', worker = :worker, started_at = :now, heartbeat_at = :now, "
    "attempts = attempts + 1, phase = '', done = 0, objective = NULL, bound = NULL WHERE id = ("
    "SELECT id FROM planning_run WHERE state = 'queued' AND kind = ANY(CAST(:kinds AS run_kind[])) "
    "ORDER BY requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
    ") RETURNING id"
)


@dataclass(frozen=True)
class RunStep:
    """Where a planning run stood at one moment."""

    recorded_at: datetime
    phase: str
    done: float
    objective: float | None
    bound: float | None


@dataclass(frozen=True)
class RunView:
    """A planning run, as the page of its progress shows it.

    Parameters
    ----------
    first_day, weeks
        The days that are planned; a rotation belongs to none.
    done
        Share of the work that is done, 0 to 1.
    message
        Why it failed, or a note about how it ended.
    roster_id
        The draft that it made.
    base_roster_id, base_version
        The roster that it begins with, in the version that was looked at.
    task
        What is asked beside days, seed and time, as the service of its kind wrote it.
    history
        How objective and bound moved, the oldest first.
    """

    id: int
    site: str
    first_day: date | None
    weeks: int | None
    seed: int
    seconds: float
    state: RunState
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None
    stop_requested_by: str | None
    worker: str | None
    attempts: int
    phase: str
    done: float
    objective: float | None
    bound: float | None
    message: str
    roster_id: int | None
    kind: RunKind = RunKind.ROSTER
    base_roster_id: int | None = None
    base_version: int | None = None
    task: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[RunStep, ...] = ()

    @property
    def is_bounded(self) -> bool:
        """Whether its bound says anything: that nothing costs less than nothing, which is all that a repair knows, does not."""
        if self.bound is None or self.objective is None:
            return self.bound is not None and self.kind is RunKind.ROTATION
        return self.bound > 0 or self.objective <= 0 or self.kind is RunKind.ROTATION

    @property
    def never_began(self) -> bool:
        """Whether it was stopped before a worker took it."""
        return self.stop_requested_by is not None and self.started_at is None

    @property
    def gap(self) -> float | None:
        """Relative distance of the objective from the bound, as soon as both are known."""
        if self.objective is None or not self.is_bounded or self.bound is None:
            return None
        # Cost shall be low, and free weekends, which are the objective of a rotation, many.
        distance = self.objective - self.bound if self.kind is not RunKind.ROTATION else self.bound - self.objective
        return max(0.0, distance / max(abs(self.objective), 1e-9))

    @property
    def days(self) -> tuple[date, int]:
        """First day and weeks that are planned; ConflictError for a run that belongs to no days."""
        if self.first_day is None or self.weeks is None:
            raise ConflictError(f"Planning run {self.id} belongs to no days.")
        return self.first_day, self.weeks

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state.value in ACTIVE


def _query() -> Select[tuple[Any, ...]]:
    columns = [column for column in planning_run.c if column.name != "site_id"]
    return select(site.c.code.label("site"), *columns).join_from(planning_run, site)


def _view_of(row: Row[tuple[Any, ...]], history: Sequence[RunStep] = ()) -> RunView:
    return RunView(**{**row._mapping, "state": RunState(row.state), "kind": RunKind(row.kind), "history": tuple(history)})


def _with_history(connection: Connection, row: Row[tuple[Any, ...]]) -> RunView:
    columns = [planning_step.c[name] for name in ("recorded_at", "phase", "done", "objective", "bound")]
    steps = select(*columns).where(planning_step.c.planning_run_id == row.id).order_by(planning_step.c.id)
    return _view_of(row, [RunStep(*step) for step in connection.execute(steps)])


def view(connection: Connection, run_id: int) -> RunView:
    """Return a planning run with its history; NotFoundError when there is none with this id."""
    row = connection.execute(_query().where(planning_run.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no planning run {run_id}.")
    return _with_history(connection, row)


def active(connection: Connection, site_code: str) -> RunView | None:
    """Return the planning run of a site that builds a roster anew and has not ended, if there is one."""
    anew = (planning_run.c.kind == RunKind.ROSTER.value, planning_run.c.state.in_(ACTIVE))
    row = connection.execute(_query().where(site.c.code == site_code, *anew)).one_or_none()
    return None if row is None else _with_history(connection, row)


def active_of(connection: Connection, site_code: str, kind: RunKind) -> tuple[RunView, ...]:
    """Return the planning runs of one kind at a site that have not ended, without their history, the oldest first."""
    mine = (site.c.code == site_code, planning_run.c.kind == kind.value, planning_run.c.state.in_(ACTIVE))
    query = _query().where(*mine).order_by(planning_run.c.requested_at, planning_run.c.id)
    return tuple(_view_of(row) for row in connection.execute(query))


def latest(connection: Connection, *, site_code: str | None, limit: int) -> tuple[RunView, ...]:
    """Return planning runs without their history, the newest first."""
    query = _query().order_by(planning_run.c.requested_at.desc(), planning_run.c.id.desc()).limit(limit)
    if site_code is not None:
        query = query.where(site.c.code == site_code)
    return tuple(_view_of(row) for row in connection.execute(query))


def insert(connection: Connection, **values: object) -> int:
    """Queue a planning run; return its id."""
    statement = planning_run.insert().values(state=RunState.QUEUED.value, **values).returning(planning_run.c.id)
    return int(connection.execute(statement).scalar_one())


def claim(connection: Connection, worker: str, now: datetime, kinds: Collection[RunKind]) -> int | None:
    """Take the oldest queued run of these kinds for a worker; return its id. Two workers never get the same one."""
    values = {"worker": worker, "now": now, "kinds": [kind.value for kind in kinds]}
    found = connection.execute(CLAIM, values).scalar_one_or_none()
    return None if found is None else int(found)


def advance(connection: Connection, run_id: int, worker: str, now: datetime, progress: Progress | None) -> bool | None:
    """Write heartbeat and progress of a run.

    Returns
    -------
    Whether somebody asked it to stop; ``None`` when the run no longer belongs to the worker.
    """
    values: dict[str, Any] = {"heartbeat_at": now}
    if progress is not None:
        values |= {"phase": progress.phase, "done": min(1.0, max(0.0, progress.done))}
        known = {"objective": progress.objective, "bound": progress.bound}
        values |= {name: value for name, value in known.items() if value is not None}
    statement = (
        update(planning_run)
        .where(planning_run.c.id == run_id, planning_run.c.worker == worker, planning_run.c.state.in_(WORKING))
        .values(**values)
        .returning(planning_run.c.state)
    )
    state = connection.execute(statement).scalar_one_or_none()
    if state is None:
        return None
    if progress is not None:
        del values["heartbeat_at"]
        connection.execute(planning_step.insert().values(planning_run_id=run_id, recorded_at=now, **values))
    return bool(state == RunState.STOPPING.value)


def ask_to_stop(connection: Connection, run_id: int, by: str, now: datetime) -> bool:
    """Ask an active run to stop; one that is still queued ends at once. Return whether there was anything to stop."""
    mine = planning_run.c.id == run_id
    waiting = (
        update(planning_run)
        .where(mine, planning_run.c.state == RunState.QUEUED.value)
        .values(state=RunState.FAILED.value, finished_at=now, stop_requested_by=by, message="Stopped before it began.")
    )
    working = (
        update(planning_run)
        .where(mine, planning_run.c.state.in_(WORKING))
        .values(state=RunState.STOPPING.value, stop_requested_by=func.coalesce(planning_run.c.stop_requested_by, by))
    )
    return connection.execute(waiting).rowcount + connection.execute(working).rowcount > 0


def end(connection: Connection, run_id: int, worker: str, /, **values: object) -> bool:
    """Take a run of a worker to another state; return whether it still belonged to the worker."""
    statement = (
        update(planning_run)
        .where(planning_run.c.id == run_id, planning_run.c.worker == worker, planning_run.c.state.in_(WORKING))
        .values(**values)
    )
    return connection.execute(statement).rowcount > 0


def silent_since(connection: Connection, moment: datetime) -> list[Row[tuple[Any, ...]]]:
    """Return the runs whose worker was not heard of since a moment, locked for this transaction."""
    query = select(planning_run).where(planning_run.c.state.in_(WORKING), planning_run.c.heartbeat_at < moment)
    return list(connection.execute(query.with_for_update(skip_locked=True)))


def requeue(connection: Connection, run_id: int) -> None:
    """Put a run back into the queue."""
    connection.execute(
        update(planning_run).where(planning_run.c.id == run_id).values(state=RunState.QUEUED.value, worker=None, started_at=None)
    )


def give_up(connection: Connection, run_id: int, now: datetime, message: str) -> None:
    """End a run without a roster."""
    values = {"state": RunState.FAILED.value, "finished_at": now, "message": message}
    connection.execute(update(planning_run).where(planning_run.c.id == run_id).values(**values))
