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
    """Carries out some stages in this thread, and then dies as a pool does whose process was killed."""

    def __init__(self, stages: int) -> None:
        self._left = stages

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self._left:
            future.set_result(function(*arguments, **named))
        else:
            future.set_exception(BrokenExecutor("A process was terminated abruptly."))
        self._left -= 1
        return future


@pytest.mark.parametrize("stages", [0, 1, 3])
def test_the_bound_is_raised_here_when_the_process_that_raises_it_dies(stages: int) -> None:
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

    there, here = solved(DyingExecutor(stages)), solved(None)
    assert (there.letters == here.letters).all()
    assert there.bound == here.bound > 0
