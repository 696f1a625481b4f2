"""The rotation solver against trying everything, and what it promises of seeds, budgets and the stop signal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from roster.rotation import programme
from roster.rotation.check import check_rotations
from roster.rotation.solver import RotationStatus, solve_rotation
from roster.rotation.stints import LooseRulesError, work_stints
from scheduling.ports import Progress
from scheduling.rotation import RotationProblem, RotationRules
from tests.rotations.drawn_rotations import most_weekends, problems

CONTINUOUS = RotationRules(work=(3, 6), off=(2, 3), blocks=((2, 6), (2, 4)), forbidden=frozenset({(1, 0, 0)}))


def day_and_night(weeks: int = 9) -> RotationProblem:
    """Days and nights round the clock, two thirds of the rows at work."""
    return RotationProblem(("D", "N"), weeks, np.full((2, 7), weeks // 3), CONTINUOUS)


@given(problem=problems())
@settings(max_examples=80, deadline=None)
def test_solver_agrees_with_trying_everything(problem: RotationProblem) -> None:
    expected = most_weekends(problem)
    result = solve_rotation(problem, most_free_weekends=True)
    assert result.proven
    assert (result.status is RotationStatus.FEASIBLE) == (expected is not None)
    if expected is not None:
        assert check_rotations(problem, result.rotations) == []
        assert result.free_weekends == result.bound == expected


@given(problem=problems())
@settings(max_examples=30, deadline=None)
def test_large_programmes_which_are_not_presolved_are_decided_as_well(problem: RotationProblem) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(programme, "PRESOLVED_ARCS", 0)
        result = solve_rotation(problem, most_free_weekends=True)
    assert result.proven
    assert (result.free_weekends if result.rotations else None) == most_weekends(problem)
    assert not result.rotations or check_rotations(problem, result.rotations) == []


@given(problem=problems(exact=False))
@settings(max_examples=15, deadline=None)
def test_more_heads_than_needed_are_allowed_where_the_requirement_is_the_least(problem: RotationProblem) -> None:
    expected = most_weekends(problem)
    result = solve_rotation(problem, most_free_weekends=True)
    assert (result.free_weekends if result.rotations else None) == expected
    assert not result.rotations or check_rotations(problem, result.rotations) == []


@given(problem=problems())
@settings(max_examples=40, deadline=None)
def test_going_on_from_a_rotation_ends_where_looking_from_nothing_does(problem: RotationProblem) -> None:
    expected = most_weekends(problem)
    first = solve_rotation(problem)
    if not first.rotations:
        return
    result = solve_rotation(problem, start=first.rotations)
    assert check_rotations(problem, result.rotations) == []
    assert (result.proven, result.free_weekends, result.bound) == (True, expected, expected)


def test_what_it_begins_with_is_kept_while_there_is_nothing_better() -> None:
    problem = day_and_night()
    best = solve_rotation(problem, most_free_weekends=True)
    again = solve_rotation(problem, start=best.rotations)
    assert again.proven
    assert [rows.tolist() for rows in again.rotations] == [rows.tolist() for rows in best.rotations]
    stopped = solve_rotation(problem, start=solve_rotation(problem).rotations, stop=lambda: True)
    assert (stopped.status, stopped.proven) == (RotationStatus.FEASIBLE, False)
    assert stopped.bound is not None
    assert stopped.bound >= best.free_weekends


def apart() -> RotationProblem:
    """Two rows that work Monday to Thursday and two that work Friday to Sunday, which no day off joins."""
    rules = RotationRules(work=(3, 4), off=(3, 4), blocks=((3, 3), (4, 4)), forbidden=frozenset({(0, 4, 1), (1, 3, 0)}))
    requirement = np.array([[0, 0, 0, 0, 2, 2, 2], [2, 2, 2, 2, 0, 0, 0]])
    return RotationProblem(("E", "W"), 4, requirement, rules)


def test_proves_that_there_is_no_single_rotation_where_there_are_two() -> None:
    one = solve_rotation(apart())
    assert (one.status, one.proven, one.rotations) == (RotationStatus.INFEASIBLE, True, ())
    assert one.cuts >= 1
    several = replace(apart(), single=False)
    result = solve_rotation(several)
    assert sorted(len(rows) for rows in result.rotations) == [2, 2]
    assert check_rotations(several, result.rotations) == []


def test_cuts_join_walks_that_could_stand_apart() -> None:
    """The first circulation may be four loops of a week; one rotation of four rows is asked for and found."""
    rules = RotationRules(work=(5, 6), off=(1, 3), blocks=((5, 6),), forbidden=frozenset({(0, 1, 0)}))
    problem = RotationProblem(("D",), 7, np.full((1, 7), 5), rules)
    result = solve_rotation(problem)
    assert len(result.rotations) == 1
    assert check_rotations(problem, result.rotations) == []


@pytest.mark.parametrize("seed", [1, 7])
def test_the_same_seed_gives_the_same_rows(seed: int) -> None:
    first, second = (solve_rotation(day_and_night(), seed=seed, most_free_weekends=True) for _ in range(2))
    assert all((one == two).all() for one, two in zip(first.rotations, second.rotations, strict=True))


def test_size_does_not_depend_on_the_number_of_rows() -> None:
    large = day_and_night().scaled(1000)
    result = solve_rotation(large, seconds=20.0)
    assert result.rotations[0].shape == (9000, 7)
    assert check_rotations(large, result.rotations) == []


def test_tells_its_phases_and_stops_when_asked() -> None:
    told: list[Progress] = []
    result = solve_rotation(day_and_night(), progress=told.append, most_free_weekends=True)
    assert told[0].phase == "enumerating stints"
    assert told[-1].objective == result.free_weekends
    assert all(0 <= step.done <= 1 for step in told)
    assert [step.done for step in told] == sorted(step.done for step in told)
    looking = [step for step in told if step.phase == "looking for more free weekends"]
    assert looking[-1].objective is not None, "the free weekends of the first rotation are told while more are looked for"


def test_keeps_the_first_rotation_when_stopped_while_it_looks_for_more_free_weekends() -> None:
    phases: list[str] = []
    problem = day_and_night()
    result = solve_rotation(
        problem,
        most_free_weekends=True,
        progress=lambda step: phases.append(step.phase),
        stop=lambda: "looking for more free weekends" in phases,
    )
    assert (result.status, result.proven) == (RotationStatus.FEASIBLE, False)
    assert check_rotations(problem, result.rotations) == []
    assert result.free_weekends <= (result.bound or 0)


def test_says_that_it_does_not_know_when_stopped_at_once() -> None:
    result = solve_rotation(day_and_night(), stop=lambda: True)
    assert (result.status, result.rotations, result.proven) == (RotationStatus.UNKNOWN, (), False)


def test_a_requirement_above_the_rows_is_proven_impossible() -> None:
    problem = replace(day_and_night(), requirement=np.full((2, 7), 5))
    result = solve_rotation(problem)
    assert (result.status, result.proven) == (RotationStatus.INFEASIBLE, True)


def test_rules_that_allow_too_much_are_refused() -> None:
    rules = RotationRules(work=(1, 9), off=(1, 2), blocks=((1, 9),) * 4)
    with pytest.raises(LooseRulesError, match="narrow the lengths"):
        work_stints(rules)


def test_a_question_without_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="needs rows"):
        RotationProblem(("D",), 1, np.zeros((2, 7), dtype=np.int64), CONTINUOUS)
    with pytest.raises(ValueError, match="least length"):
        replace(day_and_night(), rules=replace(CONTINUOUS, off=(0, 2)))
