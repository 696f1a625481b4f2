"""The planner's pages as axe-core sees them, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page

from tests.web.axe import assert_accessible
from tests.web.served import Operation, serve, sign_in_page

PAGES = (
    "/people",
    "/people/1",
    "/operation/shift-types",
    "/operation/queues/1",
    "/site/rules",
    "/site/breaks",
    "/import",
    "/demand?volume=130",
    "/rosters/{roster}/breaks",
    "/rosters/{roster}/print",
    "/rosters/{roster}/import",
)


def test_no_page_of_the_planner_violates_the_guidelines(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    head = operation.draft()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        for path in PAGES:
            page.goto(address + path.format(roster=head.id))
            assert_accessible(page)
