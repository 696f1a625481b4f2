"""What waits for a supervisor's decision, with the effect on coverage beside each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

from sqlalchemy import Engine, select

from scheduling.errors import SchedulingError
from scheduling.times import Clock
from services import leave_requests, swaps
from services.leave_requests import LeaveDays, LeaveRequest, LeaveState, days_of
from services.request_effects import LeaveEffect, SwapEffect, effects_of
from services.swaps import Swap, SwapState
from storage import leave as stored_leave
from storage import swaps as stored_swaps
from storage.errors import domain_errors
from storage.sites import person
from storage.swaps import TeamSwaps
from storage.waiting import waiting_ids

__all__ = [
    "BulkOutcome",
    "Inbox",
    "LeaveToDecide",
    "SwapToDecide",
    "decide_all",
    "leave_to_decide",
    "read_inbox",
    "waiting_count",
]

MOST_SHOWN: Final = 10
"""So many of each kind stand on a page with their effect, the first come first."""


@dataclass(frozen=True)
class LeaveToDecide:
    """A request for leave with its days, and what approving it would do."""

    request: LeaveRequest
    days: LeaveDays
    effect: LeaveEffect


@dataclass(frozen=True)
class SwapToDecide:
    """A swap with what it would do."""

    swap: Swap
    effect: SwapEffect


@dataclass(frozen=True)
class Waiting:
    """How many requests wait for a decision, on all pages."""

    leave: int
    swaps: int


@dataclass(frozen=True)
class Pages:
    """The page that is shown, and how many there are."""

    page: int
    count: int


@dataclass(frozen=True)
class Inbox:
    """What waits: requests with room, requests without, swaps to which both said yes; and the teams, with their rule of swaps."""

    leave: tuple[LeaveToDecide, ...]
    waitlisted: tuple[LeaveRequest, ...]
    swaps: tuple[SwapToDecide, ...]
    waiting: Waiting
    pages: Pages
    teams: tuple[TeamSwaps, ...]


def read_inbox(
    engine: Engine, site_id: int, *, clock: Clock, team_ids: Collection[int] | None = None, page: int = 1
) -> Inbox:  # fmt: skip
    """Return a page of what waits for a decision, in the order of asking; with `team_ids` that of some teams only."""
    with domain_errors(), engine.connect() as connection:
        ids = waiting_ids(connection, site_id, team_ids)
        shown = slice((page - 1) * MOST_SHOWN, page * MOST_SHOWN)
        open_ones = stored_leave.requests_with_ids(connection, (*ids.asked[shown], *ids.waitlisted))
        # What was decided since its id was read waits no longer.
        asked = [one for one in open_ones if one.state is LeaveState.ASKED]
        found = stored_swaps.swaps_with_ids(connection, ids.accepted[shown])
        accepted = [one for one in found if one.state is SwapState.ACCEPTED]
        teams = stored_swaps.teams_with_rule(connection, site_id)
        days = days_of(connection, asked)
        leave, exchanges = effects_of(connection, site_id, asked, days, accepted, clock.now())
    return Inbox(
        tuple(LeaveToDecide(one, days[one.id], effect) for one, effect in zip(asked, leave, strict=True)),
        tuple(one for one in open_ones if one.state is LeaveState.WAITLISTED),
        tuple(SwapToDecide(one, effect) for one, effect in zip(accepted, exchanges, strict=True)),
        Waiting(len(ids.asked), len(ids.accepted)),
        Pages(page, max(1, ceil(max(len(ids.asked), len(ids.accepted)) / MOST_SHOWN))),
        tuple(one for one in teams if team_ids is None or one.id in team_ids),
    )


def leave_to_decide(engine: Engine, request: LeaveRequest, *, clock: Clock) -> LeaveToDecide | None:
    """Return what approving one request would do; ``None`` when it waits for no decision."""
    if request.state is not LeaveState.ASKED:
        return None
    with domain_errors(), engine.connect() as connection:
        days = days_of(connection, [request])
        site_id = person(connection, request.associate_id).site_id
        (effect,), _ = effects_of(connection, site_id, [request], days, [], clock.now())
    return LeaveToDecide(request, days[request.id], effect)


def waiting_count(engine: Engine, *, team_ids: Collection[int] | None = None) -> int:
    """Return how many requests wait for a decision; with `team_ids` of some teams only."""
    with domain_errors(), engine.connect() as connection:
        both = stored_leave.asked_count(team_ids) + stored_swaps.accepted_count(team_ids)
        return int(connection.execute(select(both)).scalar_one())


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
