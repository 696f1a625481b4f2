"""Tests of personal rosters give seconds to the search, not to compiling."""

from __future__ import annotations

import pytest

from roster.personal.ready import ready


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    ready()
