"""Open cells decided by CP-SAT, against the independent checker and every legal line."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from roster.personal.check import cost_of, faults_of
from roster.personal.choice import Chooser, Outcome
from roster.personal.exact import Exact, explore_exactly
from roster.personal.question import Question, Terms
from roster.personal.ways import Way, Ways
from tests.personal.drawn_questions import legal_lines, questions

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def drawn_roster(question: Question, random: np.random.Generator) -> np.ndarray:
    """Return a legal roster by chance."""
    lines = [legal_lines(question, person) for person in range(question.people)]
    assume(all(lines))
    return np.array([legal[int(random.integers(len(legal)))] for legal in lines])


@QUIET
@given(questions(days=8, most_people=2), st.integers(0, 10_000))
def test_open_cells_are_filled_as_well_as_any_legal_roster_fills_them(question: Question, seed: int) -> None:
    random = np.random.default_rng(seed)
    lines = drawn_roster(question, random)
    opened = random.random(lines.shape) < random.choice([0.3, 0.6, 1.0])
    found, proven = Exact(question, lines, opened).solve(20, seed)
    assert found is not None
    assert proven
    assert faults_of(question, found.tolist()) == []
    assert (found[~opened] == lines[~opened]).all()
    agreeing = [
        [line for line in legal_lines(question, person) if (np.array(line) == lines[person])[~opened[person]].all()]
        for person in range(question.people)
    ]
    assume(np.prod([len(one) for one in agreeing]) < 20_000)
    least = min(cost_of(question, roster) for roster in product(*agreeing))
    event("better than before" if least < cost_of(question, lines.tolist()) else "as before")
    assert cost_of(question, found.tolist()) == pytest.approx(least)


@settings(QUIET, max_examples=8)
@given(questions(days=14, most_people=4), st.integers(0, 10_000))
def test_ways_keep_rosters_legal_and_never_make_them_dearer(question: Question, seed: int) -> None:
    start = Exact(question, np.full((question.people, 14), -1), np.ones((question.people, 14), dtype=bool))
    lines, _ = start.solve(2, seed, effort=0.01)
    assume(lines is not None)
    assert lines is not None

    def improved() -> list[float]:
        now, costs, random = lines, [], np.random.default_rng(seed)
        way = Way(lambda at, where: explore_exactly(question, at, where, 20, seed), Chooser(question, random, (1, 2), 2.0, 4.0))
        ways = Ways(question, (way,))
        for _ in range(6):
            better = ways.improve(now, lambda: 1.0)
            now = now if better is None else better
            costs.append(cost_of(question, now.tolist()))
            assert faults_of(question, now.tolist()) == []
        return costs

    costs = improved()
    assert costs == sorted(costs, reverse=True)
    assert costs[0] <= cost_of(question, lines.tolist())
    assert improved() == costs


def test_the_way_that_gains_most_a_second_is_taken_most_often_and_no_way_is_left_out() -> None:
    question, random = _empty_question(), np.random.default_rng(3)
    chooser = Chooser(question, random, (1,), 2.0, 4.0)
    lines = np.full((1, 7), -1)
    explored: list[str] = []

    def explore(name: str) -> Outcome:
        explored.append(name)
        return Outcome(lines, exhausted=False)

    poor = Way(lambda *_: explore("poor"), chooser, gained=1.0)
    rich = Way(lambda *_: explore("rich"), chooser, gained=1000.0)
    ways = Ways(question, (poor, rich))
    for _ in range(40):
        ways.improve(lines, lambda: 1.0)
    assert explored.count("rich") > explored.count("poor") > 0


def _empty_question() -> Question:
    nothing = np.zeros((1, 7, 1))
    terms = Terms((7,), 4000, 0, 7, 1, 1, 1)
    return Question(
        ("A",),
        ("D",),
        np.array([480]),
        np.zeros((1, 1), dtype=bool),
        (terms,),
        nothing,
        nothing,
        np.zeros((7, 1), dtype=np.int64),
        np.ones((7, 1)),
        np.ones((7, 1)),
    )
