"""Moves: what a supervisor may change on the floor, as plain data that can be stored, shown and previewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final

import numpy as np

from allocation.projection import AgeBand, FloorState, MoveError

MOST_JOBS_AT_ONCE: Final = 50_000
"""More jobs than this are moved in several actions, so that one request ends within some seconds."""
MOST_PEOPLE_AT_ONCE: Final = 500


@dataclass(frozen=True)
class MoveJobs:
    """Put so many waiting jobs of a queue into another, those that are due last first."""

    kind: ClassVar[str] = "move_jobs"
    from_queue_id: int
    to_queue_id: int
    count: int


@dataclass(frozen=True)
class RouteShare:
    """Put a share of the jobs that arrive in a queue from now on into another; 0 ends it."""

    kind: ClassVar[str] = "route_share"
    from_queue_id: int
    to_queue_id: int
    share: float


@dataclass(frozen=True)
class SetMix:
    """Set how much a queue counts for a team, and which share of the claims it gets in any case."""

    kind: ClassVar[str] = "set_mix"
    team_id: int
    queue_id: int
    share: float
    reserved_share: float


@dataclass(frozen=True)
class LendAssociates:
    """Let associates work for another team until an instant; then they go back to their own."""

    kind: ClassVar[str] = "lend_associates"
    associate_ids: tuple[int, ...]
    team_id: int
    until: datetime


Move = MoveJobs | RouteShare | SetMix | LendAssociates
MOVES: Final[Mapping[str, type[Move]]] = {one.kind: one for one in (MoveJobs, RouteShare, SetMix, LendAssociates)}


def document_of(move: Move) -> dict[str, Any]:
    """Return a move as JSON has it."""
    document = {"kind": move.kind, **asdict(move)}
    if isinstance(move, LendAssociates):
        document.update(associate_ids=list(move.associate_ids), until=move.until.isoformat())
    return document


def move_of(document: Mapping[str, Any]) -> Move:
    """Return the move of a document that `document_of` made."""
    fields = dict(document)
    kind = MOVES[fields.pop("kind")]
    if kind is LendAssociates:
        fields.update(associate_ids=tuple(fields["associate_ids"]), until=datetime.fromisoformat(fields["until"]))
    return kind(**fields)


def with_last_jobs_moved(state: FloorState, move: MoveJobs) -> FloorState:
    """Return the state in which the youngest waiting jobs of a queue wait in another, where they keep their deadlines.

    Raises
    ------
    MoveError
        When fewer wait.
    """
    source, target = state.queue(move.from_queue_id), state.queue(move.to_queue_id)
    if move.count > source.waiting_count:
        raise MoveError(f"{move.count:,} jobs cannot be moved from {source.name}: {source.waiting_count:,.0f} wait there.")
    times, levels = source.past_curve
    cut = float(-np.interp(source.waiting_count - move.count, levels, times))
    taken, left = [], []
    for band in source.waiting:
        width = band.oldest_seconds - band.youngest_seconds
        part = (cut - band.youngest_seconds) / width if width > 0 else float(band.oldest_seconds < cut)
        young = min(1.0, max(0.0, part))
        edge = min(max(cut, band.youngest_seconds), band.oldest_seconds)
        taken.append(AgeBand(band.youngest_seconds, edge, band.count * young))
        left.append(AgeBand(edge, band.oldest_seconds, band.count * (1.0 - young)))
    shift = target.sla_seconds - source.sla_seconds
    arriving = tuple(
        AgeBand(max(0.0, band.youngest_seconds + shift), max(0.0, band.oldest_seconds + shift), band.count)
        for band in taken
        if band.count > 0
    )
    changed = {
        source.queue_id: replace(source, waiting=tuple(band for band in left if band.count > 0)),
        target.queue_id: replace(target, waiting=target.waiting + arriving),
    }
    return replace(state, queues=tuple(changed.get(queue.queue_id, queue) for queue in state.queues))
