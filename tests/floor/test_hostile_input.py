"""What a broken or hostile program sends is refused in words: never an error of ours, which would let it send that again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.exceptions import BadRequest

from scheduling.errors import NotFoundError
from services import jobs as services_jobs
from services.accounts import Role
from tests.conftest import SteppedClock
from tests.floor.floor_site import LIVE, FloorSite
from tests.floor.test_break_wishes import NOON
from tests.published import open_site
from tests.web.served import bearer, make_app, sign_in
from web.json_input import DEEPEST, json_of

DEEP = "[" * 100_000
FAR = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"]


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


@pytest.mark.parametrize("text", [DEEP, '{"a":' * 30 + "1" + "}" * 30, DEEP + "]" * 100_000])
def test_what_is_nested_too_deep_is_refused_wherever_json_is_read(app: Flask, client: FlaskClient, text: str) -> None:
    who, program = bearer(app, Role.ASSOCIATE, associate="A0"), bearer(app, Role.ADMINISTRATOR)
    for path, headers in {"session": {}, "jobs": program, "work/answer": who, "presence": who, "breaks/ask": who}.items():
        answer = client.post(f"/api/v1/{path}", data=text, content_type="application/json", headers=headers)
        assert answer.status_code == 400, path
        assert "in each other more than 20 deep" in (answer.json or {})["message"]


def test_json_is_read_as_deep_as_it_may_be_and_no_deeper() -> None:
    assert json_of("[" * DEEPEST + "1" + "]" * DEEPEST) is not None
    with pytest.raises(BadRequest, match="more than 20 deep"):
        json_of("[" * (DEEPEST + 1) + "1" + "]" * (DEEPEST + 1))
    assert json_of('{"a": ') is None


@pytest.mark.parametrize("text", [r'{"a": "b\u0000c"}', r'{"a\u0000": 1}', r'["\ud800"]', "[NaN]", "[1e999]"])
def test_what_the_database_cannot_keep_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="cannot be kept"):
        json_of(text)


def test_a_reference_that_cannot_be_is_not_looked_up(app: Flask, client: FlaskClient, floor: FloorSite) -> None:
    program = bearer(app, Role.ADMINISTRATOR)
    body = {"reference": "a\0b", "queue": LIVE, "media": {"kind": "text", "text": "words"}}
    sent = client.post("/api/v1/jobs", json=body, headers=program)
    assert (sent.status_code, "cannot be kept" in (sent.json or {})["message"]) == (400, True)
    withdrawn = client.delete("/api/v1/jobs/a%00b", headers=program)
    assert (withdrawn.status_code, "There is no job" in (withdrawn.json or {})["message"]) == (404, True)
    with pytest.raises(NotFoundError, match="There is no job"):
        services_jobs.cancel_job(floor.engine, floor.site_id, "a\0b", by="test", clock=floor.clock)
    assert floor.counts() == {}


@pytest.mark.parametrize("at", FAR)
def test_an_instant_that_no_roster_reaches_is_a_fault(app: Flask, client: FlaskClient, at: str) -> None:
    who = bearer(app, Role.ASSOCIATE, associate="A0")
    event = {"id": str(uuid4()), "kind": "sign_in", "occurred_at": at}
    said = client.post("/api/v1/presence", json=event, headers=who)
    assert (said.status_code, [one["field"] for one in (said.json or {})["faults"]]) == (422, ["occurred_at"])
    asked = client.post("/api/v1/breaks/ask", json={"kind": "meal", "at": at}, headers=who)
    assert (asked.status_code, [one["field"] for one in (asked.json or {})["faults"]]) == (422, ["at"])
    job = {"reference": "far", "queue": LIVE, "media": {"kind": "text", "text": "words"}, "due_at": at}
    sent = client.post("/api/v1/jobs", json=job, headers=bearer(app, Role.ADMINISTRATOR))
    assert (sent.status_code, [one["field"] for one in (sent.json or {})["faults"]]) == (422, ["due_at"])


def test_a_repair_for_a_skill_that_is_not_there_says_so(engine: Engine, clock: SteppedClock) -> None:
    open_site(engine, clock)
    client = sign_in(make_app(engine, clock).test_client(), Role.ADMINISTRATOR)
    asked = {"shown": "yes", "cause": "surge", "skill": 999_999, "from": "12:30", "until": "13:30", "heads": "2"}
    page = client.get("/floor/breaks", query_string=asked)
    assert (page.status_code, "There is no such skill any more" in page.text) == (200, True)
