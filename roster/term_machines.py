"""The model faces of the rules of personal terms: small automata that count over the horizon, as `roster.machines` do over runs.

The same rules are compiled to arrays for long horizons in `roster.personal.states` and `roster.personal.kernel`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

from roster.automaton import DayKind, State, Step
from scheduling.plan import LEAVE, NONE, OFF


class Worked(NamedTuple):
    """Minutes worked in the horizon so far, and its days on which work was possible."""

    minutes: int = 0
    open_days: int = 0


@dataclass(frozen=True)
class TermMinutesMachine:
    """Working minutes of the horizon between `least`, in proportion to the days on which work is possible, and `most`.

    Parameters
    ----------
    minutes
        Working minutes of each shift type.
    days
        Days of the horizon.
    """

    minutes: tuple[int, ...]
    least: int
    most: int
    days: int

    def start(self) -> State:
        """Nothing worked."""
        return Worked()

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Add the shift; a shift too many counts at once, shifts that are missing on the last day."""
        before = cast("Worked", state)
        if day.past:
            return Step(before)
        total = before.minutes + (self.minutes[letter] if letter >= 0 else 0)
        after = Worked(min(total, self.most), before.open_days + (letter not in {LEAVE, NONE}))
        missing = day.last and total < least_minutes_due(self.least, after.open_days, self.days)
        return Step(Worked() if day.last else after, int(total > self.most) + int(missing))


def least_minutes_due(least: int, open_days: int, days: int) -> int:
    """Return the least minutes of who can work on some days of the horizon only, rounded down."""
    return least * open_days // days


@dataclass(frozen=True)
class ShiftCountMachine:
    """Shifts of each type in the horizon, at most as many as `most` says of those it names."""

    most: tuple[tuple[int, int], ...]

    def start(self) -> State:
        """None yet."""
        return (0,) * len(self.most)

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Count the shift."""
        counts = cast("tuple[int, ...]", state)
        if day.past:
            return Step(counts)
        after = tuple(count + (letter == shift) for count, (shift, _) in zip(counts, self.most, strict=True))
        over = sum(count > most for count, (_, most) in zip(after, self.most, strict=True))
        capped = tuple(min(count, most) for count, (_, most) in zip(after, self.most, strict=True))
        return Step(self.start() if day.last else capped, over)


@dataclass(frozen=True)
class WeekendMachine:
    """Weekends of the horizon with work on Saturday or Sunday, at most `most`; `saturday` is its place in the week."""

    most: int
    saturday: int

    def start(self) -> State:
        """No weekend, and yesterday was no worked Saturday of the horizon."""
        return (0, False)

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Count the first worked day of a weekend."""
        count, counted = cast("tuple[int, bool]", state)
        works = letter >= 0 and not day.past
        is_saturday = day.week_position == self.saturday
        is_sunday = day.week_position == (self.saturday + 1) % 7
        new = works and (is_saturday or (is_sunday and not counted))
        if day.last:
            return Step(self.start(), int(new and count == self.most))
        return Step((min(count + new, self.most), works and is_saturday), int(new and count == self.most))


@dataclass(frozen=True)
class DaysTogetherMachine:
    """Every run of working days between two days off has at least `least` days."""

    least: int

    def start(self) -> State:
        """Before everything: a run of working days would touch the unknown."""
        return self.least

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Follow the working days so far of a run: 0 on a day off, `least` when nothing is owed."""
        days = cast("int", state)
        if letter == OFF:
            return Step(0, int(0 < days < self.least))
        if letter in {LEAVE, NONE}:
            return Step(self.least)
        return Step(min(days + 1, self.least))


@dataclass(frozen=True)
class OwnSuccessionMachine:
    """No shift on the day after one that it may not follow; `forbidden` holds pairs of shift indices."""

    forbidden: frozenset[tuple[int, int]]

    def start(self) -> State:
        """No shift yesterday."""
        return None

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Remember the shift where something may not follow it."""
        remembered = letter if any(letter == before for before, _ in self.forbidden) else None
        return Step(remembered, int((state, letter) in self.forbidden))
