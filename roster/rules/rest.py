"""Rules of rest: hours between two shifts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.automaton import Machine
from roster.machines import SuccessionMachine
from roster.rules.rule import Face, HardRule, Rule, SoftRule, bound_text
from roster.rules.timeline import Successions, Timeline
from roster.rules.words import minutes_text, moment_text
from roster.setting import LineSetting
from roster.successions import TOO_SHORT, WEEKLY_REST, WISHED_WEEKLY_REST
from scheduling.plan import OFF
from scheduling.rules import RuleSettings, Violation
from scheduling.shifts import MINUTES_PER_DAY

WISHED_REST_MINUTES_PER_DAY_OFF = MINUTES_PER_DAY + MINUTES_PER_DAY // 4
"""The most that a site can wish of a day off: two days off that begin and end well make 60 hours."""


def short_rests(rule: Rule, timeline: Timeline, pairs: Successions, least: int, fix: str) -> Iterator[Violation]:
    """Yield a violation of `rule` for each of the pairs, all of which have less than `least` minutes of rest."""
    horizon = timeline.scenario.horizon
    for row, later, rest in zip(pairs.associate, pairs.later, pairs.rest_minutes, strict=True):
        starts = int(timeline.start_minutes[later, timeline.values[row, later]])
        ended, begun = horizon.instant_of(starts - int(rest)), horizon.instant_of(starts)
        short = least - int(rest)
        length = minutes_text(int(rest)) if rest >= 0 else f"an overlap of {minutes_text(-int(rest))}"
        sentence = (
            f"has {length} between the shift that ends on {moment_text(ended)} "
            f"and the one that starts on {moment_text(begun)}; {minutes_text(least)} {bound_text(rule, 'least')}, "
            f"{minutes_text(short)} too little"
        )
        repair = fix.format(later=minutes_text(short))
        yield rule.broken(timeline.associate(row), timeline.date_of(later), short, sentence, repair)


class RestBetweenShifts(HardRule):
    """Every associate rests long enough between two shifts, in elapsed hours, whatever the clocks show."""

    name = "rest-between-shifts"
    title = "Rest between shifts"
    source = "Law: EU Working Time Directive 2003/88/EC, article 3 (11 hours in each 24 hours)"
    face = Face.MACHINE
    limit = "at least {rest_minutes} minutes"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a memory of the last shift."""
        return SuccessionMachine(setting.calendar, setting.shifts, TOO_SHORT)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each pair of shifts with too little rest; the amount is the missing minutes."""
        least = timeline.scenario.rules.rest_minutes
        pairs = timeline.successions
        fix = "Start the second shift at least {later} later, or make that day a day off"
        yield from short_rests(self, timeline, pairs.where(pairs.rest_minutes < least), least, fix)


def weekly_rests(timeline: Timeline) -> Successions:
    """Return the pairs of shifts with a whole weekly off between them: nothing but days off, and enough of them."""
    pairs = timeline.successions
    days_off = np.pad(np.cumsum(timeline.values == OFF, axis=1), ((0, 0), (1, 0)))
    between = days_off[pairs.associate, pairs.later] - days_off[pairs.associate, pairs.earlier + 1]
    gap_days = pairs.later - pairs.earlier - 1
    enough = max(1, timeline.scenario.rules.days_off_consecutive)
    return pairs.where((between == gap_days) & (gap_days >= enough))


def least_weekly_rest(rules: RuleSettings) -> int:
    """Return the hard minutes of a weekly off; a site that gives fewer days off is held to whole days of them."""
    return min(rules.weekly_rest_minutes, rules.days_off_consecutive * MINUTES_PER_DAY)


def wished_weekly_rest(rules: RuleSettings) -> int:
    """Return the wished minutes of a weekly off, no more than its days off can hold."""
    return min(rules.wished_weekly_rest_minutes, rules.days_off_consecutive * WISHED_REST_MINUTES_PER_DAY_OFF)


class WeeklyRest(HardRule):
    """A weekly off is also a continuous rest of hours, so that it cannot begin late and end early."""

    name = "weekly-rest"
    title = "Continuous weekly rest"
    source = "Contract: weekly off of two consecutive days; more than the 35 hours of EU Directive 2003/88/EC, article 5"
    face = Face.MACHINE
    limit = "at least {weekly_rest_minutes} minutes"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a memory of the last shift before days off."""
        return SuccessionMachine(setting.calendar, setting.shifts, WEEKLY_REST)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each weekly off with too few hours; the amount is the missing minutes."""
        least = least_weekly_rest(timeline.scenario.rules)
        rests = weekly_rests(timeline)
        fix = "Start the shift after the days off at least {later} later, or add a day off"
        yield from short_rests(self, timeline, rests.where(rests.rest_minutes < least), least, fix)


class WishedWeeklyRest(SoftRule):
    """A weekly off is wished to hold two full nights of sleep with the days between them."""

    name = "wished-weekly-rest"
    title = "Wished weekly rest"
    source = "Standard: HSE HSG256, two nights of full sleep after a run of shifts"
    face = Face.MACHINE
    limit = "at least {wished_weekly_rest_minutes} minutes"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a memory of the last shift before days off that costs."""
        return SuccessionMachine(setting.calendar, setting.shifts, WISHED_WEEKLY_REST, setting.wishes.short_weekly_rest)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each weekly off that is legal but shorter than wished; the amount is the missing minutes."""
        rules = timeline.scenario.rules
        rests, wished = weekly_rests(timeline), wished_weekly_rest(rules)
        chosen = (rests.rest_minutes >= least_weekly_rest(rules)) & (rests.rest_minutes < wished)
        fix = "Start the shift after the days off at least {later} later, or add a day off"
        yield from short_rests(self, timeline, rests.where(chosen), wished, fix)
