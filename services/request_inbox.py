"""What waits for a supervisor's decision, with the effect on coverage beside each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Engine

from roster.line_changes import LineChange, newly_broken
from scheduling.coverage_effect import CoverageBase, SkillEffect, WorkedDay
from scheduling.errors import SchedulingError
from scheduling.plan import LEAVE
from scheduling.rules import Violation
from scheduling.times import Clock
from services import leave_requests, swaps
from services.leave_requests import LeaveDays, LeaveRequest, LeaveState, days_of
from services.swap_ground import refuse_exchange, swap_ground
from services.swaps import Swap, SwapState
from storage import leave as stored_leave
from storage import swaps as stored_swaps
from storage.errors import domain_errors
from storage.roster_in_force import InForce, read_in_force

__all__ = ["BulkOutcome", "Inbox", "LeaveToDecide", "SwapToDecide", "decide_all", "read_inbox", "waiting_count"]

MOST_SHOWN: Final = 60
"""So many of each kind are shown with their effect, the first come first; the others move up as these are decided."""
LONGEST_EFFECT_DAYS: Final = 35
"""The effect is worked out for so many days from the first one."""


@dataclass(frozen=True)
class LeaveToDecide:
    """A request for leave with what approving it would do.

    Parameters
    ----------
    published
        Number of its days of leave for which a roster is published.
    effects
        Shortage before and after, by day and skill; empty when nothing is short.
    broken
        Rules that block publishing and would be broken.
    """

    request: LeaveRequest
    days: LeaveDays
    published: int
    effects: tuple[SkillEffect, ...]
    broken: tuple[Violation, ...]

    @property
    def hours_worse(self) -> float:
        """Head-hours that are short only because of it."""
        return sum(one.short_after - one.short_before for one in self.effects)


@dataclass(frozen=True)
class SwapToDecide:
    """A swap with what each of the two has and would have, and what it does to coverage."""

    swap: Swap
    days: tuple[tuple[date, str, str], ...]
    effects: tuple[SkillEffect, ...]
    against: str

    @property
    def hours_worse(self) -> float:
        """Head-hours that are short only because of it."""
        return sum(one.short_after - one.short_before for one in self.effects)


@dataclass(frozen=True)
class Inbox:
    """What waits: requests with room, requests without, swaps to which both said yes."""

    leave: tuple[LeaveToDecide, ...]
    waitlisted: tuple[LeaveRequest, ...]
    swaps: tuple[SwapToDecide, ...]
    more: int


class _Weeks:
    """What is published in a week and around it, read once for all requests that touch the week."""

    def __init__(self, connection: Connection, site_id: int) -> None:
        self._connection, self._site_id = connection, site_id
        self._read: dict[date, tuple[InForce, CoverageBase]] = {}

    def of(self, monday: date) -> tuple[InForce, CoverageBase]:
        """Return the rosters in force around a week, and their coverage."""
        if monday not in self._read:
            found = read_in_force(self._connection, self._site_id, monday, monday + timedelta(days=6))
            self._read[monday] = (found, CoverageBase(found.scenario, found.plan, found.breaks))
        return self._read[monday]


def read_inbox(engine: Engine, site_id: int, *, clock: Clock, team_ids: Collection[int] | None = None) -> Inbox:
    """Return what waits for a decision, in the order of asking; with `team_ids` that of some teams only."""
    with domain_errors(), engine.connect() as connection:
        open_ones = [one for one in stored_leave.open_requests(connection, site_id) if _is_led(one.team_id, team_ids)]
        asked = [one for one in open_ones if one.state is LeaveState.ASKED]
        accepted = [
            one
            for one in reversed(stored_swaps.open_swaps(connection, site_id))
            if one.state is SwapState.ACCEPTED and _is_led(one.asker.team_id, team_ids)
        ]
        days = days_of(connection, asked[:MOST_SHOWN])
        weeks = _Weeks(connection, site_id)
        leave = tuple(_leave_to_decide(weeks, one, days[one.id]) for one in asked[:MOST_SHOWN])
        exchanges = tuple(_swap_to_decide(connection, one, clock) for one in accepted[:MOST_SHOWN])
    waitlisted = tuple(one for one in open_ones if one.state is LeaveState.WAITLISTED)
    more = max(0, len(asked) - MOST_SHOWN) + max(0, len(accepted) - MOST_SHOWN)
    return Inbox(leave, waitlisted, exchanges, more)


def waiting_count(engine: Engine, site_id: int, *, team_ids: Collection[int] | None = None) -> int:
    """Return how many requests wait for a decision."""
    with domain_errors(), engine.connect() as connection:
        leave = [one for one in stored_leave.open_requests(connection, site_id) if one.state is LeaveState.ASKED]
        accepted = [one for one in stored_swaps.open_swaps(connection, site_id) if one.state is SwapState.ACCEPTED]
    teams = [*(one.team_id for one in leave), *(one.asker.team_id for one in accepted)]
    return sum(_is_led(team, team_ids) for team in teams)


def _is_led(team_id: int, team_ids: Collection[int] | None) -> bool:
    return team_ids is None or team_id in team_ids


def _leave_to_decide(weeks: _Weeks, request: LeaveRequest, days: LeaveDays) -> LeaveToDecide:
    effects: list[SkillEffect] = []
    broken: list[Violation] = []
    published = 0
    for monday, in_week in groupby(days.leave[:LONGEST_EFFECT_DAYS], key=_monday_of):
        found, base = weeks.of(monday)
        row = found.row_of.get(request.associate_id)
        columns = [found.scenario.horizon.day_index(day) for day in in_week if day in found.roster_of_day]
        published += len(columns)
        if row is not None and columns:
            effects += base.effect([base.worked(row, day) for day in columns])
            broken += newly_broken(found.scenario, found.plan, [LineChange(row, dict.fromkeys(columns, LEAVE))])[0]
    return LeaveToDecide(request, days, published, tuple(effects), tuple(broken))


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _swap_to_decide(connection: Connection, one: Swap, clock: Clock) -> SwapToDecide:
    ground = swap_ground(connection, one.site_id, one.days[0], one.days[-1], clock.now())
    found = ground.found
    try:
        exchange = ground.exchange(one.asker.id, one.partner.id, one.days)
        refuse_exchange(ground, exchange)
        against = ""
    except SchedulingError as error:
        return SwapToDecide(one, (), (), str(error))
    base = CoverageBase(found.scenario, found.plan, found.breaks)
    dates = found.scenario.horizon.dates
    sides = ((exchange.asker, exchange.partner), (exchange.partner, exchange.asker))
    gone = [base.worked(row, day) for row, _ in sides for day in exchange.days]
    come = [_taken_over(base, row, other, day) for row, other in sides for day in exchange.days]
    days = tuple((dates[day], found.word(exchange.asker, day), found.word(exchange.partner, day)) for day in exchange.days)
    return SwapToDecide(one, days, base.effect(gone, come), against)


def _taken_over(base: CoverageBase, row: int, other: int, day: int) -> WorkedDay | None:
    """Return the shift of somebody else as the one that takes it over works it, with the same breaks."""
    shift = base.worked(other, day)
    return None if shift is None else WorkedDay(row, day, shift.shift, shift.pattern)


@dataclass(frozen=True)
class BulkOutcome:
    """What came of deciding many at once: how many were decided, and what stood in the way of the others."""

    decided: int
    refused: tuple[str, ...]


def decide_all(
    engine: Engine,
    leave_ids: Iterable[int],
    swap_ids: Iterable[int],
    reason: str,
    *,
    approved: bool,
    by: str,
    clock: Clock,
    team_ids: Collection[int] | None = None,
) -> BulkOutcome:
    """Decide many requests in the same way, each on its own; what cannot be decided is named and left as it is.

    Raises
    ------
    BadInputError
        When they are refused without a reason.
    """
    decided, refused = 0, []
    works = [
        *((leave_requests.decide_leave, number) for number in leave_ids),
        *((swaps.decide_swap, number) for number in swap_ids),
    ]
    for decide, number in works:
        try:
            decide(engine, number, reason, approved=approved, by=by, clock=clock, team_ids=team_ids)
            decided += 1
        except SchedulingError as error:
            refused.append(str(error))
    return BulkOutcome(decided, tuple(dict.fromkeys(refused)))
