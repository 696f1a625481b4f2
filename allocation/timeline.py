"""What an associate did: presence events read as spans of states.

Everything is done on instants in UTC. Two datetimes of one local zone are compared and subtracted by their wall clocks in
Python, which is wrong in the two nights a year on which clocks change, so that every instant is taken to UTC first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from scheduling.duties import Duty, Span
from scheduling.presence import STATE_AFTER, PresenceEvent, PresenceState, in_order

Timeline = tuple[tuple[Span, PresenceState], ...]
"""Spans in the order of time, without gaps; neighbours have different states."""

AnySpan = TypeVar("AnySpan", bound=Span)


def utc(instant: datetime) -> datetime:
    """Return an aware instant in UTC.

    Raises
    ------
    ValueError
        When the instant has no zone, since nobody knows when that was.
    """
    if instant.tzinfo is None:
        raise ValueError(f"The time {instant.isoformat()} has no zone; give an aware datetime.")
    return instant.astimezone(UTC)


def utc_span(span: AnySpan) -> AnySpan:
    """Return a span, or a planned break, with both instants in UTC."""
    if span.starts_at.tzinfo is UTC and span.ends_at.tzinfo is UTC:
        return span
    return replace(span, starts_at=utc(span.starts_at), ends_at=utc(span.ends_at))


def utc_events(events: Iterable[PresenceEvent]) -> tuple[PresenceEvent, ...]:
    """Return each event once, with its instant in UTC, in the order in which they happened."""
    return in_order(
        event if event.occurred_at.tzinfo is UTC else replace(event, occurred_at=utc(event.occurred_at)) for event in events
    )


def utc_duty(duty: Duty) -> Duty:
    """Return a duty with all its instants in UTC."""
    breaks = tuple(utc_span(one) for one in duty.breaks)
    return replace(duty, starts_at=utc(duty.starts_at), ends_at=utc(duty.ends_at), breaks=breaks)


def state_timeline(events: Iterable[PresenceEvent], start: datetime, end: datetime) -> Timeline:
    """Return what an associate did from `start` to `end`.

    Parameters
    ----------
    events
        In any order, with any of them repeated. Those before `start` tell the state in which it begins, which is signed out
        when there is none; those at or after `end` say nothing.

    Returns
    -------
    tuple of (Span, PresenceState)
        Spans in UTC that partition the time from `start` to `end`, neighbours with different states; empty when `end` is not
        after `start`.
    """
    first, last = utc(start), utc(end)
    changes = [
        (max(first, event.occurred_at), STATE_AFTER[event.kind]) for event in utc_events(events) if event.occurred_at < last
    ]
    return merged([(first, PresenceState.SIGNED_OUT), *changes], last)


def merged(changes: Sequence[tuple[datetime, PresenceState]], end: datetime) -> Timeline:
    """Return the timeline of changes of state in the order of time; of changes at one instant the last one holds."""
    spans: list[tuple[Span, PresenceState]] = []
    ends = [*(instant for instant, _ in changes[1:]), end]
    for (begin, state), stop in zip(changes, ends, strict=True):
        if begin >= stop:
            continue
        if spans and spans[-1][1] is state:
            spans[-1] = (Span(spans[-1][0].starts_at, stop), state)
        else:
            spans.append((Span(begin, stop), state))
    return tuple(spans)


@dataclass(frozen=True)
class Attendance:
    """What an associate did around one duty.

    Parameters
    ----------
    timeline
        From the first to the last instant at which events tell of this duty.
    assumed_end_at
        When the associate is taken to have left, since no event says so; ``None`` when one does.
    """

    timeline: Timeline
    assumed_end_at: datetime | None


def attendance(
    duty: Duty,
    events: Iterable[PresenceEvent],
    absences: Sequence[Span],
    *,
    early_limit_minutes: float,
    overtime_limit_minutes: float,
    open_tolerance_minutes: float,
) -> Attendance:
    """Return what an associate did around a duty, with a missing sign-out made good.

    Events from `early_limit_minutes` before the duty to `overtime_limit_minutes` after it tell of it, so that a sign-out which
    was forgotten the day before leaves no trace. A state that is open at the last of them ends `open_tolerance_minutes` after
    the duty (or when it began, if that is later). An approved absence counts as signed out up to the first event inside it:
    who goes home ill seldom signs out; who comes nevertheless is there.

    Parameters
    ----------
    duty, absences
        With instants in UTC; the absences have some time of the duty in common and none with each other.
    """
    first = duty.starts_at - timedelta(minutes=early_limit_minutes)
    last = duty.ends_at + timedelta(minutes=overtime_limit_minutes)
    told = [event for event in utc_events(events) if first <= event.occurred_at < last]
    changes = [(first, PresenceState.SIGNED_OUT), *((event.occurred_at, STATE_AFTER[event.kind]) for event in told)]
    for absence in absences:
        changes = _with_absence(changes, _stretched(absence, duty, Span(first, last)), last)
    opened_at, state = changes[-1]
    if state is PresenceState.SIGNED_OUT:
        return Attendance(merged(changes, last), None)
    cut = min(last, max(opened_at, duty.ends_at + timedelta(minutes=open_tolerance_minutes)))
    return Attendance(merged([*changes, (cut, PresenceState.SIGNED_OUT)], last), cut)


def _stretched(absence: Span, duty: Duty, window: Span) -> Span:
    """Return an absence that reaches an end of the duty as one that reaches that end of the window: there is nothing beyond."""
    starts_at = window.starts_at if absence.starts_at <= duty.starts_at else absence.starts_at
    return Span(starts_at, window.ends_at if absence.ends_at >= duty.ends_at else absence.ends_at)


def _with_absence(
    changes: list[tuple[datetime, PresenceState]], absence: Span, last: datetime
) -> list[tuple[datetime, PresenceState]]:
    """Return the changes with the associate signed out from the start of an absence to its end or the first change inside it."""
    before = [change for change in changes if change[0] <= absence.starts_at]
    after = changes[len(before) :]
    if before[-1][1] is PresenceState.SIGNED_OUT:
        return changes
    resumes_before = after[0][0] if after else last
    back = [(absence.ends_at, before[-1][1])] if absence.ends_at < resumes_before else []
    return [*before, (absence.starts_at, PresenceState.SIGNED_OUT), *back, *after]
