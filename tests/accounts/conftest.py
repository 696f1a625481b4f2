"""The application on a database of the test's own, and a small operation in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from services import loading
from services.passwords import Passwords
from tests import stored
from tests.conftest import SteppedClock
from tests.web.served import NOW, make_app


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def passwords() -> Passwords:
    """Hashes as they are, only cheap ones."""
    return Passwords(8, 1)


@pytest.fixture
def app(engine: Engine, clock: SteppedClock, tmp_path: Path) -> Flask:
    app = make_app(engine, clock)
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"instance_dir": tmp_path})
    return app


@pytest.fixture
def operation(engine: Engine, clock: SteppedClock) -> None:
    loading.load_operation(engine, stored.operation(20), site=stored.SITE, name="Pune audit floor", by="asha", clock=clock)
