"""The rotation solver: a recipe.

1. Enumerate the stints that the rules allow, and draw them and the rests as arcs over the weekdays (`stints`, `circulation`).
2. Find a circulation that covers the requirement, with one thread and one seed (`programme`).
3. Where it falls into several closed walks but one is asked for, cut these off and go back to 2 (`connectivity`).
4. Where free weekends count, go on from the circulation that was found to one with the most of them.
5. Lay the circulation out as rows (`walk`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from roster.rotation.circulation import Circulation, circulation_of
from roster.rotation.connectivity import one_walk, parts
from roster.rotation.programme import Answer, Programme
from roster.rotation.walk import rows_of
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.rotation import Counts, RotationProblem, Rows, free_weekends


class RotationStatus(StrEnum):
    """What is known of a rotation."""

    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    """Proven: there is none."""
    UNKNOWN = "unknown"
    """The time ended before an answer was there."""


@dataclass(frozen=True)
class RotationResult:
    """What the solver found.

    Parameters
    ----------
    rotations
        The rows of each rotation, one where a single one was asked for; empty where there is none.
    free_weekends
        Saturdays with the Sunday after them off, over all rows.
    bound
        No rotation has more of them; only where they were asked for.
    proven
        Whether the answer is final: that there is a rotation or none, and, where asked for, that none has more free weekends.
    cuts
        How many parts of circulations had to be cut off.
    """

    status: RotationStatus
    rotations: tuple[Rows, ...]
    free_weekends: int
    bound: int | None
    proven: bool
    cuts: int
    seconds: float
    seed: int


def solve_rotation(
    problem: RotationProblem,
    *,
    seed: int = 1,
    seconds: float = 10.0,
    most_free_weekends: bool = False,
    stop: StopSignal = lambda: False,
    progress: ProgressListener = lambda _: None,
) -> RotationResult:
    """Return a rotation, or a proof that there is none.

    Parameters
    ----------
    seconds
        Budget; when it ends the best rotation so far is returned.
    most_free_weekends
        Whether to look for as many free weekends as can be; otherwise the first rotation is taken.

    Raises
    ------
    LooseRulesError
        When the rules allow too many different stints.
    """
    search = _Search(problem, seed, time.monotonic(), seconds, stop, progress)
    found = search.one_walk()
    if found.counts is None:
        status = RotationStatus.INFEASIBLE if found.decided else RotationStatus.UNKNOWN
        return search.result(status, None, proven=found.decided, bound=None)
    if not most_free_weekends:
        return search.result(RotationStatus.FEASIBLE, found.counts, proven=True, bound=None)
    better = search.most_free_weekends(found.counts)
    counts = found.counts if better.counts is None else better.counts
    return search.result(RotationStatus.FEASIBLE, counts, proven=better.decided, bound=better.bound)


class _Search:
    """One question with its programme, which keeps the cuts."""

    def __init__(
        self,
        problem: RotationProblem,
        seed: int,
        began: float,
        seconds: float,
        stop: StopSignal,
        progress: ProgressListener,
    ) -> None:
        self._problem, self._seed, self._began, self._seconds = problem, seed, began, seconds
        self._stop, self._progress = stop, progress
        self._tell("enumerating stints", None)
        self._circulation: Circulation = circulation_of(problem)
        self._programme = Programme(self._circulation, seed=seed)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _tell(self, phase: str, weekends: int | None, bound: int | None = None) -> None:
        done = min(1.0, self._elapsed() / self._seconds)
        self._progress(
            Progress(phase, done, None if weekends is None else float(weekends), None if bound is None else float(bound))
        )

    def one_walk(self, phase: str = "looking for a rotation") -> Answer:
        """Return the best circulation that is one walk, or any where several are allowed."""
        self._tell(phase, None)
        return one_walk(self._circulation, self._programme, lambda: self._seconds - self._elapsed(), self._stop)

    def most_free_weekends(self, known: Counts) -> Answer:
        """Go on from a known rotation to one with the most free weekends."""
        self._programme.most_free_weekends()
        self._programme.hint(known)
        answer = self.one_walk("looking for more free weekends")
        if answer.counts is None:
            return Answer(None, decided=False, bound=self._problem.weeks)
        return answer

    def result(self, status: RotationStatus, counts: Counts | None, *, proven: bool, bound: int | None) -> RotationResult:
        """Lay out the rows and say what is known of them."""
        rotations: tuple[Rows, ...] = ()
        if counts is not None:
            rotations = tuple(rows_of(self._circulation, counts, int(nodes[0])) for nodes in parts(self._circulation, counts))
        weekends = sum(free_weekends(self._problem, rows) for rows in rotations)
        self._tell("done", weekends, bound)
        return RotationResult(status, rotations, weekends, bound, proven, self._programme.cuts, self._elapsed(), self._seed)
