"""Events: days on which volume is known to be unlike what the past says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DemandEvent:
    """One override of the forecast by hand; exactly one of `factor` and `jobs_per_day` is given.

    Parameters
    ----------
    queue
        Name of the queue; ``None`` means every queue.
    first_day, last_day
        Local dates, both included.
    factor
        Volume over that of an ordinary day: 1.2 is a promotion that brings a fifth more.
    jobs_per_day
        Jobs of each of the days, spread over the day as usual.
    """

    queue: str | None
    first_day: date
    last_day: date
    factor: float | None
    jobs_per_day: float | None
    reason: str
