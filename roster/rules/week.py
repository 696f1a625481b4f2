"""Rules of the calendar week: its working days, its hours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.automaton import Machine
from roster.machines import WeekMinutesMachine, WorkingWeekMachine
from roster.rules.rule import Face, HardRule
from roster.rules.timeline import DAYS_PER_WEEK, Ints, Timeline, Week
from roster.rules.words import count_text, day_text, minutes_text
from roster.setting import LineSetting
from scheduling.plan import LEAVE, NONE, OFF
from scheduling.rules import Violation


class WorkingDaysInAWeek(HardRule):
    """Everybody works the same number of days in a week, less days of leave.

    With W working days a week, L days of leave and N days that are outside the contract or not known, from
    ``max(0, W - L - N)`` to ``max(0, W - L)`` days are worked. Known days before the horizon count; days over or missing that
    nothing in the horizon can mend are not reported. Who has minutes of their own is held to those instead.
    """

    name = "working-days-in-a-week"
    title = "Working days in a week"
    source = "Contract: five working days in a week"
    face = Face.MACHINE
    limit = "{working_days_per_week}"

    @classmethod
    def holds(cls, setting: LineSetting) -> bool:
        """Return whether the days of a week are counted: not for who has minutes of their own."""
        terms = setting.choice.terms
        return cls.name not in setting.left_out and not (terms is not None and terms.own_minutes)

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a count of the days of a week by kind."""
        return WorkingWeekMachine(setting.scenario.rules.working_days_per_week) if self.holds(setting) else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each week with too many or too few working days; the amount is the days over or missing."""
        terms = [person.terms for person in timeline.scenario.associates]
        own_minutes = np.array([bool(one and one.own_minutes) for one in terms], dtype=bool)
        for week in timeline.weeks:
            values = timeline.values[:, week.low : week.high]
            here = timeline.values[:, max(week.low, timeline.past_days) : week.high]
            worked, on_leave = (values >= 0).sum(axis=1), (values == LEAVE).sum(axis=1)
            outside = (values == NONE).sum(axis=1) + week.days_beyond
            most = np.maximum(0, timeline.scenario.rules.working_days_per_week - on_leave)
            least = np.maximum(0, most - outside)
            over = np.minimum(worked - most, (here >= 0).sum(axis=1))
            missing = np.minimum(least - worked, (here == OFF).sum(axis=1))
            for row in np.flatnonzero(((over > 0) | (missing > 0)) & ~own_minutes):
                facts = worked[row], on_leave[row], outside[row], most[row], least[row]
                yield self._violation(timeline, week, int(row), int(max(over[row], 0)), int(max(missing[row], 0)), facts)

    def _violation(
        self, timeline: Timeline, week: Week, row: int, over: int, missing: int, facts: tuple[np.int64, ...]
    ) -> Violation:
        worked, on_leave, outside, most, least = (int(fact) for fact in facts)
        reasons = [count_text(on_leave, "day") + " of leave"] if on_leave else []
        reasons += [count_text(outside, "day") + " outside the contract or not known"] if outside and missing else []
        because = f" (of {timeline.scenario.rules.working_days_per_week}, less {' and '.join(reasons)})" if reasons else ""
        limit = f"{most} is the most" if over else f"{least} is the least"
        by = f"{count_text(over, 'day')} too many" if over else f"{count_text(missing, 'day')} too few"
        sentence = f"works {count_text(worked, 'day')} in the week of {day_text(week.first_day)}; {limit}{because}, {by}"
        fix = f"Make {count_text(over, 'shift')} a day off" if over else f"Give {count_text(missing, 'shift')} more"
        when = timeline.date_of(max(week.low, timeline.past_days))
        return self.broken(timeline.associate(row), when, over + missing, sentence, fix)


class WeeklyWork(HardRule):
    """Nobody works too many hours in a calendar week; a shift belongs to the day it starts.

    Breaks that are not productive are no working time, so that six shifts of nine hours with their breaks keep 48 hours.
    """

    name = "weekly-work"
    title = "Hours in a week"
    source = "Law: EU Directive 2003/88/EC, articles 2 and 6 (48 hours, there on average, here in every week); ILO C1, article 2"
    face = Face.MACHINE
    limit = "at most {max_weekly_work_minutes} minutes"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a sum of the working minutes of a week; none where no legal number of days can exceed the most."""
        rules = setting.scenario.rules
        policy = setting.scenario.break_policy
        minutes = tuple(policy.productive_minutes_of(shift.span_minutes) for shift in setting.scenario.shift_types)
        longest = max((minutes[shift] for shift in setting.shifts), default=0)
        days = rules.working_days_per_week if WorkingDaysInAWeek.holds(setting) else DAYS_PER_WEEK
        if longest * days <= rules.max_weekly_work_minutes:
            return None
        return WeekMinutesMachine(minutes, rules.max_weekly_work_minutes)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each week with too many hours; the amount is the minutes over."""
        most = timeline.scenario.rules.max_weekly_work_minutes
        for week in timeline.weeks:
            start = max(week.low, timeline.past_days)
            minutes: Ints = timeline.working_minutes[:, week.low : week.high].sum(axis=1)
            over = np.minimum(minutes - most, timeline.working_minutes[:, start : week.high].sum(axis=1))
            for row in np.flatnonzero(over > 0):
                sentence = (
                    f"works {minutes_text(int(minutes[row]))} in the week of {day_text(week.first_day)}; "
                    f"{minutes_text(most)} is the most, {minutes_text(int(over[row]))} too many"
                )
                fix = "Take a shift away, or give a shorter one"
                yield self.broken(timeline.associate(row), timeline.date_of(start), int(over[row]), sentence, fix)
