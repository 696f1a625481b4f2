"""A scenario: everything that a roster is decided from, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from scheduling.burdens import YearOfBurdens
from scheduling.people import Associate, Leave, Lock, PastDay, Request
from scheduling.rules import Office, RuleSettings
from scheduling.shifts import BreakPolicy, ShiftType
from scheduling.times import WEEKDAYS, Horizon


@dataclass(frozen=True)
class Requirement:
    """Productive heads needed.

    Parameters
    ----------
    skills
        Names of the skills in the order of the columns.
    heads
        Heads needed, shape (intervals, skills), not negative, may be fractions.
    """

    skills: tuple[str, ...]
    heads: NDArray[np.float64]


@lru_cache(maxsize=64)
def _start_minutes(horizon: Horizon, starts: tuple[time, ...]) -> NDArray[np.int64]:
    """Return the elapsed minute of each wall time on each day; kept, for parts of a scenario ask for it often."""
    days = [*range(horizon.day_count), -1]
    minutes = np.array([[horizon.minute_at(day, start) for start in starts] for day in days], dtype=np.int64)
    return minutes.reshape(len(days), len(starts))


@dataclass(frozen=True)
class Scenario:
    """People, shift types, rules and requirement of one site over one horizon.

    Tuples keep the order of the files; associates and shift types are addressed by their index everywhere inside the engine.
    `years` says what associates bore in the rolling year before; those who are not in it are judged by their history alone.
    """

    horizon: Horizon
    associates: tuple[Associate, ...]
    shift_types: tuple[ShiftType, ...]
    requirement: Requirement
    break_policy: BreakPolicy
    rules: RuleSettings = field(default_factory=RuleSettings)
    office: Office | None = None
    leave: tuple[Leave, ...] = ()
    requests: tuple[Request, ...] = ()
    locks: tuple[Lock, ...] = ()
    history: tuple[PastDay, ...] = ()
    holidays: frozenset[date] = field(default_factory=frozenset)
    years: tuple[YearOfBurdens, ...] = ()

    @cached_property
    def associate_index(self) -> dict[str, int]:
        """Index of each associate by code."""
        return {associate.code: index for index, associate in enumerate(self.associates)}

    @cached_property
    def shift_index(self) -> dict[str, int]:
        """Index of each shift type by code."""
        return {shift.code: index for index, shift in enumerate(self.shift_types)}

    @cached_property
    def shift_start_minutes(self) -> NDArray[np.int64]:
        """Elapsed minute at which each shift type starts on each day, shape (days + 1, shift types).

        Row ``day`` is day ``day``; the *last* row is the day before the first, so that index -1 means what it says.
        """
        return _start_minutes(self.horizon, tuple(shift.start for shift in self.shift_types))

    @cached_property
    def week_offset(self) -> int:
        """Days from the start of the week (as the rules have it) to the first day of the horizon, 0-6."""
        return (self.horizon.first_day.weekday() - WEEKDAYS.index(self.rules.week_starts_on)) % 7
