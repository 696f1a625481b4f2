"""Rules of facts: what is decided before a roster is made, and kept exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.rules.rule import Face, HardRule
from roster.rules.timeline import Timeline
from roster.rules.words import day_text
from scheduling.plan import DAY_WORDS, LEAVE, NONE
from scheduling.rules import Violation


def value_text(timeline: Timeline, row: int, day: int) -> str:
    """Return a day of the roster as files and screens have it: a shift code, ``off``, ``leave`` or ``none``."""
    value = int(timeline.plan.values[row, day])
    shift_types = timeline.scenario.shift_types
    if 0 <= value < len(shift_types):
        return shift_types[value].code
    return DAY_WORDS.get(value, f"the unknown value {value}")


class ValueForEveryDay(HardRule):
    """Every associate has exactly one value on every day: a shift type of the site, a day off, leave, or none."""

    name = "value-for-every-day"
    title = "One value for every day"
    source = "Contract: a roster says for each day what an associate does"
    face = Face.LETTERS

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each day whose value is none of those that a day may have; the amount is 1 a day."""
        values = timeline.plan.values
        for row, day in np.argwhere((values < NONE) | (values >= len(timeline.scenario.shift_types))):
            when = timeline.scenario.horizon.dates[day]
            sentence = f"has {value_text(timeline, row, day)} on {day_text(when)}, which is no shift type and no kind of day"
            yield self.broken(timeline.associate(row), when, 1, sentence, "Give a shift type or a day off")


class LeaveKept(HardRule):
    """Approved leave inside the contract is kept exactly, and nobody else is put on leave."""

    name = "leave-kept"
    title = "Leave kept"
    source = "Law: approved leave (EU Directive 2003/88/EC, article 7; ILO C132)"
    face = Face.LETTERS

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each day of leave that is not kept, or not approved; the amount is 1 a day."""
        wrong = (timeline.plan.values == LEAVE) != timeline.on_leave
        for row, day in np.argwhere(wrong):
            when = timeline.scenario.horizon.dates[day]
            if timeline.on_leave[row, day]:
                sentence = f"is on leave on {day_text(when)}, but the roster says {value_text(timeline, row, day)}"
                fix = "Put leave on that day"
            else:
                sentence = f"has leave on {day_text(when)} in the roster, but no leave is approved for that day"
                fix = "Approve the leave, or give a shift or a day off"
            yield self.broken(timeline.associate(row), when, 1, sentence, fix)


class ContractKept(HardRule):
    """Days outside the contract are none, days inside it are not."""

    name = "contract-kept"
    title = "Contract kept"
    source = "Contract: first and last day"
    face = Face.LETTERS

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each day on which roster and contract differ; the amount is 1 a day."""
        wrong = (timeline.plan.values == NONE) == timeline.in_contract
        for row, day in np.argwhere(wrong):
            person, when = timeline.associate(row), timeline.scenario.horizon.dates[day]
            if timeline.in_contract[row, day]:
                sentence = f"is under contract on {day_text(when)}, but the roster says none"
                fix = "Give a shift or a day off"
            else:
                sentence = (
                    f"has {value_text(timeline, row, day)} on {day_text(when)}, but the contract runs from "
                    f"{day_text(person.contract_start)} to {day_text(person.contract_end)}"
                )
                fix = "Put none on that day, or extend the contract"
            yield self.broken(person, when, 1, sentence, fix)


class LocksKept(HardRule):
    """A decision made by hand is kept exactly."""

    name = "locks-kept"
    title = "Locks kept"
    source = "Contract: a planner's own decision stands"
    face = Face.LETTERS

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each lock of the horizon that is not kept; the amount is 1 a lock."""
        scenario = timeline.scenario
        for lock in scenario.locks:
            day, row = scenario.horizon.day_index(lock.date), scenario.associate_index[lock.associate]
            if not 0 <= day < scenario.horizon.day_count:
                continue
            found = value_text(timeline, row, day)
            if found != lock.value:
                sentence = f"is locked to {lock.value} on {day_text(lock.date)}, but the roster says {found}"
                yield self.broken(timeline.associate(row), lock.date, 1, sentence, f"Give {lock.value}, or take the lock away")
