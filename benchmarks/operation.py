"""The planning of the sample operation, whole and timed, as JSON lines.

Run ``python -m benchmarks.operation [--associates N] [--weeks W] [--seconds S] [--seed N] [--workers N]``: generates the
sample, forecasts its requirement, builds and checks the roster with break slots, and prints one line with objective, proven
bound, gap, violations, time and peak memory of this process and of the one beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from time import perf_counter

from sample.operation import build_sample
from scheduling.result import PlanningResult
from scheduling.rules import Severity
from services.planning import plan, prepare


@dataclass(frozen=True)
class Question:
    """What is measured."""

    associates: int
    weeks: int
    seconds: float
    seed: int
    workers: int


def measure(question: Question) -> dict[str, object]:
    """Plan the sample once and return the figures."""
    began = perf_counter()
    scenario = prepare(build_sample(question.associates, question.weeks, question.seed))
    prepared = perf_counter()
    result = plan(scenario, lambda _: None, lambda: False, question.seed, question.seconds, question.workers)
    return {
        "benchmark": "operation",
        **asdict(question),
        "prepare_seconds": round(prepared - began, 2),
        "plan_seconds": round(perf_counter() - prepared, 2),
        **figures(result),
    }


def figures(result: PlanningResult) -> dict[str, object]:
    """Return what is worth knowing of a result: the gap, and what the objective is above the bound without hours worked."""
    severities = Counter(violation.severity for violation in result.violations)
    kilobytes = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "status": result.status.value,
        "objective": round(result.objective, 2),
        "bound": round(result.bound, 2),
        "gap_percent": round(100 * result.gap, 3),
        "parts": {name: round(value, 2) for name, value in result.objective_parts.items()},
        "hard_violations": severities[Severity.BLOCKS_PUBLISHING],
        "soft_violations": severities[Severity.NEEDS_A_REASON],
        **{name: round(result.kpis[name], 2) for name in ("required_hours", "short_hours", "over_hours")},
        "productive_minutes": [result.kpis["productive_minutes_min"], result.kpis["productive_minutes_max"]],
        "peak_mib": [round(peak / 1024) for peak in kilobytes],
        "versions": dict(result.versions),
    }


def main() -> int:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--associates", type=int, default=240)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    print(json.dumps(measure(Question(**vars(parser.parse_args())))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
