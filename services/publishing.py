"""Publishing: what a draft would change, and putting it in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from scheduling.errors import ConflictError
from scheduling.times import Clock
from services import published_days
from storage import day_changes, publication, rosters
from storage.errors import domain_errors
from storage.metadata import RosterState
from storage.publication import DayChange, Days, Publication
from storage.rosters import RosterSummary
from storage.site_settings import notice_of_site

__all__ = [
    "DayChange",
    "Days",
    "Difference",
    "Publication",
    "PublishRefusedError",
    "days_left",
    "difference",
    "in_its_place",
    "publications_of",
    "publish_roster",
]


class PublishRefusedError(ConflictError):
    """The roster may not be published as it is; the message says what stands in the way."""


@dataclass(frozen=True)
class Difference:
    """What publishing days of a roster would change.

    Parameters
    ----------
    days
        The days of the publication.
    replaced
        Rosters that are in force on these days.
    changes
        Days that would not stay as they are published, in the order of associates and days.
    new_days
        Days on which no roster is in force yet.
    today
        The local date of the site.
    notice_asked
        How many days of notice the site gives.
    """

    roster: RosterSummary
    days: Days
    replaced: tuple[RosterSummary, ...]
    changes: tuple[DayChange, ...]
    new_days: tuple[date, ...]
    today: date
    notice_asked: int

    @property
    def associates_changed(self) -> int:
        """Number of associates with at least one day that changes."""
        return len({one.associate for one in self.changes})

    @property
    def notice_days(self) -> int | None:
        """Days from today to the first day that changes or is new; negative when it is over, ``None`` when nothing changes."""
        first = min((*(one.day for one in self.changes), *self.new_days), default=None)
        return None if first is None else (first - self.today).days

    @property
    def is_late(self) -> bool:
        """Whether less notice is given than the site asks for."""
        return self.notice_days is not None and self.notice_days < self.notice_asked

    @property
    def needs_reason(self) -> bool:
        """Whether it can only be published with a reason."""
        return self.is_late or self.roster.reason_count > 0


def difference(engine: Engine, roster_id: int, days: Days | None = None, *, clock: Clock) -> Difference:
    """Return what publishing some days of a roster would change, all of them without `days`.

    Raises
    ------
    NotFoundError
        When there is no such roster.
    PublishRefusedError
        When a day is not in the roster.
    """
    with domain_errors(), engine.connect() as connection:
        return _difference(connection, rosters.summary(connection, roster_id), days, clock.now())


def _difference(connection: Connection, head: RosterSummary, days: Days | None, now: datetime) -> Difference:
    chosen = days or publication.all_days(head)
    if not head.first_day <= chosen.first <= chosen.last <= head.last_day:
        raise PublishRefusedError(
            f"Roster {head.id} has the days from {head.first_day} to {head.last_day}; "
            f"from {chosen.first} to {chosen.last} cannot be published of it."
        )
    return Difference(
        roster=head,
        days=chosen,
        replaced=publication.in_force(connection, head.id, chosen),
        changes=publication.changes(connection, head.id, chosen),
        new_days=publication.days_without(connection, head, chosen),
        today=now.astimezone(ZoneInfo(head.zone_name)).date(),
        notice_asked=notice_of_site(connection, head.site),
    )


def in_its_place(engine: Engine, roster_id: int) -> tuple[RosterSummary, ...]:
    """Return the other rosters in force on days of this one; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return publication.in_force(connection, roster_id)


def days_left(engine: Engine, roster_id: int) -> tuple[date, ...]:
    """Return the days of a roster on which none is in force; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        head = rosters.summary(connection, roster_id)
        return publication.days_without(connection, head, publication.all_days(head))


def publications_of(engine: Engine, roster_id: int) -> tuple[Publication, ...]:
    """Return when days of a roster were published, by whom and why."""
    with domain_errors(), engine.connect() as connection:
        return publication.publications(connection, roster_id)


def publish_roster(
    engine: Engine, roster_id: int, version: int, *, by: str, clock: Clock, reason: str = "", days: Days | None = None
) -> RosterSummary:  # fmt: skip
    """Put days of a roster in force, in place of whatever was published for them, and tell whose days they are.

    Parameters
    ----------
    version
        The version that the publisher saw; with any other nothing happens.
    reason
        Why it is published although it breaks rules that need a reason, or at shorter notice than the site gives.
    days
        Which days, all of them without it. What is left can be published later.

    Raises
    ------
    PublishRefusedError
        When nothing is left to publish, it breaks a rule that blocks publishing, or lacks a reason that it needs.
    ConflictError
        When somebody changed it in the meantime.
    NotFoundError
        When there is none with this id.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        head = publication.lock_for_change(connection, roster_id, version)
        found = _difference(connection, head, days, now)
        refuse_unpublishable(found, reason)
        made = Publication(found.days, now, by, reason.strip(), found.notice_days, found.notice_asked)
        affected = day_changes.record_take_over(connection, roster_id, made)
        published_days.tell_of_publication(connection, head, affected, made)
        superseded = publication.publish(connection, roster_id, made)
        detail = {
            "reason": made.reason,
            "first_day": made.days.first.isoformat(),
            "last_day": made.days.last.isoformat(),
            "notice_days": made.notice_days,
            "notice_asked": made.notice_asked,
            "superseded": list(superseded),
            "needs_a_reason": head.reason_count,
        }
        rosters.record(connection, now, by, "roster published", ("roster", roster_id), version + 1, **detail)
        for other in superseded:
            rosters.record(connection, now, by, "roster superseded", ("roster", other), None, by_roster=roster_id)
        return rosters.summary(connection, roster_id)


def refuse_unpublishable(found: Difference, reason: str) -> None:
    """Raise PublishRefusedError when days of a roster may not be published as they are."""
    roster = found.roster
    if roster.state is not RosterState.DRAFT and not found.new_days:
        raise PublishRefusedError(
            f"Roster {roster.id} is {roster.state.value}; only a draft can be published, or days for which nothing is."
        )
    if roster.blocking_count:
        raise PublishRefusedError(
            f"Roster {roster.id} breaks rules that block publishing, {roster.blocking_count} times; "
            "look at its violations, mend them and generate again."
        )
    if roster.reason_count and not reason.strip():
        raise PublishRefusedError(
            f"Roster {roster.id} breaks rules that need a reason, {roster.reason_count} times; say why it is published so."
        )
    if found.is_late and not reason.strip():
        raise PublishRefusedError(
            f"The first day that changes is in {found.notice_days} days, and the site gives {found.notice_asked} days of notice; "
            "say why these days are published at shorter notice, so that those who work on them can read it."
        )
