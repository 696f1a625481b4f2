"""Improvement of a roster by best answers: of everybody in turn, and of a few at a time (ruin and recreate).

With ``x`` the roster and ``best(p, x)`` the exact best line with breaks of one associate against all others::

    sweep               x <- x with best(p, x) for everybody p in a random order, while that gains a share of the objective
    ruin and recreate   y <- x without a few people, then with best(p, y) for each of them;  x <- y where f(y) <= f(x)

A few associates lose their work and get the best lines again, one after the other; a result that is no worse is kept
(Schrimpf, Schneider, Stamm-Wilbrandt, Dueck, "Record breaking optimization results using the ruin and recreate principle",
J. Comp. Phys. 159, 2000). A random choice of people is hard to beat (Legrain, Omer, Rosat 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from roster.workbench import Workbench

Watch = Callable[[], bool]
"""Asked after every response; true ends the improvement."""

TOLERANCE = 1e-9


@dataclass(frozen=True)
class ImproveParams:
    """How long and how widely to search.

    Parameters
    ----------
    sweeps
        Most times that everybody answers in turn before ruin and recreate.
    least_gain
        A sweep that lowers the objective by a smaller share is the last.
    ruined
        Least and most associates who lose their work together.
    """

    sweeps: int = 2
    least_gain: float = 0.002
    ruined: tuple[int, int] = (2, 4)


def construct(bench: Workbench, rng: np.random.Generator, watch: Watch) -> None:
    """Give everybody without work the best line in turn, those with the least choice first; this always goes to its end."""
    missing = [index for index, work in enumerate(bench.work) if work is None]
    order = rng.permutation(missing)
    choices = np.array([len(bench.problem.people[int(index)].graphs) for index in order])
    for index in order[np.argsort(choices, kind="stable")]:
        bench.respond(int(index))
        watch()


def sweep(bench: Workbench, rng: np.random.Generator, params: ImproveParams, watch: Watch) -> None:
    """Let everybody answer all others in turn until that gains little."""
    bench.update_shares()
    before = bench.objective
    for _ in range(params.sweeps):
        for index in rng.permutation(len(bench.work)):
            if watch():
                return
            bench.recreate([int(index)])
        bench.update_shares()
        after = bench.objective
        if before - after < params.least_gain * abs(before):
            return
        before = after


def ruin_and_recreate(bench: Workbench, rng: np.random.Generator, params: ImproveParams, watch: Watch) -> None:
    """Ruin and recreate until `watch` ends it; the objective never rises."""
    objective = bench.objective
    count = len(bench.work)
    while not watch():
        size = min(count, int(rng.integers(params.ruined[0], params.ruined[1] + 1)))
        chosen = [int(index) for index in rng.choice(count, size, replace=False)]
        before = [bench.work[index] for index in chosen]
        bench.recreate(chosen)
        after = bench.objective
        if after <= objective + TOLERANCE:
            objective = after
        else:
            bench.restore(chosen, before)
