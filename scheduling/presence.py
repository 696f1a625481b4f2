"""Presence: what an associate says of the present moment, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID


class PresenceKind(StrEnum):
    """What happened."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    BREAK_START = "break_start"
    BREAK_END = "break_end"
    COACHING_START = "coaching_start"
    COACHING_END = "coaching_end"
    SYSTEM_DOWN = "system_down"
    SYSTEM_UP = "system_up"


class PresenceState(StrEnum):
    """What an associate is doing."""

    SIGNED_OUT = "signed_out"
    """Not there."""
    WORKING = "working"
    """There, and takes jobs."""
    ON_BREAK = "on_break"
    """On a break, planned or not."""
    COACHING = "coaching"
    """In coaching or a huddle."""
    SYSTEM_DOWN = "system_down"
    """There, but the tools do not work."""


STATE_AFTER: Final[Mapping[PresenceKind, PresenceState]] = MappingProxyType(
    {
        PresenceKind.SIGN_IN: PresenceState.WORKING,
        PresenceKind.SIGN_OUT: PresenceState.SIGNED_OUT,
        PresenceKind.BREAK_START: PresenceState.ON_BREAK,
        PresenceKind.BREAK_END: PresenceState.WORKING,
        PresenceKind.COACHING_START: PresenceState.COACHING,
        PresenceKind.COACHING_END: PresenceState.WORKING,
        PresenceKind.SYSTEM_DOWN: PresenceState.SYSTEM_DOWN,
        PresenceKind.SYSTEM_UP: PresenceState.WORKING,
    }
)
"""What an associate does after each event; the last event decides, whatever came before it."""


@dataclass(frozen=True)
class PresenceEvent:
    """One event; the id is given by who sends it, so that an event that is sent twice counts once.

    Parameters
    ----------
    occurred_at
        When it happened, aware; an event may arrive late, so this is not when it was recorded.
    """

    event_id: UUID
    kind: PresenceKind
    occurred_at: datetime


def in_order(events: Iterable[PresenceEvent]) -> tuple[PresenceEvent, ...]:
    """Return each event once, in the order in which they happened; equal times are ordered by id, so that replays agree."""
    return tuple(sorted({event.event_id: event for event in events}.values(), key=lambda one: (one.occurred_at, one.event_id)))
