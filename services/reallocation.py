"""Reallocation: moving volume and people by hand, with the effect seen before and an undo after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from allocation.projection import FloorState, MoveError, Projection, QueueEffect, effect, project
from scheduling.errors import ConflictError
from scheduling.times import Clock
from services.day_breaks import REPAIRED, undo_repair
from services.floor_reading import PeopleReading, WorkReading, read_people, read_work
from services.floor_settings import AUTOMATIC_ACTOR, switch_within
from services.floor_state import Changes, floor_state
from services.job_moves import UNDO_FINISHED, Pace, Undone, move_jobs, return_jobs, undone_already
from services.move_plans import MoveRefusedError, TeamIds, current_state, planned, write
from services.moves import (
    MOVES,
    LendAssociates,
    Move,
    MoveJobs,
    RouteShare,
    SetMix,
    document_of,
    move_of,
    with_last_jobs_moved,
)
from storage import steering
from storage.actions import FloorAction, action_with_id, actions_of, record_action
from storage.errors import domain_errors

__all__ = [
    "Effect",
    "Entry",
    "LendAssociates",
    "Move",
    "MoveJobs",
    "MoveRefusedError",
    "Pace",
    "RouteShare",
    "SetMix",
    "Undone",
    "apply",
    "history",
    "preview",
    "undo",
]

UNDO: Final = "undo"


@dataclass(frozen=True, eq=False)
class Effect:
    """What a move would do, from the projection with and without it.

    Parameters
    ----------
    subject
        The move in words.
    queues
        The queues for which something changes, and those that the move names.
    """

    subject: str
    queues: tuple[QueueEffect, ...]
    before: Projection | None
    after: Projection | None


@dataclass(frozen=True)
class Entry:
    """One line of the history.

    Parameters
    ----------
    moved
        Jobs that it moved; nothing for what moves no jobs.
    why_final
        Why it cannot be undone here; empty when it can.
    """

    action: FloorAction
    moved: int | None
    why_final: str


def preview(engine: Engine, site_id: int, move: Move, *, clock: Clock, team_ids: TeamIds = None) -> Effect:
    """Return what a move would do; nothing is changed.

    Raises
    ------
    MoveRefusedError
        As `apply` does, and when fewer jobs wait than are to be moved.
    """
    now = clock.now()
    with domain_errors():
        # The checks lock what they look at, which is given up at once.
        with engine.connect() as connection:
            plan = planned(connection, site_id, move, now, team_ids)
            connection.rollback()
        with engine.connect() as connection:
            work, people = read_work(connection, site_id, now), read_people(connection, site_id, now)
    before = floor_state(work, people)
    if before is None:
        return Effect(plan.subject, (), None, None)
    try:
        changed = state_with(work, people, before, (move,))
    except MoveError as error:
        raise MoveRefusedError(str(error)) from error
    was, will = project(before), project(changed)
    return Effect(plan.subject, changed_queues(effect(was, will), _named(move)), was, will)


def state_with(work: WorkReading, people: PeopleReading, state: FloorState, moves: Collection[Move]) -> FloorState:
    """Return the state of the floor as it would be after some moves; `state` is that without them."""
    changes = Changes(
        mixes={(one.team_id, one.queue_id): (one.share, one.reserved_share) for one in moves if isinstance(one, SetMix)},
        routes={(one.from_queue_id, one.to_queue_id): one.share for one in moves if isinstance(one, RouteShare)},
        teams={who: one.team_id for one in moves if isinstance(one, LendAssociates) for who in one.associate_ids},
    )
    changed = state
    if changes != Changes():
        changed = floor_state(work, people, changes) or state
    for one in moves:
        if isinstance(one, MoveJobs):
            changed = with_last_jobs_moved(changed, one)
    return changed


def changed_queues(effects: dict[int, QueueEffect], named: Collection[int]) -> tuple[QueueEffect, ...]:
    """Return the effects that are worth showing: of queues that are named, and where late jobs become more or fewer."""
    return tuple(one for one in effects.values() if one.queue_id in named or abs(one.late_avoided) >= 1)


def _named(move: Move) -> frozenset[int]:
    if isinstance(move, MoveJobs | RouteShare):
        return frozenset({move.from_queue_id, move.to_queue_id})
    return frozenset({move.queue_id}) if isinstance(move, SetMix) else frozenset()


def apply(
    engine: Engine,
    site_id: int,
    move: Move,
    *,
    by: str,
    why: str,
    clock: Clock,
    proposal_id: int | None = None,
    team_ids: TeamIds = None,
    pace: Pace | None = None,
) -> int:
    """Make a move; return its entry in the history.

    The entry is written first. Jobs then move in chunks, so that a move that is interrupted is known, counted by what it has
    moved, and can be undone.

    Raises
    ------
    MoveRefusedError
        When it would change nothing, needs somebody else's team, or puts jobs where nobody can work them as they are.
    """
    if not why.strip():
        raise MoveRefusedError("Say why: the history of the floor keeps a reason for everything that was done by hand.")
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        plan = planned(connection, site_id, move, now, team_ids)
        if plan.before == plan.after:
            raise MoveRefusedError(f"{plan.subject}: it is so already; nothing was changed.")
        action_id = record_action(
            connection,
            site_id,
            at=now,
            by=by,
            kind=move.kind,
            subject=plan.subject,
            why=why,
            before={"move": document_of(move), **plan.before},
            after=plan.after,
            proposal_id=proposal_id,
        )
        write(connection, site_id, move, plan.after, plan.before)
    if isinstance(move, MoveJobs):
        with domain_errors():
            move_jobs(engine, action_id, move, pace or Pace())
    return action_id


def undo(
    engine: Engine, action_id: int, *, by: str, why: str, clock: Clock, team_ids: TeamIds = None, pace: Pace | None = None
) -> Undone:  # fmt: skip
    """Take a move back, once: mixes, routes and teams exactly as before, jobs as far as nobody has taken them meanwhile.

    An undo of jobs that was interrupted goes on when it is asked for again.

    Raises
    ------
    ConflictError
        When it is undone already, or somebody changed the same thing since; nothing is changed.
    NotFoundError
        When there is no such action.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        action = action_with_id(connection, action_id)
        if action.kind == REPAIRED:
            _refuse_foreign(connection, action, team_ids)
        elif action.kind not in MOVES:
            raise MoveRefusedError(f"An entry such as “{action.kind}” cannot be undone here.")
    if action.kind == REPAIRED:
        return Undone(undo_repair(engine, action_id, by=by, why=why, clock=clock), 0, None)
    with domain_errors(), engine.begin() as connection:
        move = move_of(action.before["move"])
        if action.undone_by_id is None:
            undo_id = _begin_undo(connection, action, move, by=by, why=why, now=now, team_ids=team_ids)
        elif isinstance(move, MoveJobs):
            undo_id = action.undone_by_id
        else:
            raise undone_already(connection, action)
    if not isinstance(move, MoveJobs):
        return Undone(undo_id, 0, None)
    with domain_errors():
        is_first = action.undone_by_id is None
        return return_jobs(engine, action, undo_id, move, is_first=is_first, by=by, clock=clock, pace=pace or Pace())


def _refuse_foreign(connection: Connection, action: FloorAction, team_ids: TeamIds) -> None:
    """Refuse the undo of a repair of breaks to somebody who does not lead everybody whose breaks it moved."""
    who = [associate for associate, _day, _pattern in action.after["patterns"]]
    if team_ids is not None and any(
        desk.home_team_id not in team_ids for desk in steering.lock_desks(connection, action.site_id, who)
    ):
        raise MoveRefusedError("Some of these people belong to a team that somebody else leads.")


def _begin_undo(
    connection: Connection, action: FloorAction, move: Move, *, by: str, why: str, now: datetime, team_ids: TeamIds
) -> int:  # fmt: skip
    before = {key: value for key, value in action.before.items() if key != "move"}
    current = current_state(connection, action.site_id, move, team_ids)
    if current is not None and current != dict(action.after):
        raise ConflictError(
            f"{action.subject}: somebody changed this since, so an undo would overwrite that. "
            "Look at the history, and set the values that you want."
        )
    undo_id = record_action(
        connection,
        action.site_id,
        at=now,
        by=by,
        kind=UNDO,
        subject=action.subject,
        why=why,
        before=action.after,
        after=before,
        undoes_id=action.id,
    )
    write(connection, action.site_id, move, before, dict(action.after))
    if action.actor == AUTOMATIC_ACTOR:
        why = f"{by} has undone what was applied automatically: {action.subject}."
        switch_within(connection, action.site_id, on=False, by=by, why=why, at=now)
    return undo_id


def history(engine: Engine, site_id: int, *, limit: int = 50, before_id: int | None = None) -> tuple[Entry, ...]:
    """Return what was done on the floor of a site, the newest first; jobs are counted by what was really moved."""
    with domain_errors(), engine.connect() as connection:
        rows = actions_of(connection, site_id, limit=limit, before_id=before_id)
        # That an undo is finished is told by the entry of the undo itself.
        found = [one for one in rows if one.kind != UNDO_FINISHED]
        jobs = [one.id for one in found if one.kind == MoveJobs.kind]
        moved = {**dict.fromkeys(jobs, 0), **steering.moved_counts(connection, jobs)}
    return tuple(Entry(one, moved.get(one.id), _why_final(one)) for one in found)


def _why_final(action: FloorAction) -> str:
    if action.undone_by_id is not None:
        return "undone"
    return "" if action.kind in MOVES or action.kind == REPAIRED else "is not undone here"
