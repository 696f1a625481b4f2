"""The board and the workbench: what they say a person is worth is what it costs to do without, counted again from nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from breaks.patterns import enumerate_patterns
from roster.board import Board
from roster.board_kernel import add_units
from roster.carry import carried_patterns, carried_units
from roster.objective import objective_parts
from roster.problem import compile_problem
from roster.workbench import Workbench
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, coverage_of
from scheduling.plan import HOME, NOWHERE, OFF, BreakPattern, RosterPlan
from scheduling.scenario import Scenario
from tests.builders import history
from tests.roster.small_sites import pricers_of, small_site

COST = CoverageCost()


def bench_of(of: Scenario) -> Workbench:
    """Return an empty workbench."""
    problem, pricers = compile_problem(of), pricers_of(of)
    carried = carried_units(of, problem.groups, carried_patterns(of, pricers))
    return Workbench(problem, of, pricers, COST, carried)


def objective_again(bench: Workbench, of: Scenario) -> float:
    """Return the objective of everybody's work from assignments and breaks alone, with shares as the bench has them."""
    lines = bench.lines()
    breaks = bench.breaks(carried_patterns(of, pricers_of(of)))
    plan = RosterPlan(lines, np.where(lines >= 0, HOME, NOWHERE).astype(np.int8))
    coverage = coverage_of(of, plan, breaks, COST)
    parts = objective_parts(bench.problem, lines, coverage, COST)
    unfair = sum(bench.shares.cost(line) for line in lines)
    return sum(parts.values()) - parts["unfair weekends"] + unfair


def site_with_past(seed: int) -> Scenario:
    """Return a random site of five, of whom one comes in with a shift of the day before."""
    of = small_site(np.random.default_rng(seed), people=5, types=3, grid_minutes=20 if seed % 2 else 60)
    return replace(of, history=history("A0", "N") + history("A1", "..NNN.."))


@pytest.mark.parametrize("seed", range(4))
def test_the_objective_of_the_bench_is_that_of_its_roster(seed: int) -> None:
    of, rng = site_with_past(seed), np.random.default_rng(seed)
    bench, everybody = bench_of(of), range(5)
    bench.recreate(everybody)
    for step in range(12):
        chosen = [int(index) for index in rng.choice(5, rng.integers(1, 4), replace=False)]
        before, objective = [bench.work[index] for index in chosen], bench.objective
        bench.recreate(chosen)
        assert bench.objective == pytest.approx(objective_again(bench, of))
        if step % 3 == 0:
            bench.restore(chosen, before)
            assert bench.objective == pytest.approx(objective)
        if step % 4 == 0:
            bench.update_shares()
        assert bench.objective == pytest.approx(objective_again(bench, of))
    other = bench_of(of)
    other.take(bench)
    assert other.objective == pytest.approx(bench.objective)
    other.take_breaks(bench.breaks({}))
    assert other.objective == pytest.approx(bench.objective)


@pytest.mark.parametrize("seed", range(4))
def test_a_best_response_of_one_skill_is_no_worse_than_any_other(seed: int) -> None:
    of = small_site(np.random.default_rng(seed), people=3, skills=1)
    bench = bench_of(of)
    bench.recreate(range(3))
    for index in (0, 1, 2, 0):
        before = bench.objective
        bench.recreate([index])
        assert bench.objective <= before + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_the_worth_of_a_shift_is_the_cost_that_it_takes_away(seed: int) -> None:
    rng = np.random.default_rng(seed)
    of = small_site(rng, people=4, types=3, skills=1, grid_minutes=60)
    groups, pricers = SkillGroups.of(of), pricers_of(of)
    board = Board(of, groups, COST, rng.integers(0, 3, (groups.count, of.horizon.interval_count)))
    days = of.horizon.day_count
    for shift, kind in enumerate(of.shift_types):
        whole, losses = board.shift_worth(0, shift)
        least = pricers[kind.span_minutes].least_loss(losses)
        for day in range(days):
            taken, before = [], board.coverage_cost
            for pattern in enumerate_patterns(of.break_policy, kind.span_minutes, 100):
                line = one_shift(days, day, shift, pattern)
                board.change(0, *line, 1)
                taken.append(before - board.coverage_cost)
                board.change(0, *line, -1)
                lost = sum(float(losses[slot.kind, day, slot.start_minute // 60]) for slot in pattern)
                assert taken[-1] == pytest.approx(float(whole[day]) - lost)
            assert board.coverage_cost == pytest.approx(before)
            assert max(taken) == pytest.approx(float(whole[day] - least[day]))


def one_shift(days: int, day: int, shift: int, pattern: BreakPattern) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return letters, kinds and starts of a line of a single shift, on a grid of an hour."""
    letters = np.full(days, OFF, dtype=np.int16)
    kinds, starts = np.zeros((days, len(pattern)), dtype=np.int8), np.zeros((days, len(pattern)), dtype=np.int16)
    letters[day] = shift
    kinds[day] = [slot.kind for slot in pattern]
    starts[day] = [slot.start_minute // 60 for slot in pattern]
    return letters, kinds, starts


@pytest.mark.parametrize("seed", range(8))
def test_heads_of_several_skills_stay_split_at_least_cost_as_people_come_and_go(seed: int) -> None:
    rng = np.random.default_rng(seed)
    of = small_site(rng, people=6, types=3)
    groups = SkillGroups.of(of)
    supply = rng.integers(0, 3, (groups.count, of.horizon.interval_count))
    board = Board(of, groups, COST, supply)
    patterns = list(enumerate_patterns(of.break_policy, of.shift_types[0].span_minutes, 100))
    there: list[tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]] = []
    for _ in range(60):
        if there and rng.random() < 0.4:
            group, line = there.pop(int(rng.integers(len(there))))
            sign = -1
        else:
            group, shift, day = int(rng.integers(groups.count)), int(rng.integers(3)), int(rng.integers(7))
            line, sign = one_shift(7, day, shift, patterns[int(rng.integers(len(patterns)))]), 1
            there.append((group, line))
        board.change(group, *line, sign)
        add_units(supply[group], board.slots.per_interval, board.grid, *line, sign)
        fresh = Board(of, groups, COST, supply)
        assert board.coverage_cost == pytest.approx(fresh.coverage_cost)
