"""What may be changed in a published roster: days that it governs and that have not begun, without breaking a hard rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from sqlalchemy import Connection

from scheduling.errors import ConflictError
from scheduling.rules import Violation
from scheduling.times import local_instant
from services.edit_ground import Ground
from services.edit_wishes import Changes
from storage import publication
from storage.edits import CellChange, CellKey


def refuse_on_published(
    connection: Connection, ground: Ground, changes: Changes, blocking: tuple[Violation, ...], now: datetime
) -> None:
    """Raise ConflictError when an edit may not be made in a published roster.

    Parameters
    ----------
    blocking
        Violations that the edit brings and that block publishing.
    """
    days = publication.days_of_roster(connection, ground.head.id)
    stale = sorted({day for _, day in changes if day not in days})
    begun = sorted({day for key, one in changes.items() for day in [key[1]] if _begins(ground, key, one) <= now})
    reasons = [
        *(f"roster {ground.head.id} is not in force on {day:%a} {day.day} {day:%b} any more" for day in stale),
        *(f"a shift of {day:%a} {day.day} {day:%b} has begun" for day in begun),
        *(one.message for one in blocking),
    ]
    if reasons:
        raise ConflictError("The published roster stays as it is: " + "; ".join(reasons))


def _begins(ground: Ground, key: CellKey, change: CellChange) -> datetime:
    """Return when the first of the shifts before and after an edit begins; a day without one ends with the day."""
    return min(_starts(ground, key, change), default=local_instant(key[1], time(23, 59), ground.about.horizon.zone))


def _starts(ground: Ground, key: CellKey, change: CellChange) -> Iterator[datetime]:
    for cell in (change.before, change.after):
        if cell.shift_type_id is not None:
            shift = ground.about.shift_types[ground.shift_of[cell.shift_type_id]]
            yield local_instant(key[1], shift.start, ground.about.horizon.zone)
