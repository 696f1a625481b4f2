"""Pages on which planners keep the facts of a site: forms that say everything that is wrong, and where defaults come from."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.web.keys import press, reach, write, write_date
from tests.web.served import Operation, serve, sign_in_page
from web.operation.kinds import KINDS, RecordKind


def token(page: str) -> dict[str, str]:
    """Return the secrets of the first form of a page."""
    form = page[page.index('<form method="post" class="sheet') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)[:2])


def person_fields(engine: Engine, **other: str) -> dict[str, str]:
    with engine.connect() as connection:
        team = connection.execute(text("SELECT name FROM team ORDER BY name LIMIT 1")).scalar_one()
        skill = connection.execute(text("SELECT name FROM skill ORDER BY name LIMIT 1")).scalar_one()
    plain = {
        "code": "Z1",
        "name": "Zoë <b>Z</b>",
        "team": team,
        "skills": skill,
        "work_mode": "home",
        "timing": "",
        "night_consent": "yes",
        "contract_start": "2027-01-01",
        "contract_end": "2027-06-30",
    }
    return plain | other


def test_an_associate_is_added_changed_and_set_aside(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    answer = client.post("/people/new", data=person_fields(engine) | token(client.get("/people/new").text))
    assert answer.status_code == 302
    address = answer.location
    page = client.get(address).text
    assert "Zoë &lt;b&gt;Z&lt;/b&gt;" in page
    client.post(address, data=person_fields(engine, name="Zoe") | token(page))
    page = client.get(address).text
    assert "Changed by planner, Wed 6 Jan 2027 10:30 IST" in page
    assert "it was Zoë" in page
    assert client.post(f"{address}/active", data={"active": "no"} | token(page)).status_code == 302
    assert "Not planned with." in client.get(address).text
    assert "Nobody matches" in client.get("/people?q=Z1").text
    assert "Zoe" in client.get("/people?q=Z1&state=inactive").text


def test_everything_wrong_is_said_at_once_and_what_was_typed_stays(
    client: FlaskClient, engine: Engine, operation: Operation
) -> None:
    wrong = person_fields(engine, name="", skills="", contract_start="2027-13-01", code="A0001", work_mode="moon")
    answer = client.post("/people/new", data=wrong | token(client.get("/people/new").text))
    assert answer.status_code == 422
    for said in (
        "5 things have to change",
        "The value is missing",
        "Somebody has this code",
        "Tick at least one",
        "no work mode",
    ):
        assert said in answer.text, said
    assert "Line 1, contract start: This is no date" in answer.text
    assert 'value="2027-13-01"' in answer.text


def test_two_who_change_the_same_do_not_overwrite_each_other(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    page = client.get("/operation/skills/1").text
    client.post("/operation/skills/1", data={"name": "first"} | token(page))
    answer = client.post("/operation/skills/1", data={"name": "second"} | token(page))
    assert answer.status_code == 409
    assert "Somebody changed this after you opened it" in answer.text
    assert "Open the page again" not in answer.text, "nobody said from where it was sent"
    for sent_from, is_linked in (("/operation/skills/1", True), ("/nothing", False), ("//elsewhere.example/", False)):
        headers = {"Referer": f"http://localhost{sent_from}" if sent_from[1] != "/" else f"http:{sent_from}"}
        answer = client.post("/operation/skills/1", data={"name": "third"} | token(page), headers=headers)
        assert (f'href="http://localhost{sent_from}">Open the page again' in answer.text) is is_linked, sent_from
    assert "first" in client.get("/operation/skills").text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_every_list_shows_what_there_is_and_its_form_where_defaults_come_from(
    app: Flask, client: FlaskClient, operation: Operation, kind: RecordKind
) -> None:
    page = client.get(f"/operation/{kind.path}").text
    assert page.count('<th scope="row"') >= 1
    with app.app_context():
        fields = kind.fields(1)
    for one in fields:
        assert one.label in page
        assert not one.source or one.source in page


def test_an_address_of_no_kind_and_a_record_of_no_id_are_not_there(client: FlaskClient, operation: Operation) -> None:
    assert client.get("/operation/nothing").status_code == 404
    assert client.get("/operation/skills/999").status_code == 404
    assert client.get("/people/999").status_code == 404


def test_a_shift_that_leaves_too_little_is_refused_with_the_arithmetic(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/operation/shift-types").text
    wrong = {"code": "S8", "start": "06:00", "span_minutes": "480"}
    answer = client.post("/operation/shift-types", data=wrong | token(page))
    assert answer.status_code == 422
    assert "480 - 1 x 30 (meal) - 7 x 10 (short) - 1 x 20 (coaching) = 360, which is 48 too few" in answer.text


def test_people_are_kept_by_keyboard_alone(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/people")
        press(page.get_by_role("link", name="New associate"))
        write(page.get_by_label("Code", exact=True), "Z9")
        page.keyboard.press("Tab")
        page.keyboard.type("Zara")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        write_date(page.get_by_label("Contract 1: first day"), "2027-01-04")
        write_date(page.get_by_label("Contract 1: last day"), "2027-01-01")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The contract ends on 2027-01-01, before it starts")
        write_date(page.get_by_label("Contract 1: last day"), "2027-07-01")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Zara")
        page.goto(f"{address}/people?q=zar")
        expect(page.get_by_role("link", name="Zara")).to_be_visible()


def test_rules_say_where_each_default_comes_from_and_who_changed_it(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/site/rules").text
    assert "This is the default. Law: EU Working Time Directive 2003/88/EC, article 3" in page
    values = dict(re.findall(r'id="(\w+)" name="\w+" value="(\d+)"', page))
    values |= {"timing": "fixed", "week_starts_on": "monday", "night_consent_required": "no", "rest_minutes": "720"}
    assert client.post("/site/rules", data=values | token(page)).status_code == 302
    page = client.get("/site/rules").text
    assert "Changed by planner, Wed 6 Jan 2027 10:30 IST; it was 660. Default: 660 minutes. Law: EU" in page
    wrong = values | {"rest_minutes": "soon", "max_consecutive_days": "99", "timing": "never"}
    answer = client.post("/site/rules", data=wrong | token(page))
    assert answer.status_code == 422
    assert "3 things have to change" in answer.text


def test_the_arithmetic_of_a_policy_follows_what_is_typed(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/site/breaks")
        verdict = page.locator("[data-verdict]")
        expect(verdict).to_contain_text("✓ 420 productive minutes")
        write(page.get_by_label("Line 1: minutes of one break"), "60")
        expect(verdict).to_contain_text("✗ 390 productive minutes")
        expect(verdict).to_contain_text("540 - 1 x 60 (meal) - 7 x 10 (short) - 1 x 20 (coaching) = 390, which is 18 too few")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
        press(page.get_by_role("link", name="meal 45, 5 x 15"))
        expect(verdict).to_contain_text("This policy can be kept")
        press(page.get_by_role("button", name="Save the policy"))
        expect(page.get_by_role("status").first).to_contain_text("The break policy is saved")
        expect(page.get_by_label("Line 1: minutes of one break")).to_have_value("45")


def test_rules_and_shift_types_are_changed_by_keyboard_alone(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/site/rules")
        write(page.locator("#rest_minutes"), "720")
        page.keyboard.press("Enter")
        expect(page.get_by_text("it was 660")).to_be_visible()
        page.goto(f"{address}/operation/shift-types")
        write(page.get_by_label("Code", exact=True), "S8")
        reach(page.get_by_label("Start", exact=True)).page.keyboard.type("0700AM")
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="S8", exact=True)).to_be_visible()
