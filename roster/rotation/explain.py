"""Why not: the rules and requirements that clash where there is no rotation, and the nearest changes that make one possible.

A smallest clashing set is found by leaving out one thing after the other as long as there still is no rotation (a deletion
filter). Changes are tried in steps of one, two and three, and each that is offered was solved again with success.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from roster.rotation.circulation import circulation_of
from roster.rotation.connectivity import one_walk
from roster.rotation.programme import Answer, Programme
from roster.rotation.solver import RotationStatus, solve_rotation
from roster.rotation.stints import LooseRulesError
from scheduling.ports import StopSignal
from scheduling.rotation import DAYS_IN_WEEK, Bounds, RotationProblem

MOST_CHANGES = 3
LARGEST_STEP = 3
ANY_LENGTH: Bounds = (1, DAYS_IN_WEEK)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Relaxation:
    """A change that makes a rotation possible.

    Parameters
    ----------
    words
        What is changed, in a planner's words.
    size
        How many days, heads, associates or rules are changed.
    """

    words: str
    size: int
    problem: RotationProblem


@dataclass(frozen=True)
class Explanation:
    """Why there is no rotation, and what would make one possible, the nearest first.

    Parameters
    ----------
    clash
        Leave one of these out, and the others can be kept together; with all rows at work somewhere every day.
    is_smallest
        Whether the time sufficed to try every part of the clash.
    """

    clash: tuple[str, ...]
    is_smallest: bool
    relaxations: tuple[Relaxation, ...]


@dataclass(frozen=True)
class _Part:
    """One thing that can be left out of a question."""

    words: str
    without: RotationProblem
    uncovered: int | None = None


class _Limit:
    """The time and the stop signal of an explanation."""

    def __init__(self, seconds: float, stop: StopSignal) -> None:
        self._until, self._stop = time.monotonic() + seconds, stop

    def left(self) -> float:
        """Return the seconds that are left."""
        return self._until - time.monotonic()

    def over(self) -> bool:
        """Whether the time is over, or somebody asked to stop."""
        return self.left() <= 0 or self._stop()


def explain_rotation(
    problem: RotationProblem, *, seed: int = 1, seconds: float = 10.0, stop: StopSignal = lambda: False
) -> Explanation:
    """Explain a question that has no rotation; half of the time is for the clash and the rest for changes."""
    clash, is_smallest = _clash(problem, seed, _Limit(seconds / 2, stop))
    limit = _Limit(seconds / 2, stop)
    found: list[Relaxation] = []
    for step in range(1, LARGEST_STEP + 1):
        for change in _changes(problem, step):
            if limit.over() or len(found) >= 2 * MOST_CHANGES:
                break
            if _is_possible(change.problem, seed, limit):
                found.append(change)
    nearest = _nearest_requirement(problem, seed, limit)
    ordered = sorted([*found, *([nearest] if nearest else [])], key=lambda change: change.size)
    return Explanation(clash, is_smallest, tuple(ordered[:MOST_CHANGES]))


def _is_possible(problem: RotationProblem, seed: int, limit: _Limit) -> bool:
    try:
        return solve_rotation(problem, seed=seed, seconds=limit.left(), stop=limit.over).status is RotationStatus.FEASIBLE
    except LooseRulesError:
        return False


def _clash(problem: RotationProblem, seed: int, limit: _Limit) -> tuple[tuple[str, ...], bool]:
    """Return a smallest set of things that cannot be kept together, in words."""
    kept: list[str] = []
    uncovered: frozenset[int] = frozenset()
    names = [part.words for part in _parts(problem)]
    complete = True
    for name in names:
        part = next(part for part in _parts(problem) if part.words == name)
        more = uncovered if part.uncovered is None else uncovered | {part.uncovered}
        answer = _answer(part.without, seed, limit, more)
        if answer is not None and answer.counts is None and answer.decided:
            problem, uncovered = part.without, more
        else:
            kept.append(name)
            complete &= answer is not None and answer.decided
    return tuple(kept), complete


def _answer(problem: RotationProblem, seed: int, limit: _Limit, uncovered: frozenset[int]) -> Answer | None:
    """Return whether a question without some coverage has an answer; ``None`` where its rules are too loose to tell."""
    try:
        circulation = circulation_of(problem)
    except LooseRulesError:
        return None
    programme = Programme(circulation, seed=seed, uncovered=uncovered)
    return one_walk(circulation, programme, limit.left, limit.over)


def _parts(problem: RotationProblem) -> Iterator[_Part]:
    """Yield what can be left out, what a planner changes most easily last; the words do not depend on what is left out."""
    rules = problem.rules
    if problem.single:
        yield _Part("one rotation for all", replace(problem, single=False))
    if rules.one_type_a_week:
        yield _Part("one shift type a week", replace(problem, rules=replace(rules, one_type_a_week=False)))
    if rules.forbidden:
        yield _Part("forbidden successions", replace(problem, rules=replace(rules, forbidden=frozenset())))
    for shift, code in enumerate(problem.shifts):
        blocks = tuple(ANY_LENGTH if other == shift else bounds for other, bounds in enumerate(rules.blocks))
        words = f"{_range(rules.blocks[shift])} days of {code} in a row"
        yield _Part(words, replace(problem, rules=replace(rules, blocks=blocks)))
    if rules.week_days:
        words = f"{_range(rules.week_days)} working days a week"
        yield _Part(words, replace(problem, rules=replace(rules, week_days=None)))
    yield _Part(f"{_range(rules.work)} working days in a row", replace(problem, rules=replace(rules, work=ANY_LENGTH)))
    yield _Part(f"{_range(rules.off)} days off in a row", replace(problem, rules=replace(rules, off=ANY_LENGTH)))
    for shift, code in enumerate(problem.shifts):
        yield _Part(f"the requirement of {code}", problem, shift)


def _range(bounds: Bounds) -> str:
    least, most = bounds
    return str(least) if least == most else f"{least} to {most}"


def _changes(problem: RotationProblem, step: int) -> Iterator[Relaxation]:
    """Yield changes of one size."""
    rules = problem.rules

    def with_rules(words: str, **values: object) -> Relaxation:
        changed = replace(rules, **values)  # type: ignore[arg-type]
        return Relaxation(words, step, replace(problem, rules=changed))

    for bounds in _wider(rules.off, step):
        yield with_rules(f"Allow {_range(bounds)} days off in a row instead of {_range(rules.off)}", off=bounds)
    for bounds in _wider(rules.work, step):
        yield with_rules(f"Allow {_range(bounds)} working days in a row instead of {_range(rules.work)}", work=bounds)
    for shift, code in enumerate(problem.shifts):
        for bounds in _wider(rules.blocks[shift], step):
            blocks = tuple(bounds if other == shift else old for other, old in enumerate(rules.blocks))
            words = f"Allow {_range(bounds)} days of {code} in a row instead of {_range(rules.blocks[shift])}"
            yield with_rules(words, blocks=blocks)
    if rules.week_days:
        for bounds in _wider(rules.week_days, step):
            words = f"Allow {_range(bounds)} working days a week instead of {_range(rules.week_days)}"
            yield with_rules(words, week_days=bounds)
    if problem.weeks + step > 0:
        more = f"{step} more associate{'s' if step > 1 else ''}"
        yield Relaxation(f"Use {more} ({problem.weeks + step} rows)", step, replace(problem, weeks=problem.weeks + step))
    if step == 1:
        yield from _switches(problem)


def _switches(problem: RotationProblem) -> Iterator[Relaxation]:
    """Yield the rules that are there or not, each left out."""
    rules = problem.rules
    for one in sorted(rules.forbidden):
        earlier, gap, later = one
        over = f" with {gap} days off between" if gap else " on the next day"
        words = f"Let {problem.shifts[later]} follow {problem.shifts[earlier]}{over}"
        yield Relaxation(words, 2, replace(problem, rules=replace(rules, forbidden=rules.forbidden - {one})))
    if problem.exact:
        yield Relaxation("Allow more heads than are required", 2, replace(problem, exact=False))
    if problem.single:
        yield Relaxation("Allow several rotations instead of one", 2, replace(problem, single=False))
    if rules.one_type_a_week:
        words = "Allow several shift types in a week"
        yield Relaxation(words, 3, replace(problem, rules=replace(rules, one_type_a_week=False)))


def _wider(bounds: Bounds, step: int) -> Iterator[Bounds]:
    """Yield the bounds that are wider by `step` at one end."""
    least, most = bounds
    if least - step >= 1:
        yield least - step, most
    if most + step <= 2 * DAYS_IN_WEEK:
        yield least, most + step


def _nearest_requirement(problem: RotationProblem, seed: int, limit: _Limit) -> Relaxation | None:
    """Return the question with the nearest requirement that has an answer, verified by solving it."""
    try:
        circulation = circulation_of(problem)
    except LooseRulesError:
        return None
    answer = one_walk(circulation, Programme(circulation, seed=seed, nearest=True), limit.left, limit.over)
    if answer.counts is None:
        return None
    heads = np.einsum("a,atd->td", answer.counts, circulation.given)[: len(problem.shifts)]
    places = np.argwhere(heads != problem.requirement if problem.exact else heads < problem.requirement).tolist()
    # Rows that are closed in themselves need these heads; where more are allowed, the others stay as they were asked for.
    wanted = heads if problem.exact else np.minimum(heads, problem.requirement)
    changed = replace(problem, requirement=wanted)
    if not places or not _is_possible(changed, seed, limit):
        return None
    columns = [WEEKDAYS[(day + 5 - problem.saturday) % DAYS_IN_WEEK] for day in range(DAYS_IN_WEEK)]
    told = [
        f"{problem.shifts[shift]} on {columns[day]} {wanted[shift, day]} instead of {problem.requirement[shift, day]}"
        for shift, day in places
    ]
    size = int(np.abs(wanted - problem.requirement).sum())
    return Relaxation(f"Require {', '.join(told)}", size, changed)
