"""The application on a real database, served to a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from sqlalchemy import Engine

from storage.database import engine_at
from storage.embedded import EmbeddedServer
from tests.conftest import TEMPLATE, SteppedClock, retire
from tests.web.served import NOW, Operation, make_app, sign_in

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
_numbers = count(1)


@pytest.fixture(scope="module")
def shared_engine(database_server: EmbeddedServer) -> Iterator[Engine]:
    """One migrated database for a module, for tests that only read."""
    name = f"web_{os.getpid()}_{next(_numbers)}"
    database_server.create_database(name, template=TEMPLATE)
    engine = engine_at(database_server.url(name))
    yield engine
    retire(engine)
    database_server.drop_database(name)


@pytest.fixture
def app(engine: Engine) -> Flask:
    return make_app(engine, SteppedClock(NOW))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that is signed in as a planner."""
    return sign_in(app.test_client())


@pytest.fixture
def operation(engine: Engine) -> Operation:
    return Operation(engine, SteppedClock(NOW))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; where a CI machine lacks it, that is a failure."""
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("No Chromium on this machine; install it to test the pages in a browser.")
    # A page that is there late on a busy machine is not wrong; one that never is fails all the same.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


SERVER_GONE = (
    "net::ERR_SOCKET_NOT_CONNECTED",
    "net::ERR_CONNECTION_RESET",
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_EMPTY_RESPONSE",
)


REFUSED_FORM = "the server responded with a status of 422"
"""What the console says of a form that comes back with its faults; that is how forms work."""


class Complaints(list[str]):
    """What the browser complained about: errors of scripts, of the console, and of the security policy."""

    def watch(self, page: Page) -> None:
        """Collect the complaints of a page."""
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        # A test that ends stops its server while the browser may still fetch the icon; no page is to blame for that.
        if any(error in message.text for error in (*SERVER_GONE, REFUSED_FORM)):
            return
        if message.type in {"error", "warning"} or "Content Security Policy" in message.text:
            self.append(f"{message.type}: {message.text}")


@contextmanager
def opening(chromium: Browser, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own, and close them; fail when the browser complained of any of them."""
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


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; a complaint of the browser on any of them fails the test."""
    with opening(chromium, Complaints()) as opened:
        yield opened
