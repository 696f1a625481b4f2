"""The page of an associate's own day: shift and breaks, productive minutes, quality and hours."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from allocation.ledger import DayLedger
from scheduling.errors import NotFoundError
from services import hours, ledgers, own, presence, quality
from services.own import Person
from services.presence import DeskNow
from web.access import current_user
from web.context import clock, engine, now, today
from web.day_bar import day_bar
from web.quality import charts_of

blueprint = Blueprint("me", __name__)

LEDGER_DAYS = 7
"""Duties of so many days back are listed."""
QUALITY_DAYS = 28


def myself() -> Person:
    """Return the associate who asks; the permissions of these pages are granted to associates only."""
    return own.person(engine(), cast("int", current_user().associate_id))


@blueprint.get("/me")
def show() -> str:
    """Show an associate their own day."""
    person = myself()
    return render_template(
        "me/show.html", person=person, now=now(), **day_model(person), **quality_model(person), **hours_model(person)
    )


def day_model(person: Person) -> dict[str, object]:
    """Return the duty that goes on, else the last one that began, with its ledger, and those of the days before."""
    zone, last = ZoneInfo(person.zone_name), today(person.zone_name)
    first = last - timedelta(days=LEDGER_DAYS)
    begun = [
        one
        for one in ledgers.own_ledgers(engine(), person.site_id, person.id, first, last, clock=clock())
        if one.duty.starts_at <= one.until
    ]
    current = begun[-1] if begun else None
    return {
        "zone": zone,
        "desk": desk_of(person),
        "ledger": current,
        "bar": day_bar(current, zone) if current else None,
        "is_on": current is not None and is_on(current),
        "earlier": begun[-2::-1],
    }


def is_on(ledger: DayLedger) -> bool:
    """Return whether a duty goes on."""
    return ledger.until < ledger.duty.ends_at


def desk_of(person: Person) -> DeskNow | None:
    """Return what the floor knows of an associate now; nothing before it is opened for them."""
    try:
        return presence.desk_of(engine(), person.id, clock=clock())
    except NotFoundError:
        return None


def quality_model(person: Person) -> dict[str, object]:
    """Return accuracy and speed of the last weeks, by queue and by day."""
    last = today(person.zone_name)
    first = last - timedelta(days=QUALITY_DAYS - 1)
    detail = quality.person_detail(engine(), person.id, first, last)
    return {
        "week": detail.quality.week,
        "quality_days": QUALITY_DAYS,
        "queues": detail.quality.queues,
        "charts": charts_of(detail.days, detail.quality.queues),
    }


def hours_model(person: Person) -> dict[str, object]:
    """Return the hours of the pay period that goes on and of the one before."""
    rule = hours.pay_rule(engine(), person.site_id)
    periods = hours.periods_before(rule, today(person.zone_name), 2)
    tables = [hours.hours_of(engine(), person.site_id, one, clock=clock(), associate_ids=[person.id]) for one in periods]
    return {"rule": rule, "paid": [(table.period, row) for table in tables for row in table.rows]}
