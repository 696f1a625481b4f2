"""An associate's published days: a week in full, and a month at a glance."""

from __future__ import annotations

import calendar
from datetime import timedelta

from flask import Blueprint, render_template

from services import own_days
from web import arguments
from web.context import clock, engine, now, today
from web.own_reader import own_reader

blueprint = Blueprint("me_days", __name__)


@blueprint.get("/me/week")
def week() -> str:
    """Show the week of a day."""
    reader = own_reader()
    here = today(reader.zone_name)
    day = arguments.date_or_none("day") or here
    days = [day + timedelta(days=offset - day.weekday()) for offset in range(7)]
    agenda = own_days.agenda(engine(), reader, days[0], days[-1], clock=clock())
    return render_template("me/week.html", days=days, agenda=agenda, today=here, now=now())


@blueprint.get("/me/month")
def month() -> str:
    """Show the month of a day in whole weeks."""
    reader = own_reader()
    here = today(reader.zone_name)
    first = (arguments.date_or_none("day") or here).replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    agenda = own_days.agenda(engine(), reader, weeks[0][0], weeks[-1][-1], clock=clock())
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return render_template(
        "me/month.html", first=first, weeks=weeks, agenda=agenda, today=here, before=before, after=after, now=now()
    )
