"""The page of an associate's own day: the shift, the next break, productive minutes, goals."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Blueprint, render_template

from allocation.ledger import DayLedger
from services import ledgers, own, own_days, quality
from services.own import Person
from services.preferences import Reader
from web.access import current_user
from web.context import clock, engine, now, today
from web.day_bar import day_bar
from web.own_reader import own_reader
from web.own_today import HOURS_LEFT, MINUTES_LEFT, left_words, today_of, window_of
from web.speech import speech

blueprint = Blueprint("me", __name__)

QUALITY_DAYS = 28
"""Goals are held against the answers of so many days."""


def myself() -> Person:
    """Return the associate who asks; the permissions of these pages are granted to associates only."""
    return own.person(engine(), cast("int", current_user().associate_id))


@blueprint.get("/me")
def show() -> str:
    """Show an associate their own day."""
    reader = own_reader()
    return render_template("me/show.html", now=now(), **agenda_model(reader), **ledger_model(reader), **goals_model(reader))


def agenda_model(reader: Reader) -> dict[str, object]:
    """Return the shift that goes on and the next one, what comes next in them, and what waits for the associate."""
    here = today(reader.zone_name)
    agenda = own_days.agenda(engine(), reader, *window_of(here), clock=clock())
    shown = today_of(agenda.days.values(), now())
    said = speech()
    return {
        "reader": reader,
        "today": here,
        "this_day": agenda.days.get(here),
        "agenda": agenda,
        "present": shown,
        "left": left_words(shown.next.at - now(), said) if shown.next else "",
        "left_words": (said.say(HOURS_LEFT), said.say(MINUTES_LEFT)),
        "moments": [{"at": one.at.isoformat(), "sentence": one.sentence(said)} for one in shown.moments],
    }


def ledger_model(reader: Reader) -> dict[str, object]:
    """Return the duty that goes on, else the last one that began since yesterday, with its ledger."""
    last = today(reader.zone_name)
    found = ledgers.own_ledgers(engine(), reader.site_id, reader.associate_id, last - timedelta(days=1), last, clock=clock())
    begun = [one for one in found if one.duty.starts_at <= one.until]
    current = begun[-1] if begun else None
    return {
        "ledger": current,
        "is_on": current is not None and is_on(current),
        "bar": day_bar(current, speech()) if current else None,
    }


def is_on(ledger: DayLedger) -> bool:
    """Return whether a duty goes on."""
    return ledger.until < ledger.duty.ends_at


def goals_model(reader: Reader) -> dict[str, object]:
    """Return accuracy and speed of the last weeks against the goals of the associate's tenure."""
    last = today(reader.zone_name)
    detail = quality.person_detail(engine(), reader.associate_id, last - timedelta(days=QUALITY_DAYS - 1), last)
    return {"quality_days": QUALITY_DAYS, "week": detail.quality.week, "queues": detail.quality.queues}
