"""Repairs: ask for the least change that mends a roster, look at the difference, take it or leave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine

from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.people import Associate
from scheduling.plan import DAY_WORDS
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services.overrides import Overrides, facts_of
from storage import edits, publication, repairs, rosters, runs
from storage.edits import CellChange, StoredEdit
from storage.errors import domain_errors
from storage.metadata import RosterState, RunKind, RunState
from storage.operation_reading import associates_with_ids, queues_of
from storage.rosters import RosterFrame, RosterSummary, record
from storage.runs import RunView
from storage.sites import site_id

__all__ = [
    "DayMoved",
    "Repair",
    "RepairFigures",
    "RepairTask",
    "accept",
    "discard",
    "free_days",
    "repair_of",
    "request_repair",
]

MOST_SECONDS: Final = 600
REPAIR_SEED: Final = 1


class RepairTask(BaseModel):
    """What a repair is asked for.

    Parameters
    ----------
    associates
        Codes of those whose days may change; everybody when empty.
    first_day, last_day
        Days that may change, both included; without them the whole roster.
    notice_days
        Days from today, today included, on which nothing changes that a fact does not force.
    changed_day_cost
        Head-hours that a changed day must gain.
    overrides
        What happened, where the operation does not know of it yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    associates: tuple[str, ...] = Field(default=(), max_length=20_000)
    first_day: date | None = None
    last_day: date | None = None
    notice_days: int = Field(default=0, ge=0, le=366)
    changed_day_cost: float = Field(default=2.0, ge=0, le=1000, allow_inf_nan=False)
    overrides: Overrides = Overrides()


@dataclass(frozen=True)
class DayMoved:
    """One day of one associate that a repair changes; `before` and `after` are a shift code or a word such as ``off``."""

    associate: str
    name: str
    day: date
    before: str
    after: str


@dataclass(frozen=True)
class RepairFigures:
    """What a roster is worth under what holds now."""

    short_hours: float
    over_hours: float
    coverage_share: float
    blocking_count: int
    reason_count: int
    objective: float


@dataclass(frozen=True)
class Repair:
    """A repair that is ready to be looked at.

    Parameters
    ----------
    base, draft
        The roster as it stands, and the one with the least change.
    before, after
        Figures without and with the repair, both under what holds now.
    is_current
        Whether the roster is still in the version that was repaired.
    """

    run: RunView
    task: RepairTask
    base: RosterSummary
    draft: RosterSummary
    changes: tuple[DayMoved, ...]
    before: RepairFigures
    after: RepairFigures
    is_current: bool


def request_repair(
    engine: Engine, roster_id: int, task: RepairTask, *, seconds: float, by: str, clock: Clock, seed: int = REPAIR_SEED
) -> RunView:
    """Queue a repair of a roster.

    Raises
    ------
    NotFoundError
        When there is none with this id.
    BadInputError
        When an associate or a queue is not known, or days lie outside the roster; with every fault.
    ConflictError
        When it is superseded, or being repaired already.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        head = rosters.summary(connection, roster_id)
        if head.state is RosterState.SUPERSEDED:
            raise ConflictError(f"Roster {roster_id} is superseded: no day of it is in force any more. Repair the one in force.")
        _refuse_unknown(connection, head, task)
        run_id = runs.insert(
            connection,
            site_id=site_id(connection, head.site),
            first_day=head.first_day,
            weeks=head.weeks,
            seed=seed,
            seconds=seconds,
            requested_by=by,
            requested_at=now,
            kind=RunKind.REPAIR.value,
            base_roster_id=roster_id,
            base_version=head.version,
            task=task.model_dump(mode="json", exclude_defaults=True),
        )
        record(connection, now, by, "repair requested", ("roster", roster_id), head.version, **facts_of(task.overrides))
        return runs.view(connection, run_id)


def _refuse_unknown(connection: Connection, head: RosterSummary, task: RepairTask) -> None:
    """Refuse what the roster does not have, all of it at once."""
    codes = {one.code for one in _people(connection, head.id)}
    queues = {queue.name for queue in queues_of(connection, site_id(connection, head.site))}
    faults = [
        Fault("repair", None, "associates", code, "This roster has no associate with this code.")
        for code in sorted({*task.associates, *task.overrides.named} - codes)
    ]
    faults += [
        Fault("repair", None, "queue", one.queue, "The site has no queue of this name.")
        for one in task.overrides.growth
        if one.queue not in queues
    ]
    first, last = task.first_day or head.first_day, task.last_day or head.last_day
    if last < first or last < head.first_day or first > head.last_day:
        words = f"Choose days between {head.first_day} and {head.last_day}, the first before the last."
        faults.append(Fault("repair", None, "days", f"{first} to {last}", words))
    if faults:
        raise BadInputError(faults)


def free_days(scenario: Scenario, task: RepairTask, today: date) -> NDArray[np.bool_]:
    """Return which days of whom a repair may change, shape (associates, days): none that is over, none within the notice."""
    first = max(task.first_day or date.min, today, today + timedelta(days=task.notice_days))
    last = task.last_day or date.max
    days = np.array([first <= day <= last for day in scenario.horizon.dates])
    chosen = frozenset(task.associates)
    people = np.array([not chosen or one.code in chosen for one in scenario.associates])
    return np.asarray(people[:, None] & days[None, :])


def repair_of(engine: Engine, run_id: int) -> Repair:
    """Return a repair that has ended with a draft.

    Raises
    ------
    NotFoundError
        When there is no such repair, or none that is ready.
    """
    with domain_errors(), engine.connect() as connection:
        run = runs.view(connection, run_id)
        if run.kind is not RunKind.REPAIR or run.base_roster_id is None:
            raise NotFoundError(f"Run {run_id} is no repair of a roster.")
        if run.state is not RunState.DONE or run.roster_id in {None, run.base_roster_id}:
            raise NotFoundError(f"Repair {run_id} has nothing to decide: {run.message or run.state.value}.")
        assert run.roster_id is not None  # noqa: S101 - as was asked above.
        base, draft = rosters.summary(connection, run.base_roster_id), rosters.summary(connection, run.roster_id)
        return Repair(
            run=run,
            task=RepairTask.model_validate(run.task),
            base=base,
            draft=draft,
            changes=_changes(connection, base.id, draft.id),
            before=RepairFigures(**draft.parameters["before"]),
            after=_figures(draft),
            is_current=base.version == run.base_version,
        )


def _figures(draft: RosterSummary) -> RepairFigures:
    shares = {name: draft.kpis[name] for name in ("short_hours", "over_hours", "coverage_share")}
    return RepairFigures(
        **shares, blocking_count=draft.blocking_count, reason_count=draft.reason_count, objective=draft.objective
    )


def _changes(connection: Connection, base_id: int, draft_id: int) -> tuple[DayMoved, ...]:
    """Return the days on which two rosters of the same people differ, in the order of associates and days."""
    frame = rosters.frame(connection, base_id)
    before, after = (
        rosters.load_plan(connection, number, frame.axes, frame.horizon, ())[0].values for number in (base_id, draft_id)
    )
    people = _people(connection, base_id)
    words = _words(frame)
    return tuple(
        DayMoved(
            people[row].code,
            people[row].name,
            frame.horizon.dates[day],
            before=words[int(before[row, day])],
            after=words[int(after[row, day])],
        )
        for row, day in np.argwhere(before != after).tolist()
    )


def _words(frame: RosterFrame) -> Mapping[int, str]:
    return {**DAY_WORDS, **{index: shift.code for index, shift in enumerate(frame.shift_types)}}


def accept(engine: Engine, run_id: int, *, by: str, clock: Clock) -> RosterSummary:
    """Take a repair: a draft becomes what the repair made of it, a published roster gets a draft that can take its place.

    Absences and ends of contracts that the repair was told of become facts of the operation.

    Returns
    -------
    The roster to look at: the repaired draft, or the new draft to publish.

    Raises
    ------
    NotFoundError
        When there is no repair to decide.
    ConflictError
        When the roster was changed since it was repaired, or somebody accepted it already.
    """
    found, now = repair_of(engine, run_id), clock.now()
    base, draft = found.base, found.draft
    with domain_errors(), engine.begin() as connection:
        if found.run.base_version is None:
            raise ConflictError(f"Repair {run_id} does not say which version it repaired; repair again.")
        publication.lock_for_change(connection, base.id, found.run.base_version)
        _enter_facts(connection, base.site, found.task.overrides)
        detail: dict[str, Any] = {"planning_run": run_id, "days_changed": len(found.changes)}
        record(connection, now, by, "repair accepted", ("roster", base.id), base.version, **detail)
        if base.state is RosterState.DRAFT:
            return _adopt(connection, found, by, now)
        if not repairs.note_accepted(connection, run_id, by, f"publish roster {draft.id} to put it in force"):
            raise ConflictError(f"Repair {run_id} was accepted already; publish roster {draft.id} to put it in force.")
        return draft


def _adopt(connection: Connection, found: Repair, by: str, now: datetime) -> RosterSummary:
    """Change a draft to what its repair made of it, logged as an edit, so that whoever has it open follows and may undo it."""
    base = found.base
    ids = edits.associates_by_code(connection, base.id, [one.associate for one in found.changes])
    keys = [(ids[one.associate], one.day) for one in found.changes]
    before = edits.read_cells(connection, base.id, keys)
    repairs.adopt(connection, found.draft.id, base.id)
    after = edits.read_cells(connection, base.id, keys)
    cells = {key: CellChange(before[key], after[key]) for key in keys}
    why = f"repair {found.run.id}"
    edits.log_edit(connection, base.id, StoredEdit(base.version + 1, now, by, "", why, None, cells))
    return rosters.summary(connection, base.id)


def _people(connection: Connection, roster_id: int) -> tuple[Associate, ...]:
    frame = rosters.frame(connection, roster_id)
    return associates_with_ids(connection, frame.axes.associates, frame.horizon)


def _enter_facts(connection: Connection, site: str, overrides: Overrides) -> None:
    for away in overrides.absences:
        repairs.add_leave(connection, site, away.associate, away.first_day, away.last_day)
    for end in overrides.contract_ends:
        repairs.end_contract(connection, site, end.associate, end.last_day)


def discard(engine: Engine, run_id: int, *, by: str, clock: Clock) -> int:
    """Throw a repair away; nothing of it stays but its run. Return the id of the roster that was to be repaired."""
    found, now = repair_of(engine, run_id), clock.now()
    with domain_errors(), engine.begin() as connection:
        draft = rosters.summary(connection, found.draft.id)
        if draft.state is not RosterState.DRAFT:
            raise ConflictError(f"The repair was published as roster {draft.id}; it cannot be discarded any more.")
        if copies := repairs.names_of_scenarios(connection, draft.id):
            raise ConflictError(f"Scenarios copy this repair ({', '.join(copies)}). Remove them first, or keep the repair.")
        record(connection, now, by, "repair discarded", ("roster", found.base.id), found.base.version, planning_run=run_id)
        repairs.throw_away(connection, run_id, draft.id, found.base.id, f"Discarded by {by}.")
    return found.base.id


def local_today(head: RosterSummary, clock: Clock) -> date:
    """Return the local date at the site of a roster."""
    return clock.now().astimezone(ZoneInfo(head.zone_name)).date()
