"""Page on which an associate shares points out among wishes for a period, and sees what was kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError
from scheduling.words import N_
from services import wishes
from services.wishes import NewWish
from web import typed
from web.access import current_user
from web.context import clock, engine
from web.me import myself
from web.speech import in_words

blueprint = Blueprint("me_wishes", __name__)

EMPTY_LINES = 3
"""Lines for days off below those that are there."""


@blueprint.get("/me/requests/wishes")
def show(given: typed.Given | None = None, fault: str = "") -> str:
    """Show the windows with the own wishes, and what became of them."""
    person = myself()
    views = wishes.own_wishes(engine(), person.id, clock=clock())
    return render_template("me/wishes.html", views=views, given=given, fault=fault, empty_lines=EMPTY_LINES)


@blueprint.post("/me/requests/wishes/<id:window_id>")
def save(window_id: int) -> Response | tuple[str, int]:
    """Write the wishes of an associate."""
    try:
        wanted = wanted_of(request.form)
        wishes.save_wishes(engine(), myself().id, window_id, wanted, by=current_user().name, clock=clock())
    except (BadInputError, ConflictError) as error:
        return show(request.form, typed.said(error)), 422
    flash(in_words(N_("Your wishes are saved. You may change them until the window closes.")), "good")
    return redirect(url_for("me_wishes.show"))


def wanted_of(given: typed.Given) -> list[NewWish]:
    """Return the wishes of a form: points of each timing, and days off with their points; empty lines are left out."""
    timings = [
        NewWish(None, int(name.removeprefix("timing-")), points_of(value))
        for name, value in given.items()
        if name.startswith("timing-") and name[7:].isdigit() and len(name) < 25 and value.strip() not in {"", "0"}
    ]
    pairs = zip(given.getlist("day"), given.getlist("day_points"), strict=False)
    days = [
        NewWish(typed.day(typed.Given({"day": day}), "day", N_("a day off")), None, points_of(points))
        for day, points in pairs
        if day.strip()
    ]
    return [*timings, *days]


def points_of(text: str) -> int:
    """Return points as they were typed; none where it is no whole number, which the service refuses in words."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
