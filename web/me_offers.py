"""Page on which an associate takes overtime, or gives a shift up."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduling.words import N_
from services import offers
from services.offers import TakeState
from web import typed
from web.access import current_user
from web.context import clock, engine, now
from web.me import myself

blueprint = Blueprint("me_offers", __name__)


@blueprint.get("/me/requests/offers")
def show() -> str:
    """Show the offers that are open to an associate, and those taken."""
    person = myself()
    return render_template(
        "me/offers.html", views=offers.offers_for(engine(), person.id, clock=clock()), person=person, now=now()
    )


@blueprint.post("/me/requests/offers/<id:offer_id>/take")
def take(offer_id: int) -> Response:
    """Take a place, or wait for one."""
    typed.flash_outcome(lambda: taken(offer_id))
    return redirect(url_for("me_offers.show"))


def taken(offer_id: int) -> str:
    """Take a place; return what to say."""
    place = offers.take_offer(engine(), offer_id, myself().id, by=current_user().name, clock=clock())
    waits = N_("All places are taken. You wait for one that is given back.")
    return N_("It is yours. Your day is changed.") if place.state is TakeState.TAKEN else waits


@blueprint.post("/me/requests/offers/<id:offer_id>/give-back")
def give_back(offer_id: int) -> Response:
    """Give a place back, or stop waiting."""
    typed.flash_outcome(lambda: given_back(offer_id))
    return redirect(url_for("me_offers.show"))


def given_back(offer_id: int) -> str:
    """Give a place back; return what to say."""
    offers.give_back(engine(), offer_id, myself().id, by=current_user().name, clock=clock())
    return N_("Given back.")
