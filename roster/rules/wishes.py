"""Wishes: what people ask for, what a good week looks like."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.automaton import Machine
from roster.machines import OffRotationMachine
from roster.rules.facts import value_text
from roster.rules.rule import Face, SoftRule
from roster.rules.timeline import DAYS_PER_WEEK, Timeline
from roster.rules.words import count_text, day_text
from roster.setting import LineSetting
from scheduling.kpis import is_granted
from scheduling.plan import OFF
from scheduling.rules import Violation
from scheduling.times import WEEKDAYS


class RequestsGranted(SoftRule):
    """A request for a day off or for a shift is granted; one for a day of leave or outside the contract is not judged."""

    name = "requests-granted"
    title = "Requests granted"
    source = "Contract: requests are weighed against coverage"
    face = Face.PRICES

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each request of the horizon that is not granted; the amount is its weight."""
        scenario = timeline.scenario
        for request in scenario.requests:
            if is_granted(scenario, timeline.plan, request) is False:
                row, day = scenario.associate_index[request.associate], scenario.horizon.day_index(request.date)
                found = value_text(timeline, row, day)
                wanted = "a day off" if request.want == "off" else request.want
                sentence = f"asked for {wanted} on {day_text(request.date)} with weight {request.weight:g}, and has {found}"
                fix = f"Give {wanted}, or tell the associate why not"
                yield self.broken(timeline.associate(row), request.date, request.weight, sentence, fix)


class WeeklyOffRotates(SoftRule):
    """The weekly off moves through the week: the days off of a week are not the weekdays of the week before.

    Only full weeks of shifts and days off are compared, those of the known past included.
    """

    name = "weekly-off-rotates"
    title = "Weekly off rotates"
    source = "Contract: two consecutive days off that rotate"
    face = Face.MACHINE

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a memory of the days off of a week and the week before that costs."""
        return OffRotationMachine(setting.wishes.repeated_days_off)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each week whose days off repeat those of the week before; the amount is 1 a week."""
        for week in timeline.weeks:
            if week.days_beyond or week.low < DAYS_PER_WEEK:
                continue
            both = timeline.values[:, week.low - DAYS_PER_WEEK : week.high]
            known = ((both >= 0) | (both == OFF)).all(axis=1)
            before, now = both[:, :DAYS_PER_WEEK] == OFF, both[:, DAYS_PER_WEEK:] == OFF
            when = timeline.date_of(max(week.low, timeline.past_days))
            for row in np.flatnonzero(known & now.any(axis=1) & (before == now).all(axis=1)):
                dates = [timeline.date_of(week.low + int(position)) for position in np.flatnonzero(now[row])]
                days = " and ".join(WEEKDAYS[day.weekday()].capitalize() for day in dates)
                sentence = f"has {days} off in the week of {day_text(week.first_day)}, as in the week before"
                yield self.broken(timeline.associate(row), when, 1, sentence, "Move the days off to other weekdays")


class SkillNeeded(SoftRule):
    """Who has a shift has a skill that the requirement asks for; nobody else can be counted for coverage."""

    name = "skill-needed"
    title = "Skill that is needed"
    source = "Contract: an associate covers a queue only with its skill"
    face = Face.NOWHERE

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each associate with shifts but no required skill; the amount is the number of shifts."""
        required = set(timeline.scenario.requirement.skills)
        idle = np.array([required.isdisjoint(person.skills) for person in timeline.scenario.associates], dtype=bool)
        shifts = timeline.worked[:, timeline.past_days :].sum(axis=1)
        for row in np.flatnonzero(idle & (shifts > 0)):
            person = timeline.associate(row)
            has = ", ".join(sorted(person.skills)) or "no skill"
            sentence = (
                f"has {count_text(int(shifts[row]), 'shift')} but none of the skills that are required "
                f"({', '.join(sorted(required)) or 'none'}), only {has}, and is never counted"
            )
            yield self.broken(person, None, int(shifts[row]), sentence, "Train a required skill, or ask for the work of this one")
