"""The page of an associate's own day: shift and breaks, productive minutes, quality and hours."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from allocation.ledger import DayLedger
from services import ledgers, own, presence
from services.own import Person
from web.access import current_user
from web.context import clock, engine, now, today
from web.day_bar import day_bar

blueprint = Blueprint("me", __name__)

LEDGER_DAYS = 7
"""Duties of so many days back are listed."""


def myself() -> Person:
    """Return the associate who asks; the permissions of these pages are granted to associates only."""
    return own.person(engine(), cast("int", current_user().associate_id))


@blueprint.get("/me")
def show() -> str:
    """Show an associate their own day."""
    person = myself()
    return render_template("me/show.html", person=person, now=now(), **day_model(person))


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
        "desk": presence.desk_of(engine(), person.id, clock=clock()),
        "ledger": current,
        "bar": day_bar(current, zone) if current else None,
        "is_on": current is not None and is_on(current),
        "earlier": begun[-2::-1],
    }


def is_on(ledger: DayLedger) -> bool:
    """Return whether a duty goes on."""
    return ledger.until < ledger.duty.ends_at
