"""Days that are unlike their weekday: holidays, which are masked, and events, whose effect is known as a factor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays as holiday_tables
import numpy as np
from numpy.typing import NDArray

from scheduling.errors import BadInputError, Fault
from scheduling.events import DemandEvent


@dataclass(frozen=True)
class Calendar:
    """Holidays and events of a site.

    Parameters
    ----------
    holidays
        Local dates on which volume says nothing about ordinary days; a forecast does not learn from them.
    event_factors
        Expected volume of a date over that of an ordinary day, above zero: 1.2 is a promotion that brings a fifth more. It
        scales the forecast of the date, and past dates are divided by it before anything is learnt from them.
    event_totals
        Jobs of a date that are known outright: they take the place of its forecast, and nothing is learnt from such a date.
    """

    holidays: frozenset[date] = frozenset()
    event_factors: Mapping[date, float] = field(default_factory=dict)
    event_totals: Mapping[date, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse factors that are not above zero, all at once."""
        wrong = {day: factor for day, factor in self.event_factors.items() if not (np.isfinite(factor) and factor > 0)}
        if wrong:
            reason = "an event factor must be a number above zero"
            raise BadInputError([Fault("events", None, str(day), str(factor), reason) for day, factor in sorted(wrong.items())])

    @classmethod
    def of(
        cls,
        years: Collection[int],
        *,
        country: str | None = None,
        subdivision: str | None = None,
        extra: Iterable[date] = (),
        event_factors: Mapping[date, float] | None = None,
    ) -> Calendar:
        """Build the calendar of some years from a country's public holidays and explicit dates.

        Parameters
        ----------
        country
            ISO 3166-1 alpha-2 code; ``None`` takes the explicit dates alone.
        subdivision
            ISO 3166-2 code of a part of the country.
        extra
            More dates to treat as holidays.

        Raises
        ------
        BadInputError
            When the country or its part is unknown.
        """
        known = frozenset(extra)
        if country is not None:
            try:
                known |= frozenset(holiday_tables.country_holidays(country, subdiv=subdivision, years=list(years)))
            except NotImplementedError as error:
                value = country if subdivision is None else f"{country}-{subdivision}"
                reason = "no holidays are known for this country or part; give an ISO 3166 code such as IN"
                raise BadInputError([Fault("calendar", None, "country", value, reason)]) from error
        return cls(known, dict(event_factors or {}))

    def is_holiday(self, days: Iterable[date]) -> NDArray[np.bool_]:
        """Return for each date whether it is a holiday, shape (days,)."""
        return np.array([day in self.holidays for day in days], dtype=bool)

    def factors(self, days: Iterable[date]) -> NDArray[np.float64]:
        """Return the event factor of each date, 1 on ordinary days, shape (days,)."""
        return np.array([self.event_factors.get(day, 1.0) for day in days], dtype=np.float64)

    def has_total(self, days: Iterable[date]) -> NDArray[np.bool_]:
        """Return for each date whether its jobs are known outright, shape (days,)."""
        return np.array([day in self.event_totals for day in days], dtype=bool)

    def has_factor(self, days: Iterable[date]) -> NDArray[np.bool_]:
        """Return for each date whether an event factor is given for it, shape (days,)."""
        return np.array([day in self.event_factors for day in days], dtype=bool)


def calendar_of(queue: str, holidays: Iterable[date], events: Iterable[DemandEvent]) -> Calendar:
    """Return the calendar of one queue: its own events and those of every queue; factors of one date multiply."""
    factors: dict[date, float] = {}
    totals: dict[date, float] = {}
    for event in events:
        if event.queue not in {None, queue}:
            continue
        for number in range((event.last_day - event.first_day).days + 1):
            day = event.first_day + timedelta(days=number)
            if event.factor is not None:
                factors[day] = factors.get(day, 1.0) * event.factor
            if event.jobs_per_day is not None:
                totals[day] = event.jobs_per_day
    return Calendar(frozenset(holidays), factors, totals)
