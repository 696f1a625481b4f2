"""What may be changed on the floor, as functions from one state to another, so that effects are seen beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocation.projection.reforecast import arrival_factor
from allocation.projection.state import AgeBand, FloorState, GroupState, QueueState
from scheduling.errors import SchedulingError

Floats = NDArray[np.float64]

SLACK = 1e-9


class MoveError(SchedulingError):
    """A move cannot be made; the message says why and what is possible."""


def with_people_moved(
    state: FloorState, team: str, from_queue: int, to_queue: int, heads: float, *, from_step: int = 0
) -> FloorState:
    """Return the state in which people of a team work one queue in place of another until the end.

    They keep their other queues, and give to the new queue the share that they gave to the old one (or more, if they worked
    it already). Every group of the team that works the one and has the skill of the other gives the same part of its people.

    Parameters
    ----------
    heads
        Productive heads at `from_step`; in other steps as many as belong to them by the plan.

    Raises
    ------
    MoveError
        When fewer such heads are there, or a queue is unknown.
    """
    _known(state, from_queue, to_queue)
    movable = [
        group.team == team and from_queue in group.shares and to_queue in group.skills and from_queue != to_queue
        for group in state.groups
    ]
    there = sum(group.heads[from_step] for group, may in zip(state.groups, movable, strict=True) if may)
    if heads < 0 or heads > there + SLACK:
        raise MoveError(
            f"{heads:g} heads of team {team} cannot move from {state.queue(from_queue).name} to {state.queue(to_queue).name}: "
            f"{there:g} work the one and have the skill of the other."
        )
    if heads == 0:
        return state
    part = np.zeros(state.steps)
    part[from_step:] = min(1.0, heads / there)
    groups: list[GroupState] = []
    for group, may in zip(state.groups, movable, strict=True):
        groups.extend(_split(group, part, _swapped(group.shares, from_queue, to_queue)) if may else (group,))
    return replace(state, groups=tuple(groups))


def _swapped(shares: Mapping[int, float], from_queue: int, to_queue: int) -> dict[int, float]:
    """Return the shares with one queue in place of another."""
    rest = {queue_id: share for queue_id, share in shares.items() if queue_id != from_queue}
    return rest | {to_queue: max(shares[from_queue], shares.get(to_queue, 0.0))}


def _split(group: GroupState, part: Floats, shares: Mapping[int, float]) -> tuple[GroupState, ...]:
    """Return those who stay and those who work other shares; nobody stays when all go."""
    on_break = group.on_break if len(group.on_break) else np.zeros(len(part))
    gone = replace(group, shares=shares, heads=group.heads * part, on_break=on_break * part)
    if (part >= 1.0 - SLACK).all():
        return (gone,)
    return replace(group, heads=group.heads * (1.0 - part), on_break=on_break * (1.0 - part)), gone


def with_jobs_moved(state: FloorState, from_queue: int, to_queue: int, count: float) -> FloorState:
    """Return the state in which the oldest `count` waiting jobs of a queue wait in another and keep their deadlines.

    Raises
    ------
    MoveError
        When fewer wait, or a queue is unknown.
    """
    _known(state, from_queue, to_queue)
    source, target = state.queue(from_queue), state.queue(to_queue)
    if count < 0 or count > source.waiting_count + SLACK:
        raise MoveError(f"{count:g} jobs cannot be moved from {source.name}: {source.waiting_count:g} wait there.")
    if count == 0 or from_queue == to_queue:
        return state
    taken, left = _oldest(source, min(count, source.waiting_count))
    shift = target.sla_seconds - source.sla_seconds
    arriving = tuple(
        AgeBand(max(0.0, band.youngest_seconds + shift), max(0.0, band.oldest_seconds + shift), band.count) for band in taken
    )
    return _with_queues(
        state, {from_queue: replace(source, waiting=left), to_queue: replace(target, waiting=target.waiting + arriving)}
    )


def _oldest(queue: QueueState, count: float) -> tuple[tuple[AgeBand, ...], tuple[AgeBand, ...]]:
    """Return the waiting jobs of a queue as the oldest `count` and the others."""
    times, levels = queue.past_curve
    cut = float(-np.interp(count, levels, times))
    taken, left = [], []
    for band in queue.waiting:
        width = band.oldest_seconds - band.youngest_seconds
        older = np.clip((band.oldest_seconds - cut) / width, 0.0, 1.0) if width > 0 else float(band.oldest_seconds >= cut)
        if older > 0:
            taken.append(
                AgeBand(
                    max(cut, band.youngest_seconds) if older < 1 else band.youngest_seconds,
                    band.oldest_seconds,
                    band.count * older,
                )
            )
        if older < 1:
            left.append(
                AgeBand(
                    band.youngest_seconds,
                    min(cut, band.oldest_seconds) if older > 0 else band.oldest_seconds,
                    band.count * (1 - older),
                )
            )
    return tuple(taken), tuple(left)


def with_arrivals_rerouted(state: FloorState, from_queue: int, to_queue: int, share: float) -> FloorState:
    """Return the state in which a share of a queue's coming jobs arrives in another.

    What was re-forecast for the one queue is moved, so the other's forecast is scaled back by its own factor.

    Raises
    ------
    MoveError
        When the share is not from 0 to 1, or a queue is unknown.
    """
    _known(state, from_queue, to_queue)
    if not 0.0 <= share <= 1.0:
        raise MoveError(f"A share of {share:g} of the coming jobs cannot be rerouted; give one from 0 to 1.")
    if from_queue == to_queue:
        return state
    source, target = state.queue(from_queue), state.queue(to_queue)
    rescaled = arrival_factor_of(state, source) / arrival_factor_of(state, target)
    moved = source.forecast_arrivals * share
    return _with_queues(
        state,
        {
            from_queue: replace(source, forecast_arrivals=source.forecast_arrivals - moved),
            to_queue: replace(target, forecast_arrivals=target.forecast_arrivals + moved * rescaled),
        },
    )


def arrival_factor_of(state: FloorState, queue: QueueState) -> float:
    """Return what the rest of the forecast of a queue is multiplied with."""
    return float(arrival_factor(queue.arrived_so_far, queue.forecast_so_far, state.progress))


def with_absence(
    state: FloorState, team: str, heads: float, *, queue_id: int | None = None, from_step: int = 0, until_step: int | None = None
) -> FloorState:
    """Return the state in which heads of a team are missing for some steps; each group misses the same part of its people.

    Parameters
    ----------
    heads
        Heads that are missing in each step; where fewer are there, all are missing.
    queue_id
        Only people who work this queue; everybody of the team when left out.
    until_step
        The step at which they are back; the end when left out.

    Raises
    ------
    MoveError
        When the team has nobody (who works the queue), or the heads are negative.
    """
    gone = [group.team == team and (queue_id is None or queue_id in group.shares) for group in state.groups]
    if heads < 0 or not any(gone):
        raise MoveError(f"{heads:g} heads of team {team} cannot be absent: it has nobody there, or the number is negative.")
    there = np.sum([group.heads for group, is_gone in zip(state.groups, gone, strict=True) if is_gone], axis=0)
    part = np.zeros(state.steps)
    window = slice(from_step, until_step)
    part[window] = np.divide(heads, there[window], out=np.zeros(len(there[window])), where=there[window] > 0)
    stay = 1.0 - np.clip(part, 0.0, 1.0)
    return _with_groups(state, gone, lambda group: replace(group, heads=group.heads * stay))


def with_extra_people(
    state: FloorState, team: str, queue_id: int, heads: float, *, from_step: int = 0, until_step: int | None = None
) -> FloorState:
    """Return the state in which heads are added that work one queue for some steps, such as overtime.

    Raises
    ------
    MoveError
        When the queue is unknown or the heads are negative.
    """
    _known(state, queue_id)
    if heads < 0:
        raise MoveError(f"{heads:g} heads cannot be added; give a number of zero or more.")
    curve = np.zeros(state.steps)
    curve[from_step:until_step] = heads
    return replace(state, groups=(*state.groups, GroupState(team, {queue_id: 1.0}, frozenset({queue_id}), curve)))


def with_breaks_moved(
    state: FloorState, queue_id: int, heads: float, *, from_step: int, until_step: int, later_until: int
) -> FloorState:
    """Return the state in which breaks of people who work a queue leave a window and follow after it.

    At most `heads` heads (and no more than are on a movable break) come back in each step of the window; the same head-steps
    are taken evenly from the steps from `until_step` to `later_until`, so that nobody loses a break.

    Raises
    ------
    MoveError
        When there is no time after the window, or a queue is unknown.
    """
    _known(state, queue_id)
    if not 0 <= from_step < until_step < later_until <= state.steps:
        raise MoveError("Breaks can only move out of a window into a time after it and before the end of the projection.")
    working = [queue_id in group.shares and len(group.on_break) > 0 for group in state.groups]
    resting = np.sum(
        [np.zeros(state.steps), *(group.on_break for group, works in zip(state.groups, working, strict=True) if works)], axis=0
    )
    part = np.zeros(state.steps)
    window = slice(from_step, until_step)
    part[window] = np.minimum(
        1.0, np.divide(heads, resting[window], out=np.zeros(until_step - from_step), where=resting[window] > 0)
    )

    def later(group: GroupState) -> GroupState:
        change = group.on_break * part
        change[until_step:later_until] -= change.sum() / (later_until - until_step)
        return replace(group, heads=np.maximum(group.heads + change, 0.0), on_break=np.maximum(group.on_break - change, 0.0))

    return _with_groups(state, working, later)


def _with_groups(state: FloorState, chosen: list[bool], change: Callable[[GroupState], GroupState]) -> FloorState:
    """Return the state with the chosen groups changed."""
    groups = (change(group) if is_chosen else group for group, is_chosen in zip(state.groups, chosen, strict=True))
    return replace(state, groups=tuple(groups))


def _with_queues(state: FloorState, changed: Mapping[int, QueueState]) -> FloorState:
    """Return the state with some queues changed."""
    return replace(state, queues=tuple(changed.get(queue.queue_id, queue) for queue in state.queues))


def _known(state: FloorState, *queue_ids: int) -> None:
    """Refuse queues that the state does not have."""
    unknown = sorted(set(queue_ids) - set(state.position))
    if unknown:
        raise MoveError(f"There is no queue {', '.join(map(str, unknown))} on this floor.")
