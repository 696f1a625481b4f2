from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from storage.embedded import EmbeddedServer

ROOT = Path(__file__).parents[2]

USER = """
import signal, sys, time
from pathlib import Path
from storage.embedded import EmbeddedServer
# A shell that runs tests in the background hands down that interrupts are ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
server = EmbeddedServer(Path(sys.argv[1])).start()
server.create_database("shared")
print("ready", flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(0)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="workforce embedded ") as name:
        yield Path(name)


@pytest.fixture
def new_user(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a process that uses the server of the folder, and waits until it has it."""
    users: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USER, str(folder)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
        users.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in users:
        if process.poll() is None:
            end(process, signal.SIGKILL)
        if process.stdout is not None:
            process.stdout.close()


def connected(server: EmbeddedServer, database: str) -> psycopg.Connection[tuple[object, ...]]:
    url = server.url(database)
    return psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=database)


def answers(server: EmbeddedServer) -> bool:
    try:
        with connected(server, "postgres"):
            return True
    except psycopg.OperationalError:
        return False


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def end(process: subprocess.Popen[str], number: int) -> None:
    os.killpg(process.pid, number)
    process.wait(10)


def test_server_outlives_the_one_who_started_it_and_ends_with_the_last(
    folder: Path, new_user: Callable[[], subprocess.Popen[str]]
) -> None:
    # The folder has a blank in its name, which must not reach a shell unquoted.
    first, second = new_user(), new_user()
    server = EmbeddedServer(folder)
    number = postmaster(server)
    # A whole process group is interrupted, as Ctrl-C in a terminal does.
    end(first, signal.SIGINT)
    assert answers(server)
    assert postmaster(server) == number
    end(second, signal.SIGTERM)
    assert eventually(lambda: not (server.data / "postmaster.pid").exists())


def test_server_left_by_a_killed_process_is_joined_and_then_stopped(
    folder: Path, new_user: Callable[[], subprocess.Popen[str]]
) -> None:
    killed = new_user()
    end(killed, signal.SIGKILL)
    server = EmbeddedServer(folder)
    number = postmaster(server)
    server.start()
    assert postmaster(server) == number
    server.leave()
    assert not answers(server)


def test_killed_server_recovers_with_what_was_committed(folder: Path) -> None:
    server = EmbeddedServer(folder).start()
    server.create_database("kept")
    with connected(server, "kept") as connection:
        connection.execute("CREATE TABLE t AS SELECT 42 AS answer")
    process = psutil.Process(postmaster(server))
    process.kill()
    assert eventually(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    server.leave()
    again = EmbeddedServer(folder).start()
    with connected(server, "kept") as connection:
        row = connection.execute("SELECT answer FROM t").fetchone()
    assert row == (42,)
    again.leave()


def test_lock_file_with_the_number_of_another_program_is_removed(folder: Path) -> None:
    server = EmbeddedServer(folder).start()
    server.leave()
    # After a restart of the machine the number of the dead server may well be ours.
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n{server.data}\n\n  1 1\nready\n")
    again = EmbeddedServer(folder).start()
    assert answers(again)
    assert postmaster(again) != os.getpid()
    again.leave()


def test_half_made_data_folder_is_made_anew(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(folder).start()
    assert answers(server)
    server.leave()


def test_deep_folder_gets_a_socket_elsewhere(folder: Path) -> None:
    server = EmbeddedServer(folder / ("deep" * 30)).start()
    assert answers(server)
    server.leave()


def test_child_process_does_not_stop_the_server_of_its_parent(folder: Path) -> None:
    server = EmbeddedServer(folder).start()
    child = os.fork()
    if child == 0:
        server.leave()
        os._exit(0)
    os.waitpid(child, 0)
    assert answers(server)
    server.leave()
    assert not answers(server)
