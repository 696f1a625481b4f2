"""A roster that was taken away as a workbook and comes back changed: tried without writing, then edited whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from interchange.faults import FaultList
from interchange.roster_sheet import read_roster_sheet
from scheduling.edits import CellEdit
from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.plan import DAY_WORDS
from scheduling.times import Clock
from services.editing import Editor, EditOutcome, edit_within, follow_on_floor
from services.imports import ROSTER, kept_file, on_disk
from services.reading import RosterGrid, roster_grid
from storage import imports
from storage.errors import domain_errors

__all__ = ["ROSTER", "RosterTrial", "import_roster", "try_roster"]


@dataclass(frozen=True)
class RosterTrial:
    """What bringing a workbook back would change.

    Parameters
    ----------
    outcome
        What the edit would do; ``None`` when it is refused, or nothing differs.
    """

    id: int
    name: str
    edits: tuple[CellEdit, ...]
    faults: tuple[Fault, ...]
    outcome: EditOutcome | None

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported."""
        return self.outcome is not None and not self.faults


def try_roster(engine: Engine, roster_id: int, file_id: int, *, by: str, clock: Clock) -> RosterTrial:
    """Return what bringing a workbook back would change: the edit is made and taken back; NotFoundError when the file is gone."""
    roster = roster_grid(engine, roster_id, break_days=())
    with domain_errors(), engine.connect() as connection, connection.begin() as transaction:
        name, edits, faults = _read(connection, roster, file_id, by, clock)
        outcome = None
        if edits and not faults:
            try:
                outcome = edit_within(connection, roster_id, edits, Editor(by, clock.now()))
            except BadInputError as error:
                faults = error.faults
            except ConflictError as error:
                faults = (Fault(name, None, "", "", str(error)),)
        transaction.rollback()
    return RosterTrial(file_id, name, edits, faults, outcome)


def import_roster(engine: Engine, roster_id: int, file_id: int, *, by: str, clock: Clock) -> EditOutcome:
    """Edit a roster to be as a workbook says, all of it or nothing.

    Raises
    ------
    BadInputError
        With every fault.
    ConflictError
        When somebody edits the same cells meanwhile, or the roster may not be changed.
    NotFoundError
        When the file is gone.
    """
    roster = roster_grid(engine, roster_id, break_days=())
    with domain_errors(), engine.begin() as connection:
        name, edits, faults = _read(connection, roster, file_id, by, clock)
        if faults:
            raise BadInputError(faults)
        outcome = edit_within(connection, roster_id, edits, Editor(by, clock.now(), why=f"from {name}"))
        imports.drop(connection, file_id)
    follow_on_floor(engine, outcome, clock=clock)
    return outcome


def _read(
    connection: Connection, roster: RosterGrid, file_id: int, by: str, clock: Clock
) -> tuple[str, tuple[CellEdit, ...], tuple[Fault, ...]]:
    stored, faults = kept_file(connection, file_id, by, clock), FaultList()
    if stored.kind != ROSTER:
        faults.add(stored.name, None, "", "", "This file was handed in for something else.")
    words = [shift.code for shift in roster.shift_types]
    rows = {one.code: row for row, one in enumerate(roster.associates)}
    days = roster.horizon.dates
    with on_disk(stored) as file:
        found = read_roster_sheet(file, days, rows, {*words, *DAY_WORDS.values()}, faults)
    edits = []
    for (code, day), value in found.items():
        stands = int(roster.plan.values[rows[code], roster.horizon.day_index(day)])
        seen = words[stands] if stands >= 0 else DAY_WORDS[stands]
        if seen != value:
            edits.append(CellEdit(code, day, seen, value))
    return stored.name, tuple(edits), faults.faults()
