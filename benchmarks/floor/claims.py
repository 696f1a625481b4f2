"""Claims a second, by the number of waiting tasks and of claimers, beside what others reach on the same server."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import closing
from multiprocessing.synchronize import Barrier, Event
from typing import Any

from sqlalchemy import Engine

from benchmarks.floor import contenders
from benchmarks.floor.contenders import Contender, Share
from benchmarks.floor.server import address, connected, fresh_server, migrated, report
from benchmarks.floor.site import fill_queues, open_site, put_back

SIZES = (10_000, 100_000, 1_000_000)
CLAIMERS = (1, 8, 32)
USED_SHARE = 0.3
"""At most this share of the waiting tasks is claimed in one measurement."""
PROCESSES = multiprocessing.get_context("spawn")


def run(*, seconds: float, most: int) -> None:
    """Measure all sizes up to `most`, and print a line for each contender and number of claimers."""
    with fresh_server() as server, migrated(server) as engine:
        url = address(engine)
        contenders.make_known(url)
        open_site(engine)
        for size in (size for size in SIZES if size <= most):
            _measure_size(engine, size, seconds)


def _measure_size(engine: Engine, size: int, seconds: float) -> None:
    url = address(engine)
    fill_queues(engine, size)
    others: dict[str, tuple[Contender, Callable[[], None]]] = {
        "procrastinate": (contenders.procrastinate_fetch, lambda: contenders.fill_procrastinate(url, size)),
        "pgqueuer": (contenders.pgqueuer_dequeue, lambda: contenders.fill_pgqueuer(url, size)),
    }
    for _, fill in others.values():
        fill()
    for claimers in CLAIMERS:
        quota = int(USED_SHARE * size / claimers)
        floor = _rate(url, contenders.known_row, claimers, seconds, 10**9)
        _line(size, claimers, "known row", floor, floor)
        put_back(engine)
        _line(size, claimers, "claim", _rate(url, contenders.our_claim, claimers, seconds, quota), floor)
        for name, (contender, fill) in others.items():
            if size < SIZES[-1] and claimers > 1:
                fill()
            _line(size, claimers, name, _rate(url, contender, claimers, seconds, quota), floor)


def _line(size: int, claimers: int, what: str, rate: float, floor: float) -> None:
    report(
        benchmark="floor claims",
        waiting=size,
        claimers=claimers,
        what=what,
        per_second=round(rate),
        share_of_known_row=round(rate / floor, 3),
    )


def _rate(url: str, contender: Contender, claimers: int, seconds: float, most: int) -> float:
    """Return the claims a second of so many claimers together, each in a process of its own, while heads advance."""
    barrier, done, results = PROCESSES.Barrier(claimers), PROCESSES.Event(), PROCESSES.Queue()
    upkeep = PROCESSES.Process(target=_advance_heads, args=(url, done))
    upkeep.start()
    processes = [
        PROCESSES.Process(target=_claimer, args=(url, contender, Share(n, claimers, seconds, most), barrier, results))
        for n in range(claimers)
    ]
    for process in processes:
        process.start()
    rates = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    done.set()
    upkeep.join()
    return float(sum(rates))


def _claimer(url: str, contender: Contender, share: Share, barrier: Barrier, results: Any) -> None:
    results.put(contender(url, share, lambda: barrier.wait(timeout=120)))


def _advance_heads(url: str, done: Event) -> None:
    """Do what the worker of an installation does every second."""
    with closing(connected(url)) as connection:
        while not done.wait(1.0):
            connection.execute("SELECT advance_queue_heads()")
