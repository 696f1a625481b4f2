"""Differences: what made the productive minutes of a duty other than scheduled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from allocation.segments import Segment, by_break
from scheduling.duties import Duty, PlannedBreak, Span
from scheduling.presence import PresenceState


class DifferenceKind(StrEnum):
    """What happened."""

    LATE_START = "late_start"
    """Signed in after the duty began, or not yet."""
    EARLY_END = "early_end"
    """Signed out before the duty ended."""
    MISSING = "missing"
    """Signed out in between, or never there."""
    ABSENCE = "absence"
    """An approved absence."""
    SYSTEM_DOWN = "system_down"
    """The tools did not work."""
    COACHING = "coaching"
    """Coaching that was not in the plan."""
    BREAK_LATE = "break_late"
    """A break began late; it costs nothing by itself once it is over."""
    BREAK_EARLY = "break_early"
    """A break began early; it costs nothing by itself once its planned time is over."""
    BREAK_OVER = "break_over"
    """A break was longer than planned."""
    BREAK_SHORT = "break_short"
    """A break was shorter than planned."""
    BREAK_NOT_TAKEN = "break_not_taken"
    """The time of a planned break was worked, and no break was taken for it."""
    BREAK_DISPLACED = "break_displaced"
    """A break was taken later because its planned time went to a system that was down, to coaching or to an absence."""
    BREAK_UNPLANNED = "break_unplanned"
    """A break that stands for no planned one."""
    WORKED_BEFORE = "worked_before"
    """Worked before the duty began."""
    WORKED_AFTER = "worked_after"
    """Worked after the duty ended."""


MINUTE: Final = timedelta(minutes=1)
NOTHING: Final = timedelta()
EXCUSED_STATES: Final = frozenset({PresenceState.SYSTEM_DOWN, PresenceState.COACHING})
"""What may take the time of a planned break without being for the associate to answer for."""

EXCUSED: Final = frozenset(
    {DifferenceKind.ABSENCE, DifferenceKind.SYSTEM_DOWN, DifferenceKind.COACHING, DifferenceKind.BREAK_DISPLACED}
)
"""What is not for the associate to answer for."""

TEXTS: Final = {
    DifferenceKind.LATE_START: "signed in {minutes} min late",
    DifferenceKind.EARLY_END: "signed out {minutes} min early",
    DifferenceKind.MISSING: "signed out for {minutes} min",
    DifferenceKind.ABSENCE: "approved absence of {minutes} min",
    DifferenceKind.SYSTEM_DOWN: "system down {minutes} min",
    DifferenceKind.COACHING: "coaching outside the plan, {minutes} min",
    DifferenceKind.BREAK_LATE: "{name} started {minutes} min late",
    DifferenceKind.BREAK_EARLY: "{name} started {minutes} min early",
    DifferenceKind.BREAK_OVER: "{minutes} min over on {name}",
    DifferenceKind.BREAK_SHORT: "back {minutes} min early from {name}",
    DifferenceKind.BREAK_NOT_TAKEN: "{name} not taken",
    DifferenceKind.BREAK_DISPLACED: "{name} displaced, {minutes} min taken later",
    DifferenceKind.BREAK_UNPLANNED: "break outside the plan, {minutes} min",
    DifferenceKind.WORKED_BEFORE: "worked {minutes} min before the start",
    DifferenceKind.WORKED_AFTER: "worked {minutes} min after the end",
}


@dataclass(frozen=True)
class Difference:
    """One thing that made productive minutes more or fewer than scheduled.

    Parameters
    ----------
    span
        From when to when, in UTC; for a break that began late or early, from one start to the other.
    minutes
        What it changed in productive minutes, negative for fewer; a part of `span` that was not scheduled to be productive
        does not count, so this may be less than the length of `span`.
    break_kind
        Kind of the planned break it is about; empty otherwise.
    is_excused
        Whether it is not for the associate to answer for.
    is_over
        Whether it is over; a break or a state that goes on is not.
    """

    kind: DifferenceKind
    span: Span
    minutes: float
    break_kind: str = ""
    is_excused: bool = False
    is_over: bool = True

    @property
    def text(self) -> str:
        """What happened, such as ``12 min over on meal``."""
        if self.kind is DifferenceKind.LATE_START and not self.is_over:
            return f"not signed in yet, {_shown(self.span.minutes)} min late"
        return TEXTS[self.kind].format(minutes=_shown(self.span.minutes), name=self.break_kind or "break")


def _shown(minutes: float) -> str:
    return f"{minutes:.1f}".removesuffix(".0")


def differences_of(duty: Duty, segments: Sequence[Segment], until: datetime, *, mention_minutes: float) -> tuple[Difference, ...]:
    """Return what made the difference up to `until`, in the order of time.

    The minutes of all of them are together the productive minutes less those scheduled: every segment in which the two differ
    belongs to exactly one difference, either to a planned break or to one of the runs of other causes.

    Parameters
    ----------
    mention_minutes
        A break that began late or early by less than this counts as begun in time; above zero.
    """
    found = [*_runs(segments, causes_of(duty, segments, until), until)]
    own, least_shift = by_break(segments), timedelta(minutes=mention_minutes)
    for index, planned in enumerate(duty.breaks):
        if index in own:
            found += _about_break(planned, own[index], _excused_time(segments, index), until, least_shift)
    return tuple(sorted(found, key=lambda one: (one.span, one.kind)))


def causes_of(duty: Duty, segments: Sequence[Segment], until: datetime) -> list[DifferenceKind | None]:
    """Return the cause to which each segment belongs, ``None`` for one that went as planned or belongs to a planned break."""
    there = [one.span for one in segments if one.state is not PresenceState.SIGNED_OUT]
    arrived_at, left_at = (there[0].starts_at, there[-1].ends_at) if there else (until, until)
    is_over = until >= duty.ends_at

    def cause(one: Segment) -> DifferenceKind | None:
        if one.is_absence and one.state is not PresenceState.WORKING:
            return DifferenceKind.ABSENCE
        if one.state is PresenceState.SIGNED_OUT:
            if one.span.ends_at <= arrived_at:
                return DifferenceKind.LATE_START if there or not is_over else DifferenceKind.MISSING
            return DifferenceKind.EARLY_END if is_over and one.span.starts_at >= left_at else DifferenceKind.MISSING
        if one.state is PresenceState.WORKING and not one.is_rostered:
            return DifferenceKind.WORKED_BEFORE if one.span.starts_at < duty.starts_at else DifferenceKind.WORKED_AFTER
        return _cause_by_state(one)

    return [cause(one) for one in segments]


def _cause_by_state(one: Segment) -> DifferenceKind | None:
    if one.state is PresenceState.SYSTEM_DOWN:
        return DifferenceKind.SYSTEM_DOWN
    if one.served_break is not None or one.state is PresenceState.WORKING:
        return None
    return DifferenceKind.COACHING if one.state is PresenceState.COACHING else DifferenceKind.BREAK_UNPLANNED


def _runs(segments: Sequence[Segment], causes: Sequence[DifferenceKind | None], until: datetime) -> Iterator[Difference]:
    """Yield one difference for each run of neighbouring segments of one cause that changed productive minutes."""
    runs: list[tuple[DifferenceKind | None, list[Segment]]] = []
    for one, cause in zip(segments, causes, strict=True):
        if runs and runs[-1][0] is cause and runs[-1][1][-1].span.ends_at == one.span.starts_at:
            runs[-1][1].append(one)
        else:
            runs.append((cause, [one]))
    for cause, run in runs:
        gain = sum((one.gain for one in run), NOTHING)
        if cause is not None and gain:
            span = Span(run[0].span.starts_at, run[-1].span.ends_at)
            yield Difference(cause, span, gain / MINUTE, is_excused=cause in EXCUSED, is_over=span.ends_at < until)


def _excused_time(segments: Sequence[Segment], index: int) -> timedelta:
    """Return how much of the time of a planned break went to something else that the associate need not answer for."""
    return sum(
        (
            one.length
            for one in segments
            if one.planned_break == index and (one.is_absence or (one.served_break != index and one.state in EXCUSED_STATES))
        ),
        NOTHING,
    )


def _about_break(
    planned: PlannedBreak, own: Sequence[Segment], excused: timedelta, until: datetime, least_shift: timedelta
) -> Iterator[Difference]:
    """Yield the differences of one planned break: not taken, shifted, over, short or displaced.

    What is lost by taking longer than planned is *over*. What else is lost when the break is done was lost because something
    else filled its planned time: it is *displaced* as far as that is excused. What is gained by a break that is done is
    *short*. All the rest goes with the shift, above all while the break, or its planned time, goes on.
    """
    taken = [one for one in own if one.served_break is not None]
    gain = sum((one.gain for one in own), NOTHING)
    if not taken:
        span = Span(planned.starts_at, min(planned.ends_at, until))
        is_over = planned.ends_at <= until
        yield Difference(DifferenceKind.BREAK_NOT_TAKEN, span, gain / MINUTE, planned.kind, is_over=is_over)
        return
    begun_at, ended_at = taken[0].span.starts_at, taken[-1].span.ends_at
    is_settled = planned.ends_at <= until and ended_at < until
    is_coaching = all(one.state is PresenceState.COACHING for one in taken)
    is_shifted = abs(begun_at - planned.starts_at) >= least_shift
    longer = sum((one.length for one in taken), NOTHING) - (planned.ends_at - planned.starts_at)
    over = min(max(NOTHING, -gain), max(NOTHING, longer))
    displaced = min(max(NOTHING, -gain - over), excused) if is_settled else NOTHING
    rest = gain + over + displaced
    short = max(NOTHING, rest) if is_settled or not is_shifted else NOTHING
    rest -= short
    if is_shifted:
        kind = DifferenceKind.BREAK_LATE if begun_at > planned.starts_at else DifferenceKind.BREAK_EARLY
        span = Span(*sorted((begun_at, planned.starts_at)))
        yield Difference(kind, span, rest / MINUTE, planned.kind, is_excused=is_coaching, is_over=is_settled)
    else:
        over -= rest
    if over:
        span, is_over = Span(ended_at - over, ended_at), ended_at < until
        kind = DifferenceKind.BREAK_OVER
        yield Difference(kind, span, -over / MINUTE, planned.kind, is_excused=is_coaching, is_over=is_over)
    if displaced:
        span = Span(ended_at - displaced, ended_at)
        yield Difference(DifferenceKind.BREAK_DISPLACED, span, -displaced / MINUTE, planned.kind, is_excused=True)
    if short:
        span = Span(ended_at, ended_at + short)
        yield Difference(DifferenceKind.BREAK_SHORT, span, short / MINUTE, planned.kind)
