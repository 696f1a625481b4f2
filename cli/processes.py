"""The processes of a running installation: started together, watched, and ended together."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import FrameType

import click

from cli.failures import CommandFailure

WEB_PROCESSES = 2
WEB_THREADS = 24
"""Threads of each web process; a page with live progress holds one for as long as it is open."""
LOOK_SECONDS = 0.2
START_SECONDS = 30.0
LEAVE_SECONDS = 20.0
GRACE_SECONDS = 2
QUIET = ("--log-level", "warning", "--graceful-timeout", str(GRACE_SECONDS), "--no-control-socket")
STREAMS = 20_000
"""Most pages that one live process serves."""
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


def address_of(host: str, port: int) -> str:
    """Return host and port as a server takes them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def live_command(host: str, port: int) -> list[str]:
    """Return the command line of the process that tells open pages of news, for thousands of pages in one process."""
    live = ["--bind", address_of(host, port), "--worker-class", "gevent", "--workers", "1", "--worker-connections", str(STREAMS)]
    return [sys.executable, "-m", "gunicorn", *live, "--backlog", str(STREAMS), *QUIET, "live:create_app()"]


def commands(host: str, port: int, live_port: int) -> dict[str, list[str]]:
    """Return the command line of each process by name."""
    address = address_of(host, port)
    web = ["--bind", address, "--worker-class", "gthread", "--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)]
    worker = [sys.executable, "-m", "flask", "--app", "app", "worker", "--only"]
    # A search for a roster computes for minutes; in the same process every chore of the floor would wait for it.
    return {
        "web application": [sys.executable, "-m", "gunicorn", *web, *QUIET, "app:create_app()"],
        "live process": live_command(host, live_port),
        "background worker": [*worker, "runs"],
        "floor worker": [*worker, "chores"],
    }


def serve_until_interrupted(host: str, port: int, live_port: int) -> None:
    """Run all processes until Ctrl-C, SIGTERM or the end of the terminal, then end all of them.

    Raises
    ------
    CommandFailure
        When one of them ended by itself.
    """
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    previous = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands(host, port, live_port).items():
            started[name] = start(command)
        if _is_listening(host, port, ending, started):
            click.echo(f"Serving on http://{host}:{port} - Ctrl-C ends.")
        while not ending.is_set() and not _ended(started):
            # A signal may come between the look and the sleep, so no sleep is long.
            time.sleep(LOOK_SECONDS)
        lost = _ended(started)
    finally:
        end_all(list(started.values()))
        for number, handler in previous.items():
            signal.signal(number, handler)
    if lost and not ending.is_set():
        name, status = lost[0]
        raise CommandFailure(f"Error: The {name} ended by itself with status {status}; everything was stopped.")
    click.echo("Stopped.")


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that Ctrl-C in the terminal does not reach, and that does not outlive this one where Linux allows."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def bind() -> None:
        if libc is not None:
            libc.prctl(DIE_WITH_PARENT, signal.SIGTERM)

    # The command is made of our own words and the settings.
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=bind)  # noqa: S603, PLW1509


def end_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to end, wait for them, and kill those that do not in time."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + LEAVE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ended(started: Mapping[str, subprocess.Popen[bytes]]) -> list[tuple[str, int]]:
    return [(name, process.returncode) for name, process in started.items() if process.poll() is not None]


def _is_listening(
    host: str, port: int, ending: threading.Event, started: Mapping[str, subprocess.Popen[bytes]]
) -> bool:  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not ending.is_set() and not _ended(started):
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(LOOK_SECONDS)
        else:
            return True
    return False
