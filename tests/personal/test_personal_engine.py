"""The engine of personal rosters against trying everything, and against a plain model."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from benchmarks.personal.baselines import plain_cp_sat
from roster.personal.annealing import anneal
from roster.personal.ascent import Ascent
from roster.personal.check import cost_of, faults_of
from roster.personal.moves import board_of, change_line, counts_of, trade_stretch
from roster.personal.pricing import Pricer, Window
from roster.personal.question import Question, Terms
from roster.personal.search import first_roster
from roster.personal.solver import solve
from tests.personal.drawn_questions import legal_lines, questions

QUIET = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def price_of(line: tuple[int, ...], prices: np.ndarray) -> float:
    """Return what a line costs at prices."""
    return float(sum(prices[day, shift] for day, shift in enumerate(line) if shift >= 0))


@QUIET
@given(questions(days=7), st.integers(0, 10_000))
def test_a_priced_line_is_the_cheapest_of_all_legal_lines(question: Question, seed: int) -> None:
    prices = np.random.default_rng(seed).integers(-20, 20, question.required.shape).astype(float)
    costs = [price_of(line, prices) for line in legal_lines(question, 0)]
    priced = Pricer(question).best(0, prices)
    if not costs:
        assert priced.line is None
        return
    assert priced.line is not None
    assert tuple(priced.line) in set(legal_lines(question, 0))
    assert priced.cost == pytest.approx(min(costs))
    assert priced.bound <= min(costs) + 1e-6


@QUIET
@given(questions(days=7), st.integers(0, 10_000), st.sampled_from([None, 2, 12]))
def test_a_quick_line_is_legal(question: Question, seed: int, band: int | None) -> None:
    prices = np.random.default_rng(seed).integers(-20, 20, question.required.shape).astype(float)
    line = Pricer(question, band).quick(0, prices)
    assert line is None or tuple(line) in set(legal_lines(question, 0))


@QUIET
@given(questions(days=10), st.integers(0, 10_000))
def test_a_window_keeps_the_other_days_and_finds_the_cheapest(question: Question, seed: int) -> None:
    random = np.random.default_rng(seed)
    whole = Pricer(question).best(0, random.integers(-20, 20, question.required.shape).astype(float)).line
    assume(whole is not None)
    assert whole is not None
    prices = random.integers(-20, 20, question.required.shape).astype(float)
    window = Window(7, 10)
    found = Pricer(question).best(0, prices, window, whole)
    candidates = [(*whole[:7].tolist(), *end) for end in product(range(-1, question.shifts), repeat=3)]
    lawful = [line for line in candidates if not faults_of(_alone(question), [line])]
    assert found.line is not None
    assert (found.line[:7] == whole[:7]).all()
    assert found.cost == pytest.approx(min(price_of((-1,) * 7 + line[7:], prices) for line in lawful))


def _alone(question: Question) -> Question:
    """Return the question of the first associate."""
    return replace(question, names=question.names[:1], terms=question.terms[:1])


@settings(QUIET, max_examples=12)
@given(questions(days=14, most_people=5))
def test_the_answer_is_right_and_bounded_and_often_the_best(question: Question) -> None:
    plain = plain_cp_sat(question, 10, workers=1)
    assume(plain.status == "optimal")
    answer = solve(question, 4.0, workers=1)
    assert answer.lines is not None
    assert answer.faults == ()
    assert answer.objective == cost_of(question, answer.lines.tolist())
    assert answer.bound <= plain.objective <= answer.objective
    assert answer.objective <= 1.1 * plain.objective + 2
    ascent = Ascent(question)
    heads = np.clip(3.0, -question.over_weights, question.under_weights)
    assert ascent.weigh(ascent.start()._replace(heads=heads))[0] <= plain.objective + 1e-6


@QUIET
@given(questions(days=14, most_people=4), st.integers(0, 10_000))
def test_a_move_keeps_a_roster_legal_and_tells_what_it_costs(question: Question, seed: int) -> None:
    random = np.random.default_rng(seed)
    pricer = Pricer(question)
    found = [pricer.best(person, random.normal(size=(14, question.shifts))).line for person in range(question.people)]
    assume(all(line is not None for line in found))
    lines = np.array(found, dtype=np.int64)
    board, counts, moved = board_of(question), counts_of(question, lines), 0
    for _ in range(200):
        before = question.objective(lines)
        person, other = (int(one) for one in random.integers(question.people, size=2))
        length = int(random.integers(1, 6))
        first = int(random.integers(14 - length + 1))
        new = random.integers(-1, question.shifts, length)
        dearest = float(random.choice([0.0, 30.0]))
        if random.random() < 0.5:
            change = change_line(board, lines, counts, person, first, new, length, dearest)
        else:
            change = trade_stretch(board, lines, counts, person, other, first, new, new.copy(), length, dearest)
        assert change <= dearest
        assert question.objective(lines) == pytest.approx(before + change)
        moved += change != 0.0
    event(f"moves that cost something: {min(moved, 3)}")
    assert faults_of(question, lines.tolist()) == []
    for kept, counted in zip(counts, counts_of(question, lines), strict=True):
        assert (kept == counted).all()


def test_annealing_gives_the_same_roster_for_the_same_seed_and_never_a_dearer_one() -> None:
    question = _fixed_question(weeks=4)
    start = np.array([Pricer(question).best(person, np.zeros((28, 2))).line for person in range(2)])

    def found(seed: int) -> list[tuple[np.ndarray, float]]:
        return list(anneal(question, start, seed, iter([0.5] * 50 + [0.0] * 9).__next__))

    best, least = found(3)[-1]
    assert faults_of(question, best.tolist()) == []
    assert cost_of(question, best.tolist()) == least < question.objective(start)
    assert (found(3)[-1][0] == best).all()


@settings(QUIET, max_examples=5)
@given(questions(days=6, most_people=2))
def test_every_bound_on_the_ascent_is_below_every_roster(question: Question) -> None:
    lines = [legal_lines(question, person) for person in range(question.people)]
    assume(all(lines) and np.prod([len(one) for one in lines]) < 300)
    least = min(question.objective(np.array(roster)) for roster in product(*lines))
    bounds = [bound for bound, _ in Ascent(question).climb(iter([1.0] * 60 + [0.0] * 9).__next__)]
    assert bounds == sorted(bounds)
    assert bounds[-1] <= least + 1e-6


@settings(QUIET, max_examples=5)
@given(questions(days=14, most_people=4))
def test_a_plain_model_keeps_the_rules_as_the_checker_sees_them(question: Question) -> None:
    assert plain_cp_sat(question, 10, workers=1).faults == ()


def test_two_workers_stop_in_time_and_tell_of_progress() -> None:
    heard: list[tuple[float, float]] = []

    def hear(objective: float, bound: float) -> bool:
        heard.append((objective, bound))
        return False

    answer = solve(_fixed_question(), 20, workers=2, progress=hear)
    assert answer.seconds < 20
    assert answer.status in {"optimal", "feasible"}


@pytest.mark.parametrize("workers", [1, 2])
def test_half_a_year_ends_in_time_with_a_roster_and_a_bound_that_is_not_below_nothing(workers: int) -> None:
    answer = solve(_fixed_question(weeks=26), 12, workers=workers)
    assert answer.seconds < 12
    assert answer.status in {"optimal", "feasible"}
    assert 0 <= answer.bound <= answer.objective


def test_one_worker_stops_when_it_is_asked_to() -> None:
    asked: list[float] = []

    def stop(objective: float, _: float) -> bool:
        asked.append(objective)
        return math.isfinite(objective)

    # Requests of all sizes keep the bound away from the roster, so that no proof ends the search before it is asked to stop.
    question = _fixed_question(weeks=26)
    question = replace(question, on_weights=np.random.default_rng(1).integers(0, 50, question.on_weights.shape).astype(float))
    answer = solve(question, 300, workers=1, progress=stop)
    assert answer.seconds < 60
    assert answer.bound < answer.objective <= asked[-1] < math.inf


def test_prices_that_have_no_time_to_climb_give_no_bound() -> None:
    assert list(Ascent(_fixed_question()).climb(lambda: 0.0)) == []


def test_one_worker_that_is_stopped_at_once_keeps_the_roster_it_began_with() -> None:
    question = _fixed_question()
    start = first_roster(question, 1, lambda: 60.0)
    assert start is not None
    answer = solve(question, 60, workers=1, start=start, progress=lambda *_: True)
    assert answer.status in {"optimal", "feasible"}
    assert answer.objective <= question.objective(start)


def test_terms_that_no_line_keeps_are_refused_with_the_name() -> None:
    question = _fixed_question()
    terms = replace(question.terms[1], least_minutes=10_000, most_minutes=10_000)
    impossible = replace(question, terms=(question.terms[0], terms))
    with pytest.raises(ValueError, match="No line keeps the terms of B"):
        solve(impossible, 5, workers=1)


def _fixed_question(weeks: int = 2) -> Question:
    days = 7 * weeks
    terms = Terms((4 * weeks + 1,) * 2, 1920 * weeks, 1200 * weeks, 5, 2, 2, weeks // 2)
    nothing = np.zeros((2, days, 2))
    return Question(
        names=("A", "B"),
        shift_names=("E", "L"),
        minutes=np.array([480, 480]),
        forbidden=np.array([[False, False], [True, False]]),
        terms=(terms, terms),
        on_weights=nothing,
        off_weights=nothing,
        required=np.ones((days, 2), dtype=np.int64),
        under_weights=np.full((days, 2), 100.0),
        over_weights=np.full((days, 2), 1.0),
    )
