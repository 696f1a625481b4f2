"""The commands on an application, and as real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine

from app import create_app
from config import Settings
from tests.conftest import SteppedClock

ROOT = Path(__file__).resolve().parents[2]
Flasks = Callable[..., Result]


def settings_at(url: str, instance_dir: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=SecretStr(url),
        instance_dir=instance_dir,
        secret_key=SecretStr("only for tests, but long"),
    )  # type: ignore[call-arg]


def runner_of(app: Flask) -> Flasks:
    runner = app.test_cli_runner()

    def run(*words: object) -> Result:
        return runner.invoke(args=[str(word) for word in words])

    return run


@pytest.fixture
def flask(tmp_path: Path) -> Iterator[Flasks]:
    """Commands of an installation whose database cannot be reached: those that need none must not notice."""
    app = create_app(settings_at("postgresql://nobody@127.0.0.1:1/none", tmp_path / "instance"))
    yield runner_of(app)
    app.extensions["engine"].dispose()


@pytest.fixture
def stored_flask(engine: Engine, clock: SteppedClock, tmp_path: Path) -> Flasks:
    """Commands of an installation on a migrated database."""
    app = create_app(settings_at(engine.url.render_as_string(hide_password=False), tmp_path / "instance"))
    app.extensions.update(engine=engine, clock=clock)
    return runner_of(app)


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a process that shares nothing with an installation in this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "PYTHONWARNINGS"))}
    return {**kept, "INSTANCE_DIR": str(tmp_path / "instance"), **changes}


def start_flask(tmp_path: Path, *words: object, **changes: str) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *map(str, words)],
        cwd=ROOT,
        env=environment(tmp_path, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
