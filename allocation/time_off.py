"""Offers of voluntary time off, where people stay spare for long."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from allocation.candidates import ProposalSettings, Verified
from allocation.offers import TimeOff, instant_of
from allocation.projection import FloorState, Projection, curves_of, effect_on

Floats = NDArray[np.float64]


def time_off(projection: Projection, settings: ProposalSettings, helping: frozenset[int] = frozenset()) -> list[Verified]:
    """Return offers of time off that cause no late job even when all are taken up, one a queue, the most hours first.

    Nobody is let go who has the skill of a queue that will miss its SLA.

    Parameters
    ----------
    helping
        Ids of queues that are to take jobs of others; nobody who works them is let go.
    """
    state = projection.state
    first = ceil(settings.notice_minutes / state.step_minutes)
    span = ceil(settings.least_time_off_minutes / state.step_minutes)
    if first + span > state.steps:
        return []
    spare = _lasting_spare(projection, helping)
    offers = []
    for queue_id, of_queue in groupby(sorted(spare, key=lambda key: (key[1], key[0])), key=lambda key: key[1]):
        heads, team = max((floor(spare[key][first : first + span].min()), key[0]) for key in of_queue)
        if heads >= 1:
            fewer = np.flatnonzero(spare[team, queue_id][first:] < heads)
            last = first + int(fewer[0]) if len(fewer) else state.steps
            offers.append(TimeOff(queue_id, team, heads, instant_of(state, first), instant_of(state, last)))
    offers.sort(key=lambda offer: (-offer.hours, offer.queue_id))
    return _harmless(projection, offers[: settings.most_queues], settings)


def _lasting_spare(projection: Projection, helping: frozenset[int]) -> dict[tuple[str, int], Floats]:
    """Return the spare heads by team and main queue beyond the margin of the plan, shape (steps,).

    The margin is what the requirement keeps above the workload: ``1 - largest occupancy / (1 + buffer)`` of the heads.
    """
    state = projection.state
    missing = {queue.queue_id for queue in projection.queues if queue.first_miss_at is not None}
    needed_teams = {group.team for group in state.groups if group.skills & missing or helping & set(group.shares)}
    margin = 1.0 - min(queue.max_occupancy for queue in state.queues) / (1.0 + state.buffer)
    spare: dict[tuple[str, int], Floats] = defaultdict(lambda: np.zeros(state.steps))
    for group, idle in zip(state.groups, projection.spare_heads, strict=True):
        if group.shares and group.team not in needed_teams:
            main = max(sorted(group.shares), key=group.shares.__getitem__)
            spare[group.team, main] = spare[group.team, main] + idle - margin * group.heads
    return dict(spare)


def _harmless(projection: Projection, offers: list[TimeOff], settings: ProposalSettings) -> list[Verified]:
    """Return the offers that cause no late jobs, all together or else those that can be added one by one in their order."""
    state = projection.state
    together = _all_applied(state, offers)
    if not offers or _is_harmless(projection, together):
        kept, after = offers, together
    else:
        kept, after = [], state
        for offer in offers:
            more = offer.applied_to(after)
            if _is_harmless(projection, more):
                kept, after = [*kept, offer], more
    curves = curves_of([after])[0]
    changes = (
        effect_on(
            projection.queue(offer.queue_id),
            state,
            curves[state.position[offer.queue_id]],
            mendable_after_minutes=settings.mendable_after_minutes,
        )
        for offer in kept
    )
    return [Verified(offer.queue_id, offer, change, 0.0) for offer, change in zip(kept, changes, strict=True)]


def _all_applied(state: FloorState, offers: list[TimeOff]) -> FloorState:
    """Return the state when every offer is taken up."""
    for offer in offers:
        state = offer.applied_to(state)
    return state


def _is_harmless(projection: Projection, after: FloorState) -> bool:
    """Return whether no queue has more late jobs in a state."""
    late = (curve.late_jobs for curve in curves_of([after])[0])
    return all(now <= was.late_jobs + 1e-6 for now, was in zip(late, projection.queues, strict=True))
