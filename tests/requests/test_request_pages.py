"""The pages of requests as each role gets them: every page in every state, errors in words, other teams out of reach."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services import leave_requests
from services.accounts import Role
from services.leave_requests import LeaveRequest
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day
from tests.requests.test_swaps import answer, first_offer, offer
from tests.web.served import make_app, sign_in


@pytest.fixture
def app(asking: AskingSite, clock: SteppedClock) -> Flask:
    made = make_app(asking.engine, clock)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def supervisor(app: Flask, asking: AskingSite) -> FlaskClient:
    teams = [row[0] for row in asking.rows("SELECT name FROM team")]
    return sign_in(app.test_client(), Role.SUPERVISOR, teams=teams)


def ask(at: AskingSite, number: int = 0) -> LeaveRequest:
    who = at.site.associate_id(at.codes[number])
    return leave_requests.ask_leave(at.engine, who, at.annual, day(8), day(9), "a wedding", by="a", clock=at.clock)


def test_supervisors_decide_many_at_once_and_say_why(supervisor: FlaskClient, asking: AskingSite) -> None:
    first, second = ask(asking), ask(asking, 1)
    page = supervisor.get("/requests").text
    assert page.count('name="leave"') == 2
    assert "a wedding" in page
    refused = supervisor.post("/requests", data={"leave": [first.id], "decision": "refuse"})
    assert refused.status_code == 422
    assert "Say why these are refused" in refused.text
    assert supervisor.post("/requests", data={"decision": "approve"}).status_code == 422
    done = supervisor.post("/requests", data={"leave": [first.id, second.id], "decision": "approve"}, follow_redirects=True)
    assert "2 approved." in done.text
    again = supervisor.post("/requests", data={"leave": [first.id], "decision": "approve"}, follow_redirects=True)
    assert "Not done:" in again.text
    assert "Leave approved" in supervisor.get(f"/requests/leave/{first.id}").text


def test_one_request_is_decided_on_its_own_page_beside_its_effect(supervisor: FlaskClient, asking: AskingSite) -> None:
    request = ask(asking)
    address = f"/requests/leave/{request.id}"
    page = supervisor.get(address).text
    assert "Effect on coverage" in page
    assert "2 days from the balance" in page
    alone = {"leave": [request.id], "alone": request.id}
    wrong = supervisor.post("/requests", data={**alone, "decision": "refuse"})
    assert wrong.status_code == 422
    assert "Say why this is refused" in wrong.text
    assert "of " + request.name in wrong.text, "the page is the one from which it was sent"
    assert (
        "1 refused."
        in supervisor.post("/requests", data={**alone, "decision": "refuse", "reason": "full"}, follow_redirects=True).text
    )
    assert "Effect on coverage" not in supervisor.get(address).text


def test_a_swap_that_cannot_be_done_still_says_which_days_it_is_about(supervisor: FlaskClient, asking: AskingSite) -> None:
    who, when, partner = first_offer(asking)
    answer(asking, offer(asking, who, partner))
    asking.clock.advance((when - day(0)).days * 86_400)  # type: ignore[attr-defined]
    page = supervisor.get("/requests").text
    assert "Cannot be done" in page
    assert f"{when:%a} {when.day} {when:%b}: " in page


def test_a_form_of_a_desk_says_everything_that_it_lacks_at_once(app: Flask, asking: AskingSite) -> None:
    client = sign_in(app.test_client(), Role.PLANNER)
    offered = client.post("/offers", data={"kind": "time_off", "places": "many"}).text
    window = client.post("/wishes", data={"points": "10", "weight": "1"}).text
    leave = (
        sign_in(app.test_client(), Role.ASSOCIATE, associate=asking.codes[0]).post("/me/requests/leave", data={"kind": "1"}).text
    )
    for page, wanted in (
        (offered, ("Choose the day", "how many places", "Choose the deadline")),
        (window, ("Choose the first day", "Choose the last day", "Choose when it opens", "Choose when it closes")),
        (leave, ("Choose the first day", "Choose the last day")),
    ):
        for words in wanted:
            assert words in page


def test_supervisors_reach_their_own_teams_only(app: Flask, asking: AskingSite) -> None:
    request = ask(asking)
    other = next(row[0] for row in asking.rows("SELECT name FROM team") if row[0] != request.team)
    client = sign_in(app.test_client(), Role.SUPERVISOR, teams=[other])
    assert request.name not in client.get("/requests").text
    assert client.get(f"/requests/leave/{request.id}").status_code == 404
    client.post("/requests", data={"leave": [request.id], "decision": "approve"})
    assert asking.rows("SELECT state FROM leave_request")[0][0] == "asked"
    assert client.post(f"/requests/teams/{request.team_id}", data={"automatic": "yes"}).status_code == 404


def test_every_page_of_a_supervisor_says_how_many_wait_in_the_own_teams(app: Flask, asking: AskingSite) -> None:
    request = ask(asking)
    names = [row[0] for row in asking.rows("SELECT name FROM team")]
    badge = '<span class="unread">1<span class="visually-hidden"> to decide</span></span>'
    assert badge in sign_in(app.test_client(), Role.PLANNER).get("/offers").text
    assert badge in sign_in(app.test_client(), Role.SUPERVISOR, name="boss", teams=names).get("/offers").text
    others = [name for name in names if name != request.team]
    assert "to decide</span>" not in sign_in(app.test_client(), Role.SUPERVISOR, name="other", teams=others).get("/offers").text
    assert "to decide</span>" not in sign_in(app.test_client(), Role.ASSOCIATE, associate=asking.codes[1]).get("/me").text


def test_calendar_and_tomorrow_show_who_is_there(supervisor: FlaskClient, asking: AskingSite) -> None:
    request = ask(asking)
    supervisor.post("/requests", data={"leave": [request.id], "decision": "approve"})
    assert "Annual leave, approved" in supervisor.get(f"/leave?month={day(8)}").text
    page = supervisor.get(f"/tomorrow?day={day(8)}").text
    assert "On leave" in page
    assert "not confirmed" in page
    assert "Breaks:" in page
    assert "No roster is published for this day" in supervisor.get(f"/tomorrow?day={day(90)}").text


def test_a_large_site_lists_the_people_of_one_team_at_a_time(
    supervisor: FlaskClient, asking: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.tomorrow.MOST_NAMED", 5)
    page = supervisor.get(f"/tomorrow?day={day(8)}").text
    team = asking.rows("SELECT name FROM team ORDER BY name")[0][0]
    assert "Breaks:" not in page
    assert page.count("Show the people") == len(asking.rows("SELECT 1 FROM team"))
    assert "Breaks:" in supervisor.get(f"/tomorrow?day={day(8)}&team={team}").text


@pytest.mark.parametrize("wrong", ["9999-12-31", "0001-01-01"])
def test_days_that_no_roster_reaches_are_refused(app: Flask, supervisor: FlaskClient, asking: AskingSite, wrong: str) -> None:
    assert supervisor.get(f"/tomorrow?day={wrong}").status_code == 400
    assert supervisor.get(f"/leave?month={wrong}").status_code == 400
    own = sign_in(app.test_client(), Role.ASSOCIATE, associate=asking.codes[0])
    assert "as year-month-day" in own.get(f"/me/requests/swap?day={wrong}").text


def test_a_page_that_was_decided_leads_to_the_first(supervisor: FlaskClient, asking: AskingSite) -> None:
    ask(asking)
    page = supervisor.get("/requests?page=2").text
    assert "Nothing waits for you" not in page
    assert "To the first page" in page


def test_offers_are_made_and_ended(supervisor: FlaskClient, asking: AskingSite) -> None:
    team = asking.rows("SELECT id FROM team ORDER BY name")[0][0]
    closes = (asking.clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"kind": "time_off", "day": str(day(9)), "places": "2", "team": team, "closes_at": closes, "note": "quiet day"}
    assert "Choose the deadline" in supervisor.post("/offers", data={**form, "closes_at": ""}).text
    assert "Choose a team" in supervisor.post("/offers", data={**form, "team": ""}).text
    assert "Offered." in supervisor.post("/offers", data=form, follow_redirects=True).text
    assert "Places that are taken stay taken" in supervisor.post("/offers/1/end", follow_redirects=True).text
    assert "over" in supervisor.get("/offers").text


def test_planners_set_kinds_limits_and_balances(app: Flask, asking: AskingSite) -> None:
    client = sign_in(app.test_client(), Role.PLANNER)
    kind = {
        "code": "CL",
        "name": "Casual leave",
        "days_per_year": "6",
        "notice_days": "0",
        "has_balance": "yes",
        "is_current": "yes",
    }
    assert "Casual leave is saved" in client.post("/leave/setup/kinds", data=kind, follow_redirects=True).text
    assert "already exists" in client.post("/leave/setup/kinds", data=kind).text
    assert "either a number of people or a share" in client.post("/leave/setup/limits", data={}).text
    share = client.post("/leave/setup/limits", data={"share": "10"}, follow_redirects=True)
    assert "rounded up" in share.text
    number = asking.rows("SELECT id FROM leave_limit")[0][0]
    assert "removed" in client.post(f"/leave/setup/limits/{number}/remove", follow_redirects=True).text
    code = asking.codes[0]
    lines = f"associate,kind,year,days,note\n{code},AL,2027,3,carried over\n{code},XX,2027,many\nnobody,AL,2027,1"
    wrong = client.post("/leave/setup/balances", data={"lines": lines, "do": "commit"})
    assert wrong.status_code == 422
    assert "no whole number" in wrong.text
    right = f"{code},AL,2027,3,carried over"
    assert "Nothing was taken over yet" in client.post("/leave/setup/balances", data={"lines": right, "do": "check"}).text
    assert asking.rows("SELECT count(*) FROM leave_entry WHERE kind = 'corrected'")[0][0] == 0
    assert (
        "1 lines are taken over"
        in client.post("/leave/setup/balances", data={"lines": right, "do": "commit"}, follow_redirects=True).text
    )
    below = client.post("/leave/setup/balances", data={"lines": f"{code},AL,2027,-300", "do": "commit"})
    assert "balance of leave does not suffice" in below.text
    assert "Saved." in client.post("/leave/setup/swaps", data={"notice_hours": "24"}, follow_redirects=True).text
    assert (
        "were given their days"
        in client.post("/leave/setup/grants", data={"kind": asking.annual, "year": "2028"}, follow_redirects=True).text
    )


def invalid_fields(page: str) -> set[str]:
    """Return the ids of the fields that are marked as wrong, each with what is wrong beside it."""
    ids = set(re.findall(r'aria-invalid="true" aria-describedby="([\w-]+)-fault', page))
    assert ids == set(re.findall(r'class="invalid-feedback d-block" id="([\w-]+)-fault"', page))
    return ids


def test_what_was_typed_stays_in_a_form_of_leave_that_was_refused(app: Flask, asking: AskingSite) -> None:
    client = sign_in(app.test_client(), Role.PLANNER)
    limit = client.post("/leave/setup/limits", data={"first_day": "2027-02-01", "last_day": "", "count": "some", "share": "x"})
    assert limit.status_code == 422
    assert 'value="2027-02-01"' in limit.text
    assert 'value="some"' in limit.text
    for words in ("Choose the last day", "how many people", "share in per cent"):
        assert words in limit.text
    assert invalid_fields(limit.text) == {"last_day", "count", "share"}
    changed = {
        "id": asking.annual,
        "code": "AL",
        "name": "Yearly leave",
        "days_per_year": "many",
        "notice_days": "2",
        "is_current": "yes",
    }
    kind = client.post("/leave/setup/kinds", data=changed).text
    assert kind.count('value="Yearly leave"') == 1, "the other kinds stand as they are stored"
    assert kind.count("<details") - 1 == kind.count('<details class="mb-2"')
    assert '<details class="mb-2" open>' in kind
    assert invalid_fields(kind) == {f"days-{asking.annual}"}


def test_planners_open_a_window_and_associates_wish(app: Flask, asking: AskingSite) -> None:
    planner = sign_in(app.test_client(), Role.PLANNER)
    now = asking.clock.now()
    opens, closes = (f"{at:%Y-%m-%dT%H:%M}" for at in (now, now + timedelta(days=3)))
    form = {
        "first_day": str(day(28)),
        "last_day": str(day(55)),
        "opens_at": opens,
        "closes_at": closes,
        "points": "10",
        "weight": "1",
    }
    wrong = planner.post("/wishes", data={**form, "first_day": "", "weight": "heavy"}).text
    assert "Choose the first day" in wrong
    assert invalid_fields(wrong) == {"first_day", "weight"}
    assert "Everybody is told" in planner.post("/wishes", data=form, follow_redirects=True).text
    asking.site.clock.advance(6 * 3600)  # type: ignore[attr-defined]
    client = sign_in(app.test_client(), Role.ASSOCIATE, associate=asking.codes[0])
    shift = asking.rows("SELECT id FROM shift_type ORDER BY position")[0][0]
    wish = {"day": [str(day(30))], "day_points": ["4"], f"timing-{shift}": "7"}
    assert "there are 10 to share out" in client.post("/me/requests/wishes/1", data=wish).text
    late = client.post("/me/requests/wishes/1", data={"day": ["", str(day(99))], "day_points": ["", "4"]}).text
    assert invalid_fields(late) == {"day-1-1"}
    wish[f"timing-{shift}"] = "6"
    assert "wishes are saved" in client.post("/me/requests/wishes/1", data=wish, follow_redirects=True).text
    assert asking.codes[0] not in planner.get("/wishes").text
    assert "day off on" in planner.get("/wishes/1").text


@pytest.mark.parametrize("address", ["/requests", "/leave", "/tomorrow", "/offers", "/wishes"])
def test_pages_before_there_is_an_operation_say_so(engine: object, clock: SteppedClock, address: str) -> None:
    from sqlalchemy import Engine

    assert isinstance(engine, Engine)
    client = sign_in(make_app(engine, clock).test_client(), Role.PLANNER)
    assert "No operation yet" in client.get(address).text
