"""Page on which overtime and voluntary time off are offered."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError
from services import offer_choices, offers
from services.offers import NewOffer, OfferKind
from web import typed
from web.access import current_user
from web.context import clock, engine, first_site, now, the_site
from web.floor import steered_teams

blueprint = Blueprint("offer_desk", __name__)


@blueprint.get("/offers")
def index(given: typed.Given | None = None, fault: str = "") -> str:
    """Show the offers with who took them, and the form of a new one."""
    site, mine = first_site(), steered_teams()
    views = offers.list_offers(engine(), site.id, clock=clock(), team_ids=mine) if site else ()
    choices = offer_choices.choices(engine(), site.id, team_ids=mine) if site else None
    values = given or request.args
    return render_template(
        "requests/offers.html", site=site, views=views, choices=choices, given=values, fault=fault, now=now(), mine=mine
    )


@blueprint.post("/offers")
def make() -> Response | tuple[str, int]:
    """Make an offer."""
    try:
        site, given = the_site(), request.form
        new = new_offer(given, site.zone_name)
        offers.make_offer(engine(), site.id, new, by=current_user().name, clock=clock(), team_ids=steered_teams())
    except (BadInputError, ConflictError) as error:
        return index(request.form, typed.said(error)), 422
    typed.flash_outcome(lambda: "Offered. Everybody who may take it is told.")
    return redirect(url_for("offer_desk.index"))


def new_offer(given: typed.Given, zone_name: str) -> NewOffer:
    """Return the offer of a form."""
    kind = OfferKind.OVERTIME if given.get("kind") == OfferKind.OVERTIME else OfferKind.TIME_OFF
    read = typed.together(
        day=lambda: typed.day(given, "day", "the day"),
        shift_type_id=lambda: typed.optional_id(given, "shift", "a shift"),
        skill_id=lambda: typed.optional_id(given, "skill", "a skill"),
        team_id=lambda: typed.optional_id(given, "team", "a team"),
        places=lambda: typed.whole(given, "places", "how many places"),
        closes_at=lambda: typed.local_moment(given, "closes_at", zone_name, "the deadline"),
    )
    return NewOffer(kind=kind, note=typed.note(given, "note"), **read)


@blueprint.post("/offers/<id:offer_id>/end")
def end(offer_id: int) -> Response:
    """End an offer before its deadline."""
    typed.flash_outcome(lambda: ended(offer_id))
    return redirect(url_for("offer_desk.index"))


def ended(offer_id: int) -> str:
    """End an offer; return what to say."""
    offers.end_offer(engine(), offer_id, by=current_user().name, clock=clock(), team_ids=steered_teams())
    return "Ended. Places that are taken stay taken."
