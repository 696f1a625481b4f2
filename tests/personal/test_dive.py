"""Dives and the windows they are made in, against the independent checker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from roster.personal.check import cost_of, faults_of
from roster.personal.choice import Chooser
from roster.personal.columns import Master
from roster.personal.dive import Dive, surest_cells
from roster.personal.exact import Exact
from roster.personal.pricing import Window
from roster.personal.question import Ints, Question
from roster.personal.search import joined_changes
from tests.personal.drawn_questions import legal_lines, questions

DAYS = 14
QUIET = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def first_roster(question: Question, seed: int) -> Ints:
    """Return a legal roster that is mostly not the best: the best where nobody is wanted and all requests are the other way."""
    otherwise = replace(
        question, required=0 * question.required, on_weights=question.off_weights, off_weights=question.on_weights
    )
    every = np.ones((question.people, DAYS), dtype=bool)
    lines, _ = Exact(otherwise, np.full((question.people, DAYS), -1), every).solve(2, seed)
    assume(lines is not None)
    assert lines is not None
    return lines


@QUIET
@given(questions(days=DAYS, most_people=4), st.sampled_from([(0, 7), (7, 14), (0, 14)]), st.integers(0, 10_000))
def test_a_dive_gives_a_legal_roster_that_costs_less_and_changes_nothing_else(
    question: Question, days: tuple[int, int], seed: int
) -> None:
    lines, window = first_roster(question, seed), Window(*days)
    random = np.random.default_rng(seed)
    people = np.flatnonzero(random.random(question.people) < 0.7).tolist() or [0]

    def dived() -> Ints | None:
        master = Master.around(question, lines, people, window)
        return Dive(master, lines, window, np.random.default_rng(seed)).roster(lambda: 20.0)

    found = dived()
    event("better" if found is not None else "no better")
    again = dived()
    if found is None:
        assert again is None
        return
    assert again is not None
    assert (found == again).all()
    assert faults_of(question, found.tolist()) == []
    assert cost_of(question, found.tolist()) < cost_of(question, lines.tolist())
    kept = np.ones(lines.shape, dtype=bool)
    kept[people, window.first : window.last] = False
    assert (found[kept] == lines[kept]).all()


def test_cells_of_scarce_shifts_are_fixed_before_surer_ones() -> None:
    shares = np.array([[1.0, 0.7, 0.98], [0.2, 0.99, 0.65]])
    scarce = np.array([[False, True, False], [True, False, False]])
    opened, random = np.ones_like(scarce), np.random.default_rng(1)
    assert surest_cells(shares, opened, scarce, 1, random).tolist() == [[0, 1]]
    assert surest_cells(shares, opened, scarce, 2, random).tolist() == [[0, 1]]
    opened[scarce] = False
    assert surest_cells(shares, opened, scarce, 1, random).tolist() == [[0, 0]]
    assert surest_cells(shares, opened, scarce, 2, random).tolist() == [[0, 0], [0, 2], [1, 1]]
    assert surest_cells(shares, opened & False, scarce, 2, random).tolist() == []


@settings(QUIET, max_examples=12)
@given(questions(days=6, most_people=3), st.integers(0, 10_000))
def test_changes_of_two_workers_meet_where_that_is_legal(question: Question, seed: int) -> None:
    random = np.random.default_rng(seed)
    legal = [legal_lines(question, person) for person in range(question.people)]
    assume(all(legal))
    before = np.array([one[int(random.integers(len(one)))] for one in legal])
    mine, theirs = before.copy(), before.copy()
    for changed in (mine, theirs):
        row = int(random.integers(question.people))
        changed[row] = legal[row][int(random.integers(len(legal[row])))]
    expected = np.where(mine != before, mine, theirs)
    found = joined_changes(question, before, mine, theirs)
    event("legal" if found is not None else "not legal")
    assert (found is not None) == (faults_of(question, expected.tolist()) == [])
    assert found is None or (found == expected).all()


@settings(QUIET, max_examples=5)
@given(questions(days=28, most_people=3), st.integers(0, 10_000))
def test_windows_of_everybody_go_through_all_weeks(question: Question, seed: int) -> None:
    chooser = Chooser(question, np.random.default_rng(seed), (1,), 4.0 * question.people, 1e9)
    lines = np.full((question.people, question.days), -1)
    firsts = [chooser.choose(lines).window.first for _ in range(60)]
    counts = np.bincount(np.array(firsts) // 7, minlength=4)
    assert counts.min() >= 10
