"""Presence over JSON: an associate's own device says what happened, and reads what the floor knows of the moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest, Forbidden

from scheduling.duties import Duty, PlannedBreak
from scheduling.errors import BadInputError, Fault
from scheduling.presence import PresenceEvent, PresenceKind
from services import presence
from services.presence import DeskNow
from web.access import current_user
from web.arguments import near_instant
from web.context import clock, engine
from web.json_input import sent_json

blueprint = Blueprint("api_presence", __name__)

KINDS: Final = ", ".join(PresenceKind)


def own_associate_id() -> int:
    """Return the associate who asks; Forbidden for everybody else."""
    associate_id = current_user().associate_id
    if associate_id is None:
        raise Forbidden("Only an associate has a desk: sign in with the account of one.")
    return associate_id


def given_event() -> PresenceEvent:
    """Return the event of the body; BadInputError with every fault."""
    body = sent_json()
    if not isinstance(body, dict):
        raise BadRequest('Send {"id": a UUID of your own, "kind": what happened, "occurred_at": when} as application/json.')
    faults: list[Fault] = []

    def read(name: str, read_one: Any, reason: str) -> Any:
        try:
            return read_one(body.get(name))
        except (ValueError, TypeError, AttributeError):
            faults.append(Fault("presence", None, name, str(body.get(name, "")), reason))
            return None

    event_id = read("id", UUID, "Give every event a UUID of its own, so that it counts once however often it is sent.")
    kind = read("kind", PresenceKind, f"Say what happened: one of {KINDS}.")
    at = read("occurred_at", instant_or(clock().now()), "Write a time of now with its zone, such as 2027-01-04T09:30:00+01:00.")
    if faults:
        raise BadInputError(faults)
    return PresenceEvent(event_id, kind, at)


def instant_or(default: datetime) -> Any:
    """Return a function that reads an aware instant, and gives the default where there is none."""

    def read(text: str | None) -> datetime:
        at = default if text is None else datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return near_instant(at)

    return read


def break_document(one: PlannedBreak | None) -> dict[str, Any] | None:
    """Return a planned break as a document."""
    if one is None:
        return None
    return {
        "kind": one.kind,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "is_productive": one.is_productive,
    }


def duty_document(duty: Duty | None) -> dict[str, Any] | None:
    """Return a duty as a document."""
    if duty is None:
        return None
    return {
        "day": duty.day.isoformat(),
        "starts_at": duty.starts_at.isoformat(),
        "ends_at": duty.ends_at.isoformat(),
        "breaks": [break_document(one) for one in duty.breaks],
        "is_absent": duty.is_absent,
    }


def desk_document(desk: DeskNow) -> dict[str, Any]:
    """Return what the floor knows of an associate as a document; instants are in UTC, the zone is that of the site."""
    return {
        "state": desk.state.value,
        "since": None if desk.since is None else desk.since.isoformat(),
        "duty": duty_document(desk.duty),
        "next_duty": duty_document(desk.next_duty),
        "break_now": break_document(desk.break_now),
        "next_break": break_document(desk.next_break),
        "zone": desk.zone_name,
    }


@blueprint.get("/presence")
def show() -> Response:
    """Return what the floor knows of the associate who asks."""
    return jsonify(desk_document(presence.desk_of(engine(), own_associate_id(), clock=clock())))


@blueprint.post("/presence")
def record() -> Response:
    """Take an event of the associate who asks; sent twice, it counts once."""
    who, event = own_associate_id(), given_event()
    return jsonify(desk_document(presence.record(engine(), who, event, by=current_user().name, clock=clock())))
