"""Rules of personal terms: what the contract of one associate asks for beside the rules of the site.

They are the rules of part-time and special contracts: minutes, shifts of a type, runs, weekends, successions. Each holds for
those whose `ContractTerms` name it; the numbers are theirs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np

from roster.automaton import Machine
from roster.machines import DaysOffMachine, RunMachine
from roster.rules.rule import Face, HardRule
from roster.rules.runs import long_runs
from roster.rules.timeline import Timeline, runs_of
from roster.rules.words import count_text, day_text, minutes_text
from roster.setting import LineSetting
from roster.term_machines import (
    DaysTogetherMachine,
    OwnSuccessionMachine,
    ShiftCountMachine,
    TermMinutesMachine,
    WeekendMachine,
    least_minutes_due,
)
from scheduling.people import ContractTerms
from scheduling.plan import LEAVE, NONE, OFF
from scheduling.rules import Violation
from scheduling.times import WEEKDAYS

SATURDAY, SUNDAY = 5, 6
NO_MOST = 10**6


class TermRule(HardRule, ABC):
    """A rule of personal terms."""

    face = Face.MACHINE
    source = "Contract: the terms of the associate"

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return the model face for who has terms."""
        terms = setting.choice.terms
        return None if terms is None else self.machine_of(terms, setting)

    @abstractmethod
    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return the model face of terms, ``None`` where they do not name the rule."""


def _with_terms(timeline: Timeline) -> Iterator[tuple[int, ContractTerms]]:
    """Yield the row and the terms of everybody who has some."""
    for row, person in enumerate(timeline.scenario.associates):
        if person.terms is not None:
            yield row, person.terms


class MinutesOfTheTerms(TermRule):
    """The working minutes of the horizon lie within the terms; breaks that are not productive are no working time.

    Days of leave and days outside the contract lower the least in proportion to the days of the horizon.
    """

    name = "minutes-of-the-terms"
    title = "Minutes of the terms"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a sum of the working minutes."""
        if not terms.own_minutes:
            return None
        policy, scenario = setting.scenario.break_policy, setting.scenario
        minutes = tuple(policy.productive_minutes_of(shift.span_minutes) for shift in scenario.shift_types)
        most = NO_MOST if terms.most_minutes is None else terms.most_minutes
        return TermMinutesMachine(minutes, terms.least_minutes or 0, most, scenario.horizon.day_count)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield everybody who works too much or too little; the amount is the minutes over or missing."""
        days = timeline.scenario.horizon.day_count
        for row, terms in _with_terms(timeline):
            total = int(timeline.working_minutes[row, timeline.past_days :].sum())
            values = timeline.values[row, timeline.past_days :]
            due = least_minutes_due(terms.least_minutes or 0, int((~np.isin(values, [LEAVE, NONE])).sum()), days)
            if terms.most_minutes is not None and total > terms.most_minutes:
                sentence = f"works {minutes_text(total)}; {minutes_text(terms.most_minutes)} is the most"
                yield self.broken(timeline.associate(row), None, total - terms.most_minutes, sentence, "Take a shift away")
            elif total < due:
                sentence = f"works {minutes_text(total)}; {minutes_text(due)} is the least"
                yield self.broken(timeline.associate(row), None, due - total, sentence, "Give one shift more")


class ShiftsOfAType(TermRule):
    """Nobody has more shifts of a type in the horizon than their terms allow."""

    name = "shifts-of-a-type"
    title = "Shifts of a type"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a count of the shifts of the types that the terms name."""
        index = setting.scenario.shift_index
        most = tuple((index[code], count) for code, count in terms.most_shifts if index.get(code) in setting.shifts)
        return ShiftCountMachine(most) if most else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each type of which somebody has too many; the amount is the shifts over."""
        index = timeline.scenario.shift_index
        for row, terms in _with_terms(timeline):
            values = timeline.values[row, timeline.past_days :]
            for code, most in terms.most_shifts:
                count = int((values == index[code]).sum()) if code in index else 0
                if count > most:
                    sentence = f"has {count_text(count, 'shift')} {code}; {most} is the most"
                    yield self.broken(timeline.associate(row), None, count - most, sentence, "Give a shift of another type")


class WeekendsOfTheTerms(TermRule):
    """Nobody works on more weekends of the horizon than their terms allow."""

    name = "weekends-of-the-terms"
    title = "Weekends of the terms"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a count of worked weekends."""
        if terms.most_weekends is None:
            return None
        return WeekendMachine(terms.most_weekends, (SATURDAY - WEEKDAYS.index(setting.scenario.rules.week_starts_on)) % 7)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield everybody who works too many weekends; the amount is the weekends over."""
        for row, terms in _with_terms(timeline):
            worked = {
                (timeline.date_of(column).toordinal() - 1) // 7
                for column in np.flatnonzero(timeline.worked[row])
                if column >= timeline.past_days and timeline.date_of(column).weekday() in {SATURDAY, SUNDAY}
            }
            if terms.most_weekends is not None and len(worked) > terms.most_weekends:
                sentence = f"works {count_text(len(worked), 'weekend')}; {terms.most_weekends} is the most"
                over = len(worked) - terms.most_weekends
                yield self.broken(timeline.associate(row), None, over, sentence, "Give a weekend off")


class OwnWorkingDaysInARow(TermRule):
    """Nobody works more days in a row than their terms allow; known days before the horizon count."""

    name = "own-working-days-in-a-row"
    title = "Working days in a row of the terms"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a count of worked days."""
        most = terms.most_days_in_a_row
        return None if most is None else RunMachine(frozenset(setting.shifts), most)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of worked days that is too long; the amount is the days over."""
        by_most: dict[int, list[int]] = {}
        for row, terms in _with_terms(timeline):
            if terms.most_days_in_a_row is not None:
                by_most.setdefault(terms.most_days_in_a_row, []).append(row)
        for most, rows in by_most.items():
            theirs = np.zeros_like(timeline.worked)
            theirs[rows] = timeline.worked[rows]
            yield from long_runs(self, timeline, theirs, most, "working day", "Give a day off")


class WorkingDaysTogether(TermRule):
    """A run of working days between two days off is not too short."""

    name = "working-days-together"
    title = "Working days together"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a count of the working days in a run."""
        return None if terms.least_days_in_a_row is None else DaysTogetherMachine(terms.least_days_in_a_row)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of working days between two days off that is too short; the amount is the missing days."""
        for row, terms in _with_terms(timeline):
            if terms.least_days_in_a_row is not None:
                yield from _short_runs(self, timeline, row, terms.least_days_in_a_row, works=True)


class OwnDaysOffTogether(TermRule):
    """A run of days off between two shifts is not shorter than the terms allow."""

    name = "own-days-off-together"
    title = "Days off together of the terms"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a count of the days off in a run."""
        return None if terms.least_days_off_in_a_row is None else DaysOffMachine(terms.least_days_off_in_a_row)

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each run of days off between two shifts that is too short; the amount is the missing days."""
        for row, terms in _with_terms(timeline):
            if terms.least_days_off_in_a_row is not None:
                yield from _short_runs(self, timeline, row, terms.least_days_off_in_a_row, works=False)


def _short_runs(rule: TermRule, timeline: Timeline, row: int, least: int, *, works: bool) -> Iterator[Violation]:
    """Yield runs of work between days off, or of days off between shifts, that are too short and end in the horizon."""
    values = timeline.values[row]
    worked, off = values >= 0, values == OFF
    inside, beside, noun = (worked, off, "working day") if works else (off, worked, "day off")
    runs = runs_of(inside[None])
    for first, last in zip(runs.first.tolist(), runs.last.tolist(), strict=True):
        length, ends_here = last - first + 1, timeline.past_days <= last + 1 < len(values)
        if length < least and first > 0 and ends_here and beside[first - 1] and beside[last + 1]:
            words = "days off" if noun == "day off" and length > 1 else count_text(length, noun).partition(" ")[2]
            sentence = f"has {length} {words} from {day_text(timeline.date_of(first))}; {least} together is the least"
            when = timeline.date_of(max(first, timeline.past_days))
            yield rule.broken(timeline.associate(row), when, least - length, sentence, "Lengthen the run, or leave it out")


class OwnSuccessions(TermRule):
    """No shift on the day after one that it may not follow by the terms."""

    name = "own-successions"
    title = "Successions of the terms"

    def machine_of(self, terms: ContractTerms, setting: LineSetting) -> Machine | None:
        """Return a memory of yesterday's shift."""
        index = setting.scenario.shift_index
        pairs = {(index.get(before, NONE), index.get(after, NONE)) for before, after in terms.forbidden_successions}
        known = frozenset(pair for pair in pairs if NONE not in pair)
        return OwnSuccessionMachine(known) if known else None

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each forbidden succession; the amount is 1."""
        codes = [shift.code for shift in timeline.scenario.shift_types]
        for row, terms in _with_terms(timeline):
            values = timeline.values[row]
            for column in range(max(1, timeline.past_days), len(values)):
                pair = tuple(codes[value] if value >= 0 else "" for value in values[column - 1 : column + 1])
                if pair in terms.forbidden_successions:
                    day = timeline.date_of(column)
                    sentence = f"has {pair[1]} on {day_text(day)} after {pair[0]}, which the terms forbid"
                    yield self.broken(timeline.associate(row), day, 1, sentence, "Give another shift or a day off")
