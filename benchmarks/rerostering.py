"""Re-rostering: a resignation, three who are ill, a queue that grows by a fifth, mended with the least change."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from roster.amend import changed_days
from sample import build_sample
from scheduling.people import Leave
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from services.amending import amend
from services.planning import plan, prepare

FREE_FROM_DAY = 7
"""The first week is within the notice."""
GROWTH = 1.2


def events(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Yield what happens, and the scenario that holds then."""
    people, dates = scenario.associates, scenario.horizon.dates
    gone = replace(people[20], contract_end=dates[8])
    yield "resignation", replace(scenario, associates=(*people[:20], gone, *people[21:]))
    ill = tuple(Leave(one.code, dates[8], dates[12]) for one in people[10:13])
    codes = {one.associate for one in ill}
    kept = tuple(one for one in scenario.leave if one.associate not in codes)
    locks = tuple(one for one in scenario.locks if one.associate not in codes)
    yield "three ill", replace(scenario, leave=(*kept, *ill), locks=locks)
    factor = np.where(np.arange(len(scenario.requirement.skills)) == 0, GROWTH, 1.0)
    heads = scenario.requirement.heads * factor
    yield "first skill +20 %", replace(scenario, requirement=replace(scenario.requirement, heads=heads))


def measured(name: str, scenario: Scenario, standing: PlanningResult, seconds: float, seed: int) -> dict[str, object]:
    """Return the figures of one repair."""
    free = np.zeros(standing.plan.values.shape, dtype=bool)
    free[:, FREE_FROM_DAY:] = True
    wall, processor = time.perf_counter(), time.process_time()
    found = amend(scenario, standing.plan, standing.breaks, free, lambda _: None, lambda: False, seed, seconds)
    return {
        "event": name,
        "seconds": round(time.perf_counter() - wall, 2),
        "processor_seconds": round(time.process_time() - processor, 2),
        "changed_days": changed_days(standing.plan, found.after.plan.values),
        "short_hours_before": round(found.before.kpis["short_hours"], 1),
        "short_hours_after": round(found.after.kpis["short_hours"], 1),
        "cost_before": round(float(found.before.objective), 1),
        "cost_after": round(float(found.after.objective), 1),
    }


def main() -> None:
    """Print one JSON line an event."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--associates", type=int, default=240)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--build-seconds", type=float, default=60, help="for the roster that is to be repaired")
    parser.add_argument("--seconds", type=float, default=60, help="for each repair, at most")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    scenario = prepare(build_sample(given.associates, given.weeks, seed=given.seed))
    standing = plan(scenario, lambda _: None, lambda: False, given.seed, given.build_seconds)
    for name, now in events(scenario):
        print(json.dumps(measured(name, now, standing, given.seconds, given.seed)), flush=True)
