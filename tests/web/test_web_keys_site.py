"""The facts of a site by keyboard alone: words, queues, holidays, office, notice and when mails go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.web.keys import choose, expect_outcome, press, write, write_date
from tests.web.served import Operation, serve, sign_in_page

Opener = Callable[..., Page]


@pytest.fixture
def rows(engine: Engine) -> Callable[..., list[tuple[Any, ...]]]:
    """Rows of a query."""

    def found(query: str, **given: Any) -> list[tuple[Any, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), given)]

    return found


Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.mark.parametrize(("path", "one"), [("skills", "skill"), ("teams", "team")])
def test_words_are_added_renamed_and_removed(
    app: Flask, operation: Operation, open_page: Opener, rows: Rows, path: str, one: str
) -> None:
    def names() -> set[str]:
        return {name for (name,) in rows(f"SELECT name FROM {one}")}  # noqa: S608 (a name of the test)

    before = names()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/operation/{path}")
        press(page.get_by_role("button", name=f"Add the {one}"))
        expect(page.get_by_role("alert")).to_be_focused()
        write(page.get_by_label("Name", exact=True), "Aurora")
        page.keyboard.press("Enter")
        expect_outcome(page, f"The {one} is added.")
        assert names() == before | {"Aurora"}
        press(page.get_by_role("link", name="Aurora"))
        write(page.get_by_label("Name", exact=True), "Borealis")
        page.keyboard.press("Enter")
        expect_outcome(page, f"The {one} is saved.")
        assert names() == before | {"Borealis"}
        press(page.get_by_role("link", name="Borealis"))
        press(page.get_by_role("button", name="Remove"))
        expect_outcome(page, f"The {one} is gone.")
        assert names() == before


def test_a_queue_is_added_and_its_promise_changed(app: Flask, operation: Operation, open_page: Opener, rows: Rows) -> None:
    promise = "SELECT kind::text, sla_seconds, max_occupancy, weight, lease_seconds FROM queue WHERE name = 'returns'"
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/operation/queues")
        write(page.get_by_label("Name", exact=True), "returns")
        choose(page.get_by_label("Kind"), "backlog")
        write(page.get_by_label("SLA"), "soon")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        press(page.get_by_role("alert").get_by_role("link", name="SLA"))
        expect(page.get_by_label("SLA")).to_be_focused()
        write(page.get_by_label("SLA"), "3600")
        page.keyboard.press("Enter")
        expect_outcome(page, "The queue is added.")
        assert rows(promise) == [("backlog", 3600, 0.85, 1.0, 180)]
        press(page.get_by_role("link", name="returns"))
        write(page.get_by_label("Occupancy, at most"), "0.8")
        page.keyboard.press("Enter")
        expect_outcome(page, "The queue is saved.")
        assert rows(promise) == [("backlog", 3600, 0.8, 1.0, 180)]


def test_a_holiday_is_added_moved_and_removed(app: Flask, operation: Operation, open_page: Opener, rows: Rows) -> None:
    days = "SELECT day::text FROM holiday WHERE name = 'Ugadi'"
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/operation/holidays")
        write_date(page.get_by_label("Day", exact=True), "2027-04-06")
        write(page.get_by_label("Name", exact=True), "Ugadi")
        page.keyboard.press("Enter")
        expect_outcome(page, "The holiday is added.")
        assert rows(days) == [("2027-04-06",)]
        press(page.get_by_role("row", name="Ugadi").get_by_role("link", name="Tue 6 Apr 2027"))
        write_date(page.get_by_label("Day", exact=True), "2027-04-07")
        press(page.get_by_role("button", name="Save"))
        expect_outcome(page, "The holiday is saved.")
        assert rows(days) == [("2027-04-07",)]
        press(page.get_by_role("row", name="Ugadi").get_by_role("link"))
        press(page.get_by_role("button", name="Remove"))
        expect_outcome(page, "The holiday is gone.")
        assert rows(days) == []


def test_office_notice_and_mails_are_set(app: Flask, operation: Operation, open_page: Opener, rows: Rows) -> None:
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/site/office")
        write(page.get_by_label("Seats"), "7")
        write(page.get_by_label("Office days of hybrid associates"), "2")
        page.keyboard.press("Enter")
        expect_outcome(page, "Saved: office.")
        expect(page.get_by_label("Seats")).to_have_value("7")

        press(page.get_by_role("link", name="Notice", exact=True))
        write(page.get_by_label("Notice, at least"), "many")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        write(page.get_by_label("Notice, at least"), "10")
        page.keyboard.press("Enter")
        expect_outcome(page, "Saved: notice.")

        page.goto(f"{address}/notices/settings")
        write(page.get_by_label("At once"), "9999")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        write(page.get_by_label("At once"), "12")
        write(page.get_by_label("Else together"), "30")
        page.keyboard.press("Enter")
        expect_outcome(page, "The notice of changes is set.")
    assert rows("SELECT urgent_hours, batch_minutes FROM notice_setting") == [(12, 30)]
    assert rows("SELECT notice_days, office_seats, office_days_per_week FROM site") == [(10, 7, 2)]
