"""The moves that a proposal may make: typed, applied to a projected state, and written as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from allocation.projection import (
    FloorState,
    with_absence,
    with_breaks_moved,
    with_extra_people,
    with_jobs_moved,
    with_people_moved,
)


class ProposalKind(StrEnum):
    """What a proposal would do, from the least to the most disturbing."""

    MOVE_PEOPLE = "move_people"
    """A share of one or more teams works another queue."""
    REPAIR_BREAKS = "repair_breaks"
    """A hint that breaks should leave a window; which ones, break repair decides."""
    MOVE_JOBS = "move_jobs"
    """Waiting jobs go to another queue with the same answer form."""
    OVERTIME = "overtime"
    """Extra heads are asked for."""
    TIME_OFF = "time_off"
    """People may go home early, of their own will."""


@dataclass(frozen=True)
class TeamPart:
    """A share of a team that changes the queue.

    Parameters
    ----------
    heads
        Productive heads.
    share_of_team
        What part of the team's heads who are there now this is, 0 to 1.
    """

    team: str
    from_queue_id: int
    heads: float
    share_of_team: float


@dataclass(frozen=True)
class PeopleMove:
    """People work a queue in place of the ones that they work now."""

    to_queue_id: int
    parts: tuple[TeamPart, ...]

    @property
    def heads(self) -> float:
        """Heads of all parts."""
        return sum(part.heads for part in self.parts)

    def applied_to(self, state: FloorState) -> FloorState:
        """Return the state after the move."""
        for part in self.parts:
            state = with_people_moved(state, part.team, part.from_queue_id, self.to_queue_id, part.heads)
        return state


@dataclass(frozen=True)
class BreakWindow:
    """At most `heads` breaks of people who work the queue leave the window, to lie between its end and `later_until`."""

    queue_id: int
    heads: float
    starts_at: datetime
    ends_at: datetime
    later_until: datetime

    def applied_to(self, state: FloorState) -> FloorState:
        """Return the state after the move."""
        first, last, later = (step_of(state, instant) for instant in (self.starts_at, self.ends_at, self.later_until))
        return with_breaks_moved(state, self.queue_id, self.heads, from_step=first, until_step=last, later_until=later)


@dataclass(frozen=True)
class JobsMove:
    """The oldest waiting jobs of a queue go to another."""

    from_queue_id: int
    to_queue_id: int
    count: int

    def applied_to(self, state: FloorState) -> FloorState:
        """Return the state after the move."""
        return with_jobs_moved(state, self.from_queue_id, self.to_queue_id, self.count)


@dataclass(frozen=True)
class Overtime:
    """Extra heads work the queue for some time."""

    queue_id: int
    heads: int
    starts_at: datetime
    ends_at: datetime

    def applied_to(self, state: FloorState) -> FloorState:
        """Return the state after the move."""
        first, last = step_of(state, self.starts_at), step_of(state, self.ends_at)
        return with_extra_people(state, "", self.queue_id, self.heads, from_step=first, until_step=last)


@dataclass(frozen=True)
class TimeOff:
    """Heads of a team who work the queue may leave for some time."""

    queue_id: int
    team: str
    heads: int
    starts_at: datetime
    ends_at: datetime

    @property
    def hours(self) -> float:
        """Hours that are offered, over all heads."""
        return self.heads * (self.ends_at - self.starts_at).total_seconds() / 3600.0

    def applied_to(self, state: FloorState) -> FloorState:
        """Return the state after the move."""
        first, last = step_of(state, self.starts_at), step_of(state, self.ends_at)
        return with_absence(state, self.team, self.heads, queue_id=self.queue_id, from_step=first, until_step=last)


Move = PeopleMove | BreakWindow | JobsMove | Overtime | TimeOff

KIND_OF: Final[Mapping[type[Move], ProposalKind]] = MappingProxyType(
    {
        PeopleMove: ProposalKind.MOVE_PEOPLE,
        BreakWindow: ProposalKind.REPAIR_BREAKS,
        JobsMove: ProposalKind.MOVE_JOBS,
        Overtime: ProposalKind.OVERTIME,
        TimeOff: ProposalKind.TIME_OFF,
    }
)

INSTANTS: Final = frozenset({"starts_at", "ends_at", "later_until"})


def step_of(state: FloorState, instant: datetime) -> int:
    """Return the step in which an instant lies, from 0 to the number of steps."""
    steps = round((instant - state.now).total_seconds() / state.step_seconds)
    return min(max(0, steps), state.steps)


def instant_of(state: FloorState, step: int) -> datetime:
    """Return the instant at which a step starts."""
    return state.now + timedelta(minutes=step * state.step_minutes)


def move_to_dict(move: Move) -> dict[str, Any]:
    """Return a move as plain data for JSON; instants are ISO texts."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(move).items()}


def move_from_dict(kind: ProposalKind, data: Mapping[str, Any]) -> Move:
    """Return the move that `move_to_dict` wrote.

    Raises
    ------
    TypeError, ValueError, KeyError
        When the data is not that of a move of this kind.
    """
    values: dict[str, Any] = {name: datetime.fromisoformat(value) if name in INSTANTS else value for name, value in data.items()}
    if kind is ProposalKind.MOVE_PEOPLE:
        return PeopleMove(values["to_queue_id"], tuple(TeamPart(**part) for part in values["parts"]))
    makers: Mapping[ProposalKind, Callable[..., Move]] = {made: maker for maker, made in KIND_OF.items()}
    return makers[kind](**values)
