"""Scenario folders solved and written as result folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from interchange import read_scenario, write_result
from roster.run import Seconds
from services.planning import plan, prepare

Solve = Callable[..., dict[str, Any]]


def solve_folder(
    folder: Path, target: Path, *, seconds: float = 0.6, seed: int = 1, workers: int = 1, clock: Seconds = monotonic
) -> dict[str, Any]:
    """Solve a scenario folder, write the result folder and return its report."""
    scenario = prepare(read_scenario(folder))
    write_result(target, scenario, plan(scenario, lambda _: None, lambda: False, seed, seconds, workers, clock=clock))
    report: dict[str, Any] = json.loads((target / "report.json").read_text())
    return report


@pytest.fixture
def solve() -> Solve:
    return solve_folder
