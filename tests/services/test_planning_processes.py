"""What planning leaves behind: no process, no thread of its own, and a whole roster however early it is stopped."""

from __future__ import annotations

import subprocess
import sys
import time
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from roster.prove import climb_on
from scheduling.ports import Progress
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from services.planning import plan
from tests.builders import associate, scenario

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site() -> Scenario:
    return scenario(associates=[associate(f"A{number}") for number in range(6)], heads=1.5)


@pytest.fixture
def others() -> set[BaseProcess]:
    """Processes that are none of the plan's: those that an earlier test is just ending."""
    return set(active_children())


def test_processes_end_with_the_plan(site: Scenario, others: set[BaseProcess]) -> None:
    seen: list[int] = []
    plan(site, lambda _: seen.append(len(set(active_children()) - others)), lambda: False, 1, 2.0, workers=2)
    assert max(seen) == 1
    assert set(active_children()) <= others


def test_processes_end_when_the_listener_raises(site: Scenario, others: set[BaseProcess]) -> None:
    def listen(progress: Progress) -> None:
        if set(active_children()) - others:
            raise InterruptedError(progress.phase)

    with pytest.raises(InterruptedError):
        plan(site, listen, lambda: False, 1, 20.0, workers=2)
    assert set(active_children()) <= others


@pytest.mark.parametrize("workers", [1, 2])
def test_stopped_plan_is_whole_and_legal_and_soon_there(site: Scenario, others: set[BaseProcess], workers: int) -> None:
    asked = time.monotonic()
    result = plan(site, lambda _: None, lambda: True, 1, 600.0, workers)
    assert time.monotonic() - asked < 20
    assert not [one for one in result.violations if one.severity is Severity.BLOCKS_PUBLISHING]
    assert (result.breaks.assigned >= 0).sum() == (result.plan.values >= 0).sum() == 6 * 10
    assert set(active_children()) <= others


def test_what_other_processes_run_loads_no_web_framework_and_no_database() -> None:
    asked = f"import sys, {climb_on.__module__}; print(*({{'flask', 'sqlalchemy', 'psycopg', 'apscheduler'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
