"""Execution of a planning run: read, plan, store, with signs of life in between."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from threading import Event, Thread
from typing import Final

import structlog
from sqlalchemy import Engine

from scheduling.errors import ConflictError, SchedulingError
from scheduling.planning_input import PlanningInput
from scheduling.ports import Planner, Progress
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services.beginning import start_of
from services.drafting import planning_input_for
from services.planning_runs import RunLostError, claim_run, fail_run, finish_run, release_run, report_progress
from services.repairing import mend
from services.rotation_search import finish_search, search
from services.scenario_solving import finish_scenario, solve_scenario
from storage.metadata import RunKind
from storage.runs import RunView

Preparer = Callable[[PlanningInput], Scenario]
"""Makes a scenario of what the planner handed in, computing the requirement where there is none."""

log = structlog.get_logger(__name__)


def with_stored_requirement(found: PlanningInput) -> Scenario:
    """Return the scenario with the requirement that is stored; the simplest `Preparer`.

    Raises
    ------
    ConflictError
        When none is stored for these weeks.
    """
    if found.requirement is None:
        raise ConflictError(f"No requirement is stored for the {found.horizon.weeks} weeks from {found.horizon.first_day}.")
    return found.scenario()


class Monitor:
    """Writes signs of life and progress of a run from a thread of its own, and hears of requests to stop.

    The planner may be silent for long inside a solver, so it cannot be the one who shows that the worker is alive.

    Parameters
    ----------
    leaving
        Set when the worker itself shall end.
    """

    def __init__(self, engine: Engine, run: RunView, worker: str, *, clock: Clock, every_seconds: float, leaving: Event) -> None:
        self._engine, self._run, self._worker, self._clock = engine, run, worker, clock
        self._every_seconds, self._leaving = every_seconds, leaving
        self._latest: Progress | None = None
        self._stop, self._ended = Event(), Event()
        self._thread = Thread(target=self._watch, name=f"monitor of planning run {run.id}", daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def listen(self, progress: Progress) -> None:
        """Take the progress of the planner; it is written when its turn comes."""
        self._latest = progress

    def should_stop(self) -> bool:
        """Return whether the planner should end with the best so far."""
        return self._stop.is_set() or self._leaving.is_set()

    def _watch(self) -> None:
        written: Progress | None = None
        while not self._ended.wait(self._every_seconds):
            latest = self._latest
            try:
                news = latest if latest != written else None
                if report_progress(self._engine, self._run.id, self._worker, news, self._clock):
                    self._stop.set()
                written = latest
            except RunLostError:
                self._stop.set()
                return
            except SchedulingError as error:
                # The database may be away for a moment; the next turn tries again.
                log.warning("progress not written", run=self._run.id, reason=str(error))


def execute_next_run(
    engine: Engine,
    worker: str,
    *,
    planner: Planner,
    prepare: Preparer,
    clock: Clock,
    progress_seconds: float,
    leaving: Event,
    kinds: Collection[RunKind] = tuple(RunKind),
) -> int | None:
    """Claim the oldest queued run of some kinds and carry it out; return its id, ``None`` when there was none.

    However it ends, the run is left done, failed with a message, or queued again when the worker is leaving.
    """
    run = claim_run(engine, worker, clock, kinds)
    if run is None:
        return None
    log.info("planning run begins", run=run.id, kind=run.kind.value, site=run.site)
    try:
        _carry_out(engine, run, worker, planner, prepare, clock, progress_seconds, leaving)
    except RunLostError as error:
        log.warning("planning run lost", run=run.id, reason=str(error))
    except SchedulingError as error:
        log.warning("planning run failed", run=run.id, reason=str(error))
        fail_run(engine, run.id, worker, str(error), clock)
    except Exception as error:
        log.exception("planning run failed", run=run.id)
        fail_run(engine, run.id, worker, f"An unexpected error ended the run: {type(error).__name__}: {error}", clock)
    return run.id


def _carry_out(
    engine: Engine,
    run: RunView,
    worker: str,
    planner: Planner,
    prepare: Preparer,
    clock: Clock,
    progress_seconds: float,
    leaving: Event,
) -> None:
    with Monitor(engine, run, worker, clock=clock, every_seconds=progress_seconds, leaving=leaving) as monitor:
        store = COMPUTED_BY[run.kind](engine, run, planner, prepare, monitor, clock)
    if leaving.is_set():
        release_run(engine, run.id, worker)
        log.info("planning run put back", run=run.id)
        return
    store(worker)
    log.info("planning run done", run=run.id)


Store = Callable[[str], object]
"""Stores what a run computed and ends the run, both or neither; takes the name of the worker."""
Computer = Callable[[Engine, RunView, Planner, Preparer, Monitor, Clock], Store]


def _compute_roster(
    engine: Engine, run: RunView, planner: Planner, prepare: Preparer, monitor: Monitor, clock: Clock
) -> Store:  # fmt: skip
    first_day, weeks = run.days
    scenario = prepare(planning_input_for(engine, run.site, first_day, weeks))
    start = None if run.base_roster_id is None else start_of(engine, run.base_roster_id, run.site, scenario)
    result = planner(scenario, monitor.listen, monitor.should_stop, run.seed, run.seconds, start)
    return lambda worker: finish_run(engine, run, worker, scenario, result, clock)


def _compute_repair(
    engine: Engine, run: RunView, _planner: Planner, _prepare: Preparer, monitor: Monitor, clock: Clock
) -> Store:  # fmt: skip
    mended = mend(engine, run, monitor.listen, monitor.should_stop, clock)
    name, about = f"Repair of roster {run.base_roster_id}", {"repairs": run.base_roster_id, "before": mended.before}
    return lambda worker: finish_run(engine, run, worker, mended.scenario, mended.result, clock, name=name, about=about)


def _compute_scenario(
    engine: Engine, run: RunView, planner: Planner, _prepare: Preparer, monitor: Monitor, clock: Clock
) -> Store:  # fmt: skip
    outcome = solve_scenario(engine, run, planner, monitor.listen, monitor.should_stop)
    return lambda worker: finish_scenario(engine, run, worker, outcome, clock)


def _compute_rotation(
    engine: Engine, run: RunView, _planner: Planner, _prepare: Preparer, monitor: Monitor, clock: Clock
) -> Store:  # fmt: skip
    found = search(engine, run, monitor.listen, monitor.should_stop)
    return lambda worker: finish_search(engine, run, worker, found, clock)


COMPUTED_BY: Final[Mapping[RunKind, Computer]] = {
    RunKind.ROSTER: _compute_roster,
    RunKind.REPAIR: _compute_repair,
    RunKind.SCENARIO: _compute_scenario,
    RunKind.ROTATION: _compute_rotation,
}
"""What carries out a run of each kind."""
