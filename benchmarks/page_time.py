"""Server time of the roster pages on a real database; prints one JSON line for each page.

Run as ``python -m benchmarks.page_time [--associates 240] [--weeks 4] [--repeats 15] [--past 13]``. The roster is drawn by
rotation, with a pattern of breaks for nearly every shift, because the pages cost the same whoever decides it. With `--past`, so
many rosters before it are published, the same days moved: with 13 of four weeks the figures look back on a full year.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import numpy as np
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine, select, text

from app import create_app
from breaks.placement import PlacementParams, place_breaks
from config import Settings
from sample import build_sample, plain_requirement
from scheduling.coverage import coverage_of
from scheduling.people import WorkMode
from scheduling.plan import HOME, LEAVE, NONE, NOWHERE, OFF, OFFICE, RosterPlan
from scheduling.result import PlanningResult, Status
from scheduling.scenario import Scenario
from scheduling.times import SystemClock
from services import drafting, loading
from storage import migrate
from storage.packed_rosters import pack_stale
from storage.tables import roster
from tests.web.served import sign_in

SITE = "bench"
PAGES = (
    "",
    "/grid.json",
    "/board",
    "/board.json",
    "/board/findings.json",
    "/board/coverage.json",
    "/breaks",
    "/coverage",
    "/figures",
    "/violations",
    "/publish",
    "/associates/{code}",
)
PAST = (
    "INSERT INTO roster_associate SELECT :copy, associate_id, position FROM roster_associate WHERE roster_id = :of",
    "INSERT INTO assignment SELECT :copy, associate_id, day - 7 * weeks * :number, a.kind, shift_type_id, break_pattern_id, "
    "span_minutes, place FROM assignment a JOIN roster r ON r.id = roster_id WHERE roster_id = :of",
    "INSERT INTO published_day SELECT site_id, first_day + n, id FROM roster, generate_series(0, 7 * weeks - 1) AS n "
    "WHERE id = :copy",
)
LIMIT_MS = {"": 100.0}
"""The target of the design, in milliseconds: the page of 240 x 28."""


def rotation(scenario: Scenario) -> RosterPlan:
    """Return five days on and two off in one timing each, leave and contracts kept."""
    shape = (len(scenario.associates), scenario.horizon.day_count)
    values, places = np.full(shape, OFF, dtype=np.int16), np.full(shape, NOWHERE, dtype=np.int8)
    away = {one.code: [leave for leave in scenario.leave if leave.associate == one.code] for one in scenario.associates}
    for row, one in enumerate(scenario.associates):
        for day, when in enumerate(scenario.horizon.dates):
            if not one.contract_start <= when <= one.contract_end:
                values[row, day] = NONE
            elif any(leave.first_day <= when <= leave.last_day for leave in away[one.code]):
                values[row, day] = LEAVE
            elif (day + row) % 7 < 5:
                values[row, day] = scenario.shift_index.get(one.timing or "", row % len(scenario.shift_types))
                places[row, day] = HOME if one.work_mode is WorkMode.HOME else OFFICE
    return RosterPlan(values, places)


def drawn(scenario: Scenario) -> PlanningResult:
    """Return the rotation with real breaks as the result of a planning run."""
    plan = rotation(scenario)
    placed = place_breaks(scenario, plan, seed=1, params=PlacementParams(max_sweeps=1))
    return PlanningResult(
        status=Status.FEASIBLE,
        plan=plan,
        breaks=placed.breaks,
        coverage=coverage_of(scenario, plan, placed.breaks),
        objective=placed.cost_after,
        bound=0.0,
        wall_seconds=0.0,
        seed=1,
        versions={},
    )


def publish_past(engine: Engine, roster_id: int, count: int) -> None:
    """Put copies of a roster in force before it, one after the other."""
    with engine.begin() as connection:
        given = connection.execute(select(roster).where(roster.c.id == roster_id)).one()._mapping
        published = {"state": "published", "published_at": given["created_at"], "published_by": "benchmark"}
        values = {**{name: value for name, value in given.items() if name != "id"}, **published}
        for number in range(1, count + 1):
            moved = {**values, "first_day": values["first_day"] - timedelta(weeks=values["weeks"] * number)}
            copied = connection.execute(roster.insert().values(moved).returning(roster.c.id)).scalar_one()
            for statement in PAST:
                connection.execute(text(statement), {"of": roster_id, "copy": copied, "number": number})
        pack_stale(connection)
        connection.execute(text("ANALYZE"))


def measure(client: FlaskClient, address: str, repeats: int) -> tuple[list[float], list[float], int]:
    """Return the time of each request by the clock and of the processor in milliseconds, and the size of the answer in bytes.

    One request before them warms up. The time of the processor is that of this process alone, without the database.
    """
    size, times, processor = len(client.get(address).data), [], []
    for _ in range(repeats):
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(address)
        times.append(1000.0 * (time.perf_counter() - began))
        processor.append(1000.0 * (time.process_time() - worked))
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}.")
    return times, processor, size


def main() -> None:
    """Draw a roster, ask for each page, and print how long the server took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--associates", type=int, default=240)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--past", type=int, default=0)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        settings = Settings(
            database_url=None, instance_dir=Path(folder) / "instance", secret_key=SecretStr("only for a benchmark")
        )
        app = create_app(settings)
        engine, clock = app.extensions["engine"], SystemClock()
        migrate.upgrade(engine)
        operation = build_sample(asked.associates, asked.weeks, seed=1, start=date(2027, 1, 4))
        loading.load_operation(engine, operation, site=SITE, name="Benchmark", by="benchmark", clock=clock)
        scenario = operation.scenario(plain_requirement(operation))
        head = drafting.save_draft(engine, SITE, scenario, drawn(scenario), by="benchmark", clock=clock)
        publish_past(engine, head.id, asked.past)
        client = sign_in(app.test_client())
        for page in PAGES:
            address = f"/rosters/{head.id}{page.format(code=scenario.associates[0].code)}"
            times, processor, size = measure(client, address, asked.repeats)
            line = {"benchmark": "page_time", "page": page or "grid", "associates": asked.associates, "days": 7 * asked.weeks}
            line |= {
                "median_ms": round(median(times), 1),
                "processor_median_ms": round(median(processor), 1),
                "p90_ms": round(quantiles(times, n=10)[-1], 1),
                "kilobytes": size // 1024,
            }
            print(json.dumps(line | ({"target_ms": LIMIT_MS[page]} if page in LIMIT_MS else {})), flush=True)
        engine.dispose()


if __name__ == "__main__":
    main()
