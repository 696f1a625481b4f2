"""Rules of night work."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.automaton import Machine
from roster.machines import OnlyShiftsMachine, RunMachine
from roster.rules.rule import Face, HardRule, SoftRule
from roster.rules.runs import long_runs
from roster.rules.timeline import Timeline
from roster.rules.words import count_text, day_text
from roster.setting import LineSetting
from scheduling.rules import Violation


def night_shifts(setting: LineSetting) -> frozenset[int]:
    """Return the night shifts among those that may occur."""
    return frozenset(shift for shift in setting.shifts if setting.scenario.shift_types[shift].is_night)


class NightsInARow(HardRule):
    """Nobody works too many nights in a row; a night shift covers 00:00-05:00."""

    name = "nights-in-a-row"
    title = "Nights in a row"
    source = "Contract: a working week of nights at most; a night as in ILO C171, article 1"
    face = Face.MACHINE
    limit = "at most {max_consecutive_nights}"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a count of nights; none where no night occurs."""
        nights = night_shifts(setting)
        return RunMachine(nights, setting.scenario.rules.max_consecutive_nights) if nights else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of nights that is too long; the amount is the nights over."""
        return long_runs(
            self,
            timeline,
            timeline.nights,
            timeline.scenario.rules.max_consecutive_nights,
            "night",
            "Give a day off or another shift",
        )


class WishedNightsInARow(SoftRule):
    """Runs of nights are wished to be short, because sleep debt grows from night to night."""

    name = "wished-nights-in-a-row"
    title = "Wished nights in a row"
    source = "Standard: HSE HSG256, at most 2 to 3 nights in a row"
    face = Face.MACHINE
    limit = "at most {wished_consecutive_nights}"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a count of nights that costs; none where no night occurs."""
        nights, rules = night_shifts(setting), setting.scenario.rules
        return RunMachine(nights, rules.wished_consecutive_nights, setting.wishes.night_beyond_wished_run) if nights else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of nights that is longer than wished; the amount is the nights over."""
        return long_runs(
            self,
            timeline,
            timeline.nights,
            timeline.scenario.rules.wished_consecutive_nights,
            "night",
            "Give a day off or another shift",
        )


class NightConsent(HardRule):
    """Where the site asks for consent, nobody works a night without having given it."""

    name = "night-consent"
    title = "Consent to nights"
    source = "Law: consent to night work where the place of work asks for it (India: OSH Code 2020, section 43)"
    face = Face.MACHINE

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return what refuses every night; none for who may work them."""
        days_only = frozenset(setting.shifts) - night_shifts(setting)
        return OnlyShiftsMachine(days_only) if setting.choice.refuses_nights else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each associate who works nights without consent; the amount is the number of nights."""
        scenario = timeline.scenario
        if not scenario.rules.night_consent_required:
            return
        refused = np.array([not person.night_consent for person in scenario.associates], dtype=bool)
        nights = timeline.nights[:, timeline.past_days :] & refused[:, None]
        for row in np.flatnonzero(nights.any(axis=1)):
            count, first = int(nights[row].sum()), scenario.horizon.dates[int(nights[row].argmax())]
            sentence = f"works {count_text(count, 'night')} without consent to nights, the first on {day_text(first)}"
            fix = "Give other shifts, or ask for consent"
            yield self.broken(timeline.associate(row), first, count, sentence, fix)
