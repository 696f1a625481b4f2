"""Watching the floor: what the worker does about it again and again, without taking much of a processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine

from scheduling.times import Clock
from services.floor import compute_snapshot, is_open
from services.forecasts import refresh_forecast
from services.proposals import apply_automatically, propose

MOST_SHARE: Final = 0.2
"""The figures of a floor are computed in at most this share of the time, however long it takes once."""


class Paced:
    """Work at sites that leaves out turns, so that it takes no more than a share of the time.

    Parameters
    ----------
    work
        What to do at a site.
    now
        Seconds that rise steadily.
    """

    def __init__(
        self, work: Callable[[Engine, int, Clock], object], share: float = MOST_SHARE, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._work, self._share, self._now = work, share, now
        self._free_at: dict[int, float] = {}
        self.__name__ = getattr(work, "__name__", "work")

    def __call__(self, engine: Engine, site_id: int, clock: Clock) -> bool:
        """Work at a site, unless it is too soon; return whether it did."""
        began = self._now()
        if began < self._free_at.get(site_id, began):
            return False
        try:
            self._work(engine, site_id, clock)
        finally:
            took = self._now() - began
            self._free_at[site_id] = began + took / self._share
        return True


def _compute(engine: Engine, site_id: int, clock: Clock) -> None:
    if is_open(engine, site_id):
        compute_snapshot(engine, site_id, clock=clock)


watch_floor: Final = Paced(_compute)
"""Computes the figures of an open floor."""


def steer_floor(engine: Engine, site_id: int, clock: Clock) -> None:
    """Propose moves for an open floor, and apply them where the site wants that without asking."""
    if is_open(engine, site_id):
        propose(engine, site_id, clock=clock)
        apply_automatically(engine, site_id, clock=clock)


def forecast_floor(engine: Engine, site_id: int, clock: Clock) -> None:
    """Write what today and the next two days are expected to bring."""
    refresh_forecast(engine, site_id, clock=clock)
