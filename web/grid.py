"""The roster grid as the page shows it: one row an associate, one cell a day, heads a day at the foot.

Cells repeat, so each distinct cell is built once and rows point to it: the page of 240 associates and 28 days is put together
in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from scheduling.people import Associate, Lock
from scheduling.plan import DAY_WORDS, LEAVE, NONE, OFF
from scheduling.shifts import ShiftType
from services.reading import RosterGrid
from web.tones import Tone, tone_of

Values = NDArray[np.int16]

TABLE_LIMIT = 300
"""Up to so many rows the grid is a real table; above, a virtual list."""

SATURDAY = 5
CELL_TEXT = {OFF: "·", LEAVE: "L", NONE: ""}
CONTRACT_FIRST, CONTRACT_LAST = 1, 2
"""Bits of `edges_of`: the cell is the first or the last day of a contract."""
LEAVE_FIRST, LEAVE_LAST = 4, 8
LOCKED = 16
"""Bit of `edges_of`: the day was decided by hand."""
EDGE_SETS = 32


@dataclass(frozen=True)
class Column:
    """One day of the grid."""

    date: date
    classes: str
    is_today: bool


@dataclass(frozen=True)
class Month:
    """A run of columns of one month, for the upper heading."""

    first: date
    columns: int


@dataclass(frozen=True)
class Cell:
    """One day of one associate: style classes, text, and the words that a screen reader says in place of the text.

    `is_target` marks the one cell of the page that a link points to.
    """

    classes: str
    text: str
    words: str
    is_target: bool = False

    @cached_property
    def markup(self) -> Markup:
        """The cell as HTML; made here, once for all equal cells, because a template would make it thousands of times."""
        anchor = Markup(' id="cell"') if self.is_target else ""
        label = Markup(' aria-label="{}"').format(self.words) if self.words else ""
        classes = f"{self.classes} target" if self.is_target else self.classes
        return Markup('<td{} class="{}"{}>{}</td>').format(anchor, classes, label, self.text)


@dataclass(frozen=True)
class Row:
    """One associate with the cells of every day."""

    associate: Associate
    cells: tuple[Cell, ...]

    @property
    def markup(self) -> Markup:
        """The cells as HTML."""
        return Markup("").join(cell.markup for cell in self.cells)


@dataclass(frozen=True)
class Total:
    """Heads on shift of one tone, or of all (`tone` is None), on each day."""

    tone: Tone | None
    heads: tuple[int, ...]


@dataclass(frozen=True)
class LegendEntry:
    """A shift type with its colour and its times."""

    shift: ShiftType
    tone: Tone
    ends: str


@dataclass(frozen=True)
class Grid:
    """Everything that the grid page draws."""

    columns: tuple[Column, ...]
    months: tuple[Month, ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    legend: tuple[LegendEntry, ...]
    all_rows: int
    is_virtual: bool


def columns_of(dates: Sequence[date], today: date) -> tuple[Column, ...]:
    """Return the days with the style classes of weekends, week starts and today."""
    columns = []
    for index, day in enumerate(dates):
        names = ["we"] if day.weekday() >= SATURDAY else []
        names += ["ws"] if day.weekday() == 0 and index else []
        names += ["today"] if day == today else []
        columns.append(Column(day, " ".join(names), day == today))
    return tuple(columns)


def months_of(dates: Sequence[date]) -> tuple[Month, ...]:
    """Return the months of the dates with the number of columns that each spans."""
    runs = (list(run) for _, run in groupby(dates, key=lambda day: (day.year, day.month)))
    return tuple(Month(run[0], len(run)) for run in runs)


def chosen_rows(associates: Sequence[Associate], query: str, team: str) -> NDArray[np.int64]:
    """Return the indices of associates whose code or name contains `query`, of one team or, with an empty team, of all."""
    sought = query.strip().casefold()
    return np.array(
        [
            index
            for index, associate in enumerate(associates)
            if (not team or associate.team == team)
            and (not sought or sought in associate.name.casefold() or sought in associate.code.casefold())
        ],
        dtype=np.int64,
    )


def edges_of(
    associates: Sequence[Associate], values: Values, dates: Sequence[date], locks: Sequence[Lock] = ()
) -> NDArray[np.uint8]:
    """Return for each cell which edges it has and whether it is locked, as the bits above; shape of `values`."""
    edges = np.zeros(values.shape, dtype=np.uint8)
    column = {day: index for index, day in enumerate(dates)}
    row_of = {associate.code: row for row, associate in enumerate(associates)}
    for lock in locks:
        if lock.associate in row_of and lock.date in column:
            edges[row_of[lock.associate], column[lock.date]] |= LOCKED
    for row, associate in enumerate(associates):
        first, last = column.get(associate.contract_start), column.get(associate.contract_end)
        if first is not None:
            edges[row, first] |= CONTRACT_FIRST
        if last is not None:
            edges[row, last] |= CONTRACT_LAST
    leave = np.pad(values == LEAVE, ((0, 0), (1, 1)))
    edges[leave[:, 1:-1] & ~leave[:, :-2]] |= LEAVE_FIRST
    edges[leave[:, 1:-1] & ~leave[:, 2:]] |= LEAVE_LAST
    return edges


class CellMaker:
    """Builds each distinct cell once."""

    def __init__(self, shift_types: Sequence[ShiftType]) -> None:
        self._shifts = [(shift.code, f"w {tone_of(shift)}") for shift in shift_types]
        self._made: dict[tuple[int, int, str], Cell] = {}

    def cell(self, value: int, edges: int, column_classes: str) -> Cell:
        """Return the cell of a day value with the given edges in a column with the given classes."""
        key = (value, edges, column_classes)
        if key not in self._made:
            self._made[key] = self._make(value, edges, column_classes)
        return self._made[key]

    def _make(self, value: int, edges: int, column_classes: str) -> Cell:
        text, kind = self._shifts[value] if value >= 0 else (CELL_TEXT[value], DAY_WORDS[value])
        said = "no contract" if value == NONE else DAY_WORDS.get(value, text)
        signs = (
            (CONTRACT_FIRST, "cs", "contract starts"),
            (CONTRACT_LAST, "ce", "contract ends"),
            (LEAVE_FIRST, "ls", ""),
            (LEAVE_LAST, "le", ""),
            (LOCKED, "lk", "locked"),
        )
        found = [(name, say) for bit, name, say in signs if edges & bit]
        classes = " ".join(part for part in (kind, column_classes, *(name for name, _ in found)) if part)
        spoken = ", ".join([said, *(say for _, say in found if say)])
        return Cell(classes, text, spoken if spoken != text else "")


def totals_of(values: Values, shift_types: Sequence[ShiftType]) -> tuple[Total, ...]:
    """Return heads on shift a day: all of them, then of each tone that the shift types have."""
    tones = [tone_of(shift) for shift in shift_types]
    totals = [Total(None, tuple((values >= 0).sum(axis=0).tolist()))]
    for tone in Tone:
        indices = [index for index, of_shift in enumerate(tones) if of_shift is tone]
        if indices:
            totals.append(Total(tone, tuple(np.isin(values, indices).sum(axis=0).tolist())))
    return tuple(totals)


def legend_of(shift_types: Sequence[ShiftType]) -> tuple[LegendEntry, ...]:
    """Return the shift types by time of day, with the wall time at which an ordinary day's shift ends."""
    order = list(Tone)
    entries = []
    for shift in shift_types:
        end = (shift.start_minute + shift.span_minutes) % 1440
        entries.append(LegendEntry(shift, tone_of(shift), f"{end // 60:02d}:{end % 60:02d}"))
    return tuple(sorted(entries, key=lambda entry: (order.index(entry.tone), entry.shift.start_minute)))


def build_grid(
    roster: RosterGrid,
    *,
    today: date,
    query: str = "",
    team: str = "",
    target: tuple[str, date] | None = None,
    table_limit: int = TABLE_LIMIT,
) -> Grid:
    """Return the grid of a roster, of the associates that the search and the team filter leave.

    Parameters
    ----------
    today
        Local date of the site.
    target
        Associate and date of a cell to point at; the cell of a link from a violation.
    table_limit
        With more rows than this, `rows` is empty and the page fills itself from `grid_data`.
    """
    columns = columns_of(roster.horizon.dates, today)
    chosen = chosen_rows(roster.associates, query, team)
    shown = [roster.associates[index] for index in chosen]
    picked = roster.plan.values[chosen]
    is_virtual = len(shown) > table_limit
    return Grid(
        columns=columns,
        months=months_of(roster.horizon.dates),
        rows=() if is_virtual else _rows(roster, shown, picked, columns, target),
        totals=totals_of(picked, roster.shift_types),
        legend=legend_of(roster.shift_types),
        all_rows=len(shown),
        is_virtual=is_virtual,
    )


def _rows(
    roster: RosterGrid, shown: Sequence[Associate], picked: Values, columns: Sequence[Column], target: tuple[str, date] | None
) -> tuple[Row, ...]:
    maker = CellMaker(roster.shift_types)
    edges = edges_of(shown, picked, roster.horizon.dates, roster.locks).tolist()
    classes = [column.classes for column in columns]
    who, when = (target[0], roster.horizon.day_index(target[1])) if target else ("", -1)
    rows = []
    for associate, values, borders in zip(shown, picked.tolist(), edges, strict=True):
        cells = [maker.cell(*cell) for cell in zip(values, borders, classes, strict=True)]
        if associate.code == who and 0 <= when < len(cells):
            cells[when] = replace(cells[when], is_target=True)
        rows.append(Row(associate, tuple(cells)))
    return tuple(rows)


def grid_data(roster: RosterGrid, *, today: date, query: str = "", team: str = "") -> dict[str, object]:
    """Return the grid as compact JSON for the virtual list: distinct cells once, and rows of indices into them.

    Keys: ``cells`` (classes, text, words), ``columns`` (date, classes), ``rows`` (code, name, team, cell indices).
    """
    dates = roster.horizon.dates
    columns = columns_of(dates, today)
    chosen = chosen_rows(roster.associates, query, team)
    shown = [roster.associates[index] for index in chosen]
    picked = roster.plan.values[chosen]
    edges = edges_of(shown, picked, dates, roster.locks)
    keys = ((picked.astype(np.int64) - NONE) * EDGE_SETS + edges) * len(columns) + np.arange(len(columns))
    distinct, where = np.unique(keys, return_inverse=True)
    maker = CellMaker(roster.shift_types)
    cells: dict[Cell, int] = {}
    index_of = np.empty(len(distinct), dtype=np.int64)
    for position, key in enumerate(distinct.tolist()):
        rest, day = divmod(key, len(columns))
        value, edge = divmod(rest, EDGE_SETS)
        index_of[position] = cells.setdefault(maker.cell(value + NONE, edge, columns[day].classes), len(cells))
    rows = [row.tolist() for row in index_of[where].reshape(picked.shape)]
    return {
        "cells": [[cell.classes, cell.text, cell.words] for cell in cells],
        "columns": [[column.date.isoformat(), column.classes] for column in columns],
        "rows": [[who.code, who.name, who.team, row] for who, row in zip(shown, rows, strict=True)],
    }
