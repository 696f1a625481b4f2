"""Processes die in the middle of claims and answers: afterwards every task is somewhere, once, and no answer is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine

from benchmarks.floor.server import address, connected
from scheduling.errors import ConflictError, SchedulingError
from scheduling.times import SystemClock
from services import upkeep, work
from storage.clock import DatabaseClock
from storage.embedded import EmbeddedServer
from tests.conftest import SteppedClock
from tests.faults.balance import assert_balanced

ROOT = Path(__file__).resolve().parents[2]


def start_working(engine: Engine, first: int, count: int, out: Path) -> subprocess.Popen[bytes]:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(ROOT / "tests/faults/working.py"), url, str(first), str(count)]
    with out.open("ab") as file:
        return subprocess.Popen(command, stdout=file, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def acknowledged(*files: Path) -> list[int]:
    """Return the tasks whose answers were acknowledged; a line that was cut off by the death says nothing."""
    lines = [line for file in files for line in file.read_text().split("\n")[:-1]]
    return [int(line) for line in lines if line.isdigit()]


def wait_for(count: int, *files: Path) -> None:
    deadline = time.monotonic() + 60
    while len(acknowledged(*files)) < count:
        assert time.monotonic() < deadline, "The processes do not work."
        time.sleep(0.05)


def give_back_expired(engine: Engine) -> None:
    upkeep.sweep_leases(engine, clock=SteppedClock(datetime.now(UTC) + timedelta(hours=1)))


def test_processes_killed_in_the_middle_of_claims_and_answers_lose_nothing(floor: Engine, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(3)]
    processes = [start_working(floor, 1 + 10 * number, 10, file) for number, file in enumerate(files)]
    wait_for(300, *files)
    for process in processes:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_balanced(floor, acknowledged(*files))
    give_back_expired(floor)
    with connected(address(floor)) as connection:
        assert connection.execute("SELECT count(*) FROM task WHERE state = 'leased'").fetchone() == (0,)
    # Others take over where the dead stopped.
    before = len(acknowledged(*files))
    successor = start_working(floor, 31, 10, files[0])
    wait_for(before + 50, *files)
    successor.kill()
    successor.wait()
    assert_balanced(floor, acknowledged(*files))


def test_a_database_killed_in_the_middle_has_every_answer_that_was_acknowledged(
    floor: Engine, durable_server: EmbeddedServer, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(2)]
    processes = [start_working(floor, 1 + 10 * number, 10, file) for number, file in enumerate(files)]
    wait_for(200, *files)
    os.kill(int((durable_server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    time.sleep(0.5)
    floor.dispose()
    revived = EmbeddedServer(durable_server.folder).start()
    before = len(acknowledged(*files))
    wait_for(before + 50, *files)
    for process in processes:
        process.kill()
        process.wait()
    assert_balanced(floor, acknowledged(*files))
    floor.dispose()
    revived.leave()


def outcome_of(engine: Engine, associate: int, task: work.LeasedTask, together: threading.Barrier) -> str:
    together.wait()
    try:
        work.answer(engine, associate, task.task_id, task.token, {"verdict": "ok"}, clock=SystemClock())
    except ConflictError:
        return "refused"
    return "taken"


def test_of_two_answers_at_once_exactly_one_is_taken(floor: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        for associate in range(1, 11):
            task = work.next_work(floor, associate, clock=SystemClock()).open
            assert task is not None
            together = threading.Barrier(2)
            sent = [pool.submit(outcome_of, floor, associate, task, together) for _ in range(2)]
            assert sorted(one.result() for one in sent) == ["refused", "taken"]


def test_a_client_that_vanishes_gives_its_task_back_and_its_late_answer_changes_nothing(floor: Engine) -> None:
    clock = SteppedClock(datetime.now(UTC))
    task = work.next_work(floor, 1, clock=clock).open
    assert task is not None
    clock.advance((task.expires_at - clock.now()).total_seconds() + 1)
    upkeep.sweep_leases(floor, clock=clock)
    with pytest.raises(ConflictError):
        work.answer(floor, 1, task.task_id, task.token, {"verdict": "ok"}, clock=clock)
    assert_balanced(floor, [])
    with connected(address(floor)) as connection:
        state = connection.execute("SELECT state::text FROM task WHERE id = %s", (task.task_id,)).fetchone()
    assert state == ("waiting",)


def test_machines_whose_clocks_differ_by_minutes_agree_about_leases(floor: Engine) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=20), tick=True):
        behind = DatabaseClock(floor)
        task = work.next_work(floor, 1, clock=behind).open
        assert task is not None
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=20), tick=True):
        ahead = DatabaseClock(floor)
        upkeep.sweep_leases(floor, clock=ahead)
        work.answer(floor, 1, task.task_id, task.token, {"verdict": "ok"}, clock=ahead)
    assert_balanced(floor, [task.task_id])


def test_a_disk_that_is_full_refuses_in_words_and_leaves_everything_as_it_was(floor: Engine) -> None:
    clock = SystemClock()
    task = work.next_work(floor, 1, clock=clock).open
    assert task is not None
    with connected(address(floor)) as connection:
        connection.execute(
            "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON task EXECUTE FUNCTION disk_is_full()")
        with pytest.raises(SchedulingError, match="space"):
            work.answer(floor, 1, task.task_id, task.token, {"verdict": "ok"}, clock=clock)
        with pytest.raises(SchedulingError, match="space"):
            work.next_work(floor, 2, clock=clock)
        assert_balanced(floor, [])
        connection.execute("DROP TRIGGER full_disk ON task")
    work.answer(floor, 1, task.task_id, task.token, {"verdict": "ok"}, clock=clock)
    assert_balanced(floor, [task.task_id])
