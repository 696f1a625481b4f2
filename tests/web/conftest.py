"""The application on a real database, served to a real browser."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

import web
from config import Settings
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services import drafting, loading, publishing
from services.reading import RosterSummary
from storage.database import engine_at
from storage.embedded import EmbeddedServer
from tests import stored
from tests.conftest import TEMPLATE, SteppedClock

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
NOW = datetime(2027, 1, 6, 5, 0, tzinfo=UTC)
"""The Wednesday of the first week of the sample, 10:30 at the site."""
_numbers = count(1)


@pytest.fixture(scope="module")
def shared_engine(database_server: EmbeddedServer) -> Iterator[Engine]:
    """One migrated database for a module, for tests that only read."""
    name = f"web_{os.getpid()}_{next(_numbers)}"
    database_server.create_database(name, template=TEMPLATE)
    engine = engine_at(database_server.url(name))
    yield engine
    engine.dispose()
    database_server.drop_database(name)


def make_app(engine: Engine, clock: Clock) -> Flask:
    """Return the pages on a database."""
    app = Flask("workforce", root_path=str(Path(web.__file__).parents[1]))
    app.config.update(SECRET_KEY="only for tests, but long enough")
    app.extensions.update(engine=engine, clock=clock, settings=Settings(_env_file=None, secret_key=None))  # type: ignore[call-arg]
    web.register(app)
    return app


class Operation:
    """An operation in the database, of which tests draw rosters."""

    def __init__(self, engine: Engine, clock: Clock, associates: int = 20, weeks: int = 2) -> None:
        self.engine, self.clock = engine, clock
        given = stored.operation(associates, weeks)
        loading.load_operation(engine, given, site=stored.SITE, name="Pune audit floor", by="asha", clock=clock)
        self.scenario: Scenario = given.scenario()

    def draft(self, change: Callable[[PlanningResult], PlanningResult] = lambda one: one, **drawn: int) -> RosterSummary:
        """Store a draft; `change` may alter the result before."""
        made = change(stored.result(self.scenario, **drawn))
        return drafting.save_draft(self.engine, stored.SITE, self.scenario, made, by="asha", clock=self.clock)

    def published(self, **drawn: int) -> RosterSummary:
        """Store a draft and put it in force."""
        head = self.draft(**drawn)
        return publishing.publish_roster(self.engine, head.id, head.version, by="asha", clock=self.clock, reason="for the test")


@pytest.fixture
def app(engine: Engine) -> Flask:
    return make_app(engine, SteppedClock(NOW))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def operation(engine: Engine) -> Operation:
    return Operation(engine, SteppedClock(NOW))


def serve(app: Flask) -> Iterator[str]:
    """Serve an application on a free port; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; where a CI machine lacks it, that is a failure."""
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("No Chromium on this machine; install it to test the pages in a browser.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Complaints(list[str]):
    """What the browser complained about: errors of scripts, of the console, and of the security policy."""

    def watch(self, page: Page) -> None:
        """Collect the complaints of a page."""
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} or "Content Security Policy" in message.text:
            self.append(f"{message.type}: {message.text}")


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; a complaint of the browser on any of them fails the test."""
    complaints = Complaints()
    contexts: list[BrowserContext] = []

    def opened(width: int = 1400, height: int = 900, **options: object) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)
