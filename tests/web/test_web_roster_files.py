"""A roster on paper and back from a workbook; publishing with notice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.web.keys import press, reach
from tests.web.served import Operation, serve, sign_in_page


@pytest.mark.parametrize(("paper", "width"), [("A4", 842), ("A3", 1191)])
def test_a_roster_is_printed_on_landscape_sheets_with_its_head_on_each(
    app: Flask, operation: Operation, open_page: Callable[..., Page], paper: str, width: int
) -> None:
    head = operation.draft()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{head.id}/print?paper={paper}")
        printed = page.pdf(prefer_css_page_size=True)
    boxes = {float(size) for size in re.findall(rb"/MediaBox \[0 0 ([\d.]+)", printed)}
    assert any(abs(box - width) < 2 for box in boxes)


def test_print_and_files_are_reached_by_keyboard_alone(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    head = operation.draft()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{head.id}/print")
        reach(page.get_by_label("Paper")).page.keyboard.type("A3")
        press(page.get_by_role("button", name="Show"))
        expect(page.locator(".printed.paper-a3").first).to_be_visible()
        page.goto(f"{address}/rosters/{head.id}")
        reach(page.get_by_role("link", name="CSV"))
        with page.expect_download() as waited:
            page.keyboard.press("Enter")
        assert waited.value.suggested_filename.endswith(".csv")


def test_short_notice_is_said_with_the_notice_that_the_site_gives(client: FlaskClient, operation: Operation) -> None:
    page = client.get(f"/rosters/{operation.draft().id}/publish").text
    assert "shorter than the site gives" in page
    assert "14 asked for" in page
    assert "Will be told" in page


def test_the_notice_of_a_site_is_kept_over_what_was_seen_only(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/site/notice").text
    token = dict(re.findall(r'name="(csrf_token|seen)" value="([^"]*)"', page[page.index('class="sheet"') :]))
    assert client.post("/site/notice", data=token | {"days": "0"}).status_code == 302
    assert client.post("/site/notice", data=token | {"days": "1"}).status_code == 409
    assert "0 asked for" in client.get(f"/rosters/{operation.draft().id}/publish").text
