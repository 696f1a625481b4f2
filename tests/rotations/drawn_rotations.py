"""Small questions for rotations, and their answers by trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st

from roster.rotation.check import check_rotations
from scheduling.plan import OFF
from scheduling.rotation import DAYS_IN_WEEK, RotationProblem, RotationRules, Rows, free_weekends


def bounds(least: int, most: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(least, most), st.integers(least, most)).map(lambda pair: (min(pair), max(pair)))


@st.composite
def problems(draw: st.DrawFn, *, exact: bool = True) -> RotationProblem:
    """A question of one to three rows; its requirement is that of random rows, so that about half of them have an answer."""
    types = draw(st.integers(1, 2))
    weeks = draw(st.integers(1, 3 if types == 1 else 2)) if exact else 1
    rows = np.array(draw(st.lists(st.integers(-1, types - 1), min_size=7 * weeks, max_size=7 * weeks))).reshape(weeks, 7)
    if draw(st.booleans()):
        rows = np.array(([0] * draw(st.integers(2, 5)) + [types - 1] * 2 + [OFF] * 7)[:7] * weeks).reshape(weeks, 7)
    pairs = st.tuples(st.integers(0, types - 1), st.integers(0, 2), st.integers(0, types - 1))
    rules = RotationRules(
        work=draw(bounds(1, 6)),
        off=draw(bounds(1, 4)),
        blocks=tuple(draw(bounds(1, 6)) for _ in range(types)),
        forbidden=frozenset(draw(st.lists(pairs, max_size=3))),
        week_days=draw(st.none() | bounds(2, 6)),
        one_type_a_week=draw(st.booleans()),
    )
    requirement = np.array([(rows == shift).sum(axis=0) for shift in range(types)], dtype=np.int64)
    saturday = draw(st.integers(0, 6))
    return RotationProblem(("D", "N")[:types], weeks, requirement, rules, exact, draw(st.booleans()), saturday)


def every_rows(problem: RotationProblem) -> Iterator[Rows]:
    """Yield all rows that have the requirement on every weekday."""
    columns = []
    for day in range(DAYS_IN_WEEK):
        heads = problem.requirement[:, day]
        if problem.exact:
            values = [shift for shift in range(len(problem.shifts)) for _ in range(heads[shift])]
            columns.append(sorted(set(permutations(values + [OFF] * (problem.weeks - len(values))))))
        else:
            columns.append([(value,) for value in range(-1, len(problem.shifts))])
    for chosen in product(*columns):
        yield np.array(chosen, dtype=np.int16).T


def splits(rows: Rows, problem: RotationProblem) -> Iterator[tuple[Rows, ...]]:
    """Yield the rows as one rotation, and where that is allowed as several, in any order that the permutations leave."""
    yield (rows,)
    if not problem.single:
        for cut in range(1, len(rows)):
            yield (rows[:cut], rows[cut:])
        if len(rows) == 3:
            yield tuple(rows[index : index + 1] for index in range(3))


def most_weekends(problem: RotationProblem) -> int | None:
    """Return the most free weekends of all answers, ``None`` where there is no answer; by trying everything."""
    found = [
        sum(free_weekends(problem, part) for part in answer)
        for rows in every_rows(problem)
        for answer in splits(rows, problem)
        if not check_rotations(problem, answer)
    ]
    return max(found, default=None)
