"""Duties: the shifts of real people on real dates, with their breaks as instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property


@dataclass(frozen=True, order=True)
class Span:
    """Time from one instant to another; the end does not belong to it."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> float:
        """Elapsed minutes; negative ones cannot happen in a duty."""
        return (self.ends_at - self.starts_at).total_seconds() / 60

    def holds(self, instant: datetime) -> bool:
        """Return whether an instant lies inside."""
        return self.starts_at <= instant < self.ends_at


@dataclass(frozen=True, order=True)
class PlannedBreak(Span):
    """One break of a duty.

    Parameters
    ----------
    kind
        Name of the kind in the break policy, such as ``meal``.
    is_productive
        Whether its minutes count as productive.
    """

    kind: str = ""
    is_productive: bool = False


@dataclass(frozen=True)
class Duty:
    """One shift of one associate, as it is in force now (published, then perhaps repaired on the day).

    Parameters
    ----------
    day
        Local date on which the shift starts.
    starts_at, ends_at
        Aware instants, in UTC.
    breaks
        In the order of time, inside the shift, not overlapping.
    is_absent
        Whether the associate was recorded as absent for the whole of it.
    """

    associate_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    breaks: tuple[PlannedBreak, ...]
    is_absent: bool = False

    @cached_property
    def stretches(self) -> tuple[Span, ...]:
        """The work between breaks, in the order of time; empty stretches are left out."""
        edges = [self.starts_at, *(edge for one in self.breaks for edge in (one.starts_at, one.ends_at)), self.ends_at]
        spans = (Span(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True))
        return tuple(span for span in spans if span.starts_at < span.ends_at)

    @property
    def productive_minutes(self) -> float:
        """Minutes of work, and of breaks that count as productive."""
        return sum(span.minutes for span in self.stretches) + sum(one.minutes for one in self.breaks if one.is_productive)
