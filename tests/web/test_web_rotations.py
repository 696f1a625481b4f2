"""Pages of rotations: from an empty list over the form and the rows to a planning run."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from services.accounts import Role
from tests.rotations.searched import work_off
from tests.web.keys import press, reach, write
from tests.web.served import Operation, serve, sign_in, sign_in_page

FORM = {
    "name": "Mornings of A",
    "team": "",
    "rows": "7",
    "work_least": "3",
    "work_most": "6",
    "off_least": "2",
    "off_most": "4",
    "seconds": "5",
    "seed": "1",
    "keeps_week": "on",
    "single": "on",
    "most_free_weekends": "on",
}


def early(operation: Operation) -> str:
    """The code of a shift type that is no night."""
    return next(shift.code for shift in operation.scenario.shift_types if not shift.is_night)


def post(client: FlaskClient, address: str, data: dict[str, str], *, follow: bool = False) -> TestResponse:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/rotations").get_data(as_text=True))
    assert found is not None
    return client.post(address, data={"csrf_token": found[1], **data}, follow_redirects=follow)


def design(app: Flask, client: FlaskClient, data: dict[str, str]) -> str:
    """Ask for a rotation, let the worker find it, and return the page that the run leads to."""
    asked = post(client, "/rotations/new", FORM | data)
    assert asked.status_code == 302
    work_off(app.extensions["engine"], app.extensions["clock"])
    made = re.search(r'href="(/rotations/\d+)" data-run-next', client.get(asked.headers["Location"]).get_data(as_text=True))
    assert made is not None
    return client.get(made[1]).get_data(as_text=True)


def heads(operation: Operation, count: str) -> dict[str, str]:
    code = early(operation)
    days = {f"heads_{code}_{day}": count for day in range(7)}
    return days | {f"least_{code}": "1", f"most_{code}": "6"}


def test_list_is_empty_at_first_and_says_what_to_do(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/rotations").get_data(as_text=True)
    assert "No rotation yet" in page
    assert "/rotations/new" in page


def test_pages_without_an_operation(client: FlaskClient) -> None:
    assert "flask sample load" in client.get("/rotations").get_data(as_text=True)
    assert client.get("/rotations/new").status_code == 404


def test_associates_and_supervisors_do_not_get_in(app: Flask, operation: Operation) -> None:
    assert sign_in(app.test_client(), Role.SUPERVISOR).get("/rotations").status_code == 403


def test_a_planner_designs_places_and_unrolls(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:  # fmt: skip
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rotations")
        press(page.get_by_role("link", name="Design a rotation").first)
        write(page.get_by_label("Name"), "Mornings of A")
        write(page.get_by_label("Rows", exact=True), "7")
        code = early(operation)
        for one in page.locator("[name^='heads_']").all():
            if one.input_value():
                reach(one).page.keyboard.press("ControlOrMeta+a")
                page.keyboard.press("Delete")
        for day in range(7):
            write(page.locator(f"[name='heads_{code}_{day}']"), "4")
        press(page.get_by_role("button", name="Look for a rotation"))
        expect(page.get_by_text("Waiting for a worker")).to_be_visible()
        expect(page.get_by_role("button", name="Stop, and keep the best rotation so far")).to_be_visible()
        work_off(app.extensions["engine"], app.extensions["clock"])
        # The page of the run goes on to the rows by itself.
        expect(page.get_by_role("heading", name="Mornings of A")).to_be_visible()
        rows = page.locator("table.rotation tbody tr")
        assert rows.count() == 7
        assert page.locator("table.rotation.draft").count() == 1, "striped as long as nobody follows it"
        press(page.get_by_role("link", name="have the rows dealt out evenly"))
        expect(page.get_by_role("heading", name="How evenly it lies")).to_be_visible()
        press(page.get_by_role("button", name="Put everybody on these rows"))
        expect(page.get_by_role("status")).to_contain_text("7 associates")
        press(page.get_by_role("link", name="Mornings of A"))
        expect(page.locator("table.rotation.published")).to_have_count(1)
        page.set_viewport_size({"width": 375, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, "only the box of the rows scrolls"
        press(page.get_by_role("button", name="Unroll into a draft"))
        expect(page.get_by_role("heading", name="Run 2")).to_be_visible()
        # The stream of the run has to end before the server does.
        page.goto(f"{address}/rotations")


def test_a_form_with_faults_keeps_what_was_typed(client: FlaskClient, operation: Operation) -> None:
    answer = post(client, "/rotations/new", FORM | heads(operation, "four") | {"rows": "many"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="many" aria-invalid="true"' in page
    assert 'value="four"' in page
    assert page.count("Write a whole number") == 8


def test_an_impossible_rotation_shows_the_clash_and_the_ways_out(
    app: Flask, client: FlaskClient, operation: Operation
) -> None:  # fmt: skip
    page = design(app, client, heads(operation, "7"))
    assert "There is no such rotation; that is proven." in page
    assert "What clashes" in page
    assert "The nearest ways out" in page
    assert "instead of" in page


def test_a_rotation_that_may_not_be_the_best_is_gone_on_from(app: Flask, client: FlaskClient, operation: Operation) -> None:
    first = design(app, client, heads(operation, "4") | {"most_free_weekends": ""})
    assert "more are not ruled out" in first
    assert post(client, "/rotations/1/more", {"seconds": "soon"}).status_code == 409
    asked = post(client, "/rotations/1/more", {"seconds": "5"})
    work_off(app.extensions["engine"], app.extensions["clock"])
    assert "Look at the rotation" in client.get(asked.headers["Location"]).get_data(as_text=True)
    better = client.get("/rotations/2").get_data(as_text=True)
    assert "proven: no more are possible" in better
    assert "Look on" not in better


def test_a_search_that_is_stopped_before_it_begins_leads_back_to_the_form(client: FlaskClient, operation: Operation) -> None:
    asked = post(client, "/rotations/new", FORM | heads(operation, "4"))
    page = post(client, f"{asked.headers['Location']}/stop", {}, follow=True).get_data(as_text=True)
    assert "Stopped by planner before it began; nothing was changed." in page
    assert "Design one again" in page


def test_rows_can_be_given_by_hand_and_faults_are_told(app: Flask, client: FlaskClient, operation: Operation) -> None:
    design(app, client, heads(operation, "4"))
    codes = [one.code for one in operation.scenario.associates]
    twice = post(client, "/rotations/1/places", {"row_0": codes[0], "row_1": codes[0], "first_day": "2027-01-11", "weeks": "13"})
    assert twice.status_code == 422
    assert "one row only" in twice.get_data(as_text=True)
    well = {"row_0": codes[0], "row_3": codes[1], "first_day": "2027-01-11", "weeks": "13"}
    page = post(client, "/rotations/1/places", well, follow=True).get_data(as_text=True)
    assert "2 associates go through this rotation" in page
    assert post(client, "/rotations/1/places", {"first_day": "soon", "weeks": "13"}).status_code == 400


def test_a_deal_that_cannot_be_says_why(app: Flask, client: FlaskClient, operation: Operation) -> None:
    design(app, client, heads(operation, "4"))
    page = client.get("/rotations/deal?rotation=1&first_day=2027-01-12&weeks=13").get_data(as_text=True)
    assert "start on monday" in page
    unknown = client.get("/rotations/deal?rotation=77&first_day=2027-01-11&weeks=13")
    assert unknown.status_code == 404
