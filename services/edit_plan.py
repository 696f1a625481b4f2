"""The roster after an edit, before its breaks are known: values, places and locks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduling.people import Lock
from scheduling.plan import HOME, NOWHERE, OFFICE, RosterPlan
from scheduling.scenario import Scenario
from services.edit_ground import Cell, Ground
from services.edit_wishes import Changes, place_of_new_shift
from storage.codecs import KIND_OF_VALUE
from storage.edits import CellChange, CellKey
from storage.metadata import DayKind, Place

VALUE_OF_KIND = {kind.value: value for value, kind in KIND_OF_VALUE.items()}
PLACE_VALUES = {None: NOWHERE, Place.OFFICE.value: OFFICE, Place.HOME.value: HOME}


@dataclass(frozen=True)
class EditedPlan:
    """A roster after an edit.

    Parameters
    ----------
    changes
        The cells that change, now with places.
    cells
        Where they stand in the plan.
    moved
        Those of which more changes than the lock.
    scenario
        With the locks after the edit.
    """

    changes: Changes
    cells: dict[Cell, CellKey]
    moved: list[Cell]
    plan: RosterPlan
    scenario: Scenario

    @property
    def rows(self) -> set[int]:
        """Rows of the edited associates."""
        return {row for row, _ in self.cells}


def plan_after(ground: Ground, wanted: Changes) -> EditedPlan:
    """Return the roster after an edit."""
    changes = _with_places(ground, wanted)
    values, places = ground.plan.values.copy(), ground.plan.places.copy()
    cells: dict[Cell, CellKey] = {}
    for key, change in changes.items():
        cell = ground.row_of[key[0]], ground.about.horizon.day_index(key[1])
        kind, shift = change.after.does
        values[cell] = VALUE_OF_KIND[DayKind(kind)] if shift is None else ground.shift_of[shift]
        places[cell] = PLACE_VALUES[change.after.place]
        cells[cell] = key
    moved = [cell for cell, key in cells.items() if not is_lock_only(changes[key])]
    scenario = replace(ground.scenario, locks=_locks(ground, changes))
    return EditedPlan(changes, cells, moved, RosterPlan(values, places), scenario)


def is_lock_only(change: CellChange) -> bool:
    """Return whether what the associate does stays and only the lock changes."""
    return replace(change.before, is_locked=False) == replace(change.after, is_locked=False)


def _with_places(ground: Ground, changes: Changes) -> Changes:
    """Return changes in which every new shift has a place."""
    placed, office = Changes(), ground.scenario.office
    for (number, day), change in changes.items():
        after = change.after
        if after.kind == DayKind.SHIFT.value and after.break_pattern_id is None:
            row, column = ground.row_of[number], ground.about.horizon.day_index(day)
            week = column - (column + ground.scenario.week_offset) % 7
            there = int((ground.plan.places[row, max(0, week) : week + 7] == OFFICE).sum())
            owes = office is not None and there < office.days_per_week
            mode = ground.scenario.associates[row].work_mode
            after = replace(after, place=place_of_new_shift(mode, change.before.place, owes_office_day=owes))
        placed[number, day] = CellChange(change.before, after)
    return placed


def _locks(ground: Ground, changes: Changes) -> tuple[Lock, ...]:
    """Return the locks of the scenario after an edit."""
    codes = {number: code for code, number in ground.ids.items()}
    shifts = dict(zip(ground.about.axes.shift_types, ground.about.shift_types, strict=True))
    edited = {(codes[number], day) for number, day in changes}
    kept = [lock for lock in ground.scenario.locks if (lock.associate, lock.date) not in edited]
    for (number, day), change in changes.items():
        if change.after.is_locked:
            kind, shift = change.after.does
            kept.append(Lock(codes[number], day, kind if shift is None else shifts[shift].code))
    return tuple(kept)
