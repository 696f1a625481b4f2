"""Room for leave: how many may still be away on a day, and who moves up when there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil
from typing import Final

from sqlalchemy import Connection

from scheduling.leave_days import days_between, leave_days
from scheduling.waiting_list import Waiting, moving_up
from storage import days_away
from storage import leave as stored
from storage.days_away import Away
from storage.leave import LeaveLimit, LeaveRequest
from storage.leave_tables import LeaveState
from storage.metadata import DayKind

Pool = tuple[int | None, date]
"""A team, or the whole site as ``None``, on a day."""
NOWHERE: Final = frozenset[Pool]()


@dataclass(frozen=True)
class Room:
    """Limits and who takes their places.

    Parameters
    ----------
    headcounts
        Active associates of each team.
    taken
        Places taken in each pool, by approved leave and by requests that only wait for a decision.
    """

    limits: tuple[LeaveLimit, ...]
    headcounts: Mapping[int, int]
    taken: Counter[Pool]

    @cached_property
    def _of_scope(self) -> dict[int | None, list[LeaveLimit]]:
        # One with dates goes before one without, a later one before an earlier one.
        ordered = sorted(self.limits, key=lambda one: one.first_day or date.min, reverse=True)
        return {one.team_id: [other for other in ordered if other.team_id == one.team_id] for one in ordered}

    def most(self, team_id: int | None, day: date) -> int | None:
        """Return how many of a scope may be away on a day; ``None`` where nothing limits it. A share is rounded up."""
        for one in self._of_scope.get(team_id, ()):
            if one.first_day is None or one.last_day is None or one.first_day <= day <= one.last_day:
                if one.most_count is not None:
                    return one.most_count
                heads = sum(self.headcounts.values()) if team_id is None else self.headcounts.get(team_id, 0)
                return ceil((one.most_share or 0.0) * heads - 1e-9)
        return None

    def pools(self, team_id: int, days: Iterable[date]) -> frozenset[Pool]:
        """Return the pools with a limit in which leave of somebody of a team takes a place."""
        every = ((scope, day) for day in days for scope in (team_id, None))
        return frozenset(pool for pool in every if self.most(*pool) is not None)

    def free(self, pools: Iterable[Pool]) -> dict[Pool, int]:
        """Return the places left in pools, below zero where a limit was lowered later."""
        return {pool: most - self.taken[pool] for pool in pools if (most := self.most(*pool)) is not None}


def known_off(connection: Connection, requests: Collection[LeaveRequest]) -> dict[int, frozenset[date]]:
    """Return for each request the days in it that are published as days off, or as not in the contract."""
    if not requests:
        return {}
    first, last = min(one.first_day for one in requests), max(one.last_day for one in requests)
    cells = days_away.published_cells(connection, {one.associate_id for one in requests}, first, last)
    free = {DayKind.OFF.value, DayKind.NONE.value}
    return {
        one.id: frozenset(cell.day for cell in cells.get(one.associate_id, {}).values() if cell.kind in free) for one in requests
    }


def room_of(
    connection: Connection, site_id: int, first_day: date, last_day: date, asked: Iterable[tuple[LeaveRequest, tuple[date, ...]]]
) -> Room:
    """Return the room of a site on some days.

    Parameters
    ----------
    asked
        The requests that wait for a decision and hold their places, with their days of leave.
    """
    taken: Counter[Pool] = Counter()
    for one in days_away.away_between(connection, site_id, first_day, last_day):
        if one.is_limited:
            taken.update(_pools_of(one, first_day, last_day))
    for request, days in asked:
        taken.update((scope, day) for day in days for scope in (request.team_id, None))
    return Room(stored.limits_of(connection, site_id), stored.headcounts(connection, site_id), taken)


def _pools_of(one: Away, first_day: date, last_day: date) -> Iterable[Pool]:
    days = days_between(max(one.first_day, first_day), min(one.last_day, last_day))
    return ((scope, day) for day in days for scope in (one.team_id, None))


def move_up(connection: Connection, site_id: int) -> tuple[LeaveRequest, ...]:
    """Let those move up for whom there is room, in the order in which they asked; return them as they are then.

    The caller holds the lock of `storage.leave.lock_leave`.
    """
    requests = [one for one in stored.open_requests(connection, site_id) if one.kind.is_limited]
    waiting = [one for one in stored.open_requests(connection, site_id) if one.state is LeaveState.WAITLISTED]
    if not waiting:
        return ()
    first = min(one.first_day for one in (*requests, *waiting))
    last = max(one.last_day for one in (*requests, *waiting))
    off = known_off(connection, [*requests, *waiting])
    days = {one.id: leave_days(one.first_day, one.last_day, off[one.id]) for one in (*requests, *waiting)}
    asked = [(one, days[one.id]) for one in requests if one.state is LeaveState.ASKED]
    room = room_of(connection, site_id, first, last, asked)
    pools = {one.id: room.pools(one.team_id, days[one.id]) if one.kind.is_limited else NOWHERE for one in waiting}
    free = room.free(pool for found in pools.values() for pool in found)
    moving = moving_up((Waiting(one.id, pools[one.id]) for one in waiting), free)
    for number in moving:
        stored.set_state(connection, number, LeaveState.ASKED)
    return tuple(stored.request_with_id(connection, number) for number in moving)
