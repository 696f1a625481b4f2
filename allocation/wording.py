"""Reasons of proposals in a supervisor's words, with numbers and local times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from allocation.offers import BreakWindow, JobsMove, Move, Overtime, PeopleMove, TimeOff
from allocation.projection import FloorState, QueueEffect


def local_time(instant: datetime, zone: ZoneInfo) -> str:
    """Return hours and minutes with the zone, such as ``14:35 CET``."""
    return f"{instant.astimezone(zone):%H:%M %Z}"


def percent(share: float | None) -> str:
    """Return a share as a percentage with one decimal."""
    return "no jobs" if share is None else f"{share:.1%}"


def heads_text(heads: float) -> str:
    """Return a number of heads in words."""
    number = f"{heads:.1f}".removesuffix(".0")
    return f"{number} head" if number == "1" else f"{number} heads"


def reason_of(move: Move, effect: QueueEffect, state: FloorState, zone: ZoneInfo) -> str:
    """Return why a move is proposed: the trouble, the move, what it brings."""
    if isinstance(move, TimeOff):
        window = f"{local_time(move.starts_at, zone)} to {local_time(move.ends_at, zone)}"
        return (
            f"Team {move.team} has {heads_text(move.heads)} more than {effect.name} needs from {window}: offering them voluntary "
            f"time off saves {move.hours:.1f} hours and causes no late job."
        )
    trouble = f"{effect.name} will answer {effect.late_before:.0f} jobs late"
    if effect.first_miss_before is not None:
        trouble += f", the first at {local_time(effect.first_miss_before, zone)}"
    brings = (
        f"{effect.late_avoided:.0f} fewer are late, and the SLA of the next hours goes from {percent(effect.sla_before)} to "
        f"{percent(effect.sla_after)}"
    )
    return f"{trouble}: {SENTENCES[type(move)](move, state, zone)}, {brings}."


def _people(move: PeopleMove, state: FloorState, _: ZoneInfo) -> str:
    parts = (
        f"{heads_text(part.heads)} of team {part.team} ({part.share_of_team:.0%} of it)"
        f" from {state.queue(part.from_queue_id).name}"
        for part in move.parts
    )
    return f"with {' and '.join(parts)}, where they can be spared"


def _breaks(move: BreakWindow, _: FloorState, zone: ZoneInfo) -> str:
    window = f"{local_time(move.starts_at, zone)} to {local_time(move.ends_at, zone)}"
    return f"with breaks of up to {heads_text(move.heads)} moved out of {window}"


def _jobs(move: JobsMove, state: FloorState, _: ZoneInfo) -> str:
    return f"with the oldest {move.count} jobs moved to {state.queue(move.to_queue_id).name}, which has time for them"


def _overtime(move: Overtime, _: FloorState, zone: ZoneInfo) -> str:
    window = f"{local_time(move.starts_at, zone)} to {local_time(move.ends_at, zone)}"
    return f"with overtime of {heads_text(move.heads)} from {window}"


SENTENCES: Final[Mapping[type[Move], Callable[[Any, FloorState, ZoneInfo], str]]] = MappingProxyType(
    {PeopleMove: _people, BreakWindow: _breaks, JobsMove: _jobs, Overtime: _overtime}
)
