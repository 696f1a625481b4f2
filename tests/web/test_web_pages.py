"""Pages in all their states, asked for by a test client."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from scheduling.plan import LEAVE, NONE, OFF, RosterPlan
from services import planning_runs, publishing, reading
from services.accounts import Role
from storage.database import engine_at
from tests import stored
from tests.conftest import SteppedClock
from tests.web.served import NOW, Operation, make_app, sign_in
from web import pages

ROSTER_PAGES = ("", "/breaks", "/coverage", "/figures", "/violations", "/publish", "/associates/{code}")


@dataclass(frozen=True)
class Shown:
    """A client for tests that only read, with roster 1 of an operation: a draft that may not be published."""

    client: FlaskClient
    operation: Operation
    id: int


@pytest.fixture(scope="module")
def shown(shared_engine: Engine) -> Shown:
    operation = Operation(shared_engine, SteppedClock(NOW))
    draft = operation.draft(blocking=2, reasons=3)
    return Shown(sign_in(make_app(shared_engine, SteppedClock(NOW)).test_client()), operation, draft.id)


def token(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def test_an_empty_database_is_explained(client: FlaskClient) -> None:
    assert "flask sample load" in client.get("/").text
    assert "flask sample load" in client.get("/generate").text


def test_a_site_without_rosters_leads_to_generate(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/").text
    assert "No roster yet" in page
    assert 'href="/generate"' in page


def test_all_pages_of_a_roster_are_there(shown: Shown) -> None:
    code = shown.operation.scenario.associates[0].code
    for page in ROSTER_PAGES:
        answer = shown.client.get(f"/rosters/{shown.id}{page.format(code=code)}")
        assert answer.status_code == 200, page
        assert "Asia/Kolkata (UTC+05:30)" in answer.text
        assert ">Draft<" in answer.text


def test_nothing_inline_is_on_any_page_and_the_headers_forbid_it(client: FlaskClient, operation: Operation) -> None:
    draft = operation.draft(blocking=1)
    run = planning_runs.request_run(
        operation.engine,
        stored.SITE,
        operation.scenario.horizon.first_day,
        2,
        seed=1,
        seconds=5,
        by="asha",
        clock=operation.clock,
    )
    pages = [page.format(code=operation.scenario.associates[0].code) for page in ROSTER_PAGES]
    for address in ("/", "/generate", f"/runs/{run.id}", "/nothing", *(f"/rosters/{draft.id}{page}" for page in pages)):
        answer = client.get(address)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", answer.text), address
        assert not re.search(r'(src|href)="(https?:)?//', answer.text), address
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_grid_says_the_plan(shown: Shown) -> None:
    page = shown.client.get(f"/rosters/{shown.id}").text
    plan = stored.rotation(shown.operation.scenario)
    cells = re.findall(r'<td class="(w \w+|off|leave|none)', page)
    assert len(cells) == plan.values.size
    assert sum(cell.startswith("w ") for cell in cells) == (plan.values >= 0).sum()
    for word, value in (("off", OFF), ("leave", LEAVE), ("none", NONE)):
        assert cells.count(word) == (plan.values == value).sum()


def test_a_draft_is_striped_and_a_published_roster_solid(client: FlaskClient, operation: Operation) -> None:
    draft, published = operation.draft(shift=1), operation.published()
    assert 'class="grid draft"' in client.get(f"/rosters/{draft.id}").text
    assert 'class="grid published"' in client.get(f"/rosters/{published.id}").text


def test_search_and_team_filter_the_rows(shown: Shown) -> None:
    one = shown.operation.scenario.associates[3]
    found = shown.client.get(f"/rosters/{shown.id}", query_string={"q": one.name.upper()}).text
    assert re.findall(r'<tr data-who="([^"]+)"', found) == [one.code]
    of_team = [other.code for other in shown.operation.scenario.associates if other.team == one.team]
    found = shown.client.get(f"/rosters/{shown.id}", query_string={"team": one.team}).text
    assert re.findall(r'<tr data-who="([^"]+)"', found) == of_team
    assert "Nobody matches" in shown.client.get(f"/rosters/{shown.id}?q=nobody-has-this-name").text


def test_a_violation_links_to_its_cell(shown: Shown) -> None:
    page = shown.client.get(f"/rosters/{shown.id}/violations").text
    assert "Blocks publishing" in page
    assert "Nearest way out" in page
    assert re.search(rf'href="/rosters/{shown.id}/board\?who=[^"]+&amp;day=', page)
    assert '#cell"' not in page


def test_who_may_not_edit_is_led_to_the_cell_of_the_grid(shown: Shown) -> None:
    reader = sign_in(shown.client.application.test_client(), Role.SUPERVISOR)
    page = reader.get(f"/rosters/{shown.id}/violations").text
    link = re.search(r'href="(/rosters/[^"]*)#cell"', page)
    assert link
    assert "/board?" not in page
    grid = reader.get(link[1].replace("&amp;", "&")).text
    assert len(re.findall(r'<td id="cell"', grid)) == 1


def test_a_roster_of_which_nothing_is_proven_says_so(client: FlaskClient, operation: Operation) -> None:
    head = operation.draft()
    assert "It is proven that no roster costs less than" in client.get(f"/rosters/{head.id}/figures").text
    with operation.engine.begin() as connection:
        connection.execute(text("UPDATE roster SET bound = 0, gap = 1"))
    figures = client.get(f"/rosters/{head.id}/figures").text
    assert "was not proven" in figures
    assert "Proven bound" not in figures
    assert not any("100.00" in page for page in (figures, client.get("/").text))


def test_a_roster_without_violations_says_so(client: FlaskClient, operation: Operation) -> None:
    assert "No rule is broken" in client.get(f"/rosters/{operation.draft().id}/violations").text


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("/rosters/999", 404, "There is no roster 999"),
        ("/runs/999", 404, "There is no planning run 999"),
        ("/runs/999/events", 404, "There is no planning run 999"),
        ("/nothing", 404, "mistyped"),
        ("/rosters/{id}/breaks?day=2030-01-01", 404, "is not in this roster"),
        ("/rosters/{id}/coverage?day=yesterday", 400, "is not a date such as"),
        ("/rosters/{id}/coverage?skill=juggling", 404, "The address asks for skill=juggling"),
        ("/rosters/{id}/associates/ZZZ", 404, "There is no associate"),
        ("/rosters/{id}/violations?page=0", 400, "is not a whole number from 1"),
        ("/rosters/{id}/export.pdf", 404, "not as"),
        ("/rosters/99999999999999999999", 404, "mistyped"),
    ],
)
def test_wrong_addresses_say_what_is_wrong(shown: Shown, address: str, code: int, words: str) -> None:
    answer = shown.client.get(address.format(id=shown.id))
    assert answer.status_code == code
    assert words in answer.text
    assert "To the first page" in answer.text


def test_an_error_is_json_for_who_asks_for_json(client: FlaskClient) -> None:
    answer = client.get("/runs/999/state.json", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json == {"error": "There is nothing here", "message": "There is no planning run 999."}


def test_a_broken_view_is_a_page_that_tells_no_secrets(app: Flask, operation: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(reading, "list_rosters", broken)
    answer = sign_in(app.test_client()).get("/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "hunter2" not in answer.text


def test_publishing_shows_the_difference_and_puts_the_draft_in_force(client: FlaskClient, operation: Operation) -> None:
    old, draft = operation.published(), operation.draft(shift=1)
    page = client.get(f"/rosters/{draft.id}/publish")
    difference = publishing.difference(operation.engine, draft.id, clock=operation.clock)
    assert f"roster {old.id}" in page.text
    assert f">{difference.associates_changed}</dd>" in page.text
    assert "The first change lies in the past" in page.text
    data = {"csrf_token": token(page), "version": str(draft.version), "reason": ""}
    assert "Say why it is right" in client.post(f"/rosters/{draft.id}/publish", data=data).text
    answer = client.post(f"/rosters/{draft.id}/publish", data={**data, "reason": "floods"}, follow_redirects=True)
    assert f"Roster {draft.id} is published" in answer.text
    assert reading.roster_summary(operation.engine, draft.id).published_by == "planner"


def test_a_database_that_is_away_is_told_in_the_words_of_the_reader_and_its_own_go_to_the_log(
    client: FlaskClient, app: Flask, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    app.extensions["engine"] = engine_at(engine.url.set(database="never_made"))
    for language, words in (("hi", "डेटाबेस"), ("es-MX,en", "base de datos"), ("fr", "The database cannot be reached.")):
        answer = client.get("/", headers={"Accept-Language": language})
        assert answer.status_code == 503
        assert words in answer.text
        assert "never_made" not in answer.text
    assert 'database "never_made" does not exist' in caplog.text
    assert client.get("/nowhere").status_code == 404


def test_a_stale_version_is_a_conflict_and_changes_nothing(client: FlaskClient, operation: Operation) -> None:
    draft = operation.draft()
    page = client.get(f"/rosters/{draft.id}/publish")
    with operation.engine.begin() as connection:
        connection.execute(text("UPDATE roster SET version = version + 1"))
    data = {"csrf_token": token(page), "version": str(draft.version), "reason": "floods"}
    answer = client.post(f"/rosters/{draft.id}/publish", data=data)
    assert answer.status_code == 409
    assert "This is not possible as things stand" in answer.text
    assert "you saw version 1" in answer.text
    assert reading.roster_summary(operation.engine, draft.id).published_at is None


def test_with_only_one_end_named_nothing_is_published(client: FlaskClient, operation: Operation) -> None:
    draft = operation.draft()
    page = client.get(f"/rosters/{draft.id}/publish")
    data = {"csrf_token": token(page), "version": str(draft.version), "reason": "floods", "first_day": str(draft.first_day)}
    assert client.post(f"/rosters/{draft.id}/publish", data={**data, "last_day": ""}).status_code == 400
    assert reading.roster_summary(operation.engine, draft.id).published_at is None


def test_what_is_left_to_publish_does_not_reach_over_days_of_another_roster(client: FlaskClient, operation: Operation) -> None:
    first, second = operation.draft(), operation.draft(shift=1)
    for head, day in ((first, 0), (second, 4)):
        only = publishing.Days(*[head.first_day + timedelta(days=day)] * 2)
        publishing.publish_roster(
            operation.engine, head.id, 1, by="planner", clock=operation.clock, reason="by and by", days=only
        )  # fmt: skip
    page = client.get(f"/rosters/{first.id}/publish").text
    assert f'name="first_day" value="{first.first_day + timedelta(days=1)}"' in page
    assert f'name="last_day" value="{first.first_day + timedelta(days=3)}"' in page


def test_violations_that_need_a_reason_get_one(client: FlaskClient, operation: Operation) -> None:
    draft = operation.draft(reasons=2)
    page = client.get(f"/rosters/{draft.id}/publish")
    assert "2 violations need a reason" in page.text
    data = {"csrf_token": token(page), "version": str(draft.version), "reason": "  "}
    answer = client.post(f"/rosters/{draft.id}/publish", data=data)
    assert answer.status_code == 422
    assert "Say why it is right" in answer.text
    answer = client.post(f"/rosters/{draft.id}/publish", data={**data, "reason": "peak week"})
    assert answer.status_code == 302
    assert reading.roster_audit(operation.engine, draft.id)[-1].detail["reason"] == "peak week"


def test_hard_violations_block_publishing(client: FlaskClient, operation: Operation) -> None:
    clean, draft = operation.draft(), operation.draft(blocking=1)
    page = client.get(f"/rosters/{draft.id}/publish").text
    assert "1 violation blocks publishing" in page
    assert f'class="sheet" action="/rosters/{draft.id}/publish"' not in page
    data = {"csrf_token": token(client.get(f"/rosters/{clean.id}/publish")), "version": "1", "reason": "please"}
    assert client.post(f"/rosters/{draft.id}/publish", data=data).status_code == 409


def test_a_forged_request_is_refused(client: FlaskClient, operation: Operation) -> None:
    draft = operation.draft()
    answer = client.post(f"/rosters/{draft.id}/publish", data={"version": "1", "reason": ""})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert reading.roster_summary(operation.engine, draft.id).published_at is None


def test_a_body_too_large_is_refused(client: FlaskClient, operation: Operation) -> None:
    answer = client.post("/generate", data={"first_day": "x" * 2**21})
    assert answer.status_code == 413


def test_a_method_that_an_address_does_not_take_is_refused_with_those_it_takes(client: FlaskClient) -> None:
    answer = client.delete("/generate")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "does not take that" in answer.text


def test_generate_lists_every_fault_at_once(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/generate")
    data = {"csrf_token": token(page), "first_day": "soon", "weeks": "99", "seconds": "", "seed": "-1"}
    answer = client.post("/generate", data=data)
    assert answer.status_code == 422
    assert "4 fields need a change" in answer.text
    assert "Choose 1 to 13 weeks." in answer.text
    assert reading.active_run(operation.engine, stored.SITE) is None


def test_a_draft_is_gone_on_from(client: FlaskClient, operation: Operation) -> None:
    draft = operation.draft()
    assert f'href="/generate?begin_with={draft.id}"' in client.get(f"/rosters/{draft.id}").text
    page = client.get(f"/generate?begin_with={draft.id}")
    assert f'<option selected value="{draft.id}">' in page.text
    assert f'value="{draft.first_day.isoformat()}"' in page.text, "its days are proposed"
    data = {"csrf_token": token(page), "first_day": "2027-03-01", "weeks": "2", "seconds": "30", "seed": "5"}
    refused = client.post("/generate", data=data | {"begins_with": str(draft.id)})
    assert refused.status_code == 422
    assert "Choose these days, or begin with nothing." in refused.text
    days = {"first_day": draft.first_day.isoformat(), "weeks": str(draft.weeks), "begins_with": str(draft.id)}
    answer = client.post("/generate", data=data | days, follow_redirects=True)
    assert f'begins with <a href="/rosters/{draft.id}">roster {draft.id}</a>' in answer.text
    run = reading.active_run(operation.engine, stored.SITE)
    assert run is not None
    assert (run.base_roster_id, run.base_version) == (draft.id, draft.version)


def test_generate_queues_one_run_which_can_be_stopped(client: FlaskClient, operation: Operation) -> None:
    page = client.get("/generate")
    assert 'value="2027-01-11"' in page.text, "the Monday after today is proposed"
    data = {"csrf_token": token(page), "first_day": "2027-01-04", "weeks": "2", "seconds": "30", "seed": "5"}
    answer = client.post("/generate", data=data, follow_redirects=True)
    run = reading.active_run(operation.engine, stored.SITE)
    assert run is not None
    assert (run.weeks, run.seconds, run.seed, run.requested_by) == (2, 30.0, 5, "planner")
    assert "Waiting for a worker" in answer.text
    assert "A roster is being built" in client.get("/").text
    again = client.post("/generate", data=data)
    assert again.status_code == 409
    client.post(f"/runs/{run.id}/stop", data={"csrf_token": token(answer)})
    assert client.get(f"/runs/{run.id}/state.json").get_json()["is_ended"] is True
    assert client.post(f"/runs/{run.id}/stop", data={"csrf_token": token(answer)}).status_code == 409


def test_names_are_text_and_never_markup(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    draft = operation.draft(blocking=1)
    code = operation.scenario.associates[0].code
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE associate SET name = :name WHERE code = :code"), {"name": "<script>alert(1)</script>", "code": code}
        )
    for page in ("", "/breaks", "/violations", f"/associates/{code}"):
        assert "<script>alert" not in client.get(f"/rosters/{draft.id}{page}").text


def test_exports_hold_every_assignment(shown: Shown) -> None:
    rows = list(csv.DictReader(io.StringIO(shown.client.get(f"/rosters/{shown.id}/export.csv").text)))
    plan = stored.rotation(shown.operation.scenario)
    assert len(rows) == plan.values.size
    answer = shown.client.get(f"/rosters/{shown.id}/export.xlsx")
    assert f"roster-{shown.id}-2027-01-04.xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True)
    assert book.sheetnames == ["Roster", "Breaks", "Coverage"]


def test_the_page_of_breaks_shows_every_break_of_the_day(shown: Shown) -> None:
    page = shown.client.get(f"/rosters/{shown.id}/breaks?day=2027-01-05").text
    shifts = int((stored.rotation(shown.operation.scenario).values[:, 1] >= 0).sum())
    assert page.count('class="span"') == shifts
    assert page.count('class="brk') == 9 * shifts


def test_a_day_of_very_many_shifts_is_shown_a_team_at_a_time(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "GANTT_LIMIT", 3)
    page = shown.client.get(f"/rosters/{shown.id}/breaks?day=2027-01-05").text
    first = min(one.team for one in shown.operation.scenario.associates)
    assert f"of team {first} start on" in page
    assert "all teams" not in page


def test_a_day_on_which_nobody_starts_is_explained(client: FlaskClient, operation: Operation) -> None:
    drawn = stored.result(operation.scenario)
    values, assigned, places = drawn.plan.values.copy(), drawn.breaks.assigned.copy(), drawn.plan.places.copy()
    values[:, 0][values[:, 0] >= 0], assigned[:, 0], places[:, 0] = OFF, -1, 0
    off = replace(drawn, plan=RosterPlan(values, places), breaks=replace(drawn.breaks, assigned=assigned))
    draft = operation.store(off)
    assert "No shift starts on Monday 4 January 2027" in client.get(f"/rosters/{draft.id}/breaks?day=2027-01-04").text


def test_the_clock_of_the_application_marks_today(shown: Shown) -> None:
    page = shown.client.get(f"/rosters/{shown.id}").text
    marked = re.findall(r'<th scope="col" class="[^"]*today[^"]*" data-date="([^"]+)"', page)
    assert marked == [SteppedClock(NOW).now().date().isoformat()]


def test_a_roster_says_which_one_took_its_place(client: FlaskClient, operation: Operation) -> None:
    old, new = operation.published(), operation.published()
    for page in ("", "/figures"):
        told = client.get(f"/rosters/{old.id}{page}").text
        assert "Not in force on any of its days any more" in told
        assert f'href="/rosters/{new.id}">Roster {new.id}</a>' in told
    assert "Not in force" not in client.get(f"/rosters/{new.id}").text
    assert "Not in force" not in client.get(f"/rosters/{operation.draft().id}").text


def test_figures_say_part_by_part_how_far_the_roster_can_be_from_the_best(client: FlaskClient, operation: Operation) -> None:
    made = stored.result(operation.scenario)
    made = replace(made, objective=120.5, bound=118.0, objective_parts={"shortage": 20.5, "hours worked": 100.0})
    page = client.get(f"/rosters/{operation.store(made).id}/figures").text
    required = float(made.coverage.required.sum()) * operation.scenario.horizon.interval_minutes / 60
    assert re.search(
        r"Hours worked</th><td class=\"num\">100\.0</td>.*Shortage</th><td class=\"num\">20\.5</td>", page, re.DOTALL
    )
    assert "better by 2.5 head-hours at most: " + f"{250 / required:.2f} for each 100 required" in page
