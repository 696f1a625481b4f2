"""Pages of what an associate asks for: the list of it, and leave."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError
from scheduling.words import N_
from services import leave_requests, leave_views, own_swaps
from services.leave_requests import LeaveRequest, LeaveState
from web import typed
from web.access import current_user
from web.context import clock, engine, now, today
from web.me import myself
from web.speech import in_words

blueprint = Blueprint("me_requests", __name__)

SAID = {
    LeaveState.ASKED: N_("Your supervisor has to decide."),
    LeaveState.WAITLISTED: N_("As many are away as may be. You are on the waiting list, and move up by yourself."),
    LeaveState.APPROVED: N_("Your leave is approved."),
}


@blueprint.get("/me/requests")
def index() -> str:
    """Show what an associate asked for, what was offered to them, and what is left of their leave."""
    person = myself()
    model = leave_views.own_leave(engine(), person.id)
    exchanges = own_swaps.own_swaps(engine(), person.id)
    return render_template(
        "me/requests.html", person=person, leave=model, swaps=exchanges, today=today(person.zone_name), now=now()
    )


@blueprint.get("/me/requests/leave")
def leave(given: typed.Given | None = None, fault: str = "") -> str:
    """Show the form that asks for leave."""
    person = myself()
    model = leave_views.own_leave(engine(), person.id)
    here = today(person.zone_name)
    return render_template("me/leave.html", leave=model, given=given or request.args, fault=fault, today=here)


@blueprint.post("/me/requests/leave")
def ask() -> Response | tuple[str, int]:
    """Ask for leave."""
    try:
        flash(in_words(SAID[asked_leave(request.form).state]), "good")
    except (BadInputError, ConflictError) as error:
        return leave(request.form, typed.said(error)), 422
    return redirect(url_for("me_requests.index"))


def asked_leave(given: typed.Given) -> LeaveRequest:
    """Ask for the leave of a form; return the request."""
    read = typed.together(
        kind_id=lambda: typed.whole(given, "kind", N_("a kind of leave")),
        first_day=lambda: typed.day(given, "first_day", N_("the first day")),
        last_day=lambda: typed.day(given, "last_day", N_("the last day")),
    )
    note, by = typed.note(given, "note"), current_user().name
    return leave_requests.ask_leave(engine(), myself().id, **read, note=note, by=by, clock=clock())


@blueprint.post("/me/requests/leave/<id:request_id>/take-back")
def take_back(request_id: int) -> Response:
    """Take a request for leave back, or give approved leave up."""
    typed.flash_outcome(lambda: taken_back(request_id))
    return redirect(url_for("me_requests.index"))


def taken_back(request_id: int) -> str:
    """Take a request for leave back; return what to say."""
    one = leave_requests.take_back_leave(engine(), request_id, myself().id, by=current_user().name, clock=clock())
    again = N_("Your leave is cancelled, and your shifts stand again.")
    return again if one.state is LeaveState.CANCELLED else N_("Taken back.")


@blueprint.get("/me/requests/leave/<id:request_id>")
def show(request_id: int) -> str:
    """Show one request for leave with what was done with it."""
    person = myself()
    found, history = leave_views.leave_history(engine(), request_id, associate_id=person.id)
    return render_template("me/leave_request.html", one=found, history=history, person=person, today=today(person.zone_name))
