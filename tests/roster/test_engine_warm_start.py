"""Warm start: a roster to begin with is taken over where it is legal."""

from __future__ import annotations

import numpy as np
import pytest

from roster.problem import compile_problem
from roster.solver import SolvedRoster, solve_roster
from scheduling.plan import HOME, NOWHERE, OFF, RosterPlan
from scheduling.scenario import Scenario
from tests.roster.small_sites import pricers_of, small_site
from tests.roster.test_engine_workbench import bench_of


def roster_of(of: Scenario, *, seed: int, seconds: float, warm_start: RosterPlan | None = None) -> SolvedRoster:
    """Return what the solver makes of a site."""
    return solve_roster(
        of,
        pricers_of(of),
        seed=seed,
        seconds=seconds,
        stop=lambda: False,
        progress=lambda _: None,
        warm_start=warm_start,
    )


def plan_of(solved: SolvedRoster) -> RosterPlan:
    """Return the lines of a solved roster, worked at home."""
    return RosterPlan(solved.letters, np.where(solved.letters >= 0, HOME, NOWHERE).astype(np.int8))


@pytest.mark.parametrize("seed", range(3))
def test_a_legal_roster_is_taken_over_as_it_is(seed: int) -> None:
    of = small_site(np.random.default_rng(seed), people=4)
    first = plan_of(roster_of(of, seed=seed, seconds=0.3))
    bench = bench_of(of)
    bench.begin_with(first.values)
    assert (bench.lines() == first.values).all()


def test_a_line_that_is_no_longer_legal_is_made_anew() -> None:
    of = small_site(np.random.default_rng(1), people=4)
    first = plan_of(roster_of(of, seed=1, seconds=0.3))
    broken = first.values.copy()
    broken[2] = OFF
    bench = bench_of(of)
    bench.begin_with(broken)
    assert [work is None for work in bench.work] == [False, False, True, False]
    again = roster_of(of, seed=1, seconds=0.3, warm_start=RosterPlan(broken, first.places))
    assert not any(person.relaxed for person in compile_problem(of).people)
    assert (again.letters[2] >= 0).any()
