"""Absences: time of a duty in which the associate is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from scheduling.duties import Span
from scheduling.errors import NotFoundError
from storage.desk_tables import AbsenceKind
from storage.tables import absence, associate, floor_action


@dataclass(frozen=True)
class Absence:
    """One recorded absence.

    Parameters
    ----------
    day
        Local date of the duty to which it belongs.
    withdrawn_at
        When it was withdrawn as a mistake; ``None`` while it holds.
    """

    id: int
    associate_id: int
    code: str
    name: str
    team_id: int
    day: date
    span: Span
    kind: AbsenceKind
    reason: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


def add_absence(
    connection: Connection, associate_id: int, day: date, kind: AbsenceKind, span: Span, reason: str, *, by: str, at: datetime
) -> int:
    """Write an absence; return its id."""
    values = {
        "associate_id": associate_id,
        "day": day,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "kind": kind.value,
        "reason": reason,
        "recorded_by": by,
        "recorded_at": at,
    }
    return int(connection.execute(insert(absence).values(**values).returning(absence.c.id)).scalar_one())


def end_absence(connection: Connection, absence_id: int, *, by: str, at: datetime) -> bool:
    """Withdraw an absence; return whether it held until now."""
    changed = connection.execute(
        update(absence)
        .where(absence.c.id == absence_id, absence.c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=at)
    )
    return changed.rowcount == 1


def absence_with_id(connection: Connection, absence_id: int) -> Absence:
    """Return one absence; NotFoundError when there is none with this id."""
    row = connection.execute(_absences().where(absence.c.id == absence_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no absence {absence_id}.")
    return _absence_of(row)


def absences_between(connection: Connection, site_id: int, first_day: date, last_day: date) -> tuple[Absence, ...]:
    """Return the absences of duties of a site on local dates, both included, withdrawn ones too, in the order of time."""
    query = _absences().where(associate.c.site_id == site_id, absence.c.day.between(first_day, last_day))
    return tuple(_absence_of(row) for row in connection.execute(query.order_by(absence.c.starts_at, absence.c.id)))


def recording_action(connection: Connection, absence_id: int) -> int:
    """Return the action of the history that recorded an absence."""
    query = select(floor_action.c.id).where(floor_action.c.after.contains({"absence_id": absence_id}))
    return int(connection.execute(query.order_by(floor_action.c.id).limit(1)).scalar_one())


def _absences() -> Select[tuple[Any, ...]]:
    return select(absence, associate.c.code, associate.c.name, associate.c.team_id).join_from(absence, associate)


def _absence_of(row: Row[tuple[Any, ...]]) -> Absence:
    return Absence(
        id=row.id,
        associate_id=row.associate_id,
        code=row.code,
        name=row.name,
        team_id=row.team_id,
        day=row.day,
        span=Span(row.starts_at.astimezone(UTC), row.ends_at.astimezone(UTC)),
        kind=AbsenceKind(row.kind),
        reason=row.reason,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )
