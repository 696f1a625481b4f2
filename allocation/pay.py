"""Pay: which hours are night hours by the rule of a site, what they earn, and over which days they are added up."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scheduling.errors import BadInputError, Fault
from scheduling.times import local_instant

Floats = NDArray[np.float64]

LATEST_MONTH_START: Final = 28
MOST_AMOUNT: Final = 1_000_000.0


class Basis(StrEnum):
    """Which time of a shift can be night time."""

    ATTENDED = "attended"
    """Time of the shift in which the associate was signed in, breaks included."""
    ROSTERED = "rostered"
    """Time of the published shift without recorded absences, breaks included."""


class PeriodKind(StrEnum):
    """How long a pay period is."""

    MONTH = "month"
    WEEK = "week"
    TWO_WEEKS = "two weeks"
    FOUR_WEEKS = "four weeks"


DAYS_OF: Final = {PeriodKind.WEEK: 7, PeriodKind.TWO_WEEKS: 14, PeriodKind.FOUR_WEEKS: 28}


@dataclass(frozen=True)
class PayRule:
    """What nights earn at a site.

    Parameters
    ----------
    night_from, night_until
        The night by local clocks, from one evening to the next morning (or within one day).
    basis
        Which time of a shift can be night time.
    least_night_minutes
        A shift with fewer minutes of night counts for nothing; others count whole.
    per_night_hour, per_night_shift
        Amounts for each hour of night, and for each shift with enough of it.
    currency
        How the amounts are named.
    period
        Length of a pay period.
    period_start
        A day on which one begins; of a month only the day of the month counts, at most the 28th.

    Raises
    ------
    BadInputError
        With every fault.
    """

    night_from: time = time(22)
    night_until: time = time(6)
    basis: Basis = Basis.ATTENDED
    least_night_minutes: int = 60
    per_night_hour: float = 0.0
    per_night_shift: float = 0.0
    currency: str = "INR"
    period: PeriodKind = PeriodKind.MONTH
    period_start: date = date(2026, 1, 1)

    def __post_init__(self) -> None:
        is_late = self.period is PeriodKind.MONTH and self.period_start.day > LATEST_MONTH_START
        checks = (
            ("night_until", self.night_from != self.night_until, "The night needs a beginning and another end."),
            ("least_night_minutes", 0 <= self.least_night_minutes <= 1440, "From 0 to 1440 minutes."),
            ("per_night_hour", 0 <= self.per_night_hour <= MOST_AMOUNT, "An amount of 0 or more."),
            ("per_night_shift", 0 <= self.per_night_shift <= MOST_AMOUNT, "An amount of 0 or more."),
            ("currency", 0 < len(self.currency.strip()) <= 8, "A short name, such as INR."),
            ("period_start", not is_late, "Every month has the 1st to the 28th; begin on one of these."),
        )
        faults = [
            Fault("pay rule", None, name, str(getattr(self, name)), reason) for name, is_right, reason in checks if not is_right
        ]
        if faults:
            raise BadInputError(faults)

    def document(self) -> dict[str, Any]:
        """Return the rule as JSON keeps it."""
        return {name: value if isinstance(value, (int, float)) else str(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> PayRule:
        """Return the rule of a document; what it leaves out takes the default."""
        return cls(**{name: READERS[name](value) for name, value in document.items() if name in READERS})


READERS: Final[Mapping[str, Any]] = {
    "night_from": time.fromisoformat,
    "night_until": time.fromisoformat,
    "basis": Basis,
    "least_night_minutes": int,
    "per_night_hour": float,
    "per_night_shift": float,
    "currency": str,
    "period": PeriodKind,
    "period_start": date.fromisoformat,
}


@dataclass(frozen=True, order=True)
class PayPeriod:
    """Local dates of a pay period, both included; a shift belongs to the date on which it starts."""

    first_day: date
    last_day: date


def period_of(rule: PayRule, day: date) -> PayPeriod:
    """Return the pay period of a local date."""
    if rule.period is PeriodKind.MONTH:
        first = _on(day.year, day.month, rule.period_start.day)
        first = first if first <= day else _on(day.year, day.month - 1, rule.period_start.day)
        return PayPeriod(first, _on(first.year, first.month + 1, rule.period_start.day) - timedelta(days=1))
    length = DAYS_OF[rule.period]
    first = day - timedelta(days=(day - rule.period_start).days % length)
    return PayPeriod(first, first + timedelta(days=length - 1))


def _on(year: int, month: int, day: int) -> date:
    """Return a day of a month that may lie just outside its year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def periods_before(rule: PayRule, day: date, count: int) -> tuple[PayPeriod, ...]:
    """Return the pay period of a local date and those before it, the newest first."""
    found = [period_of(rule, day)]
    while len(found) < count:
        found.append(period_of(rule, found[-1].first_day - timedelta(days=1)))
    return tuple(found)


def night_minutes(rule: PayRule, zone: ZoneInfo, starts: Floats, ends: Floats) -> Floats:
    """Return the elapsed minutes of night in each of many spans; clocks may change in any of them.

    Parameters
    ----------
    starts, ends
        Seconds since 1970, shape (spans,).
    """
    if not len(starts):
        return np.zeros(0)
    first = datetime.fromtimestamp(float(starts.min()), zone).date() - timedelta(days=1)
    days = (datetime.fromtimestamp(float(ends.max()), zone).date() - first).days + 2
    crosses = int(rule.night_until < rule.night_from)
    edges = [
        local_instant(first + timedelta(days=index + later), wall, zone).timestamp()
        for index in range(days)
        for wall, later in ((rule.night_from, 0), (rule.night_until, crosses))
    ]
    # The night that has passed until an instant grows from evening to morning and stands still by day, so that the night in a
    # span is the difference of two looked-up values.
    corners = np.maximum.accumulate(np.array(edges))  # In spring a short night may begin after its end.
    passed = np.cumsum(np.where(np.arange(len(corners)) % 2 == 1, np.diff(corners, prepend=corners[0]), 0.0))
    return np.asarray((np.interp(ends, corners, passed) - np.interp(starts, corners, passed)) / 60.0)


def counted_night_minutes(rule: PayRule, minutes: Floats) -> Floats:
    """Return what of the night minutes of each shift counts: all of them, or nothing where there are too few."""
    return np.where((minutes >= rule.least_night_minutes) & (minutes > 0), minutes, 0.0)


def allowance(rule: PayRule, minutes: Floats) -> float:
    """Return what shifts earn by their counted night minutes, to two decimals, half a cent upwards.

    Counted in decimals: in binary, half a cent is now a little more and now a little less.
    """
    night_minutes, night_shifts = Decimal(repr(float(minutes.sum()))), int((minutes > 0).sum())
    earned = night_minutes * Decimal(repr(rule.per_night_hour)) / 60 + night_shifts * Decimal(repr(rule.per_night_shift))
    return float(earned.quantize(Decimal("0.01"), ROUND_HALF_UP))
