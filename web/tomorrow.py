"""Page of who is on tomorrow, or on another day, by team and timing."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template

from services import tomorrow
from web import arguments
from web.context import engine, first_site, today
from web.floor import steered_teams

blueprint = Blueprint("tomorrow", __name__)


@blueprint.get("/tomorrow")
def show() -> str:
    """Show who works on a day, tomorrow unless another is asked for."""
    site = first_site()
    if site is None:
        return render_template("requests/tomorrow.html", site=None)
    chosen = arguments.date_or_none("day") or today(site.zone_name) + timedelta(days=1)
    teams = tomorrow.team_days(engine(), site.id, chosen, team_ids=steered_teams())
    days = {"on_day": chosen, "before": chosen - timedelta(days=1), "after": chosen + timedelta(days=1)}
    return render_template("requests/tomorrow.html", site=site, teams=teams, **days)
