"""The stored figures of the moment, and how the floor of a site is steered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from storage.bulk import raw

CHANNEL: Final = "floor"
"""Who listens here is told ``<site id>:<version>`` when there are new figures."""

SETTING: Final = "SELECT version, applies_automatically, thresholds FROM floor_setting WHERE site_id = %s"


@dataclass(frozen=True)
class StoredSnapshot:
    """The figures of a site as they were written."""

    version: int
    computed_at: datetime
    document: dict[str, Any]


@dataclass(frozen=True)
class StoredSetting:
    """How the floor of a site is steered; a document holds only what differs from the defaults of the code."""

    version: int
    applies_automatically: bool
    thresholds: dict[str, Any]


def read_snapshot(connection: Connection, site_id: int) -> StoredSnapshot | None:
    """Return the newest figures of a site; nothing before the first."""
    row = (
        raw(connection)
        .execute("SELECT version, computed_at, document FROM floor_snapshot WHERE site_id = %s", (site_id,), prepare=True)
        .fetchone()
    )
    return None if row is None else StoredSnapshot(row[0], row[1].astimezone(UTC), row[2])


def snapshot_version(connection: Connection, site_id: int) -> int:
    """Return the version of the newest figures; zero before the first."""
    row = raw(connection).execute("SELECT version FROM floor_snapshot WHERE site_id = %s", (site_id,), prepare=True).fetchone()
    return int(row[0]) if row else 0


def all_versions(connection: Connection) -> dict[int, int]:
    """Return the version of the newest figures of every site."""
    return dict(raw(connection).execute("SELECT site_id, version FROM floor_snapshot").fetchall())


def write_snapshot(connection: Connection, site_id: int, computed_at: datetime, document: dict[str, Any]) -> int | None:
    """Write the figures of a site and tell whoever listens; return their version.

    Figures that were computed earlier than those that are there are dropped, and nothing is returned: another worker was faster.
    """
    row = (
        raw(connection)
        .execute(
            "INSERT INTO floor_snapshot AS s (site_id, version, computed_at, document) VALUES (%s, 1, %s, %s) "
            "ON CONFLICT (site_id) DO UPDATE SET version = s.version + 1, computed_at = excluded.computed_at, "
            "document = excluded.document WHERE s.computed_at < excluded.computed_at RETURNING version",
            (site_id, computed_at, Jsonb(document)),
        )
        .fetchone()
    )
    if row is None:
        return None
    raw(connection).execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{site_id}:{row[0]}"))
    return int(row[0])


def read_setting(connection: Connection, site_id: int) -> StoredSetting:
    """Return how the floor of a site is steered; version 0 and nothing set when nobody said anything."""
    row = raw(connection).execute(SETTING, (site_id,)).fetchone()
    return StoredSetting(*row) if row else StoredSetting(0, False, {})


def lock_setting(connection: Connection, site_id: int) -> StoredSetting:
    """Return how the floor is steered, which nobody else changes before the transaction ends."""
    raw(connection).execute("INSERT INTO floor_setting (site_id) VALUES (%s) ON CONFLICT DO NOTHING", (site_id,))
    row = raw(connection).execute(f"{SETTING} FOR UPDATE", (site_id,)).fetchone()
    assert row is not None  # noqa: S101 - it was put there by the statement before.
    return StoredSetting(*row)


def write_setting(
    connection: Connection, site_id: int, *, applies_automatically: bool, thresholds: dict[str, Any]
) -> None:  # fmt: skip
    """Write how the floor of a site is steered."""
    raw(connection).execute(
        "UPDATE floor_setting SET applies_automatically = %s, thresholds = %s, version = version + 1 WHERE site_id = %s",
        (applies_automatically, Jsonb(thresholds), site_id),
    )
