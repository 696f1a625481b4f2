"""Duties: the shifts of real people on real dates, with their breaks as instants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    absences
        Recorded absences inside the shift, in the order of time; they may overlap.
    """

    associate_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    breaks: tuple[PlannedBreak, ...]
    is_absent: bool = False
    absences: tuple[Span, ...] = ()

    @cached_property
    def stretches(self) -> tuple[Span, ...]:
        """The work between breaks, in the order of time; empty stretches are left out."""
        edges = [self.starts_at, *(edge for one in self.breaks for edge in (one.starts_at, one.ends_at)), self.ends_at]
        spans = (Span(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True))
        return tuple(span for span in spans if span.starts_at < span.ends_at)

    @property
    def workable_stretches(self) -> tuple[Span, ...]:
        """The work between breaks without absences: the only time in which jobs are given; nothing when absent for the whole."""
        if self.is_absent:
            return ()
        return without(self.stretches, self.absences) if self.absences else self.stretches

    @property
    def productive_minutes(self) -> float:
        """Minutes of work, and of breaks that count as productive."""
        return sum(span.minutes for span in self.stretches) + sum(one.minutes for one in self.breaks if one.is_productive)


def without(spans: Iterable[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """Return the time of `spans` that lies in none of `taken`, in the order in which the spans stand.

    Parameters
    ----------
    spans
        Each is cut on its own.
    taken
        In any order; they may overlap, and reach beyond the spans.
    """
    left = []
    for span in spans:
        start = span.starts_at
        for one in sorted(taken):
            if start < one.starts_at < span.ends_at:
                left.append(Span(start, one.starts_at))
            if one.starts_at < span.ends_at:
                start = max(start, one.ends_at)
        if start < span.ends_at:
            left.append(Span(start, span.ends_at))
    return tuple(left)
