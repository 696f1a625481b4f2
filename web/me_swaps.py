"""Pages on which an associate swaps: a day is chosen, partners whom the rules allow are offered, and offers are answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError
from scheduling.words import N_
from services import swaps
from services.swaps import Partner, SwapKind, SwapState
from web import typed
from web.access import current_user
from web.arguments import near
from web.context import clock, engine, today
from web.me import myself
from web.speech import in_words

blueprint = Blueprint("me_swaps", __name__)

DAYS_AHEAD: Final = 35
"""Shifts of so many days are offered to choose from."""


@blueprint.get("/me/requests/swap")
def show(given: typed.Given | None = None, fault: str = "") -> str:
    """Show the days that may be swapped, and the partners for the one that is chosen."""
    return render_template("me/swap.html", **swap_model(given or request.args, fault))


def swap_model(values: typed.Given, fault: str) -> dict[str, object]:
    """Return the own days, and the partners for the one that is chosen."""
    person, chosen = myself(), None
    partners: tuple[Partner, ...] = ()
    here = today(person.zone_name)
    days = swaps.own_days(engine(), person.id, here + timedelta(days=1), here + timedelta(days=DAYS_AHEAD))
    if values.get("day"):
        try:
            chosen = typed.day(values, "day", N_("the day"))
            partners = swaps.partners_for(engine(), person.id, kind_of(values), chosen, clock=clock())
        except (BadInputError, ConflictError) as error:
            fault = fault or typed.said(error)
    return {"days": days, "partners": partners, "chosen": chosen, "kind": kind_of(values), "fault": fault}


def kind_of(given: typed.Given) -> SwapKind:
    """Return what is to be swapped, shifts unless the form says otherwise."""
    return SwapKind.WEEKLY_OFF if given.get("kind") == SwapKind.WEEKLY_OFF else SwapKind.SHIFT


@blueprint.post("/me/requests/swap")
def offer() -> Response | tuple[str, int]:
    """Offer a swap to a partner."""
    try:
        make_offer(request.form)
    except (BadInputError, ConflictError) as error:
        return show(request.form, typed.said(error)), 422
    flash(in_words(N_("Offered. Your partner has to answer.")), "good")
    return redirect(url_for("me_requests.index"))


def make_offer(given: typed.Given) -> None:
    """Offer the swap of a form."""
    partner, days = typed.whole(given, "partner", N_("a partner")), days_of(given.getlist("days"))
    settings = {"by": current_user().name, "clock": clock()}
    swaps.offer_swap(engine(), myself().id, partner, kind_of(given), days, typed.note(given, "note"), **settings)  # type: ignore[arg-type]


def days_of(texts: list[str]) -> list[date]:
    """Return the days of a form; those that are none are left out, and no day at all is refused by the service."""
    return [date.fromisoformat(text) for text in texts if _is_day(text)]


def _is_day(text: str) -> bool:
    try:
        near(date.fromisoformat(text))
    except ValueError:
        return False
    return True


@blueprint.post("/me/requests/swaps/<id:swap_id>/answer")
def answer(swap_id: int) -> Response:
    """Accept or decline a swap."""
    typed.flash_outcome(lambda: answered(swap_id, accepted=request.form.get("answer") == "accept"))
    return redirect(url_for("me_requests.index"))


def answered(swap_id: int, *, accepted: bool) -> str:
    """Accept or decline a swap; return what to say."""
    one = swaps.answer_swap(engine(), swap_id, myself().id, accepted=accepted, by=current_user().name, clock=clock())
    done = {
        SwapState.APPROVED: N_("Swapped. Your days are changed."),
        SwapState.ACCEPTED: N_("Accepted. A supervisor has to decide."),
    }
    return done.get(one.state, N_("Declined."))


@blueprint.post("/me/requests/swaps/<id:swap_id>/withdraw")
def withdraw(swap_id: int) -> Response:
    """Take a swap back that one offered."""
    typed.flash_outcome(lambda: withdrawn(swap_id))
    return redirect(url_for("me_requests.index"))


def withdrawn(swap_id: int) -> str:
    """Take a swap back; return what to say."""
    swaps.withdraw_swap(engine(), swap_id, myself().id, by=current_user().name, clock=clock())
    return N_("Taken back.")
