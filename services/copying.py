"""Copying a roster: the way on from one that is published, which is changed by publishing another."""

from __future__ import annotations

from sqlalchemy import Engine

from scheduling.times import Clock
from storage import copies, rosters
from storage.bulk import refresh_statistics
from storage.errors import domain_errors
from storage.rosters import RosterSummary


def copy_to_draft(engine: Engine, roster_id: int, *, by: str, clock: Clock) -> RosterSummary:
    """Return a new draft that is what a roster is now, breaks, coverage and violations included.

    NotFoundError when there is no roster with this id.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        copies.hold_still(connection, roster_id)
        head = rosters.summary(connection, roster_id)
        note = f"Copy of roster {head.id} in version {head.version}."
        number = copies.copy_roster(connection, roster_id, by=by, at=now, note=note)
        rosters.record(connection, now, by, "roster copied", ("roster", number), 1, copy_of=head.id, copied_version=head.version)
        refresh_statistics(connection, "assignment")
        return rosters.summary(connection, number)
