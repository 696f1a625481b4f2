"""Answer-and-next through the web application, at a steady rate of requests whatever the answers take."""

from __future__ import annotations

import multiprocessing
import threading
import time
from typing import Any

from benchmarks.floor.browsers import Client, free_port, open_sessions, start_application, wait_for_port
from benchmarks.floor.latency import milliseconds
from benchmarks.floor.server import fresh_server, migrated, report
from benchmarks.floor.site import fill_queues, open_site

PER_SECOND = 400
ASSOCIATES = 400
WARM_SECONDS = 3.0
MEASURED_SECONDS = 10.0
CONNECTIONS = 64
PROCESSES = multiprocessing.get_context("spawn")


def run(*, seconds: float, most: int) -> None:
    """Print one line with the latencies of `PER_SECOND` requests a second, each from when it was due to be sent."""
    with fresh_server() as server, migrated(server) as engine:
        open_site(engine, ASSOCIATES)
        fill_queues(engine, min(most, 100_000))
        tokens = open_sessions(engine, ASSOCIATES)
        port = free_port()
        application = start_application(engine, port)
        try:
            wait_for_port(port)
            results = PROCESSES.Queue()
            client = PROCESSES.Process(target=_load, args=(port, tokens, results))
            client.start()
            times, statuses = results.get(timeout=120)
            client.join()
        finally:
            application.terminate()
            application.wait()
        report(
            benchmark="floor http",
            request="answer and next",
            per_second=PER_SECOND,
            requests=len(times),
            statuses=statuses,
            milliseconds=milliseconds(times),
        )


def _load(port: int, tokens: list[str], results: Any) -> None:
    clients = [Client(port, token) for token in tokens[:CONNECTIONS]]
    for client in clients:
        client.step()
    times: list[float] = []
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    start = time.perf_counter() + 0.5
    total = int(PER_SECOND * (WARM_SECONDS + MEASURED_SECONDS))

    def browse(place: int) -> None:
        for number in range(place, total, CONNECTIONS):
            due = start + number / PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            status = clients[place].step()
            late = time.perf_counter() - due
            with lock:
                statuses[status] = statuses.get(status, 0) + 1
                if number >= PER_SECOND * WARM_SECONDS:
                    times.append(late)

    threads = [threading.Thread(target=browse, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((times, statuses))
