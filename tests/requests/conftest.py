"""Fixtures of tests about what associates ask for."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.conftest import SteppedClock
from tests.requests.asking_site import NOW, AskingSite, asking_site


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def asking(engine: Engine, clock: SteppedClock) -> AskingSite:
    return asking_site(engine, clock)
