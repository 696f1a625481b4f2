from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import Engine, text

from config import Settings
from scheduling.errors import ConflictError, NotFoundError
from scheduling.plan import RosterPlan
from scheduling.planning_input import PlanningInput
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock, SystemClock
from services.drafting import roster_result
from services.execution import with_stored_requirement
from services.loading import load_operation
from services.planning_runs import (
    MOST_ATTEMPTS,
    RunLostError,
    claim_run,
    fail_run,
    finish_run,
    recover_runs,
    report_progress,
    request_run,
    request_stop,
)
from services.reading import RunState, RunView, active_run, list_rosters, list_runs, roster_summary, run_view
from tests.conftest import SteppedClock
from tests.stored import SITE, operation, result, rotating_planner
from tests.working_off import work_off
from worker import Worker

ROOT = Path(__file__).parents[2]


@pytest.fixture
def loaded(engine: Engine, clock: Clock) -> PlanningInput:
    first = operation(20, weeks=1)
    load_operation(engine, first, site=SITE, name="Pune 1", by="planner", clock=clock)
    return first


def request(engine: Engine, loaded: PlanningInput, clock: Clock, seed: int = 1) -> RunView:
    return request_run(engine, SITE, loaded.horizon.first_day, 1, seed=seed, seconds=5.0, by="planner", clock=clock)


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def has_ended(engine: Engine, run_id: int) -> bool:
    return not run_view(engine, run_id).is_active


def patient_planner(
    scenario: Scenario, listener: ProgressListener, stop: StopSignal, seed: int, seconds: float, _start: RosterPlan | None
) -> PlanningResult:
    """Go on improving nothing until told to stop."""
    listener(Progress("wait", 0.25, objective=140.0, bound=100.0))
    assert until(stop)
    return rotating_planner(scenario, listener, stop, seed, seconds)


def test_requested_run_becomes_a_draft(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    asked = request(engine, loaded, clock)
    assert (asked.state, asked.requested_by, asked.requested_at) == (RunState.QUEUED, "planner", clock.now())
    assert active_run(engine, SITE) == asked
    assert work_off(engine, clock) == asked.id
    run = run_view(engine, asked.id)
    assert (run.state, run.done, run.attempts) == (RunState.DONE, 1.0, 1)
    assert run.roster_id is not None
    draft = roster_summary(engine, run.roster_id)
    assert (draft.seed, draft.created_by, draft.parameters) == (1, "planner", {"seconds": 5.0, "planning_run": run.id})
    assert run.gap == pytest.approx(draft.gap)
    assert active_run(engine, SITE) is None
    assert work_off(engine, clock) is None


def test_a_run_hands_the_planner_the_roster_that_it_begins_with(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    first = request(engine, loaded, clock)
    work_off(engine, clock)
    base = run_view(engine, first.id).roster_id
    assert base is not None
    begun: list[RosterPlan] = []

    def planner(
        scenario: Scenario, listener: ProgressListener, stop: StopSignal, seed: int, seconds: float, start: RosterPlan | None
    ) -> PlanningResult:
        assert start is not None
        begun.append(start)
        return rotating_planner(scenario, listener, stop, seed, seconds)

    later = request_run(
        engine, SITE, loaded.horizon.first_day, 1, seed=2, seconds=5, by="asha", clock=clock, begins_with=base
    )  # fmt: skip
    work_off(engine, clock, planner=planner)
    assert run_view(engine, later.id).message == ""
    (start,) = begun
    assert (start.values == roster_result(engine, base).plan.values).all()


def test_a_run_begins_only_with_a_roster_of_its_own_days(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    first = request(engine, loaded, clock)
    work_off(engine, clock)
    base = run_view(engine, first.id).roster_id
    with pytest.raises(ConflictError, match="can begin only with a roster of its own 2 weeks"):
        request_run(engine, SITE, loaded.horizon.first_day, 2, seed=2, seconds=5, by="asha", clock=clock, begins_with=base)


def test_a_run_that_was_put_back_and_then_stopped_has_not_failed(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    asked = request(engine, loaded, clock)
    leaving = Event()
    leaving.set()
    work_off(engine, clock, leaving=leaving)
    assert run_view(engine, asked.id).state is RunState.QUEUED
    assert request_stop(engine, asked.id, by="asha", clock=clock).never_began


def test_site_has_one_active_run(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    request(engine, loaded, clock)
    with pytest.raises(ConflictError, match="already queued or running"):
        request(engine, loaded, clock)
    work_off(engine, clock)
    request(engine, loaded, clock)
    assert [run.state for run in list_runs(engine, SITE)] == [RunState.QUEUED, RunState.DONE]
    with pytest.raises(NotFoundError, match="'nowhere'"):
        request_run(engine, "nowhere", loaded.horizon.first_day, 1, seed=1, seconds=1, by="p", clock=clock)


def test_of_two_workers_one_gets_the_run(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    asked = request(engine, loaded, clock)
    start = Barrier(4)

    def claim(name: str) -> RunView | None:
        start.wait()
        return claim_run(engine, name, clock)

    with ThreadPoolExecutor(4) as pool:
        claimed = [run for run in pool.map(claim, ["a", "b", "c", "d"]) if run is not None]
    assert [run.id for run in claimed] == [asked.id]
    assert run_view(engine, asked.id).worker == claimed[0].worker


def test_progress_is_kept_step_by_step(engine: Engine, loaded: PlanningInput, clock: SteppedClock) -> None:
    run = request(engine, loaded, clock)
    claim_run(engine, "w1", clock)
    steps = [Progress("counts", 0.1), Progress("names", 0.5, 150.0, 90.0), Progress("polish", 0.7, 120.0)]
    for step in steps:
        clock.advance(0.5)
        assert report_progress(engine, run.id, "w1", step, clock) is False
    clock.advance(5)
    report_progress(engine, run.id, "w1", None, clock)
    seen = run_view(engine, run.id)
    assert [(one.phase, one.done, one.objective, one.bound) for one in seen.history] == [
        ("counts", 0.1, None, None),
        ("names", 0.5, 150.0, 90.0),
        ("polish", 0.7, 120.0, None),
    ]
    assert (seen.phase, seen.objective, seen.bound, seen.gap) == ("polish", 120.0, 90.0, 0.25)
    assert seen.heartbeat_at == clock.now()


def test_stop_ends_a_run_with_the_best_so_far(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    asked = request(engine, loaded, clock)
    thread = Thread(target=work_off, args=(engine, clock), kwargs={"planner": patient_planner})
    thread.start()
    assert until(lambda: run_view(engine, asked.id).phase == "wait")
    stopping = request_stop(engine, asked.id, by="lead", clock=clock)
    assert (stopping.state, stopping.stop_requested_by) == (RunState.STOPPING, "lead")
    thread.join(10)
    run = run_view(engine, asked.id)
    assert run.state is RunState.DONE
    assert run.roster_id is not None
    with pytest.raises(ConflictError, match="ended already"):
        request_stop(engine, asked.id, by="lead", clock=clock)


def test_run_stopped_before_it_began_is_never_claimed(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    asked = request(engine, loaded, clock)
    assert request_stop(engine, asked.id, by="lead", clock=clock).state is RunState.FAILED
    assert claim_run(engine, "w1", clock) is None


def test_error_of_the_planner_is_the_message_of_the_run(engine: Engine, loaded: PlanningInput, clock: Clock) -> None:
    def refuse(*_: object) -> PlanningResult:
        raise ConflictError("The lock of A0001 is against leave.")

    def break_down(*_: object) -> PlanningResult:
        raise ZeroDivisionError("division by zero")

    for planner, message in ((refuse, "The lock of A0001"), (break_down, "ZeroDivisionError: division by zero")):
        asked = request(engine, loaded, clock)
        assert work_off(engine, clock, planner=planner) == asked.id
        run = run_view(engine, asked.id)
        assert run.state is RunState.FAILED
        assert message in run.message
    assert list_rosters(engine) == ()


def test_missing_requirement_fails_the_run_in_words(engine: Engine, clock: Clock) -> None:
    bare = replace(operation(), requirement=None)
    load_operation(engine, bare, site=SITE, name="Pune 1", by="planner", clock=clock)
    asked = request(engine, bare, clock)
    work_off(engine, clock)
    assert "No requirement is stored" in run_view(engine, asked.id).message


def test_silent_worker_loses_its_run(engine: Engine, loaded: PlanningInput, clock: SteppedClock) -> None:
    asked = request(engine, loaded, clock)
    dead = claim_run(engine, "dead", clock)
    assert dead is not None
    clock.advance(29)
    assert recover_runs(engine, timeout_seconds=30, clock=clock) == ()
    clock.advance(2)
    assert recover_runs(engine, timeout_seconds=30, clock=clock) == (asked.id,)
    alive = claim_run(engine, "alive", clock)
    assert alive is not None
    assert (alive.id, alive.attempts) == (asked.id, 2)
    with pytest.raises(RunLostError):
        report_progress(engine, asked.id, "dead", None, clock)
    scenario = loaded.scenario()
    with pytest.raises(RunLostError, match="discarded"):
        finish_run(engine, dead, "dead", scenario, result(scenario), clock)
    fail_run(engine, asked.id, "dead", "too late", clock)
    assert run_view(engine, asked.id).state is RunState.RUNNING
    # Draft and end of the run are one transaction: nothing of the late result is left.
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM assignment")).scalar_one() == 0
    assert finish_run(engine, alive, "alive", scenario, result(scenario), clock).site == SITE


def test_run_whose_workers_die_again_and_again_is_given_up(engine: Engine, loaded: PlanningInput, clock: SteppedClock) -> None:
    asked = request(engine, loaded, clock)
    for _ in range(MOST_ATTEMPTS):
        assert claim_run(engine, "dead", clock) is not None
        clock.advance(60)
        recover_runs(engine, timeout_seconds=30, clock=clock)
    run = run_view(engine, asked.id)
    assert (run.state, run.attempts) == (RunState.FAILED, MOST_ATTEMPTS)
    assert "died 3 times" in run.message


def test_worker_that_leaves_puts_its_run_back(engine: Engine, loaded: PlanningInput) -> None:
    asked = request(engine, loaded, SystemClock())
    worker = Worker(
        engine, Settings(worker_poll_seconds=0.02, progress_seconds=0.02), SystemClock(), patient_planner, with_stored_requirement
    )
    thread = Thread(target=worker.serve)
    thread.start()
    assert until(lambda: run_view(engine, asked.id).state is RunState.RUNNING)
    worker.leave()
    thread.join(10)
    assert not thread.is_alive()
    run = run_view(engine, asked.id)
    assert (run.state, run.worker, run.attempts) == (RunState.QUEUED, None, 0)


def test_worker_survives_errors_and_goes_on(engine: Engine, loaded: PlanningInput) -> None:
    failures = [ZeroDivisionError("first"), None]

    def moody(
        scenario: Scenario, listener: ProgressListener, stop: StopSignal, seed: int, seconds: float, _start: RosterPlan | None
    ) -> PlanningResult:
        error = failures.pop(0)
        if error is not None:
            raise error
        return rotating_planner(scenario, listener, stop, seed, seconds)

    worker = Worker(
        engine, Settings(worker_poll_seconds=0.02, progress_seconds=0.02), SystemClock(), moody, with_stored_requirement
    )
    thread = Thread(target=worker.serve)
    thread.start()
    try:
        for state in (RunState.FAILED, RunState.DONE):
            asked = request(engine, loaded, SystemClock())
            assert until(functools.partial(has_ended, engine, asked.id))
            assert run_view(engine, asked.id).state is state
    finally:
        worker.leave()
        thread.join(10)


PROCESS = """
import sys
from config import Settings
from scheduling.times import SystemClock
from services.execution import with_stored_requirement
from storage.database import open_engine
from tests.services.test_planning_runs import patient_planner
from worker import Worker, serve_until_signal
settings = Settings(worker_poll_seconds=0.05, progress_seconds=0.05)
serve_until_signal(Worker(open_engine(settings), settings, SystemClock(), patient_planner, with_stored_requirement))
"""


def start_process(engine: Engine) -> subprocess.Popen[bytes]:
    # Written out by hand, because libpq does not read the plus sign as a blank.
    address = f"postgresql://postgres@/{engine.url.database}?host={engine.url.query['host']}"
    return subprocess.Popen([sys.executable, "-c", PROCESS], cwd=ROOT, env={**os.environ, "DATABASE_URL": address})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_process_ends_gracefully(engine: Engine, loaded: PlanningInput, number: signal.Signals) -> None:
    asked = request(engine, loaded, SystemClock())
    process = start_process(engine)
    assert until(lambda: run_view(engine, asked.id).phase == "wait", 20)
    process.send_signal(number)
    assert process.wait(15) == 0
    assert run_view(engine, asked.id).state is RunState.QUEUED


def test_run_of_a_killed_worker_is_finished_by_another(engine: Engine, loaded: PlanningInput) -> None:
    clock = SystemClock()
    asked = request(engine, loaded, clock)
    process = start_process(engine)
    assert until(lambda: run_view(engine, asked.id).phase == "wait", 20)
    process.kill()
    process.wait(10)
    assert run_view(engine, asked.id).state is RunState.RUNNING
    time.sleep(0.3)
    assert recover_runs(engine, timeout_seconds=0.2, clock=clock) == (asked.id,)
    assert work_off(engine, clock) == asked.id
    assert run_view(engine, asked.id).state is RunState.DONE
    assert len(list_rosters(engine)) == 1
