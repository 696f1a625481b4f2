"""Which breaks of a person may still move, laid out as chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from breaks.chains import Chains
from breaks.floor import Floor, OnShift, StandingBreak
from breaks.floor_coverage import FloorCoverage

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_WINDOW = 1 << 40
"""Later than any minute."""


@dataclass(frozen=True)
class Remaining:
    """The breaks of one person of which some may move.

    Parameters
    ----------
    index
        Place of the person in `Floor.people`.
    standing
        All breaks in the order that the chain keeps.
    movable
        Positions (in the pattern) of those that may move, one or more.
    """

    index: int
    person: OnShift
    standing: tuple[StandingBreak, ...]
    movable: frozenset[int]

    @cached_property
    def tail(self) -> tuple[StandingBreak, ...]:
        """The breaks from the first that may move."""
        first = next(place for place, one in enumerate(self.standing) if one.position in self.movable)
        return self.standing[first:]

    @property
    def ended_before(self) -> int:
        """Minute at which the last break before `tail` ended, or the start of the shift."""
        before = self.standing[: len(self.standing) - len(self.tail)]
        return before[-1].end_minute if before else self.person.start_minute


def remaining_of(floor: Floor, index: int, freeze_minutes: int) -> Remaining | None:
    """Return the remaining breaks of a person, or ``None`` when none may move."""
    person = floor.people[index]
    if person.is_absent or not person.may_move:
        return None
    standing = floor.standing[index]
    frozen_until = floor.now_minute + freeze_minutes
    movable = frozenset(one.position for one in standing if not one.is_recorded and one.start_minute >= frozen_until)
    return Remaining(index, person, standing, movable) if movable else None


def lay_out(coverage: FloorCoverage, remaining: Sequence[Remaining], earliest_minute: int, largest_move_minutes: int) -> Chains:
    """Return the chains of some people.

    Parameters
    ----------
    earliest_minute
        No break may be moved to an earlier start.
    largest_move_minutes
        How far a break may be moved.
    """
    table = _Table.of(remaining)
    grid = np.array([one.person.policy.grid_minutes for one in remaining], dtype=np.int64)
    middle = max((largest_move_minutes // int(one) for one in grid), default=0)
    offsets = np.where(table.movable[:, :, None], grid[:, None, None] * np.arange(-middle, middle + 1), 0)
    start = table.begins[:, :, None] + offsets
    may = table.movable[:, :, None] & (np.abs(offsets) <= largest_move_minutes) & (start >= earliest_minute)
    may[:, :, middle] = True
    outside = np.maximum(0, np.maximum(table.limits[:, :, 0, None] - start, start - table.limits[:, :, 1, None]))
    outside += np.maximum(0, table.limits[:, :, 2, None] - start)
    outside += np.maximum(0, start + table.length[:, :, None] - table.limits[:, :, 3, None])
    opened = _open_minutes(coverage, remaining)
    row, minutes = _touched(coverage, opened, start, table)
    people = [one.person for one in remaining]
    own = np.array([_whole(one) for one in remaining], dtype=np.int64)
    return Chains(
        index=np.array([one.index for one in remaining], dtype=np.int64),
        group=coverage.group[[one.index for one in remaining]],
        position=table.position,
        kind=table.kind,
        start=start,
        length=table.length,
        takes=table.takes,
        may=may,
        fault=outside,
        least=np.array([one.policy.work_stretch_minutes[0] for one in people], dtype=np.int64),
        most=np.array([one.policy.work_stretch_minutes[1] for one in people], dtype=np.int64),
        shift_end=np.array([one.end_minute for one in people], dtype=np.int64),
        productive=np.array([one.policy.productive_minutes for one in people], dtype=np.int64).reshape(-1, 2),
        whole=own - np.where(table.takes, table.length, 0).sum(axis=1),
        row=row,
        minutes=minutes,
    )


@dataclass(frozen=True)
class _Table:
    """The places of the chains as they stand, each array of shape (people, places).

    Parameters
    ----------
    limits
        Earliest and latest start by the window, earliest start and latest end by the edges, shape (people, places, 4).
    """

    position: Ints
    kind: Ints
    begins: Ints
    length: Ints
    movable: Bools
    takes: Bools
    limits: Ints

    @classmethod
    def of(cls, remaining: Sequence[Remaining]) -> _Table:
        """Read the remaining breaks of people."""
        places = 1 + max((len(one.tail) for one in remaining), default=0)
        table = np.array([row for one in remaining for row in _rows(one, places)], dtype=np.int64).reshape(-1, places, 10)
        position, kind, begins, length, movable, takes = (table[:, :, number] for number in range(6))
        return cls(position, kind, begins, length, movable > 0, takes > 0, table[:, :, 6:])


def _rows(one: Remaining, places: int) -> list[tuple[int, ...]]:
    """Return the row of each place: all fields of the table, the limits last."""
    shift, policy = one.person.start_minute, one.person.policy
    free = (-NO_WINDOW, NO_WINDOW, -NO_WINDOW, NO_WINDOW)
    edges = (shift + policy.not_before_minutes, one.person.end_minute - policy.not_after_minutes)
    rows: list[tuple[int, ...]] = [(-1, -1, one.ended_before, 0, 0, 0, *free)] * (places - len(one.tail))
    for each in one.tail:
        kind, movable = policy.breaks[each.kind], each.position in one.movable
        window = free[:2] if kind.window_minutes is None else tuple(shift + minute for minute in kind.window_minutes)
        limits = (*window, *edges) if movable else free
        takes = movable and not kind.productive
        length = each.end_minute - each.start_minute
        rows.append((each.position, each.kind, each.start_minute, length, int(movable), int(takes), *limits))
    return rows


def _fixed(one: Remaining) -> list[StandingBreak]:
    """Return the breaks that may not move."""
    return [each for each in one.standing if each.position not in one.movable]


def _whole(one: Remaining) -> int:
    """Return the minutes of the shift that are neither lost nor taken by breaks that may not move."""
    first, end = one.person.start_minute, one.person.end_minute
    kinds = one.person.policy.breaks
    away = [(each.start_minute, each.end_minute) for each in _fixed(one) if not kinds[each.kind].productive]
    missing, reached = 0, first
    for start, stop in sorted([*away, *one.person.lost]):
        missing += max(0, min(stop, end) - max(start, reached))
        reached = max(reached, min(stop, end))
    return end - first - missing


def _open_minutes(coverage: FloorCoverage, remaining: Sequence[Remaining]) -> Ints:
    """Return how many minutes a break could take from each person before each minute of the coverage, (people, minutes + 1)."""
    opened = np.zeros((len(remaining), coverage.rows * coverage.interval_minutes + 1), dtype=bool)
    for who, one in enumerate(remaining):
        coverage.mark_open(opened[who, 1:], one.person, _fixed(one))
    return opened.cumsum(axis=1, dtype=np.int64)


def _touched(coverage: FloorCoverage, opened: Ints, start: Ints, table: _Table) -> tuple[Ints, Ints]:
    """Return the first row that each choice touches, and the minutes it takes from that row and those after it."""
    width, base = coverage.interval_minutes, coverage.first_minute
    longest = int(np.where(table.takes, table.length, 0).max(initial=1))
    begin, end = start - base, start - base + np.where(table.takes, table.length, 0)[:, :, None]
    row = np.clip(begin // width, 0, coverage.rows - 1)
    bounds = (row[:, :, :, None] + np.arange((longest + width - 2) // width + 2)) * width
    bounds = np.clip(bounds, begin[:, :, :, None], end[:, :, :, None])
    who = np.arange(len(start))[:, None, None, None]
    return row, np.diff(opened[who, np.clip(bounds, 0, opened.shape[1] - 1)], axis=3)
