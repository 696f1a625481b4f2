"""Shifts of the day before the horizon that run into it: their breaks, and the heads they give."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scheduling.coverage import SkillGroups, carried_shifts, productive_units
from scheduling.plan import NOWHERE, OFF, BreakPattern, BreakPlan, RosterPlan
from scheduling.ports import BreakPricer
from scheduling.scenario import Scenario

CARRIED_SEED = 0


def carried_patterns(scenario: Scenario, pricers: Mapping[int, BreakPricer]) -> dict[int, BreakPattern]:
    """Return a legal break pattern, by associate index, for each shift that runs into the horizon.

    A scenario does not say when their breaks are, so each gets a pattern drawn by chance, always the same one: were they all
    given the cheapest, they would all be on a break at once.
    """
    rng = np.random.default_rng(CARRIED_SEED)
    patterns: dict[int, BreakPattern] = {}
    for associate, shift in carried_shifts(scenario).items():
        span = scenario.shift_types[shift].span_minutes
        slots = span // scenario.break_policy.grid_minutes
        chance = rng.random((len(scenario.break_policy.breaks), 1, slots))
        patterns[associate] = pricers[span].best_patterns(chance)[1][0]
    return patterns


def carried_units(scenario: Scenario, groups: SkillGroups, patterns: Mapping[int, BreakPattern]) -> NDArray[np.int64]:
    """Return the productive units that carried shifts give, shape (groups, intervals)."""
    shape = (len(scenario.associates), scenario.horizon.day_count)
    nobody = RosterPlan(np.full(shape, OFF, dtype=np.int16), np.full(shape, NOWHERE, dtype=np.int8))
    breaks = BreakPlan.of({(associate, -1): pattern for associate, pattern in patterns.items()}, *shape)
    return productive_units(scenario, groups, nobody, breaks)
