"""Which shifts are nights, and what a break policy leaves of a shift."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.shifts import BreakKind, BreakPolicy, ShiftType
from tests.builders import PATTERN, POLICY


@pytest.mark.parametrize(
    ("start", "span", "is_night"),
    [
        (time(22), 540, True),
        (time(20), 540, True),
        (time(20), 539, False),
        (time(19, 59), 540, False),
        (time(0), 300, True),
        (time(0), 299, False),
        (time(0, 1), 540, False),
        (time(14), 540, False),
        (time(6), 540, False),
        (time(23, 59), 301, True),
    ],
)
def test_a_night_covers_midnight_to_five(start: time, span: int, is_night: bool) -> None:
    assert ShiftType("X", start, span).is_night is is_night


@given(start=st.integers(0, 1439), span=st.integers(60, 900))
def test_a_night_is_what_covers_every_minute_of_the_core(start: int, span: int) -> None:
    shift = ShiftType("X", time(start // 60, start % 60), span)
    covered = {minute % 1440 for minute in range(start, start + span)}
    assert shift.is_night == (covered >= set(range(300)))


def test_the_preset_leaves_420_productive_minutes() -> None:
    assert POLICY.break_minutes == 120
    assert POLICY.productive_minutes_of(540) == 420


def test_a_productive_break_costs_no_productive_minutes() -> None:
    policy = BreakPolicy(
        breaks=(BreakKind("meal", 60), BreakKind("short", 15, count=4), BreakKind("huddle", 15, productive=True))
    )
    assert policy.productive_minutes_of(540) == 420


def test_the_pattern_of_the_builders_is_legal() -> None:
    ends = [0, *(slot.start_minute + POLICY.breaks[slot.kind].minutes for slot in PATTERN)]
    starts = [*(slot.start_minute for slot in PATTERN), 540]
    least, most = POLICY.work_stretch_minutes
    assert all(least <= start - end <= most for start, end in zip(starts, ends, strict=True))
    assert starts[0] >= POLICY.not_before_minutes
    assert ends[-1] <= 540 - POLICY.not_after_minutes
    assert [sum(slot.kind == kind for slot in PATTERN) for kind in range(3)] == [1, 7, 1]
