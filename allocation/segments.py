"""Segments: a duty and what was done, cut wherever either changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from allocation.timeline import Timeline
from scheduling.duties import Duty, PlannedBreak, Span
from scheduling.presence import PresenceState

AWAY = frozenset({PresenceState.ON_BREAK, PresenceState.COACHING})
"""States that may stand for a planned break."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Time in which neither the plan nor what was done changes.

    Parameters
    ----------
    planned_break
        Index of the planned break in whose time it lies.
    served_break
        Index of the planned break for which a break or coaching stands, which may lie at another time.
    is_rostered
        Whether it lies inside the duty.
    is_absence
        Whether it lies in an approved absence, inside the duty.
    """

    span: Span
    state: PresenceState
    planned_break: int | None
    served_break: int | None
    is_rostered: bool
    is_absence: bool
    is_scheduled_productive: bool
    is_productive: bool

    @property
    def length(self) -> timedelta:
        """Elapsed time."""
        return self.span.ends_at - self.span.starts_at

    @property
    def gain(self) -> timedelta:
        """Productive time beyond that scheduled; negative where it is less."""
        return self.length * (self.is_productive - self.is_scheduled_productive)


class _Spans:
    """Spans in the order of time that do not overlap, to be asked for instants in the order of time."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._edges = [(span.starts_at, span.ends_at) for span in spans]
        self._next = 0

    def index_at(self, instant: datetime) -> int | None:
        """Return the index of the span that holds an instant, which is not before the one asked for last."""
        while self._next < len(self._edges) and self._edges[self._next][1] <= instant:
            self._next += 1
        return self._next if self._next < len(self._edges) and self._edges[self._next][0] <= instant else None


def served_breaks(duty: Duty, timeline: Timeline, *, match_minutes: float, coaching_kinds: frozenset[str]) -> dict[int, int]:
    """Return for which planned break each break or coaching stands: index in the timeline to index in the duty.

    In the order of time, so that what comes later never changes what was said before: one that starts inside a planned break
    stands for that one, else for the nearest planned start within `match_minutes` for which none stands yet (the earlier one
    of two that are as near). Coaching stands for planned breaks of the `coaching_kinds` only, a break stands for one of them
    only when it starts inside it.
    """
    planned = _Spans(duty.breaks)
    served: dict[int, int] = {}
    for position, (span, state) in enumerate(timeline):
        if state not in AWAY:
            continue
        wants_coaching = state is PresenceState.COACHING
        inside = planned.index_at(span.starts_at)
        if inside is not None and (not wants_coaching or duty.breaks[inside].kind in coaching_kinds):
            served[position] = inside
            continue
        taken = set(served.values())
        near = [
            (abs(one.starts_at - span.starts_at), index)
            for index, one in enumerate(duty.breaks)
            if index not in taken and (one.kind in coaching_kinds) == wants_coaching
        ]
        if near and min(near)[0] <= timedelta(minutes=match_minutes):
            served[position] = min(near)[1]
    return served


def _productive_breaks(breaks: Sequence[PlannedBreak], timeline: Timeline, served: Mapping[int, int]) -> list[Span]:
    """Return the time of breaks that count as productive: for each planned one, at most as many minutes as were planned."""
    left = {index: one.ends_at - one.starts_at for index, one in enumerate(breaks) if one.is_productive}
    spans = []
    for position, index in served.items():
        span = timeline[position][0]
        if left.get(index):
            ends_at = min(span.ends_at, span.starts_at + left[index])
            left[index] -= ends_at - span.starts_at
            spans.append(Span(span.starts_at, ends_at))
    return spans


def segments_of(
    duty: Duty, timeline: Timeline, served: Mapping[int, int], absences: Sequence[Span], until: datetime
) -> tuple[Segment, ...]:
    """Return the segments of a duty up to `until`, and of the time around it in which the associate was there.

    Parameters
    ----------
    duty, timeline, absences
        With instants in UTC; the timeline holds the duty, the absences do not overlap.
    served
        Of `served_breaks`.

    Returns
    -------
    tuple of Segment
        In the order of time; those inside the duty partition it, up to `until`.
    """
    states = [span for span, _ in timeline]
    productive = _productive_breaks(duty.breaks, timeline, served)
    known = [Span(duty.starts_at, duty.ends_at), *duty.breaks, *absences, *states, *productive]
    cuts = sorted({until, *(edge for one in known for edge in (one.starts_at, one.ends_at) if edge < until)})
    at_state, at_break, at_absence, at_productive = (_Spans(spans) for spans in (states, duty.breaks, absences, productive))
    segments = []
    for first, last in pairwise(cuts):
        position = at_state.index_at(first)
        state = PresenceState.SIGNED_OUT if position is None else timeline[position][1]
        is_rostered = duty.starts_at <= first < duty.ends_at
        if not is_rostered and state is PresenceState.SIGNED_OUT:
            continue
        planned = at_break.index_at(first)
        segments.append(
            Segment(
                span=Span(first, last),
                state=state,
                planned_break=planned,
                served_break=None if position is None else served.get(position),
                is_rostered=is_rostered,
                is_absence=is_rostered and at_absence.index_at(first) is not None,
                is_scheduled_productive=is_rostered and (planned is None or duty.breaks[planned].is_productive),
                is_productive=state is PresenceState.WORKING or at_productive.index_at(first) is not None,
            )
        )
    return tuple(segments)


def together(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the time that lies in any of the spans, as spans in the order of time with gaps between them."""
    joined: list[Span] = []
    for span in sorted(one for one in spans if one.starts_at < one.ends_at):
        if joined and span.starts_at <= joined[-1].ends_at:
            joined[-1] = Span(joined[-1].starts_at, max(joined[-1].ends_at, span.ends_at))
        else:
            joined.append(Span(span.starts_at, span.ends_at))
    return tuple(joined)


def by_break(segments: Sequence[Segment]) -> dict[int, list[Segment]]:
    """Return the segments that belong to each planned break: taken for it outside absences, or worked in its time."""
    found: dict[int, list[Segment]] = defaultdict(list)
    for one in segments:
        if one.served_break is not None and not one.is_absence:
            found[one.served_break].append(one)
        elif one.planned_break is not None and one.state is PresenceState.WORKING:
            found[one.planned_break].append(one)
    return found
