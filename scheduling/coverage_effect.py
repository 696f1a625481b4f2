"""What a change of single days does to coverage: the heads that are short before and after, by day and skill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, Split, productive_units, working_slots
from scheduling.plan import BreakPattern, BreakPlan, RosterPlan
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_HOURS = 0.005
"""A difference below this is rounding."""
MOST_REMEMBERED: Final = 20_000
"""So many intervals are remembered for each division into groups: some seven megabytes with a dozen groups."""


@dataclass(frozen=True)
class WorkedDay:
    """A shift with its breaks that comes or goes."""

    row: int
    day: int
    shift: int
    pattern: BreakPattern


@dataclass(frozen=True)
class SkillEffect:
    """What happens to one skill on one local date.

    Parameters
    ----------
    short_before, short_after
        Head-hours below the requirement.
    worst_at, worst_heads
        The interval with the most heads short afterwards, and how many.
    """

    day: date
    skill: str
    short_before: float
    short_after: float
    worst_at: datetime
    worst_heads: float

    @property
    def is_worse(self) -> bool:
        """Whether more is short afterwards."""
        return self.short_after > self.short_before + LEAST_HOURS


@dataclass(frozen=True)
class CoverageBase:
    """The coverage of a plan, from which effects of changes are worked out without working through all of it again."""

    scenario: Scenario
    plan: RosterPlan
    breaks: BreakPlan
    groups: SkillGroups

    def _supply(self, touched: Ints) -> Ints:
        """Return the units of each group in some intervals, shape (groups, intervals), counting only shifts there."""
        horizon, types = self.scenario.horizon, self.scenario.shift_types
        spans = np.array([shift.span_minutes for shift in types], dtype=np.int64)
        starts = self.scenario.shift_start_minutes[: horizon.day_count]
        before = np.searchsorted(touched, np.clip(starts // horizon.interval_minutes, 0, None))
        after = np.searchsorted(touched, -(-(starts + spans) // horizon.interval_minutes))
        counts = np.append(after > before, np.zeros((horizon.day_count, 1), dtype=bool), axis=1)
        values = np.maximum(self.plan.values, -1)
        assigned = np.where(counts[np.arange(horizon.day_count), values], self.breaks.assigned, -1)
        breaks = replace(self.breaks, assigned=assigned)
        return productive_units(self.scenario, self.groups, self.plan, breaks)[:, touched]

    def worked(self, row: int, day: int) -> WorkedDay | None:
        """Return the shift of a cell, ``None`` where there is none or its breaks are not known."""
        pattern = int(self.breaks.assigned[row, day])
        return WorkedDay(row, day, int(self.plan.values[row, day]), self.breaks.patterns[pattern]) if pattern >= 0 else None

    def effect(self, gone: Iterable[WorkedDay | None], come: Iterable[WorkedDay | None] = ()) -> tuple[SkillEffect, ...]:
        """Return what it does when shifts go and others come: one line a day and skill that is short before or after."""
        return self.effects([(gone, come)])[0]

    def effects(
        self, changes: Iterable[tuple[Iterable[WorkedDay | None], Iterable[WorkedDay | None]]]
    ) -> tuple[tuple[SkillEffect, ...], ...]:  # fmt: skip
        """Return what each of many changes does, taken alone: shifts that go, and shifts that come.

        All are worked out at once, since splitting heads over skills costs the same for one interval as for hundreds.
        """
        deltas = [self._delta(gone, come) for gone, come in changes]
        touched = [np.flatnonzero(delta.any(axis=0)) for delta in deltas]
        every = np.unique(np.concatenate([*touched, np.zeros(0, dtype=np.int64)])).astype(np.int64)
        if not len(every):
            return tuple(() for _ in deltas)
        supply = self._supply(every)
        places = [np.searchsorted(every, where) for where in touched]
        changed = [supply[:, at] + delta[:, where] for at, where, delta in zip(places, touched, deltas, strict=True)]
        short = self._short(np.concatenate([every, *touched]), np.concatenate([supply, *changed], axis=1))
        before, *after = np.split(short, np.cumsum([len(every), *map(len, touched)])[:-1])
        return tuple(tuple(self._lines(where, before[at], part)) for at, where, part in zip(places, touched, after, strict=True))

    def _delta(self, gone: Iterable[WorkedDay | None], come: Iterable[WorkedDay | None]) -> Ints:
        """Return the units that a change adds to each group in each interval."""
        delta = np.zeros((self.groups.count, self.scenario.horizon.interval_count), dtype=np.int64)
        for sign, shifts in ((-1, gone), (1, come)):
            for one in shifts:
                if one is not None:
                    self._add(delta, one, sign)
        return delta

    def _add(self, delta: Ints, one: WorkedDay, sign: int) -> None:
        policy, shift = self.scenario.break_policy, self.scenario.shift_types[one.shift]
        grid, interval = policy.grid_minutes, self.scenario.horizon.interval_minutes
        first = int(self.scenario.shift_start_minutes[one.day, one.shift])
        slots = np.flatnonzero(working_slots(policy, shift.span_minutes, one.pattern))
        where = (first + slots * grid) // interval
        inside = where[(where >= 0) & (where < delta.shape[1])]
        delta[self.groups.of_associate[one.row]] += sign * np.bincount(inside, minlength=delta.shape[1])

    def _short(self, touched: Ints, supply: Ints) -> Floats:
        """Return the heads short in some intervals with the supply that each has, shape (intervals, skills)."""
        per_interval = self.scenario.horizon.interval_minutes // self.scenario.break_policy.grid_minutes
        required, units = self.scenario.requirement.heads[touched], np.maximum(0, supply)
        return _short_heads(self.groups.allowed, required, per_interval, units)

    def _lines(self, touched: Ints, before: Floats, after: Floats) -> Iterable[SkillEffect]:
        horizon, skills = self.scenario.horizon, self.scenario.requirement.skills
        day_of = np.searchsorted(horizon.day_starts, touched * horizon.interval_minutes, side="right") - 1
        days, first = np.unique(day_of, return_index=True)
        if not len(days):
            return
        hours = horizon.interval_minutes / 60
        was, will = (np.add.reduceat(short, first) * hours for short in (before, after))
        for index, column in zip(*np.nonzero(np.maximum(was, will) >= LEAST_HOURS), strict=True):
            worst = first[index] + int(after[day_of == days[index], column].argmax())
            yield SkillEffect(
                horizon.dates[days[index]],
                skills[column],
                float(was[index, column]),
                float(will[index, column]),
                horizon.instant_of(int(touched[worst]) * horizon.interval_minutes),
                float(after[worst, column]),
            )


def _short_heads(allowed: NDArray[np.bool_], required: Floats, units_per_head: int, supply: Ints) -> Floats:
    """Return the heads short in intervals when each group's units are split at least cost, shape (intervals, skills).

    How an interval is split follows from its requirement and its supply alone. Several requests often leave one alike, and
    between two views of a page nearly all stay as they are, so that each case is split once and remembered.
    """
    known = _remembered(allowed.tobytes(), allowed.shape[1], units_per_head)
    keys = [row.tobytes() for row in np.concatenate([required.view(np.int64), supply.T], axis=1)]
    place = {key: index for index, key in enumerate(keys)}
    found = {key: kept for key in place if (kept := known.get(key))}
    missing = {key: index for key, index in place.items() if key not in found}
    if missing:
        fresh = list(missing.values())
        split = Split(allowed, required[fresh], units_per_head, CoverageCost(), supply[:, fresh])
        short = np.maximum(0.0, required[fresh] - split.heads)
        learned = {key: row.tobytes() for key, row in zip(missing, short, strict=True)}
        if len(known) + len(learned) > MOST_REMEMBERED:
            known.clear()
        known.update(learned)
        found.update(learned)
    return np.frombuffer(b"".join(found[key] for key in keys)).reshape(required.shape)


@lru_cache(maxsize=4)
def _remembered(allowed: bytes, skills: int, units_per_head: int) -> dict[bytes, bytes]:
    """Return what is known of intervals under one division into groups: requirement and supply, and the heads short."""
    return {}
