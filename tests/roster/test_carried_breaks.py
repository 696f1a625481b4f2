"""Breaks of shifts that run into the horizon."""

from __future__ import annotations

from breaks.patterns import PatternPricer
from roster.carry import carried_patterns
from sample.operation import build_sample_scenario
from scheduling.coverage import carried_shifts


def test_people_carried_over_are_not_all_on_a_break_at_once() -> None:
    scenario = build_sample_scenario(60, 1)
    pricers = {shift.span_minutes: PatternPricer(scenario.break_policy, shift.span_minutes) for shift in scenario.shift_types}
    patterns = carried_patterns(scenario, pricers)
    assert set(patterns) == set(carried_shifts(scenario))
    assert len(patterns) > 3
    assert len(set(patterns.values())) > len(patterns) / 2
    assert patterns == carried_patterns(scenario, pricers)
