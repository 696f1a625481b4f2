"""The rotation solver: a recipe.

1. Enumerate the stints that the rules allow, and draw them and the rests as arcs over the weekdays (`stints`, `circulation`).
2. Find a circulation that covers the requirement, with one thread and one seed (`programme`).
3. Where it falls into several closed walks but one is asked for, cut these off and go back to 2 (`connectivity`).
4. Where free weekends count, go on from the circulation that was found, or from a rotation that is known, to one with the most
   of them.
5. Lay the circulation out as rows (`walk`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
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
    start: Sequence[Rows] = (),
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
    start
        Rotations that answer this question already, such as those that a search before this one ended with: only more free
        weekends than theirs are looked for, and they are kept while there is nothing better.

    Raises
    ------
    LooseRulesError
        When the rules allow too many different stints.
    """
    search = _Search(problem, seed, time.monotonic(), seconds, stop, progress)
    if start:
        return search.beyond(tuple(start))
    found = search.one_walk("looking for a rotation")
    if found.counts is None:
        status = RotationStatus.INFEASIBLE if found.decided else RotationStatus.UNKNOWN
        return search.result(status, (), proven=found.decided, bound=None)
    if not most_free_weekends:
        return search.result(RotationStatus.FEASIBLE, search.laid_out(found.counts), proven=True, bound=None)
    return search.most_free_weekends(found.counts)


class _Search:
    """One question with its programme, which keeps the cuts, and where the search stands."""

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
        self._phase = "enumerating stints"
        self._weekends: int | None = None
        self._bound: int | None = None
        self._tell()
        self._circulation: Circulation = circulation_of(problem)
        self._programme = Programme(self._circulation, seed=seed)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _tell(self) -> None:
        done = min(1.0, self._elapsed() / self._seconds)
        weekends, bound = (None if value is None else float(value) for value in (self._weekends, self._bound))
        self._progress(Progress(self._phase, done, weekends, bound))

    def _over(self) -> bool:
        # Whoever asks whether to stop asks often, so the time that went by is told here too.
        self._tell()
        return self._stop()

    def _bounded(self, bound: int) -> None:
        self._bound = bound if self._bound is None else min(bound, self._bound)

    def one_walk(self, phase: str) -> Answer:
        """Return the best circulation that is one walk, or any where several are allowed."""
        self._phase = phase
        self._tell()
        return one_walk(self._circulation, self._programme, lambda: self._seconds - self._elapsed(), self._over, self._bounded)

    def laid_out(self, counts: Counts) -> tuple[Rows, ...]:
        """Return the rows of each closed walk of a circulation."""
        return tuple(rows_of(self._circulation, counts, int(nodes[0])) for nodes in parts(self._circulation, counts))

    def most_free_weekends(self, known: Counts) -> RotationResult:
        """Go on from a known circulation to one with the most free weekends."""
        self._programme.most_free_weekends()
        self._programme.hint(known)
        return self._more_free_weekends(self.laid_out(known))

    def beyond(self, known: tuple[Rows, ...]) -> RotationResult:
        """Look for more free weekends than known rotations have."""
        self._programme.most_free_weekends(above=self._weekends_of(known))
        return self._more_free_weekends(known)

    def _weekends_of(self, rotations: tuple[Rows, ...]) -> int:
        return sum(free_weekends(self._problem, rows) for rows in rotations)

    def _more_free_weekends(self, known: tuple[Rows, ...]) -> RotationResult:
        self._weekends = self._weekends_of(known)
        answer = self.one_walk("looking for more free weekends")
        if answer.counts is not None:
            rotations, bound = self.laid_out(answer.counts), answer.bound
        elif answer.decided:
            rotations, bound = known, self._weekends
        else:
            # Nothing was found, and what was told on the way is all that is known of how many there can be.
            rotations, bound = known, max(self._weekends, self._problem.weeks if self._bound is None else self._bound)
        return self.result(RotationStatus.FEASIBLE, rotations, proven=self._weekends_of(rotations) == bound, bound=bound)

    def result(
        self, status: RotationStatus, rotations: tuple[Rows, ...], *, proven: bool, bound: int | None
    ) -> RotationResult:  # fmt: skip
        """Say what is known of some rotations."""
        weekends = self._weekends_of(rotations)
        self._phase, self._weekends, self._bound = "done", weekends, bound
        self._tell()
        return RotationResult(status, rotations, weekends, bound, proven, self._programme.cuts, self._elapsed(), self._seed)
