"""Patterns checked many at a time are legal exactly when the checker has nothing to say of them one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from breaks.check import check_breaks, pattern_faults
from breaks.check_many import are_legal
from breaks.polish import distinct_draws
from scheduling.plan import BreakPattern, BreakPlan, BreakSlot
from scheduling.shifts import BreakKind, BreakPolicy
from tests.builders import PATTERN, POLICY, associate, plan, scenario

PRODUCTIVE = replace(
    POLICY, breaks=(*POLICY.breaks[:2], BreakKind("coaching", 20, productive=True)), productive_minutes=(440, 440)
)
POLICIES = (
    POLICY,
    PRODUCTIVE,
    replace(POLICY, breaks=()),
    replace(POLICY, breaks=(), work_stretch_minutes=(0, 600), productive_minutes=(0, 600)),
    replace(POLICY, grid_minutes=10),
    replace(POLICY, not_before_minutes=50, not_after_minutes=40),
)


@st.composite
def nearly_legal(draw: st.DrawFn) -> BreakPattern:
    """Return a legal pattern of `POLICY`, or one with some breaks moved, changed, taken out or put in."""
    slots = list(PATTERN)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(slots)))
        how = draw(st.sampled_from(["move", "kind", "out", "in"]))
        if how == "in" or at == len(slots):
            slots.insert(at, BreakSlot(draw(st.integers(0, 550)), draw(st.integers(-1, 3))))
        elif how == "out":
            del slots[at]
        elif how == "kind":
            slots[at] = replace(slots[at], kind=draw(st.integers(-1, 3)))
        else:
            slots[at] = replace(slots[at], start_minute=slots[at].start_minute + draw(st.sampled_from([-10, -5, -1, 5, 10, 60])))
    return tuple(slots)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(POLICIES),
    st.lists(st.tuples(st.one_of(nearly_legal(), st.just(())), st.sampled_from([540, 535, 480])), min_size=1, max_size=6),
)
def test_the_same_patterns_are_legal_one_by_one(policy: BreakPolicy, cases: list[tuple[BreakPattern, int]]) -> None:
    patterns, spans = zip(*cases, strict=True)
    slots = BreakPlan(patterns, np.zeros((0, 0), dtype=np.int32), np.zeros(0, dtype=np.int32)).slots
    expected = [not pattern_faults(policy, span, pattern) for pattern, span in cases]
    event(f"some legal: {any(expected)}, some not: {not all(expected)}")
    assert are_legal(policy, np.array(spans), slots).tolist() == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(nearly_legal(), min_size=5, max_size=5))
def test_the_days_of_a_roster_are_named_one_by_one(patterns: list[BreakPattern]) -> None:
    of = scenario(associates=[associate()], weeks=1)
    roster = plan(of, {"A1": "MDENM.."})
    breaks = BreakPlan.of({(0, day): pattern for day, pattern in enumerate(patterns)}, 1, 7)
    expected = [(day, fault.rule) for day, pattern in enumerate(patterns) for fault in pattern_faults(POLICY, 540, pattern)]
    found = [(of.horizon.day_index(one.when), one.rule) for one in check_breaks(of, roster, breaks) if one.when]
    assert found == expected


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 6))
def test_draws_differ_and_leave_nobody_out(seed: int, counts: list[int], size: int) -> None:
    drawn = distinct_draws(np.random.default_rng(seed), np.array(counts), size)
    for count, column in zip(counts, drawn.T, strict=True):
        chosen = column[column >= 0].tolist()
        assert len(chosen) == len(set(chosen)) == min(count, size)
        assert all(number < count for number in chosen)


def test_everybody_is_drawn_as_often() -> None:
    drawn = distinct_draws(np.random.default_rng(1), np.full(30_000, 5), 3)
    shares = np.array([np.bincount(row, minlength=5) for row in drawn]) / 30_000
    assert np.abs(shares - 0.2).max() < 0.02
