"""Column generation against the programme of all legal lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from roster.personal.columns import Master
from roster.personal.generation import Convergence, generate
from roster.personal.pricing import Pricer
from roster.personal.question import Floats, Ints, Question
from tests.personal.drawn_questions import legal_lines, questions


def asker(question: Question):  # type: ignore[no-untyped-def]
    """Return what asks for the cheapest line of an associate."""
    pricer = Pricer(question)

    def ask(person: int, prices: Floats) -> tuple[Ints | None, float]:
        priced = pricer.best(person, prices)
        return priced.line, priced.bound

    return ask


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(questions(days=6, most_people=3), st.sampled_from([None, 0.0, 3.0, 50.0, -7.0]))
def test_few_lines_and_any_first_prices_give_the_value_of_all_lines(question: Question, first: float | None) -> None:
    lines = [[np.array(line) for line in legal_lines(question, person)] for person in range(question.people)]
    assume(all(lines))
    whole, few = Master(question, range(question.people)), Master(question, range(question.people))
    for person, legal in enumerate(lines):
        few.add(person, legal[0])
        for line in legal:
            whole.add(person, line)
    assert whole.solve(10)
    start = None if first is None else np.full(question.required.shape, first)
    bounds = [found.bound for found in generate(few, asker(question), lambda: 10.0, start=start)]
    assert bounds == sorted(bounds)
    assert bounds[-1] <= whole.objective + 1e-6
    assert bounds[-1] == pytest.approx(whole.objective, rel=1e-3, abs=1e-3)
    # The programme has its own costs again, and no line that is missing would make it cheaper.
    assert few.solve(10)
    assert few.objective == pytest.approx(whole.objective, rel=1e-3, abs=1e-3)


def test_a_box_grows_where_the_promise_is_kept_and_shrinks_where_it_is_not() -> None:
    prices = np.zeros((1, 1))
    found = Convergence(prices, width=1.0)
    found.learn(10.0, prices)
    assert found.width == 1.0
    found.value = 20.0
    found.learn(19.0, prices + 1)
    assert (found.width, found.bound, found.prices[0, 0]) == (2.0, 19.0, 1.0)
    for _ in range(3):
        found.learn(5.0, prices)
    assert found.width == pytest.approx(1.2)
    assert (found.bound, found.prices[0, 0]) == (19.0, 1.0)
    assert not found.closed()
    found.value = 19.001
    assert found.closed()
