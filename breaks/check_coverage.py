"""The independent checker of reported coverage: counts heads slot by slot from the plan and its breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE_HEADS = 1e-3
"""Difference that a reader of three decimals cannot see."""

SHIFTS_AT_ONCE = 20_000


def check_coverage(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, coverage: Coverage) -> Iterator[Violation]:
    """Yield where the reported coverage is not what people and breaks give.

    For every set of skills the scheduled heads must not exceed the heads of associates who have one of them (Hall, 1935), and
    for each group of skills that share associates the two must be equal: an associate at work counts exactly once.
    """
    wanted = scenario.requirement.heads
    if coverage.scheduled.shape != wanted.shape or coverage.required.shape != wanted.shape:
        yield _violation(scenario, None, 1.0, f"Coverage has shape {coverage.scheduled.shape}, the requirement {wanted.shape}.")
        return
    yield from _worst(scenario, np.abs(coverage.required - wanted).sum(axis=1), "reported requirement differs")
    yield from _worst(scenario, np.maximum(0.0, -coverage.scheduled).sum(axis=1), "scheduled heads are below zero")
    heads = heads_by_skills(scenario, plan, breaks)
    names = scenario.requirement.skills
    for block in _linked(len(names), heads):
        for size in range(1, len(block) + 1):
            for subset in combinations(block, size):
                there = sum((count for skills, count in heads.items() if skills & set(subset)), np.zeros(len(wanted)))
                surplus = coverage.scheduled[:, list(subset)].sum(axis=1) - there
                off = np.abs(surplus) if size == len(block) else np.maximum(0.0, surplus)
                words = f"scheduled heads of {', '.join(names[skill] for skill in subset)} are not those at work"
                yield from _worst(scenario, off, words)


def heads_by_skills(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> dict[frozenset[int], Floats]:
    """Return the average productive heads of associates with just these skills in each interval, shape (intervals,) each."""
    grid = scenario.break_policy.grid_minutes
    total = scenario.horizon.total_minutes
    names = scenario.requirement.skills
    skills = [frozenset(names.index(skill) for skill in person.skills if skill in names) for person in scenario.associates]
    sets = sorted(set(skills), key=sorted)
    of_person = np.array([sets.index(one) for one in skills], dtype=np.int64)
    carried = shifts_running_in(scenario)
    who, day = np.nonzero(plan.values >= 0)
    rows = np.concatenate([np.array(list(carried), dtype=np.int64), who])
    days = np.concatenate([np.full(len(carried), -1), day])
    shifts = np.concatenate([np.array(list(carried.values()), dtype=np.int64), plan.values[who, day]])
    patterns = np.concatenate([breaks.carried[list(carried)], breaks.assigned[who, day]]).astype(np.int64)
    change = np.zeros((len(sets), total + 1))
    starts = np.array([[scenario.horizon.minute_at(one, shift.start) for shift in scenario.shift_types]
                       for one in range(-1, plan.values.shape[1])])  # fmt: skip
    for kind, shift in enumerate(scenario.shift_types):
        of_kind = np.flatnonzero(shifts == kind)
        of_kind = of_kind[np.argsort(patterns[of_kind], kind="stable")]
        # In parts, for the stretches of hundreds of thousands of different patterns would need gigabytes at once.
        for here in np.array_split(of_kind, len(of_kind) // SHIFTS_AT_ONCE + 1):
            begins = starts[days[here] + 1, kind]
            for first, end in _stretches(scenario, breaks, shift.span_minutes, patterns[here]):
                low, high = np.clip(begins + first, 0, total), np.clip(begins + np.maximum(first, end), 0, total)
                # A stretch counts the slots that it fills, as a reader of a chart in slots would see them.
                np.add.at(change, (of_person[rows[here]], low // grid * grid), 1)
                np.add.at(change, (of_person[rows[here]], high // grid * grid), -1)
    heads = np.cumsum(change, axis=1)[:, :-1]
    by_interval = heads.reshape(len(sets), -1, scenario.horizon.interval_minutes).mean(axis=2)
    return {skills_of: by_interval[number] for number, skills_of in enumerate(sets)}


def shifts_running_in(scenario: Scenario) -> dict[int, int]:
    """Return the shift type of each associate who is still on the shift of the day before when the horizon begins."""
    codes = {shift.code: index for index, shift in enumerate(scenario.shift_types)}
    people = {person.code: index for index, person in enumerate(scenario.associates)}
    carried = {}
    for past in scenario.history:
        if past.date == scenario.horizon.first_day - timedelta(days=1) and past.value in codes:
            shift = scenario.shift_types[codes[past.value]]
            if scenario.horizon.minute_at(-1, shift.start) + shift.span_minutes > 0:
                carried[people[past.associate]] = codes[past.value]
    return carried


def _stretches(scenario: Scenario, breaks: BreakPlan, span: int, patterns: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield first and last minute of the first productive stretch of many shifts, of the second, and so on.

    A shift without a pattern is all work; one with fewer stretches than others has empty ones at its end.
    """
    kinds, slots = scenario.break_policy.breaks, breaks.slots
    used, which = np.unique(patterns, return_inverse=True)
    away = np.isin(slots.kind, [number for number, kind in enumerate(kinds) if not kind.productive])
    away &= np.isin(slots.pattern, used)
    minutes = np.array([kind.minutes for kind in kinds] or [0], dtype=np.int64)
    pattern, begins = slots.pattern[away], slots.minute[away]
    ends = begins + minutes[slots.kind[away]]
    number = np.arange(len(pattern)) - np.searchsorted(pattern, pattern)
    table = np.full((len(used), int(number.max(initial=-1)) + 2, 2), span, dtype=np.int64)
    table[:, 0, 0] = 0
    row = np.searchsorted(used, pattern)
    table[row, number, 1], table[row, number + 1, 0] = begins, ends
    for stretch in range(table.shape[1]):
        yield table[which, stretch, 0], table[which, stretch, 1]


def _linked(skill_count: int, heads: dict[frozenset[int], Floats]) -> list[list[int]]:
    """Return the skills in blocks that share no associate with one another."""
    blocks = [{skill} for skill in range(skill_count)]
    for skills in heads:
        touched = [block for block in blocks if block & skills]
        if touched:
            blocks = [block for block in blocks if not block & skills] + [set().union(*touched)]
    return [sorted(block) for block in blocks]


def _worst(scenario: Scenario, off: Floats, words: str) -> Iterator[Violation]:
    """Yield one violation for all intervals that are off, at the one that is off the most."""
    wrong = np.flatnonzero(off > TOLERANCE_HEADS)
    if len(wrong):
        worst = int(off.argmax())
        starts = scenario.horizon.instant_of(worst * scenario.horizon.interval_minutes)
        message = (
            f"Coverage: {words} in {len(wrong)} intervals, the most at {starts:%a} {starts.day} {starts:%b %H:%M} "
            f"by {off[worst]:.3f} heads."
        )
        yield _violation(scenario, worst, float(off[worst]), message)


def _violation(scenario: Scenario, interval: int | None, amount: float, message: str) -> Violation:
    when = None
    if interval is not None:
        when = scenario.horizon.instant_of(interval * scenario.horizon.interval_minutes).date()
    return Violation("reported_coverage", Severity.BLOCKS_PUBLISHING, "", when, amount, message)
