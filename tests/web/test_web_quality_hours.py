"""Pages of quality, goals, hours and the own day: with a thousand people, on a phone, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from scheduling.presence import PresenceEvent, PresenceKind
from services import goals, quality
from services.accounts import Role
from services.goals import GoalStepRow
from services.opening import open_floor
from services.presence import record
from tests.answered import Given, answer_all
from tests.conftest import SteppedClock
from tests.published import Site, open_site, published_site
from tests.web.served import NOW, make_app, serve, sign_in, sign_in_page
from tests.web.test_web_browser import NAMELESS

Open = Callable[..., Page]
MANY = 1000
DRAWN = """
INSERT INTO answer_day SELECT a.id, q.id, date '2027-01-06' - d, 100, 10, 5 + (a.id + d) % 6, 4, 4, 100 * s, 100 * ln(s),
100 * (ln(s)^2 + .1) FROM (SELECT id, 15 + (id * 31) % 25 AS s FROM associate) a
CROSS JOIN queue q CROSS JOIN generate_series(0, 27) d
"""


@pytest.fixture(scope="module")
def many(shared_engine: Engine) -> Site:
    """A thousand people with four weeks of answers, and the shifts of two days."""
    clock = SteppedClock(NOW)
    site = published_site(shared_engine, clock, associates=MANY)
    open_floor(shared_engine, site.site_id, clock=clock)
    with shared_engine.begin() as connection:
        connection.execute(text(DRAWN))
    for queue in quality.queues_of(shared_engine, site.site_id):
        goals.save_goals(shared_engine, site.site_id, queue.id, [GoalStepRow(1, 0.8, 30.0)], by="planner", clock=clock)
    return site


@pytest.fixture(scope="module")
def shared_app(many: Site) -> Flask:
    return make_app(many.engine, SteppedClock(NOW))


@pytest.fixture(scope="module")
def address(shared_app: Flask) -> Iterator[str]:
    with serve(shared_app) as served:
        yield served


@pytest.fixture
def site(engine: Engine) -> Site:
    return open_site(engine, SteppedClock(NOW))


def on_shift(site: Site) -> tuple[int, str]:
    """Return id and code of somebody whose shift goes on."""
    query = (
        "SELECT a.id, a.code FROM duty d JOIN associate a ON a.id = d.associate_id "
        "WHERE starts_at <= :now AND :now < ends_at LIMIT 1"
    )
    with site.engine.connect() as connection:
        row = connection.execute(text(query), {"now": NOW}).one()
    return row.id, row.code


def test_pages_of_a_thousand_fit_a_phone_and_everything_has_a_name(
    open_page: Open, shared_app: Flask, address: str, many: Site
) -> None:
    who, code = on_shift(many)
    of_administrator = ("/quality", f"/quality/associates/{who}", "/quality/goals", "/hours", "/hours/rule")
    of_associate = ("/me", "/me/figures", "/me/week", "/me/month")
    for role, paths in ((Role.ADMINISTRATOR, of_administrator), (Role.ASSOCIATE, of_associate)):
        page = open_page(390, 844)
        sign_in_page(page, shared_app, role, **({"associate": code} if role is Role.ASSOCIATE else {}))
        for path in paths:
            page.goto(address + path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} is {wide} px wider than the screen"
            assert not page.evaluate(NAMELESS), path
            assert page.locator("h1").count() == 1, path


def test_the_table_of_quality_has_everybody_and_narrows(open_page: Open, shared_app: Flask, address: str, many: Site) -> None:
    page = sign_in_page(open_page(), shared_app, Role.ADMINISTRATOR)
    page.goto(f"{address}/quality")
    expect(page.locator("tbody tr")).to_have_count(MANY)
    first = page.locator("tbody tr").first
    assert "not met" in first.inner_text()
    team = many.scenario.associates[0].team
    page.select_option("#team", label=team)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(sum(one.team == team for one in many.scenario.associates))
    assert set(page.locator("tbody td[data-label=Team]").all_inner_texts()) == {team}


def test_a_supervisor_sees_the_teams_that_he_leads_and_nobody_else(many: Site, shared_app: Flask) -> None:
    team = many.scenario.associates[0].team
    client = sign_in(shared_app.test_client(), Role.SUPERVISOR, name="leader", teams=[team])
    page = client.get("/quality").text
    own = [one for one in many.scenario.associates if one.team == team]
    assert page.count('<a href="/quality/associates/') == len(own)
    assert client.get(f"/quality/associates/{many.associate_id(own[0].code)}").status_code == 200
    other = next(one for one in many.scenario.associates if one.team != team)
    number = many.associate_id(other.code)
    assert client.get(f"/quality/associates/{number}").status_code == 403
    assert client.post(f"/quality/associates/{number}/coachings").status_code in {400, 403}
    assert client.get("/hours").status_code == 403
    assert client.get("/quality/goals").status_code == 403
    nobody = sign_in(shared_app.test_client(), Role.SUPERVISOR, name="unassigned")
    assert "You lead no team yet" in nobody.get("/quality").text


@pytest.fixture
def own_app(site: Site) -> Flask:
    app = make_app(site.engine, SteppedClock(NOW))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def admin(app: Flask) -> FlaskClient:
    return sign_in(app.test_client(), Role.ADMINISTRATOR)


def test_a_coaching_is_noted_from_what_is_suggested(site: Site, own_app: Flask) -> None:
    who, _ = on_shift(site)
    queue = quality.queues_of(site.engine, site.site_id)[0]
    goals.save_goals(site.engine, site.site_id, queue.id, [GoalStepRow(1, 0.9, 30.0)], by="p", clock=SteppedClock(NOW))
    wrong = {"verdict": "misplaced"}
    at = NOW - timedelta(hours=20)
    answer_all(
        site.engine, [Given(who, queue.id, at + timedelta(seconds=n), given=wrong, known={"verdict": "ok"}) for n in range(40)]
    )
    quality.roll_up_answers(site.engine, site.site_id, clock=SteppedClock(NOW))
    client = admin(own_app)
    shown = client.get(f"/quality/associates/{who}").text
    assert "0.0 % right of 40 checked" in shown
    assert "Takes “ok” for “misplaced”" in shown
    refused = client.post(
        f"/quality/associates/{who}/coachings", data={"topic": "", "held_on": "2027-01-08", "note": "x", "queue_id": ""}
    )
    assert refused.status_code == 422
    assert "Say what it was about." in refused.text
    good = {
        "topic": "Accuracy",
        "held_on": "2027-01-06",
        "note": "look <b>twice</b>",
        "queue_id": str(queue.id),
        "based_on": "0 of 40",
    }
    assert client.post(f"/quality/associates/{who}/coachings", data={**good, "held_on": "2027-01-08"}).status_code == 422
    assert client.post(f"/quality/associates/{who}/coachings", data=good).status_code == 302
    shown = client.get(f"/quality/associates/{who}").text
    assert "look &lt;b&gt;twice&lt;/b&gt;" in shown
    assert "The coaching is noted." in shown


def test_goals_are_set_in_the_browser_and_refused_with_every_fault(site: Site, own_app: Flask) -> None:
    queue = quality.queues_of(site.engine, site.site_id)[0]
    client = admin(own_app)
    typed = {"from_week": ["1", "4", ""], "accuracy": ["85", "92,5 %", ""], "seconds": ["40", "31.5", ""]}
    assert client.post(f"/quality/goals/{queue.id}", data=typed).status_code == 302
    stored = {one.queue_id: one.steps for one in goals.goals_of(site.engine, site.site_id)}
    assert stored[queue.id] == (GoalStepRow(1, 0.85, 40.0), GoalStepRow(4, 0.925, 31.5))
    for bad, said in (
        ({"from_week": ["x"], "accuracy": ["85"], "seconds": [""]}, "no number"),
        ({"from_week": ["1.5"], "accuracy": ["85"], "seconds": ["40"]}, "whole number"),
        ({"from_week": ["1"], "accuracy": ["185"], "seconds": ["40"]}, "at most 100 %"),
        ({"from_week": ["1", "4"], "accuracy": ["90", "80"], "seconds": ["30", "40"]}, "no less accuracy"),
    ):
        answer = client.post(f"/quality/goals/{queue.id}", data=bad)
        assert answer.status_code == 422
        assert said in answer.text
    assert {one.queue_id: one.steps for one in goals.goals_of(site.engine, site.site_id)} == stored
    assert client.post(f"/quality/goals/{10**9}", data=typed).status_code == 404


def test_the_pay_rule_is_set_and_the_table_follows_it(site: Site, own_app: Flask) -> None:
    client = admin(own_app)
    rule = {
        "night_from": "21:00", "night_until": "05:00", "basis": "rostered", "least_night_minutes": "0", "per_night_hour": "30.5",
        "per_night_shift": "0", "currency": "EUR", "period": "two weeks", "period_start": "2027-01-04",
        "why": "the agreement of the new year",
    }  # fmt: skip
    assert client.post("/hours/rule", data=rule).status_code == 302
    shown = client.get("/hours").text
    assert "4 Jan – 17 Jan 2027" in shown
    assert "30.50 EUR an hour" in shown
    for change, said in (
        ({"night_until": "21:00"}, "another end"),
        ({"per_night_hour": "-1"}, "0 or more"),
        ({"night_from": ""}, "22:00"),
        ({"why": ""}, "Say why"),
    ):
        answer = client.post("/hours/rule", data={**rule, **change})
        assert answer.status_code == 422
        assert said in answer.text
    late = client.post("/hours/rule", data={**rule, "period": "month", "period_start": "2027-01-31"})
    assert "1st to the 28th" in late.text
    assert "the agreement of the new year" in client.get("/floor/history").text


def test_both_files_hold_the_figures_of_the_page(site: Site, own_app: Flask) -> None:
    client = admin(own_app)
    assert client.get("/hours/export.pdf").status_code == 404
    sheet = client.get("/hours/export.csv?day=2027-01-05")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="hours-2027-01-01-2027-01-31.csv"'
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    book = load_workbook(io.BytesIO(client.get("/hours/export.xlsx?day=2027-01-05").data), read_only=True)
    lines = list(book["Hours"].iter_rows(values_only=True))
    assert lines[0] == tuple(rows[0])
    assert len(rows) == len(lines) - 1 == len(site.scenario.associates)
    for row, line in zip(rows, lines[1:], strict=True):
        for text_value, value in zip(row.values(), line, strict=True):
            assert (float(text_value) == value) if isinstance(value, (int, float)) else text_value == str(value)
    assert sum(int(row["shifts"]) for row in rows) > 0
    team = rows[0]["team"]
    narrowed = list(csv.DictReader(io.StringIO(client.get(f"/hours/export.csv?day=2027-01-05&team={team}").text)))
    assert narrowed == [row for row in rows if row["team"] == team] != rows


def test_the_own_day_shows_plan_and_done_and_only_to_associates(site: Site, own_app: Flask, open_page: Open) -> None:
    who, code = on_shift(site)
    clock = SteppedClock(NOW)
    with site.engine.connect() as connection:
        start = connection.execute(
            text("SELECT starts_at FROM duty WHERE associate_id = :who AND starts_at <= :now AND :now < ends_at"),
            {"who": who, "now": NOW},
        ).scalar_one()
    record(site.engine, who, PresenceEvent(uuid4(), PresenceKind.SIGN_IN, start + timedelta(minutes=7)), by=code, clock=clock)
    with serve(own_app) as address:
        page = sign_in_page(open_page(), own_app, Role.ASSOCIATE, associate=code)
        page.goto(f"{address}/me")
        expect(page.get_by_text("signed in 7 min late")).to_be_visible()
        expect(page.locator(".day-bar .piece.working")).not_to_have_count(0)
        page.get_by_role("link", name="Figures by day").click()
        expect(page.get_by_role("heading", name="Hours and night allowance")).to_be_visible()
    assert admin(own_app).get("/me").status_code == 403
    associate = sign_in(own_app.test_client(), Role.ASSOCIATE, associate=code)
    for path in ("/quality", "/hours", "/hours/export.csv", "/quality/goals", f"/quality/associates/{who}"):
        assert associate.get(path).status_code == 403, path


def test_pages_of_nobody_say_what_to_do(engine: Engine) -> None:
    client = admin(make_app(engine, SteppedClock(NOW)))
    for path in ("/quality", "/hours"):
        assert "No operation" in client.get(path).text
    for path in ("/quality/goals", "/hours/rule", "/hours/export.csv"):
        assert client.get(path).status_code == 404
