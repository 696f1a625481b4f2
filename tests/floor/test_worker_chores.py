from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text

from config import Settings
from scheduling.errors import ConflictError
from scheduling.plan import RosterPlan
from scheduling.ports import ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock, SystemClock
from services.chores import CHORES, Chore, at_each_site, do_chore
from services.execution import with_stored_requirement
from services.loading import load_operation
from services.planning_runs import request_run
from tests.conftest import SteppedClock
from tests.published import published_site
from tests.stored import SITE, operation, rotating_planner
from worker import Worker

BRISK = Settings(worker_poll_seconds=0.02, progress_seconds=0.02)


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def running(worker: Worker) -> Thread:
    thread = Thread(target=worker.serve)
    thread.start()
    return thread


def test_a_chore_that_fails_leaves_the_others_alone_and_is_tried_again(engine: Engine) -> None:
    done: dict[str, int] = {"good": 0, "refused": 0, "broken": 0}

    def counted(name: str, error: Exception | None = None) -> Chore:
        def work(_engine: Engine, _clock: Clock) -> None:
            done[name] += 1
            if error is not None:
                raise error

        return Chore(name, 0.05, work)

    chores = [counted("broken", ZeroDivisionError("x")), counted("refused", ConflictError("no")), counted("good")]
    worker = Worker(engine, BRISK, SystemClock(), rotating_planner, with_stored_requirement, chores=chores, takes_runs=False)
    thread = running(worker)
    try:
        assert until(lambda: min(done.values()) >= 3), done
    finally:
        worker.leave()
        thread.join(10)
    assert not thread.is_alive()


def test_chores_go_on_during_a_long_run_and_a_slow_chore(engine: Engine) -> None:
    load_operation(engine, operation(), site=SITE, name="Pune 1", by="planner", clock=SystemClock())
    planning, release = Event(), Event()
    ticks = []

    def long_planner(
        scenario: Scenario, listener: ProgressListener, stop: StopSignal, seed: int, seconds: float, _start: RosterPlan | None
    ) -> PlanningResult:  # fmt: skip
        planning.set()
        release.wait(20)
        return rotating_planner(scenario, listener, stop, seed, seconds)

    chores = [
        Chore("slow", 0.05, lambda _engine, _clock: release.wait(20)),
        Chore("quick", 0.05, lambda _engine, _clock: ticks.append(time.monotonic())),
    ]
    worker = Worker(engine, BRISK, SystemClock(), long_planner, with_stored_requirement, chores=chores)
    first = operation().horizon.first_day
    request_run(engine, SITE, first, 1, seed=1, seconds=1.0, by="planner", clock=SystemClock())
    thread = running(worker)
    try:
        assert planning.wait(10)
        seen = len(ticks)
        assert until(lambda: len(ticks) >= seen + 5)
    finally:
        release.set()
        worker.leave()
        thread.join(10)


def test_a_worker_for_chores_leaves_runs_to_others(engine: Engine) -> None:
    load_operation(engine, operation(), site=SITE, name="Pune 1", by="planner", clock=SystemClock())
    request_run(engine, SITE, operation().horizon.first_day, 1, seed=1, seconds=1.0, by="planner", clock=SystemClock())
    ticks: list[int] = []
    chore = Chore("tick", 0.05, lambda _engine, _clock: ticks.append(1))
    worker = Worker(engine, BRISK, SystemClock(), rotating_planner, with_stored_requirement, chores=[chore], takes_runs=False)
    thread = running(worker)
    try:
        assert until(lambda: len(ticks) >= 5)
    finally:
        worker.leave()
        thread.join(10)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT state FROM planning_run")).scalar_one() == "queued"


def test_the_floor_is_opened_by_a_chore(engine: Engine, clock: SteppedClock) -> None:
    published_site(engine, clock)
    assert all(do_chore(chore, engine, clock) for chore in CHORES)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM desk")).scalar_one() == 20


def test_trouble_at_one_site_does_not_keep_the_others_waiting(engine: Engine, clock: SteppedClock) -> None:
    for code in ("A", "B", "C"):
        with engine.begin() as connection:
            made = (
                "INSERT INTO site (code, name, zone_name, interval_minutes, rules, rules_version) "
                "VALUES (:code, :code, 'UTC', 15, '{}', 1)"
            )
            connection.execute(text(made), {"code": code})
    done: list[int] = []

    def work(_engine: Engine, site_id: int, _clock: Clock) -> None:
        if not done:
            done.append(0)
            raise ConflictError("trouble")
        done.append(site_id)

    at_each_site(work)(engine, clock)
    assert len(done) == 3


@pytest.mark.parametrize("chore", CHORES, ids=lambda one: one.name)
def test_every_chore_may_be_done_without_any_site(engine: Engine, clock: SteppedClock, chore: Chore) -> None:
    assert do_chore(chore, engine, clock)
