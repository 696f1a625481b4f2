"""Which requests of a site wait: their ids alone, so that of hundreds only those that a page shows are read whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, text

from storage.bulk import array_literal

WAITING = text(
    "WITH led AS MATERIALIZED (SELECT id FROM associate WHERE site_id = :site "
    "AND (CAST(:teams AS bigint[]) IS NULL OR team_id = ANY(CAST(:teams AS bigint[])))) "
    "SELECT array(SELECT r.id FROM leave_request r JOIN led ON led.id = r.associate_id "
    "WHERE r.state = 'asked' ORDER BY r.asked_at, r.id), "
    "array(SELECT r.id FROM leave_request r JOIN led ON led.id = r.associate_id "
    "WHERE r.state = 'waitlisted' ORDER BY r.asked_at, r.id), "
    "array(SELECT w.id FROM swap w JOIN led ON led.id = w.asker_id "
    "WHERE w.is_open AND w.state = 'accepted' ORDER BY w.asked_at, w.id)"
)


@dataclass(frozen=True)
class WaitingIds:
    """Leave to be decided and leave on the waiting list, and swaps to be decided, each in the order of asking."""

    asked: tuple[int, ...]
    waitlisted: tuple[int, ...]
    accepted: tuple[int, ...]


def waiting_ids(connection: Connection, site_id: int, team_ids: Collection[int] | None = None) -> WaitingIds:
    """Return what waits at a site, with `team_ids` of some teams only (swaps by who asked)."""
    teams = None if team_ids is None else array_literal(team_ids)
    row = connection.execute(WAITING, {"site": site_id, "teams": teams}).one()
    return WaitingIds(*map(tuple, row))
