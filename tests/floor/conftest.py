"""A floor and the application that shows it, for tests that build neither themselves."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.conftest import SteppedClock
from tests.floor.floor_site import FloorSite, make_floor
from tests.web.served import make_app


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> FloorSite:
    return make_floor(engine, clock)


@pytest.fixture
def app(floor: FloorSite, clock: SteppedClock) -> Flask:
    return make_app(floor.engine, clock)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
