"""Web processes and the worker of the floor's chores are killed in the middle: whoever works goes on, and nothing is lost."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import Engine

from benchmarks.floor.browsers import Client, free_port, open_sessions, start_application, wait_for_port
from benchmarks.floor.server import address, connected
from tests.faults.balance import ASSOCIATES, assert_balanced

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = 6
CUT_OFF = (OSError, http.client.HTTPException, ValueError)
"""What a browser sees of a web process that dies under its request; half an answer is no JSON."""


SLOW_SWEEP = (
    "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$",
    "CREATE TRIGGER slow_sweep BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION slowly()",
)
"""So slow that a worker can be killed in the middle of a sweep."""


class Browsers:
    """Associates who answer over HTTP without end, connect again when they are cut off, and note what was acknowledged."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self.acknowledged: list[int] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(port, token)) for token in tokens]

    def _work(self, port: int, token: str) -> None:
        client = Client(port, token)
        while not self._over.is_set():
            answered = client.task["id"] if client.task else None
            try:
                if client.step() == 200 and answered is not None:
                    self.acknowledged.append(answered)
            except CUT_OFF:
                client.close()
                client = Client(port, token)
                time.sleep(0.05)
            else:
                time.sleep(0.005)
        client.close()

    def wait_for(self, count: int) -> None:
        """Wait until so many answers more are acknowledged."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + 60
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, "Nobody is answered any more."
            time.sleep(0.02)

    def __enter__(self) -> Browsers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def application(engine: Engine, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = start_application(engine, port)
    try:
        wait_for_port(port)
        yield process
    finally:
        for one in family(process.pid):
            one.kill()
        process.wait()


def family(process_id: int) -> list[psutil.Process]:
    """Return a process with its children; nothing when it is gone."""
    try:
        parent = psutil.Process(process_id)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def test_web_processes_killed_in_the_middle_lose_no_answer_and_take_none_twice(floor: Engine) -> None:
    tokens, port = open_sessions(floor, ASSOCIATES)[:BROWSERS], free_port()
    with Browsers(port, tokens) as browsers:
        with application(floor, port) as first:
            browsers.wait_for(100)
            for _ in range(3):
                # One of the two dies under its requests; the parent starts another in its place.
                family(first.pid)[1].kill()
                browsers.wait_for(40)
        # All of them died at once, the parent as well.
        with application(floor, port):
            browsers.wait_for(100)
    assert_balanced(floor, browsers.acknowledged)


def start_chores(engine: Engine) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": address(engine), "SECRET_KEY": "only for this test, but long"}
    command = [sys.executable, "-m", "flask", "--app", "app", "worker", "--only", "chores"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def leased(engine: Engine) -> int:
    with connected(address(engine)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM task WHERE state = 'leased'").fetchone() or (0,)
        return int(count)


def test_a_worker_killed_in_the_middle_of_its_chores_leaves_them_to_the_next(floor: Engine) -> None:
    with connected(address(floor)) as connection:
        # Everybody vanishes with an item in hand and one ahead, and every lease is over.
        for associate in range(1, ASSOCIATES + 1):
            connection.execute("SELECT * FROM next_work(%s::bigint, now())", (associate,))
        assert leased(floor) == 2 * ASSOCIATES
        connection.execute(
            "UPDATE task SET started_at = started_at - interval '1 hour', expires_at = now() - interval '1 minute' "
            "WHERE state = 'leased'"
        )
        for statement in SLOW_SWEEP:
            connection.execute(statement)
    worker = start_chores(floor)
    wait_until(lambda: is_sweeping(floor))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert leased(floor) == 2 * ASSOCIATES, "it died before a lease was swept for others to see"
    with connected(address(floor)) as connection:
        # The database goes on with what it was asked for, whoever died; here that is ended too.
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT sweep_leases%'")
        wait_until(lambda: not is_sweeping(floor))
        assert_balanced(floor, [])
        assert leased(floor) == 2 * ASSOCIATES
        connection.execute("DROP TRIGGER slow_sweep ON task")
    successor = start_chores(floor)
    try:
        wait_until(lambda: leased(floor) == 0)
    finally:
        successor.terminate()
        successor.wait()
    assert_balanced(floor, [])


def is_sweeping(engine: Engine) -> bool:
    with connected(address(engine)) as connection:
        active = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT sweep_leases%' AND state = 'active'"
        return connection.execute(active).fetchone() is not None


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "It did not happen within a minute."
        time.sleep(0.005)
