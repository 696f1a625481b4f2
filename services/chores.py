"""Chores of the floor: what the worker does again and again, each on its own and soon done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Engine

from scheduling.errors import SchedulingError
from scheduling.times import Clock
from services.floor_watch import forecast_floor, steer_floor, watch_floor
from services.hours import keep_ledgers
from services.lanes import refresh_handling
from services.opening import open_floor
from services.quality import roll_up_answers
from services.request_deadlines import end_what_is_late
from services.upkeep import advance_heads, grade, pack_rosters, roll_up, sweep_leases
from storage.errors import domain_errors
from storage.sites import list_sites

log = structlog.get_logger(__name__)

Work = Callable[[Engine, Clock], object]


@dataclass(frozen=True)
class Chore:
    """One chore.

    Parameters
    ----------
    seconds
        How often it is done; when it takes longer, the next turn waits for the end of the last.
    work
        Gives the same outcome however often it is done, on however many machines at once.
    """

    name: str
    seconds: float
    work: Work


def at_each_site(work: Callable[[Engine, int, Clock], object]) -> Work:
    """Return work that does something at one site as work that does it at all sites; a failure at one leaves the others alone."""

    def everywhere(engine: Engine, clock: Clock) -> None:
        with domain_errors(), engine.connect() as connection:
            sites = list_sites(connection)
        for site in sites:
            try:
                work(engine, site.id, clock)
            except SchedulingError as error:
                log.warning("chore failed at a site", chore=work.__name__, site=site.code, reason=str(error))

    everywhere.__name__ = work.__name__
    return everywhere


def _open(engine: Engine, site_id: int, clock: Clock) -> None:
    open_floor(engine, site_id, clock=clock)


def _learn(engine: Engine, site_id: int, clock: Clock) -> None:
    refresh_handling(engine, site_id, clock=clock)


def _roll_up(engine: Engine, site_id: int, clock: Clock) -> None:
    roll_up_answers(engine, site_id, clock=clock)


def _keep(engine: Engine, site_id: int, clock: Clock) -> None:
    keep_ledgers(engine, site_id, clock=clock)


def _sweep(engine: Engine, clock: Clock) -> None:
    sweep_leases(engine, clock=clock)


def _advance(engine: Engine, _clock: Clock) -> None:
    advance_heads(engine)


def _count(engine: Engine, clock: Clock) -> None:
    roll_up(engine, clock=clock)


def _grade(engine: Engine, _clock: Clock) -> None:
    grade(engine)


def _pack(engine: Engine, _clock: Clock) -> None:
    pack_rosters(engine)


CHORES: Final[tuple[Chore, ...]] = (
    Chore("put tasks back whose lease is over", 2.0, _sweep),
    Chore("let claims look past what is claimed", 2.0, _advance),
    Chore("count the last minutes of queues", 10.0, _count),
    Chore("grade answers", 15.0, _grade),
    Chore("open the floor", 60.0, at_each_site(_open)),
    Chore("forecast arrivals", 3600.0, at_each_site(forecast_floor)),
    Chore("compute the figures of the floor", 1.0, at_each_site(watch_floor)),
    Chore("propose moves", 60.0, at_each_site(steer_floor)),
    Chore("end requests that are too late", 60.0, at_each_site(end_what_is_late)),
    Chore("add answers up by day", 300.0, at_each_site(_roll_up)),
    Chore("learn handling times", 300.0, at_each_site(_learn)),
    Chore("pack published rosters that were edited", 600.0, _pack),
    Chore("keep ledgers of shifts that are over", 600.0, at_each_site(_keep)),
)
"""Every chore; a line is all that a new one takes."""


def do_chore(chore: Chore, engine: Engine, clock: Clock) -> bool:
    """Do one chore; return whether it was done. Whatever goes wrong is logged, and tried again at its next turn."""
    try:
        chore.work(engine, clock)
    except SchedulingError as error:
        log.warning("chore failed", chore=chore.name, reason=str(error))
    except Exception:
        log.exception("chore failed", chore=chore.name)
    else:
        return True
    return False
