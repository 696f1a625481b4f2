"""Who has confirmed a published roster and who has not, and when the mails of notices are sent."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError
from services import notices, own_days, publishing, reading
from services.notices import NoticeSetting
from web import arguments
from web.access import SEES_ALL_TEAMS, current_user
from web.context import clock, engine, the_site

blueprint = Blueprint("confirmations", __name__)

WRONG = -1
"""Stands for what is no number, and is refused like any number out of bounds."""


@blueprint.get("/rosters/<id:roster_id>/confirmations")
def show(roster_id: int) -> str:
    """Show who has confirmed, those who have not first; a supervisor sees the teams that they lead."""
    user, roster = current_user(), reading.roster_summary(engine(), roster_id)
    teams = None if user.role in SEES_ALL_TEAMS else user.team_ids
    found = own_days.confirmations_of(engine(), roster_id, team_ids=teams)
    only = arguments.one_of("show", ("waiting", "all"), "waiting")
    shown = [one for one in found if only == "all" or not one.is_confirmed]
    counts = {"count": sum(one.is_confirmed for one in found), "of": len(found)}
    made = publishing.publications_of(engine(), roster_id)
    return render_template("rosters/confirmations.html", roster=roster, shown=shown, only=only, publications=made, **counts)


@blueprint.get("/notices/settings")
def settings() -> str:
    """Show when the mails of notices are sent."""
    return page(notices.setting_of(engine(), the_site().id))


@blueprint.post("/notices/settings")
def save_settings() -> Response | tuple[str, int]:
    """Set when the mails of notices are sent."""
    wanted = NoticeSetting(whole_number("urgent_hours"), whole_number("batch_minutes"))
    try:
        notices.save_setting(engine(), the_site().id, wanted, by=current_user().name, clock=clock())
    except BadInputError as error:
        return page(wanted, {one.column: one.reason for one in error.faults}), 422
    flash("The notice of changes is set.", "good")
    return redirect(url_for("confirmations.settings"), 303)


def page(setting: NoticeSetting, faults: dict[str, str] | None = None) -> str:
    """Return the page of the setting, with what was refused."""
    return render_template("rosters/notice_setting.html", setting=setting, faults=faults or {})


def whole_number(name: str) -> int:
    """Return a whole number of the form, as far as it is one."""
    text = request.form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else WRONG
