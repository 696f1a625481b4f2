"""The page on which a draft is published: the difference first, then the confirmation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from services import notices, publishing, reading
from services.opening import open_floor_of
from web.access import current_user
from web.context import clock, engine, today
from web.difference import scope_of
from web.forms import PublishForm

blueprint = Blueprint("publishing", __name__)
BLOCKING_SHOWN = 10


@blueprint.get("/rosters/<id:roster_id>/publish")
def publish(roster_id: int, form: PublishForm | None = None) -> str:
    """Show what publishing a draft would change."""
    roster = reading.roster_grid(engine(), roster_id, break_days=())
    found = publishing.difference(engine(), roster_id)
    blocking = reading.roster_violations(engine(), roster_id)[: min(BLOCKING_SHOWN, roster.summary.blocking_count)]
    change = {"scope": scope_of(roster, found, today(roster.horizon.zone_name)), "replaced": found.replaced}
    form = form or PublishForm(version=roster.summary.version)
    setting = notices.setting_of_roster(engine(), roster_id)
    shown = {"roster": roster.summary, "blocking": blocking, "notice_setting": setting}
    return render_template("rosters/publish.html", form=form, **shown, **change)


@blueprint.post("/rosters/<id:roster_id>/publish")
def confirm(roster_id: int) -> tuple[str, int] | Response:
    """Publish a draft in the version that was looked at."""
    form = PublishForm()
    needs_reason = reading.roster_summary(engine(), roster_id).reason_count > 0
    if not form.validate_with(needs_reason=needs_reason):
        return publish(roster_id, form), 422
    by, reason = current_user().name, form.reason.data or ""
    done = publishing.publish_roster(engine(), roster_id, form.seen_version, by=by, clock=clock(), reason=reason)
    open_floor_of(engine(), done.id, clock=clock())
    flash(f"Roster {done.id} is published: it is in force on all of its days.", "good")
    return redirect(url_for("rosters.grid", roster_id=roster_id))
