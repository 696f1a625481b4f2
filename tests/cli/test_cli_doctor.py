"""`flask doctor`: what is right, and what is wrong with what to do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cli import checks
from cli.checks import Verdict
from tests.cli.conftest import ROOT, Flasks, settings_at


def test_sound_installation(stored_flask: Flasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "is_free", lambda _host, _port: True)
    done = stored_flask("doctor")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "Everything is in order."


def test_database_that_is_away_is_a_problem(flask: Flasks) -> None:
    done = flask("doctor")
    assert done.exit_code == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Database")]
    assert "problem" in line
    assert "cannot be reached" in line
    assert "found; see above" in done.stderr


def test_schema_that_is_missing(empty_engine: Engine, tmp_path: Path) -> None:
    url = empty_engine.url.render_as_string(hide_password=False)
    reached, schema = checks.database_findings(empty_engine, settings_at(url, tmp_path))
    assert reached.verdict is Verdict.GOOD
    assert (schema.verdict, "flask db upgrade" in schema.words) == (Verdict.PROBLEM, True)


def test_python_that_is_too_old() -> None:
    assert checks.python_finding((3, 11, 0)).verdict is Verdict.GOOD
    assert checks.python_finding((3, 10, 14)).verdict is Verdict.PROBLEM


def test_pins_are_read_and_compared() -> None:
    pins = checks.pins_of((ROOT / "requirements.txt").read_text().splitlines())
    assert {"flask", "ortools", "sqlalchemy", "psycopg"} <= pins.keys()
    assert checks.packages_finding(pins).verdict is Verdict.GOOD
    found = checks.packages_finding({**pins, "flask": "0.1", "no-such-package": "1.0"})
    assert found.verdict is Verdict.PROBLEM
    assert f"flask is {pins['flask']}, not 0.1, no-such-package is missing" in found.words


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = checks.instance_finding(settings_at("postgresql://x", tmp_path / "file" / "below"))
    assert found.verdict is Verdict.PROBLEM
    assert "INSTANCE_DIR" in found.words


def test_time_zone_that_is_unknown() -> None:
    assert checks.zones_finding(["Asia/Kolkata", "UTC"]).verdict is Verdict.GOOD
    found = checks.zones_finding(["Asia/Atlantis", "UTC"])
    assert (found.verdict, "Asia/Atlantis" in found.words) == (Verdict.PROBLEM, True)


def test_port_of_another_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not checks.is_free("127.0.0.1", port)
    assert checks.port_finding("127.0.0.1", port).verdict is Verdict.GOOD
    assert checks.port_finding("192.0.2.1", port).verdict is Verdict.PROBLEM


def test_browser_is_not_needed() -> None:
    assert checks.browser_finding(lambda _name: None).verdict is Verdict.NOTE
    assert checks.browser_finding(lambda name: f"/bin/{name}").verdict is Verdict.GOOD
