"""The repair of breaks on the day, timed by size and by cause, as JSON lines.

Run ``python -m benchmarks.break_repair [--associates N ...] [--intervals M ...] [--seed N]``: puts N people on a floor whose
requirement their planned breaks just cover, lets something happen (people are absent, breaks run late, the volume surges, the
system is down, all at once), and prints a line for each with the seconds of the repair, what it moves and gains, the faults the
independent checker finds, and the milliseconds of an answer to a wished break.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter, process_time

import numpy as np

from breaks.ask import ask_break
from breaks.check_repair import check_repair
from breaks.floor import ActualBreak, Floor, OnShift
from breaks.floor_coverage import FloorCoverage
from breaks.pricer import PatternPricer
from breaks.repair import RepairParams, repair_breaks
from scheduling.cost import CoverageCost
from scheduling.shifts import DEFAULT_BREAK_POLICY

NOW_MINUTE = 12 * 60 + 30
STARTS = (300, 360, 480, 540, 600, 660, 720, 780)
QUEUES = 5

Cause = Callable[[Floor, np.random.Generator], Floor]


def planned_floor(associates: int, interval_minutes: int, seed: int) -> Floor:
    """Return a floor in which planned breaks leave two in a hundred heads more than are required."""
    rng = np.random.default_rng(seed)
    policy = DEFAULT_BREAK_POLICY
    pricer = PatternPricer(policy, 540)
    _, patterns = pricer.best_patterns(rng.random((len(policy.breaks), associates, 540 // policy.grid_minutes)))
    people = []
    for index, pattern in enumerate(patterns):
        starts = int(rng.choice(STARTS))
        skills = frozenset(rng.choice(QUEUES, size=int(rng.choice([1, 1, 2, 3])), replace=False).tolist())
        people.append(OnShift(index, starts, starts + 540, policy, pattern, skills, team=f"T{index % max(1, associates // 20)}"))
    empty = np.zeros((1440 // interval_minutes, QUEUES))
    floor = Floor(NOW_MINUTE, tuple(people), 0, interval_minutes, empty)
    heads = FloorCoverage(replace(floor, required=empty + associates / QUEUES), CoverageCost()).balance.heads
    required = empty.copy()
    first = NOW_MINUTE // interval_minutes
    required[first : first + len(heads)] = 0.98 * heads[: len(required) - first]
    return replace(floor, required=required, team_limits={person.team: 10 for person in people})


def absences(floor: Floor, rng: np.random.Generator) -> Floor:
    """Let one in twenty be absent."""
    away = rng.random(len(floor.people)) < 0.05
    return _with(floor, [replace(one, is_absent=bool(gone)) for one, gone in zip(floor.people, away, strict=True)])


def late_breaks(floor: Floor, rng: np.random.Generator) -> Floor:
    """Let the last break that began before now have run over by up to 12 minutes for one in four."""
    people = []
    for one in floor.people:
        begun = [place for place, start in enumerate(one.planned_starts) if start < floor.now_minute - 40]
        if begun and rng.random() < 0.25:
            place = begun[-1]
            start = one.planned_starts[place] + int(rng.integers(0, 8))
            end = start + one.policy.breaks[one.pattern[place].kind].minutes + int(rng.integers(0, 12))
            people.append(replace(one, actual=(ActualBreak(place, start, end),)))
        else:
            people.append(one)
    return _with(floor, people)


def surge(floor: Floor, rng: np.random.Generator) -> Floor:
    """Let one queue need a fifth more for two hours that begin in an hour and a half."""
    required, width = floor.required.copy(), floor.interval_minutes
    first = (floor.now_minute + 90) // width
    required[first : first + 120 // width, int(rng.integers(QUEUES))] *= 1.2
    return replace(floor, required=required)


def outage(floor: Floor, rng: np.random.Generator) -> Floor:
    """Let one in three have no system from now for an hour and a half."""
    down = rng.random(len(floor.people)) < 1 / 3
    minutes = (floor.now_minute, floor.now_minute + 90)
    return _with(floor, [replace(one, lost=(minutes,) if hit else ()) for one, hit in zip(floor.people, down, strict=True)])


def everything(floor: Floor, rng: np.random.Generator) -> Floor:
    """Let all of it happen at once."""
    return absences(surge(outage(late_breaks(floor, rng), rng), rng), rng)


def _with(floor: Floor, people: list[OnShift]) -> Floor:
    return replace(floor, people=tuple(people))


CAUSES: dict[str, Cause] = {
    "absences": absences,
    "late breaks": late_breaks,
    "surge": surge,
    "outage": outage,
    "everything": everything,
}


def measure(associates: int, interval_minutes: int, seed: int, cause: str, repeats: int = 3) -> dict[str, object]:
    """Repair one floor and return the figures; seconds are the best of some repeats, on the clock and of the processor."""
    floor = CAUSES[cause](planned_floor(associates, interval_minutes, seed), np.random.default_rng(seed + 1))
    params, seconds, cpu_seconds = RepairParams(), [], []
    for _ in range(repeats):
        began, cpu_began = perf_counter(), process_time()
        repair = repair_breaks(floor, params)
        seconds.append(perf_counter() - began)
        cpu_seconds.append(process_time() - cpu_began)
    effect = repair.effect
    return {
        "benchmark": "break_repair",
        "cause": cause,
        "associates": associates,
        "interval_minutes": interval_minutes,
        "seed": seed,
        "repair_seconds": round(min(seconds), 3),
        "repair_cpu_seconds": round(min(cpu_seconds), 3),
        "first_repair_cpu_seconds": round(cpu_seconds[0], 3),
        "moves": len(repair.moves),
        "associates_moved": len(repair.patterns),
        "cost_before": round(effect.cost_before, 1),
        "cost_after": round(effect.cost_after, 1),
        "short_minutes_before": round(float(effect.short_before.sum()) * interval_minutes, 1),
        "short_minutes_after": round(float(effect.short_after.sum()) * interval_minutes, 1),
        "unrepairable": len(repair.unrepairable),
        "check_faults": len(list(check_repair(floor, params, repair))),
        **_asked(floor),
    }


def _asked(floor: Floor) -> dict[str, object]:
    """Return milliseconds of preparing the floor for wishes, and median and most of the answers to some."""
    began = perf_counter()
    coverage = FloorCoverage(floor, CoverageCost())
    heads = coverage.balance.heads
    prepared, answers = perf_counter() - began, []
    for person in [one for one in floor.people if not one.is_absent][:40]:
        later = [place for place, start in enumerate(person.planned_starts) if start >= floor.now_minute + 60]
        if later:
            began, cpu_began = perf_counter(), process_time()
            ask_break(floor, person.associate_id, later[0], person.planned_starts[later[0]] + 35, coverage=coverage)
            answers.append((perf_counter() - began, process_time() - cpu_began))
    return {
        "ask_prepare_ms": round(1000 * prepared, 1) if heads.size else 0.0,
        **{
            f"ask_{name}ms": [round(1000 * float(figure(times)), 2) for figure in (np.median, np.max)]
            for name, times in zip(("", "cpu_"), np.array(answers).T, strict=True)
        },
    }


def main() -> int:
    """Print a JSON line for each size, interval and cause."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--associates", type=int, nargs="+", default=[240, 1000, 5000])
    parser.add_argument("--intervals", type=int, nargs="+", default=[15, 5])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for associates in options.associates:
        for interval in options.intervals:
            for cause in CAUSES:
                print(json.dumps(measure(associates, interval, options.seed, cause)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
