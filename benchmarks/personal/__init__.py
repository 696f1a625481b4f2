"""Personal rosters on public instances, as JSON lines.

Run ``python -m benchmarks personal FILE.txt [--seconds S] [--workers N] [--seed N] [--out FILE] [--start FILE]
[--baseline cp-sat]``: reads an instance of the Curtois and Qu format (schedulingbenchmarks.org), and prints one line with the
objective, the proven bound, the gap between them as a part of the objective, the seconds taken, and the status that the
independent checker leaves: ``optimal``, ``feasible``, ``wrong`` or ``unknown``. Better rosters and bounds are told on the error
stream. The first Ctrl-C stops with the best roster so far, the second one ends all.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import CLOCK_BOOTTIME, clock_gettime, monotonic

from benchmarks.personal.baselines import BASELINES
from benchmarks.personal.instance import read_instance, read_roster, write_roster
from roster.personal.ready import ready
from roster.personal.solver import Answer, Progress, solve


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
    parser.add_argument("--start", type=Path, help="a roster as --out writes it, to begin with; it must be legal")
    parser.add_argument("--baseline", choices=sorted(BASELINES), help="solve with something simpler instead, to compare")
    asked = parser.parse_args()
    if asked.baseline and asked.start:
        parser.error("--baseline takes no --start: what is simpler begins with nothing")
    began = monotonic() - seconds_since_start()
    try:
        question = read_instance(asked.file)
        start = read_roster(question, asked.start) if asked.start else None
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not asked.baseline:
        ready()
    try:
        left = asked.seconds - (monotonic() - began)
        if asked.baseline:
            answer = BASELINES[asked.baseline](question, left, workers=asked.workers, seed=asked.seed)
        else:
            with watched() as progress:
                answer = solve(question, left, workers=asked.workers, seed=asked.seed, start=start, progress=progress)
    except ValueError as error:
        print(error, file=sys.stderr)
        answer = Answer(None, math.inf, -math.inf, monotonic() - began, ())
    if answer.lines is not None and asked.out:
        write_roster(question, answer.lines, asked.out)
    print(json.dumps(figures(question.title, answer)))
    return 0 if answer.status in {"optimal", "feasible"} else 1


@contextmanager
def watched() -> Iterator[Progress]:
    """Give what tells of better rosters on the error stream and stops a search at the first Ctrl-C; the second one ends all."""
    told, stopped = [(math.inf, -math.inf)], Event()

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("Stopping with the best roster so far.", file=sys.stderr, flush=True)

    def progress(objective: float, bound: float) -> bool:
        if (objective, bound) != told[-1]:
            told.append((objective, bound))
            print(f"objective {objective:.0f}, bound {bound:.0f}", file=sys.stderr, flush=True)
        return stopped.is_set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield progress
    finally:
        signal.signal(signal.SIGINT, before)


def seconds_since_start() -> float:
    """Return how long this process has run; loading its libraries belongs to the time that was given."""
    ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    return clock_gettime(CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def figures(instance: str, answer: Answer) -> dict[str, object]:
    """Return what is printed of an answer; what is not known is ``null``."""
    numbers = {"objective": answer.objective, "bound": answer.bound, "gap": answer.gap}
    known = {name: round(value, 6) if math.isfinite(value) else None for name, value in numbers.items()}
    return {"instance": instance, **known, "seconds": round(answer.seconds, 2), "status": answer.status}
