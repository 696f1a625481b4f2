"""Rest between two worked shifts: which successions a day forbids or makes unwished.

Rest is elapsed time, so on the two nights on which clocks change other successions are forbidden than on ordinary nights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from roster.automaton import DayKind
from scheduling.rules import Timing
from scheduling.scenario import Scenario
from scheduling.shifts import MINUTES_PER_DAY

TOO_SHORT, TIMING_CHANGE, WEEKLY_REST, WISHED_WEEKLY_REST = 1, 2, 4, 8
"""Bits of a succession code: the daily rest, the rest at a change of timing, the weekly rest, and the wished weekly rest."""


@dataclass(frozen=True)
class Calendar:
    """The days from the first day of the week in which known history begins to the end of the last week, by kind.

    Parameters
    ----------
    lead_days
        Days before the horizon; the first of all days starts a week.
    trail_days
        Days after the horizon until the week ends.
    kinds
        The different kinds of days.
    kind_of
        Index into `kinds` of each day, shape (lead + days + trail,).
    gap_limit
        Days from one worked day to the next beyond which no succession is forbidden.
    """

    lead_days: int
    trail_days: int
    kinds: tuple[DayKind, ...]
    kind_of: tuple[int, ...]
    gap_limit: int
    shift_count: int

    @cached_property
    def codes(self) -> tuple[NDArray[np.uint8], ...]:
        """Succession codes of each kind, shape (gaps, shifts, shifts); row 0 is a gap of one day."""
        shape = (self.gap_limit, self.shift_count, self.shift_count)
        return tuple(np.frombuffer(kind.succession, dtype=np.uint8).reshape(shape) for kind in self.kinds)


def calendar_of(scenario: Scenario) -> Calendar:
    """Sort the days of a scenario, with its history, into kinds."""
    horizon, rules = scenario.horizon, scenario.rules
    oldest = min((horizon.day_index(past.date) for past in scenario.history), default=0)
    lead = scenario.week_offset + 7 * max(0, -((oldest + scenario.week_offset) // 7))
    trail = -(lead + horizon.day_count) % 7
    longest = max(
        rules.rest_minutes, rules.timing_change_rest_minutes, rules.weekly_rest_minutes, rules.wished_weekly_rest_minutes
    )
    gaps = 2 + -(-longest // MINUTES_PER_DAY)
    starts = np.array(
        [
            [horizon.minute_at(day, shift.start) for shift in scenario.shift_types]
            for day in range(-lead - gaps, horizon.day_count + trail)
        ]
    )
    spans = np.array([shift.span_minutes for shift in scenario.shift_types])
    kinds: dict[DayKind, int] = {}
    kind_of = []
    for day in range(lead + horizon.day_count + trail):
        row = day + gaps
        rest = np.stack([starts[row][None, :] - (starts[row - gap] + spans)[:, None] for gap in range(1, gaps + 1)])
        kind = DayKind(day % 7, _codes(scenario, rest).tobytes(), past=day < lead, last=day == lead + horizon.day_count - 1)
        kind_of.append(kinds.setdefault(kind, len(kinds)))
    return Calendar(lead, trail, tuple(kinds), tuple(kind_of), gaps, len(scenario.shift_types))


def weekly_rest_limits(scenario: Scenario) -> tuple[int, int]:
    """Return the least and the wished continuous rest of a weekly off in minutes.

    A site that asks for fewer days off in a row than the hours need is held to its days: a single day off can't rest 48 h.
    """
    rules = scenario.rules
    days = rules.days_off_consecutive
    wished_per_day = MINUTES_PER_DAY + MINUTES_PER_DAY // 4
    return (
        min(rules.weekly_rest_minutes, days * MINUTES_PER_DAY),
        min(rules.wished_weekly_rest_minutes, days * wished_per_day),
    )


def _codes(scenario: Scenario, rest: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the code of each succession from its rest minutes, both of shape (gaps, shifts, shifts)."""
    rules = scenario.rules
    codes = np.zeros(rest.shape, dtype=np.uint8)
    codes[rest < rules.rest_minutes] |= TOO_SHORT
    if rules.timing is not Timing.FREE:
        changed = ~np.eye(rest.shape[1], dtype=bool)[None]
        codes[changed & (rest < rules.timing_change_rest_minutes)] |= TIMING_CHANGE
    least, wished = weekly_rest_limits(scenario)
    whole_off = np.arange(1, len(rest) + 1)[:, None, None] > rules.days_off_consecutive
    codes[whole_off & (rest < least)] |= WEEKLY_REST
    codes[whole_off & (rest >= least) & (rest < wished)] |= WISHED_WEEKLY_REST
    return codes
