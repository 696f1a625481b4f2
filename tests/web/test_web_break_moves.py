"""Breaks moved on the Gantt of a day, by keys and by pointer; the coverage below follows."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from services.accounts import Role
from tests.web.served import Operation, serve, sign_in, sign_in_page


def test_a_break_is_moved_by_keys_and_by_pointer(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    head = operation.draft()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{head.id}/breaks?day={head.first_day}")
        said = page.locator("[data-said]")
        bar = page.locator("[data-who]").first
        seen = bar.get_attribute("data-seen")
        bar.locator("[data-at]").first.focus()
        page.keyboard.press("Enter")
        expect(said).to_contain_text("Picked up")
        while not page.locator(".legal").count():
            page.keyboard.press("Escape")
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Enter")
            expect(page.locator(".picked")).to_have_count(1)
        marks = page.locator(".legal").count()
        page.keyboard.press("ArrowRight")
        if "Picked up" in said.inner_text():
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(said).to_contain_text("Moved:")
        assert marks
        assert page.locator("[data-who]").first.get_attribute("data-seen") != seen
        expect(page.locator("[data-coverage] h2").first).to_be_visible()
        moved = page.locator("[data-at]:focus")
        box = moved.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        expect(page.locator(".legal").first).to_be_attached()
        target = page.locator(".legal").last.bounding_box()
        assert target is not None
        page.mouse.move(target["x"] + box["width"] / 2, target["y"] + 2, steps=4)
        page.mouse.up()
        expect(said).to_contain_text("Moved:")
        page.reload()
        expect(page.locator("[data-who]").first).to_be_visible()


def test_who_only_reads_rosters_moves_nothing(app: Flask, client: FlaskClient, operation: Operation) -> None:
    head = operation.draft()
    page = sign_in(client, Role.SUPERVISOR).get(f"/rosters/{head.id}/breaks?day={head.first_day}").text
    assert "data-at" not in page
    assert client.get(f"/rosters/{head.id}/breaks/starts?who=A0001&day={head.first_day}&at=60").status_code == 403
    sign_in(client)
    assert client.get(f"/rosters/{head.id}/breaks/starts?who=A0001&day=soon&at=60").status_code == 400
    assert client.get(f"/rosters/{head.id}/breaks/starts?who=A0001&day={head.first_day}&at=x").status_code == 400
