"""The notices of an associate or a supervisor: everything they were told, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from services import notices
from services.notice_kinds import About, words_of
from web import arguments
from web.access import current_user, may
from web.context import clock, engine, now
from web.own_reader import own_reader
from web.speech import speech

blueprint = Blueprint("me_notices", __name__)

PAGES: Final[Mapping[About, str]] = {
    About.ROSTER: "me_days.week",
    About.CHANGES: "me_changes.show",
    About.REQUESTS: "me_requests.index",
    About.OFFERS: "me_offers.show",
    About.DECISIONS: "request_desk.index",
    About.OFFER_DESK: "offer_desk.index",
    About.ROSTERS: "rosters.index",
}
"""Where a notice leads, by what it is about."""


@blueprint.get("/me/notices")
def show() -> str:
    """Show the newest notices, or those before one."""
    reader, before = own_reader(), arguments.text("before")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise BadRequest("The notices in the address are no number.")
    found = notices.notices_of(engine(), reader.who, before_id=int(before) if before else None)
    told = [(one, words_of(one.kind, one.parameters, speech())) for one in found]
    return render_template("me/notices.html", told=told, page_of=page_of, now=now(), is_full=len(found) == notices.MOST_LISTED)


def page_of(about: About) -> str:
    """Return the address of the page that a notice is about; empty when whoever asks may not open it."""
    return url_for(PAGES[about]) if may(current_user(), PAGES[about]) else ""


@blueprint.post("/me/notices/read")
def read() -> Response:
    """Mark the notices up to one as read."""
    last = request.form.get("last", "")
    if not (last.isascii() and last.isdigit() and len(last) < 19):
        raise BadRequest("Say up to which notice.")
    notices.mark_read(engine(), own_reader().who, int(last), clock=clock())
    return redirect(url_for("me_notices.show"), 303)
