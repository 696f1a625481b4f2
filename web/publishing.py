"""The page on which days of a roster are published: which ones, the difference first, then the confirmation."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from services import notices, publishing, reading
from services.opening import open_floor_of
from services.publishing import Days
from web import arguments
from web.access import current_user
from web.context import clock, engine
from web.difference import scope_of
from web.forms import PublishForm, days_named

blueprint = Blueprint("publishing", __name__)
BLOCKING_SHOWN = 10


@blueprint.get("/rosters/<id:roster_id>/publish")
def publish(roster_id: int) -> str:
    """Show what publishing days of a roster would change."""
    return page(roster_id, asked_days() or days_left(roster_id))


@blueprint.post("/rosters/<id:roster_id>/publish")
def confirm(roster_id: int) -> tuple[str, int] | Response:
    """Publish days of a roster in the version that was looked at."""
    form = PublishForm()
    found = publishing.difference(engine(), roster_id, form.days, clock=clock())
    if not form.validate_with(needs_reason=found.needs_reason):
        return page(roster_id, form.days, form), 422
    by, version, reason = current_user().name, form.seen_version, form.reason.data or ""
    done = publishing.publish_roster(engine(), roster_id, version, by=by, clock=clock(), reason=reason, days=form.days)
    open_floor_of(engine(), done.id, clock=clock())
    flash(f"Roster {done.id} is published: it is in force from {found.days.first} to {found.days.last}.", "good")
    return redirect(url_for("rosters.grid", roster_id=roster_id))


def page(roster_id: int, days: Days | None, form: PublishForm | None = None) -> str:
    """Return the page of a publication."""
    about = reading.roster_frame_view(engine(), roster_id)
    found = publishing.difference(engine(), roster_id, days, clock=clock())
    blocking = reading.roster_violations(engine(), roster_id)[: min(BLOCKING_SHOWN, about.summary.blocking_count)]
    return render_template(
        "rosters/publish.html",
        form=form or PublishForm(version=about.summary.version, first_day=found.days.first, last_day=found.days.last),
        roster=about.summary,
        found=found,
        scope=scope_of(about, found),
        blocking=blocking,
        notice_setting=notices.setting_of_roster(engine(), roster_id),
    )


def asked_days() -> Days | None:
    """Return the days that the address names, ``None`` when it names none."""
    return days_named(arguments.date_or_none("first_day"), arguments.date_or_none("last_day"))


def days_left(roster_id: int) -> Days | None:
    """Return the next days of a published roster that can be published still, without a gap; ``None``, all days, of a draft."""
    if reading.roster_summary(engine(), roster_id).state is not reading.RosterState.PUBLISHED:
        return None
    left = publishing.days_left(engine(), roster_id)
    # Beyond a gap another roster is in force, whose days nobody means to take who asks for what is left.
    ends = (day for day in left if day + timedelta(days=1) not in left)
    return Days(left[0], next(ends)) if left else None
