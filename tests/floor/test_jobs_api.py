"""Jobs and work over JSON, as a program and as an associate's page send them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import BaseModel
from werkzeug.test import TestResponse

from scheduling.jobs import TaskState
from services import service_tokens
from services.accounts import Role
from services.service_tokens import Scope
from tests.conftest import SteppedClock
from tests.floor.floor_site import ANSWER, BACKLOG, LIVE, FloorSite
from tests.web.served import bearer
from web.api import documents
from web.api.openapi import OPERATIONS, description
from web.security import MOST_BYTES, MOST_BYTES_OF

VIDEO = {"kind": "video", "url": "https://media.example/1.mp4"}
RULE_PREFIX = "/api/v1"


@pytest.fixture
def program(floor: FloorSite) -> dict[str, str]:
    token = service_tokens.create_token(
        floor.engine, "PNQ1", "camera", {Scope.WRITE_JOBS}, by="test", by_account=None, days=None, clock=floor.clock
    )
    return {"Authorization": f"Bearer {token}"}


def job(reference: str = "R-1", **facts: Any) -> dict[str, Any]:
    """Return a job as a program sends it."""
    return {"reference": reference, "queue": LIVE, "media": VIDEO, **facts}


def faults(answer: TestResponse) -> list[tuple[Any, str]]:
    """Return place and field of each fault."""
    assert answer.status_code == 422
    documents.ErrorDocument.model_validate(answer.json)
    return [(one["index"], one["field"]) for one in answer.json["faults"]]  # type: ignore[index]


def test_a_program_sends_jobs_and_sends_them_again(client: FlaskClient, program: dict[str, str], floor: FloorSite) -> None:
    body = {"jobs": [job("R-1"), job("R-2", answers_wanted=2, known_answer=ANSWER, priority=3)]}
    first = client.post("/api/v1/jobs", json=body, headers=program)
    assert first.status_code == 201
    documents.SentDocument.model_validate(first.json)
    assert (first.json or {})["new"] == 2
    again = client.post("/api/v1/jobs", json=body, headers=program)
    assert (again.status_code, again.json) == (200, {"new": 0, "known": 2, "ids": (first.json or {})["ids"]})
    one = client.post("/api/v1/jobs", json=job("R-3"), headers=program)
    assert (one.status_code, (one.json or {})["new"]) == (201, 1)
    assert floor.counts() == {TaskState.WAITING: 4}


def test_all_faults_come_at_once_with_place_and_field_and_nothing_is_kept(
    client: FlaskClient, program: dict[str, str], floor: FloorSite
) -> None:
    jobs = [
        job("good"),
        job("bad media", media={"kind": "video", "url": "ftp://x/1"}),
        {"reference": "no queue", "media": VIDEO, "colour": "red"},
        job("late", due_at=(floor.clock.now() - timedelta(seconds=1)).isoformat(), queue="nowhere"),
        job("gold", known_answer={"verdict": "perhaps"}),
        job("good"),
        job("many", answers_wanted=3, priority=True),
    ]
    answer = client.post("/api/v1/jobs", json={"jobs": jobs}, headers=program)
    assert faults(answer) == [
        (1, "media_url"),
        (2, "colour"),
        (2, "queue"),
        (3, "due_at"),
        (3, "queue"),
        (4, "known_answer.verdict"),
        (5, "reference"),
        (6, "answers_wanted"),
        (6, "priority"),
    ]
    assert floor.counts() == {}


def test_the_same_reference_with_other_content_is_a_fault(client: FlaskClient, program: dict[str, str], floor: FloorSite) -> None:
    client.post("/api/v1/jobs", json=job("R-1"), headers=program)
    changed = [job("R-1", queue=BACKLOG, priority=2), job("R-2")]
    answer = client.post("/api/v1/jobs", json={"jobs": changed}, headers=program)
    assert faults(answer) == [(0, "queue"), (0, "priority")]
    assert floor.counts() == {TaskState.WAITING: 1}


@pytest.mark.parametrize("body", [[], {}, {"jobs": {}}, {"jobs": [], "more": 1}, "jobs", None])
def test_a_body_of_another_shape_is_refused_in_words(client: FlaskClient, program: dict[str, str], body: object) -> None:
    answer = client.post("/api/v1/jobs", json=body, headers=program)
    assert answer.status_code == 400
    assert "Send one job" in (answer.json or {})["message"]


def test_no_job_and_too_many_jobs_are_refused(client: FlaskClient, program: dict[str, str], floor: FloorSite) -> None:
    assert faults(client.post("/api/v1/jobs", json={"jobs": []}, headers=program)) == [(None, "")]
    many = {"jobs": [job(f"R-{number}") for number in range(1001)]}
    assert faults(client.post("/api/v1/jobs", json=many, headers=program)) == [(None, "")]
    assert floor.counts() == {}


def test_a_batch_may_be_larger_than_other_bodies_but_not_without_bound(
    client: FlaskClient, program: dict[str, str], floor: FloorSite
) -> None:
    text = {"kind": "text", "text": "x" * 1500}
    large = {"jobs": [job(f"R-{number}", media=text) for number in range(1000)]}
    answer = client.post("/api/v1/jobs", json=large, headers=program)
    assert answer.status_code == 201
    assert answer.request.content_length is not None
    assert MOST_BYTES < answer.request.content_length < MOST_BYTES_OF["api_jobs.send"]
    beyond = b" " * (MOST_BYTES_OF["api_jobs.send"] + 1)
    assert client.post("/api/v1/jobs", data=beyond, content_type="application/json", headers=program).status_code == 413
    who = bearer(client.application, Role.ASSOCIATE, associate="A0")
    body = b" " * (MOST_BYTES + 1)
    assert client.post("/api/v1/work/answer", data=body, content_type="application/json", headers=who).status_code == 413


def test_a_job_is_withdrawn_unless_it_is_answered(client: FlaskClient, program: dict[str, str], floor: FloorSite) -> None:
    client.post("/api/v1/jobs", json=job("a/b 1", answers_wanted=2), headers=program)
    assert client.delete("/api/v1/jobs/a/b%201", headers=program).status_code == 204
    assert floor.counts() == {TaskState.CANCELLED: 2}
    assert client.delete("/api/v1/jobs/a/b%201", headers=program).status_code == 204
    assert client.delete("/api/v1/jobs/other", headers=program).status_code == 404
    client.post("/api/v1/jobs", json=job("R-2"), headers=program)
    work_through(client, bearer(client.application, Role.ASSOCIATE, associate="A0"))
    assert client.delete("/api/v1/jobs/R-2", headers=program).status_code == 409
    assert floor.counts() == {TaskState.CANCELLED: 2, TaskState.ANSWERED: 1}


def work_through(client: FlaskClient, who: dict[str, str]) -> int:
    """Answer until there is no work; return how many tasks that were."""
    done = 0
    found = client.post("/api/v1/work/next", json={}, headers=who)
    while True:
        assert found.status_code == 200
        documents.WorkDocument.model_validate(found.json)
        task = (found.json or {})["open"]
        if task is None:
            return done
        body = {"task_id": task["id"], "token": task["token"], "given": ANSWER, "and_next": True}
        found = client.post("/api/v1/work/answer", json=body, headers=who)
        done += 1


def test_an_associate_works_until_nothing_is_left_and_is_told_so(
    client: FlaskClient, program: dict[str, str], floor: FloorSite
) -> None:
    client.post("/api/v1/jobs", json={"jobs": [job(f"R-{number}", known_answer=ANSWER) for number in range(5)]}, headers=program)
    who = bearer(client.application, Role.ASSOCIATE, associate="A0")
    first = client.post("/api/v1/work/next", json={}, headers=who)
    assert "known_answer" not in first.text
    assert work_through(client, who) == 5
    idle = client.post("/api/v1/work/next", json={}, headers=who)
    assert (idle.json or {})["refusal"]["kind"] == "no_work"
    assert floor.counts() == {TaskState.ANSWERED: 5}


def test_a_late_answer_is_a_conflict_and_a_wrong_one_keeps_its_lease(
    client: FlaskClient, program: dict[str, str], floor: FloorSite, clock: SteppedClock
) -> None:
    client.post("/api/v1/jobs", json=job(), headers=program)
    who = bearer(client.application, Role.ASSOCIATE, associate="A0")
    task = (client.post("/api/v1/work/next", json={}, headers=who).json or {})["open"]
    body = {"task_id": task["id"], "token": task["token"], "given": {"verdict": "perhaps"}, "and_next": False}
    assert faults(client.post("/api/v1/work/answer", json=body, headers=who)) == [(None, "verdict")]
    beat = client.post("/api/v1/work/heartbeat", json={}, headers=who)
    documents.HeartbeatDocument.model_validate(beat.json)
    clock.advance(1000)
    late = client.post("/api/v1/work/answer", json={**body, "given": ANSWER}, headers=who)
    assert late.status_code == 409
    documents.ErrorDocument.model_validate(late.json)
    assert "the time for this task was over" in (late.json or {})["message"]
    again = (client.post("/api/v1/work/next", json={}, headers=who).json or {})["open"]
    assert again["token"] != task["token"]
    receipt = client.post("/api/v1/work/answer", json={**body, "token": again["token"], "given": ANSWER}, headers=who)
    documents.ReceiptDocument.model_validate(receipt.json)


def test_the_description_names_every_address_and_every_schema_it_refers_to(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json == description()
    described = {(f"{RULE_PREFIX}{one.path}", one.method.upper(), one.endpoint) for one in OPERATIONS}
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(RULE_PREFIX)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served
    schemas = description()["components"]["schemas"]
    assert set(references(description())) <= {f"#/components/schemas/{name}" for name in schemas}
    assert len(schemas) > 15


def references(part: Any) -> list[str]:
    """Return everything that a description refers to."""
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in references(value)]
    return [one for value in part for one in references(value)] if isinstance(part, list) else []


def test_every_document_refuses_keys_that_it_does_not_name() -> None:
    models = {model for one in OPERATIONS for given in one.gives.values() for model in given} - {documents.OpenApiDocument}
    assert len(models) >= 6
    for model in models:
        assert issubclass(model, BaseModel)
        assert model.model_config["extra"] == "forbid"
