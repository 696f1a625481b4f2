"""What supervisors decide over JSON: requests for leave, and swaps to which both said yes."""

from __future__ import annotations

from flask import Blueprint, Response

from services import leave_requests, repeats, request_inbox, swaps
from services.leave_requests import LeaveRequest
from services.swaps import Swap
from web.access import current_user
from web.api import request_documents as d
from web.api.asking import said, settings
from web.api.bodies import body_as
from web.api.once import once
from web.arguments import page_number
from web.context import clock, engine, the_site
from web.floor import steered_teams

blueprint = Blueprint("api_deciding", __name__)


@blueprint.get("/requests")
def show() -> tuple[Response, int]:
    """Return what waits for a decision, with its effect on coverage."""
    inbox = request_inbox.read_inbox(engine(), the_site().id, clock=clock(), team_ids=steered_teams(), page=page_number())
    return said(d.InboxDocument.of(inbox))


@blueprint.post("/requests/leave/<id:request_id>/decision")
def decide_leave(request_id: int) -> tuple[Response, int]:
    """Approve or refuse a request for leave."""
    return said(d.LeaveDocument.of(decided_leave(request_id, body_as(d.DecisionBody))))


def decided_leave(request_id: int, body: d.DecisionBody) -> LeaveRequest:
    """Decide a request for leave, or find that the same person decided it so."""
    decision = {"approved": body.approved, "team_ids": steered_teams(), **settings()}
    one, _ = once(
        lambda: repeats.leave_decided(engine(), request_id, current_user().name, approved=body.approved),
        lambda: leave_requests.decide_leave(engine(), request_id, body.reason, **decision),
    )
    return one


@blueprint.post("/requests/swaps/<id:swap_id>/decision")
def decide_swap(swap_id: int) -> tuple[Response, int]:
    """Approve or refuse a swap."""
    return said(d.SwapDocument.of(decided_swap(swap_id, body_as(d.DecisionBody))))


def decided_swap(swap_id: int, body: d.DecisionBody) -> Swap:
    """Decide a swap, or find that the same person decided it so."""
    decision = {"approved": body.approved, "team_ids": steered_teams(), **settings()}
    one, _ = once(
        lambda: repeats.swap_decided(engine(), swap_id, current_user().name, approved=body.approved),
        lambda: swaps.decide_swap(engine(), swap_id, body.reason, **decision),
    )
    return one
