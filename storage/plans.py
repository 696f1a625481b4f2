"""The plan of a roster in bulk: assignments and coverage, written and read as arrays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from scheduling.plan import NONE, NOWHERE, BreakPattern, BreakPlan, Coverage, RosterPlan
from scheduling.shifts import BreakPolicy, ShiftType
from scheduling.times import Horizon
from storage.bulk import copy_lines, copy_rows, positions_of, read_array
from storage.cells import packed, unpacked
from storage.codecs import KIND_OF_VALUE, PLACE_OF_VALUE
from storage.errors import StorageError
from storage.metadata import DayKind
from storage.patterns import SpanPattern, load_patterns, save_patterns

Ints = NDArray[np.int64]
ASSIGNMENT_COLUMNS = (
    "roster_id", "associate_id", "day", "kind", "shift_type_id", "span_minutes", "break_pattern_id", "place",
)  # fmt: skip
CELL_COLUMNS = [("associate", "i8"), ("cell", "i8"), ("pattern", "i8")]
NULL = "\\N"


@dataclass(frozen=True)
class Axes:
    """The ids behind the indices of the arrays of a roster.

    Parameters
    ----------
    associates, shift_types, skills
        Database ids in the order of the rows of the plan, of the shift types and of the columns of the coverage.
    """

    associates: Sequence[int]
    shift_types: Sequence[int]
    skills: Sequence[int]


@dataclass(frozen=True)
class PlanWriter:
    """Writes the plan of one roster, whose head and associates are there already."""

    roster_id: int
    axes: Axes
    horizon: Horizon
    shift_types: Sequence[ShiftType]
    policy_id: int
    policy: BreakPolicy

    def save(self, connection: Connection, plan: RosterPlan, breaks: BreakPlan, carried_shifts: dict[int, int]) -> None:
        """Write assignments, and the breaks of shifts that run into the horizon.

        Parameters
        ----------
        carried_shifts
            Shift type, by associate index, of each shift that began the day before the horizon and runs into it.
        """
        spans = np.array([shift.span_minutes for shift in self.shift_types], dtype=np.int64)
        cells = self._cells(plan, breaks)
        unique, which = np.unique(cells.reshape(-1, cells.shape[-1]), axis=0, return_inverse=True)
        carried = [
            (associate, int(spans[shift]), int(breaks.carried[associate]))
            for associate, shift in carried_shifts.items()
            if breaks.carried[associate] >= 0
        ]
        ids = save_patterns(
            connection,
            self.policy_id,
            self.policy,
            [*self._wanted(breaks, unique, spans), *((span, breaks.patterns[index]) for _, span, index in carried)],
        )
        tails = [self._tail(row, spans, breaks.patterns, ids) for row in unique.tolist()]
        self._copy_assignments(connection, tails, which.reshape(cells.shape[:2]))
        copy_rows(
            connection,
            "carried_break",
            ("roster_id", "associate_id", "break_pattern_id"),
            (
                (self.roster_id, self.axes.associates[associate], ids[span, breaks.patterns[index]])
                for associate, span, index in carried
            ),
        )

    @staticmethod
    def _cells(plan: RosterPlan, breaks: BreakPlan) -> Ints:
        """Return value, break pattern and place of each day, shape (associates, days, 3)."""
        values = plan.values.astype(np.int64)
        if ((values < 0) & ((breaks.assigned >= 0) | (plan.places != NOWHERE))).any():
            raise StorageError("A day without a shift has a break pattern or a place; the plan is inconsistent.")
        return np.stack([values, breaks.assigned.astype(np.int64), plan.places.astype(np.int64)], axis=-1)

    @staticmethod
    def _wanted(breaks: BreakPlan, unique: Ints, spans: Ints) -> list[SpanPattern]:
        return [(int(spans[value]), breaks.patterns[pattern]) for value, pattern, _ in unique.tolist() if pattern >= 0]

    def _tail(self, cell: Sequence[int], spans: Ints, patterns: tuple[BreakPattern, ...], ids: dict[SpanPattern, int]) -> str:
        """Return the part of an assignment's line that does not depend on who and when."""
        value, pattern, place = cell
        if value < 0:
            return f"{KIND_OF_VALUE[value].value}\t{NULL}\t{NULL}\t{NULL}\t{NULL}"
        span = int(spans[value])
        pattern_id = ids[span, patterns[pattern]] if pattern >= 0 else NULL
        place_word = PLACE_OF_VALUE[place].value if place in PLACE_OF_VALUE else NULL
        return f"{DayKind.SHIFT.value}\t{self.axes.shift_types[value]}\t{span}\t{pattern_id}\t{place_word}"

    def _copy_assignments(self, connection: Connection, tails: Sequence[str], which: Ints) -> None:
        days = [day.isoformat() for day in self.horizon.dates]
        lines = [
            f"{self.roster_id}\t{associate}\t{day}\t{tails[tail]}"
            for associate, row in zip(self.axes.associates, which.tolist(), strict=True)
            for day, tail in zip(days, row, strict=True)
        ]
        copy_lines(connection, "assignment", ASSIGNMENT_COLUMNS, lines)


def load_plan(
    connection: Connection,
    roster_id: int,
    axes: Axes,
    horizon: Horizon,
    break_days: Collection[int] | None = None,
    break_rows: Collection[int] = (),
    only_day: int | None = None,
) -> tuple[RosterPlan, BreakPlan]:
    """Return the plan of a roster with its breaks, in the order of the axes.

    Parameters
    ----------
    break_days
        Indices of the days whose breaks are wanted, all of them without it; where they are empty, and `break_rows` are, there are
        none at all. Nearly every shift may have a pattern of its own, so breaks are by far the largest part of a plan.
    break_rows
        Indices of associates whose breaks are wanted on every day.
    only_day
        Index of the one day that is wanted; every other one is NONE.
    """
    shape = (len(axes.associates), horizon.day_count)
    days = horizon.dates if only_day is None else [horizon.dates[only_day]]
    with_breaks = break_days is None or bool(break_days) or bool(break_rows)
    query = sql.SQL(
        "SELECT associate_id, {cell}{pattern} FROM assignment WHERE roster_id = {roster} AND day BETWEEN {first} AND {last}"
    ).format(
        cell=packed("assignment", horizon.first_day), pattern=sql.SQL(", coalesce(break_pattern_id, -1)" if with_breaks else ""),
        roster=sql.Literal(roster_id), first=sql.Literal(days[0]), last=sql.Literal(days[-1]),
    )  # fmt: skip
    rows = read_array(connection, query, CELL_COLUMNS if with_breaks else CELL_COLUMNS[:-1])
    cells = unpacked(rows["cell"])
    where = (positions_of(np.array(axes.associates, dtype=np.int64), rows["associate"].astype(np.int64)), cells.day)
    values = np.full(shape, NONE, dtype=np.int16)
    shifts = cells.value > 0
    cells.value[shifts] = positions_of(np.array(axes.shift_types, dtype=np.int64), cells.value[shifts])
    values[where] = cells.value
    places = np.full(shape, NOWHERE, dtype=np.int8)
    places[where] = cells.place
    if not with_breaks:
        return RosterPlan(values, places), no_breaks(shape)
    pattern = rows["pattern"].astype(np.int64)
    if break_days is not None:
        pattern[~np.isin(cells.day, list(break_days)) & ~np.isin(where[0], list(break_rows))] = -1
    return RosterPlan(values, places), _load_breaks(connection, roster_id, axes, pattern, where, shape)


def no_breaks(shape: tuple[int, int]) -> BreakPlan:
    """Return a plan of breaks without any, for so many associates and days."""
    return BreakPlan((), np.full(shape, -1, dtype=np.int32), np.full(shape[0], -1, dtype=np.int32))


def _load_breaks(
    connection: Connection,
    roster_id: int,
    axes: Axes,
    pattern: Ints,
    where: tuple[Ints, Ints],
    shape: tuple[int, int],
) -> BreakPlan:
    query = sql.SQL("SELECT associate_id, break_pattern_id FROM carried_break WHERE roster_id = {}").format(
        sql.Literal(roster_id)
    )
    carried_rows = read_array(connection, query, [("associate", "i8"), ("pattern", "i8")])
    carried_pattern = carried_rows["pattern"].astype(np.int64)
    ids = np.unique(np.concatenate([pattern[pattern >= 0], carried_pattern]))
    assigned = np.full(shape, -1, dtype=np.int32)
    assigned[where] = np.where(pattern >= 0, np.searchsorted(ids, pattern), -1)
    carried = np.full(shape[0], -1, dtype=np.int32)
    who = positions_of(np.array(axes.associates, dtype=np.int64), carried_rows["associate"].astype(np.int64))
    carried[who] = np.searchsorted(ids, carried_pattern)
    return BreakPlan(load_patterns(connection, ids), assigned, carried)


def save_coverage(connection: Connection, roster_id: int, axes: Axes, horizon: Horizon, coverage: Coverage) -> None:
    """Write required and scheduled heads of a roster."""
    starts = [instant.isoformat() for instant in horizon.interval_starts]
    lines = [
        f"{roster_id}\t{skill}\t{start}\t{required!r}\t{scheduled!r}"
        for column, skill in enumerate(axes.skills)
        for start, required, scheduled in zip(
            starts, coverage.required[:, column].tolist(), coverage.scheduled[:, column].tolist(), strict=True
        )
    ]
    copy_lines(connection, "coverage", ("roster_id", "skill_id", "starts_at", "required", "scheduled"), lines)


def load_coverage(connection: Connection, roster_id: int, axes: Axes, horizon: Horizon) -> Coverage:
    """Return required and scheduled heads of a roster."""
    query = sql.SQL(
        "SELECT skill_id, (date_part('epoch', starts_at) / 60)::bigint, required, scheduled FROM coverage WHERE roster_id = {}"
    ).format(sql.Literal(roster_id))
    rows = read_array(connection, query, [("skill", "i8"), ("minute", "i8"), ("required", "f8"), ("scheduled", "f8")])
    interval = (rows["minute"].astype(np.int64) - round(horizon.start.timestamp() / 60)) // horizon.interval_minutes
    column = positions_of(np.array(axes.skills, dtype=np.int64), rows["skill"].astype(np.int64))
    arrays = {}
    for name in ("required", "scheduled"):
        arrays[name] = np.zeros((horizon.interval_count, len(axes.skills)))
        arrays[name][interval, column] = rows[name]
    return Coverage(**arrays)
