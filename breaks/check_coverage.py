"""The independent checker of reported coverage: counts heads slot by slot from the plan and its breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]

TOLERANCE_HEADS = 1e-3
"""Difference that a reader of three decimals cannot see."""


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
    duties: Counter[tuple[frozenset[int], int, int, int]] = Counter()
    for who, (values, patterns) in enumerate(zip(plan.values.tolist(), breaks.assigned.tolist(), strict=True)):
        for day, (value, pattern) in enumerate(zip(values, patterns, strict=True)):
            if value >= 0:
                duties[skills[who], day, value, pattern] += 1
    for who, shift in shifts_running_in(scenario).items():
        duties[skills[who], -1, shift, int(breaks.carried[who])] += 1
    slots = {group: np.zeros(total // grid) for group in set(skills)}
    for (group, day, shift, pattern), people in duties.items():
        start = scenario.horizon.minute_at(day, scenario.shift_types[shift].start)
        for first, end in _work(scenario, breaks, shift, pattern):
            slots[group][max(0, start + first) // grid : max(0, min(total, start + end)) // grid] += people
    per_interval = scenario.horizon.interval_minutes // grid
    return {group: count.reshape(-1, per_interval).mean(axis=1) for group, count in slots.items()}


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


def _work(scenario: Scenario, breaks: BreakPlan, shift: int, pattern: int) -> Iterator[tuple[int, int]]:
    """Yield first and last minute of each productive stretch of a shift; a shift without a pattern is all work."""
    policy, now = scenario.break_policy, 0
    for slot in breaks.patterns[pattern] if pattern >= 0 else ():
        if not policy.breaks[slot.kind].productive:
            yield now, slot.start_minute
            now = slot.start_minute + policy.breaks[slot.kind].minutes
    yield now, scenario.shift_types[shift].span_minutes


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
