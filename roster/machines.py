"""The model faces of the sequence rules: one small automaton each.

Every machine is total: it goes on after its rule was broken, so that a past that nobody can change any more, or a relaxation,
can be followed. Day values are shift indices, OFF, LEAVE or NONE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

from roster.automaton import DayKind, State, Step
from roster.successions import TIMING_CHANGE, TOO_SHORT, WEEKLY_REST, WISHED_WEEKLY_REST, Calendar
from scheduling.plan import LEAVE, NONE, OFF


@dataclass(frozen=True)
class RunMachine:
    """Counts a run of days on which one of `counted` shifts is worked; longer than `longest` is broken, than `wished` costs."""

    counted: frozenset[int]
    longest: int
    wished: int
    cost_per_day: float

    def start(self) -> State:
        """No run."""
        return 0

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Lengthen or end the run."""
        if letter not in self.counted:
            return Step(0)
        length = int(state) + 1  # type: ignore[call-overload]
        kept = min(length, self.longest)
        return Step(kept, int(length > self.longest), self.cost_per_day if self.wished < length <= self.longest else 0.0)


@dataclass(frozen=True)
class DaysOffMachine:
    """Every run of days off has at least `least` days, unless it touches leave, the contract's edge or the unknown."""

    least: int

    def start(self) -> State:
        """Before everything: a run of days off would touch the unknown."""
        return self.least

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Follow the days off still owed: the state is the days off so far, -1 while working, `least` when nothing is owed."""
        days = cast("int", state)
        if letter == OFF:
            return Step(min(max(days, 0) + 1, self.least))
        if letter in {LEAVE, NONE}:
            return Step(self.least)
        return Step(-1, int(0 <= days < self.least))


class WeekCount(NamedTuple):
    """Days of the present week: worked, on leave, outside the contract or the known."""

    worked: int
    leave: int
    outside: int


@dataclass(frozen=True)
class WorkingWeekMachine:
    """Days worked in a week: `days` less leave, and in a week cut by a contract or the horizon fewer as well.

    With L days of leave and N days outside, from ``max(0, days - L - N)`` to ``max(0, days - L)`` days are worked.
    """

    days: int

    def start(self) -> State:
        """At the start of a week."""
        return WeekCount(0, 0, 0)

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Count the day; judge the week on its last day, and too many days at once."""
        week = cast("WeekCount", state)
        worked, leave, outside = week.worked, week.leave + (letter == LEAVE), week.outside + (letter == NONE)
        broken = 0
        if letter >= 0:
            broken = int(worked + 1 > max(0, self.days - leave))
            worked += 1
        elif letter == LEAVE:
            broken = int(worked > max(0, self.days - leave) >= worked - 1 and worked > 0)
        if not day.ends_week:
            return Step(WeekCount(worked, leave, outside), broken)
        return Step(WeekCount(0, 0, 0), broken + max(0, self.days - leave - outside - worked))


@dataclass(frozen=True)
class WeekMinutesMachine:
    """Working minutes of a week, at most `most`; `minutes` gives those of each shift type."""

    minutes: tuple[int, ...]
    most: int

    def start(self) -> State:
        """At the start of a week."""
        return 0

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Add the shift."""
        total = cast("int", state)
        broken = 0
        if letter >= 0:
            broken = int(total + self.minutes[letter] > self.most)
            total = min(self.most, total + self.minutes[letter])
        return Step(0 if day.ends_week else total, broken)


@dataclass(frozen=True)
class WeeklyTimingMachine:
    """One shift type in a week."""

    def start(self) -> State:
        """No shift worked yet in the week."""
        return None

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Keep the first shift type of the week."""
        kept, broken = state, 0
        if letter >= 0:
            broken = int(state is not None and state != letter)
            kept = letter
        return Step(None if day.ends_week else kept, broken)


class LastShift(NamedTuple):
    """The last shift worked, how many days ago, and whether all days since were days off."""

    shift: int
    days_ago: int
    only_off: bool


class SuccessionMachine:
    """Rest between shifts: the daily rest, the rest at a change of timing, and the weekly rest."""

    def __init__(self, calendar: Calendar, shifts: tuple[int, ...], wished_cost: float, *, timing_change: bool = True) -> None:
        self._codes = dict(zip(calendar.kinds, calendar.codes, strict=True))
        self._wished_cost = wished_cost
        self._hard = TOO_SHORT | WEEKLY_REST | (TIMING_CHANGE if timing_change else 0)
        # A gap that forbids nothing among these shifts need not be remembered; that keeps the automaton small.
        forbidding = [
            gap + 1
            for codes in self._codes.values()
            for gap in range(calendar.gap_limit)
            if any(codes[gap, earlier, later] for earlier in shifts for later in shifts)
        ]
        self._memory_days = max(forbidding, default=0)

    def start(self) -> State:
        """Nothing worked within memory."""
        return None

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Judge the rest before a shift, or grow older."""
        if letter < 0:
            if not isinstance(state, LastShift) or state.days_ago + 1 > self._memory_days:
                return Step(None)
            return Step(LastShift(state.shift, state.days_ago + 1, state.only_off and letter == OFF))
        following = LastShift(letter, 1, only_off=True) if self._memory_days else None
        if not isinstance(state, LastShift):
            return Step(following)
        code = int(self._codes[day][state.days_ago - 1, state.shift, letter])
        if not state.only_off:
            code &= ~(WEEKLY_REST | WISHED_WEEKLY_REST)
        hard = code & self._hard
        return Step(following, hard.bit_count(), self._wished_cost if code & WISHED_WEEKLY_REST else 0.0)


@dataclass(frozen=True)
class OffRotationMachine:
    """A wish: the days off of a week are not the weekdays of the week before; costs once for each week that repeats them."""

    cost_per_repeat: float

    def start(self) -> State:
        """Neither week is known."""
        return (None, 0)

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Remember last week's days off as bits, and collect this week's; leave and edges make a week incomparable."""
        previous, current = cast("tuple[int | None, int | None]", state)
        if letter in {LEAVE, NONE}:
            current = None
        elif letter == OFF and current is not None:
            current |= 1 << day.week_position
        if not day.ends_week:
            return Step((previous, current))
        repeated = current is not None and current == previous
        return Step((current, 0), cost=self.cost_per_repeat if repeated else 0.0)
