"""The page of demand: what came and is expected, how well it was known, events by hand, and what if at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from services.drafting import planning_input_for
from services.planning import prepare
from tests.stored import SITE
from tests.web.keys import press, write, write_date
from tests.web.served import Operation, serve, sign_in_page

EVENT = {
    "event_queue": "",
    "first_day": "2027-01-11",
    "last_day": "2027-01-12",
    "factor": "2",
    "jobs_per_day": "",
    "reason": "Sale",
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


def test_an_event_is_kept_used_by_planning_and_removed(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    page = client.get("/demand").text
    token = {"csrf_token": TOKEN.findall(page)[-1]}
    first = date(2027, 3, 1)
    plain = prepare(planning_input_for(engine, SITE, first, 1)).requirement.heads
    march = EVENT | {"first_day": "2027-03-01", "last_day": "2027-03-02"}
    assert client.post("/demand/events", data=march | token).status_code == 302
    doubled = prepare(planning_input_for(engine, SITE, first, 1)).requirement.heads
    assert doubled[:96].sum() > 1.5 * plain[:96].sum()
    page = client.get("/demand").text
    assert "2.00 times as much" in page
    address = re.search(r'action="(/demand/events/\d+/remove)"', page)
    assert address is not None
    assert client.post(address[1], data=token).status_code == 302
    assert "No event is known." in client.get("/demand").text
    assert client.post(address[1], data=token).status_code == 404


def test_everything_wrong_with_an_event_is_said_at_once(client: FlaskClient, operation: Operation) -> None:
    token = {"csrf_token": TOKEN.findall(client.get("/demand").text)[-1]}
    wrong = EVENT | {"last_day": "2027-01-10", "factor": "2", "jobs_per_day": "5", "event_queue": "nothing"}
    answer = client.post("/demand/events", data=wrong | token)
    assert answer.status_code == 422
    for said in ("ends before it starts", "either a factor or the jobs", "no queue of the site"):
        assert said in answer.text


def test_an_event_without_a_last_day_is_of_one_day(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    token = {"csrf_token": TOKEN.findall(client.get("/demand").text)[-1]}
    assert client.post("/demand/events", data=EVENT | {"last_day": ""} | token).status_code == 302
    with engine.connect() as connection:
        first, last = connection.exec_driver_sql("SELECT first_day, last_day FROM demand_event").one()
    assert first == last == date.fromisoformat(EVENT["first_day"])


def test_the_page_says_which_model_won_and_by_how_much(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/demand?queue=stow_inbound").text
    assert "Jobs a day in stow_inbound" in page
    assert "is used" in page
    assert client.get("/demand?queue=nothing").status_code == 404
    assert client.get("/demand?volume=12").status_code == 400


def test_the_requirement_follows_the_sliders_by_keyboard(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/demand")
        before = page.locator("[data-requirement] .facts").first.inner_text()
        press(page.get_by_label("Volume"), "End")
        expect(page.locator('output[for="volume"]')).to_have_text("200")
        expect(page.locator("[data-requirement] .facts").first).to_contain_text("what if")
        assert page.locator("[data-requirement] .facts").first.inner_text() != before


def test_the_events_of_demand_are_kept_by_keyboard_alone(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/demand")
        write_date(page.get_by_label("First day"), "2027-03-01")
        write_date(page.get_by_label("Last day"), "2027-03-02")
        write(page.locator("[name=factor]"), "2")
        write(page.get_by_label("Reason"), "Sale")
        press(page.get_by_role("button", name="Add the event"))
        expect(page.get_by_role("region", name="Events", exact=True)).to_contain_text("2.00 times as much")
        press(page.get_by_role("button", name="Remove the event Sale"))
        expect(page.get_by_text("No event is known.")).to_be_visible()
