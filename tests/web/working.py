"""A served floor with one associate in the middle of a stretch of work, for tests of the work page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, text

from scheduling.jobs import MediaKind, NewJob
from services.accounts import Role
from services.jobs import send_jobs
from tests.published import Site, open_site
from tests.web.served import NOW, make_app, serve, sign_in_page

QUEUE = "image_audit"
LOADED = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/media/')).length"
"""Script that counts the pictures and videos that a page has fetched."""
_numbers = count(1)


class RunningClock:
    """A clock that starts at an instant and runs as the browser's does."""

    def __init__(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class Floor:
    """A served floor with one associate in the middle of a stretch of work."""

    site: Site
    clock: RunningClock
    app: Flask
    address: str
    associate_id: int
    code: str

    def send(self, number: int = 8, kind: MediaKind = MediaKind.IMAGE, queue: str = QUEUE) -> None:
        """Send jobs."""
        jobs = [self._job(next(_numbers), kind, queue) for _ in range(number)]
        send_jobs(self.site.engine, self.site.site_id, jobs, by="test", clock=self.clock)

    @staticmethod
    def _job(number: int, kind: MediaKind, queue: str) -> NewJob:
        urls = {MediaKind.IMAGE: f"/media/sample/{number}.svg", MediaKind.VIDEO: "/media/sample/7.mp4"}
        text_of = f"Carton {number}, bin 4." if kind is MediaKind.TEXT else ""
        return NewJob(f"shown-{number}", queue, kind, urls.get(kind, ""), text_of)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.site.engine.begin() as connection:
            result = connection.execute(text(query), {"who": self.associate_id, **values})
            return list(result.all()) if result.returns_rows else []

    def answers(self) -> list[dict[str, Any]]:
        """Return what was answered, in order."""
        return [row.given for row in self.rows("SELECT given FROM answer WHERE associate_id = :who ORDER BY answered_at")]

    def enter(self, page: Page) -> Page:
        """Open the work page as the associate."""
        sign_in_page(page, self.app, Role.ASSOCIATE, associate=self.code)
        page.goto(f"{self.address}/work")
        page.wait_for_selector("[data-work][data-ready]")
        return page

    def begin(self, page: Page) -> Page:
        """Open the work page, and sign in to work."""
        self.enter(page)
        expect(page.get_by_role("button", name="Sign in to work")).to_be_visible()
        page.keyboard.press("s")
        expect(page.locator("[data-part=item]")).to_be_visible()
        return page


WORKING = """
SELECT a.id, a.code FROM stretch s JOIN associate a ON a.id = s.associate_id JOIN lane l ON l.associate_id = a.id
JOIN queue q ON q.id = l.queue_id WHERE q.name = :queue AND s.starts_at <= :now AND s.ends_at >= :now + interval '25 minutes'
ORDER BY a.id LIMIT 1
"""


@contextmanager
def served_floor(engine: Engine) -> Iterator[Floor]:
    """Serve a floor on which somebody works."""
    clock = RunningClock(NOW)
    site = open_site(engine, clock)
    with engine.connect() as connection:
        row = connection.execute(text(WORKING), {"queue": QUEUE, "now": NOW}).one()
    app = make_app(engine, clock)
    with serve(app) as address:
        yield Floor(site, clock, app, address, row.id, row.code)


def item(page: Page) -> Locator:
    return page.locator("[data-part=item]")


def state(page: Page) -> Locator:
    return page.locator("[data-state]")


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait until something is so, while the page goes on."""
    for _ in range(400):
        if is_so():
            return
        page.wait_for_timeout(50)
    assert is_so()


def settled(floor: Floor, number: int, page: Page) -> None:
    """Wait until so many answers are stored."""
    until(page, lambda: len(floor.answers()) == number)
