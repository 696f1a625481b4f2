"""One run of the solver: its parameters, its clock, and what it tells of itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from roster.bound import AscentParams
from roster.improve import ImproveParams
from scheduling.cost import CoverageCost
from scheduling.ports import Progress, ProgressListener, StopSignal

Seconds = Callable[[], float]
"""A clock that only goes forward."""


@dataclass(frozen=True)
class SolveParams:
    """Parameters of a solve; the defaults are those that were measured (docs/benchmarks.md).

    Parameters
    ----------
    block_minutes
        Lengths of the blocks on which lines are sought one after the other, before the true intervals.
    block_share, line_share
        Shares of the budget after which the search on blocks, and that on the true intervals, end; the rest is for breaks.
    effort_per_second
        Effort (`Workbench.effort`) for which a second of the budget pays. Effort is counted, not timed, so that the same seed
        and budget give the same roster; the clock only ends a solve on a machine much slower than that.
    polish_days_per_second
        Days that the polisher goes through, after the search on blocks and at the end, for which a second of the budget pays: a
        round goes through the whole horizon, whoever is there.
    proof_share
        Share of the budget that is kept for the proof when it has no executor of its own.
    """

    cost: CoverageCost = field(default_factory=CoverageCost)
    improve: ImproveParams = field(default_factory=ImproveParams)
    ascent: AscentParams = field(default_factory=AscentParams)
    block_minutes: tuple[int, ...] = (480, 240, 120, 60)
    block_share: float = 0.45
    line_share: float = 0.7
    effort_per_second: float = 60_000.0
    polish_days_per_second: tuple[float, float] = (28.0, 180.0)
    proof_share: float = 0.35


class Run:
    """What the steps of one solve share: the time, the listener and the best bound.

    The clock is that of the machine, for a budget of seconds is a promise about this machine; whoever measures on a busy one may
    count seconds of the processor in its place.
    """

    def __init__(
        self, seconds: float, stop: StopSignal, progress: ProgressListener, clock: Seconds = time.monotonic
    ) -> None:  # fmt: skip
        self._clock, self._began, self.seconds = clock, clock(), seconds
        self._stop, self._progress = stop, progress
        self.bound: float | None = None

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    def over(self, share: float = 1.0) -> bool:
        """Whether a share of the time is over, or the user asked to stop."""
        return self.elapsed_seconds >= share * self.seconds or self._stop()

    def tell(self, phase: str, objective: float | None) -> None:
        """Report where the solve stands."""
        self._progress(Progress(phase, min(1.0, self.elapsed_seconds / max(self.seconds, 1e-9)), objective, self.bound))
