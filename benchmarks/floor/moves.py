"""20,000 tasks moved while claims go on, and the undo."""

from __future__ import annotations

import multiprocessing
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from time import perf_counter, sleep
from typing import Any

from sqlalchemy import Engine

from benchmarks.floor.latency import milliseconds
from benchmarks.floor.server import address, connected, fresh_server, migrated, report
from benchmarks.floor.site import fill_queues, open_site
from scheduling.times import SystemClock
from services import reallocation
from services.moves import MoveJobs

WAITING = 200_000
MOVED = 20_000
CLAIMS_PER_SECOND = 200
PROCESSES = multiprocessing.get_context("spawn")


def run(*, seconds: float, most: int) -> None:
    """Print one line for claims without a move, one for claims beside it and one for its undo."""
    with fresh_server() as server, migrated(server) as engine:
        open_site(engine)
        fill_queues(engine, min(most, WAITING))
        with connected(address(engine)) as connection:
            site_id, first, second = _one(
                connection, "SELECT site_id, min(id), (array_agg(id ORDER BY id))[2] FROM queue GROUP BY site_id"
            )
        quiet = _beside(engine, lambda: sleep(seconds), offset=0)
        report(benchmark="floor moves", what="claims alone", claims_ms=milliseconds(quiet))
        clock, before = SystemClock(), _places(engine)
        outcome: dict[str, Any] = {}

        def move() -> None:
            began = perf_counter()
            outcome["action"] = reallocation.apply(
                engine, site_id, MoveJobs(first, second, MOVED), by="benchmark", why="measured", clock=clock
            )
            outcome["seconds"] = perf_counter() - began

        beside = _beside(engine, move, offset=4000)
        moved = sum(1 for task, queue in _places(engine).items() if before.get(task, queue) != queue)
        report(
            benchmark="floor moves",
            what="move",
            moved=moved,
            seconds=round(outcome["seconds"], 2),
            claims_ms=milliseconds(beside),
        )

        def undo() -> None:
            began = perf_counter()
            outcome["undone"] = reallocation.undo(engine, outcome["action"], by="benchmark", why="measured", clock=clock)
            outcome["seconds"] = perf_counter() - began

        beside = _beside(engine, undo, offset=8000)
        after = _places(engine)
        report(
            benchmark="floor moves",
            what="undo",
            returned=outcome["undone"].returned,
            in_another_queue_than_before=sum(before[task] != queue for task, queue in after.items()),
            seconds=round(outcome["seconds"], 2),
            claims_ms=milliseconds(beside),
        )


def _one(connection: Any, query: str) -> tuple[Any, ...]:
    return tuple(connection.execute(query).fetchone())


def _places(engine: Engine) -> dict[int, int]:
    """Return the queue of each waiting task."""
    with connected(address(engine)) as connection:
        return dict(connection.execute("SELECT id, queue_id FROM task WHERE state = 'waiting'").fetchall())


def _beside(engine: Engine, work: Any, *, offset: int) -> list[float]:
    """Do something while another process claims at a steady pace; return how long each claim took, in seconds."""
    done, results = PROCESSES.Event(), PROCESSES.Queue()
    claimer = PROCESSES.Process(target=_claim_steadily, args=(address(engine), done, results, offset))
    claimer.start()
    sleep(1.5)
    work()
    done.set()
    times: list[float] = results.get(timeout=60)
    claimer.join()
    return times


def _claim_steadily(url: str, done: Event, results: Any, offset: int) -> None:
    times: list[float] = []
    with closing(connected(url)) as connection:
        began = perf_counter()
        while not done.is_set() and len(times) < 3900:
            due = began + len(times) / CLAIMS_PER_SECOND
            sleep(max(0.0, due - perf_counter()))
            now = datetime.now(UTC)
            asked = perf_counter()
            connection.execute("SELECT * FROM claim_task(%s, %s, %s, false)", (offset + len(times) + 1, now, now)).fetchone()
            times.append(perf_counter() - asked)
    results.put(times[20:])
