"""Ledgers of stored duties: what was promised, planned and done."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Final

from sqlalchemy import Connection, Engine

from allocation.ledger import DayLedger, LedgerRules, day_ledger
from scheduling.duties import Duty
from scheduling.times import Clock
from storage import duties, presence
from storage.errors import domain_errors

__all__ = ["RULES", "DayLedger", "day_ledgers", "each_ledger", "ledgers_of", "own_ledgers"]

RULES: Final = LedgerRules()
_when = attrgetter("occurred_at")


def day_ledgers(
    engine: Engine, site_id: int, day: date, *, clock: Clock, associate_ids: Collection[int] | None = None
) -> dict[int, DayLedger]:
    """Return the ledger of every duty that starts on a local date at a site, by associate.

    Parameters
    ----------
    associate_ids
        Whose ledgers are wanted; everybody's without it.
    """
    with domain_errors(), engine.connect() as connection:
        found = duties.duties_on(connection, site_id, day, day, associate_ids=associate_ids)
        return {one.duty.associate_id: one for one in ledgers_of(connection, found, clock.now())}


def own_ledgers(
    engine: Engine, site_id: int, associate_id: int, first_day: date, last_day: date, *, clock: Clock
) -> tuple[DayLedger, ...]:
    """Return the ledgers of one associate on local dates, both included, in the order of days."""
    with domain_errors(), engine.connect() as connection:
        found = duties.duties_on(connection, site_id, first_day, last_day, associate_ids=[associate_id])
        return tuple(ledgers_of(connection, found, clock.now()))


def ledgers_of(connection: Connection, found: Iterable[Duty], until: datetime) -> list[DayLedger]:
    """Return the ledgers of duties up to an instant, in their order; one query for the events of all of them."""
    return list(each_ledger(connection, found, until))


def each_ledger(connection: Connection, found: Iterable[Duty], until: datetime) -> Iterator[DayLedger]:
    """Yield the ledgers of duties one after the other, so that those of weeks need not be in memory at once."""
    listed = list(found)
    if not listed:
        return
    early, late = timedelta(minutes=RULES.early_limit_minutes), timedelta(minutes=RULES.overtime_limit_minutes)
    first, last = min(one.starts_at for one in listed) - early, max(one.ends_at for one in listed) + late
    events = presence.events_between(connection, {one.associate_id for one in listed}, first, last)
    for one in listed:
        said = events.get(one.associate_id, [])
        # Over weeks most events tell of other duties.
        since = bisect_left(said, one.starts_at - early, key=_when)
        told = said[since : bisect_left(said, one.ends_at + late, key=_when)]
        yield day_ledger(one, told, until, absences=one.absences, rules=RULES)
