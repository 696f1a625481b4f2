"""The projection: who is really there against a re-forecast of the work, for the next hours."""

from allocation.projection.moves import (
    MoveError,
    with_absence,
    with_arrivals_rerouted,
    with_breaks_moved,
    with_extra_people,
    with_jobs_moved,
    with_people_moved,
)
from allocation.projection.outlook import Projection, QueueEffect, QueueOutlook, curves_of, effect, effect_on, project
from allocation.projection.reforecast import arrival_factor
from allocation.projection.state import AgeBand, FloorState, GroupState, QueueState

__all__ = [
    "AgeBand",
    "FloorState",
    "GroupState",
    "MoveError",
    "Projection",
    "QueueEffect",
    "QueueOutlook",
    "QueueState",
    "arrival_factor",
    "curves_of",
    "effect",
    "effect_on",
    "project",
    "with_absence",
    "with_arrivals_rerouted",
    "with_breaks_moved",
    "with_extra_people",
    "with_jobs_moved",
    "with_people_moved",
]
