"""Small floors for the tests of repair and wishes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breaks.floor import ActualBreak, Floor, OnShift
from breaks.floor_coverage import FloorCoverage
from breaks.pricer import PatternPricer
from scheduling.cost import CoverageCost
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakKind, BreakPolicy

# Two breaks with room to move: one free between 60 and 300, a meal between 180 and 300.
SIMPLE = BreakPolicy(
    breaks=(BreakKind("meal", 30, window_minutes=(180, 300)), BreakKind("short", 15)),
    productive_minutes=(300, 435),
    work_stretch_minutes=(30, 300),
    not_before_minutes=30,
    not_after_minutes=30,
)
EIGHT_HOURS = 480
SHORT_FIRST: BreakPattern = (BreakSlot(120, 1), BreakSlot(240, 0))
POLICIES = (
    BreakPolicy(
        breaks=(BreakKind("meal", 30, window_minutes=(180, 300)), BreakKind("short", 10, count=7), BreakKind("coaching", 20))
    ),
    BreakPolicy(
        breaks=(BreakKind("meal", 45, window_minutes=(180, 300)), BreakKind("short", 15, count=5)), work_stretch_minutes=(25, 75)
    ),
    BreakPolicy(
        breaks=(
            BreakKind("meal", 60, window_minutes=(180, 300)),
            BreakKind("short", 15, count=4),
            BreakKind("huddle", 15, productive=True),
        ),
        work_stretch_minutes=(25, 90),
    ),
)


def worker(associate_id: int, pattern: BreakPattern = SHORT_FIRST, *, start: int = 0, **facts: object) -> OnShift:
    """Return a person on a shift of eight hours with the simple policy, who covers skill 0."""
    values: dict[str, object] = {"skills": frozenset({0}), **facts}
    return OnShift(associate_id, start, start + EIGHT_HOURS, SIMPLE, pattern, **values)  # type: ignore[arg-type]


def floor_of(people: Sequence[OnShift], required: Sequence[float], *, now: int = 0, interval: int = 15, **limits: int) -> Floor:
    """Return a floor of one skill whose requirement begins at minute 0."""
    return Floor(now, tuple(people), 0, interval, np.array(required, dtype=float)[:, None], limits)


def steady(heads: float, *, minutes: int = EIGHT_HOURS, interval: int = 15) -> list[float]:
    """Return the same requirement for all intervals."""
    return [heads] * (minutes // interval)


def drawn_floor(seed: int, people: int, *, interval: int = 15, now: int = 500, facts: bool = False) -> Floor:
    """Return a floor with random people, legal patterns and requirement near what is there; `facts` lets things happen."""
    rng = np.random.default_rng(seed)
    crew = []
    for index in range(people):
        policy = POLICIES[int(rng.integers(len(POLICIES)))]
        pricer = PatternPricer(policy, 540)
        pattern = pricer.best_patterns(rng.random((len(policy.breaks), 1, 540 // policy.grid_minutes)))[1][0]
        skills = frozenset(rng.choice(3, size=int(rng.integers(0, 3)), replace=False).tolist())
        begin = int(rng.integers(20, 140)) * 5
        person = OnShift(index, begin, begin + 540, policy, pattern, skills, f"T{index % 3}")
        crew.append(_happened(person, now, rng) if facts else person)
    empty = np.zeros((1440 // interval, 3))
    limits = {"T0": 1, "T1": max(1, people // 4)}
    there = FloorCoverage(Floor(now, tuple(crew), 0, interval, empty + people / 4), CoverageCost())
    required = empty.copy()
    first = now // interval
    rows = min(there.rows, len(required) - first)
    required[first : first + rows] = there.heads[:rows] * rng.uniform(0.8, 1.3, size=(rows, 3))
    return Floor(now, tuple(crew), 0, interval, required, limits)


def _happened(person: OnShift, now: int, rng: np.random.Generator) -> OnShift:
    records = []
    for position, start in enumerate(person.planned_starts):
        if start < now and rng.random() < 0.5:
            late = int(rng.integers(0, 15))
            length = person.policy.breaks[person.pattern[position].kind].minutes
            over = start + late + length > now
            records.append(
                ActualBreak(position, start + late, None if over else start + late + length + int(rng.integers(-3, 12)))
            )
    lost = ((now - 30, now + int(rng.integers(0, 150))),) if rng.random() < 0.3 else ()
    return OnShift(
        person.associate_id,
        person.start_minute,
        person.end_minute,
        person.policy,
        person.pattern,
        person.skills,
        person.team,
        tuple(records),
        lost,
        is_absent=bool(rng.random() < 0.1),
        may_move=bool(rng.random() < 0.9),
    )
