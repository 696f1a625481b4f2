"""Rules of timing: how long a start time is kept, how it changes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from roster.automaton import Machine
from roster.machines import OnlyShiftsMachine, SuccessionMachine, WeeklyTimingMachine
from roster.rules.rest import short_rests
from roster.rules.rule import Face, HardRule, SoftRule
from roster.rules.timeline import Bools, Ints, Timeline
from roster.rules.words import count_text, day_text
from roster.setting import LineSetting
from roster.successions import TIMING_CHANGE
from scheduling.rules import Timing, Violation
from scheduling.shifts import MINUTES_PER_DAY

HALF_A_DAY_MINUTES = MINUTES_PER_DAY // 2
"""A start time that moves by more than this the one way moves less the other way."""


class TimingKept(HardRule):
    """An associate keeps one timing: in the whole horizon, or in each week, as the site has it.

    A timing that is given to an associate binds in any case. In a week that began before the horizon the timing that is known
    from the past is the one to keep.
    """

    name = "timing-kept"
    title = "One timing kept"
    source = "Contract: the timing of an associate is kept for a rotation period of 3 to 4 months"
    face = Face.MACHINE
    limit = "timing {timing}"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return what refuses all shifts but those kept, or but one type in a week."""
        if setting.choice.kept is not None:
            return OnlyShiftsMachine(setting.choice.kept)
        weekly = setting.scenario.rules.timing is Timing.WEEKLY and len(setting.shifts) > 1
        return WeeklyTimingMachine() if weekly else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each associate and period with another timing; the amount is the number of days with it."""
        scenario, last = timeline.scenario, timeline.values.shape[1]
        given = np.array(
            [-1 if p.timing is None else scenario.shift_index[p.timing] for p in scenario.associates], dtype=np.int64
        )
        if scenario.rules.timing is Timing.WEEKLY:
            for week in timeline.weeks:
                yield from self._period(timeline, week.low, week.high, given, f"the week of {day_text(week.first_day)}")
        elif scenario.rules.timing is Timing.FIXED:
            yield from self._period(timeline, timeline.past_days, last, given, "this roster")
        else:
            yield from self._period(timeline, timeline.past_days, last, given, "this roster", only=given >= 0)

    def _period(
        self, timeline: Timeline, low: int, high: int, given: Ints, period: str, only: Bools | None = None
    ) -> Iterator[Violation]:
        values, past = timeline.values[:, low:high], max(0, timeline.past_days - low)
        kept = np.where(given >= 0, given, self._timing_of(values, past))
        wrong = (values >= 0) & (values != kept[:, None])
        wrong[:, :past] = False
        codes = [shift.code for shift in timeline.scenario.shift_types]
        for row in np.flatnonzero(wrong.any(axis=1) & (True if only is None else only)):
            days = np.flatnonzero(wrong[row])
            first = timeline.date_of(low + int(days[0]))
            others = ", ".join(sorted({codes[value] for value in values[row, days]}))
            sentence = (
                f"has the timing {codes[kept[row]]} in {period}, but works {count_text(len(days), 'day')} with {others}, "
                f"the first on {day_text(first)}"
            )
            fix = f"Give {codes[kept[row]]} on {'that day' if len(days) == 1 else 'those days'}, or days off"
            yield self.broken(timeline.associate(row), first, len(days), sentence, fix)

    def _timing_of(self, values: NDArray[np.int16], past_days: int) -> Ints:
        """Return the timing to keep: that of the past days of the period if there is one, else the most frequent one."""
        count = int(values.max(initial=0)) + 1
        frequency = (values[:, :, None] == np.arange(count)).sum(axis=1)
        kept: Ints = frequency.argmax(axis=1)
        for day in range(past_days):
            kept = np.where(values[:, day] >= 0, values[:, day], kept)
        return kept


class RestAtTimingChange(HardRule):
    """When the timing changes, a long rest lies between the last shift of the old and the first of the new."""

    name = "rest-at-timing-change"
    title = "Rest at a change of timing"
    source = "Contract: 48 hours off at a change of timing; HSE HSG256, two nights of sleep when shifts change"
    face = Face.MACHINE
    limit = "at least {timing_change_rest_minutes} minutes"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a memory of the last shift; none where timings change freely."""
        if setting.scenario.rules.timing is Timing.FREE:
            return None
        return SuccessionMachine(setting.calendar, setting.shifts, TIMING_CHANGE)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each change of timing with too little rest; the amount is the missing minutes."""
        rules, pairs = timeline.scenario.rules, timeline.successions
        if rules.timing is Timing.FREE:
            return
        least = rules.timing_change_rest_minutes
        changed = timeline.values[pairs.associate, pairs.earlier] != timeline.values[pairs.associate, pairs.later]
        fix = "Start the new timing at least {later} later: put days off before it"
        yield from short_rests(self, timeline, pairs.where(changed & (pairs.rest_minutes < least)), least, fix)


class TimingMovesForward(SoftRule):
    """When the timing changes it moves forward: from morning to evening to night to morning."""

    name = "timing-moves-forward"
    title = "Timing moves forward"
    source = "Standard: HSE HSG256, forward-rotating shifts"
    face = Face.NOWHERE

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each change of timing that goes backward; the amount is 1 a change."""
        pairs, shift_types = timeline.successions, timeline.scenario.shift_types
        if timeline.scenario.rules.timing is Timing.FREE:
            return
        starts = np.array([shift.start_minute for shift in shift_types], dtype=np.int64)
        old, new = timeline.values[pairs.associate, pairs.earlier], timeline.values[pairs.associate, pairs.later]
        backward = (starts[new] - starts[old]) % MINUTES_PER_DAY > HALF_A_DAY_MINUTES
        for position in np.flatnonzero(backward):
            before, after = shift_types[old[position]], shift_types[new[position]]
            when = timeline.date_of(pairs.later[position])
            sentence = (
                f"changes backward from {before.code} ({before.start:%H:%M}) to {after.code} ({after.start:%H:%M}) "
                f"on {day_text(when)}"
            )
            fix = "Change to a timing that starts later in the day, from night to morning"
            yield self.broken(timeline.associate(pairs.associate[position]), when, 1, sentence, fix)
