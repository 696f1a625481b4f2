"""Cells of a roster, one by one: read, replaced, and logged so that an edit can be followed and undone exactly."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, select

from scheduling.errors import ConflictError
from storage.bulk import raw
from storage.tables import roster, site

CellKey = tuple[int, date]
"""Associate and day."""

CELLS: Final = (
    "SELECT a.associate_id, a.day, a.kind::text, a.shift_type_id, a.span_minutes, a.break_pattern_id, a.place::text, "
    "l.associate_id IS NOT NULL FROM unnest(%s::bigint[], %s::date[]) AS w (associate_id, day) "
    "JOIN assignment a ON a.roster_id = %s AND a.associate_id = w.associate_id AND a.day = w.day "
    "LEFT JOIN day_lock l ON l.associate_id = a.associate_id AND l.day = a.day"
)
REPLACE: Final = (
    "UPDATE assignment a SET kind = w.kind::day_kind, shift_type_id = w.shift_type_id, span_minutes = w.span_minutes, "
    "break_pattern_id = w.break_pattern_id, place = w.place::place FROM unnest(%(associates)s::bigint[], %(days)s::date[], "
    "%(kinds)s::text[], %(shifts)s::bigint[], %(spans)s::smallint[], %(patterns)s::bigint[], %(places)s::text[]) "
    "AS w (associate_id, day, kind, shift_type_id, span_minutes, break_pattern_id, place) "
    "WHERE a.roster_id = %(roster)s AND a.associate_id = w.associate_id AND a.day = w.day"
)
UNLOCK: Final = (
    "DELETE FROM day_lock l USING unnest(%s::bigint[], %s::date[]) AS w (associate_id, day) "
    "WHERE l.associate_id = w.associate_id AND l.day = w.day"
)
LOCK: Final = (
    "INSERT INTO day_lock (associate_id, day, kind, shift_type_id) "
    "SELECT a, d, k::day_kind, s FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[]) AS w (a, d, k, s)"
)
LAST_EDITS: Final = (
    "SELECT DISTINCT ON (c.associate_id, c.day) c.associate_id, c.day, e.made_by, e.made_at "
    "FROM unnest(%s::bigint[], %s::date[]) AS w (associate_id, day) "
    "JOIN roster_edit_cell c ON c.roster_id = %s AND c.associate_id = w.associate_id AND c.day = w.day "
    "JOIN roster_edit e ON e.roster_id = c.roster_id AND e.version = c.version ORDER BY c.associate_id, c.day, c.version DESC"
)
EDITS_SINCE: Final = (
    "SELECT e.version, e.made_at, e.made_by, e.client, e.why, e.undoes_version, c.associate_id, c.day, c.before, c.after "
    "FROM roster_edit e JOIN roster_edit_cell c ON c.roster_id = e.roster_id AND c.version = e.version "
    "WHERE e.roster_id = %s AND e.version > %s AND e.version <= %s ORDER BY e.version, c.associate_id, c.day"
)
UNDONE: Final = "SELECT EXISTS (SELECT FROM roster_edit WHERE roster_id = %s AND undoes_version = %s)"


@dataclass(frozen=True)
class StoredCell:
    """What an associate does on a day, exactly: also where, with which breaks, and whether the day is locked."""

    kind: str
    shift_type_id: int | None = None
    span_minutes: int | None = None
    break_pattern_id: int | None = None
    place: str | None = None
    is_locked: bool = False

    @property
    def does(self) -> tuple[str, int | None]:
        """Kind and shift type: what a planner sees in the cell."""
        return self.kind, self.shift_type_id


@dataclass(frozen=True)
class CellChange:
    """A cell before and after an edit."""

    before: StoredCell
    after: StoredCell


@dataclass(frozen=True)
class StoredEdit:
    """One edit as it was logged; `cells` by associate and day."""

    version: int
    made_at: datetime
    made_by: str
    client: str
    why: str
    undoes_version: int | None
    cells: Mapping[CellKey, CellChange] = field(default_factory=dict)


def lock_roster(connection: Connection, roster_id: int) -> None:
    """Keep others from changing a roster before the transaction ends, and from publishing at its site."""
    # Publishing takes the site first as well, so that nobody waits in a circle.
    of_site = select(site.c.id).join_from(site, roster).where(roster.c.id == roster_id)
    connection.execute(of_site.with_for_update(of=site, read=True))
    connection.execute(select(roster.c.id).where(roster.c.id == roster_id).with_for_update())


def _columns(keys: Collection[CellKey]) -> tuple[list[int], list[date]]:
    return [associate for associate, _ in keys], [day for _, day in keys]


def read_cells(connection: Connection, roster_id: int, keys: Collection[CellKey]) -> dict[CellKey, StoredCell]:
    """Return cells of a roster; those that it does not have are left out."""
    rows = raw(connection).execute(CELLS, (*_columns(keys), roster_id))
    return {(row[0], row[1]): StoredCell(*row[2:]) for row in rows}


def write_cells(connection: Connection, roster_id: int, changes: Mapping[CellKey, CellChange]) -> None:
    """Replace cells of a roster; locks follow."""
    moved = {key: one.after for key, one in changes.items() if _unlocked(one.before) != _unlocked(one.after)}
    associates, days = _columns(moved)
    values = {
        "roster": roster_id,
        "associates": associates,
        "days": days,
        "kinds": [one.kind for one in moved.values()],
        "shifts": [one.shift_type_id for one in moved.values()],
        "spans": [one.span_minutes for one in moved.values()],
        "patterns": [one.break_pattern_id for one in moved.values()],
        "places": [one.place for one in moved.values()],
    }
    driver = raw(connection)
    if moved:
        driver.execute(REPLACE, values)
    driver.execute(UNLOCK, _columns([key for key, one in changes.items() if one.before.is_locked]))
    locked = {key: one.after for key, one in changes.items() if one.after.is_locked}
    if locked:
        kinds, shifts = [one.kind for one in locked.values()], [one.shift_type_id for one in locked.values()]
        driver.execute(LOCK, (*_columns(locked), kinds, shifts))


def _unlocked(cell: StoredCell) -> tuple[object, ...]:
    return (*cell.does, cell.break_pattern_id, cell.place)


def log_edit(connection: Connection, roster_id: int, edit: StoredEdit) -> None:
    """Write an edit into the log."""
    driver = raw(connection)
    driver.execute(
        "INSERT INTO roster_edit (roster_id, version, made_at, made_by, client, why, undoes_version) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (roster_id, edit.version, edit.made_at, edit.made_by, edit.client, edit.why, edit.undoes_version),
    )
    driver.execute(
        "INSERT INTO roster_edit_cell (roster_id, version, associate_id, day, before, after) "
        "SELECT %s, %s, * FROM unnest(%s::bigint[], %s::date[], %s::jsonb[], %s::jsonb[])",
        (
            roster_id,
            edit.version,
            *_columns(edit.cells),
            [Jsonb(asdict(one.before)) for one in edit.cells.values()],
            [Jsonb(asdict(one.after)) for one in edit.cells.values()],
        ),
    )


def last_edits(connection: Connection, roster_id: int, keys: Collection[CellKey]) -> dict[CellKey, tuple[str, datetime]]:
    """Return who edited cells last, and when; those that nobody edited are left out."""
    rows = raw(connection).execute(LAST_EDITS, (*_columns(keys), roster_id))
    return {(row[0], row[1]): (row[2], row[3].astimezone(UTC)) for row in rows}


def edits_since(connection: Connection, roster_id: int, version: int, until: int = 2**31 - 1) -> tuple[StoredEdit, ...]:
    """Return the edits of a roster that made later versions than one, up to another, in their order."""
    found: dict[int, StoredEdit] = {}
    cells: dict[int, dict[CellKey, CellChange]] = {}
    for row in raw(connection).execute(EDITS_SINCE, (roster_id, version, until)):
        cells.setdefault(row[0], {})[row[6], row[7]] = CellChange(_cell(row[8]), _cell(row[9]))
        version, at, by, client, why, undoes = row[:6]
        found[version] = StoredEdit(version, at.astimezone(UTC), by, client, why, undoes, cells[version])
    return tuple(found.values())


def _cell(document: Mapping[str, Any]) -> StoredCell:
    return StoredCell(**document)


def edit_to_undo(connection: Connection, roster_id: int, version: int) -> StoredEdit:
    """Return the edit that made a version of a roster; ConflictError when there is none, or it was undone already."""
    found = edits_since(connection, roster_id, version - 1, version)
    if not found:
        raise ConflictError(f"Version {version} of roster {roster_id} was not made by an edit, so there is nothing to undo.")
    row = raw(connection).execute(UNDONE, (roster_id, version)).fetchone()
    if row and row[0]:
        raise ConflictError("This edit was undone already; nothing was changed.")
    return found[0]


def associates_by_code(connection: Connection, roster_id: int, codes: Sequence[str]) -> dict[str, int]:
    """Return the ids of associates of a roster by their codes; those that it does not have are left out."""
    rows = raw(connection).execute(
        "SELECT s.code, s.id FROM roster_associate r JOIN associate s ON s.id = r.associate_id "
        "WHERE r.roster_id = %s AND s.code = ANY(%s)",
        (roster_id, list(codes)),
    )
    return dict(rows.fetchall())


def codes_of(connection: Connection, associate_ids: Sequence[int]) -> dict[int, str]:
    """Return the codes of associates by their ids."""
    return dict(raw(connection).execute("SELECT id, code FROM associate WHERE id = ANY(%s)", (list(associate_ids),)).fetchall())
