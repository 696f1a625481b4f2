"""Least change: what stands stays unless a fact forbids it or a change pays, and whoever is new gets the best line there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.amend import Amended, AmendParams, amend_roster, changed_days
from roster.check import check
from roster.objective import parts_of_letters
from roster.places import assign_places
from roster.standing import Standing
from scheduling.coverage import coverage_of
from scheduling.people import Leave, Lock
from scheduling.plan import HOME, LEAVE, NONE, NOWHERE, OFF, BreakPattern, BreakPlan, RosterPlan
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from tests.roster.exact_site import legal_lines
from tests.roster.small_sites import pricers_of, small_site, with_heads
from tests.roster.test_engine_workbench import bench_of

SITES = st.builds(
    lambda seed, people: small_site(np.random.default_rng(seed), people=people), st.integers(0, 400), st.integers(2, 4)
)


def answered(of: Scenario) -> tuple[RosterPlan, BreakPlan]:
    """Return a roster in which everybody has answered all others twice."""
    bench = bench_of(of)
    bench.recreate(range(len(of.associates)))
    for index in range(len(of.associates)):
        bench.recreate([index])
    lines = bench.lines()
    return RosterPlan(lines, assign_places(of, lines, seed=0)), bench.breaks({})


def amended(of: Scenario, plan: RosterPlan, breaks: BreakPlan, free: np.ndarray, **params: float) -> Amended:
    return amend_roster(
        Standing(of, plan, breaks, pricers_of(of)),
        free,
        seed=1,
        seconds=60,
        stop=lambda: False,
        progress=lambda _: None,
        params=AmendParams(joint_answers=5, **params),  # type: ignore[arg-type]
    )


def cost_of(of: Scenario, values: np.ndarray, breaks: BreakPlan) -> float:
    """Return what a roster costs, weekends apart, counted from assignments and breaks alone."""
    plan = RosterPlan(values, np.where(values >= 0, HOME, NOWHERE).astype(np.int8))
    standing = Standing(of, plan, breaks, pricers_of(of))
    refused = sum(standing.verdict(index, line).wish_cost for index, line in enumerate(values))
    parts = parts_of_letters(of, values, coverage_of(of, plan, breaks), standing.cost) | {"wishes refused": refused}
    return sum(parts.values()) - parts["unfair weekends"]


def hard(of: Scenario, values: np.ndarray) -> list[str]:
    found = check(of, RosterPlan(values, np.where(values >= 0, HOME, NOWHERE).astype(np.int8)))
    return [one.message for one in found if one.severity is Severity.BLOCKS_PUBLISHING]


def patterns_of(breaks: BreakPlan) -> dict[tuple[int, int], BreakPattern]:
    where = np.argwhere(breaks.assigned >= 0).tolist()
    return {(row, day): breaks.patterns[breaks.assigned[row, day]] for row, day in where}


def everything(plan: RosterPlan) -> np.ndarray:
    return np.ones(plan.values.shape, dtype=bool)


@given(SITES, st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_days_that_are_not_free_stay_as_they_are(of: Scenario, seed: int) -> None:
    plan, breaks = answered(of)
    free = np.random.default_rng(seed).random(plan.values.shape) < 0.5
    more = with_heads(of, of.requirement.heads * 3)
    found = amended(more, plan, breaks, free, changed_day_cost=0.0)
    assert (found.values == plan.values)[~free].all()
    assert not found.clashing
    assert not hard(of, found.values)
    assert cost_of(more, found.values, found.breaks) <= cost_of(more, plan.values, breaks) + 1 + 1e-6
    none = amended(more, plan, breaks, np.zeros_like(free))
    assert (none.values == plan.values).all()
    assert not none.asked


@given(SITES, st.sampled_from((0.5, 3.0, 1000.0)))
@settings(max_examples=50, deadline=None)
def test_a_dear_change_is_not_made_and_a_cheap_one_pays(of: Scenario, cost: float) -> None:
    plan, breaks = answered(of)
    more = with_heads(of, of.requirement.heads * 2)
    found = amended(more, plan, breaks, everything(plan), changed_day_cost=cost)
    assert not hard(more, found.values)
    gain = cost_of(more, plan.values, breaks) - cost_of(more, found.values, found.breaks)
    # Weekends shared out unevenly are priced in the search and left out here.
    assert gain + 2 >= cost * changed_days(plan, found.values)
    assert cost < 1000 or (found.values == plan.values).all()


@given(SITES, st.integers(0, 6), st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_who_falls_ill_is_on_leave_and_others_keep_all_rules(of: Scenario, first: int, length: int) -> None:
    plan, breaks = answered(of)
    start = of.horizon.first_day + timedelta(days=first)
    ill = replace(of, leave=(Leave("A0", start, start + timedelta(days=length)),))
    free = everything(plan)
    free[:, :2] = False
    found = amended(ill, plan, breaks, free)
    away = slice(first, first + length + 1)
    assert (found.values[0, away] == LEAVE).all()
    kept = ~np.isin(np.arange(7), np.arange(7)[away])
    assert (found.values[0, :2] == plan.values[0, :2])[kept[:2]].all()
    assert (found.values[1:, :2] == plan.values[1:, :2]).all()
    if not found.clashing:
        assert not hard(ill, found.values)


@pytest.mark.parametrize("seed", range(4))
def test_who_is_new_gets_the_best_line_there_is(seed: int) -> None:
    of = small_site(np.random.default_rng(seed), people=3, skills=1)
    plan, breaks = answered(of)
    values, assigned = plan.values.copy(), breaks.assigned.copy()
    values[0], assigned[0] = NONE, -1
    started = RosterPlan(values, np.where(values >= 0, HOME, NOWHERE).astype(np.int8))
    free = np.zeros(values.shape, dtype=bool)
    free[0] = True
    found = amended(of, started, replace(breaks, assigned=assigned), free)
    assert found.asked == (0,)
    assert (found.values[1:] == values[1:]).all()
    best = cost_of(of, found.values, found.breaks)
    standing = Standing(of, started, replace(breaks, assigned=assigned), pricers_of(of))
    person = standing.person(0, free[0])
    for line in legal_lines(of, 0):
        bench = standing.bench([0], [person])
        bench.give(0, line)
        other = values.copy()
        other[0] = line
        patterns = {(0, day): pattern for day, pattern in bench.patterns_of(0).items()}
        patterns |= {key: pattern for key, pattern in patterns_of(breaks).items() if key[0] != 0}
        # The search also prices weekend days beyond a fair share, which is left out here.
        assert best <= cost_of(of, other, BreakPlan.of(patterns, *values.shape)) + 0.5


def test_a_lock_is_kept_and_a_clash_is_named() -> None:
    of = small_site(np.random.default_rng(3), people=2, skills=1)
    plan, breaks = answered(of)
    dates = of.horizon.dates
    code = of.shift_types[0].code
    locked = replace(of, locks=tuple(Lock("A0", day, code) for day in dates))
    found = amended(locked, plan, breaks, everything(plan))
    assert (found.values[0] == 0).all()
    assert found.clashing == (0,)
    off = replace(of, locks=(Lock("A1", dates[2], "off"),))
    assert amended(off, plan, breaks, everything(plan)).values[1, 2] == OFF


@given(SITES, st.integers(0, 12))
@settings(max_examples=50, deadline=None)
def test_stopped_at_any_moment_the_best_so_far_is_a_whole_roster(of: Scenario, moment: int) -> None:
    plan, breaks = answered(of)
    start = of.horizon.first_day
    ill = replace(with_heads(of, of.requirement.heads * 2), leave=(Leave("A0", start, start + timedelta(days=2)),))
    asked = iter(range(10**6))
    found = amend_roster(
        Standing(ill, plan, breaks, pricers_of(ill)),
        everything(plan),
        seed=1,
        seconds=60,
        stop=lambda: next(asked) >= moment,
        progress=lambda _: None,
    )
    assert (found.values[0, :3] == LEAVE).all()
    assert found.clashing or not hard(ill, found.values)
    assert ((found.breaks.assigned >= 0) == (found.values >= 0)).all(), "every shift has its breaks"


def test_where_everybody_is_away_or_locked_nothing_but_that_changes() -> None:
    of = small_site(np.random.default_rng(5), people=3)
    plan, breaks = answered(of)
    dates = of.horizon.dates
    gone = replace(of, leave=tuple(Leave(one.code, dates[0], dates[-1]) for one in of.associates))
    assert (amended(gone, plan, breaks, everything(plan)).values == LEAVE).all()
    words = {-1: "off", **{number: shift.code for number, shift in enumerate(of.shift_types)}}
    locks = tuple(
        Lock(one.code, day, words[int(value)])
        for one, line in zip(of.associates, plan.values, strict=True)
        for day, value in zip(dates, line, strict=True)
    )
    more = replace(with_heads(of, of.requirement.heads * 5), locks=locks)
    assert (amended(more, plan, breaks, everything(plan), changed_day_cost=0.0).values == plan.values).all()
