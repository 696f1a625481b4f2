"""What changed in an associate's published days since the last look, and the confirmation of a published roster."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from services import own_days
from services.day_notices import day_document
from web.context import clock, engine, now, today
from web.own_reader import own_reader
from web.speech import speech

blueprint = Blueprint("me_changes", __name__)


@blueprint.get("/me/changes")
def show() -> str:
    """Show what changed since the last look, what had changed before, and what waits for a confirmation."""
    reader = own_reader()
    here = today(reader.zone_name)
    fresh, earlier = own_days.changes_for(engine(), reader, clock=clock())
    agenda = own_days.agenda(engine(), reader, here, here, clock=clock())
    return render_template(
        "me/changes.html", fresh=fresh, earlier=earlier, agenda=agenda, now=now(), side=_side, seen_at=reader.changes_seen_at
    )


def _side(day: object, state: object) -> dict[str, object]:
    return day_document(day, state, speech().zone)  # type: ignore[arg-type]


@blueprint.post("/me/changes/seen")
def seen() -> Response:
    """Move the mark of what was seen to the time at which the page was made."""
    own_days.mark_changes_seen(engine(), own_reader().associate_id, min(given_instant("until"), now()))
    return redirect(url_for("me_changes.show"), 303)


@blueprint.post("/me/rosters/<id:roster_id>/confirm")
def confirm(roster_id: int) -> Response:
    """Confirm a published roster."""
    own_days.confirm(engine(), own_reader().associate_id, roster_id, clock=clock())
    flash(speech().say("Thank you: your shifts are confirmed."), "good")
    return redirect(url_for("me.show"), 303)


def given_instant(name: str) -> datetime:
    """Return an instant of the form with its offset; BadRequest when it is none."""
    try:
        at = datetime.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise BadRequest(f"The value of {name!r} is no time.") from None
    if at.tzinfo is None:
        raise BadRequest(f"The value of {name!r} has no zone.")
    return at.astimezone(UTC)
