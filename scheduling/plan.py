"""Plans: who works what on which day, and when they have their breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

OFF = -1
"""Day value: a weekly day off."""
LEAVE = -2
"""Day value: approved leave."""
NONE = -3
"""Day value: outside the contract, or unknown before the horizon."""
DAY_WORDS = {OFF: "off", LEAVE: "leave", NONE: "none"}

NOWHERE, OFFICE, HOME = 0, 1, 2
PLACE_WORDS = {NOWHERE: "", OFFICE: "office", HOME: "home"}


@dataclass(frozen=True)
class RosterPlan:
    """What every associate does on every day.

    Parameters
    ----------
    values
        Index of the shift type, or OFF, LEAVE, NONE; shape (associates, days).
    places
        NOWHERE, OFFICE or HOME; shape (associates, days).
    """

    values: NDArray[np.int16]
    places: NDArray[np.int8]


@dataclass(frozen=True, order=True)
class BreakSlot:
    """One break of a pattern: the index of its kind in the policy, and its start in minutes from the start of the shift."""

    start_minute: int
    kind: int


BreakPattern = tuple[BreakSlot, ...]
"""The breaks of one shift in the order of time."""


@dataclass(frozen=True)
class BreakPlan:
    """Which break pattern every associate has on every day.

    Parameters
    ----------
    patterns
        The patterns in use, each once.
    assigned
        Index into `patterns`, -1 where there is no shift; shape (associates, days).
    carried
        Index into `patterns` of the shift that began on the day before the horizon and runs into it, else -1; shape
        (associates,).
    """

    patterns: tuple[BreakPattern, ...]
    assigned: NDArray[np.int32]
    carried: NDArray[np.int32]

    @classmethod
    def of(cls, patterns: Mapping[tuple[int, int], BreakPattern], people: int, days: int) -> BreakPlan:
        """Return the plan of patterns by (associate, day); day -1 is the day before the horizon."""
        distinct = tuple(sorted(set(patterns.values())))
        number = {pattern: index for index, pattern in enumerate(distinct)}
        assigned = np.full((people, days), -1, dtype=np.int32)
        carried = np.full(people, -1, dtype=np.int32)
        for (associate, day), pattern in patterns.items():
            if day < 0:
                carried[associate] = number[pattern]
            else:
                assigned[associate, day] = number[pattern]
        return cls(distinct, assigned, carried)

    @classmethod
    def of_rows(cls, rows: BreakRows, shape: tuple[int, int]) -> BreakPlan:
        """Return the plan of breaks given shift by shift, for (people, days)."""
        packed = np.ascontiguousarray(np.concatenate([rows.minutes, rows.kinds], axis=1).astype(np.int16))
        if not packed.shape[1]:
            packed = np.zeros((len(packed), 1), dtype=np.int16)
        _, first, which = np.unique(
            packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1]))).ravel(),
            return_index=True,
            return_inverse=True,
        )
        slots: dict[tuple[int, int], BreakSlot] = {}
        distinct = [
            tuple(slots.setdefault((minute, kind), BreakSlot(minute, kind)) for minute, kind in zip(minutes, kinds, strict=True))
            for minutes, kinds in zip(rows.minutes[first].tolist(), rows.kinds[first].tolist(), strict=True)
        ]
        assigned, carried = np.full(shape, -1, dtype=np.int32), np.full(shape[0], -1, dtype=np.int32)
        inside = rows.day >= 0
        assigned[rows.associate[inside], rows.day[inside]] = which[inside]
        carried[rows.associate[~inside]] = which[~inside]
        return cls(tuple(distinct), assigned, carried)

    @cached_property
    def slots(self) -> BreakSlots:
        """Every break of every pattern in turn."""
        counts = [len(pattern) for pattern in self.patterns]
        flat = np.array([number for pattern in self.patterns for slot in pattern for number in (slot.start_minute, slot.kind)])
        both = flat.astype(np.int64).reshape(-1, 2)
        return BreakSlots(np.repeat(np.arange(len(counts)), counts), both[:, 0], both[:, 1])

    def table(self, breaks: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return start minute and kind of each break of each pattern, each of shape (patterns, breaks); all have so many."""
        shape = len(self.patterns), breaks
        return self.slots.minute.reshape(shape), self.slots.kind.reshape(shape)


@dataclass(frozen=True)
class BreakSlots:
    """The breaks of many patterns one after the other: index of the pattern, start from the start of the shift, and kind."""

    pattern: NDArray[np.int64]
    minute: NDArray[np.int64]
    kind: NDArray[np.int64]


@dataclass(frozen=True)
class BreakRows:
    """Breaks shift by shift.

    Parameters
    ----------
    associate, day
        Who, and on which day (-1 for the day before the horizon), shape (shifts,).
    minutes, kinds
        Start from the start of the shift, and kind, of each break in the order of time, shape (shifts, breaks).
    """

    associate: NDArray[np.int64]
    day: NDArray[np.int64]
    minutes: NDArray[np.int64]
    kinds: NDArray[np.int64]


@dataclass(frozen=True)
class Coverage:
    """Heads required and there.

    Parameters
    ----------
    required, scheduled
        Average productive heads in each interval, shape (intervals, skills). An associate of several skills counts for exactly
        one of them in each break-grid slot.
    """

    required: NDArray[np.float64]
    scheduled: NDArray[np.float64]
