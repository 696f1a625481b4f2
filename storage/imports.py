"""Files that were handed in and are not yet imported: kept for some hours between the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.tables import import_file


@dataclass(frozen=True)
class StoredFile:
    """A file that was handed in; `columns` says what each of its columns is, ``None`` before anybody said so."""

    id: int
    site_id: int
    kind: str
    name: str
    content: bytes
    columns: tuple[str, ...] | None
    created_by: str


def keep(
    connection: Connection, site_id: int, kind: str, name: str, content: bytes, *, by: str, at: datetime, until: datetime
) -> int:
    """Keep a file until it expires; those that have expired are dropped."""
    connection.execute(delete(import_file).where(import_file.c.expires_at <= at))
    values = {"site_id": site_id, "kind": kind, "name": name, "content": content, "created_by": by}
    new = insert(import_file).values(**values, created_at=at, expires_at=until).returning(import_file.c.id)
    return int(connection.execute(new).scalar_one())


def kept(connection: Connection, file_id: int, *, by: str, at: datetime, lock: bool = False) -> StoredFile | None:
    """Return a file to whoever handed it in, ``None`` when there is none (any more); with `lock` nobody else imports it."""
    mine = (import_file.c.id == file_id, import_file.c.created_by == by, import_file.c.expires_at > at)
    query = select(import_file).where(*mine)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    columns = None if row.columns is None else tuple(row.columns)
    return StoredFile(row.id, row.site_id, row.kind, row.name, bytes(row.content), columns, row.created_by)


def name_columns(connection: Connection, file_id: int, columns: Sequence[str]) -> None:
    """Say what each column of a file is."""
    connection.execute(update(import_file).where(import_file.c.id == file_id).values(columns=list(columns)))


def drop(connection: Connection, file_id: int) -> None:
    """Drop a file."""
    connection.execute(delete(import_file).where(import_file.c.id == file_id))
