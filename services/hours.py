"""Hours and night allowance of a pay period: from the published shifts, what was recorded, and the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from allocation.ledger import DayLedger
from allocation.pay import (
    Basis,
    Floats,
    PayPeriod,
    PayRule,
    PeriodKind,
    allowance,
    counted_night_minutes,
    night_minutes,
    period_of,
    periods_before,
)
from scheduling.presence import PresenceState
from scheduling.times import Clock
from services.ledgers import ledgers_of
from storage import duties, hours
from storage.actions import record_action
from storage.errors import domain_errors
from storage.hours import Days, KeptLedger
from storage.quality import PersonRow
from storage.sites import zone_of_site

__all__ = [
    "Basis",
    "HoursRow",
    "HoursTable",
    "PayPeriod",
    "PayRule",
    "PeriodKind",
    "hours_of",
    "keep_ledgers",
    "pay_rule",
    "period_of",
    "periods_before",
    "refresh_ledgers",
    "set_pay_rule",
]

CHUNK: Final = 500
"""Ledgers that are computed in one transaction."""
UNDER_WAY: Final = timedelta(minutes=1)
"""No transaction takes longer: what is written by one that began before is read by the next computation."""
CHANGED: Final = "pay rule changed"
KEPT_PERIODS: Final = 2


@dataclass(frozen=True)
class HoursRow:
    """What one associate did in a pay period; only shifts that are over count.

    Parameters
    ----------
    shifts, absent_shifts
        Published shifts, and those of them with a recorded absence from start to end.
    rostered_minutes, attended_minutes, productive_minutes
        Of the published shifts, breaks included; signed in inside them, breaks included; and as the ledger counts them.
    night_minutes, night_shifts, allowance
        What counts by the pay rule, and what it earns.
    absences, absent_minutes
        Shifts with a recorded absence, and its minutes.
    leave_days
        Published days of leave.
    """

    person: PersonRow
    shifts: int
    absent_shifts: int
    rostered_minutes: float
    attended_minutes: float
    productive_minutes: float
    night_minutes: float
    night_shifts: int
    allowance: float
    absences: int
    absent_minutes: float
    leave_days: int


@dataclass(frozen=True)
class HoursTable:
    """The hours of a pay period, by code of the associate.

    Parameters
    ----------
    until
        Shifts that were over by then are counted.
    """

    rule: PayRule
    period: PayPeriod
    until: datetime
    rows: tuple[HoursRow, ...]


def pay_rule(engine: Engine, site_id: int) -> PayRule:
    """Return the pay rule of a site."""
    with domain_errors(), engine.connect() as connection:
        return PayRule.of(hours.read_pay_rule(connection, site_id))


def set_pay_rule(engine: Engine, site_id: int, rule: PayRule, *, by: str, clock: Clock, why: str = "") -> None:
    """Replace the pay rule of a site, with a line in the history; figures of earlier periods follow it as well."""
    with domain_errors(), engine.begin() as connection:
        before = PayRule.of(hours.read_pay_rule(connection, site_id))
        if before == rule:
            return
        hours.write_pay_rule(connection, site_id, rule.document())
        record_action(
            connection,
            site_id,
            at=clock.now(),
            by=by,
            kind=CHANGED,
            subject="night allowance",
            why=why,
            before=before.document(),
            after=rule.document(),
        )


def refresh_ledgers(
    engine: Engine, site_id: int, period: PayPeriod, *, clock: Clock, associate_ids: Sequence[int] | None = None
) -> int:
    """Compute the ledgers of shifts that are over where they are missing or worn out; return how many.

    Parameters
    ----------
    associate_ids
        Whose ledgers are wanted; everybody's without it.
    """
    with domain_errors(), engine.connect() as connection:
        days = Days(site_id, period.first_day, period.last_day, clock.now(), associate_ids)
        stale = hours.stale_duties(connection, days)
    for first in range(0, len(stale), CHUNK):
        now = clock.now()
        with domain_errors(), engine.begin() as connection:
            found = ledgers_of(connection, duties.duties_of(connection, stale[first : first + CHUNK]), now)
            hours.put_ledgers(connection, [_kept(one, now - UNDER_WAY) for one in found])
    return len(stale)


def keep_ledgers(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """Refresh the ledgers of this pay period and the last one, so that nobody waits for them; return how many."""
    rule = pay_rule(engine, site_id)
    with domain_errors(), engine.connect() as connection:
        today = clock.now().astimezone(zone_of_site(connection, site_id)).date()
    newest, *_, oldest = periods_before(rule, today, KEPT_PERIODS)
    return refresh_ledgers(engine, site_id, PayPeriod(oldest.first_day, newest.last_day), clock=clock)


def _kept(ledger: DayLedger, computed_at: datetime) -> KeptLedger:
    """Return what is kept of a ledger: times there inside the shift that meet are one."""
    there: list[datetime] = []
    for one in ledger.segments:
        if not one.is_rostered or one.state is PresenceState.SIGNED_OUT:
            continue
        if there and there[-1] == one.span.starts_at:
            there[-1] = one.span.ends_at
        else:
            there += [one.span.starts_at, one.span.ends_at]
    duty = ledger.duty
    return KeptLedger((duty.associate_id, duty.day), computed_at, ledger.productive_minutes, tuple(there))


def hours_of(
    engine: Engine, site_id: int, period: PayPeriod, *, clock: Clock, associate_ids: Sequence[int] | None = None
) -> HoursTable:
    """Return the hours of a pay period.

    Parameters
    ----------
    associate_ids
        Whose hours are wanted; everybody's without it.
    """
    refresh_ledgers(engine, site_id, period, clock=clock, associate_ids=associate_ids)
    days = Days(site_id, period.first_day, period.last_day, clock.now(), associate_ids)
    with domain_errors(), engine.connect() as connection:
        rule = PayRule.of(hours.read_pay_rule(connection, site_id))
        zone = zone_of_site(connection, site_id)
        figures = _Figures.read(connection, days, rule, zone)
        people = hours.people_of_days(connection, days)
        leave = hours.leave_days(connection, site_id, period.first_day, min(period.last_day, days.now.astimezone(zone).date()))
    rows = tuple(figures.row(one, leave.get(one.id, 0)) for one in people)
    return HoursTable(rule, period, days.now, rows)


@dataclass(frozen=True)
class _Figures:
    """Figures of duties, shape (duties,), and where each associate's stand."""

    rule: PayRule
    places: dict[int, NDArray[np.int64]]
    rostered: Floats
    attended: Floats
    productive: Floats
    absent: Floats
    night: Floats

    @classmethod
    def read(cls, connection: Connection, days: Days, rule: PayRule, zone: ZoneInfo) -> _Figures:
        duty_rows = hours.duty_rows(connection, days)
        attended, absences = hours.attended_rows(connection, days), _together(hours.absence_rows(connection, days))
        index = {key: place for place, key in enumerate(zip(*_keys(duty_rows), strict=True))}

        def by_duty(rows: NDArray[np.void], minutes: Floats) -> Floats:
            places = [index[key] for key in zip(*_keys(rows), strict=True)]
            return np.bincount(np.array(places, dtype=np.int64), weights=minutes, minlength=len(duty_rows)).astype(np.float64)

        def night(rows: NDArray[np.void]) -> Floats:
            return by_duty(rows, night_minutes(rule, zone, rows["starts"].astype(float), rows["ends"].astype(float)))

        nights = night(attended) if rule.basis is Basis.ATTENDED else night(duty_rows) - night(absences)
        places: dict[int, list[int]] = defaultdict(list)
        for (associate, _), place in index.items():
            places[associate].append(place)
        return cls(
            rule=rule,
            places={associate: np.array(found, dtype=np.int64) for associate, found in places.items()},
            rostered=_minutes(duty_rows),
            attended=by_duty(attended, _minutes(attended)),
            productive=duty_rows["productive_minutes"].astype(np.float64),
            absent=by_duty(absences, _minutes(absences)),
            night=counted_night_minutes(rule, nights),
        )

    def row(self, person: PersonRow, leave_days: int) -> HoursRow:
        """Return the figures of one associate."""
        own = self.places.get(person.id, np.zeros(0, dtype=np.int64))
        absent, rostered, night = self.absent[own], self.rostered[own], self.night[own]
        return HoursRow(
            person=person,
            shifts=len(own),
            absent_shifts=int((absent >= rostered).sum()),
            rostered_minutes=float(rostered.sum()),
            attended_minutes=float(self.attended[own].sum()),
            productive_minutes=float(self.productive[own].sum()),
            night_minutes=float(night.sum()),
            night_shifts=int((night > 0).sum()),
            allowance=allowance(self.rule, night),
            absences=int((absent > 0).sum()),
            absent_minutes=float(absent.sum()),
            leave_days=leave_days,
        )


def _keys(rows: NDArray[np.void]) -> tuple[list[int], list[int]]:
    return rows["associate_id"].tolist(), rows["day_number"].tolist()


def _minutes(rows: NDArray[np.void]) -> Floats:
    return np.asarray((rows["ends"] - rows["starts"]) / 60.0, dtype=np.float64)


def _together(rows: NDArray[np.void]) -> NDArray[np.void]:
    """Return absences of the same duty that overlap as one, so that no minute counts twice."""
    joined: list[tuple[int, int, float, float]] = []
    for associate, day, start, end in sorted(rows.tolist()):
        if joined and joined[-1][:2] == (associate, day) and start <= joined[-1][3]:
            joined[-1] = (associate, day, joined[-1][2], max(end, joined[-1][3]))
        else:
            joined.append((associate, day, start, end))
    return np.array(joined, dtype=rows.dtype)
