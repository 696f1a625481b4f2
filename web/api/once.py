"""Requests that count once however often they are sent: the second answer is what came of the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scheduling.errors import ConflictError

Outcome = TypeVar("Outcome")


def once(known: Callable[[], Outcome | None], work: Callable[[], Outcome]) -> tuple[Outcome, bool]:
    """Return the outcome of a request, and whether it is new.

    Parameters
    ----------
    known
        Looks for what came of the same request before; ``None`` when there is nothing.
    work
        Does what is asked.

    Raises
    ------
    ConflictError
        When it cannot be done, and was not done before either.
    """
    before = known()
    if before is not None:
        return before, False
    try:
        return work(), True
    except ConflictError:
        # The same request, sent a moment earlier, may have been faster.
        before = known()
        if before is None:
            raise
        return before, False
