"""What associates ask for over JSON: leave, swaps, wishes, and places in offers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel
from werkzeug.exceptions import BadRequest

from services import leave_requests, leave_views, offers, repeats, swaps, wishes
from services.leave_requests import LeaveRequest
from services.offers import Take
from services.swaps import Swap, SwapKind
from web import arguments
from web.access import current_user
from web.api import request_documents as d
from web.api.bodies import body_as
from web.api.once import once
from web.api.own import tagged
from web.api.presence import own_associate_id
from web.context import clock, engine

blueprint = Blueprint("api_asking", __name__)


def settings() -> dict[str, Any]:
    """Return who acts, and when."""
    return {"by": current_user().name, "clock": clock()}


def said(document: BaseModel, *, new: bool = False) -> tuple[Response, int]:
    """Return a document, with 201 when what it tells of is new."""
    return jsonify(document.model_dump(mode="json")), 201 if new else 200


@blueprint.get("/me/requests")
def show() -> Response:
    """Return what the associate who asks asked for and was offered; with a tag, for pages that look again and again."""
    who = own_associate_id()
    found = leave_views.own_leave(engine(), who)
    return tagged(d.RequestsDocument.of(found, swaps.swaps_of_associate(engine(), who)).model_dump(mode="json"))


@blueprint.post("/me/leave")
def ask_leave() -> tuple[Response, int]:
    """Ask for leave."""
    one, is_new = asked_leave(own_associate_id(), body_as(d.LeaveBody))
    return said(d.LeaveDocument.of(one), new=is_new)


def asked_leave(who: int, body: d.LeaveBody) -> tuple[LeaveRequest, bool]:
    """Ask for the leave of a body, or find that it was asked for."""
    what = (who, body.kind_id, body.first_day, body.last_day)
    return once(
        lambda: repeats.leave_asked(engine(), *what),
        lambda: leave_requests.ask_leave(engine(), *what, body.note, **settings()),
    )


@blueprint.delete("/me/leave/<id:request_id>")
def take_back_leave(request_id: int) -> tuple[Response, int]:
    """Take a request for leave back, or give approved leave up."""
    who = own_associate_id()
    one, _ = once(
        lambda: repeats.leave_taken_back(engine(), who, request_id),
        lambda: leave_requests.take_back_leave(engine(), request_id, who, **settings()),
    )
    return said(d.LeaveDocument.of(one))


@blueprint.get("/me/swaps/partners")
def partners() -> tuple[Response, int]:
    """Return those with whom a day may be swapped."""
    who, day, kind = own_associate_id(), arguments.date_or_none("day"), arguments.text("kind") or SwapKind.SHIFT.value
    if day is None or kind not in set(SwapKind):
        raise BadRequest("Say the day, such as 2027-01-04, and the kind: shift or weekly_off.")
    found = swaps.partners_for(engine(), who, SwapKind(kind), day, clock=clock())
    return said(d.PartnersDocument(partners=[d.PartnerDocument.of(one) for one in found]))


@blueprint.post("/me/swaps")
def offer_swap() -> tuple[Response, int]:
    """Offer a swap to a partner."""
    one, is_new = offered_swap(own_associate_id(), body_as(d.SwapBody))
    return said(d.SwapDocument.of(one), new=is_new)


def offered_swap(who: int, body: d.SwapBody) -> tuple[Swap, bool]:
    """Offer the swap of a body, or find that it was offered."""
    what = (who, body.partner_id, body.kind, body.days)
    return once(lambda: repeats.swap_offered(engine(), *what), lambda: swaps.offer_swap(engine(), *what, body.note, **settings()))


@blueprint.post("/me/swaps/<id:swap_id>/answer")
def answer_swap(swap_id: int) -> tuple[Response, int]:
    """Accept or decline a swap that one was offered."""
    who, body = own_associate_id(), body_as(d.AnswerToSwapBody)
    one, _ = once(
        lambda: repeats.swap_answered(engine(), who, swap_id, accepted=body.accepted),
        lambda: swaps.answer_swap(engine(), swap_id, who, accepted=body.accepted, **settings()),
    )
    return said(d.SwapDocument.of(one))


@blueprint.delete("/me/swaps/<id:swap_id>")
def withdraw_swap(swap_id: int) -> tuple[Response, int]:
    """Take a swap back that one offered."""
    who = own_associate_id()
    one, _ = once(
        lambda: repeats.swap_withdrawn(engine(), who, swap_id),
        lambda: swaps.withdraw_swap(engine(), swap_id, who, **settings()),
    )
    return said(d.SwapDocument.of(one))


@blueprint.get("/me/wishes")
def show_wishes() -> tuple[Response, int]:
    """Return the periods for which wishes are asked, with one's own."""
    found = wishes.own_wishes(engine(), own_associate_id(), clock=clock())
    return said(d.WindowsDocument(windows=[d.WindowDocument.of(one) for one in found]))


@blueprint.put("/me/wishes/<id:window_id>")
def save_wishes(window_id: int) -> tuple[Response, int]:
    """Write all wishes for a period, in place of the former ones."""
    wanted = [one.as_new() for one in body_as(d.WishesBody).wishes]
    wishes.save_wishes(engine(), own_associate_id(), window_id, wanted, **settings())
    return show_wishes()


@blueprint.get("/me/offers")
def list_offers() -> tuple[Response, int]:
    """Return the offers that one may take, has taken, or may not take."""
    found = offers.offers_for(engine(), own_associate_id(), clock=clock())
    return said(d.OffersDocument(offers=[d.OfferDocument.of(one) for one in found]))


@blueprint.put("/me/offers/<id:offer_id>/place")
def take_place(offer_id: int) -> tuple[Response, int]:
    """Take a place, first come first served, or wait for one."""
    take, is_new = taken_place(own_associate_id(), offer_id)
    return said(d.PlaceDocument(state=take.state), new=is_new)


def taken_place(who: int, offer_id: int) -> tuple[Take, bool]:
    """Take a place of an offer, or find that one has it."""
    return once(
        lambda: repeats.place_taken(engine(), who, offer_id), lambda: offers.take_offer(engine(), offer_id, who, **settings())
    )


@blueprint.delete("/me/offers/<id:offer_id>/place")
def give_place_back(offer_id: int) -> tuple[Response, int]:
    """Give a place back, or stop waiting; 404 when one has none."""
    offers.give_back(engine(), offer_id, own_associate_id(), **settings())
    return said(d.PlaceDocument(state=None))
