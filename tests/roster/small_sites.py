"""Sites so small that every roster with breaks can be listed: long breaks on a coarse grid leave few patterns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from itertools import product

import numpy as np

from breaks.patterns import PatternPricer
from scheduling.people import WorkMode
from scheduling.ports import BreakPricer
from scheduling.rules import RuleSettings, Timing
from scheduling.scenario import Requirement, Scenario
from scheduling.shifts import BreakKind, BreakPolicy, ShiftType
from tests.builders import associate, scenario

FEW_PATTERNS = BreakPolicy(
    breaks=(BreakKind("meal", 60, window_minutes=(120, 360)), BreakKind("short", 60)),
    grid_minutes=60,
    productive_minutes=(360, 420),
    work_stretch_minutes=(60, 240),
    not_before_minutes=60,
    not_after_minutes=60,
)
"""Two breaks of an hour on a grid of an hour."""

TYPES = (ShiftType("M", time(6), 540), ShiftType("E", time(14), 540), ShiftType("N", time(22), 540))
SKILL_SETS = (frozenset({"stow"}), frozenset({"text"}), frozenset({"stow", "text"}))


def pricers_of(of: Scenario) -> Mapping[int, BreakPricer]:
    """Return the break pricer of each span."""
    return {shift.span_minutes: PatternPricer(of.break_policy, shift.span_minutes) for shift in of.shift_types}


def small_site(
    rng: np.random.Generator, *, people: int, types: int = 2, interval_minutes: int = 60, grid_minutes: int = 60, skills: int = 2
) -> Scenario:
    """Return a random site of a week, with few rules so that many lines are legal."""
    of = scenario(
        weeks=1,
        interval_minutes=interval_minutes,
        associates=[
            associate(
                f"A{number}", skills=SKILL_SETS[rng.integers(0, 3)] if skills > 1 else SKILL_SETS[0], work_mode=WorkMode.HOME
            )
            for number in range(people)
        ],
        shift_types=[TYPES[index] for index in sorted(rng.choice(3, types, replace=False))],
        skills=("stow", "text")[:skills],
        rules=RuleSettings(timing=Timing(rng.choice(("fixed", "free"))), working_days_per_week=int(rng.integers(4, 6))),
        break_policy=FEW_PATTERNS if grid_minutes == 60 else UNEVEN_BREAKS,
    )
    shape = of.requirement.heads.shape
    busy = rng.random((shape[0], 1)) < 0.6
    heads = np.round(rng.gamma(1.0, people / 4, shape) * busy, 1)
    return with_heads(of, heads)


UNEVEN_BREAKS = BreakPolicy(
    breaks=(
        BreakKind("meal", 40, window_minutes=(120, 300)),
        BreakKind("short", 20, count=3),
        BreakKind("huddle", 20, productive=True),
    ),
    grid_minutes=20,
    productive_minutes=(300, 520),
    work_stretch_minutes=(40, 180),
    not_before_minutes=40,
    not_after_minutes=20,
)
"""Breaks on a grid finer than the interval, one kind of which is productive."""


def with_heads(of: Scenario, heads: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Scenario:
    """Return the scenario with another requirement."""
    return replace(of, requirement=Requirement(of.requirement.skills, heads))


def all_lines(of: Scenario) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Return every sequence of shifts and days off over a week, shape (sequences, 7)."""
    return np.array(list(product(range(-1, len(of.shift_types)), repeat=of.horizon.day_count)), dtype=np.int16)
