"""From an offered move to one that can be made: people who change the queue become mixes of teams, checked by projecting them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from allocation.offers import BreakWindow, JobsMove, Overtime, PeopleMove, TimeOff, move_to_dict
from allocation.projection import FloorState, Projection, QueueEffect, curves_of, effect, project
from allocation.proposals import Proposal
from allocation.wording import local_time, percent
from services.floor_reading import PeopleReading, WorkReading
from services.moves import MOST_JOBS_AT_ONCE, Move, MoveJobs, SetMix, document_of
from services.reallocation import state_with

FACTORS: Final = (1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0)
"""How many times more the queue may count for the teams; the least that suffices is taken."""
LARGEST_SHARE: Final = 100.0
ENOUGH: Final = 0.9
"""A mix that avoids this share of the late jobs that the offer avoids is as good as the offer."""
LEAST_AVOIDED: Final = 0.5


@dataclass(frozen=True)
class Executable:
    """A proposal as it is stored.

    Parameters
    ----------
    move
        ``moves`` that can be made at once, a ``window`` that breaks should leave, or an ``offer`` that people must take up.
    """

    queue_id: int
    kind: str
    move: dict[str, Any]
    reason: str
    effect: dict[str, Any]
    deadline: datetime


def executable(work: WorkReading, people: PeopleReading, before: Projection, offered: Proposal) -> Executable | None:
    """Return a proposal with what is to be done for it; nothing when what can be done helps too little."""
    move = offered.move
    if isinstance(move, PeopleMove):
        mixes = _mixes(work, people, before, offered, move)
        if not mixes:
            return None
        names = " and ".join(f"{one.share:g} times for team {work.team_names[one.team_id]}" for one in mixes)
        return _moves(work, people, before, offered, mixes, f"with {before.queue(move.to_queue_id).name} counting {names}")
    if isinstance(move, JobsMove):
        jobs = MoveJobs(move.from_queue_id, move.to_queue_id, min(move.count, MOST_JOBS_AT_ONCE, _waiting(work, move)))
        target = before.queue(jobs.to_queue_id).name
        how = f"with {jobs.count:,} jobs moved to {target}, which has time for them"
        return _moves(work, people, before, offered, [jobs], how) if jobs.count else None
    return Executable(
        offered.queue_id,
        offered.kind.value,
        {_place(move): move_to_dict(move)},
        offered.reason,
        {**_effect(offered.effect, offered.late_avoided), "hours_saved": offered.hours_saved},
        offered.deadline,
    )


def _place(move: BreakWindow | Overtime | TimeOff) -> str:
    return "window" if isinstance(move, BreakWindow) else "offer"


def _waiting(work: WorkReading, move: JobsMove) -> int:
    """Return the jobs that wait and are in nobody's hands."""
    return sum(band.count for band in work.waiting if band.queue_id == move.from_queue_id)


def _moves(
    work: WorkReading, people: PeopleReading, before: Projection, offered: Proposal, moves: Sequence[Move], how: str
) -> Executable | None:
    after = project(state_with(work, people, before.state, moves))
    weights = np.array([queue.weight for queue in before.state.queues])
    late = [np.array([queue.late_jobs for queue in one.queues]) for one in (before, after)]
    avoided = float(weights @ (late[0] - late[1]))
    own = effect(before, after)[offered.queue_id]
    if avoided < LEAST_AVOIDED or own.late_avoided < LEAST_AVOIDED:
        return None
    document = {"moves": [document_of(one) for one in moves]}
    first = f", the first at {local_time(own.first_miss_before, work.zone)}" if own.first_miss_before else ""
    reason = (
        f"{own.name} will answer {own.late_before:,.0f} jobs late{first}: {how}, {own.late_avoided:,.0f} fewer are late, "
        f"and the SLA of the next hours goes from {percent(own.sla_before)} to {percent(own.sla_after)}."
    )
    return Executable(offered.queue_id, offered.kind.value, document, reason, _effect(own, avoided), offered.deadline)


def _mixes(
    work: WorkReading, people: PeopleReading, before: Projection, offered: Proposal, move: PeopleMove
) -> list[SetMix]:  # fmt: skip
    """Return the mixes that come near to what the offer promises, with the least change; the best of all when none does."""
    ids = {name: team_id for team_id, name in work.team_names.items()}
    teams = sorted({ids[part.team] for part in move.parts if part.team in ids})
    tried = [_raised(work.mixes, teams, move.to_queue_id, factor) for factor in FACTORS]
    states: list[FloorState] = [state_with(work, people, before.state, mixes) for mixes in tried]
    weights = np.array([queue.weight for queue in before.state.queues])
    was = float(weights @ np.array([queue.late_jobs for queue in before.queues]))
    late = [np.array([curve.late_jobs for curve in curves]) for curves in curves_of(states)]
    avoided = [was - float(weights @ one) for one in late]
    best = int(np.argmax(avoided))
    enough = [index for index, one in enumerate(avoided) if one >= ENOUGH * offered.late_avoided]
    chosen = enough[0] if enough else best
    return tried[chosen] if avoided[chosen] >= LEAST_AVOIDED else []


def _raised(
    mixes: Mapping[tuple[int, int], tuple[float, float]], teams: list[int], queue_id: int, factor: float
) -> list[SetMix]:  # fmt: skip
    raised: list[SetMix] = []
    for team in teams:
        share, reserved = mixes.get((team, queue_id), (0.0, 0.0))
        raised.append(SetMix(team, queue_id, min(LARGEST_SHARE, (share or 1.0) * factor), reserved))
    return raised


def _effect(one: QueueEffect, avoided: float) -> dict[str, Any]:
    return {
        "sla_before": one.sla_before,
        "sla_after": one.sla_after,
        "late_before": round(one.late_before, 1),
        "late_after": round(one.late_after, 1),
        "first_miss_before": one.first_miss_before and one.first_miss_before.isoformat(),
        "first_miss_after": one.first_miss_after and one.first_miss_after.isoformat(),
        "late_avoided": round(avoided, 1),
    }
