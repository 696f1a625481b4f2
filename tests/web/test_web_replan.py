"""Repair, why-not and scenarios, as planners use them: every flow once in a browser, and their faults by a test client."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import text

from services import reading
from tests import working_off
from tests.web.keys import press, write, write_date
from tests.web.served import Operation, serve, sign_in_page
from tests.web.test_web_pages import token


def work_off(app: Flask) -> None:
    working_off.work_off(app.extensions["engine"], app.extensions["clock"])


def test_illness_is_repaired_looked_at_and_accepted(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:  # fmt: skip
    base = operation.draft()
    code = operation.scenario.associates[0].code
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{base.id}")
        press(page.get_by_role("link", name="Repair", exact=True))
        write(page.get_by_label("Who is away"), code)
        write_date(page.locator("#absent_from"), "2027-01-11")
        write_date(page.locator("#absent_to"), "2027-01-13")
        write(page.get_by_label("Seconds"), "3")
        press(page.get_by_role("button", name="Find the least change"))
        expect(page.get_by_text("Waiting for a worker")).to_be_visible()
        work_off(app)
        page.reload()
        expect(page.locator("[data-run] dl")).to_contain_text("Gap–", use_inner_text=False)
        press(page.get_by_role("link", name="Look at the difference"))
        expect(page.get_by_text(f"{code} is away 11 Jan – 13 Jan 2027")).to_be_visible()
        expect(page.get_by_role("region", name="Days that change")).to_contain_text("leave")
        press(page.get_by_role("button", name="Accept: change the draft"))
        expect(page.get_by_text(f"Roster {base.id} is repaired.")).to_be_visible()
    assert reading.roster_summary(app.extensions["engine"], base.id).version == 2


def test_a_selection_is_posted_and_the_difference_discarded(client: FlaskClient, app: Flask, operation: Operation) -> None:
    base = operation.draft()
    codes = [one.code for one in operation.scenario.associates[:3]]
    data = {"associates": "\n".join(codes), "first_day": "2027-01-11", "last_day": "2027-01-17", "seconds": "2"}
    data["csrf_token"] = token(client.get(f"/rosters/{base.id}/repair"))
    answer = client.post(f"/rosters/{base.id}/repair", data=data)
    assert answer.status_code == 302
    work_off(app)
    run_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    page = client.get(f"/repairs/{run_id}")
    assert "What may change" not in page.text
    assert client.post(f"/repairs/{run_id}/discard", data={"csrf_token": token(page)}).status_code == 302
    assert client.get(f"/repairs/{run_id}").status_code == 404
    assert [one.id for one in reading.list_rosters(operation.engine)] == [base.id]


def test_faults_of_a_repair_are_shown_beside_the_form(client: FlaskClient, operation: Operation) -> None:
    base = operation.draft()
    form = {"csrf_token": token(client.get(f"/rosters/{base.id}/repair")), "absent": "A0001", "growth": "20", "notice_days": "-1"}
    answer = client.post(f"/rosters/{base.id}/repair", data=form)
    assert answer.status_code == 422
    assert "3 fields need a change" in answer.text
    form = {"csrf_token": form["csrf_token"], "associates": "NOBODY"}
    answer = client.post(f"/rosters/{base.id}/repair", data=form)
    assert answer.status_code == 422
    assert "no associate with this code" in answer.text


def test_why_not_is_answered_for_every_shift(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    base = operation.draft()
    code = operation.scenario.associates[0].code
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{base.id}/associates/{code}")
        press(page.get_by_role("link", name="Why not?").nth(8))
        expect(page.get_by_role("heading", name="Everything that could stand there")).to_be_visible()
        shift = next(one.code for one in operation.scenario.shift_types if one.code != operation.scenario.associates[0].timing)
        press(page.get_by_role("link", name=f"{shift} explained"))
        expect(page.get_by_role("heading", name=re.compile("Why not"))).to_be_visible()
        expect(page.get_by_text("One timing kept").first).to_be_visible()
        answer = page.request.get(f"{address}/rosters/{base.id}/why.json?associate={code}&day=2027-01-11&shift={shift}").json()
    assert answer["chosen"] == shift
    assert {one["verdict"] for one in answer["options"]} <= {"stands", "free", "with changes", "impossible"}


def test_why_not_is_asked_from_a_cell_of_the_grid_and_of_the_board(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:
    base = operation.draft()
    code, day = operation.scenario.associates[1].code, operation.scenario.horizon.dates[2]
    asked = re.compile(rf"/rosters/{base.id}/why\?associate={code}&day={day}")
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{base.id}")
        page.locator(f"tr[data-who='{code}'] td").nth(2).click()
        page.get_by_role("link", name=f"Why not another shift for {code}").click()
        expect(page).to_have_url(asked)
        page.go_back()
        page.locator("[data-grid][data-ready]").wait_for()
        page.locator(f"tr[data-who='{code}'] td").nth(2).click()
        page.keyboard.press("Control+i")
        expect(page).to_have_url(asked)
        for way in ("key", "button"):
            page.goto(f"{address}/rosters/{base.id}/board?who={code}&day={day}")
            page.locator("[data-board][data-ready]").wait_for()
            if way == "key":
                page.locator("[data-board] table").first.focus()
                page.keyboard.press("Control+i")
            else:
                page.get_by_role("button", name="Why not?").click()
            expect(page).to_have_url(asked)


def test_a_full_office_has_ways_out(client: FlaskClient, operation: Operation) -> None:
    base = operation.draft()
    with operation.engine.begin() as connection:
        connection.execute(text("UPDATE site SET office_seats = 500, office_days_per_week = 0"))
    assert "Everybody has a seat" in client.get(f"/rosters/{base.id}/office-seats").text
    with operation.engine.begin() as connection:
        connection.execute(text("UPDATE site SET office_seats = 1, office_days_per_week = 1"))
    page = client.get(f"/rosters/{base.id}/office-seats").text
    assert "This does not fit into 1 seat<" in page
    assert " more: " in page
    assert "from home against the work mode" in page
    assert client.get("/rosters/999/office-seats").status_code == 404


def test_why_not_refuses_what_is_not_there(client: FlaskClient, operation: Operation) -> None:
    base = operation.draft()
    code = operation.scenario.associates[0].code
    for query, status in (
        ("", 400), (f"associate={code}", 400), ("associate=NOBODY&day=2027-01-05", 404),
        (f"associate={code}&day=2026-01-05", 404), (f"associate={code}&day=2027-01-05&shift=X", 404),
    ):  # fmt: skip
        assert client.get(f"/rosters/{base.id}/why?{query}").status_code == status, query
    assert "Nothing clashes any more" in client.get(f"/rosters/{base.id}/clashes/{code}").text


def test_scenarios_are_made_solved_and_compared(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    base = operation.draft()
    code = operation.scenario.associates[0].code
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/scenarios")
        expect(page.get_by_text("No scenario yet")).to_be_visible()
        for name, more in (("Two more", "2"), ("As it is", "")):
            page.goto(f"{address}/scenarios/new?roster={base.id}")
            write(page.get_by_label("Name", exact=True), name)
            write(page.get_by_label("How many more"), more)
            write(page.get_by_label("Like whom"), code)
            press(page.get_by_role("button", name="Make the scenario"))
            write(page.get_by_label("Seconds, at most"), "2")
            with page.expect_navigation():
                press(page.get_by_role("button", name="Solve"))
            work_off(app)
            page.reload()
            press(page.get_by_role("link", name="Look at what came out"))
            expect(page.get_by_role("heading", name="Who changes")).to_be_visible()
        page.goto(f"{address}/scenarios")
        for box in page.get_by_role("checkbox").all():
            press(box, "Space")
        press(page.get_by_role("button", name="Compare those chosen"))
        expect(page.get_by_role("region", name="Figures side by side")).to_contain_text("Two more")
        expect(page.get_by_text(f"2 more like {code}")).to_be_visible()


def test_faults_of_a_scenario_come_all_at_once(client: FlaskClient, operation: Operation) -> None:
    base = operation.draft()
    form = {
        "csrf_token": token(client.get("/scenarios/new")), "roster": str(base.id), "volume-0": "lots", "hired": "-3",
        "leaving": "A1", "rule-rest_minutes": "x",
    }  # fmt: skip
    answer = client.post("/scenarios", data=form)
    assert answer.status_code == 422
    assert answer.text.count("<li>name") == 1
    for field in ("volume-0", "hired", "leaving last", "rule-rest minutes"):
        assert f"<li>{field}" in answer.text, field
