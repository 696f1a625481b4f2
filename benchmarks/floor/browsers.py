"""Associates' browsers as a load: sessions of their own, connections that are kept, and the web application they talk to."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

from sqlalchemy import Engine

from benchmarks.floor.server import address, connected

ACCOUNTS = """
INSERT INTO account (sign_in_name, display_name, role, associate_id, password_hash, must_change_password, is_active, created_at,
        password_changed_at)
    SELECT code, name, 'associate', id, 'none', false, true, now(), now() FROM associate ORDER BY id LIMIT %s
"""
SESSIONS = """
INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at)
    SELECT %s, id, now(), now(), now() + interval '8 hours' FROM account WHERE associate_id = %s
"""


def open_sessions(engine: Engine, count: int) -> list[str]:
    """Give the first associates an account and a session; return the tokens in the order of the associates."""
    with connected(address(engine)) as connection:
        connection.execute(ACCOUNTS, (count,))
        numbers = [row[0] for row in connection.execute("SELECT id FROM associate ORDER BY id LIMIT %s", (count,)).fetchall()]
        tokens = [f"ws_benchmark{number}" for number in numbers]
        for number, token in zip(numbers, tokens, strict=True):
            connection.execute(SESSIONS, (hashlib.sha256(token.encode()).digest(), number))
    return tokens


def start_application(engine: Engine, port: int, workers: int = 2) -> subprocess.Popen[bytes]:
    """Start gunicorn with the pages on a database, as an installation runs it; returns before it listens."""
    environment = {**os.environ, "DATABASE_URL": address(engine), "SECRET_KEY": "only for this measurement"}
    command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", str(workers)]
    arguments = [sys.executable, *command, "--threads", "24", "--log-level", "error", "app:create_app()"]
    return subprocess.Popen(arguments, env=environment)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_port(port: int) -> None:
    """Wait until somebody listens; RuntimeError after half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The web application does not listen.")


class Client:
    """One associate's browser: keeps its connection, and answers what it has in hand."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.task: dict[str, Any] | None = None

    def post(self, path: str, body: dict[str, Any]) -> int:
        """Send one request; keep the open task of its answer."""
        self._connection.request("POST", f"/api/v1/work/{path}", json.dumps(body), self._headers)
        response = self._connection.getresponse()
        document = json.loads(response.read())
        if response.status == 200:
            self.task = document["open"]
        elif response.status != 409:
            raise RuntimeError(f"{path} was answered with {response.status}: {document}")
        return response.status

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()

    def step(self) -> int:
        """Answer the open task, or ask for one when there is none."""
        if self.task is None:
            return self.post("next", {})
        given = {"verdict": "ok"}
        return self.post("answer", {"task_id": self.task["id"], "token": self.task["token"], "given": given, "and_next": True})
