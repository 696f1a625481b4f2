"""Pages of repairs: ask for the least change that mends a roster, look at the difference, accept or discard it."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError
from services import reading, repairs
from services.reading import RosterState, RosterSummary
from web.access import current_user
from web.context import clock, engine, today
from web.forms import StopForm
from web.repair_form import RepairForm
from web.repair_model import repair_page

blueprint = Blueprint("repairs", __name__)

NOTICE_DAYS: Final = 7
"""Notice that a published roster has unless the form says another; a draft has none, for nobody knows it yet."""


@blueprint.get("/rosters/<id:roster_id>/repair")
def new(roster_id: int, form: RepairForm | None = None) -> str:
    """Show the form that asks for a repair; the address may name people and days that may change."""
    head = reading.roster_summary(engine(), roster_id)
    form = form or RepairForm(request.args, notice_days=_notice(head), changed_day_cost=2, seconds=30)
    form.offer(reading.queue_names(engine(), head.site))
    return render_template("rosters/repair.html", roster=head, form=form, today=today(head.zone_name))


@blueprint.post("/rosters/<id:roster_id>/repair")
def start(roster_id: int) -> tuple[str, int] | Response:
    """Queue a repair and go to where it can be followed."""
    head = reading.roster_summary(engine(), roster_id)
    form = RepairForm().offer(reading.queue_names(engine(), head.site))
    if not form.validate():
        return new(roster_id, form), 422
    run_id = _requested(roster_id, form, form.task(_notice(head)))
    return (new(roster_id, form), 422) if run_id is None else redirect(url_for("runs.show", run_id=run_id))


def _requested(roster_id: int, form: RepairForm, task: repairs.RepairTask) -> int | None:
    """Return the run of a repair that was queued; nothing, with the form saying why, where it cannot be."""
    by = current_user().name
    try:
        return repairs.request_repair(engine(), roster_id, task, seconds=form.seconds_asked, by=by, clock=clock()).id
    except BadInputError as error:
        form.form_errors = [f"{fault.value}: {fault.reason}" for fault in error.faults]
        return None


def _notice(head: RosterSummary) -> int:
    return 0 if head.state is RosterState.DRAFT else NOTICE_DAYS


@blueprint.get("/repairs/<id:run_id>")
def show(run_id: int) -> str:
    """Show what a repair would change."""
    found = repairs.repair_of(engine(), run_id)
    shifts = reading.roster_frame_view(engine(), found.base.id).shift_types
    return render_template("repairs/show.html", **repair_page(found, shifts), form=StopForm())


@blueprint.post("/repairs/<id:run_id>/accept")
def accept(run_id: int) -> Response:
    """Take a repair over: into the draft, or as a draft that is published in place of the roster in force."""
    was_draft = repairs.repair_of(engine(), run_id).base.state is RosterState.DRAFT
    roster = repairs.accept(engine(), run_id, by=current_user().name, clock=clock())
    if was_draft:
        flash(f"Roster {roster.id} is repaired.", "good")
        return redirect(url_for("rosters.grid", roster_id=roster.id))
    flash("The repair is accepted. It is in force as soon as it is published.", "good")
    return redirect(url_for("publishing.publish", roster_id=roster.id))


@blueprint.post("/repairs/<id:run_id>/discard")
def discard(run_id: int) -> Response:
    """Throw a repair away."""
    roster_id = repairs.discard(engine(), run_id, by=current_user().name, clock=clock())
    flash("The repair is discarded; nothing was changed.", "good")
    return redirect(url_for("rosters.grid", roster_id=roster_id))
