"""The checker of personal rosters names every kind of fault, and counts the objective by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roster.personal.check import cost_of, faults_of
from roster.personal.question import Question, Terms

DAYS, E, L, OFF = 14, 0, 1, -1
LAWFUL = [OFF, E, E, L, L, OFF, OFF, E, E, L, OFF, OFF, OFF, OFF]


def question_of_one(**terms: object) -> Question:
    """Return a question of one associate and two shift types; E may not follow L."""
    usual = Terms((8, 8), 7 * 480, 6 * 480, 5, 2, 2, 1, frozenset({0}))
    nothing = np.zeros((1, DAYS, 2))
    return Question(
        names=("Ana",),
        shift_names=("E", "L"),
        minutes=np.array([480, 480]),
        forbidden=np.array([[False, False], [True, False]]),
        terms=(replace(usual, **terms),),  # type: ignore[arg-type]
        on_weights=nothing.copy(),
        off_weights=nothing.copy(),
        required=np.zeros((DAYS, 2), dtype=np.int64),
        under_weights=np.zeros((DAYS, 2)),
        over_weights=np.zeros((DAYS, 2)),
    )


def test_a_lawful_line_has_no_fault() -> None:
    assert faults_of(question_of_one(), [LAWFUL]) == []


@pytest.mark.parametrize(
    ("change", "terms", "words"),
    [
        ({0: E}, {}, "works on day 0, which is a day off"),
        ({3: L, 4: E}, {}, "has E on day 4 after L, which is forbidden"),
        ({}, {"most_shifts": (3, 8)}, "has 4 shifts E, 3 is the most"),
        ({}, {"most_minutes": 3000}, "works 3360 minutes, 3000 is the most"),
        ({}, {"least_minutes": 3400}, "works 3360 minutes, 3400 is the least"),
        ({}, {"most_in_a_row": 3}, "has 4 working days in a row from day 1, 3 is the most"),
        ({}, {"least_in_a_row": 4}, "has 3 working days in a row from day 7, 4 is the least"),
        ({}, {"least_off_in_a_row": 3}, "has 2 days off in a row from day 5, 3 is the least"),
        ({5: L}, {"most_weekends": 0, "least_off_in_a_row": 1}, "works 1 weekends, 0 is the most"),
        ({2: 7}, {}, "has a value that is no shift on day 2"),
    ],
)
def test_each_kind_of_wrong_roster_is_named(change: dict[int, int], terms: dict[str, object], words: str) -> None:
    line = [change.get(day, value) for day, value in enumerate(LAWFUL)]
    assert f"Ana: {words}." in faults_of(question_of_one(**terms), [line])


def test_a_roster_of_the_wrong_size_is_a_fault() -> None:
    assert faults_of(question_of_one(), [LAWFUL[:-1]]) == ["The roster does not have 1 lines of 14 days."]


def test_runs_at_either_end_owe_no_least_length() -> None:
    line = [E, OFF, OFF, E, E, OFF, OFF, E, E, OFF, OFF, OFF, OFF, E]
    assert faults_of(question_of_one(least_minutes=0, days_off=frozenset()), [line]) == []


def test_the_objective_counts_requests_and_both_sides_of_cover() -> None:
    question = question_of_one()
    question.on_weights[0, 5, E] = 2
    question.off_weights[0, 1, E] = 3
    question.required[2, E], question.under_weights[2, E] = 3, 100
    question.required[3, L], question.over_weights[3, L] = 0, 1
    assert cost_of(question, [LAWFUL]) == 2 + 3 + 200 + 1
    assert question.objective(np.array([LAWFUL])) == 206
