"""Page on which planners open wishing windows, and see what was wished and kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError
from services import wishes
from services.reading import SiteFacts
from web import typed
from web.access import current_user
from web.context import clock, engine, first_site, now, the_site

blueprint = Blueprint("wish_desk", __name__)


@blueprint.get("/wishes")
def index(given: typed.Given | None = None, fault: str = "") -> str:
    """Show the windows, and the form of a new one."""
    site = first_site()
    windows = wishes.list_windows(engine(), site.id) if site else ()
    return render_template("requests/wishes.html", site=site, windows=windows, given=given or {}, fault=fault, now=now())


@blueprint.post("/wishes")
def open_window() -> Response | tuple[str, int]:
    """Open a window."""
    try:
        make_window(request.form, the_site())
    except (BadInputError, ConflictError) as error:
        return index(request.form, typed.said(error)), 422
    flash("The window is set. Everybody is told.", "good")
    return redirect(url_for("wish_desk.index"))


def make_window(given: typed.Given, site: SiteFacts) -> None:
    """Open the window of a form."""
    read = typed.together(
        first_day=lambda: typed.day(given, "first_day", "the first day"),
        last_day=lambda: typed.day(given, "last_day", "the last day"),
        opens_at=lambda: typed.local_moment(given, "opens_at", site.zone_name, "when it opens"),
        closes_at=lambda: typed.local_moment(given, "closes_at", site.zone_name, "when it closes"),
        points=lambda: typed.whole(given, "points", "how many points"),
        weight_per_point=lambda: typed.decimal(given, "weight", "what a point weighs"),
    )
    wishes.open_window(engine(), site.id, **read, by=current_user().name, clock=clock())


@blueprint.get("/wishes/<id:window_id>")
def show(window_id: int) -> str:
    """Show what was wished in a window, and what became of it."""
    window, found, outcomes = wishes.wishes_of_window(engine(), window_id)
    return render_template("requests/wish_window.html", site=the_site(), window=window, wishes=found, outcomes=outcomes)
