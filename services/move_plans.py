"""Plans of moves: whether a move may be made as things are, and what it changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from allocation.policy import ReservedShareError
from scheduling.errors import ConflictError
from services.lanes import refresh_weights
from services.moves import MOST_JOBS_AT_ONCE, MOST_PEOPLE_AT_ONCE, LendAssociates, Move, MoveJobs, RouteShare, SetMix
from storage import steering
from storage.steering import MixRow, SteeredQueue

CAN_WORK_WITHIN: Final = timedelta(hours=1)
"""Jobs and routes go only to a queue that somebody can work who is there, or is to be so soon."""
LONGEST_LENDING: Final = timedelta(hours=24)

TeamIds = Collection[int] | None
"""Teams that whoever asks leads; ``None`` for somebody who steers all."""


class MoveRefusedError(ConflictError):
    """A move makes no sense or is not allowed; the message says why and what is possible."""


@dataclass(frozen=True)
class Plan:
    """A move that may be made, with the state that it changes before and after."""

    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


def planned(connection: Connection, site_id: int, move: Move, now: datetime, team_ids: TeamIds) -> Plan:
    """Return what a move changes, which nobody else changes before the transaction ends; MoveRefusedError when it may not be."""
    if isinstance(move, MoveJobs):
        return _plan_jobs(connection, site_id, move, now)
    if isinstance(move, RouteShare):
        return _plan_route(connection, site_id, move, now)
    if isinstance(move, SetMix):
        return _plan_mix(connection, site_id, move, team_ids)
    return _plan_lending(connection, site_id, move, now, team_ids)


def _plan_jobs(connection: Connection, site_id: int, move: MoveJobs, now: datetime) -> Plan:
    source, target = _both_queues(connection, site_id, move, now)
    if not 1 <= move.count <= MOST_JOBS_AT_ONCE:
        raise MoveRefusedError(f"Move 1 to {MOST_JOBS_AT_ONCE:,} jobs at once, not {move.count:,}.")
    subject = f"{move.count:,} jobs from {source.name} to {target.name}"
    return Plan(subject, {"queue_id": source.id}, {"queue_id": target.id, "asked": move.count})


def _plan_route(connection: Connection, site_id: int, move: RouteShare, now: datetime) -> Plan:
    source, target = _both_queues(connection, site_id, move, now, must_be_worked=move.share > 0)
    if not 0 <= move.share <= 1:
        raise MoveRefusedError("Route a share from 0 % to 100 % of the coming jobs.")
    current = steering.lock_route(connection, source.id, target.id)
    if source.routed_away - current + move.share > 1 + 1e-9:
        raise MoveRefusedError(
            f"Other routes lead {source.routed_away - current:.0%} of the jobs of {source.name} away already; "
            f"at most {1 - source.routed_away + current:.0%} are left for {target.name}."
        )
    subject = f"{move.share:.0%} of the coming jobs from {source.name} to {target.name}"
    return Plan(subject, {"share": current}, {"share": move.share})


def _both_queues(
    connection: Connection, site_id: int, move: MoveJobs | RouteShare, now: datetime, *, must_be_worked: bool = True
) -> tuple[SteeredQueue, SteeredQueue]:
    """Return source and target, which belong to the site, differ, ask the same and can be worked."""
    found = steering.queues_of(connection, site_id, (move.from_queue_id, move.to_queue_id))
    if not {move.from_queue_id, move.to_queue_id} <= set(found):
        raise MoveRefusedError("Both queues must belong to this site; load the page again.")
    source, target = found[move.from_queue_id], found[move.to_queue_id]
    if source.id == target.id:
        raise MoveRefusedError(f"{source.name} is both where from and where to; choose another queue.")
    if source.form != target.form:
        raise MoveRefusedError(
            f"{source.name} and {target.name} ask for different answers, so their jobs cannot be exchanged. "
            f"Give {source.name} more people instead: raise its share of a team's mix, or lend associates."
        )
    if must_be_worked and not steering.anybody_can(connection, site_id, target.skill_id, now, now + CAN_WORK_WITHIN):
        raise MoveRefusedError(
            f"Nobody with the skill {target.skill} is there or comes within the hour, so jobs in {target.name} would lie. "
            "Choose a queue that somebody works."
        )
    return source, target


def _plan_mix(connection: Connection, site_id: int, move: SetMix, team_ids: TeamIds) -> Plan:
    team = _own_team(connection, site_id, move.team_id, team_ids)
    queue = steering.queues_of(connection, site_id, (move.queue_id,)).get(move.queue_id)
    current = steering.lock_mix(connection, site_id, move.team_id, move.queue_id)
    if queue is None or current is None:
        raise MoveRefusedError("This team and queue are not on the floor yet; it opens by itself within a minute.")
    if not (0 <= move.share <= 100 and 0 <= move.reserved_share <= 0.5):
        raise MoveRefusedError("Give a share from 0 to 100, where 1 is usual, and reserve 0 % to 50 % of the claims.")
    words = "is not worked" if move.share == 0 else f"counts {move.share:g} times"
    subject = f"{queue.name} {words} for team {team}, {move.reserved_share:.0%} of the claims reserved"
    after = MixRow(move.share, move.reserved_share)
    return Plan(subject, _mix_document(current), _mix_document(after))


def _mix_document(row: MixRow) -> dict[str, Any]:
    return {"share": row.share, "reserved_share": row.reserved_share}


def _own_team(connection: Connection, site_id: int, team_id: int, team_ids: TeamIds) -> str:
    name = steering.team_name(connection, site_id, team_id)
    if name is None:
        raise MoveRefusedError("This team does not belong to this site; load the page again.")
    if team_ids is not None and team_id not in team_ids:
        raise MoveRefusedError(f"Team {name} is led by somebody else; ask its supervisor, or an administrator.")
    return name


def _plan_lending(connection: Connection, site_id: int, move: LendAssociates, now: datetime, team_ids: TeamIds) -> Plan:
    name = steering.team_name(connection, site_id, move.team_id)
    if name is None:
        raise MoveRefusedError("This team does not belong to this site; load the page again.")
    if not 1 <= len(set(move.associate_ids)) <= MOST_PEOPLE_AT_ONCE:
        raise MoveRefusedError(f"Lend 1 to {MOST_PEOPLE_AT_ONCE} associates at once.")
    if not now < move.until <= now + LONGEST_LENDING:
        raise MoveRefusedError("Lend people until some time in the next 24 hours.")
    desks = steering.lock_desks(connection, site_id, move.associate_ids)
    if len(desks) != len(set(move.associate_ids)):
        raise MoveRefusedError("Some of these associates are not on the floor of this site; load the page again.")
    foreign = [desk.name for desk in desks if team_ids is not None and desk.home_team_id not in team_ids]
    if foreign:
        raise MoveRefusedError(f"{', '.join(foreign[:5])} belong to a team that somebody else leads; lend your own people.")
    there = [desk.name for desk in desks if desk.home_team_id == move.team_id]
    if there:
        raise MoveRefusedError(f"{', '.join(there[:5])} belong to team {name}; they need not be lent to it.")
    who = desks[0].name if len(desks) == 1 else f"{len(desks)} associates"
    until = move.until.astimezone(UTC).isoformat()
    before = [{"id": desk.associate_id, "team": desk.team_id, "until": _iso(desk.lent_until)} for desk in desks]
    after = [{"id": desk.associate_id, "team": move.team_id, "until": until} for desk in desks]
    return Plan(f"{who} work for team {name}", {"desks": before}, {"desks": after})


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()


def write(connection: Connection, site_id: int, move: Move, values: dict[str, Any], instead_of: dict[str, Any]) -> None:
    """Write the state of a document; that of jobs is written in chunks, later."""
    if isinstance(move, RouteShare):
        steering.write_route(connection, move.from_queue_id, move.to_queue_id, values["share"])
    elif isinstance(move, SetMix):
        steering.write_mix(connection, move.team_id, move.queue_id, MixRow(values["share"], values["reserved_share"]))
        try:
            refresh_weights(connection, site_id=site_id, team_ids=[move.team_id])
        except ReservedShareError as error:
            raise MoveRefusedError(str(error)) from error
    elif isinstance(move, LendAssociates):
        rows = values["desks"]
        steering.write_desk_teams(
            connection, [(one["id"], one["team"], one["until"] and datetime.fromisoformat(one["until"])) for one in rows]
        )
        teams = {one["team"] for one in (*rows, *instead_of["desks"])}
        refresh_weights(connection, site_id=site_id, team_ids=sorted(teams))


def current_state(connection: Connection, site_id: int, move: Move, team_ids: TeamIds) -> dict[str, Any] | None:
    """Return the state that a move changed as it is now, locked; nothing for jobs, which are looked at one by one."""
    if isinstance(move, RouteShare):
        return {"share": steering.lock_route(connection, move.from_queue_id, move.to_queue_id)}
    if isinstance(move, SetMix):
        _own_team(connection, site_id, move.team_id, team_ids)
        row = steering.lock_mix(connection, site_id, move.team_id, move.queue_id)
        return {} if row is None else _mix_document(row)
    if isinstance(move, LendAssociates):
        desks = steering.lock_desks(connection, site_id, move.associate_ids)
        if team_ids is not None and any(desk.home_team_id not in team_ids for desk in desks):
            raise MoveRefusedError("Some of these people belong to a team that somebody else leads.")
        return {"desks": [{"id": one.associate_id, "team": one.team_id, "until": _iso(one.lent_until)} for one in desks]}
    return None
