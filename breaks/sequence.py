"""The judge of one person's breaks as they stand on the day: plain rules on plain minutes.

It shares no code with the search for better breaks, so a fault of the search cannot hide in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from breaks.floor import Minutes, OnShift, StandingBreak, standing_breaks

Clock = Callable[[int], str]
"""Writes a minute of the axis of the floor as people read it, such as ``13:15``."""


@dataclass(frozen=True)
class SequenceFault:
    """One rule that a person's breaks do not keep, or one reason against a wish.

    Parameters
    ----------
    rule
        Name of the rule, as in `breaks.check.BREAK_RULES`.
    amount
        By how many minutes (breaks, people) it is missed.
    positions
        The breaks of the pattern in force that have a part in it; empty when the whole shift has.
    kind
        Name of the kind of break; empty when it does not matter.
    minutes
        When it shows, on the axis of the floor.
    value, limits
        What was found, and the least and most that are allowed, in the unit of the rule (for windows and edges: minutes of the
        axis).
    """

    rule: str
    amount: int
    positions: tuple[int, ...]
    kind: str
    minutes: Minutes
    value: int
    limits: Minutes


def sequence_faults(person: OnShift, now_minute: int, starts: Sequence[int] | None = None) -> list[SequenceFault]:
    """Return every rule that a person's breaks do not keep, recorded breaks as they were and the others as planned.

    Parameters
    ----------
    starts
        Planned start of each break by position on the axis of the floor, instead of those of the pattern in force.
    """
    standing = standing_breaks(person, now_minute, starts)
    return [
        *_kinds(person),
        *(fault for one in standing for fault in _places(person, one)),
        *_stretches(person, standing),
        *_productive(person, now_minute, starts),
    ]


def productive_minutes(person: OnShift, now_minute: int, starts: Sequence[int] | None = None) -> int:
    """Return the minutes of the shift outside unproductive breaks and lost minutes, each minute counted once."""
    kinds, first, end = person.policy.breaks, person.start_minute, person.end_minute
    away = [
        (one.start_minute, one.end_minute)
        for one in standing_breaks(person, now_minute, starts)
        if not kinds[one.kind].productive
    ]
    missing, reached = 0, first
    for start, stop in sorted([*away, *person.lost]):
        missing += max(0, min(stop, end) - max(start, reached))
        reached = max(reached, min(stop, end))
    return end - first - missing


def _kinds(person: OnShift) -> Iterator[SequenceFault]:
    had = Counter(slot.kind for slot in person.pattern)
    for index, kind in enumerate(person.policy.breaks):
        if had[index] != kind.count:
            whole = (person.start_minute, person.end_minute)
            off = abs(had[index] - kind.count)
            yield SequenceFault("break_kinds", off, (), kind.kind, whole, had[index], (kind.count, kind.count))


def _places(person: OnShift, one: StandingBreak) -> Iterator[SequenceFault]:
    policy, kind, shift = person.policy, person.policy.breaks[one.kind], person.start_minute
    when, where = (one.start_minute, one.end_minute), (one.position,)
    # Real breaks begin when they begin; the grid is for plans.
    off_grid = 0 if one.is_recorded else (one.start_minute - shift) % policy.grid_minutes
    if off_grid:
        yield SequenceFault("break_grid", off_grid, where, kind.kind, when, off_grid, (0, policy.grid_minutes))
    if kind.window_minutes:
        window = (shift + kind.window_minutes[0], shift + kind.window_minutes[1])
        outside = max(window[0] - one.start_minute, one.start_minute - window[1])
        if outside > 0:
            yield SequenceFault("break_window", outside, where, kind.kind, when, one.start_minute, window)
    edges = (shift + policy.not_before_minutes, person.end_minute - policy.not_after_minutes)
    for outside, value in ((edges[0] - one.start_minute, one.start_minute), (one.end_minute - edges[1], one.end_minute)):
        if outside > 0:
            yield SequenceFault("break_edges", outside, where, kind.kind, when, value, edges)


def _stretches(person: OnShift, standing: Sequence[StandingBreak]) -> Iterator[SequenceFault]:
    least, most = limits = person.policy.work_stretch_minutes
    ends = [(person.start_minute, ()), *((one.end_minute, (one.position,)) for one in standing)]
    starts = [*((one.start_minute, (one.position,)) for one in standing), (person.end_minute, ())]
    for (ended, before), (begins, after) in zip(ends, starts, strict=True):
        work = begins - ended
        rule = "breaks_apart" if work < 0 else "work_stretch"
        off = -work if work < 0 else max(least - work, work - most)
        if off > 0:
            yield SequenceFault(rule, off, (*before, *after), "", (ended, begins), work, limits)


def _productive(person: OnShift, now_minute: int, starts: Sequence[int] | None) -> Iterator[SequenceFault]:
    least, most = limits = person.policy.productive_minutes
    left = productive_minutes(person, now_minute, starts)
    if not least <= left <= most:
        whole = (person.start_minute, person.end_minute)
        yield SequenceFault("productive_minutes", max(least - left, left - most), (), "", whole, left, limits)


def fault_words(fault: SequenceFault, clock: Clock) -> str:
    """Return the fault in a planner's words, without who and without a full stop.

    Parameters
    ----------
    clock
        Writes a minute of the axis of the floor as local time.
    """
    return WORDS[fault.rule](fault, clock)


def _edge_words(fault: SequenceFault, clock: Clock) -> str:
    when, first, last = clock(fault.value), clock(fault.limits[0]), clock(fault.limits[1])
    if fault.value < fault.limits[0]:
        return f"the {fault.kind} at {when} starts {fault.amount} minutes too early, none before {first}"
    return f"the {fault.kind} ends at {when}, {fault.amount} minutes too late, none after {last}"


def _window_words(fault: SequenceFault, clock: Clock) -> str:
    side = "before" if fault.value < fault.limits[0] else "after"
    window = f"{clock(fault.limits[0])} to {clock(fault.limits[1])}"
    return f"the {fault.kind} at {clock(fault.value)} starts {fault.amount} minutes {side} its window of {window}"


def _stretch_words(fault: SequenceFault, clock: Clock) -> str:
    bound = f"at least {fault.limits[0]}" if fault.value < fault.limits[0] else f"at most {fault.limits[1]}"
    return f"{fault.value} minutes of work from {clock(fault.minutes[0])} to {clock(fault.minutes[1])}, {bound} wanted"


WORDS: Mapping[str, Callable[[SequenceFault, Clock], str]] = MappingProxyType(
    {
        "break_kinds": lambda fault, _: f"{fault.value} breaks of kind {fault.kind}, {fault.limits[0]} wanted",
        "break_grid": lambda fault, clock: (
            f"the {fault.kind} at {clock(fault.minutes[0])} is {fault.amount} minutes off the grid of {fault.limits[1]} minutes"
        ),
        "break_window": _window_words,
        "break_edges": _edge_words,
        "breaks_apart": lambda fault, clock: f"two breaks overlap by {fault.amount} minutes at {clock(fault.minutes[1])}",
        "work_stretch": _stretch_words,
        "productive_minutes": lambda fault, _: (
            f"{fault.value} productive minutes, {fault.limits[0]} to {fault.limits[1]} promised"
        ),
        "team_limit": lambda fault, clock: (
            f"{fault.value} of the team would be on break at {clock(fault.minutes[0])}, at most {fault.limits[1]} may be"
        ),
        "break_begun": lambda fault, clock: f"the {fault.kind} of {clock(fault.minutes[0])} has begun or is over",
        "notice": lambda fault, clock: (
            f"{clock(fault.value)} is {fault.amount} minutes too early, the first start to be had is {clock(fault.limits[0])}"
        ),
        "absent": lambda _, __: "recorded as absent",
    }
)
"""What each rule says to a planner, by its name."""
