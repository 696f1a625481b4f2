"""The model faces of the sequence rules: one small automaton each.

Every machine is total: it goes on after its rule was broken, so that a past that nobody can change any more, or a relaxation,
can be followed. Day values are shift indices, OFF, LEAVE or NONE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np

from roster.automaton import DayKind, State, Step
from roster.successions import WEEKLY_REST, WISHED_WEEKLY_REST, Calendar
from scheduling.plan import LEAVE, NONE, OFF


@dataclass(frozen=True)
class RunMachine:
    """Counts a run of days with one of the `counted` shifts; each day beyond `most` costs, or breaks a rule if it has no cost."""

    counted: frozenset[int]
    most: int
    cost_per_day: float | None = None

    def start(self) -> State:
        """No run."""
        return 0

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Lengthen or end the run."""
        if letter not in self.counted:
            return Step(0)
        length = cast("int", state) + 1
        return _judged(min(length, self.most), int(length > self.most), self.cost_per_day)


def _judged(state: State, times: int, cost: float | None) -> Step:
    """Return the step of a rule that is broken so many times, or of a wish that costs each time."""
    return Step(state, broken=times) if cost is None else Step(state, cost=cost * times)


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
    """Days of the present week: worked, on leave, outside the contract or the known; of the horizon alone: worked, off."""

    worked: int = 0
    leave: int = 0
    outside: int = 0
    worked_here: int = 0
    off_here: int = 0

    def over(self, days: int) -> int:
        """Return the days worked too many that the horizon can mend, where `days` are to be worked."""
        return min(max(0, self.worked - max(0, days - self.leave)), self.worked_here)

    def missing(self, days: int) -> int:
        """Return the days that are missing in the whole week and that the horizon can mend."""
        return min(max(0, days - self.leave - self.outside - self.worked), self.off_here)


@dataclass(frozen=True)
class WorkingWeekMachine:
    """Days worked in a week: `days` less leave, and in a week cut by a contract or the horizon fewer as well.

    With L days of leave and N days outside, from ``max(0, days - L - N)`` to ``max(0, days - L)`` days are worked. What the
    past has done to a week is broken only as far as the horizon can mend it.
    """

    days: int

    def start(self) -> State:
        """At the start of a week."""
        return WeekCount()

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Count the day; judge days too many at once, and missing days on the last day of the week."""
        before, here = cast("WeekCount", state), not day.past
        after = WeekCount(
            before.worked + (letter >= 0),
            before.leave + (letter == LEAVE),
            before.outside + (letter == NONE),
            before.worked_here + (here and letter >= 0),
            before.off_here + (here and letter == OFF),
        )
        broken = after.over(self.days) - before.over(self.days)
        if not day.ends_week:
            return Step(after, broken)
        return Step(WeekCount(), broken + after.missing(self.days))


@dataclass(frozen=True)
class WeekMinutesMachine:
    """Minutes at work in a week, at most `most`; `minutes` gives those of each shift type."""

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
class OnlyShiftsMachine:
    """No shifts but those `allowed`."""

    allowed: frozenset[int]

    def start(self) -> State:
        """Nothing to remember."""
        return None

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Judge the shift."""
        return Step(None, int(letter >= 0 and letter not in self.allowed))


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
    """Rest between shifts: judges each shift with the one before by one bit of the succession codes.

    Parameters
    ----------
    shifts
        Shift types that occur; a gap that forbids nothing among them is not remembered, which keeps the automaton small.
    bit
        The kind of rest, see `roster.successions`.
    cost
        What a short rest costs; ``None`` where it breaks a hard rule.
    """

    def __init__(self, calendar: Calendar, shifts: tuple[int, ...], bit: int, cost: float | None = None) -> None:
        known = np.array(shifts, dtype=np.int64)
        among = np.ix_(np.arange(calendar.gap_limit), known, known)
        self._short = {kind: (codes & bit) != 0 for kind, codes in zip(calendar.kinds, calendar.codes, strict=True)}
        gaps = np.array([short[among].any(axis=(1, 2)) for short in self._short.values()]).any(axis=0)
        self._memory_days = int(np.flatnonzero(gaps).max(initial=-1)) + 1
        self._only_after_days_off = bit in {WEEKLY_REST, WISHED_WEEKLY_REST}
        self._cost = cost

    def start(self) -> State:
        """Nothing worked within memory."""
        return None

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Judge the rest before a shift, or grow older."""
        if letter < 0:
            if not isinstance(state, LastShift) or state.days_ago + 1 > self._memory_days:
                return Step(None)
            only_off = state.only_off and (letter == OFF or not self._only_after_days_off)
            return Step(LastShift(state.shift, state.days_ago + 1, only_off))
        following = LastShift(letter, 1, only_off=True) if self._memory_days else None
        if not isinstance(state, LastShift):
            return Step(following)
        judged = state.only_off or not self._only_after_days_off
        short = judged and bool(self._short[day][state.days_ago - 1, state.shift, letter])
        return _judged(following, int(short), self._cost)


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
        repeated = bool(current) and current == previous
        return Step((current, 0), cost=self.cost_per_repeat if repeated else 0.0)
