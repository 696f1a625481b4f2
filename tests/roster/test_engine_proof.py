"""The proof beside the search: a process that dies takes neither the roster nor the bound with it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

import numpy as np
import pytest

from roster.solver import SolvedRoster, solve_roster
from tests.roster.small_sites import pricers_of, small_site


class DyingExecutor(Executor):
    """Carries out some stages in this thread, then dies as a pool whose process was killed, or a cluster that went away."""

    def __init__(self, stages: int, *, cancels: bool) -> None:
        self._left, self._cancels = stages, cancels

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self._left:
            future.set_result(function(*arguments, **named))
        elif self._cancels:
            future.cancel()
        else:
            future.set_exception(BrokenExecutor("A process was terminated abruptly."))
        self._left -= 1
        return future


@pytest.mark.parametrize(("stages", "cancels"), [(0, False), (1, False), (3, False), (1, True)])
def test_the_bound_is_raised_here_when_the_process_that_raises_it_dies(stages: int, cancels: bool) -> None:
    of = small_site(np.random.default_rng(2), people=4)

    def solved(executor: Executor | None) -> SolvedRoster:
        # The clock stands still, so that effort alone ends search and proof.
        return solve_roster(
            of,
            pricers_of(of),
            seed=1,
            seconds=2.0,
            stop=lambda: False,
            progress=lambda _: None,
            executor=executor,
            clock=lambda: 0.0,
        )

    there, here = solved(DyingExecutor(stages, cancels=cancels)), solved(None)
    assert (there.letters == here.letters).all()
    assert there.bound == here.bound > 0
