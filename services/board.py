"""The planner's board: what happened to a roster since somebody looked, who else looks at it, and the nearest fix of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import Connection, Engine

from roster.nearest_fix import nearest_fix
from scheduling.edits import CellEdit
from scheduling.plan import DAY_WORDS
from scheduling.times import Clock
from services.edit_ground import only_of, only_rows, read_ground
from storage import edits, publication, rosters, viewers
from storage.codecs import day_value
from storage.edits import CellKey, StoredCell, StoredEdit
from storage.errors import domain_errors
from storage.rosters import RosterSummary
from storage.viewers import Viewer

__all__ = ["CellNow", "Followed", "MadeEdit", "OfferedFix", "Viewer", "days_in_force", "follow", "offer_fix"]

VIEWER_SECONDS: Final = 15.0
"""Who was not heard of for so long looks at something else."""


@dataclass(frozen=True)
class CellNow:
    """What an edit put into a cell."""

    associate: str
    day: date
    value: str
    is_locked: bool


@dataclass(frozen=True)
class MadeEdit:
    """An edit that somebody made."""

    version: int
    by: str
    client: str
    at: datetime
    cells: tuple[CellNow, ...]


@dataclass(frozen=True)
class Followed:
    """What is new about a roster."""

    roster: RosterSummary
    edits: tuple[MadeEdit, ...]
    viewers: tuple[Viewer, ...]


@dataclass(frozen=True)
class OfferedFix:
    """The nearest fix of a violation, as edits that may be sent as they are.

    Parameters
    ----------
    blocking, reasons
        Violations of the associate after it.
    """

    edits: tuple[CellEdit, ...]
    blocking: int
    reasons: int


def follow(
    engine: Engine,
    roster_id: int,
    since: int,
    *,
    client: str,
    name: str,
    at: tuple[str, date] | None,
    clock: Clock,
) -> Followed:
    """Say that a page looks at a roster, and return what happened to it after a version that the page knows.

    Parameters
    ----------
    client
        The page, which is left out of the viewers.
    at
        The cell that is looked at, by the code of the associate.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        head = rosters.summary(connection, roster_id)
        made = edits_after(connection, roster_id, since) if head.version > since else ()
        ids = edits.associates_by_code(connection, roster_id, [at[0]]) if at else {}
        cell = (ids[at[0]], at[1]) if at and at[0] in ids else None
        viewers.put_viewer(connection, roster_id, client, name, now, cell)
        there = viewers.viewers_since(connection, roster_id, now - timedelta(seconds=VIEWER_SECONDS))
        return Followed(head, made, tuple(one for one in there if one.client != client))


def edits_after(connection: Connection, roster_id: int, since: int) -> tuple[MadeEdit, ...]:
    """Return the edits of a roster that made later versions than one."""
    found = edits.edits_since(connection, roster_id, since)
    if not found:
        return ()
    about = rosters.frame(connection, roster_id)
    shifts = dict(zip(about.axes.shift_types, (shift.code for shift in about.shift_types), strict=True))
    people = edits.codes_of(connection, sorted({who for one in found for who, _ in one.cells}))

    def now(key: CellKey, cell: StoredCell) -> CellNow:
        return CellNow(people[key[0]], key[1], day_value(cell.kind, shifts.get(cell.shift_type_id or 0)), cell.is_locked)

    def made(one: StoredEdit) -> MadeEdit:
        cells = tuple(now(key, change.after) for key, change in one.cells.items())
        return MadeEdit(one.version, one.made_by, one.client, one.made_at, cells)

    return tuple(made(one) for one in found)


def edits_of(engine: Engine, roster_id: int, since: int) -> tuple[MadeEdit, ...]:
    """Return the edits of a roster that made later versions than one."""
    with domain_errors(), engine.connect() as connection:
        return edits_after(connection, roster_id, since)


def days_in_force(engine: Engine, roster_id: int) -> dict[tuple[str, date], str]:
    """Return what is published for the days of a roster by other rosters: a shift code or a kind of day, by code and date."""
    with domain_errors(), engine.connect() as connection:
        return publication.days_of_others(connection, roster_id)


def offer_fix(engine: Engine, roster_id: int, who: str, day: date, rule: str) -> OfferedFix | None:
    """Return the nearest fix of what an associate's day breaks, ``None`` when nothing near it helps.

    Raises
    ------
    NotFoundError
        When there is no such roster.
    """
    with domain_errors(), engine.connect() as connection:
        head = rosters.summary(connection, roster_id)
        found = [one for one in rosters.violations_of(connection, roster_id, who) if (one.rule, one.when) == (rule, day)]
        ids = edits.associates_by_code(connection, roster_id, [who])
        if not found or not head.first_day <= day <= head.last_day:
            return None
        ground = read_ground(connection, roster_id, {ids[who]}, set())
    row = np.array([ground.row_of[ids[who]]], dtype=np.int64)
    alone, plan = only_of(ground.scenario, row), only_rows(ground.plan, ground.breaks, row)[0]
    horizon = alone.horizon
    locked = {horizon.day_index(lock.date) for lock in alone.locks}
    fix = nearest_fix(alone, plan, found[0], locked)
    if fix is None:
        return None

    def word(value: int) -> str:
        return alone.shift_types[value].code if value >= 0 else DAY_WORDS[value]

    changes = tuple(
        CellEdit(who, horizon.dates[index], word(int(plan.values[0, index])), word(value)) for index, value in fix.days
    )
    return OfferedFix(changes, fix.blocking, fix.reasons)
