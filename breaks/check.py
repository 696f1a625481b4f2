"""The independent checker of breaks: plain rules on plain data, knowing nothing of how patterns are found.

It shares no code with the search: it reads a pattern as a list of minutes, so a fault of the search cannot hide in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from breaks.check_coverage import check_coverage, shifts_running_in
from breaks.check_many import are_legal
from scheduling.plan import BreakPattern, BreakPlan, BreakSlots, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario
from scheduling.shifts import BreakPolicy

__all__ = ["BREAK_RULES", "PatternFault", "check_breaks", "check_coverage", "is_legal", "pattern_faults"]

BREAK_RULES = {
    "breaks_of_every_shift": "Every shift has a break pattern, and no other day has one.",
    "break_kinds": "A shift has the breaks that its policy names, each kind as often as it says.",
    "break_grid": "Breaks start on the break grid.",
    "break_window": "A break starts inside the window of its kind.",
    "break_edges": "No break starts too early in the shift or ends too late.",
    "breaks_apart": "No break starts before the one before it has ended.",
    "work_stretch": "Work between breaks, and between a break and an end of the shift, is neither too short nor too long.",
    "productive_minutes": "A shift leaves as many productive minutes as the policy promises.",
}
"""The rules on breaks, in the order in which they are checked."""


@dataclass(frozen=True)
class PatternFault:
    """One rule that a pattern breaks: by how many minutes (or breaks), in words without who and when."""

    rule: str
    amount: float
    words: str


def is_legal(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> bool:
    """Return whether a pattern keeps every rule of the policy in a shift of this span."""
    return not pattern_faults(policy, span_minutes, pattern)


def pattern_faults(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> list[PatternFault]:
    """Return every rule that a pattern breaks in a shift of this span."""
    unknown = [slot for slot in pattern if not 0 <= slot.kind < len(policy.breaks)]
    if unknown:
        words = f"a break of kind number {unknown[0].kind}, which the policy does not have"
        return [PatternFault("break_kinds", float(len(unknown)), words)]
    return [
        *_kinds(policy, pattern),
        *_places(policy, span_minutes, pattern),
        *_stretches(policy, span_minutes, pattern),
        *_productive(policy, span_minutes, pattern),
    ]


def _kinds(policy: BreakPolicy, pattern: BreakPattern) -> Iterator[PatternFault]:
    had = Counter(slot.kind for slot in pattern)
    for index, kind in enumerate(policy.breaks):
        if had[index] != kind.count:
            words = f"{had[index]} breaks of kind {kind.kind}, {kind.count} wanted"
            yield PatternFault("break_kinds", float(abs(had[index] - kind.count)), words)


def _places(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> Iterator[PatternFault]:
    for slot in pattern:
        kind = policy.breaks[slot.kind]
        start, end = slot.start_minute, slot.start_minute + kind.minutes
        name = f"the {kind.kind} at minute {start} of the shift"
        off_grid = start % policy.grid_minutes
        if off_grid:
            yield PatternFault("break_grid", float(off_grid), f"{name} is off the grid of {policy.grid_minutes} minutes")
        if kind.window_minutes:
            first, last = kind.window_minutes
            outside = max(first - start, start - last)
            if outside > 0:
                words = f"{name} lies {outside} minutes outside its window of minute {first} to {last}"
                yield PatternFault("break_window", float(outside), words)
        early = policy.not_before_minutes - start
        if early > 0:
            words = f"{name} starts {early} minutes too early, none may start before minute {policy.not_before_minutes}"
            yield PatternFault("break_edges", float(early), words)
        late = end - (span_minutes - policy.not_after_minutes)
        if late > 0:
            words = f"{name} ends {late} minutes too late, the last {policy.not_after_minutes} minutes are for work"
            yield PatternFault("break_edges", float(late), words)


def _stretches(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> Iterator[PatternFault]:
    least, most = policy.work_stretch_minutes
    edges = [(0, 0), *((slot.start_minute, slot.start_minute + policy.breaks[slot.kind].minutes) for slot in pattern)]
    edges.append((span_minutes, span_minutes))
    for number in range(1, len(edges)):
        work = edges[number][0] - edges[number - 1][1]
        where = _between(number, len(pattern))
        if work < 0:
            yield PatternFault("breaks_apart", float(-work), f"{-work} minutes of overlap {where}")
        elif work < least:
            yield PatternFault("work_stretch", float(least - work), f"{work} minutes of work {where}, at least {least} wanted")
        elif work > most:
            yield PatternFault("work_stretch", float(work - most), f"{work} minutes of work {where}, at most {most} wanted")


def _between(number: int, breaks: int) -> str:
    """Return where the stretch before the break of this number (from 1) lies."""
    if breaks == 0:
        return "with no break"
    if number == 1:
        return "before the 1st break"
    if number == breaks + 1:
        return "after the last break"
    return f"between the {_ordinal(number - 1)} and {_ordinal(number)} break"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _productive(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> Iterator[PatternFault]:
    away = sum(policy.breaks[slot.kind].minutes for slot in pattern if not policy.breaks[slot.kind].productive)
    least, most = policy.productive_minutes
    left = span_minutes - away
    if not least <= left <= most:
        words = f"{span_minutes} - {away} minutes of breaks = {left} productive minutes, {least} to {most} wanted"
        yield PatternFault("productive_minutes", float(max(least - left, left - most)), words)


def check_breaks(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> Iterator[Violation]:
    """Yield every violation of a rule on breaks, the shifts that run in from the day before the horizon included."""
    if breaks.assigned.shape != plan.values.shape or len(breaks.carried) != len(plan.values):
        words = f"The break plan has shape {breaks.assigned.shape}, the roster {plan.values.shape}."
        yield Violation("breaks_of_every_shift", Severity.BLOCKS_PUBLISHING, "", None, 1.0, words)
        return
    for who, day, shift, pattern in _suspects(scenario, plan, breaks):
        for fault in _faults_of_day(scenario, breaks, shift, pattern):
            person = scenario.associates[who]
            when = scenario.horizon.first_day + timedelta(days=day)
            message = f"{person.name} ({person.code}) on {_day_words(when)}: {fault.words}."
            yield Violation(fault.rule, Severity.BLOCKS_PUBLISHING, person.code, when, fault.amount, message)


def _day_words(when: date) -> str:
    return f"{when:%a} {when.day} {when:%b}"


def _suspects(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> Iterator[tuple[int, int, int, int]]:
    """Yield (associate, day, shift type or -1, pattern or below 0) wherever something is wrong; day -1 is before the horizon."""
    carried = np.full((len(plan.values), 1), -1, dtype=np.int64)
    for who, shift in shifts_running_in(scenario).items():
        carried[who] = shift
    shifts = np.concatenate([carried, np.maximum(plan.values, -1)], axis=1)
    patterns = np.concatenate([breaks.carried[:, None], breaks.assigned], axis=1).astype(np.int64)
    named = (patterns >= 0) & (patterns < len(breaks.patterns))
    wrong = np.where(shifts < 0, patterns >= 0, ~named)
    both = (shifts >= 0) & named
    pairs, which = np.unique(shifts[both] * len(breaks.patterns) + patterns[both], return_inverse=True)
    wrong[both] = ~_legal_pairs(scenario, breaks, pairs)[which]
    for who, column in np.argwhere(wrong).tolist():
        yield who, column - 1, int(shifts[who, column]), int(patterns[who, column])


def _legal_pairs(scenario: Scenario, breaks: BreakPlan, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each pattern is legal in each shift type, both in one number."""
    spans = np.array([shift.span_minutes for shift in scenario.shift_types], dtype=np.int64)
    slots, number = breaks.slots, len(breaks.patterns)
    shift, pattern = np.divmod(pairs, max(number, 1))
    begin = np.searchsorted(slots.pattern, pattern)
    counts = np.searchsorted(slots.pattern, pattern, side="right") - begin
    # The breaks of one pair after the other.
    chosen = np.arange(counts.sum()) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
    own = BreakSlots(np.repeat(np.arange(len(pairs)), counts), slots.minute[chosen], slots.kind[chosen])
    return are_legal(scenario.break_policy, spans[shift], own)


def _faults_of_day(scenario: Scenario, breaks: BreakPlan, shift: int, pattern: int) -> list[PatternFault]:
    if shift < 0:
        return [] if pattern < 0 else [PatternFault("breaks_of_every_shift", 1.0, "breaks on a day without a shift")]
    code = scenario.shift_types[shift].code
    if not 0 <= pattern < len(breaks.patterns):
        return [PatternFault("breaks_of_every_shift", 1.0, f"shift {code} without breaks")]
    return pattern_faults(scenario.break_policy, scenario.shift_types[shift].span_minutes, breaks.patterns[pattern])
