"""Queued planning runs carried out in the test itself, as a worker does it."""

from __future__ import annotations

from threading import Event

from sqlalchemy import Engine

from scheduling.ports import Planner
from scheduling.times import Clock
from services.execution import execute_next_run, with_stored_requirement
from services.reading import RunKind
from tests.stored import rotating_planner


def work_off(
    engine: Engine, clock: Clock, *kinds: RunKind, planner: Planner = rotating_planner, leaving: Event | None = None
) -> int | None:  # fmt: skip
    """Carry out the oldest queued run, of some kinds or of any; return its id, ``None`` when there was none."""
    return execute_next_run(
        engine,
        "w1",
        planner=planner,
        prepare=with_stored_requirement,
        clock=clock,
        progress_seconds=0.01,
        leaving=leaving or Event(),
        kinds=kinds or tuple(RunKind),
    )
