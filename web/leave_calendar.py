"""Page of who is on leave when, team by team, counted against the limits."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from flask import Blueprint, render_template

from services import leave_views
from services.reading import SiteFacts
from web import arguments
from web.context import engine, first_site, today
from web.floor import steered_teams

blueprint = Blueprint("leave_calendar", __name__)


@blueprint.get("/leave")
def show() -> str:
    """Show a month of leave."""
    site = first_site()
    return render_template("requests/calendar.html", site=site, **(month_model(site) if site else {}))


def month_model(site: SiteFacts) -> dict[str, object]:
    """Return the calendar of the month that the address names, else of this one."""
    first = (arguments.date_or_none("month") or today(site.zone_name)).replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    found = leave_views.leave_calendar(engine(), site.id, first, last, team_ids=steered_teams())
    steps = {"before": previous(first), "after": last + timedelta(days=1)}
    return {"calendar": found, "first": first, "today": today(site.zone_name), **steps}


def previous(first: date) -> date:
    """Return the first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)
