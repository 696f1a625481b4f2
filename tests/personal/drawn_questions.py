"""Small generated questions, and the plainest way to answer them: trying every line."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
from hypothesis import strategies as st

from roster.personal.check import line_faults
from roster.personal.question import Question, Terms


@st.composite
def questions(draw: st.DrawFn, *, days: int = 8, most_people: int = 3) -> Question:
    """Draw a question with two or three shift types and terms that differ."""
    shifts = draw(st.integers(2, 3))
    people = draw(st.integers(2, most_people))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    minutes = random.choice([480, 600, 720], shifts)
    terms = tuple(_terms(random, shifts, days) for _ in range(people))
    shape = (people, days, shifts)
    return Question(
        names=tuple(f"P{number}" for number in range(people)),
        shift_names=tuple("ELN"[:shifts]),
        minutes=minutes,
        forbidden=random.random((shifts, shifts)) < 0.25,
        terms=terms,
        on_weights=np.where(random.random(shape) < 0.15, random.integers(1, 4, shape), 0).astype(float),
        off_weights=np.where(random.random(shape) < 0.15, random.integers(1, 4, shape), 0).astype(float),
        required=random.integers(0, people + 1, (days, shifts)),
        under_weights=np.full((days, shifts), 10.0),
        over_weights=np.full((days, shifts), 1.0),
        title="drawn",
    )


def _terms(random: np.random.Generator, shifts: int, days: int) -> Terms:
    """Return terms that some line can keep in most cases."""
    most = int(random.integers(3, 6)) * 600
    return Terms(
        most_shifts=tuple(int(count) for count in random.integers(0, days, shifts)),
        most_minutes=most,
        least_minutes=max(0, most - int(random.integers(1, 4)) * 720),
        most_in_a_row=int(random.integers(2, 5)),
        least_in_a_row=int(random.integers(1, 3)),
        least_off_in_a_row=int(random.integers(1, 3)),
        most_weekends=int(random.integers(0, 3)),
        days_off=frozenset(int(day) for day in random.choice(days, int(random.integers(0, 2)), replace=False)),
    )


@cache
def _all_lines(days: int, shifts: int) -> tuple[tuple[int, ...], ...]:
    return tuple(product(range(-1, shifts), repeat=days))


def legal_lines(question: Question, person: int) -> list[tuple[int, ...]]:
    """Return every legal line of an associate, as the checker judges."""
    terms = question.terms[person]
    return [
        line
        for line in _all_lines(question.days, question.shifts)
        if sum(value >= 0 for value in line) * min(question.minutes) <= terms.most_minutes
        and next(line_faults(question, terms, line), None) is None
    ]
