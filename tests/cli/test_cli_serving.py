"""`flask serve`: everything starts, works together, and ends together."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine

from services import loading, planning_runs, reading
from services.reading import RunState
from tests import stored
from tests.builders import MONDAY
from tests.cli.conftest import start_flask
from tests.conftest import SteppedClock

SITE = "ELSE1"
"""Not the sample's site, so no roster is built unasked."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> Engine:
    loading.load_operation(engine, stored.operation(), site=SITE, name="Elsewhere", by="asha", clock=clock)
    return engine


def serve(tmp_path: Path, engine: Engine, port: int) -> subprocess.Popen[str]:
    return start_flask(
        tmp_path, "serve", PORT=str(port), DATABASE_URL=engine.url.render_as_string(hide_password=False), SOLVE_WORKERS="1"
    )


def test_serves_plans_and_ends_without_leaving_anything(floor: Engine, tmp_path: Path, clock: SteppedClock) -> None:
    port = free_port()
    process = serve(tmp_path, floor, port)
    try:
        wait_for(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 3

        second = serve(tmp_path, floor, port)
        _, told = second.communicate(timeout=30)
        assert second.returncode == 1
        assert told.startswith(f"Error: Port {port} of 127.0.0.1 is in use")
        assert len(told.splitlines()) == 1

        run = planning_runs.request_run(floor, SITE, MONDAY, 1, seed=1, seconds=1, by="asha", clock=clock)
        wait_for(lambda: not reading.run_view(floor, run.id).is_active)
        assert reading.run_view(floor, run.id).state is RunState.DONE, reading.run_view(floor, run.id).message

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert f"Serving on http://127.0.0.1:{port}" in out
    assert "Traceback" not in out + err
    psutil.wait_procs(family, timeout=5)
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []


def test_lost_process_ends_the_rest_with_one_line(floor: Engine, tmp_path: Path) -> None:
    port = free_port()
    process = serve(tmp_path, floor, port)
    try:
        wait_for(lambda: answers(port) or process.poll() is not None)
        family = psutil.Process(process.pid).children(recursive=True)
        (worker,) = [one for one in family if one.cmdline()[-3:] == ["worker", "--only", "runs"]]
        worker.kill()
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 1
    assert err.splitlines()[-1] == "Error: The background worker ended by itself with status -9; everything was stopped."
    psutil.wait_procs(family, timeout=5)
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)


def test_first_use_prepares_everything_and_the_second_changes_nothing(
    empty_engine: Engine, tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an empty database to a published roster, with the sample at its smallest so that it takes seconds."""
    from app import create_app
    from cli import first_run
    from cli.sample import sample_start
    from tests.cli.conftest import settings_at

    monkeypatch.setattr(first_run, "ASSOCIATES", 20)
    monkeypatch.setattr(first_run, "WEEKS", 1)
    url = empty_engine.url.render_as_string(hide_password=False)
    settings = settings_at(url, tmp_path / "instance").model_copy(update={"solve_seconds": 2.0, "solve_workers": 1})
    app = create_app(settings)
    app.extensions.update(engine=empty_engine, clock=clock)
    with app.app_context():
        first_run.prepare_installation()
        (roster,) = reading.list_rosters(empty_engine)
        assert roster.first_day == sample_start()
        assert (roster.published_at is not None) == (roster.blocking_count == 0)
        trail = [entry.action for entry in reading.roster_audit(empty_engine, roster.id)]
        first_run.prepare_installation()
        assert reading.list_rosters(empty_engine) == (roster,)
        assert [entry.action for entry in reading.roster_audit(empty_engine, roster.id)] == trail
