"""Absences: recording who is not there, and taking a mistake back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from scheduling.duties import Duty, Span
from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.times import Clock
from storage import absences, duties, presence
from storage.absences import Absence
from storage.actions import record_action
from storage.desk_tables import AbsenceKind
from storage.errors import domain_errors
from storage.sites import PersonFacts, person, zone_of_site

__all__ = ["RECORDED", "WITHDRAWN", "Absence", "AbsenceKind", "list_absences", "record_absence", "withdraw_absence"]

RECORDED: Final = "absence recorded"
WITHDRAWN: Final = "absence withdrawn"


def record_absence(
    engine: Engine,
    associate_id: int,
    day: date,
    kind: AbsenceKind,
    starts_at: datetime | None,
    ends_at: datetime | None,
    reason: str,
    *,
    by: str,
    clock: Clock,
) -> int:
    """Record that an associate is not there for a duty, or for a part of it; return the id of the absence.

    From this moment no job is given in that time; jobs that the associate holds go back when it has begun.

    Parameters
    ----------
    day
        Local date on which the duty starts.
    starts_at, ends_at
        The part of the duty; without them it begins and ends with the duty.

    Raises
    ------
    BadInputError
        With all faults: no reason, a time without zone, no time in common with the duty.
    ConflictError
        When some of this time is recorded as absence already.
    NotFoundError
        When the associate has no duty on the floor on that day.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        who = person(connection, associate_id)
        duty = duties.lock_duty(connection, (associate_id, day))
        if duty is None:
            raise NotFoundError(
                f"{who.name} ({who.code}) has no duty on the floor on {day:%a} {day.day} {day:%b}: absences are recorded for "
                "published shifts from yesterday to tomorrow. Look at the roster of that day."
            )
        span = _span_of(duty, starts_at, ends_at, reason, zone_of_site(connection, who.site_id))
        _refuse_twice(duty, span, who, zone_of_site(connection, who.site_id))
        number = absences.add_absence(connection, associate_id, day, kind, span, reason.strip(), by=by, at=now)
        _follow(connection, duty, now)
        after = _document(absences.absence_with_id(connection, number))
        record_action(
            connection, who.site_id, at=now, by=by, kind=RECORDED, subject=_subject(who, day), why=reason, before={}, after=after
        )
        return number


def withdraw_absence(engine: Engine, absence_id: int, why: str, *, by: str, clock: Clock) -> int:
    """Take an absence back that was recorded by mistake; jobs are given again as before. Return the action of the history.

    Raises
    ------
    ConflictError
        When it was withdrawn already.
    NotFoundError
        When there is none with this id.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        found = absences.absence_with_id(connection, absence_id)
        who = person(connection, found.associate_id)
        duty = duties.lock_duty(connection, (found.associate_id, found.day))
        if not absences.end_absence(connection, absence_id, by=by, at=now):
            raise ConflictError(f"The absence of {who.name} ({who.code}) was withdrawn already; nothing was changed.")
        if duty is not None:
            _follow(connection, duty, now)
        return record_action(
            connection,
            who.site_id,
            at=now,
            by=by,
            kind=WITHDRAWN,
            subject=_subject(who, found.day),
            why=why,
            before=_document(found),
            after={},
            undoes_id=absences.recording_action(connection, absence_id),
        )


def list_absences(engine: Engine, site_id: int, first_day: date, last_day: date) -> tuple[Absence, ...]:
    """Return the absences of duties of a site on local dates, both included, withdrawn ones too, in the order of time."""
    with domain_errors(), engine.connect() as connection:
        return absences.absences_between(connection, site_id, first_day, last_day)


def _follow(connection: Connection, duty: Duty, now: datetime) -> None:
    """Let the stretches of a duty follow its absences; whoever may not work now gives open leases back."""
    fresh = duties.duties_of(connection, [(duty.associate_id, duty.day)])
    duties.write_stretches(connection, fresh)
    if any(one.holds(now) for changed in fresh for one in changed.absences):
        presence.release_leases(connection, [duty.associate_id])


def _span_of(duty: Duty, starts_at: datetime | None, ends_at: datetime | None, reason: str, zone: ZoneInfo) -> Span:
    """Return the part of the duty that is meant; BadInputError with everything that is wrong."""
    faults = [] if reason.strip() else [_fault("reason", "", "Say why the associate is not there.")]
    naive = [name for name, at in (("starts_at", starts_at), ("ends_at", ends_at)) if at is not None and at.tzinfo is None]
    faults += [_fault(name, "", "This time has no zone; write it with one, such as 2027-01-04T09:30:00+01:00.") for name in naive]
    if naive:
        raise BadInputError(faults)
    first = max(duty.starts_at, (starts_at or duty.starts_at).astimezone(UTC))
    last = min(duty.ends_at, (ends_at or duty.ends_at).astimezone(UTC))
    if first >= last:
        shift = _in_words(Span(duty.starts_at, duty.ends_at), zone)
        faults.append(_fault("starts_at", str(starts_at or ""), f"No time of this absence lies in the shift, which is {shift}."))
    if faults:
        raise BadInputError(faults)
    return Span(first, last)


def _refuse_twice(duty: Duty, span: Span, who: PersonFacts, zone: ZoneInfo) -> None:
    for one in duty.absences:
        if one.starts_at < span.ends_at and span.starts_at < one.ends_at:
            raise ConflictError(
                f"{who.name} ({who.code}) is recorded as absent already, {_in_words(one, zone)}; "
                "if that is wrong, withdraw it first."
            )


def _fault(column: str, value: str, reason: str) -> Fault:
    return Fault("absence", None, column, value, reason)


def _in_words(span: Span, zone: ZoneInfo) -> str:
    return f"{span.starts_at.astimezone(zone):%H:%M} to {span.ends_at.astimezone(zone):%H:%M}"


def _subject(who: PersonFacts, day: date) -> str:
    return f"{who.name} ({who.code}), {day:%a} {day.day} {day:%b}"


def _document(one: Absence) -> dict[str, Any]:
    return {
        "absence_id": one.id,
        "associate_id": one.associate_id,
        "day": one.day.isoformat(),
        "kind": one.kind.value,
        "starts_at": one.span.starts_at.isoformat(),
        "ends_at": one.span.ends_at.isoformat(),
        "reason": one.reason,
    }
