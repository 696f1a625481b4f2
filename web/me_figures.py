"""The page of an associate's own figures: accuracy and speed by queue and day, paid hours, the shifts of the last week."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template

from services import hours, ledgers, quality
from services.preferences import Reader
from web.context import clock, engine, now, today
from web.me import QUALITY_DAYS
from web.own_reader import own_reader
from web.quality import charts_of

blueprint = Blueprint("me_figures", __name__)

LEDGER_DAYS = 7
"""Shifts of so many days back are listed."""


@blueprint.get("/me/figures")
def show() -> str:
    """Show an associate their own figures."""
    reader = own_reader()
    return render_template("me/figures.html", now=now(), **quality_model(reader), **hours_model(reader), **earlier_model(reader))


def quality_model(reader: Reader) -> dict[str, object]:
    """Return accuracy and speed of the last weeks, by queue and by day."""
    last = today(reader.zone_name)
    first = last - timedelta(days=QUALITY_DAYS - 1)
    detail = quality.person_detail(engine(), reader.associate_id, first, last)
    return {
        "week": detail.quality.week,
        "quality_days": QUALITY_DAYS,
        "queues": detail.quality.queues,
        "charts": charts_of(detail.days, detail.quality.queues),
    }


def hours_model(reader: Reader) -> dict[str, object]:
    """Return the hours of the pay period that goes on and of the one before."""
    rule = hours.pay_rule(engine(), reader.site_id)
    periods = hours.periods_before(rule, today(reader.zone_name), 2)
    who = [reader.associate_id]
    tables = [hours.hours_of(engine(), reader.site_id, one, clock=clock(), associate_ids=who) for one in periods]
    return {"rule": rule, "paid": [(table.period, row) for table in tables for row in table.rows]}


def earlier_model(reader: Reader) -> dict[str, object]:
    """Return the shifts of the last week that are over, the newest first."""
    last = today(reader.zone_name)
    first = last - timedelta(days=LEDGER_DAYS)
    found = ledgers.own_ledgers(engine(), reader.site_id, reader.associate_id, first, last, clock=clock())
    return {"earlier": [one for one in found[::-1] if one.duty.ends_at <= one.until]}
