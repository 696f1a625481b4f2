"""Page of who is on tomorrow, or on another day, by team and timing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from flask import Blueprint, render_template

from services import tomorrow
from services.tomorrow import DayOfTeam
from web import arguments
from web.context import engine, first_site, today
from web.floor import steered_teams

blueprint = Blueprint("tomorrow", __name__)

MOST_NAMED: Final = 300
"""So many people are listed at once; of more, the figures of each team, and the people of one."""


@blueprint.get("/tomorrow")
def show() -> str:
    """Show who works on a day, tomorrow unless another is asked for."""
    site = first_site()
    if site is None:
        return render_template("requests/tomorrow.html", site=None)
    chosen = arguments.date_or_none("day") or today(site.zone_name) + timedelta(days=1)
    teams = tomorrow.team_days(engine(), site.id, chosen, team_ids=steered_teams())
    days = {"on_day": chosen, "before": chosen - timedelta(days=1), "after": chosen + timedelta(days=1)}
    return render_template("requests/tomorrow.html", site=site, teams=teams, named=named_teams(teams), **days)


def named_teams(teams: Collection[DayOfTeam]) -> frozenset[str]:
    """Return the teams whose people are listed: all, or where that is a long page the one that the address names."""
    people = sum(len(one.working) + len(one.on_leave) + len(one.off) for one in teams)
    return frozenset(one.team for one in teams) if people <= MOST_NAMED else frozenset({arguments.text("team")})
