"""Who looks at a roster now, and at which of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from storage.bulk import raw
from storage.edits import CellKey

FORGOTTEN_AFTER: Final = timedelta(hours=1)

PUT: Final = (
    "INSERT INTO roster_viewer (roster_id, client, name, seen_at, associate_id, day) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (roster_id, client) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at, "
    "associate_id = excluded.associate_id, day = excluded.day"
)


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks at a roster; `associate` is the code of the row of the cell, empty where no cell is looked at."""

    client: str
    name: str
    associate: str
    day: date | None


def put_viewer(
    connection: Connection, roster_id: int, client: str, name: str, at: datetime, cell: CellKey | None
) -> None:  # fmt: skip
    """Write that somebody looks at a roster, and forget who was not heard of for long."""
    driver = raw(connection)
    driver.execute(PUT, (roster_id, client, name, at, *(cell or (None, None))))
    driver.execute("DELETE FROM roster_viewer WHERE roster_id = %s AND seen_at < %s", (roster_id, at - FORGOTTEN_AFTER))


def viewers_since(connection: Connection, roster_id: int, since: datetime) -> tuple[Viewer, ...]:
    """Return who was heard of since an instant."""
    rows = raw(connection).execute(
        "SELECT v.client, v.name, coalesce(a.code, ''), v.day FROM roster_viewer v "
        "LEFT JOIN associate a ON a.id = v.associate_id WHERE v.roster_id = %s AND v.seen_at >= %s ORDER BY v.name, v.client",
        (roster_id, since),
    )
    return tuple(Viewer(*row) for row in rows)
