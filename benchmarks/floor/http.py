"""Answer-and-next through the web application, at a steady rate of requests whatever the answers take."""

from __future__ import annotations

import hashlib
import http.client
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import Any

from benchmarks.floor.latency import milliseconds
from benchmarks.floor.server import address, connected, fresh_server, migrated, report
from benchmarks.floor.site import fill_queues, open_site

PER_SECOND = 400
ASSOCIATES = 400
WARM_SECONDS = 3.0
MEASURED_SECONDS = 10.0
CONNECTIONS = 64
PROCESSES = multiprocessing.get_context("spawn")

ACCOUNTS = """
INSERT INTO account (sign_in_name, display_name, role, associate_id, password_hash, must_change_password, is_active, created_at,
        password_changed_at)
    SELECT code, name, 'associate', id, 'none', false, true, now(), now() FROM associate ORDER BY id LIMIT %s
"""
SESSIONS = """
INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at)
    SELECT %s, id, now(), now(), now() + interval '8 hours' FROM account WHERE associate_id = %s
"""


def run(*, seconds: float, most: int) -> None:
    """Print one line with the latencies of `PER_SECOND` requests a second, each from when it was due to be sent."""
    with fresh_server() as server, migrated(server) as engine:
        open_site(engine, ASSOCIATES)
        fill_queues(engine, min(most, 100_000))
        with connected(address(engine)) as connection:
            connection.execute(ACCOUNTS, (ASSOCIATES,))
            numbers = [row[0] for row in connection.execute("SELECT id FROM associate ORDER BY id").fetchall()]
            tokens = [f"ws_benchmark{number}" for number in numbers]
            for number, token in zip(numbers, tokens, strict=True):
                connection.execute(SESSIONS, (hashlib.sha256(token.encode()).digest(), number))
        port = _free_port()
        environment = {**os.environ, "DATABASE_URL": address(engine), "SECRET_KEY": "only for this measurement"}
        command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2", "--threads"]
        arguments = [sys.executable, *command, "24", "--log-level", "error", "app:create_app()"]
        application = subprocess.Popen(arguments, env=environment)
        try:
            _wait_for(port)
            results = PROCESSES.Queue()
            client = PROCESSES.Process(target=_load, args=(port, tokens, results))
            client.start()
            times, statuses = results.get(timeout=120)
            client.join()
        finally:
            application.terminate()
            application.wait()
        report(
            benchmark="floor http",
            request="answer and next",
            per_second=PER_SECOND,
            requests=len(times),
            statuses=statuses,
            milliseconds=milliseconds(times),
        )


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The web application does not listen.")


class _Client:
    """One associate's browser: keeps its connection, and answers what it has in hand."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._task: dict[str, Any] | None = None

    def post(self, path: str, body: dict[str, Any]) -> int:
        """Send one request; keep the open task of its answer."""
        self._connection.request("POST", f"/api/v1/work/{path}", json.dumps(body), self._headers)
        response = self._connection.getresponse()
        document = json.loads(response.read())
        if response.status == 200:
            self._task = document["open"]
        elif response.status != 409:
            raise RuntimeError(f"{path} was answered with {response.status}: {document}")
        return response.status

    def step(self) -> int:
        """Answer the open task, or ask for one when there is none."""
        if self._task is None:
            return self.post("next", {})
        given = {"verdict": "ok"}
        return self.post("answer", {"task_id": self._task["id"], "token": self._task["token"], "given": given, "and_next": True})


def _load(port: int, tokens: list[str], results: Any) -> None:
    clients = [_Client(port, token) for token in tokens[:CONNECTIONS]]
    for client in clients:
        client.step()
    times: list[float] = []
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    start = time.perf_counter() + 0.5
    total = int(PER_SECOND * (WARM_SECONDS + MEASURED_SECONDS))

    def browse(place: int) -> None:
        for number in range(place, total, CONNECTIONS):
            due = start + number / PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            status = clients[place].step()
            late = time.perf_counter() - due
            with lock:
                statuses[status] = statuses.get(status, 0) + 1
                if number >= PER_SECOND * WARM_SECONDS:
                    times.append(late)

    threads = [threading.Thread(target=browse, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((times, statuses))
