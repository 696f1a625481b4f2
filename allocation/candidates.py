"""What a proposal is judged by: the settings of a site, and a candidate with what its projection says."""

from __future__ import annotations

from dataclasses import dataclass

from allocation.offers import Move
from allocation.projection import QueueEffect


@dataclass(frozen=True)
class ProposalSettings:
    """What a site offers.

    Parameters
    ----------
    freeze_minutes
        Breaks that start sooner do not move.
    notice_minutes
        Overtime and time off start no sooner.
    mendable_after_minutes
        Deadlines that pass sooner are past mending.
    least_time_off_minutes
        Time off is offered when people are spare for at least this long.
    mended_share
        A move that avoids this share of the late jobs is preferred to a more disturbing one.
    least_avoided_jobs
        A move that avoids fewer late jobs is not proposed.
    most_queues
        At most so many queues get a proposal that mends them, and so many one of time off.
    most_parts
        People of at most so many teams are moved by one proposal.
    """

    freeze_minutes: float = 60.0
    notice_minutes: float = 30.0
    mendable_after_minutes: float = 15.0
    least_time_off_minutes: float = 60.0
    mended_share: float = 0.9
    least_avoided_jobs: float = 0.5
    most_queues: int = 8
    most_parts: int = 3


@dataclass(frozen=True)
class Verified:
    """A candidate with what its projection says.

    Parameters
    ----------
    weighted_avoided
        Late jobs avoided over all queues, weighted as the queues are.
    """

    queue_id: int
    move: Move
    effect: QueueEffect
    weighted_avoided: float
