"""What an edit asks for: read against what stands in the roster, and refused whole when it is not as the editor saw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from scheduling.edits import CellConflict, CellEdit, EditConflictError
from scheduling.errors import BadInputError, Fault
from scheduling.people import Associate, WorkMode
from scheduling.plan import DAY_WORDS, NONE
from scheduling.scenario import Scenario
from storage import edits as stored
from storage.codecs import day_value
from storage.edits import CellChange, CellKey, StoredCell
from storage.metadata import DayKind, Place
from storage.rosters import RosterFrame

MOST_CELLS = 10_000
"""More cells than this are not changed at once."""
LOCKABLE = frozenset({DayKind.SHIFT.value, DayKind.OFF.value})

Changes = dict[CellKey, CellChange]


def wanted_changes(connection: Connection, roster_id: int, about: RosterFrame, edits: Sequence[CellEdit]) -> Changes:
    """Return the cells that an edit changes, without breaks and places of new shifts; cells that stay are left out.

    A cell that has what is wanted already stays, whatever the editor saw, so that an edit may be sent again.

    Raises
    ------
    BadInputError
        With every fault, when an edit makes no sense.
    EditConflictError
        With every conflict, when cells are not as the editor saw them, or are locked.
    """
    ids = stored.associates_by_code(connection, roster_id, sorted({one.associate for one in edits}))
    faults = [*_faults(about, edits, ids)]
    if faults:
        raise BadInputError(faults)
    cells = stored.read_cells(connection, roster_id, [(ids[one.associate], one.day) for one in edits])
    codes = dict(zip(about.axes.shift_types, (shift.code for shift in about.shift_types), strict=True))
    changes, conflicts = Changes(), list[tuple[CellKey, CellConflict]]()
    for one in edits:
        key = (ids[one.associate], one.day)
        before = cells[key]
        found = day_value(before.kind, codes.get(before.shift_type_id or 0))
        after = _after(about, before, found, one)
        if after == before:
            continue
        held = before.is_locked and one.lock is None
        if found != one.seen or held:
            conflicts.append((key, CellConflict(one.associate, one.day, one.seen, one.value, found, is_locked=held)))
        changes[key] = CellChange(before, after)
    if conflicts:
        last = stored.last_edits(connection, roster_id, [key for key, _ in conflicts])
        told = [replace(one, by=last[key][0], at=last[key][1]) if key in last else one for key, one in conflicts]
        raise EditConflictError(told)
    return changes


def _after(about: RosterFrame, before: StoredCell, found: str, edit: CellEdit) -> StoredCell:
    locked = before.is_locked if edit.lock is None else edit.lock
    if found == edit.value:
        return replace(before, is_locked=locked)
    index = next((index for index, shift in enumerate(about.shift_types) if shift.code == edit.value), None)
    if index is None:
        return StoredCell(edit.value, is_locked=locked)
    span = about.shift_types[index].span_minutes
    return StoredCell(DayKind.SHIFT.value, about.axes.shift_types[index], span, None, before.place, locked)


def _faults(about: RosterFrame, edits: Sequence[CellEdit], ids: dict[str, int]) -> Iterator[Fault]:
    values = {shift.code for shift in about.shift_types} | {DayKind.OFF.value, DayKind.LEAVE.value, DayKind.NONE.value}
    if len(edits) > MOST_CELLS:
        yield _fault("edits", str(len(edits)), f"At most {MOST_CELLS} cells are changed at once; choose fewer.")
    for (who, day), times in Counter((one.associate, one.day) for one in edits).items():
        if who not in ids:
            yield _fault("associate", who, "This roster has no associate with this code.")
        if not about.horizon.first_day <= day <= about.horizon.dates[-1]:
            yield _fault("day", str(day), "This day is not in the roster.")
        if times > 1:
            yield _fault("day", str(day), f"This day of {who} is changed more than once in one edit.")
    for value in sorted({one.value for one in edits} - values):
        yield _fault("value", value, f"This is no shift of the roster; it has {', '.join(sorted(values - {'none'}))}.")
    if any(one.lock and one.value not in values - {DayKind.LEAVE.value, DayKind.NONE.value} for one in edits):
        yield _fault("lock", "", "Only a shift or a day off can be locked.")


def _fault(column: str, value: str, reason: str) -> Fault:
    return Fault("edit", None, column, value, reason)


def refuse_against_facts(scenario: Scenario, about: RosterFrame, changes: Changes) -> None:
    """Refuse changes that leave or contract rule out; BadInputError with every fault."""
    people = dict(zip(about.axes.associates, scenario.associates, strict=True))
    away = {(one.associate, day) for one in scenario.leave for day in _days(one.first_day, one.last_day, about)}
    faults: list[Fault] = []
    for (number, day), change in changes.items():
        person, kind = people[number], change.after.kind
        if change.after.does == change.before.does:
            continue
        reasons = _reasons(person, day, kind, is_away=(person.code, day) in away)
        faults.extend(_fault(str(day), person.code, reason) for reason in reasons)
    if faults:
        raise BadInputError(faults)


def _days(first: date, last: date, about: RosterFrame) -> Iterator[date]:
    yield from (day for day in about.horizon.dates if first <= day <= last)


def _reasons(person: Associate, day: date, kind: str, *, is_away: bool) -> Iterator[str]:
    has_contract = person.contract_start <= day <= person.contract_end
    if has_contract == (kind == DAY_WORDS[NONE]):
        yield f"The contract of {person.name} runs from {person.contract_start} to {person.contract_end}."
    elif has_contract and is_away != (kind == DayKind.LEAVE.value):
        yield f"{person.name} has {'approved' if is_away else 'no approved'} leave on this day."


def place_of_new_shift(mode: WorkMode, before: str | None, *, owes_office_day: bool) -> str:
    """Return where a new shift is worked: as the work mode asks, for hybrid associates as before, else as the week asks."""
    if mode is not WorkMode.HYBRID:
        return Place.OFFICE.value if mode is WorkMode.OFFICE else Place.HOME.value
    return before or (Place.OFFICE.value if owes_office_day else Place.HOME.value)
