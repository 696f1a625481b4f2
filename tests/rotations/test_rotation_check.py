"""The check of rotations: each wrong one is told by the rule that it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from roster.rotation.check import check_rotations
from scheduling.plan import OFF
from scheduling.rotation import RotationProblem, RotationRules, Rows, free_weekends

D, N = 0, 1
RULES = RotationRules(
    work=(4, 5),
    off=(2, 3),
    blocks=((4, 5), (4, 4)),
    forbidden=frozenset({(N, 0, D), (N, 2, D)}),
    week_days=(4, 5),
    one_type_a_week=True,
)
ROWS = np.array([[D, D, D, D, D, OFF, OFF], [N, N, N, N, OFF, OFF, OFF]], dtype=np.int16)
PROBLEM = RotationProblem(("D", "N"), 2, np.array([[1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 0, 0, 0]]), RULES)

Change = Callable[[RotationProblem, Rows], tuple[RotationProblem, list[Rows]]]


def with_day(row: int, column: int, value: int) -> Change:
    def change(problem: RotationProblem, rows: Rows) -> tuple[RotationProblem, list[Rows]]:
        rows = rows.copy()
        rows[row, column] = value
        return problem, [rows]

    return change


def with_rules(**values: object) -> Change:
    return lambda problem, rows: (replace(problem, rules=replace(problem.rules, **values)), [rows])  # type: ignore[arg-type]


WRONG: dict[str, tuple[str, Change]] = {
    "two rotations for one": ("rows", lambda problem, rows: (problem, [rows[:1], rows[1:]])),
    "a row too few": ("rows", lambda problem, rows: (problem, [rows[:1]])),
    "rows of six days": ("rows", lambda problem, rows: (problem, [rows[:, :6]])),
    "a value that is no shift type": ("values", with_day(0, 0, 2)),
    "leave is no value of a rotation": ("values", with_day(0, 6, -2)),
    "a head too few": ("requirement", with_day(0, 4, OFF)),
    "a head too many": ("requirement", with_day(1, 4, N)),
    "a run of work too long": ("work", with_rules(work=(4, 4))),
    "a run of work too short": ("work", with_rules(work=(5, 6))),
    "a run off too long": ("off", with_rules(off=(2, 2))),
    "a run off too short": ("off", with_rules(off=(3, 4))),
    "a run of one type too long": ("block", with_rules(blocks=((3, 4), (4, 4)))),
    "a run of one type too short": ("block", with_rules(blocks=((4, 5), (5, 5)))),
    "a succession over two days off": ("forbidden", with_rules(forbidden=frozenset({(D, 2, N)}))),
    "a succession across the end": ("forbidden", with_rules(forbidden=frozenset({(N, 3, D)}))),
    "a succession on the next day": ("forbidden", with_day(0, 4, N)),
    "too few days in a row": ("week", with_rules(week_days=(5, 5))),
    "too many days in a row": ("week", with_rules(week_days=(3, 4))),
    "two types in a row": ("one-type", with_day(0, 4, N)),
    "only work": ("work", lambda problem, rows: (problem, [np.zeros_like(rows)])),
    "only days off": ("off", lambda problem, rows: (problem, [np.full_like(rows, OFF)])),
}


def test_right_rotation_has_no_fault() -> None:
    assert check_rotations(PROBLEM, [ROWS]) == []


@pytest.mark.parametrize("name", WRONG)
def test_wrong_rotation_is_told(name: str) -> None:
    rule, change = WRONG[name]
    problem, rotations = change(PROBLEM, ROWS)
    if "next day" in name:
        problem = replace(problem, rules=replace(problem.rules, forbidden=frozenset({(D, 0, N)})))
    told = check_rotations(problem, rotations)
    assert rule in {fault.rule for fault in told}
    assert all(fault.sentence.endswith(".") for fault in told)


def test_says_where_a_run_that_crosses_the_end_begins() -> None:
    rows = np.array([[D, D, OFF, OFF, OFF, D, D]], dtype=np.int16)
    problem = RotationProblem(("D",), 1, np.array([[1, 1, 0, 0, 0, 1, 1]]), RotationRules((2, 3), (3, 3), ((1, 7),)))
    (fault,) = check_rotations(problem, [rows])
    assert (fault.rule, fault.row, fault.column) == ("work", 0, 5)
    assert "4 days of work in a row" in fault.sentence


def test_several_rotations_are_judged_together_where_they_are_allowed() -> None:
    loose = replace(RULES, forbidden=frozenset(), off=(2, 3))
    problem = replace(PROBLEM, rules=loose, single=False)
    assert check_rotations(problem, [ROWS[:1], ROWS[1:]]) == []


@pytest.mark.parametrize(("saturday", "expected"), [(5, 2), (4, 1), (6, 0), (0, 0)])
def test_free_weekends_go_from_saturday_into_the_next_day(saturday: int, expected: int) -> None:
    assert free_weekends(replace(PROBLEM, saturday=saturday), ROWS) == expected
