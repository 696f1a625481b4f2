"""A small operation in the database for tests of its records."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from services import loading, reading
from tests.conftest import SteppedClock
from tests.stored import SITE, operation


@pytest.fixture
def site_id(engine: Engine, clock: SteppedClock) -> int:
    """The site of an operation of 20 associates."""
    loading.load_operation(engine, operation(20), site=SITE, name="Pune 1", by="asha", clock=clock)
    return reading.list_sites(engine)[0].id
