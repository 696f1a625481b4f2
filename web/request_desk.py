"""Page of a supervisor on which requests are decided, each with its effect on coverage beside it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services import leave_settings, leave_views, request_inbox
from web import arguments, typed
from web.access import current_user
from web.context import clock, engine, first_site, the_site
from web.floor import steered_teams

blueprint = Blueprint("request_desk", __name__)


@blueprint.get("/requests")
def index(fault: str = "") -> str:
    """Show what waits for a decision."""
    site, mine = first_site(), steered_teams()
    page = arguments.page_number()
    inbox = request_inbox.read_inbox(engine(), site.id, clock=clock(), team_ids=mine, page=page) if site else None
    return render_template("requests/index.html", site=site, inbox=inbox, mine=mine, fault=fault)


@blueprint.post("/requests")
def decide() -> Response | tuple[str, int]:
    """Approve or refuse everything that is ticked."""
    given, approved = request.form, request.form.get("decision") == "approve"
    fault = fault_of(given, approved=approved)
    if fault:
        alone = typed.chosen(given, "alone")
        return (leave(alone[0], fault) if alone else index(fault)), 422
    decide_ticked(given, approved=approved)
    return redirect(url_for("request_desk.index"))


def fault_of(given: typed.Given, *, approved: bool) -> str:
    """Return what a decision lacks, empty when nothing."""
    if not given.getlist("leave") and not given.getlist("swap"):
        return "Tick at least one request."
    if not approved and not typed.note(given, "reason"):
        return f"Say why {'this is' if given.get('alone') else 'these are'} refused; whoever asked will read it."
    return ""


def decide_ticked(given: typed.Given, *, approved: bool) -> None:
    """Approve or refuse the requests of a form, and tell the next page what came of it."""
    settings = {"by": current_user().name, "clock": clock(), "team_ids": steered_teams()}
    ticked = typed.chosen(given, "leave"), typed.chosen(given, "swap")
    outcome = request_inbox.decide_all(engine(), *ticked, typed.note(given, "reason"), approved=approved, **settings)  # type: ignore[arg-type]
    if outcome.decided:
        flash(f"{outcome.decided} {'approved' if approved else 'refused'}.", "good")
    for words in outcome.refused:
        flash(f"Not done: {words}", "stop")


@blueprint.get("/requests/leave/<id:request_id>")
def leave(request_id: int, fault: str = "") -> str:
    """Show one request for leave: what approving it would do, the decision, and what was done with it."""
    one, history = leave_views.leave_history(engine(), request_id, team_ids=steered_teams())
    waiting = request_inbox.leave_to_decide(engine(), one, clock=clock())
    return render_template("requests/leave.html", one=one, history=history, waiting=waiting, site=the_site(), fault=fault)


@blueprint.post("/requests/teams/<id:team_id>")
def team(team_id: int) -> Response:
    """Write whether swaps of a team need no decision."""
    automatic = request.form.get("automatic") == "yes"
    settings = {"by": current_user().name, "clock": clock(), "team_ids": steered_teams()}
    leave_settings.save_team_rule(engine(), the_site().id, team_id, automatic=automatic, **settings)  # type: ignore[arg-type]
    flash("Saved. It holds for swaps that are accepted from now on.", "good")
    return redirect(url_for("request_desk.index"))
