"""Page on which an associate shares points out among wishes for a period, and sees what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

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
    lines: dict[str, NewWish] = {}
    try:
        lines = wanted_of(request.form)
        wishes.save_wishes(engine(), myself().id, window_id, list(lines.values()), by=current_user().name, clock=clock())
    except (BadInputError, ConflictError) as error:
        return show(request.form, refused(error, list(lines))), 422
    flash(in_words(N_("Your wishes are saved. You may change them until the window closes.")), "good")
    return redirect(url_for("me_wishes.show"))


def wanted_of(given: typed.Given) -> dict[str, NewWish]:
    """Return the wishes of a form by the line in which each stands: timings first, then days off; empty lines are left out."""
    timings = {
        name: NewWish(None, int(name.removeprefix("timing-")), points_of(value))
        for name, value in given.items()
        if name.startswith("timing-") and name[7:].isdigit() and len(name) < 25 and value.strip() not in {"", "0"}
    }
    pairs = zip(given.getlist("day"), given.getlist("day_points"), strict=False)
    lines = {f"day-{line}": pair for line, pair in enumerate(pairs) if pair[0].strip()}
    days = typed.together(**{line: partial(day_off, line, day) for line, (day, _) in lines.items()})
    return timings | {line: NewWish(days[line], None, points_of(points)) for line, (_, points) in lines.items()}


def day_off(line: str, day: str) -> date:
    """Return the day off of a line."""
    return typed.day(typed.Given({line: day}), line, N_("a day off"))


def refused(error: BadInputError | ConflictError, lines: Sequence[str]) -> typed.Said:
    """Return what is wrong with wishes, each fault at the line that it is about."""
    if not isinstance(error, BadInputError):
        return typed.said(error)
    at = dict(enumerate(lines, start=1))
    return typed.said(BadInputError([replace(one, column=at.get(one.row or 0, one.column)) for one in error.faults]))


def points_of(text: str) -> int:
    """Return points as they were typed; none where it is no whole number, which the service refuses in words."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
