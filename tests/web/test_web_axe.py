from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.web.axe import assert_accessible, assert_accessible_at_every_width, violations
from tests.web.served import Operation, serve, sign_in_page


def test_a_fault_is_found_in_the_theme_that_has_it(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.set_content(
        "<!doctype html><html lang='en'><head><title>One page</title><style>body { background: #fff; color: #000 } "
        "[data-bs-theme=dark] body { background: #777 } [data-bs-theme=dark] p { color: #888 }</style></head>"
        "<body><main><h1>A page</h1><p>Some words.</p></main></body></html>"
    )
    assert violations(page) == []
    with pytest.raises(AssertionError, match=r"in dark:\ncolor-contrast"):
        assert_accessible(page)
    assert page.evaluate("document.documentElement.dataset.bsTheme ?? null") is None


def test_the_lists_of_a_planner_are_accessible(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    operation.draft()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        for path in ("/", "/generate", "/account"):
            page.goto(address + path)
            assert_accessible_at_every_width(page)
