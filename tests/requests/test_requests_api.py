"""Requests over JSON: what associates ask for, and what supervisors decide, each counted once however often it is sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scheduling.errors import ConflictError
from services import wishes
from services.accounts import Role
from services.languages import catalogue
from services.offers import OfferKind
from services.swaps import Partner
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day
from tests.requests.test_offers import make, worker
from tests.requests.test_swaps import first_offer
from tests.web.served import bearer, make_app
from web.api import documents
from web.api import request_documents as d
from web.api.once import once

API = "/api/v1"


@pytest.fixture
def app(asking: AskingSite, clock: SteppedClock) -> Flask:
    return make_app(asking.engine, clock)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def code_of(at: AskingSite, associate_id: int) -> str:
    return str(at.rows("SELECT code FROM associate WHERE id = :id", id=associate_id)[0][0])


def associate(app: Flask, at: AskingSite, number: int = 0) -> dict[str, str]:
    return bearer(app, Role.ASSOCIATE, associate=at.codes[number])


def supervisor(app: Flask, at: AskingSite) -> dict[str, str]:
    return bearer(app, Role.SUPERVISOR, teams=[row[0] for row in at.rows("SELECT name FROM team")])


def body(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.get_json()  # type: ignore[no-any-return]


def leave_body(at: AskingSite, first: int = 8, last: int = 9) -> dict[str, object]:
    return {"kind_id": at.annual, "first_day": str(day(first)), "last_day": str(day(last)), "note": "a wedding"}


def swap_body(partner: Partner) -> dict[str, object]:
    days = [str(one.day) for one in partner.days]
    return {"kind": "shift", "partner_id": partner.associate_id, "days": days, "note": "please"}


def test_leave_is_asked_for_decided_and_given_up_and_each_counts_once(
    client: FlaskClient, app: Flask, asking: AskingSite
) -> None:
    mine, boss = associate(app, asking), supervisor(app, asking)
    made = body(client.post(f"{API}/me/leave", json=leave_body(asking), headers=mine), 201)
    d.LeaveDocument.model_validate(made)
    assert made["state"] == "asked"
    assert body(client.post(f"{API}/me/leave", json=leave_body(asking), headers=mine)) == made
    inbox = body(client.get(f"{API}/requests", headers=boss))
    d.InboxDocument.model_validate(inbox)
    assert [one["request"]["id"] for one in inbox["leave"]] == [made["id"]]
    address = f"{API}/requests/leave/{made['id']}/decision"
    silent = client.post(address, json={"approved": False}, headers=boss)
    assert silent.status_code == 422
    assert silent.get_json()["faults"][0]["field"] == "reason"
    for _ in range(2):
        assert body(client.post(address, json={"approved": True}, headers=boss))["state"] == "approved"
    late = client.post(address, json={"approved": False, "reason": "too many"}, headers=boss)
    assert late.status_code == 409
    documents.ErrorDocument.model_validate(late.get_json())
    assert [row.n for row in asking.rows("SELECT count(*) AS n FROM leave_request")] == [1]
    for _ in range(2):
        assert body(client.delete(f"{API}/me/leave/{made['id']}", headers=mine))["state"] == "cancelled"
    state = body(client.get(f"{API}/me/requests", headers=mine))
    d.RequestsDocument.model_validate(state)
    assert [(one["state"]) for one in state["leave"]] == ["cancelled"]
    assert {(one["left"], one["taken"]) for one in state["balances"]} == {(20, 0)}


def test_the_requests_carry_a_tag_that_changes_when_they_are_decided(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    mine, boss = associate(app, asking), supervisor(app, asking)
    made = body(client.post(f"{API}/me/leave", json=leave_body(asking), headers=mine), 201)
    tag = client.get(f"{API}/me/requests", headers=mine).headers["ETag"]
    same = client.get(f"{API}/me/requests", headers={**mine, "If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    client.post(f"{API}/requests/leave/{made['id']}/decision", json={"approved": True}, headers=boss)
    assert client.get(f"{API}/me/requests", headers={**mine, "If-None-Match": tag}).status_code == 200


def test_swaps_go_from_partners_to_a_decision(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    who, when, partner = first_offer(asking)
    mine, theirs = (bearer(app, Role.ASSOCIATE, associate=code_of(asking, one)) for one in (who, partner.associate_id))
    found = body(client.get(f"{API}/me/swaps/partners?day={when}&kind=shift", headers=mine))
    d.PartnersDocument.model_validate(found)
    assert partner.associate_id in {one["id"] for one in found["partners"]}
    made = body(client.post(f"{API}/me/swaps", json=swap_body(partner), headers=mine), 201)
    assert body(client.post(f"{API}/me/swaps", json=swap_body(partner), headers=mine)) == made
    assert client.post(f"{API}/me/swaps/{made['id']}/answer", json={"accepted": True}, headers=mine).status_code == 404
    for _ in range(2):
        answered = client.post(f"{API}/me/swaps/{made['id']}/answer", json={"accepted": True}, headers=theirs)
        assert body(answered)["state"] == "accepted"
    boss = supervisor(app, asking)
    assert [one["swap"]["id"] for one in body(client.get(f"{API}/requests", headers=boss))["swaps"]] == [made["id"]]
    for _ in range(2):
        done = client.post(f"{API}/requests/swaps/{made['id']}/decision", json={"approved": True}, headers=boss)
        assert body(done)["state"] == "approved"
    assert client.delete(f"{API}/me/swaps/{made['id']}", headers=mine).status_code == 409


def test_a_day_that_is_named_twice_is_swapped_once(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    mine, wanted = bearer(app, Role.ASSOCIATE, associate=code_of(asking, who)), swap_body(partner)
    twice = {**wanted, "days": [str(one.day) for one in partner.days] * 2}
    made = body(client.post(f"{API}/me/swaps", json=twice, headers=mine), 201)
    assert made["days"] == wanted["days"]
    assert body(client.post(f"{API}/me/swaps", json=twice, headers=mine)) == made


def test_a_swap_is_taken_back_once(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    mine = bearer(app, Role.ASSOCIATE, associate=code_of(asking, who))
    made = body(client.post(f"{API}/me/swaps", json=swap_body(partner), headers=mine), 201)
    for _ in range(2):
        assert body(client.delete(f"{API}/me/swaps/{made['id']}", headers=mine))["state"] == "withdrawn"
    theirs = bearer(app, Role.ASSOCIATE, associate=code_of(asking, partner.associate_id))
    assert client.post(f"{API}/me/swaps/{made['id']}/answer", json={"accepted": True}, headers=theirs).status_code == 409


def test_a_place_of_an_offer_is_taken_once_and_given_back(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    one = make(asking, OfferKind.TIME_OFF, 1)
    mine = bearer(app, Role.ASSOCIATE, associate=code_of(asking, worker(asking)))
    listed = body(client.get(f"{API}/me/offers", headers=mine))
    d.OffersDocument.model_validate(listed)
    assert [offer["own"] for offer in listed["offers"]] == [None]
    address = f"{API}/me/offers/{one.id}/place"
    assert body(client.put(address, headers=mine), 201) == {"state": "taken"}
    assert body(client.put(address, headers=mine)) == {"state": "taken"}
    assert body(client.delete(address, headers=mine)) == {"state": None}
    assert client.delete(address, headers=mine).status_code == 404


def test_wishes_are_written_whole(client: FlaskClient, app: Flask, asking: AskingSite, clock: SteppedClock) -> None:
    window = wishes.open_window(
        asking.engine, asking.site.site_id, day(28), day(34), clock.now(), clock.now() + timedelta(days=3),
        points=10, weight_per_point=0.5, by="planner", clock=clock,
    )  # fmt: skip
    mine, address = associate(app, asking), f"{API}/me/wishes/{window}"
    wanted = {"wishes": [{"day": str(day(30)), "points": 4}]}
    for _ in range(2):
        found = body(client.put(address, json=wanted, headers=mine))
        d.WindowsDocument.model_validate(found)
        assert [one["points"] for one in found["windows"][0]["wishes"]] == [4]
    beyond = {"wishes": [{"day": str(day(30)), "points": 4}, {"day": str(day(90)), "points": 9}]}
    faults = client.put(address, json=beyond, headers=mine)
    assert faults.status_code == 422
    assert [one["field"] for one in faults.get_json()["faults"]] == ["day", "points"]
    assert asking.rows("SELECT count(*) FROM wish")[0][0] == 1


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/me/leave", {}, 422),
        ("/me/leave", {"kind_id": 1, "first_day": "x", "last_day": "2027-01-01"}, 422),
        ("/me/leave", {"kind_id": 987654, "first_day": "2027-01-12", "last_day": "2027-01-12"}, 404),
        ("/me/swaps", {"kind": "shift", "partner_id": 1, "days": ["9999-12-31"]}, 422),
        ("/me/swaps", {"kind": "shift", "partner_id": 1, "days": ["0001-01-01"]}, 422),
        ("/me/swaps", {"kind": "holiday", "partner_id": 1, "days": []}, 422),
        ("/me/swaps/987654/answer", {"accepted": True}, 404),
        ("/me/swaps/987654/answer", {"accepted": "perhaps"}, 422),
        ("/me/leave", None, 400),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    client: FlaskClient, app: Flask, asking: AskingSite, path: str, given: object, status: int
) -> None:
    answer = client.post(f"{API}{path}", json=given, headers=associate(app, asking))
    assert answer.status_code == status
    documents.ErrorDocument.model_validate(answer.get_json())
    for wrong in ("soon", "9999-12-31", "0001-01-01"):
        assert client.get(f"{API}/me/swaps/partners?day={wrong}", headers=associate(app, asking)).status_code == 400, wrong
    assert asking.rows("SELECT (SELECT count(*) FROM leave_request) + (SELECT count(*) FROM swap)")[0][0] == 0


def test_faults_are_said_in_the_language_of_the_associate(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    reason = catalogue("hi").gettext("The last day lies before the first one.")
    headers = {**associate(app, asking), "Accept-Language": "hi"}
    answer = client.post(f"{API}/me/leave", json=leave_body(asking, 9, 8), headers=headers)
    assert answer.status_code == 422
    assert answer.get_json()["faults"][0]["reason"] == reason
    assert reason in answer.get_json()["message"]


def test_supervisors_reach_their_own_teams_only(client: FlaskClient, app: Flask, asking: AskingSite) -> None:
    made = body(client.post(f"{API}/me/leave", json=leave_body(asking), headers=associate(app, asking)), 201)
    team = asking.rows("SELECT t.name FROM associate a JOIN team t ON t.id = a.team_id WHERE a.code = :c", c=asking.codes[0])
    others = [row[0] for row in asking.rows("SELECT name FROM team") if row[0] != team[0][0]]
    boss = bearer(app, Role.SUPERVISOR, teams=others)
    assert body(client.get(f"{API}/requests", headers=boss))["leave"] == []
    decided = client.post(f"{API}/requests/leave/{made['id']}/decision", json={"approved": True}, headers=boss)
    assert decided.status_code == 404
    assert client.get(f"{API}/requests", headers=associate(app, asking)).status_code == 403
    assert client.get(f"{API}/me/requests", headers=boss).status_code == 403


def test_a_request_that_was_faster_counts_for_the_slower_one() -> None:
    outcomes: list[date | None] = [None, day(1)]

    def known() -> date | None:
        return outcomes.pop(0)

    def late() -> date:
        raise ConflictError("somebody was faster")

    assert once(known, late) == (day(1), False)
    with pytest.raises(ConflictError):
        once(lambda: None, late)
