"""Best lines: what dynamic programming finds is what listing every line finds, in merged and in plain graphs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.automaton import BROKEN_RULE_COST, Automaton, LineGraph
from roster.bound import choosers
from roster.bound_kernel import choose
from roster.line_table import LineTable
from roster.lines import best_line, best_values, line_cost
from roster.problem import Facts, compile_problem, machines_for
from roster.setting import LineSetting, WishCosts, line_choices
from scheduling.plan import LEAVE, NONE, OFF
from scheduling.scenario import Scenario
from tests.roster.drawn_scenarios import Letters, random_lines, scenarios

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def listed(graph: LineGraph) -> dict[tuple[int, ...], float]:
    """Return every line of a graph with its cost, by walking it."""
    walks: list[tuple[int, tuple[int, ...], float]] = [(0, (), 0.0)]
    for layer in graph:
        walks = [
            (int(layer.target[state, column]), (*letters, letter), cost + float(layer.cost[state, column]))
            for state, letters, cost in walks
            for column, letter in enumerate(layer.letters)
            if layer.target[state, column] >= 0
        ]
    return {letters: cost for _, letters, cost in walks}


def short_horizon(of: Scenario) -> bool:
    """Whether the lines of a scenario are few enough to list."""
    return of.horizon.weeks == 1 and len(of.shift_types) <= 2


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(of=scenarios().filter(short_horizon), seed=st.integers(0, 2**20))
def test_the_best_line_is_the_best_of_all_lines(of: Scenario, seed: int) -> None:
    person = compile_problem(of).people[0]
    rng = np.random.default_rng(seed)
    for graph in person.graphs:
        lines = listed(graph)
        values = rng.normal(size=(3, len(graph), len(of.shift_types) + 3))
        best = best_values(graph, values)
        for valuation, expected in zip(values, best, strict=True):
            value, line = best_line(graph, valuation)
            worth = {letters: valuation[np.arange(len(graph)), letters].sum() - cost for letters, cost in lines.items()}
            assert value == pytest.approx(max(worth.values()))
            assert value == pytest.approx(expected)
            letters = tuple(int(letter) for letter in line.letters)
            assert worth[letters] == pytest.approx(value)
            assert line.wish_cost == pytest.approx(lines[letters])
            assert line_cost(graph, line.letters) == pytest.approx(lines[letters])


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(of=scenarios().filter(short_horizon))
def test_merging_keeps_every_line_and_its_cost(of: Scenario) -> None:
    problem = compile_problem(of)
    facts, calendar = Facts(of, problem.calendar), problem.calendar
    lines: dict[tuple[int, ...], float] = {}
    for choice in line_choices(of, of.associates[0]):
        everything = tuple(range(len(of.shift_types)))
        machines = machines_for(LineSetting(of, calendar, everything, choice, WishCosts()))
        automaton = Automaton(tuple(machines.values()), calendar.kinds)
        origin = automaton.run(facts.past[0], calendar.kind_of[: calendar.lead_days])
        for letters in product(*facts.letters(0, choice.shifts)):
            state, total, broken = origin, 0.0, 0
            for letter, kind in zip(letters, calendar.kind_of[calendar.lead_days :], strict=True):
                state, times, cost = automaton.step(state, letter, kind)
                broken, total = broken + times, total + cost
            if not broken:
                lines[letters] = min(total, lines.get(letters, np.inf))
    merged: dict[tuple[int, ...], float] = {}
    for graph in problem.people[0].graphs:
        for letters, cost in listed(graph).items():
            merged[letters] = min(cost, merged.get(letters, np.inf))
    if problem.people[0].relaxed:
        assert not lines
        assert min(merged.values()) >= BROKEN_RULE_COST
    else:
        assert merged.keys() == lines.keys()
        assert [merged[letters] for letters in lines] == pytest.approx(list(lines.values()))


@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
@given(of=scenarios(people=3), seed=st.integers(0, 2**20))
def test_lines_found_in_machine_code_are_those_found_one_by_one(of: Scenario, seed: int) -> None:
    problem = compile_problem(of)
    table, days, width = LineTable(problem), of.horizon.day_count, len(of.shift_types) + 3
    shape = (problem.groups.count, len(problem.people[0].graphs[0]), width)
    worth = np.random.default_rng(seed).normal(size=shape)
    worth[:, :, OFF] = worth[:, :, LEAVE] = worth[:, :, NONE] = worth[:, days:] = 0.0
    chosen = np.zeros((shape[0], days, len(of.shift_types)), dtype=np.int64)
    found = choose(*choosers(problem, table), worth, chosen)
    counted = np.zeros_like(chosen)
    for index, person in enumerate(problem.people):
        values = worth[person.group].copy()
        values[:days] -= person.day_costs
        alone = [best_line(graph, values) for graph in person.graphs]
        assert found[index] == pytest.approx(max(value for value, _ in alone))
        for graph, numbers, (value, line) in zip(person.graphs, table.graphs[index], alone, strict=True):
            again, letters, cost = table.best(numbers, values)
            assert again == pytest.approx(value)
            assert cost == pytest.approx(line.wish_cost) == pytest.approx(line_cost(graph, letters))
            assert (letters == line.letters).all()
        line = max(alone, key=lambda one: one[0])[1]
        assert table.sequence_cost(index, line.letters[:days]) == pytest.approx(line.wish_cost)
        worked = np.flatnonzero(line.letters[:days] >= 0)
        counted[person.group, worked, line.letters[worked]] += 1
    assert (chosen == counted).all()


def line_cost_padded(graph: LineGraph, letters: Letters) -> float:
    """Return the cost of a line of the horizon."""
    padded = np.full(len(graph), NONE, dtype=np.int16)
    padded[: len(letters)] = letters
    return line_cost(graph, padded)


@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
@given(of=scenarios().filter(short_horizon), seed=st.integers(0, 2**20))
def test_a_clash_leaves_the_fewest_rules_broken(of: Scenario, seed: int) -> None:
    problem = compile_problem(of)
    person = problem.people[0]
    best = max(best_line(graph, np.zeros((len(graph), len(of.shift_types) + 3)))[0] for graph in person.graphs)
    broken = round(-best / BROKEN_RULE_COST)
    assert person.relaxed is (broken > 0)
    for letters in random_lines(problem, 0, np.random.default_rng(seed), 8):
        costs = [line_cost_padded(graph, letters) for graph in person.graphs]
        assert all(np.isinf(cost) or cost >= broken * BROKEN_RULE_COST for cost in costs)
