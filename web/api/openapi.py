"""The description of the API: OpenAPI 3.1, made of the models and of one table of operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.swaps import SwapKind
from web.access import NEEDED
from web.api import documents as d
from web.api import request_documents as r
from web.api.breaks import WishBody
from web.api.jobs import JobBody, JobsBody
from web.api.work import AnswerBody, TaskBody
from web.permissions import Permission

blueprint = Blueprint("api_openapi", __name__)

VERSION: Final = "3.1.0"
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")

REASONS: Final[Mapping[int, str]] = {
    400: "The request cannot be understood.",
    401: "Nobody, or nobody who is known, sent this.",
    403: "Whoever sent this may not do it.",
    404: "There is no such thing.",
    409: "It is too late, somebody was faster, or a rule is against it; nothing was changed.",
    413: "The body is too large.",
    422: "The body has faults; all are listed, and nothing was changed.",
    429: "Too many attempts; wait as long as Retry-After says.",
}


@dataclass(frozen=True)
class Operation:
    """One thing that the API does.

    Parameters
    ----------
    path
        Below `/api/v1`.
    bodies
        What it takes; several are alternatives.
    gives
        What it answers, by status; alternatives as a tuple.
    fails
        Statuses with an error document, beside those that every operation has.
    dates
        Arguments of the address that are dates; none of them must be given.
    choices
        Arguments of the address that are one of some words; none of them must be given.
    """

    endpoint: str
    method: str
    path: str
    summary: str
    bodies: tuple[type[BaseModel], ...] = ()
    gives: Mapping[int, tuple[type[BaseModel], ...]] = field(default_factory=dict)
    fails: tuple[int, ...] = ()
    dates: tuple[str, ...] = ()
    choices: Mapping[str, type[StrEnum]] = field(default_factory=dict)


OPERATIONS: Final = (
    Operation("api_openapi.show", "get", "/openapi.json", "This description.", gives={200: (d.OpenApiDocument,)}),
    Operation(
        "api_session.create",
        "post",
        "/session",
        "Sign in with name and password.",
        (d.CredentialsBody,),
        {201: (d.TokenDocument,)},
        (400, 401, 429),
    ),
    Operation("api_session.end", "delete", "/session", "Sign out.", gives={204: ()}),
    Operation(
        "api_jobs.send",
        "post",
        "/jobs",
        "Hand in one job, or up to 1,000: all are taken or none. A job whose reference is known is not taken again.",
        (JobBody, JobsBody),
        {200: (d.SentDocument,), 201: (d.SentDocument,)},
        (400, 413, 422),
    ),
    Operation("api_jobs.cancel", "delete", "/jobs/{reference}", "Withdraw a job.", gives={204: ()}, fails=(404, 409)),
    Operation(
        "api_work.ask", "post", "/work/next", "Ask for work; asked twice it answers the same.", (d.EmptyBody,),
        {200: (d.WorkDocument,)},
    ),
    Operation(
        "api_work.answer",
        "post",
        "/work/answer",
        "Answer the open task, once; with `and_next` the response is the work after it.",
        (AnswerBody,),
        {200: (d.WorkDocument, d.ReceiptDocument)},
        (400, 404, 409, 422),
    ),
    Operation(
        "api_work.give_back", "post", "/work/return", "Give the open task back, for somebody else.", (TaskBody,),
        {200: (d.WorkDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_work.live", "post", "/work/heartbeat", "Say that the open task is still being worked on.", (d.EmptyBody,),
        {200: (d.HeartbeatDocument,)},
    ),
    Operation("api_presence.show", "get", "/presence", "What the floor knows of oneself.", gives={200: (d.DeskDocument,)}),
    Operation(
        "api_presence.record", "post", "/presence", "Say what happened; sent twice, it counts once.", (d.PresenceBody,),
        {200: (d.DeskDocument,)}, (400, 409, 422),
    ),
    Operation(
        "api_own.show_today", "get", "/me/today",
        "One's own day; with If-None-Match it answers 304 while nothing changed.", gives={200: (d.TodayDocument,), 304: ()},
    ),
    Operation(
        "api_own.show_days", "get", "/me/days",
        "One's own published days between the dates first_day and last_day, at most 100; two weeks from today without them.",
        gives={200: (d.OwnDaysDocument,), 304: ()}, fails=(400,), dates=("first_day", "last_day"),
    ),
    Operation(
        "api_asking.show", "get", "/me/requests", "Kinds of leave, balances, and one's own requests and swaps, the newest first.",
        gives={200: (r.RequestsDocument,), 304: ()},
    ),
    Operation(
        "api_asking.ask_leave", "post", "/me/leave", "Ask for leave; the same leave, asked for again, answers 200.",
        (r.LeaveBody,), {200: (r.LeaveDocument,), 201: (r.LeaveDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_asking.take_back_leave", "delete", "/me/leave/{request_id}", "Take a request back, or give approved leave up.",
        gives={200: (r.LeaveDocument,)}, fails=(404, 409),
    ),
    Operation(
        "api_asking.partners", "get", "/me/swaps/partners", "With whom a shift, or the days off of a week, may be swapped.",
        gives={200: (r.PartnersDocument,)}, fails=(400,), dates=("day",), choices={"kind": SwapKind},
    ),
    Operation(
        "api_asking.offer_swap", "post", "/me/swaps", "Offer a swap; the same one, offered again while it is open, answers 200.",
        (r.SwapBody,), {200: (r.SwapDocument,), 201: (r.SwapDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_asking.answer_swap", "post", "/me/swaps/{swap_id}/answer", "Accept or decline a swap that one was offered.",
        (r.AnswerToSwapBody,), {200: (r.SwapDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_asking.withdraw_swap", "delete", "/me/swaps/{swap_id}", "Take a swap back that one offered.",
        gives={200: (r.SwapDocument,)}, fails=(404, 409),
    ),
    Operation(
        "api_asking.show_wishes", "get", "/me/wishes", "The periods for which wishes are asked, with one's own.",
        gives={200: (r.WindowsDocument,)},
    ),
    Operation(
        "api_asking.save_wishes", "put", "/me/wishes/{window_id}", "Write all wishes for a period, in place of the former ones.",
        (r.WishesBody,), {200: (r.WindowsDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_asking.list_offers", "get", "/me/offers", "Offers of overtime and time off.", gives={200: (r.OffersDocument,)},
    ),
    Operation(
        "api_asking.take_place", "put", "/me/offers/{offer_id}/place", "Take a place, first come first served, or wait for one.",
        gives={200: (r.PlaceDocument,), 201: (r.PlaceDocument,)}, fails=(404, 409),
    ),
    Operation(
        "api_asking.give_place_back", "delete", "/me/offers/{offer_id}/place", "Give a place back, or stop waiting.",
        gives={200: (r.PlaceDocument,)}, fails=(404, 409),
    ),
    Operation(
        "api_deciding.show", "get", "/requests", "What waits for a decision in one's teams, with its effect on coverage.",
        gives={200: (r.InboxDocument,)}, fails=(404,),
    ),
    Operation(
        "api_deciding.decide_leave", "post", "/requests/leave/{request_id}/decision", "Approve or refuse a request for leave.",
        (r.DecisionBody,), {200: (r.LeaveDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_deciding.decide_swap", "post", "/requests/swaps/{swap_id}/decision", "Approve or refuse a swap.",
        (r.DecisionBody,), {200: (r.SwapDocument,)}, (400, 404, 409, 422),
    ),
    Operation(
        "api_breaks.ask", "post", "/breaks/ask", "May I have my next break of a kind at another time? With `accept`, take it.",
        (WishBody,), {200: (d.WishDocument,)}, (400, 404, 409, 422),
    ),
)  # fmt: skip
"""Everything under `/api/v1`; a test holds it against the addresses of the application."""


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _content(models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    schema = _reference(models[0]) if len(models) == 1 else {"anyOf": [_reference(model) for model in models]}
    return {"application/json": {"schema": schema}}


def _parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _described(operation: Operation) -> dict[str, Any]:
    needs = NEEDED[operation.endpoint]
    fails = {*operation.fails, *(() if needs is Permission.OPEN else (401, 403))}
    responses: dict[str, Any] = {
        str(status): {"description": "Done.", **({"content": _content(models)} if models else {})}
        for status, models in operation.gives.items()
    }
    responses |= {
        str(status): {"description": REASONS[status], "content": _content((d.ErrorDocument,))} for status in sorted(fails)
    }
    described: dict[str, Any] = {"operationId": operation.endpoint, "summary": operation.summary, "responses": responses}
    if needs is Permission.OPEN:
        described["security"] = []
    if operation.bodies:
        described["requestBody"] = {"required": True, "content": _content(operation.bodies)}
    places = [_parameter(name, "query", {"type": "string", "format": "date"}) for name in operation.dates]
    places += [_parameter(name, "query", {"enum": list(words)}) for name, words in operation.choices.items()]
    places += [
        _parameter(name, "path", {"type": "integer" if name.endswith("_id") else "string"})
        for name in PLACEHOLDER.findall(operation.path)
    ]
    if places:
        described["parameters"] = places
    return described


@cache
def description() -> dict[str, Any]:
    """Return the whole description."""
    models: dict[type[BaseModel], JsonSchemaMode] = {d.ErrorDocument: "serialization"}
    for operation in OPERATIONS:
        models |= dict.fromkeys(operation.bodies, "validation")
        models |= {model: "serialization" for given in operation.gives.values() for model in given}
    _, schemas = models_json_schema(list(models.items()), ref_template="#/components/schemas/{model}")
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Workforce",
            "version": "1",
            "description": "Hand in jobs, take and answer them, say who is there, ask for leave and swaps, and decide "
            "them. Requests are signed with a service token or that of a session.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"],
        },
    }


@blueprint.get("/openapi.json")
def show() -> Response:
    """Return the description of the API."""
    return jsonify(description())
