"""Editing a roster by hand: cells change all or none, and what follows from them changes in the same transaction.

Whoever changes cells says what they saw in them; where somebody was faster, nothing changes and the conflicts are named. Breaks
of new shifts, coverage, violations and figures follow at once, so that a roster in the database always agrees with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from scheduling.edits import CellConflict, CellEdit, EditConflictError
from scheduling.errors import ConflictError
from scheduling.rules import Violation
from scheduling.times import Clock
from services import edit_writing as writing
from services.edit_effects import effects_of
from services.edit_ground import read_ground
from services.edit_plan import plan_after
from services.edit_published import refuse_on_published
from services.edit_wishes import Changes, refuse_against_facts, wanted_changes
from services.opening import open_floor_of
from services.published_days import changing
from storage import edits as stored
from storage import rosters
from storage.codecs import day_value
from storage.edits import CellChange, CellKey, StoredCell, StoredEdit
from storage.errors import domain_errors
from storage.metadata import RosterState
from storage.rosters import RosterSummary

__all__ = [
    "CellConflict",
    "CellEdit",
    "EditConflictError",
    "EditOutcome",
    "apply_edits",
    "edit_within",
    "put_within",
    "undo_edit",
]


@dataclass(frozen=True)
class EditOutcome:
    """What an edit did.

    Parameters
    ----------
    version
        The version that it made; the one that was there when nothing changed.
    changed
        Number of cells that changed.
    broken, mended
        Violations that were not there before, and those that are gone.
    """

    roster: RosterSummary
    version: int
    changed: int
    broken: tuple[Violation, ...] = ()
    mended: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class Editor:
    """Who edits, when, and why.

    Parameters
    ----------
    client
        The page or program that asked, which need not be told of it again.
    aside
        Names of rules that the edit may break in a published roster although they block publishing.
    """

    by: str
    at: datetime
    client: str = ""
    why: str = ""
    aside: frozenset[str] = frozenset()


def apply_edits(
    engine: Engine, roster_id: int, edits: Sequence[CellEdit], *, by: str, clock: Clock, client: str = "", why: str = ""
) -> EditOutcome:
    """Change cells of a roster, all or none, with everything that follows from them.

    A published roster may be changed on days on which it is in force and whose shifts have not begun, as long as the change
    breaks no rule that blocks publishing; the floor follows at once.

    Raises
    ------
    BadInputError
        With every fault, when an edit makes no sense or leave or contract rule it out.
    EditConflictError
        With every conflict, when cells are not as the editor saw them, or are locked.
    ConflictError
        When the roster is superseded, or published and the change is not allowed there.
    NotFoundError
        When there is no such roster.
    """
    with domain_errors(), engine.begin() as connection:
        outcome = edit_within(connection, roster_id, edits, Editor(by, clock.now(), client, why))
    follow_on_floor(engine, outcome, clock=clock)
    return outcome


def edit_within(connection: Connection, roster_id: int, edits: Sequence[CellEdit], editor: Editor) -> EditOutcome:
    """Change cells as `apply_edits` does, in a transaction that does more than that; `follow_on_floor` goes after its end."""
    stored.lock_roster(connection, roster_id)
    changes = wanted_changes(connection, roster_id, rosters.frame(connection, roster_id), edits)
    return _put(connection, roster_id, changes, editor)


def put_within(connection: Connection, roster_id: int, changes: Changes, editor: Editor) -> EditOutcome:
    """Change cells that are known to be as the editor saw them, their breaks as well; the caller has locked the roster."""
    return _put(connection, roster_id, changes, editor)


def undo_edit(
    engine: Engine, roster_id: int, version: int, *, by: str, clock: Clock, client: str = "", why: str = ""
) -> EditOutcome:  # fmt: skip
    """Bring back exactly what an edit changed, breaks and places included; an undo is undone in the same way.

    Raises
    ------
    EditConflictError
        When one of its cells was changed since.
    ConflictError
        When the version was not made by an edit, or it was undone already.
    """
    with domain_errors(), engine.begin() as connection:
        stored.lock_roster(connection, roster_id)
        edit = stored.edit_to_undo(connection, roster_id, version)
        found = stored.read_cells(connection, roster_id, list(edit.cells))
        moved = [key for key, one in edit.cells.items() if found.get(key) != one.after]
        if moved:
            raise EditConflictError(_moved_since(connection, roster_id, edit, found, moved))
        back = {key: CellChange(one.after, one.before) for key, one in edit.cells.items()}
        outcome = _put(connection, roster_id, back, Editor(by, clock.now(), client, why), undoes=version)
    follow_on_floor(engine, outcome, clock=clock)
    return outcome


def follow_on_floor(engine: Engine, outcome: EditOutcome, *, clock: Clock) -> None:
    """Let the duties of the floor follow an edit of a published roster."""
    if outcome.changed and outcome.roster.state is RosterState.PUBLISHED:
        open_floor_of(engine, outcome.roster.id, clock=clock)


def _moved_since(
    connection: Connection, roster_id: int, edit: StoredEdit, found: dict[CellKey, StoredCell], moved: Sequence[CellKey]
) -> list[CellConflict]:
    about = rosters.frame(connection, roster_id)
    codes = dict(zip(about.axes.shift_types, (shift.code for shift in about.shift_types), strict=True))
    people = stored.codes_of(connection, [associate for associate, _ in moved])
    last = stored.last_edits(connection, roster_id, moved)

    def word(cell: StoredCell) -> str:
        return day_value(cell.kind, codes.get(cell.shift_type_id or 0))

    return [
        CellConflict(
            people[key[0]],
            key[1],
            word(edit.cells[key].after),
            word(edit.cells[key].before),
            word(found[key]),
            *last[key],
            is_locked=found[key].is_locked and found[key].does == edit.cells[key].after.does,
        )
        for key in moved
    ]


def _put(
    connection: Connection, roster_id: int, changes: Changes, editor: Editor, undoes: int | None = None
) -> EditOutcome:  # fmt: skip
    """Change cells that are known to be as the editor saw them."""
    head = rosters.summary(connection, roster_id)
    if head.state is RosterState.SUPERSEDED:
        raise ConflictError(f"Roster {roster_id} is superseded on all of its days; edit the one that took its place.")
    if not changes:
        return EditOutcome(head, head.version, 0)
    ground = read_ground(connection, roster_id, {who for who, _ in changes}, {day for _, day in changes})
    refuse_against_facts(ground.scenario, ground.about, changes)
    edited = plan_after(ground, changes)
    effects = effects_of(ground, edited, writing.known_patterns(connection, edited))
    made = writing.with_patterns(connection, ground, edited, effects)
    with changing(connection, roster_id, list(made), by=editor.by, now=editor.at, reason=editor.why):
        stored.write_cells(connection, roster_id, made)
    broken, mended = writing.write_findings(connection, ground, edited, effects)
    if head.state is RosterState.PUBLISHED:
        against = tuple(one for one in writing.brought(broken, mended) if one.rule not in editor.aside)
        refuse_on_published(connection, ground, made, against, editor.at)
    version = head.version + 1
    writing.write_figures(connection, ground, edited, effects, version)
    stored.log_edit(
        connection, roster_id, StoredEdit(version, editor.at, editor.by, editor.client, editor.why, undoes, made)
    )  # fmt: skip
    detail = {"cells": len(made), "why": editor.why, "undoes": undoes}
    rosters.record(connection, editor.at, editor.by, "roster edited", ("roster", roster_id), version, **detail)
    return EditOutcome(rosters.summary(connection, roster_id), version, len(made), broken, mended)
