"""Breaks moved on the Gantt of a day: where one may go, and moving it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from scheduling.shifts import MINUTES_PER_DAY
from services import break_moves
from web import arguments
from web.access import current_user
from web.context import clock, engine

blueprint = Blueprint("break_moves", __name__)


@blueprint.get("/rosters/<id:roster_id>/breaks/starts")
def starts(roster_id: int) -> Response:
    """Return the minutes of a shift at which one of its breaks may start."""
    who, day, at = arguments.text("who"), asked_day(arguments.text("day")), minute_of(arguments.text("at"))
    return jsonify(starts=break_moves.starts_of(engine(), roster_id, who, day, at))


@blueprint.post("/rosters/<id:roster_id>/breaks/move")
def move(roster_id: int) -> Response:
    """Move a break."""
    form = request.form
    who, day, seen = form.get("who", ""), asked_day(form.get("day", "")), form.get("seen", "")
    at, to = minute_of(form.get("at", "")), minute_of(form.get("to", ""))
    done = break_moves.move_break(
        engine(), roster_id, who, day, start_minute=at, to_minute=to, seen=seen, by=current_user().name, clock=clock()
    )
    return jsonify(version=done.version, broken=[one.message for one in done.broken])


def minute_of(text: str) -> int:
    """Return a minute of a shift."""
    if not (text.isascii() and text.isdigit() and int(text[:5]) < MINUTES_PER_DAY):
        raise BadRequest(f"{text[:20]!r} is no minute of a shift.")
    return int(text)


def asked_day(text: str) -> date:
    """Return a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text[:20]!r} is no date such as 2027-01-04.") from None
