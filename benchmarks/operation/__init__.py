"""The planning of the sample operation, whole and timed, as JSON lines.

Run ``python -m benchmarks operation [--associates N ...] [--weeks W ...] [--seconds S] [--seed N] [--workers N]
[--executor local|dask] [--clock wall|processor] [--baseline cp-sat|pyworkforce]``: generates the sample, forecasts its
requirement, builds and checks the roster with break slots, and prints one line with objective, proven bound, gap, violations,
time on the clock and on the processors, and peak memory of this process and of the one beside it. With several numbers of
associates or weeks it prints a line for each pair, each measured in a process of its own; with ``--seconds 0`` the budget of a
line grows with its size (4.6 ms an associate and week, at least 20 s).

The clock of the budget begins when the solve does: dealing, checking and figures are inside, compiling machine code is not. On a
machine that others use too, ``--clock processor`` gives this process so many seconds of a processor in place of the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from time import monotonic, process_time

from benchmarks.operation.baselines import BASELINES, judged
from sample.operation import build_sample
from scheduling.result import PlanningResult
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from services.cluster import cluster_executor
from services.planning import plan, prepare
from services.ready import ready

SECONDS_A_WEEK, LEAST_SECONDS = 0.0046, 20.0
CLOCKS = {"wall": monotonic, "processor": process_time}


@dataclass(frozen=True)
class Question:
    """What is measured."""

    associates: int
    weeks: int
    seconds: float
    seed: int
    workers: int
    executor: str
    clock: str
    baseline: str


def measure(question: Question) -> dict[str, object]:
    """Plan the sample once and return the figures."""
    began = monotonic()
    scenario = prepare(build_sample(question.associates, question.weeks, question.seed))
    prepared = monotonic()
    if not question.baseline:
        ready(scenario)
    compiled, used = monotonic(), process_time()
    found = _planned(scenario, question)
    return {
        "benchmark": "operation",
        **asdict(question),
        "prepare_seconds": round(prepared - began, 2),
        "compile_seconds": round(compiled - prepared, 2),
        "plan_seconds": round(monotonic() - compiled, 2),
        "processor_seconds": [round(process_time() - used, 1), round(_seconds_of_children(), 1)],
        "load": [round(load, 1) for load in os.getloadavg()],
        **found,
        "peak_mib": [round(resource.getrusage(who).ru_maxrss / 1024) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)],
    }


def _planned(scenario: Scenario, question: Question) -> dict[str, object]:
    """Return the figures of the roster that the engine, or the baseline, finds."""
    if question.baseline:
        decide = BASELINES[question.baseline]
        return judged(scenario, decide(scenario, question.seconds, workers=question.workers, seed=question.seed), question.seed)
    with executor_named(question.executor) as executor:
        asked = question.seed, question.seconds, question.workers, executor
        return figures(plan(scenario, lambda _: None, lambda: False, *asked, clock=CLOCKS[question.clock]))


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def executor_named(name: str) -> Iterator[Executor | None]:
    """Lend a cluster of one worker on this machine for ``dask``; ``None``, the planner's own processes, for ``local``."""
    if name == "local":
        yield None
        return
    from distributed import LocalCluster  # noqa: PLC0415

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
        cluster_executor(cluster.scheduler_address) as executor,
    ):
        yield executor


def budget(associates: int, weeks: int, seconds: float) -> float:
    """Return the seconds of a line."""
    return seconds or max(LEAST_SECONDS, SECONDS_A_WEEK * associates * weeks)


def figures(result: PlanningResult) -> dict[str, object]:
    """Return what is worth knowing of a result: the gap, and what the objective is above the bound without hours worked."""
    severities = Counter(violation.severity for violation in result.violations)
    return {
        "status": result.status.value,
        "objective": round(result.objective, 2),
        "bound": round(result.bound, 2),
        "gap_percent": round(100 * result.gap, 3),
        "parts": {name: round(value, 2) for name, value in result.objective_parts.items()},
        "hard_violations": severities[Severity.BLOCKS_PUBLISHING],
        "hard_rules": dict(Counter(one.rule for one in result.violations if one.severity is Severity.BLOCKS_PUBLISHING)),
        "soft_violations": severities[Severity.NEEDS_A_REASON],
        **{name: round(result.kpis[name], 2) for name in ("required_hours", "short_hours", "over_hours")},
        "productive_minutes": [result.kpis["productive_minutes_min"], result.kpis["productive_minutes_max"]],
        "versions": dict(result.versions),
    }


def main() -> int:
    """Print one JSON line for each number of associates and weeks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--associates", type=int, nargs="+", default=[240])
    parser.add_argument("--weeks", type=int, nargs="+", default=[4])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--executor", choices=("local", "dask"), default="local")
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    parser.add_argument("--baseline", choices=["", *sorted(BASELINES)], default="", help="decide with something simpler instead")
    asked = parser.parse_args()
    sizes = list(product(asked.associates, asked.weeks))
    for associates, weeks in sizes:
        seconds = budget(associates, weeks, asked.seconds)
        how = asked.seed, asked.workers, asked.executor, asked.clock, asked.baseline
        question = Question(associates, weeks, seconds, *how)
        if len(sizes) == 1:
            print(json.dumps(measure(question)))
        else:
            print(_apart(question), flush=True)
    return 0


def _apart(question: Question) -> str:
    """Return the line of a question that a process of its own answers, so that its peak memory is its own."""
    words = [f"--{name}={value}" for name, value in asdict(question).items()]
    command = [sys.executable, "-m", "benchmarks", "operation", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
