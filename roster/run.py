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
    sweep_shares, ruin_shares
        Shares of the budget after which sweeps, and ruin and recreate, end: on blocks, and on the true intervals. What is left is
        for breaks.
    effort_per_second
        Effort (`Workbench.effort`) for which a second of the budget pays. Effort is counted, not timed, so that the same seed
        and budget give the same roster; the clock only ends a solve on a machine much slower than that.
    polish_days_per_second
        Days that the polisher goes through, for which a second of the budget pays: after the search on blocks, after the sweeps
        on true intervals, and after each part of ruin and recreate. A round goes through the whole horizon, whoever is there.
    ruin_parts
        Parts of ruin and recreate on true intervals; the breaks of all are polished after each.
    proof_share
        Share of the budget that is kept for the proof when it has no executor of its own.
    """

    cost: CoverageCost = field(default_factory=CoverageCost)
    improve: ImproveParams = field(default_factory=ImproveParams)
    ascent: AscentParams = field(default_factory=AscentParams)
    block_minutes: tuple[int, ...] = (480, 240, 120, 60)
    sweep_shares: tuple[float, float] = (0.45, 0.65)
    ruin_shares: tuple[float, float] = (0.27, 0.6)
    effort_per_second: float = 60_000.0
    polish_days_per_second: tuple[float, float, float] = (28.0, 180.0, 60.0)
    ruin_parts: int = 4
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
