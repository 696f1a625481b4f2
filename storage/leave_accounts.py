"""Accounts of leave: what everybody is entitled to in a year, and what was taken from it, as entries that are never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from storage.leave_tables import EntryKind
from storage.tables import leave_entry


@dataclass(frozen=True)
class LeaveAccount:
    """What an associate had and took of a kind in a year."""

    kind_id: int
    year: int
    granted: int
    taken: int

    @property
    def balance(self) -> int:
        """Days that are left."""
        return self.granted - self.taken


def accounts_of(connection: Connection, associate_ids: Collection[int]) -> dict[int, tuple[LeaveAccount, ...]]:
    """Return the accounts of associates, by kind and year."""
    entitling = leave_entry.c.kind.in_([EntryKind.GRANTED.value, EntryKind.CORRECTED.value])
    query = (
        select(
            leave_entry.c.associate_id,
            leave_entry.c.leave_kind_id,
            leave_entry.c.year,
            func.coalesce(func.sum(leave_entry.c.days).filter(entitling), 0),
            -func.coalesce(func.sum(leave_entry.c.days).filter(~entitling), 0),
        )
        .where(leave_entry.c.associate_id == text("ANY(:people)"))
        .group_by(leave_entry.c.associate_id, leave_entry.c.leave_kind_id, leave_entry.c.year)
        .order_by(leave_entry.c.leave_kind_id, leave_entry.c.year)
    )
    found: dict[int, list[LeaveAccount]] = defaultdict(list)
    for who, kind, year, granted, taken in connection.execute(query, {"people": list(associate_ids)}):
        found[who].append(LeaveAccount(kind, year, int(granted), int(taken)))
    return {who: tuple(accounts) for who, accounts in found.items()}


def add_entries(connection: Connection, rows: Iterable[Mapping[str, Any]], *, by: str, at: datetime) -> None:
    """Write entries of accounts; ConflictError where a balance would become negative."""
    values = [{"note": "", "leave_request_id": None, **row, "recorded_by": by, "recorded_at": at} for row in rows]
    if values:
        connection.execute(insert(leave_entry), values)


def entries_of_request(connection: Connection, request_id: int, kind: EntryKind) -> dict[int, int]:
    """Return the days that a request took from each year, or returned to it."""
    query = select(leave_entry.c.year, leave_entry.c.days).where(
        leave_entry.c.leave_request_id == request_id, leave_entry.c.kind == kind.value
    )
    return {year: abs(days) for year, days in connection.execute(query)}
