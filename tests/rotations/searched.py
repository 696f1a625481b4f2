"""A rotation asked for and found, as the worker does it."""

from __future__ import annotations

from sqlalchemy import Engine

from scheduling.times import Clock
from services import reading, rotation_search
from services.reading import RunKind, RunState
from services.rotation_design import RotationRequest
from tests import working_off


def work_off(engine: Engine, clock: Clock) -> int | None:
    """Carry out the next search that is queued; return its run."""
    return working_off.work_off(engine, clock, RunKind.ROTATION)


def found_by(engine: Engine, run_id: int) -> int:
    """Return the rotation that a run found."""
    run = reading.run_view(engine, run_id)
    assert run.state is RunState.DONE, run.message
    return int(run.task["rotation"])


def design_rotation(engine: Engine, site: str, request: RotationRequest, *, by: str = "asha", clock: Clock) -> int:
    """Look for a rotation and wait for it; return its id."""
    run = rotation_search.request_search(engine, site, request, by=by, clock=clock)
    work_off(engine, clock)
    return found_by(engine, run.id)
