"""Requests that arrive twice: what came of the first, so that a program that heard no answer may send the same again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Engine

from scheduling.errors import NotFoundError
from storage import leave as stored_leave
from storage import offers as stored_offers
from storage import swaps as stored_swaps
from storage.errors import domain_errors
from storage.leave import LeaveRequest
from storage.leave_tables import LeaveState
from storage.offers import Take
from storage.swap_tables import SwapKind, SwapState
from storage.swaps import Swap

STANDING = frozenset({LeaveState.ASKED, LeaveState.WAITLISTED, LeaveState.APPROVED})
TAKEN_BACK = frozenset({LeaveState.WITHDRAWN, LeaveState.CANCELLED})
ACCEPTED = frozenset({SwapState.ACCEPTED, SwapState.APPROVED})


def leave_asked(engine: Engine, associate_id: int, kind_id: int, first_day: date, last_day: date) -> LeaveRequest | None:
    """Return the request of an associate for just this leave, open or approved."""
    with domain_errors(), engine.connect() as connection:
        mine = stored_leave.requests_of(connection, associate_id)
    same = (one for one in mine if (one.kind.id, one.first_day, one.last_day) == (kind_id, first_day, last_day))
    return next((one for one in same if one.state in STANDING), None)


def leave_taken_back(engine: Engine, associate_id: int, request_id: int) -> LeaveRequest | None:
    """Return a request that its associate has taken back."""
    one = _leave(engine, request_id)
    return one if one is not None and one.associate_id == associate_id and one.state in TAKEN_BACK else None


def leave_decided(engine: Engine, request_id: int, by: str, *, approved: bool) -> LeaveRequest | None:
    """Return a request that the same person decided in the same way."""
    one, state = _leave(engine, request_id), LeaveState.APPROVED if approved else LeaveState.REFUSED
    return one if one is not None and one.state is state and one.decided_by == by else None


def swap_offered(
    engine: Engine, associate_id: int, partner_id: int, kind: SwapKind, days: Collection[date]
) -> Swap | None:  # fmt: skip
    """Return the open swap that an associate offered to just this partner for just these days."""
    with domain_errors(), engine.connect() as connection:
        mine = stored_swaps.swaps_of(connection, associate_id)
    wanted = (associate_id, partner_id, kind, tuple(sorted(set(days))))
    return next((one for one in mine if one.is_open and (one.asker.id, one.partner.id, one.kind, one.days) == wanted), None)


def swap_answered(engine: Engine, associate_id: int, swap_id: int, *, accepted: bool) -> Swap | None:
    """Return a swap that the partner answered in the same way."""
    one, states = _swap(engine, swap_id), ACCEPTED if accepted else {SwapState.DECLINED}
    return one if one is not None and one.partner.id == associate_id and one.state in states else None


def swap_withdrawn(engine: Engine, associate_id: int, swap_id: int) -> Swap | None:
    """Return a swap that whoever asked has taken back."""
    one = _swap(engine, swap_id)
    return one if one is not None and one.asker.id == associate_id and one.state is SwapState.WITHDRAWN else None


def swap_decided(engine: Engine, swap_id: int, by: str, *, approved: bool) -> Swap | None:
    """Return a swap that the same person decided in the same way."""
    one, state = _swap(engine, swap_id), SwapState.APPROVED if approved else SwapState.REFUSED
    return one if one is not None and one.state is state and one.decided_by == by else None


def place_taken(engine: Engine, associate_id: int, offer_id: int) -> Take | None:
    """Return the place of an associate in an offer, or in its waiting list."""
    with domain_errors(), engine.connect() as connection:
        return stored_offers.take_of(connection, offer_id, associate_id)


def _leave(engine: Engine, request_id: int) -> LeaveRequest | None:
    with domain_errors(), engine.connect() as connection:
        try:
            return stored_leave.request_with_id(connection, request_id)
        except NotFoundError:
            return None


def _swap(engine: Engine, swap_id: int) -> Swap | None:
    with domain_errors(), engine.connect() as connection:
        try:
            return stored_swaps.swap_with_id(connection, swap_id)
        except NotFoundError:
            return None
