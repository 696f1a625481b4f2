"""A draft on the board, opened by planners in browsers of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from services.accounts import Role
from services.reading import RosterSummary
from tests.web.board.driving import TABLE, checked
from tests.web.conftest import Complaints, opening
from tests.web.served import Operation, serve, sign_in_page

Open = Callable[..., Page]


class ForgivingComplaints(Complaints):
    """Forgives that an edit was refused or could not be sent, which these tests bring about."""

    def append(self, complaint: str) -> None:
        if not re.search(r"status of (409|503)|net::ERR_FAILED", complaint):
            super().append(complaint)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Open pages in contexts of their own; a complaint of the browser on any of them fails the test."""
    with opening(chromium, ForgivingComplaints()) as opened:
        yield opened


@pytest.fixture
def draft(operation: Operation) -> RosterSummary:
    return operation.store(checked(operation))


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with serve(app) as served:
        yield served


@pytest.fixture
def board(open_page: Open, app: Flask, address: str, draft: RosterSummary) -> Callable[..., Page]:
    """Open the board of the draft as a planner of a name."""

    def opened(name: str = "ann", width: int = 1400, height: int = 900, **options: object) -> Page:
        page = sign_in_page(open_page(width, height, **options), app, Role.PLANNER, name=name)
        page.goto(f"{address}/rosters/{draft.id}/board")
        page.wait_for_selector("[data-board][data-ready]")
        page.focus(TABLE)
        return page

    return opened
