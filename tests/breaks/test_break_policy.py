from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from breaks.check import is_legal
from breaks.patterns import spread_pattern
from breaks.policy import PRESETS, refusals, require_possible, scenario_refusals
from scheduling.errors import PolicyError
from scheduling.shifts import BreakKind, BreakPolicy, ShiftType
from tests.builders import POLICY, scenario


@pytest.mark.parametrize("policy", PRESETS.values(), ids=list(PRESETS))
def test_presets_leave_420_minutes_in_nine_hours(policy: BreakPolicy) -> None:
    require_possible(policy, 540)
    assert policy.productive_minutes_of(540) == 420
    assert is_legal(policy, 540, spread_pattern(policy, 540))


@pytest.mark.parametrize(("extra", "possible"), [(0, True), (10, True), (15, False), (-5, False)])
def test_productive_minutes_are_refused_outside_408_to_420_with_the_sum_shown(extra: int, possible: bool) -> None:
    policy = replace(POLICY, breaks=(replace(POLICY.breaks[0], minutes=30 + extra), *POLICY.breaks[1:]))
    reasons = refusals(policy, 540)
    assert (reasons == []) is possible
    if not possible:
        assert f"540 - 1 x {30 + extra} (meal) - 7 x 10 (short) - 1 x 20 (coaching) = {420 - extra}" in reasons[0]
        with pytest.raises(PolicyError, match="productive minutes"):
            require_possible(policy, 540)


REFUSED = {
    "6 stretches": (replace(PRESETS["meal 60, 4 x 15"], work_stretch_minutes=(25, 60)), "6 x 60 = 360"),
    "too many stretches": (replace(POLICY, work_stretch_minutes=(45, 60)), "10 x 45 = 450"),
    "empty window": (
        replace(POLICY, breaks=(replace(POLICY.breaks[0], window_minutes=(10, 30)), *POLICY.breaks[1:])),
        "No meal of 30 minutes can start anywhere: its window is 10 to 30",
    ),
    "window between grid points": (
        replace(POLICY, breaks=(replace(POLICY.breaks[0], window_minutes=(181, 184)), *POLICY.breaks[1:])),
        "multiples of 5 minutes",
    ),
    "window backwards": (
        replace(POLICY, breaks=(replace(POLICY.breaks[0], window_minutes=(300, 180)), *POLICY.breaks[1:])),
        "The window of meal runs from 300 to 180",
    ),
    "stretch backwards": (replace(POLICY, work_stretch_minutes=(60, 25)), "The work stretch runs from 60 to 25"),
    "late start": (replace(POLICY, not_before_minutes=70), "give up one of: the longest work stretch of 60 minutes; no break"),
    "negative edge": (replace(POLICY, not_after_minutes=-5), "not_after_minutes is -5"),
    "longer than the shift": (BreakPolicy((BreakKind("meal", 600),), productive_minutes=(0, 600)), "more than the whole shift"),
    "break off the grid": (
        BreakPolicy((BreakKind("meal", 122),), productive_minutes=(408, 420)),
        "multiple of the break grid of 5 minutes",
    ),
}


@pytest.mark.parametrize(("policy", "words"), REFUSED.values(), ids=list(REFUSED))
def test_impossible_policy_is_refused_with_the_limit_that_is_the_reason(policy: BreakPolicy, words: str) -> None:
    assert words in "\n".join(refusals(policy, 540))


def test_scenario_lists_all_reasons_at_once() -> None:
    of = scenario(
        shift_types=[ShiftType("X", time(6, 2), 540), ShiftType("Y", time(6), 541), ShiftType("Z", time(6), 540)],
        interval_minutes=6,
    )
    reasons = "\n".join(scenario_refusals(of))
    assert "Shift types Y: The shift span of 541 minutes is not a multiple" in reasons
    assert "The requirement interval of 6 minutes is not a multiple" in reasons
    assert "Shift type X starts at 06:02, which is off the break grid" in reasons
    assert "Z" not in reasons


def test_fitting_scenario_has_no_reasons() -> None:
    assert scenario_refusals(scenario()) == []
