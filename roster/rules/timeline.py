"""The days of every associate as rules read them: what is known of the past, then the roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from scheduling.people import Associate
from scheduling.plan import DAY_WORDS, NONE, RosterPlan
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)

LOOKBACK_DAYS = 366
"""History older than this cannot matter to any rule of a roster and is not read."""

DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Runs:
    """Runs of days that have something in common, in the order of associate and time.

    Parameters
    ----------
    associate, first, last
        Index of the associate, first and last column of the timeline (both included); shape (runs,).
    """

    associate: Ints
    first: Ints
    last: Ints

    @property
    def days(self) -> Ints:
        """Length of each run in days, shape (runs,)."""
        return self.last - self.first + 1

    def where(self, chosen: Bools) -> Runs:
        """Return the runs that are chosen."""
        return Runs(self.associate[chosen], self.first[chosen], self.last[chosen])


@dataclass(frozen=True)
class Successions:
    """Each shift of the roster with the last shift that the associate is known to have had before it.

    Parameters
    ----------
    associate, earlier, later
        Index of the associate, column of the earlier and of the later shift; the later one lies in the horizon; shape (pairs,).
    rest_minutes
        Elapsed minutes from the end of the earlier to the start of the later; shape (pairs,).
    """

    associate: Ints
    earlier: Ints
    later: Ints
    rest_minutes: Ints

    def where(self, chosen: Bools) -> Successions:
        """Return the pairs that are chosen."""
        return Successions(self.associate[chosen], self.earlier[chosen], self.later[chosen], self.rest_minutes[chosen])


@dataclass(frozen=True)
class Week:
    """A calendar week that shares a day with the horizon.

    Parameters
    ----------
    first_day
        Date on which the week starts.
    low, high
        Columns of the timeline that belong to it: ``low <= column < high``.
    """

    first_day: date
    low: int
    high: int

    @property
    def days_beyond(self) -> int:
        """Number of its days that the timeline does not have."""
        return DAYS_PER_WEEK - (self.high - self.low)


@dataclass(frozen=True)
class Timeline:
    """What every associate does on each day from the oldest known day to the end of the horizon.

    Parameters
    ----------
    past_days
        Number of columns before the horizon; column `past_days` is its first day.
    values
        Index of the shift type, or OFF, LEAVE, NONE; an unknown day is NONE, and so is a value that the roster must not have;
        shape (associates, past days + days).
    """

    scenario: Scenario
    plan: RosterPlan
    past_days: int
    values: NDArray[np.int16]

    @classmethod
    def of(cls, scenario: Scenario, plan: RosterPlan) -> Timeline:
        """Join the history of a scenario with a roster.

        Raises
        ------
        ValueError
            If the arrays of the plan do not have one row an associate and one column a day.
        """
        shape = (len(scenario.associates), scenario.horizon.day_count)
        for name, array in (("values", plan.values), ("places", plan.places)):
            if array.shape != shape:
                raise ValueError(f"The plan's {name} have shape {array.shape}, but the scenario asks for {shape}.")
        past = _past_values(scenario)
        legal = (plan.values >= NONE) & (plan.values < len(scenario.shift_types))
        values = np.concatenate([past, np.where(legal, plan.values, NONE).astype(np.int16)], axis=1)
        return cls(scenario=scenario, plan=plan, past_days=past.shape[1], values=values)

    def associate(self, row: int | np.integer[Any]) -> Associate:
        """Return the associate of a row."""
        return self.scenario.associates[row]

    def date_of(self, column: int | np.integer[Any]) -> date:
        """Return the local date of a column."""
        return self.scenario.horizon.first_day + timedelta(days=int(column) - self.past_days)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The local date of each column."""
        return tuple(self.date_of(column) for column in range(self.values.shape[1]))

    @cached_property
    def worked(self) -> Bools:
        """Whether there is a shift, shape (associates, columns)."""
        return np.asarray(self.values >= 0)

    @cached_property
    def nights(self) -> Bools:
        """Whether there is a night shift, shape (associates, columns)."""
        is_night = np.array([shift.is_night for shift in self.scenario.shift_types], dtype=bool)
        return self._of_shift(is_night)

    @cached_property
    def span_minutes(self) -> Ints:
        """Span of the shift, 0 where there is none, shape (associates, columns)."""
        spans = np.array([shift.span_minutes for shift in self.scenario.shift_types], dtype=np.int64)
        return self._of_shift(spans)

    @cached_property
    def working_minutes(self) -> Ints:
        """Minutes of the shift without the breaks that are not productive, 0 where there is none, shape (associates, columns)."""
        policy, shift_types = self.scenario.break_policy, self.scenario.shift_types
        return self._of_shift(
            np.array([policy.productive_minutes_of(shift.span_minutes) for shift in shift_types], dtype=np.int64)
        )

    def _of_shift(self, facts: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return a fact of each day's shift type, false or zero where there is no shift."""
        found = np.zeros(self.values.shape, dtype=facts.dtype)
        found[self.worked] = facts[self.values[self.worked]]
        return found

    @cached_property
    def start_minutes(self) -> Ints:
        """Elapsed minute at which each shift type starts, shape (columns, shift types)."""
        scenario = self.scenario
        rows = [
            scenario.shift_start_minutes[day]
            if day >= -1
            else [scenario.horizon.minute_at(day, shift.start) for shift in scenario.shift_types]
            for day in range(-self.past_days, scenario.horizon.day_count)
        ]
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(scenario.shift_types))

    @cached_property
    def successions(self) -> Successions:
        """Every two shifts in a row of one associate of which the later lies in the horizon."""
        rows, columns = np.nonzero(self.worked)
        together = (rows[1:] == rows[:-1]) & (columns[1:] >= self.past_days)
        row, earlier, later = rows[1:][together], columns[:-1][together], columns[1:][together]
        ends = self.start_minutes[earlier, self.values[row, earlier]] + self.span_minutes[row, earlier]
        return Successions(row, earlier, later, self.start_minutes[later, self.values[row, later]] - ends)

    @cached_property
    def in_contract(self) -> Bools:
        """Whether a day of the horizon lies in the associate's contract, shape (associates, days)."""
        first = np.array([self.scenario.horizon.day_index(person.contract_start) for person in self.scenario.associates])
        last = np.array([self.scenario.horizon.day_index(person.contract_end) for person in self.scenario.associates])
        days = np.arange(self.scenario.horizon.day_count)
        return (days >= first[:, None]) & (days <= last[:, None])

    @cached_property
    def on_leave(self) -> Bools:
        """Whether a day of the horizon is approved leave inside the contract, shape (associates, days)."""
        on_leave = np.zeros(self.plan.values.shape, dtype=bool)
        for leave in self.scenario.leave:
            first = max(0, self.scenario.horizon.day_index(leave.first_day))
            last = max(-1, self.scenario.horizon.day_index(leave.last_day))
            on_leave[self.scenario.associate_index[leave.associate], first : last + 1] = True
        return on_leave & self.in_contract

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """The calendar weeks that share a day with the horizon, in order."""
        first = self.past_days - self.scenario.week_offset
        return tuple(
            Week(self.date_of(start), max(0, start), min(start + DAYS_PER_WEEK, self.values.shape[1]))
            for start in range(first, self.values.shape[1], DAYS_PER_WEEK)
        )


def runs_of(mask: Bools) -> Runs:
    """Return the longest runs of true days in each row of `mask`, shape (associates, columns)."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, first = np.nonzero(steps == 1)
    _, beyond = np.nonzero(steps == -1)
    return Runs(rows, first, beyond - 1)


def _past_values(scenario: Scenario) -> NDArray[np.int16]:
    """Return the known days before the horizon, shape (associates, past days), NONE where a day is not known."""
    words = {word: value for value, word in DAY_WORDS.items()} | scenario.shift_index
    known = [(scenario.horizon.day_index(past.date), past) for past in scenario.history]
    known = [(day, past) for day, past in known if -LOOKBACK_DAYS <= day < 0]
    length = -min((day for day, _ in known), default=0)
    values = np.full((len(scenario.associates), length), NONE, dtype=np.int16)
    for day, past in known:
        values[scenario.associate_index[past.associate], length + day] = words.get(past.value, NONE)
    return values
