"""Publishing: what a draft would change, and putting it in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from scheduling.errors import ConflictError
from scheduling.times import Clock, local_instant
from services import published_days
from storage import day_changes, publication, rosters
from storage.errors import domain_errors
from storage.metadata import RosterState
from storage.publication import DayChange
from storage.rosters import RosterSummary
from storage.site_settings import notice_of_site


class PublishRefusedError(ConflictError):
    """The roster may not be published as it is; the message says what stands in the way."""


@dataclass(frozen=True)
class Difference:
    """What publishing a roster would change.

    Parameters
    ----------
    replaced
        Rosters that are in force on days of this one.
    changes
        Days that would not stay as they are published, in the order of associates and days.
    new_days
        Days of the roster for which nothing has been published yet.
    starts_at
        When the first day begins, at the site.
    notice_days
        How many days of notice the site gives.
    """

    roster: RosterSummary
    replaced: tuple[RosterSummary, ...]
    changes: tuple[DayChange, ...]
    new_days: int
    starts_at: datetime
    notice_days: int

    @property
    def associates_changed(self) -> int:
        """Number of associates with at least one day that changes."""
        return len({one.associate for one in self.changes})


def difference(engine: Engine, roster_id: int) -> Difference:
    """Return what publishing a roster would change; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        head = rosters.summary(connection, roster_id)
        replaced, covered = publication.in_force(connection, roster_id)
        mine = publication.days_in_force(connection, roster_id)
        return Difference(
            roster=head,
            replaced=replaced,
            changes=publication.changes(connection, roster_id),
            new_days=7 * head.weeks - covered - mine,
            starts_at=local_instant(head.first_day, time(), ZoneInfo(head.zone_name)),
            notice_days=notice_of_site(connection, head.site),
        )


def in_its_place(engine: Engine, roster_id: int) -> tuple[RosterSummary, ...]:
    """Return the other rosters in force on days of this one; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return publication.in_force(connection, roster_id)[0]


def publish_roster(
    engine: Engine, roster_id: int, version: int, *, by: str, clock: Clock, reason: str = ""
) -> RosterSummary:  # fmt: skip
    """Put a draft in force on all of its days, in place of whatever was published for them, and tell whose days they are.

    Parameters
    ----------
    version
        The version that the publisher saw; with any other nothing happens.
    reason
        Why it is published although it breaks rules that need a reason.

    Raises
    ------
    PublishRefusedError
        When it is no draft, breaks a rule that blocks publishing, or lacks a reason that it needs.
    ConflictError
        When somebody changed it in the meantime.
    NotFoundError
        When there is none with this id.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        head = publication.lock_for_change(connection, roster_id, version)
        refuse_unpublishable(head, reason)
        affected = day_changes.record_take_over(connection, roster_id, by=by, at=now, reason=reason.strip())
        published_days.tell_of_publication(connection, head, affected, now=now)
        superseded = publication.publish(connection, roster_id, by, now)
        detail = {"reason": reason.strip(), "superseded": list(superseded), "needs_a_reason": head.reason_count}
        rosters.record(connection, now, by, "roster published", ("roster", roster_id), version + 1, **detail)
        for other in superseded:
            rosters.record(connection, now, by, "roster superseded", ("roster", other), None, by_roster=roster_id)
        return rosters.summary(connection, roster_id)


def refuse_unpublishable(roster: RosterSummary, reason: str) -> None:
    """Raise PublishRefusedError when a roster may not be published as it is."""
    if roster.state is not RosterState.DRAFT:
        raise PublishRefusedError(f"Roster {roster.id} is {roster.state.value}; only a draft can be published.")
    if roster.blocking_count:
        raise PublishRefusedError(
            f"Roster {roster.id} breaks rules that block publishing, {roster.blocking_count} times; "
            "look at its violations, mend them and generate again."
        )
    if roster.reason_count and not reason.strip():
        raise PublishRefusedError(
            f"Roster {roster.id} breaks rules that need a reason, {roster.reason_count} times; say why it is published so."
        )
