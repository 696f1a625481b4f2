"""Shift types and the break policy that belongs to a shift length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

MINUTES_PER_DAY = 1440
NIGHT_CORE_END_MINUTE = 300
"""05:00: a night shift covers 00:00-05:00 (ILO Night Work Convention C171, article 1)."""

PROMISED_PRODUCTIVE_MINUTES = (408, 420)
"""6.8 to 7.0 hours: what every shift of the operation leaves for work; a policy may narrow this, never widen it."""


@dataclass(frozen=True)
class ShiftType:
    """A timing: local start and span.

    Parameters
    ----------
    span_minutes
        Elapsed minutes from start to end, breaks included.
    """

    code: str
    start: time
    span_minutes: int

    @property
    def start_minute(self) -> int:
        """Minutes from local midnight to the start on an ordinary day."""
        return self.start.hour * 60 + self.start.minute

    @property
    def is_night(self) -> bool:
        """Whether the shift covers 00:00-05:00 of an ordinary night."""
        first, last = self.start_minute, self.start_minute + self.span_minutes
        return any(first <= midnight and last >= midnight + NIGHT_CORE_END_MINUTE for midnight in (0, MINUTES_PER_DAY))


@dataclass(frozen=True)
class BreakKind:
    """One kind of break in a policy.

    Parameters
    ----------
    minutes
        Length of one break.
    count
        How many of this kind a shift has.
    window_minutes
        Earliest and latest start in minutes from the start of the shift; ``None`` leaves only the general limits.
    productive
        Whether the minutes count as productive (a huddle may, a meal does not).
    """

    kind: str
    minutes: int
    count: int = 1
    window_minutes: tuple[int, int] | None = None
    productive: bool = False


@dataclass(frozen=True)
class BreakPolicy:
    """What breaks a shift has and where they may lie; all minutes are counted from the start of the shift.

    Parameters
    ----------
    grid_minutes
        Breaks start on multiples of this.
    productive_minutes
        Least and most productive minutes that a shift must leave.
    work_stretch_minutes
        Least and most work between two breaks, or between a break and an end of the shift.
    not_before_minutes
        No break starts earlier after the start of the shift.
    not_after_minutes
        No break ends later than this before the end of the shift.
    """

    breaks: tuple[BreakKind, ...]
    grid_minutes: int = 5
    productive_minutes: tuple[int, int] = PROMISED_PRODUCTIVE_MINUTES
    work_stretch_minutes: tuple[int, int] = (25, 60)
    not_before_minutes: int = 45
    not_after_minutes: int = 30

    @property
    def break_minutes(self) -> int:
        """Minutes of a shift that are not productive."""
        return sum(kind.minutes * kind.count for kind in self.breaks if not kind.productive)

    def productive_minutes_of(self, span_minutes: int) -> int:
        """Return the productive minutes that a shift of this span has under the policy."""
        return span_minutes - self.break_minutes


DEFAULT_BREAK_POLICY = BreakPolicy(
    breaks=(
        BreakKind("meal", minutes=30, window_minutes=(180, 300)),
        BreakKind("short", minutes=10, count=7),
        BreakKind("coaching", minutes=20),
    )
)
"""The policy of a site that names none: 120 minutes of breaks leave 420 productive minutes of a 9 h shift."""
