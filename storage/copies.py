"""A copy of a roster as a draft, made in the database: a roster is some thirty thousand rows that nobody need read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, literal, select

from storage.metadata import RosterState
from storage.tables import assignment, carried_break, clash, coverage, roster, roster_associate, violation

PARTS: Final = (roster_associate, assignment, carried_break, coverage, violation, clash)
"""What a roster consists of, each after what it refers to. Publications, confirmations and the log of edits are its history."""
FRESH: Final = {"id", "state", "version", "created_at", "created_by", "published_at", "published_by", "note"}


def hold_still(connection: Connection, roster_id: int) -> None:
    """Keep others from changing a roster before the transaction ends, so that all parts are copied in one state."""
    connection.execute(select(roster.c.id).where(roster.c.id == roster_id).with_for_update(read=True))


def copy_roster(connection: Connection, roster_id: int, *, by: str, at: datetime, note: str) -> int:
    """Write a copy of a roster as a draft in its first version, and return its id."""
    head = {"state": RosterState.DRAFT.value, "version": 1, "created_at": at, "created_by": by, "note": note}
    kept = [column for column in roster.c if column.name not in FRESH]
    fresh = [literal(value, roster.c[name].type) for name, value in head.items()]
    query = select(*kept, *fresh).where(roster.c.id == roster_id)
    names = [*(column.name for column in kept), *head]
    number = int(connection.execute(insert(roster).from_select(names, query).returning(roster.c.id)).scalar_one())
    for table in PARTS:
        _copy_rows(connection, table, roster_id, number)
    return number


def _copy_rows(connection: Connection, table: Table, old: int, new: int) -> None:
    names = [column.name for column in table.c if column.name not in {"id", "roster_id"}]
    columns: list[Any] = [table.c[name] for name in names]
    query = select(literal(new, table.c.roster_id.type), *columns).where(table.c.roster_id == old)
    connection.execute(insert(table).from_select(["roster_id", *names], query))
