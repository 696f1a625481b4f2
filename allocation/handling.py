"""Handling times: what answers tell of an associate in a queue, held to the figures of the queue while they are few.

The logarithm of a handling time is taken as normal: times of people at screens are skewed to the right, and their logarithm is
much less so (Brown et al., Journal of the American Statistical Association 100(469), 2005, found it of service times).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

P95: Final = 1.6448536269514722
"""95th percentile of the standard normal distribution."""

USUAL_SPREAD: Final = 0.5
"""Standard deviation of the logarithm where no answer tells: the 95th percentile is then twice the mean."""

ASSOCIATE_PRIOR_JOBS: Final = 20.0
"""The queue weighs as much as this many answers of an associate; one with ten times as many is judged by the own ones."""

QUEUE_PRIOR_JOBS: Final = 50.0
"""The planned handling time weighs as much as this many answers of a queue."""

SPEED_LIMITS: Final = (0.25, 4.0)
"""Relative speeds beyond this are faults of the data, such as a page left open, and would distort which queue is next."""


@dataclass(frozen=True)
class LogSums:
    """Handling times added up.

    Parameters
    ----------
    count
        Number of answers.
    sum_ln, sum_ln_squared
        Sums of the logarithm of each handling time in seconds, and of its square.
    """

    count: int = 0
    sum_ln: float = 0.0
    sum_ln_squared: float = 0.0

    def __add__(self, other: LogSums) -> LogSums:
        """Return the sums of both together."""
        return LogSums(
            self.count + other.count, self.sum_ln + other.sum_ln, self.sum_ln_squared + other.sum_ln_squared
        )  # fmt: skip


@dataclass(frozen=True)
class HandlingTime:
    """The distribution of a handling time.

    Parameters
    ----------
    mean_ln, spread_ln
        Mean and standard deviation of the logarithm of the seconds.
    """

    mean_ln: float
    spread_ln: float

    @property
    def mean_seconds(self) -> float:
        """``exp(mean + spread^2 / 2)``."""
        return exp(self.mean_ln + self.spread_ln**2 / 2)

    @property
    def p95_seconds(self) -> float:
        """The time that 95 of 100 jobs do not exceed: ``exp(mean + 1.645 spread)``."""
        return exp(self.mean_ln + P95 * self.spread_ln)


def planned_handling(aht_seconds: float, spread_ln: float = USUAL_SPREAD) -> HandlingTime:
    """Return the handling time of which only the mean is planned.

    Raises
    ------
    ValueError
        When the mean is not above zero, or the spread is negative.
    """
    if not (aht_seconds > 0 and spread_ln >= 0):
        raise ValueError(f"A mean of {aht_seconds} s with a spread of {spread_ln} is no handling time; both must be positive.")
    return HandlingTime(log(aht_seconds) - spread_ln**2 / 2, spread_ln)


def learned(sums: LogSums, prior: HandlingTime, prior_jobs: float) -> HandlingTime:
    """Return the handling time that answers tell of, as if `prior_jobs` more answers had come out of `prior`.

    Without answers it is the prior; with many it is what they tell. The distance between the two means belongs to the spread,
    weighted by ``n k / (n + k)``: an associate of whom little is known may be slow, and must not run into a break.
    """
    n, k = sums.count, prior_jobs
    if not n:
        return prior
    mean = sums.sum_ln / n
    within = max(0.0, sums.sum_ln_squared - n * mean**2)
    between = n * k / (n + k) * (mean - prior.mean_ln) ** 2
    variance = (within + k * prior.spread_ln**2 + between) / (n + k)
    return HandlingTime((n * mean + k * prior.mean_ln) / (n + k), sqrt(variance))


def relative_speed(own: HandlingTime, usual: HandlingTime) -> float:
    """Return how many times as fast as usual somebody is, inside `SPEED_LIMITS`: 2 takes half the time."""
    least, most = SPEED_LIMITS
    return min(most, max(least, usual.mean_seconds / own.mean_seconds))
