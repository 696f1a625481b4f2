"""Breaks moved by hand in a roster: within what is legal, over what was seen only, with everything that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import Connection, Engine

from breaks.check import pattern_faults
from breaks.moves import legal_starts, moved
from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.plan import BreakPattern
from scheduling.shifts import BreakPolicy
from scheduling.times import Clock
from services.editing import Editor, EditOutcome, follow_on_floor, put_within
from storage import edits as stored
from storage import rosters
from storage.edits import CellChange, CellKey, StoredCell
from storage.errors import domain_errors
from storage.patterns import fingerprint, load_patterns, save_patterns

__all__ = ["fingerprint", "move_break", "starts_of"]


@dataclass(frozen=True)
class _Shift:
    """The shift of one associate on one day, with its breaks."""

    key: CellKey
    cell: StoredCell
    span_minutes: int
    policy: BreakPolicy
    pattern: BreakPattern


def starts_of(engine: Engine, roster_id: int, associate: str, day: date, start_minute: int) -> tuple[int, ...]:
    """Return every minute of a shift at which one of its breaks could start with the others as they are.

    Raises
    ------
    NotFoundError
        When the associate has no shift on the day, or no break starts there.
    """
    with domain_errors(), engine.connect() as connection:
        shift = _shift(connection, roster_id, associate, day)
        try:
            return legal_starts(shift.policy, shift.span_minutes, shift.pattern, start_minute)
        except ValueError as error:
            raise NotFoundError(f"{error} Load the page again.") from error


def move_break(
    engine: Engine,
    roster_id: int,
    associate: str,
    day: date,
    *,
    start_minute: int,
    to_minute: int,
    seen: str,
    by: str,
    clock: Clock,
    client: str = "",
) -> EditOutcome:
    """Move one break of a shift, with coverage, violations, figures, audit and an exact undo.

    Parameters
    ----------
    start_minute, to_minute
        Where the break starts in the shift, and where it is to start.
    seen
        The breaks of the shift as `fingerprint` writes them; with any others nothing happens.

    Raises
    ------
    BadInputError
        With every rule that the breaks would break.
    ConflictError
        When somebody changed the breaks, or the roster may not be changed there.
    NotFoundError
        When the associate has no shift on the day.
    """
    with domain_errors(), engine.begin() as connection:
        stored.lock_roster(connection, roster_id)
        shift = _shift(connection, roster_id, associate, day)
        if fingerprint(shift.pattern) != seen:
            raise ConflictError("Somebody changed the breaks of this shift meanwhile; nothing was moved. They are shown anew.")
        after = _legal(shift, start_minute, to_minute)
        number = _pattern_id(connection, roster_id, shift, after)
        change = CellChange(shift.cell, replace(shift.cell, break_pattern_id=number))
        changes = {} if number == shift.cell.break_pattern_id else {shift.key: change}
        outcome = put_within(connection, roster_id, changes, Editor(by, clock.now(), client, "break moved"))
    follow_on_floor(engine, outcome, clock=clock)
    return outcome


def _shift(connection: Connection, roster_id: int, associate: str, day: date) -> _Shift:
    about = rosters.frame(connection, roster_id)
    number = stored.associates_by_code(connection, roster_id, [associate]).get(associate)
    cell = None if number is None else stored.read_cells(connection, roster_id, [(number, day)]).get((number, day))
    if number is None or cell is None or cell.break_pattern_id is None or cell.span_minutes is None:
        raise NotFoundError(f"{associate} has no shift on {day} in roster {roster_id}.")
    pattern = load_patterns(connection, np.array([cell.break_pattern_id], dtype=np.int64))[0]
    return _Shift((number, day), cell, cell.span_minutes, about.policy, pattern)


def _legal(shift: _Shift, start_minute: int, to_minute: int) -> BreakPattern:
    try:
        after = moved(shift.pattern, start_minute, to_minute)
    except ValueError as error:
        raise ConflictError(f"{error} Load the page again.") from error
    faults = pattern_faults(shift.policy, shift.span_minutes, after)
    if len({one.start_minute for one in after}) < len(after) or faults:
        said = [Fault("breaks", None, one.rule, str(to_minute), f"{one.words}.") for one in faults]
        raise BadInputError(said or [Fault("breaks", None, "breaks_apart", str(to_minute), "Two breaks would start at once.")])
    return after


def _pattern_id(connection: Connection, roster_id: int, shift: _Shift, after: BreakPattern) -> int:
    policy_id = rosters.policy_id(connection, roster_id)
    wanted = (shift.span_minutes, after)
    return save_patterns(connection, policy_id, shift.policy, [wanted])[wanted]
