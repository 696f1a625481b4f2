"""The settings of an associate or a supervisor: language, hours, mail; of an associate the address of the calendar feed too."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from scheduling.words import N_
from services import calendar_feed, preferences
from services.languages import HOUR_CYCLES, LANGUAGES
from services.preferences import Preference
from web.context import clock, engine
from web.own_reader import own_reader
from web.speech import forget_speech, speech

blueprint = Blueprint("me_settings", __name__)

FAULT_WORDS = {
    "language": N_("Choose one of the languages of the list."),
    "hour_cycle": N_("Choose 12 or 24 hours."),
    "mail_address": N_("Write one mail address, such as name@example.org, or leave it empty."),
}


@blueprint.get("/me/settings")
def show() -> str:
    """Show the settings."""
    return page(own_reader().preference)


@blueprint.post("/me/settings")
def save() -> Response | tuple[str, int]:
    """Take what was chosen."""
    chosen = chosen_preference()
    try:
        preferences.save(engine(), own_reader().who, chosen)
    except BadInputError as error:
        return page(chosen, error.faults), 422
    forget_speech()
    flash(speech().say("Your settings are saved."), "good")
    return redirect(url_for("me_settings.show"), 303)


@blueprint.post("/me/settings/calendar")
def open_calendar() -> Response:
    """Make a new address of the calendar feed and show it, this once."""
    token = calendar_feed.open_feed(engine(), own_reader().associate_id, clock=clock())
    shown = url_for("calendar_feed.show", token=token, _external=True)
    response = make_response(page(own_reader().preference, address=shown))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/me/settings/calendar/close")
def close_calendar() -> Response:
    """Let the address of the calendar feed lead nowhere."""
    calendar_feed.close_feed(engine(), own_reader().associate_id)
    flash(speech().say("The address of your calendar leads nowhere any more."), "good")
    return redirect(url_for("me_settings.show"), 303)


def page(chosen: Preference, faults: tuple[Fault, ...] | list[Fault] = (), *, address: str = "") -> str:
    """Return the page; what was refused stays as it was typed."""
    said = {one.column: speech().say(FAULT_WORDS.get(one.column, one.reason)) for one in faults}
    who = own_reader().who
    made_at = None if who.associate_id is None else calendar_feed.feed_made_at(engine(), who.associate_id)
    return render_template(
        "me/settings.html",
        chosen=chosen,
        faults=said,
        languages=LANGUAGES,
        hour_cycles=HOUR_CYCLES,
        address=address,
        made_at=made_at,
    )


def chosen_preference() -> Preference:
    """Return what the form says; an empty choice follows the browser."""
    cycle = request.form.get("hour_cycle", "")
    return Preference(
        language=request.form.get("language", "")[:20] or None,
        hour_cycle=int(cycle) if cycle in {"12", "24"} else None if not cycle else -1,
        mail_address=request.form.get("mail_address", "").strip() or None,
        wants_mail="wants_mail" in request.form,
    )
