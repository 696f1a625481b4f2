"""Requests and offers for which it is too late end by themselves, and whoever waits behind them moves up."""

from __future__ import annotations

from sqlalchemy import Engine

from scheduling.times import Clock
from services.leave_requests import expire_leave
from services.offers import end_old_offers
from services.supervisor_notices import remind_of_decisions
from services.swaps import expire_swaps


def end_what_is_late(engine: Engine, site_id: int, clock: Clock) -> None:
    """End what is late of a site, and remind those who decide of what is late soon; may be called as often as one likes."""
    expire_leave(engine, site_id, clock=clock)
    expire_swaps(engine, site_id, clock=clock)
    end_old_offers(engine, site_id, clock=clock)
    remind_of_decisions(engine, site_id, clock=clock)
