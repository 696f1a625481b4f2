"""Proposals: the one move a queue that mends what the projection shows, each checked by projecting it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

import numpy as np

from allocation.candidates import ProposalSettings, Verified
from allocation.matching import match_people
from allocation.offers import (
    KIND_OF,
    BreakWindow,
    JobsMove,
    Move,
    Overtime,
    ProposalKind,
    TimeOff,
    instant_of,
    step_of,
)
from allocation.projection import Projection, QueueEffect, QueueOutlook, curves_of, effect_on
from allocation.time_off import time_off
from allocation.wording import reason_of


@dataclass(frozen=True)
class Proposal:
    """One move offered to a supervisor.

    Parameters
    ----------
    reason
        Why, one sentence with numbers and local times.
    effect
        The queue before and after, from the projection of the move.
    late_avoided
        Late jobs avoided over all queues, weighted as the queues are.
    hours_saved
        Hours of time off offered, zero for other kinds.
    deadline
        The last instant at which applying it still keeps the first miss from happening (for time off, from being useful).
    """

    queue_id: int
    kind: ProposalKind
    move: Move
    reason: str
    effect: QueueEffect
    late_avoided: float
    hours_saved: float
    deadline: datetime


def propose(projection: Projection, zone: ZoneInfo, settings: ProposalSettings | None = None) -> tuple[Proposal, ...]:
    """Return at most one proposal a queue, in the order of deadlines; none without an effect that its projection confirms.

    The queues that lose most by weight are looked at, as many as the settings say. Colleagues who also work a queue lean on
    whoever is added there, so where the heads that it alone would need are not enough, two and four times as many are tried.

    Parameters
    ----------
    zone
        Times in the reasons are local to it.
    """
    chosen = settings or ProposalSettings()
    missing = _most_urgent(projection, chosen)
    found: dict[int, list[Verified]] = {queue.queue_id: [] for queue in missing}
    for scale in (1.0, 2.0, 4.0):
        open_queues = [queue for queue in missing if not _is_mended(found[queue.queue_id], chosen)]
        for one in _verified(projection, list(_mends(projection, open_queues, scale, chosen)), chosen):
            found[one.queue_id].append(one)
    best = [one for one in (_best(candidates, chosen) for candidates in found.values()) if one is not None]
    helping = frozenset(one.move.to_queue_id for one in best if isinstance(one.move, JobsMove))
    best += time_off(projection, chosen, helping)
    proposals = [_proposal(projection, one, zone, chosen) for one in best]
    return tuple(sorted(proposals, key=lambda one: (one.deadline, one.queue_id)))


def _most_urgent(projection: Projection, settings: ProposalSettings) -> list[QueueOutlook]:
    """Return the queues that lose most late jobs by weight."""
    missing = [queue for queue in projection.queues if queue.first_miss_at is not None]
    missing.sort(key=lambda queue: (-queue.late_jobs * projection.state.queue(queue.queue_id).weight, queue.queue_id))
    return missing[: settings.most_queues]


def _mends(
    projection: Projection, missing: list[QueueOutlook], scale: float, settings: ProposalSettings
) -> Iterator[tuple[int, Move]]:
    """Yield the candidates for each queue, the least disturbing first; only those in heads are worth a second scale."""
    needs = {queue.queue_id: scale * (queue.labour_needed or 0.0) for queue in missing}
    people = match_people(projection, needs, most_parts=settings.most_parts)
    for queue in missing:
        once = (_breaks(projection, queue, settings), _jobs(projection, queue)) if scale == 1.0 else ()
        for move in (people.get(queue.queue_id), *once, _overtime(projection, queue, scale, settings)):
            if move is not None:
                yield queue.queue_id, move


def _breaks(projection: Projection, queue: QueueOutlook, settings: ProposalSettings) -> BreakWindow | None:
    """Return the half hour before the first miss, less the freeze, and that after it as a window that breaks should leave."""
    state = projection.state
    assert queue.first_miss_at is not None  # noqa: S101 - only queues with a miss come here.
    miss = step_of(state, queue.first_miss_at)
    half_hour = max(1, round(30.0 / state.step_minutes))
    first = max(ceil(settings.freeze_minutes / state.step_minutes), miss - half_hour)
    last, later = miss + half_hour, min(state.steps, miss + 3 * half_hour)
    working = [group.on_break for group in state.groups if queue.queue_id in group.shares and len(group.on_break)]
    if not first < last < later or not working:
        return None
    resting = float(np.sum(working, axis=0)[first:last].max())
    heads = projection.curves[state.position[queue.queue_id]].heads_needed(
        settings.mendable_after_minutes * 60.0, start=first * state.step_seconds, until=last * state.step_seconds
    )
    wanted = min(resting, float(ceil(heads))) if heads is not None and heads > 0 else 0.0
    if wanted < 1:
        return None
    return BreakWindow(
        queue.queue_id,
        round(wanted, 1),
        instant_of(projection.state, first),
        instant_of(projection.state, last),
        instant_of(projection.state, later),
    )


def _jobs(projection: Projection, queue: QueueOutlook) -> JobsMove | None:
    """Return waiting jobs, as many as come late, for the queue with the same form that can spare most heads."""
    state = projection.state
    form = state.queue(queue.queue_id).form
    others = [
        (other.labour_needed or 0.0, other.queue_id)
        for other in projection.queues
        if form and state.queue(other.queue_id).form == form and other.first_miss_at is None and (other.labour_needed or 0.0) < 0
    ]
    count = floor(min(ceil(queue.late_jobs), queue.waiting))
    return JobsMove(queue.queue_id, min(others)[1], count) if others and count >= 1 else None


def _overtime(projection: Projection, queue: QueueOutlook, scale: float, settings: ProposalSettings) -> Overtime | None:
    """Return the extra heads that keep what can be kept, from the notice to the end of the last lateness."""
    state = projection.state
    first = ceil(settings.notice_minutes / state.step_minutes)
    if first >= state.steps:
        return None
    start = first * state.step_seconds
    heads = projection.curves[state.position[queue.queue_id]].heads_needed(
        start + settings.mendable_after_minutes * 60.0, start=start
    )
    if heads is None or heads <= 0:
        return None
    return Overtime(
        queue.queue_id, ceil(scale * heads), instant_of(projection.state, first), instant_of(projection.state, state.steps)
    )


def _verified(projection: Projection, candidates: list[tuple[int, Move]], settings: ProposalSettings) -> list[Verified]:
    """Return the candidates that avoid late jobs in their queue and, by weight, on the whole; all are projected side by side."""
    state = projection.state
    weights = np.array([queue.weight for queue in state.queues])
    before = np.array([queue.late_jobs for queue in projection.queues])
    runs = curves_of([move.applied_to(state) for _, move in candidates])
    verified = []
    for (queue_id, move), curves in zip(candidates, runs, strict=True):
        row = state.position[queue_id]
        avoided = float(weights @ (before - np.array([curve.late_jobs for curve in curves])))
        change = effect_on(projection.queues[row], state, curves[row], mendable_after_minutes=settings.mendable_after_minutes)
        if change.late_avoided >= settings.least_avoided_jobs and avoided > 0:
            verified.append(Verified(queue_id, move, change, avoided))
    return verified


def _mends_it(one: Verified, settings: ProposalSettings) -> bool:
    """Return whether a candidate avoids nearly all late jobs of its queue."""
    return one.effect.late_avoided >= settings.mended_share * one.effect.late_before


def _is_mended(candidates: list[Verified], settings: ProposalSettings) -> bool:
    """Return whether one of the candidates mends the queue."""
    return any(_mends_it(one, settings) for one in candidates)


def _best(candidates: list[Verified], settings: ProposalSettings) -> Verified | None:
    """Return the least disturbing candidate that mends the queue, or else the one that avoids most."""
    order = list(ProposalKind)
    mending = [one for one in candidates if _mends_it(one, settings)]
    if mending:
        return min(mending, key=lambda one: order.index(KIND_OF[type(one.move)]))
    return max(candidates, key=lambda one: one.weighted_avoided, default=None)


def _proposal(projection: Projection, one: Verified, zone: ZoneInfo, settings: ProposalSettings) -> Proposal:
    """Return a verified candidate in words."""
    return Proposal(
        queue_id=one.queue_id,
        kind=KIND_OF[type(one.move)],
        move=one.move,
        reason=reason_of(one.move, one.effect, projection.state, zone),
        effect=one.effect,
        late_avoided=one.weighted_avoided,
        hours_saved=one.move.hours if isinstance(one.move, TimeOff) else 0.0,
        deadline=_deadline(projection, one, settings),
    )


def _deadline(projection: Projection, one: Verified, settings: ProposalSettings) -> datetime:
    """Return the last instant at which the move still prevents the first miss."""
    move, state = one.move, projection.state
    if isinstance(move, BreakWindow):
        return move.starts_at - timedelta(minutes=settings.freeze_minutes)
    notice = timedelta(minutes=settings.notice_minutes)
    if isinstance(move, TimeOff):
        return move.ends_at - notice - timedelta(minutes=settings.least_time_off_minutes)
    miss = one.effect.first_miss_before or state.now
    soonest = state.now + timedelta(minutes=settings.mendable_after_minutes)
    if isinstance(move, JobsMove):
        return max(miss, soonest)
    latest = _latest_start(projection, one.queue_id, move.heads, miss, settings)
    return max(latest - notice if isinstance(move, Overtime) else latest, min(soonest, max(miss, state.now)))


def _latest_start(projection: Projection, queue_id: int, heads: float, miss: datetime, settings: ProposalSettings) -> datetime:
    """Return the last edge of a step from which so many heads still put off the first miss; now, when none does."""
    state = projection.state
    curve = projection.curves[state.position[queue_id]]
    settled = (miss - state.now).total_seconds() + state.step_seconds
    latest = 0
    for step in range(state.steps):
        needed = curve.heads_needed(settings.mendable_after_minutes * 60.0, start=step * state.step_seconds, settled_by=settled)
        if needed is None or needed > heads:
            break
        latest = step
    return instant_of(state, latest)
