"""The people on shift now, what has really become of their breaks, and the heads that are required of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]
Minutes = tuple[int, int]
"""First minute, and the first minute after."""


@dataclass(frozen=True)
class ActualBreak:
    """A planned break as it really was, is, or is now sure to be; it cannot be moved any more.

    Parameters
    ----------
    position
        Which break of the pattern, from 0.
    start_minute
        On the axis of the floor; after now when a late break is expected to begin then.
    end_minute
        ``None`` while it is not over: it then ends after its planned length, or now when it runs over.
    """

    position: int
    start_minute: int
    end_minute: int | None = None


@dataclass(frozen=True)
class OnShift:
    """One person's shift with its breaks; minutes lie on the axis of the floor unless said otherwise.

    Parameters
    ----------
    pattern
        The breaks in force now, in minutes from the start of the shift. A break of the past without a record in `actual` is
        taken to have been as planned.
    skills
        Columns of the requirement that the person may cover, one at a time.
    team
        Name under which `Floor.team_limits` has a limit; empty for none.
    actual
        Breaks that began, or are known to begin at another time than planned.
    lost
        Minutes in which the person cannot work for another reason, as in an outage, past or expected. A break inside them costs
        no productive minute twice.
    is_absent
        Gives no coverage, takes no break, is not repaired.
    may_move
        False keeps all breaks of the person where they are.
    """

    associate_id: int
    start_minute: int
    end_minute: int
    policy: BreakPolicy
    pattern: BreakPattern
    skills: frozenset[int]
    team: str = ""
    actual: tuple[ActualBreak, ...] = ()
    lost: tuple[Minutes, ...] = ()
    is_absent: bool = False
    may_move: bool = True

    @cached_property
    def records(self) -> Mapping[int, ActualBreak]:
        """What is recorded of each break, by position."""
        return {one.position: one for one in self.actual}

    @property
    def planned_starts(self) -> tuple[int, ...]:
        """Start of each break of the pattern on the axis of the floor."""
        return tuple(self.start_minute + slot.start_minute for slot in self.pattern)

    def pattern_of(self, starts: Sequence[int]) -> BreakPattern:
        """Return the pattern with other starts, given by position on the axis of the floor, in the order of time."""
        slots = (BreakSlot(int(start) - self.start_minute, slot.kind) for start, slot in zip(starts, self.pattern, strict=True))
        return tuple(sorted(slots))


@dataclass(frozen=True)
class StandingBreak:
    """A break as it stands: real when it is recorded, planned otherwise; minutes on the axis of the floor.

    Parameters
    ----------
    position
        Which break of the pattern in force.
    kind
        Index of the kind in the policy.
    """

    position: int
    kind: int
    start_minute: int
    end_minute: int
    is_recorded: bool


def standing_breaks(person: OnShift, now_minute: int, starts: Sequence[int] | None = None) -> tuple[StandingBreak, ...]:
    """Return the breaks of a person as they stand, in the order of time.

    Parameters
    ----------
    starts
        Planned start of each break by position, instead of those of the pattern in force.
    """
    planned, standing = starts or person.planned_starts, []
    for position, slot in enumerate(person.pattern):
        minutes, record = person.policy.breaks[slot.kind].minutes, person.records.get(position)
        if record is None:
            begins, ends = int(planned[position]), int(planned[position]) + minutes
        else:
            begins = record.start_minute
            ends = max(now_minute, begins + minutes) if record.end_minute is None else record.end_minute
        standing.append(StandingBreak(position, slot.kind, begins, ends, record is not None))
    return tuple(sorted(standing, key=lambda one: (one.start_minute, one.position)))


@dataclass(frozen=True)
class Floor:
    """The floor at one moment.

    Parameters
    ----------
    now_minute
        The present, in elapsed minutes on the one axis that everything here uses.
    first_minute, interval_minutes
        Start of the first interval of the requirement, and the length of each.
    required
        Productive heads, shape (intervals, skills); nothing is required outside these intervals.
    team_limits
        Most people of a team on break at once; teams without an entry have no limit.

    Raises
    ------
    ValueError
        When something makes no sense, with everything that does not.
    """

    now_minute: int
    people: tuple[OnShift, ...]
    first_minute: int
    interval_minutes: int
    required: Floats
    team_limits: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, all at once."""
        faults = [*self._own_faults(), *(fault for person in self.people for fault in _faults(person, self.required))]
        if faults:
            raise ValueError("\n".join(faults))

    def _own_faults(self) -> Iterator[str]:
        if self.required.ndim != 2 or not np.isfinite(self.required).all() or (self.required < 0).any():
            yield "The requirement must be heads of 0 or more by interval and skill."
        if self.interval_minutes <= 0:
            yield f"The requirement interval is {self.interval_minutes} minutes: it must be above 0."
        for who, times in sorted(Counter(person.associate_id for person in self.people).items()):
            if times > 1:
                yield f"Associate {who} is on the floor {times} times: give the shift that is worked first only."

    @cached_property
    def standing(self) -> tuple[tuple[StandingBreak, ...], ...]:
        """The breaks of everybody as they stand, in the order of `people`."""
        return tuple(standing_breaks(person, self.now_minute) for person in self.people)

    @cached_property
    def index_of(self) -> Mapping[int, int]:
        """Place of each associate in `people`."""
        return {person.associate_id: index for index, person in enumerate(self.people)}


def _faults(person: OnShift, required: Floats) -> Iterator[str]:
    """Yield what makes no sense in one person's data."""
    who, breaks = f"Associate {person.associate_id}", len(person.pattern)
    if person.start_minute >= person.end_minute:
        yield f"{who}: the shift ends at minute {person.end_minute}, not after its start at {person.start_minute}."
    if list(person.pattern) != sorted(person.pattern):
        yield f"{who}: the breaks of the pattern are not in the order of time."
    if any(not 0 <= slot.kind < len(person.policy.breaks) for slot in person.pattern):
        yield f"{who}: the pattern has a break of a kind that the policy does not have."
    if required.ndim == 2 and any(not 0 <= skill < required.shape[1] for skill in person.skills):
        yield f"{who}: a skill is not a column of the requirement, which has {required.shape[1]}."
    positions = [one.position for one in person.actual]
    if len(set(positions)) < len(positions) or any(not 0 <= position < breaks for position in positions):
        yield f"{who}: the recorded breaks must name different breaks of the pattern, 0 to {breaks - 1}, not {positions}."
    spans = [*((one.start_minute, one.end_minute) for one in person.actual if one.end_minute is not None), *person.lost]
    yield from (f"{who}: a record runs from minute {first} to {end}, backwards." for first, end in spans if end < first)
