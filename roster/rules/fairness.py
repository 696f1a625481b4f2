"""Rules of fairness: burdens are shared out evenly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.rules.rule import Face, Rule, SoftRule
from roster.rules.timeline import Bools, Timeline
from roster.rules.words import count_text
from scheduling.kpis import compared_associates, weekend_days
from scheduling.rules import Timing, Violation


def uneven_days(rule: Rule, timeline: Timeline, burden: Bools, compared: Bools, noun: str) -> Iterator[Violation]:
    """Yield each compared associate whose days of `burden` are too far from their average; the amount is the days beyond.

    Parameters
    ----------
    burden
        Days that burden an associate, shape (associates, days).
    compared
        Associates whose days may be compared, shape (associates,).
    """
    if not compared.any():
        return
    allowed = timeline.scenario.rules.wished_fairness_days
    days = burden.sum(axis=1)
    average = float(days[compared].mean())
    for row in np.flatnonzero(compared & (np.abs(days - average) > allowed + 1e-9)):
        beyond = abs(float(days[row]) - average) - allowed
        more = "fewer" if days[row] < average else "more"
        sentence = (
            f"works {count_text(int(days[row]), noun)}, the average is {average:.1f}; "
            f"a difference of {allowed} is wished at most, this is {beyond:.1f} beyond"
        )
        fix = f"Swap with an associate who works {'more' if more == 'fewer' else 'fewer'}"
        yield rule.broken(timeline.associate(row), None, beyond, sentence, fix)


class FairWeekends(SoftRule):
    """Saturdays and Sundays at work are shared out evenly among those who are there for the whole horizon."""

    name = "fair-weekends"
    title = "Weekends shared evenly"
    source = "Standard: HSE HSG256, regular free weekends; contract: weekends are shared out evenly"
    face = Face.PRICES
    compares_people = True

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each associate too far from the average; the amount is the days beyond what is wished."""
        burden = timeline.worked[:, timeline.past_days :] & weekend_days(timeline.scenario.horizon)
        yield from uneven_days(self, timeline, burden, compared_associates(timeline.scenario), "weekend day")


class FairHolidays(SoftRule):
    """Public holidays at work are shared out evenly among those who are there for the whole horizon."""

    name = "fair-holidays"
    title = "Holidays shared evenly"
    source = "Contract: holidays are shared out evenly"
    face = Face.NOWHERE
    compares_people = True

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each associate too far from the average; the amount is the days beyond what is wished."""
        scenario = timeline.scenario
        holidays = np.array([day in scenario.holidays for day in scenario.horizon.dates], dtype=bool)
        burden = timeline.worked[:, timeline.past_days :] & holidays
        yield from uneven_days(self, timeline, burden, compared_associates(scenario), "holiday")


class FairNights(SoftRule):
    """Nights are shared out evenly among those whose timing is open and who may work them.

    Where a timing is kept for the whole roster there is nothing to share: some have nights, all others have none.
    """

    name = "fair-nights"
    title = "Nights shared evenly"
    source = "Standard: HSE HSG256, limit nights; contract: nights are shared out evenly"
    face = Face.NOWHERE
    compares_people = True

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each associate too far from the average; the amount is the nights beyond what is wished."""
        scenario = timeline.scenario
        if scenario.rules.timing is Timing.FIXED:
            return
        asks = scenario.rules.night_consent_required
        free = [person.timing is None and (person.night_consent or not asks) for person in scenario.associates]
        compared = compared_associates(scenario) & np.array(free, dtype=bool)
        yield from uneven_days(self, timeline, timeline.nights[:, timeline.past_days :], compared, "night")
