"""An associate's own days over JSON: small documents with an ETag, for phones that ask again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from services import notices, own_days
from services.own_days import Agenda, OwnDay
from services.preferences import Reader, associate, reader_of
from web import arguments
from web.api.presence import break_document, own_associate_id
from web.context import clock, engine, today
from web.own_today import today_of, window_of

blueprint = Blueprint("api_own", __name__)

MOST_DAYS: Final = 100
USUAL_DAYS: Final = 14


def day_document(day: OwnDay, agenda: Agenda) -> dict[str, Any]:
    """Return a published day as a document; instants are in UTC."""
    shift = day.shift
    return {
        "day": day.day.isoformat(),
        "kind": day.kind,
        "shift": shift.code if shift else None,
        "starts_at": shift.starts_at.isoformat() if shift else None,
        "ends_at": shift.ends_at.isoformat() if shift else None,
        "place": shift.place if shift else None,
        "productive_minutes": shift.productive_minutes if shift else None,
        "breaks": [break_document(one) for one in shift.breaks] if shift else [],
        "changed": day.day in agenda.unseen,
    }


def tagged(document: dict[str, Any]) -> Response:
    """Return a document with its tag; nothing but the tag for a program that has it already."""
    response = jsonify(document)
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/me/today")
def show_today() -> Response:
    """Return the shift that goes on, the next one, and how much waits to be read and confirmed."""
    reader = reader_of(engine(), associate(own_associate_id()))
    agenda = own_days.agenda(engine(), reader, *window_of(today(reader.zone_name)), clock=clock())
    return tagged(today_document(reader, agenda))


def today_document(reader: Reader, agenda: Agenda) -> dict[str, Any]:
    """Return the present moment of an associate as a document."""
    found = today_of(agenda.days.values(), clock().now())
    return {
        "day": today(reader.zone_name).isoformat(),
        "zone": reader.zone_name,
        "current": day_document(found.current, agenda) if found.current else None,
        "coming": day_document(found.coming, agenda) if found.coming else None,
        "unread_notices": notices.unread_count(engine(), reader.who),
        "changed_days": sorted(one.isoformat() for one in agenda.unseen),
        "to_confirm": [one.roster_id for one in agenda.to_confirm],
    }


@blueprint.get("/me/days")
def show_days() -> Response:
    """Return the published days of a span of dates, two weeks from today without one."""
    reader = reader_of(engine(), associate(own_associate_id()))
    first, last = _span(reader)
    agenda = own_days.agenda(engine(), reader, first, last, clock=clock())
    days = [day_document(one, agenda) for one in agenda.days.values()]
    span = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    return tagged({"zone": reader.zone_name, **span, "days": days})


def _span(reader: Reader) -> tuple[Any, Any]:
    first = arguments.date_or_none("first_day") or today(reader.zone_name)
    last = arguments.date_or_none("last_day") or first + timedelta(days=USUAL_DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadRequest(f"Ask for 1 to {MOST_DAYS} days, from first_day to last_day.")
    return first, last
