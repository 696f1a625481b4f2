"""What deciders need of each other, as small protocols; a service puts them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import BreakPattern, BreakPlan, RosterPlan
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario


class BreakPricer(Protocol):
    """Finds the cheapest legal break pattern of a shift of one span for many shifts at once."""

    def least_loss(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the least total loss of a legal pattern for each shift.

        Parameters
        ----------
        losses
            What is lost when a break of a kind starts at a grid slot of the shift, shape (kinds, shifts, slots); kinds in the
            order of the policy, slots ``span / grid``.

        Returns
        -------
        Loss of the best pattern, shape (shifts,).
        """
        ...

    def best_patterns(self, losses: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[BreakPattern]]:
        """Return the least loss and a legal pattern that has it, for each shift; `losses` as in `least_loss`."""
        ...

    def best_starts(self, losses: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the same with kind and start slot of each break in the order of time, both of shape (shifts, breaks)."""
        ...


@dataclass(frozen=True)
class Progress:
    """Where a long computation stands."""

    phase: str
    done: float
    """Share of the time or work that is done, 0 to 1."""
    objective: float | None = None
    bound: float | None = None


ProgressListener = Callable[[Progress], None]
StopSignal = Callable[[], bool]
"""Asked often; true ends the computation with the best result so far."""

Planner = Callable[[Scenario, ProgressListener, StopSignal, int, float, RosterPlan | None], PlanningResult]
"""Builds a roster: scenario, listener, stop signal, seed, seconds, and a roster to begin with where there is one."""

BreakPolisher = Callable[[RosterPlan, BreakPlan, int, StopSignal], BreakPlan]
"""Improves the break patterns of all shifts together in so many rounds, or until stopped; the result covers no worse."""
