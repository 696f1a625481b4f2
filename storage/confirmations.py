"""Confirmations of published rosters: who has said that they have seen their days, and who has not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from storage.bulk import raw

# A confirmation holds for what was published and changed before it; what changed later wants another one.
ASKED: Final = (
    "SELECT r.id, min(p.day), max(p.day), greatest(r.published_at, (SELECT max(c.recorded_at) FROM day_change c "
    "WHERE c.roster_id = r.id AND c.associate_id = %(associate)s)) AS asked_at, f.confirmed_at "
    "FROM published_day p JOIN roster r ON r.id = p.roster_id "
    "JOIN roster_associate m ON m.roster_id = r.id AND m.associate_id = %(associate)s "
    "LEFT JOIN roster_confirmation f ON f.roster_id = r.id AND f.associate_id = m.associate_id "
    "WHERE p.day >= %(today)s GROUP BY r.id, f.confirmed_at ORDER BY min(p.day)"
)
CONFIRM: Final = (
    "INSERT INTO roster_confirmation (roster_id, associate_id, confirmed_at) "
    "SELECT m.roster_id, m.associate_id, %(now)s FROM roster_associate m JOIN roster r ON r.id = m.roster_id "
    "WHERE m.roster_id = %(roster)s AND m.associate_id = %(associate)s AND r.published_at IS NOT NULL "
    "ON CONFLICT (roster_id, associate_id) DO UPDATE SET confirmed_at = excluded.confirmed_at"
)
STATES: Final = (
    "SELECT a.id, a.code, a.name, a.team_id, t.name, f.confirmed_at, "
    "coalesce(f.confirmed_at >= greatest(r.published_at, c.changed_at), false), c.changed_at IS NOT NULL AND "
    "c.changed_at > r.published_at FROM roster r JOIN roster_associate m ON m.roster_id = r.id "
    "JOIN associate a ON a.id = m.associate_id JOIN team t ON t.id = a.team_id "
    "LEFT JOIN roster_confirmation f ON f.roster_id = r.id AND f.associate_id = a.id "
    "LEFT JOIN (SELECT associate_id, max(recorded_at) AS changed_at FROM day_change WHERE roster_id = %(roster)s GROUP BY 1) c "
    "ON c.associate_id = a.id WHERE r.id = %(roster)s AND (%(teams)s::bigint[] IS NULL OR a.team_id = ANY(%(teams)s)) "
    "ORDER BY t.name, a.name, a.id"
)


@dataclass(frozen=True)
class Asked:
    """A published roster that an associate is asked to confirm.

    Parameters
    ----------
    first_day, last_day
        The days from today on for which it is in force.
    asked_at
        When it was published, or when a day of the associate in it changed last.
    """

    roster_id: int
    first_day: date
    last_day: date
    asked_at: datetime
    confirmed_at: datetime | None

    @property
    def is_confirmed(self) -> bool:
        """Whether it is confirmed as it is now."""
        return self.confirmed_at is not None and self.confirmed_at >= self.asked_at


@dataclass(frozen=True)
class ConfirmationState:
    """Whether one associate of a roster has confirmed it as it is now.

    Parameters
    ----------
    is_changed
        Whether a day of theirs changed after it was published.
    """

    associate_id: int
    code: str
    name: str
    team_id: int
    team: str
    confirmed_at: datetime | None
    is_confirmed: bool
    is_changed: bool


def asked(connection: Connection, associate_id: int, today: date) -> tuple[Asked, ...]:
    """Return the rosters in force from today on in which an associate stands, by their first day."""
    return tuple(Asked(*row) for row in raw(connection).execute(ASKED, {"associate": associate_id, "today": today}))


def confirm(connection: Connection, roster_id: int, associate_id: int, now: datetime) -> bool:
    """Confirm a published roster for one of its associates; return whether there was something to confirm."""
    arguments = {"roster": roster_id, "associate": associate_id, "now": now}
    return raw(connection).execute(CONFIRM, arguments).rowcount == 1


def states(connection: Connection, roster_id: int, team_ids: Collection[int] | None) -> tuple[ConfirmationState, ...]:
    """Return the confirmations of a published roster by team and name; with `team_ids` of those teams only."""
    arguments = {"roster": roster_id, "teams": None if team_ids is None else list(team_ids)}
    return tuple(ConfirmationState(*row) for row in raw(connection).execute(STATES, arguments))
