"""Live streams: memory of the live process and the time from a new version to every page, with thousands of streams.

The clients are raw sockets in another process, so that what
they cost is not counted. Deliveries are measured twice: with viewers spread over sites, each site told at a time of its own,
and with everybody watching one site, where all are told at once and the last one waits for all before.
"""

from __future__ import annotations

import os
import resource
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import psutil
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine, text

from benchmarks.floor.server import fresh_server, migrated, report
from cli.processes import live_command
from services import sessions
from services.sessions import token_hash

KEY = "a key for this measurement only"
STREAM_BYTES = 65_536
STREAMS = 5_000
SITES = 50
"""Over so many sites the viewers are spread in the first part."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def raise_limit(files: int) -> None:
    """Allow so many open files, as far as the machine lets us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, most), most))


def signed_in(engine: Engine) -> str:
    """Return the cookie of a planner who is signed in."""
    now = datetime.now(UTC)
    token = sessions.new_token(sessions.SESSION_PREFIX)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO account (sign_in_name, display_name, role, password_hash, created_at, password_changed_at) "
                "VALUES ('planner', 'Planner', 'planner', 'unusable', :now, :now)"
            ),
            {"now": now},
        )
        connection.execute(
            text("INSERT INTO session SELECT :hash, id, :now, :now, :end FROM account"),
            {"hash": token_hash(token), "now": now, "end": now + timedelta(hours=1)},
        )
    signer = URLSafeTimedSerializer(KEY, salt="cookie-session", signer_kwargs={"key_derivation": "hmac", "digest_method": sha1})
    return str(signer.dumps({"token": token}))


def clients(port: int, cookie: str, streams: int, sites: int, told: Pipe) -> None:
    """Open streams and report when each version came: (site, version, seconds of the clock) for each stream."""
    raise_limit(streams + 200)
    poll, site_of, rest = select.epoll(), {}, {}
    opened = []
    for number in range(streams):
        site = 1 + number % sites
        made = socket.create_connection(("127.0.0.1", port))
        made.sendall(
            f"GET /floor/events?site={site} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: session={cookie}\r\n\r\n".encode()
        )
        made.setblocking(False)
        poll.register(made.fileno(), select.EPOLLIN)
        opened.append(made)
        site_of[made.fileno()], rest[made.fileno()] = site, b""
    begun: set[int] = set()
    by_descriptor = {one.fileno(): one for one in opened}
    heard: list[tuple[int, int, float]] = []
    while True:
        for descriptor, _ in poll.poll(0.2):
            data = by_descriptor[descriptor].recv(STREAM_BYTES)
            at = time.monotonic()
            *events, rest[descriptor] = (rest[descriptor] + data).split(b"\n\n")
            versions = (int(one.rpartition(b"data: ")[2]) for one in events if b"\ndata: " in one)
            heard.extend((site_of[descriptor], version, at) for version in versions)
            if descriptor not in begun and b"data: " in data:
                begun.add(descriptor)
                if len(begun) == streams:
                    heard.clear()
                    told.send("open")
        if told.poll():
            told.recv()
            told.send(heard)
            heard = []


@contextmanager
def served(engine: Engine, folder: Path, port: int, streams: int) -> Iterator[psutil.Process]:
    """Run the live process and give the process that holds the streams."""
    environment = {
        **os.environ,
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SECRET_KEY": KEY,
        "INSTANCE_DIR": str(folder),
    }
    raise_limit(streams + 500)
    process = subprocess.Popen(live_command("127.0.0.1", port), env=environment)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield psutil.Process(process.pid).children()[0]
    finally:
        process.terminate()
        process.wait(20)


def tell(engine: Engine, sites: int, version: int, rounds: int, pause: float) -> dict[tuple[int, int], float]:
    """Store new versions; return when each was told."""
    told_at: dict[tuple[int, int], float] = {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for turn in range(rounds):
            for site in range(1, sites + 1):
                told_at[site, version + turn] = time.monotonic()
                connection.execute(text("SELECT pg_notify('floor', :what)"), {"what": f"{site}:{version + turn}"})
                time.sleep(pause / sites)
    return told_at


def delivery(heard: list[tuple[int, int, float]], told_at: Mapping[tuple[int, int], float]) -> dict[str, float]:
    """Return percentiles of the milliseconds from telling to hearing."""
    waits = sorted(1000 * (at - told_at[site, version]) for site, version, at in heard if (site, version) in told_at)
    if not waits:
        return {"events": 0}
    return {
        "events": len(waits),
        "p50_ms": round(waits[len(waits) // 2], 2),
        "p99_ms": round(waits[int(len(waits) * 0.99)], 2),
        "max_ms": round(waits[-1], 2),
    }


def measure(engine: Engine, folder: Path, streams: int, sites: int, rounds: int, port: int) -> dict[str, Any]:
    """Return memory of the live process and delivery to streams that are spread over some sites."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))
        connection.execute(text("DELETE FROM account"))
    cookie = signed_in(engine)
    with served(engine, folder, port, streams) as process:
        context = get_context("spawn")
        here, there = context.Pipe()
        watcher = context.Process(target=clients, args=(port, cookie, streams, sites, there), daemon=True)
        began = time.monotonic()
        watcher.start()
        here.recv()
        opened_seconds = time.monotonic() - began
        cpu_before = sum(process.cpu_times()[:2])
        began = time.monotonic()
        told_at = tell(engine, sites, 1, rounds, 1.0)
        time.sleep(1.0)
        cpu = (sum(process.cpu_times()[:2]) - cpu_before) / (time.monotonic() - began)
        here.send("report")
        heard = here.recv()
        memory = process.memory_info().rss / 2**20
        watcher.terminate()
        watcher.join()
    return {
        "streams": streams,
        "sites": sites,
        "rss_mb": round(memory, 1),
        "opened_in_s": round(opened_seconds, 1),
        "cores": round(cpu, 3),
        **delivery(heard, told_at),
        "expected_events": streams * rounds,
    }


def run(*, seconds: float, most: int) -> None:
    """Print one line for viewers of many sites, and one for as many viewers of one site."""
    streams = min(STREAMS, most)
    with fresh_server() as server, migrated(server) as engine, tempfile.TemporaryDirectory() as folder:
        for sites in (SITES, 1):
            figures = measure(engine, Path(folder), streams, sites, max(3, round(2.5 * seconds)), free_port())
            report(benchmark="floor streams", **figures)
