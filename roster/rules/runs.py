"""Rules of runs: days in a row at work or off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.automaton import Machine
from roster.machines import DaysOffMachine, RunMachine
from roster.rules.rule import Face, HardRule, Rule, SoftRule, bound_text
from roster.rules.timeline import Bools, Timeline, runs_of
from roster.rules.words import count_text, day_text
from roster.setting import LineSetting
from scheduling.plan import OFF
from scheduling.rules import Violation


def long_runs(rule: Rule, timeline: Timeline, days: Bools, most: int, noun: str, fix: str) -> Iterator[Violation]:
    """Yield each run of `days` longer than `most`; the amount is the days over that lie in the horizon.

    Days over that lie in the past cannot be mended any more and are not reported.
    """
    runs = runs_of(days)
    first_over = np.maximum(runs.first + most, timeline.past_days)
    runs, first_over = runs.where(first_over <= runs.last), first_over[first_over <= runs.last]
    for row, first, last, over in zip(runs.associate, runs.first, runs.last, first_over, strict=True):
        excess = int(last - over) + 1
        sentence = (
            f"has {count_text(int(last - first) + 1, noun)} in a row from {day_text(timeline.date_of(first))} "
            f"to {day_text(timeline.date_of(last))}; {most} {bound_text(rule, 'most')}, {count_text(excess, 'day')} too many"
        )
        day = timeline.date_of(over)
        yield rule.broken(timeline.associate(row), day, excess, sentence, f"{fix} on {day_text(day)} or before")


class WorkingDaysInARow(HardRule):
    """Nobody works too many days in a row; known days before the horizon count."""

    name = "working-days-in-a-row"
    title = "Working days in a row"
    source = "Law: a day of rest in each seven days (ILO C14, article 2; EU Directive 2003/88/EC, article 5)"
    face = Face.MACHINE
    limit = "at most {max_consecutive_days}"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a count of worked days."""
        return RunMachine(frozenset(setting.shifts), setting.scenario.rules.max_consecutive_days)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of worked days that is too long; the amount is the days over."""
        return long_runs(
            self, timeline, timeline.worked, timeline.scenario.rules.max_consecutive_days, "working day", "Give a day off"
        )


class WishedWorkingDaysInARow(SoftRule):
    """Runs of working days are wished to be shorter than the most that is allowed."""

    name = "wished-working-days-in-a-row"
    title = "Wished working days in a row"
    source = "Standard: HSE HSG256, at most 5 to 7 working days in a row"
    face = Face.MACHINE
    limit = "at most {wished_consecutive_days}"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a count of worked days that costs."""
        wished = setting.scenario.rules.wished_consecutive_days
        return RunMachine(frozenset(setting.shifts), wished, setting.wishes.day_beyond_wished_run)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of worked days that is longer than wished; the amount is the days over."""
        return long_runs(
            self, timeline, timeline.worked, timeline.scenario.rules.wished_consecutive_days, "working day", "Give a day off"
        )


class DaysOffTogether(HardRule):
    """Days off come together: a run of days off between two shifts is never too short.

    A run that touches leave, an edge of the contract, the end of the horizon or an unknown past is not judged. Known days off
    before the horizon belong to the run.
    """

    name = "days-off-together"
    title = "Days off together"
    source = "Contract: the weekly off is two consecutive days"
    face = Face.MACHINE
    limit = "at least {days_off_consecutive}"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return a count of the days off in a run."""
        return DaysOffMachine(setting.scenario.rules.days_off_consecutive)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of days off between two shifts that is too short; the amount is the missing days."""
        least = timeline.scenario.rules.days_off_consecutive
        pairs = timeline.successions
        gap_days = pairs.later - pairs.earlier - 1
        pairs = pairs.where((gap_days > 0) & (gap_days < least))
        for row, earlier, later in zip(pairs.associate, pairs.earlier, pairs.later, strict=True):
            if (timeline.values[row, earlier + 1 : later] != OFF).any():
                continue
            days = int(later - earlier) - 1
            first = timeline.date_of(earlier + 1)
            sentence = (
                f"has {count_text(days, 'day')} off between two shifts on {day_text(first)}; "
                f"{least} together is the least, {count_text(least - days, 'day')} too few"
            )
            fix = f"Give {day_text(timeline.date_of(later))} off as well, or work on {day_text(first)}"
            when = max(first, timeline.date_of(timeline.past_days))
            yield self.broken(timeline.associate(row), when, least - days, sentence, fix)
