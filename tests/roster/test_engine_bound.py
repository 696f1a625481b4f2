"""The bound: never above the true optimum of a tiny site, whatever the prices; no roster of the solver is below it."""

from __future__ import annotations

import numpy as np
import pytest

from roster.bound import AscentParams, Climb, DualBound
from roster.carry import carried_patterns, carried_units
from roster.objective import objective_parts
from roster.problem import compile_problem
from roster.run import SolveParams
from roster.solver import solve_roster
from scheduling.cost import CoverageCost
from scheduling.coverage import coverage_of
from scheduling.plan import HOME, NOWHERE, RosterPlan
from scheduling.scenario import Scenario
from tests.roster.exact_site import optimum
from tests.roster.small_sites import pricers_of, small_site

COST = CoverageCost()
SEEDS = range(3)


def dual_of(of: Scenario) -> DualBound:
    """Return the dual of a site with nobody on shift before it."""
    problem, pricers = compile_problem(of), pricers_of(of)
    return DualBound(problem, pricers, COST, carried_units(of, problem.groups, carried_patterns(of, pricers)))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_prices_prove_more_than_the_optimum_and_no_roster_costs_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    of = small_site(rng, people=2 + seed % 2)
    best, dual = optimum(of, COST), dual_of(of)
    shape = of.requirement.heads.shape
    for scale in (0.0, 0.5, 1.0, 3.0, 20.0):
        prices = scale * rng.random(shape) - 0.2 * rng.random(shape)
        assert dual.at(prices).bound <= best + 1e-6
    start = dual.at(np.zeros(shape)).bound
    climb = Climb(AscentParams(), 60, np.zeros(shape)).go_on(dual, 25, lambda: False)
    half = climb.bound
    assert start < half <= climb.go_on(dual, 100, lambda: False).bound <= best + 1e-6
    assert climb.is_over
    assert dual.at(climb.best).bound == pytest.approx(climb.bound)
    assert objective_of_solver(of, seed) >= best - 1e-6


def objective_of_solver(of: Scenario, seed: int) -> float:
    """Return what the solver's roster costs by its own assignments and breaks, weekends apart."""
    params = SolveParams(cost=COST)
    solved = solve_roster(of, pricers_of(of), seed=seed, seconds=0.3, stop=lambda: False, progress=lambda _: None, params=params)
    plan = RosterPlan(solved.letters, np.where(solved.letters >= 0, HOME, NOWHERE).astype(np.int8))
    coverage = coverage_of(of, plan, solved.breaks, COST)
    parts = objective_parts(solved.problem, solved.letters, coverage, COST)
    assert sum(parts.values()) >= solved.bound - 1e-6
    return sum(parts.values()) - parts["unfair weekends"]


def test_the_slope_of_the_bound_is_a_subgradient() -> None:
    rng = np.random.default_rng(7)
    of = small_site(rng, people=3)
    dual, hours = dual_of(of), of.horizon.interval_minutes / 60
    for _ in range(10):
        here, there = (rng.random(of.requirement.heads.shape) * 4 for _ in range(2))
        ascent = dual.at(here)
        assert dual.at(there).bound <= ascent.bound + float((ascent.slope * (there - here)).sum()) * hours + 1e-6
