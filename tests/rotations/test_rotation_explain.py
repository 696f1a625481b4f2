"""Why there is no rotation: a smallest clash, and changes that were tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from roster.rotation.explain import explain_rotation
from roster.rotation.solver import RotationStatus, solve_rotation
from scheduling.rotation import RotationProblem, RotationRules
from tests.rotations.drawn_rotations import most_weekends, problems

FIVE_TWO = RotationRules(work=(5, 5), off=(2, 2), blocks=((1, 7),))


def week(heads: list[int], weeks: int, rules: RotationRules = FIVE_TWO) -> RotationProblem:
    return RotationProblem(("M",), weeks, np.array([heads]), rules, single=False)


@given(problem=problems())
@settings(max_examples=6, deadline=None)
def test_every_change_that_is_offered_makes_a_rotation_possible(problem: RotationProblem) -> None:
    assume(most_weekends(problem) is None)
    told = explain_rotation(problem)
    assert told.is_smallest
    assert told.clash
    for change in told.relaxations:
        assert solve_rotation(change.problem).status is RotationStatus.FEASIBLE
    sizes = [change.size for change in told.relaxations]
    assert sizes == sorted(sizes)


def test_names_the_requirement_and_the_run_that_clash() -> None:
    """Seven rows of five days give 35 shifts; 36 are asked for, of whichever weekday."""
    told = explain_rotation(week([6, 5, 5, 5, 5, 5, 5], 7))
    assert "the requirement of M" in told.clash
    assert any("in a row" in words for words in told.clash)
    assert told.relaxations[0].size == 1
    assert told.relaxations[0].words.startswith("Require M on ")


@pytest.mark.parametrize(("saturday", "last"), [(5, "Sun"), (6, "Sat")])
def test_weekdays_follow_the_column_of_the_saturday(saturday: int, last: str) -> None:
    told = explain_rotation(replace(week([7, 7, 7, 7, 7, 0, 1], 7), saturday=saturday))
    assert told.relaxations[0].words == f"Require M on {last} 0 instead of 1"


def test_leaves_out_rules_that_have_no_part_in_the_clash() -> None:
    rules = replace(FIVE_TWO, forbidden=frozenset({(0, 3, 0)}), one_type_a_week=True)
    told = explain_rotation(week([8, 5, 5, 5, 5, 5, 5], 7, rules))
    assert set(told.clash) <= {"5 working days in a row", "2 days off in a row", "the requirement of M"}


def test_offers_several_rotations_where_one_cannot_be() -> None:
    rules = RotationRules((3, 4), (3, 4), ((3, 3), (4, 4)), frozenset({(0, 4, 1), (1, 3, 0)}))
    requirement = np.array([[0, 0, 0, 0, 2, 2, 2], [2, 2, 2, 2, 0, 0, 0]])
    told = explain_rotation(RotationProblem(("E", "W"), 4, requirement, rules))
    assert "one rotation for all" in told.clash
    assert "Allow several rotations instead of one" in {change.words for change in told.relaxations}


def test_a_stop_leaves_what_is_known() -> None:
    told = explain_rotation(week([6, 5, 5, 5, 5, 5, 5], 7), stop=lambda: True)
    assert not told.is_smallest
    assert told.relaxations == ()
