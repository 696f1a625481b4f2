"""The live process on real sockets: who may listen, what is told, and what becomes of slow and vanished clients."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine, text

import live
from cli.processes import live_command
from config import Settings
from live import Client, Hub, event_of, own_origin
from services import floor
from services.accounts import Role
from tests.conftest import SteppedClock
from tests.published import Site, open_site
from tests.waiting import put_jobs, queue_ids
from tests.web.conftest import CHROMIUM
from tests.web.served import make_account, make_app, make_session, serve, sign_in_page
from web.access import TOKEN_KEY
from web.cookies import SessionCookies
from web.live import PATH
from web.permissions import GRANTED, Permission

NOW = datetime.now(UTC)
KEY = "only for tests, but long"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def app(engine: Engine) -> Flask:
    return make_app(engine, SteppedClock(NOW))


@contextmanager
def live_process(engine: Engine, folder: Path, port: int, site_port: int = 8000) -> Iterator[int]:
    """Run the live process, and give the id of the process that holds the streams."""
    environment = {
        **os.environ,
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SECRET_KEY": KEY,
        "INSTANCE_DIR": str(folder),
        "PORT": str(site_port),
    }
    process = subprocess.Popen(live_command("127.0.0.1", port), env=environment)
    try:
        for _ in range(100):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        assert process.wait(20) == 0


OPENED: list[socket.socket] = []


@pytest.fixture(autouse=True)
def all_closed() -> Iterator[None]:
    """Close the connections of a test at its end."""
    yield
    while OPENED:
        OPENED.pop().close()


class Stream:
    """A raw connection to the live process."""

    def __init__(self, port: int, cookie: str = "", *, site: str = "1", path: str = PATH, origin: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        OPENED.append(self.socket)
        lines = [f"GET {path}?site={site} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: session={cookie}"]
        self.socket.sendall("\r\n".join([*lines, *([f"Origin: {origin}"] if origin else []), "", ""]).encode())
        self.text = ""

    def until(self, words: str, seconds: float = 10) -> str:
        """Read until some words came; return everything that came."""
        self.socket.settimeout(seconds)
        while words not in self.text:
            data = self.socket.recv(65536)
            assert data, f"The stream ended: {self.text}"
            self.text += data.decode()
        return self.text

    def versions(self) -> list[int]:
        return [int(number) for number in re.findall(r"data: (\d+)", self.text)]


def cookie_of(app: Flask, role: Role, **who: str) -> str:
    signer = SessionCookies("127.0.0.1").get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps({TOKEN_KEY: make_session(app, make_account(app, role, **who))}))


def tell(engine: Engine, site_id: int, version: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_notify('floor', :what)"), {"what": f"{site_id}:{version}"})


def status(stream: Stream) -> int:
    return int(stream.until("\r\n").split(" ")[1])


@pytest.fixture
def port(engine: Engine, app: Flask, tmp_path: Path) -> Iterator[int]:
    number = free_port()
    with live_process(engine, tmp_path, number):
        yield number


def test_those_who_may_see_a_floor_hear_of_every_version(engine: Engine, app: Flask, port: int) -> None:
    stream = Stream(port, cookie_of(app, Role.PLANNER))
    head = stream.until("data: 0")
    assert "HTTP/1.1 200 OK" in head
    assert "text/event-stream" in head
    assert re.search(r"retry: [1-4]\d{3}\n", head)
    for version in (7, 8):
        tell(engine, 1, version)
        stream.until(f"data: {version}")
    tell(engine, 2, 99)
    tell(engine, 1, 9)
    stream.until("data: 9\n")
    assert stream.versions() == [0, 7, 8, 9]
    # Whoever comes later is told the newest one at once.
    assert Stream(port, cookie_of(app, Role.PLANNER)).until("data: 9\n")


def test_strangers_and_foreign_pages_hear_nothing(engine: Engine, app: Flask, port: int) -> None:
    planner = cookie_of(app, Role.PLANNER)
    assert status(Stream(port)) == 401
    assert status(Stream(port, planner[:-2] + "xx")) == 401
    assert status(Stream(port, planner, site="all")) == 400
    assert status(Stream(port, planner, path="/")) == 404
    foreign = Stream(port, planner, origin="http://evil.example")
    assert status(foreign) == 403
    assert "Access-Control-Allow-Origin" not in foreign.until("Only pages of this site")
    own = Stream(port, planner, origin="http://127.0.0.1:8000")
    assert "Access-Control-Allow-Origin: http://127.0.0.1:8000\r\nAccess-Control-Allow-Credentials: true" in own.until("data: 0")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))
    assert status(Stream(port, planner)) == 401


def test_a_lost_database_connection_is_taken_up_again_without_missing_a_version(engine: Engine, app: Flask, port: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO site (code, name, zone_name, interval_minutes, rules, rules_version) "
                                "VALUES ('S', 'S', 'UTC', 15, '{}', 1)"))  # fmt: skip
    stream = Stream(port, cookie_of(app, Role.PLANNER))
    stream.until("data: 0")
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE '%FROM floor_snapshot' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        connection.execute(text("INSERT INTO floor_snapshot VALUES (1, 41, now(), '{}')"))
    stream.until("data: 41")


def test_a_client_that_does_not_read_is_owed_the_newest_version_only() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    hub, client = Hub(), Client(1, ours.fileno(), is_chunked=False)
    hub.join(client)
    for version in range(1, 200_000):
        hub.publish(1, version)
        if client.sent < version:
            break
    assert client.sent < hub.versions[1]
    missed = [hub.versions[1] + number for number in range(1, 50)]
    for version in missed:
        hub.publish(1, version)
    theirs.setblocking(False)
    heard = b""
    while True:
        try:
            heard += theirs.recv(1 << 20)
        except BlockingIOError:
            break
    hub.beat()
    assert theirs.recv(1 << 20) == event_of(missed[-1])
    assert client.sent == missed[-1]
    hub.beat()
    assert theirs.recv(1 << 20) == b": still here\n\n"
    theirs.close()
    hub.beat()
    assert client.ended.is_set()
    ours.close()


def test_vanished_clients_are_forgotten(engine: Engine, app: Flask, tmp_path: Path) -> None:
    number = free_port()
    with live_process(engine, tmp_path, number) as parent:
        streams = [Stream(number, cookie_of(app, Role.PLANNER)) for _ in range(20)]
        for stream in streams:
            stream.until("data: 0")
        child = int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])
        held = len(list(Path(f"/proc/{child}/fd").iterdir()))
        for stream in streams[1:]:
            stream.socket.close()
        deadline = time.monotonic() + 10
        version = 0
        while len(list(Path(f"/proc/{child}/fd").iterdir())) > held - 19 and time.monotonic() < deadline:
            version += 1
            tell(engine, 1, version)
            time.sleep(0.1)
        assert len(list(Path(f"/proc/{child}/fd").iterdir())) <= held - 19
        streams[0].until(f"data: {version}")


def test_who_may_listen_is_who_may_see_the_floor() -> None:
    assert {role for role in Role if Permission.READ_FLOOR in GRANTED[role]} == live.READERS
    assert (live.PATH, live.TOKEN_KEY) == (PATH, TOKEN_KEY)


@pytest.mark.parametrize(
    ("host", "settings", "origin"),
    [
        ("localhost:8001", {}, "http://localhost:8000"),
        ("[::1]:8001", {}, "http://[::1]:8000"),
        ("floor.example", {"port": 80}, "http://floor.example"),
        ("anything", {"site_origin": "https://wfm.example"}, "https://wfm.example"),
    ],
)
def test_the_origin_of_the_pages(host: str, settings: dict[str, object], origin: str) -> None:
    chosen = Settings(_env_file=None, **settings)  # type: ignore[call-arg,arg-type]
    assert own_origin({"HTTP_HOST": host}, chosen) == origin


def test_nothing_heavy_is_loaded() -> None:
    check = "import sys, live; print([name for name in ('pandas', 'ortools', 'flask', 'openpyxl') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.fixture
def browser() -> Iterator[Browser]:
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("No Chromium on this machine; install it to test the pages in a browser.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def test_a_page_of_another_port_hears_of_new_figures_at_once(engine: Engine, tmp_path: Path, browser: Browser) -> None:
    """Through the security policy, with the cookie, from the process on the next port."""
    clock = SteppedClock(datetime(2027, 1, 5, 5, 0, tzinfo=UTC))
    made: Site = open_site(engine, clock)
    floor.compute_snapshot(engine, made.site_id, clock=clock)
    app, number = make_app(engine, clock), free_port()
    with serve(app) as address, live_process(engine, tmp_path, number, int(address.rpartition(":")[2])):
        app.extensions["settings"] = app.extensions["settings"].model_copy(update={"live_port": number})
        page: Page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        sign_in_page(page, app, Role.ADMINISTRATOR).goto(f"{address}/floor")
        # Sessions of tests last for years, so the process that goes by the database's clock takes them as well.
        put_jobs(engine, queue_ids(engine)["stow_inbound"], 25, clock.now())
        page.wait_for_timeout(1500)
        clock.advance(1)
        began = time.monotonic()
        floor.compute_snapshot(engine, made.site_id, clock=clock)
        row = page.locator("[data-part=queues] tbody tr").filter(has_text="stow_inbound").locator("[data-label=Waiting]")
        expect(row).to_have_text("25", timeout=4000)
        assert time.monotonic() - began < 4
        assert not complaints
        page.close()
