"""The check of rotations: plain Python over the rows, which knows nothing of stints, arcs or programmes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from scheduling.rotation import DAYS_IN_WEEK, RotationProblem, Rows


@dataclass(frozen=True)
class RotationFault:
    """One rule that rotations break once.

    Parameters
    ----------
    rule
        ``rows``, ``values``, ``requirement``, ``work``, ``off``, ``block``, ``forbidden``, ``week`` or ``one-type``.
    rotation, row, column
        Where it shows: number of the rotation, its row and weekday, all from 0; -1 where it is no single one.
    sentence
        What is wrong and by how much.
    """

    rule: str
    rotation: int
    row: int
    column: int
    sentence: str


@dataclass(frozen=True)
class _Run:
    """Days in a row, cyclically: the first of them, how many, and their values."""

    first: int
    values: tuple[int, ...]


def check_rotations(problem: RotationProblem, rotations: Sequence[Rows]) -> list[RotationFault]:
    """Return every fault of the rotations, which together are the answer to the problem."""
    faults = list(_rows(problem, rotations))
    if faults:
        return faults
    for number, rows in enumerate(rotations):
        days = [int(value) for value in rows.reshape(-1)]
        for rule in (_runs, _blocks, _successions, _weeks):
            faults.extend(rule(problem, number, days))
    return [*faults, *_requirement(problem, rotations)]


def _rows(problem: RotationProblem, rotations: Sequence[Rows]) -> Iterator[RotationFault]:
    """Yield what makes the rows no rotation at all."""
    if problem.single and len(rotations) != 1:
        yield RotationFault("rows", -1, -1, -1, f"There are {len(rotations)} rotations, one is asked for.")
    if any(rows.ndim != 2 or rows.shape[1] != DAYS_IN_WEEK or not len(rows) for rows in rotations):
        yield RotationFault("rows", -1, -1, -1, "Every rotation has rows of seven days.")
        return
    total = sum(len(rows) for rows in rotations)
    if total != problem.weeks:
        yield RotationFault("rows", -1, -1, -1, f"There are {total} rows, {problem.weeks} are asked for.")
    for number, rows in enumerate(rotations):
        for row, week in enumerate(rows.tolist()):
            for column, value in enumerate(week):
                if not -1 <= value < len(problem.shifts):
                    yield RotationFault("values", number, row, column, f"{value} is neither a shift type nor a day off.")


def _cyclic_runs(days: Sequence[int], key: Sequence[object]) -> list[_Run]:
    """Return the runs of equal keys round the circle; one that goes all the way round is as long as the circle."""
    runs = [[index for index, _ in group] for _, group in groupby(enumerate(key), lambda pair: pair[1])]
    if len(runs) > 1 and key[0] == key[-1]:
        runs[-1] += runs.pop(0)
    return [_Run(run[0], tuple(days[index] for index in run)) for run in runs]


def _at(rule: str, rotation: int, day: int, sentence: str) -> RotationFault:
    return RotationFault(rule, rotation, day // DAYS_IN_WEEK, day % DAYS_IN_WEEK, sentence)


def _runs(problem: RotationProblem, rotation: int, days: Sequence[int]) -> Iterator[RotationFault]:
    """Yield runs of work and of days off that are too short or too long."""
    runs = _cyclic_runs(days, [value >= 0 for value in days])
    for run in runs:
        is_work = run.values[0] >= 0
        least, most = problem.rules.work if is_work else problem.rules.off
        name = "of work" if is_work else "off"
        if len(runs) == 1:
            yield _at("work" if is_work else "off", rotation, run.first, f"The whole rotation is days {name}.")
        elif not least <= len(run.values) <= most:
            sentence = f"{len(run.values)} days {name} in a row, {least} to {most} are allowed."
            yield _at("work" if is_work else "off", rotation, run.first, sentence)


def _blocks(problem: RotationProblem, rotation: int, days: Sequence[int]) -> Iterator[RotationFault]:
    """Yield runs of one shift type that are too short or too long."""
    for run in _cyclic_runs(days, days):
        if run.values[0] >= 0:
            least, most = problem.rules.blocks[run.values[0]]
            if not least <= len(run.values) <= most:
                code = problem.shifts[run.values[0]]
                sentence = f"{len(run.values)} days of {code} in a row, {least} to {most} are allowed."
                yield _at("block", rotation, run.first, sentence)


def _successions(problem: RotationProblem, rotation: int, days: Sequence[int]) -> Iterator[RotationFault]:
    """Yield shift types that follow each other although they may not."""
    worked = [day for day, value in enumerate(days) if value >= 0]
    for place, day in enumerate(worked):
        following = worked[(place + 1) % len(worked)]
        gap = (following - day - 1) % len(days)
        if (days[day], gap, days[following]) in problem.rules.forbidden:
            between = f" with {gap} days off between" if gap else ""
            earlier, later = problem.shifts[days[day]], problem.shifts[days[following]]
            yield _at("forbidden", rotation, following, f"{later} follows {earlier}{between}, which is forbidden.")


def _weeks(problem: RotationProblem, rotation: int, days: Sequence[int]) -> Iterator[RotationFault]:
    """Yield rows with too many or too few working days, or with several shift types where a row keeps one."""
    for first in range(0, len(days), DAYS_IN_WEEK):
        worked = [value for value in days[first : first + DAYS_IN_WEEK] if value >= 0]
        if problem.rules.week_days and not problem.rules.week_days[0] <= len(worked) <= problem.rules.week_days[1]:
            least, most = problem.rules.week_days
            asked = str(least) if least == most else f"{least} to {most}"
            yield _at("week", rotation, first, f"{len(worked)} working days in the row, {asked} are asked for.")
        if problem.rules.one_type_a_week and len(set(worked)) > 1:
            codes = ", ".join(problem.shifts[value] for value in sorted(set(worked)))
            yield _at("one-type", rotation, first, f"The row has the shift types {codes}, it may have one.")


def _requirement(problem: RotationProblem, rotations: Sequence[Rows]) -> Iterator[RotationFault]:
    """Yield weekdays with too few heads of a shift type, or too many where heads are exact."""
    for shift, code in enumerate(problem.shifts):
        for column in range(DAYS_IN_WEEK):
            heads = sum(int(row[column]) == shift for rows in rotations for row in rows)
            needed = int(problem.requirement[shift, column])
            if heads < needed or (problem.exact and heads > needed):
                yield RotationFault("requirement", -1, -1, column, f"{heads} heads of {code}, {needed} are needed.")
