"""Personal rosters on public instances, as JSON lines.

Run ``python -m benchmarks personal FILE.txt [--seconds S] [--workers N] [--seed N] [--out FILE] [--baseline cp-sat]``: reads an
instance of the Curtois and Qu format (schedulingbenchmarks.org), and prints one line with the objective, the proven bound, the
gap between them as a part of the objective, the seconds taken, and the status that the independent checker leaves: ``optimal``,
``feasible``, ``wrong`` or ``unknown``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path
from time import CLOCK_BOOTTIME, clock_gettime, monotonic

from benchmarks.personal.baselines import BASELINES
from benchmarks.personal.instance import read_instance, write_roster
from roster.personal.ready import ready
from roster.personal.solver import Answer, solve


def main() -> int:
    """Solve the instance and print its line; return 0 where there is a roster that the checker finds right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("file", type=Path, help="an instance of the Curtois and Qu format")
    parser.add_argument(
        "--seconds", type=float, default=600.0, help="wall time since the start of the process, reading and compiling included"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where to write the roster: a row an associate, a cell a day, - for off")
    parser.add_argument("--baseline", choices=sorted(BASELINES), help="solve with something simpler instead, to compare")
    asked = parser.parse_args()
    began = monotonic() - seconds_since_start()
    try:
        question = read_instance(asked.file)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    decide = BASELINES[asked.baseline] if asked.baseline else solve
    if not asked.baseline:
        ready()
    try:
        answer = decide(question, asked.seconds - (monotonic() - began), workers=asked.workers, seed=asked.seed)
    except ValueError as error:
        print(error, file=sys.stderr)
        answer = Answer(None, math.inf, -math.inf, monotonic() - began, ())
    if answer.lines is not None and asked.out:
        write_roster(question, answer.lines, asked.out)
    print(json.dumps(figures(question.title, answer)))
    return 0 if answer.status in {"optimal", "feasible"} else 1


def seconds_since_start() -> float:
    """Return how long this process has run; loading its libraries belongs to the time that was given."""
    ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    return clock_gettime(CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def figures(instance: str, answer: Answer) -> dict[str, object]:
    """Return what is printed of an answer; what is not known is ``null``."""
    numbers = {"objective": answer.objective, "bound": answer.bound, "gap": answer.gap}
    known = {name: round(value, 6) if math.isfinite(value) else None for name, value in numbers.items()}
    return {"instance": instance, **known, "seconds": round(answer.seconds, 2), "status": answer.status}
