"""Pages that answer why: why not another shift in a cell, and what clashes where facts and rules cannot all be kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, jsonify, render_template
from werkzeug.exceptions import BadRequest

from services import why
from services.why import WhyView
from web import arguments
from web.context import engine
from web.tones import tone_of

blueprint = Blueprint("why", __name__)

MOST_MOVED: Final = 40
"""Shifts at another place that a way out shows."""


@blueprint.get("/rosters/<id:roster_id>/why")
def show(roster_id: int) -> str:
    """Show what stands against a shift on a day of an associate, or against each of them."""
    found = _asked(roster_id)
    tones = {shift.code: str(tone_of(shift)) for shift in found.shift_types}
    return render_template("rosters/why.html", roster=found.roster, why=found, tones=tones)


@blueprint.get("/rosters/<id:roster_id>/why.json")
def data(roster_id: int) -> Response:
    """Return the same as data."""
    found = _asked(roster_id)
    cell = {"associate": found.code, "name": found.name, "day": found.day.isoformat(), "now": found.now}
    options = [asdict(one) | {"price": one.price_alone and one.price_alone.total} for one in found.options]
    return jsonify({**cell, "options": options, "chosen": found.chosen.word if found.chosen else None})


def _asked(roster_id: int) -> WhyView:
    day = arguments.date_or_none("day")
    if day is None:
        raise BadRequest("Name the day in the address, such as day=2027-01-04.")
    return why.why(engine(), roster_id, arguments.text("associate"), day, arguments.text("shift") or None)


@blueprint.get("/rosters/<id:roster_id>/clashes/<code>")
def clash(roster_id: int, code: str) -> str:
    """Show which facts and rules of an associate clash, and the cheapest ways out."""
    found = why.clash_of(engine(), roster_id, code)
    tones = {shift.code: str(tone_of(shift)) for shift in found.shift_types}
    return render_template("rosters/clash.html", roster=found.roster, found=found, tones=tones)


@blueprint.get("/rosters/<id:roster_id>/office-seats")
def office(roster_id: int) -> str:
    """Show what does not fit into the office, and the ways out."""
    found = why.office_of(engine(), roster_id)
    return render_template("rosters/office.html", roster=found.roster, found=found, most=MOST_MOVED)
