"""The history of the floor: who did what, why, and how it was before and after; append-only, undone at most once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from scheduling.errors import NotFoundError
from storage.tables import floor_action

Document = Mapping[str, Any]


@dataclass(frozen=True)
class FloorAction:
    """One line of the history.

    Parameters
    ----------
    kind
        What was done, one of a few words, such as ``absence recorded``.
    subject
        To what, as people call it.
    before, after
        What is needed to see, and to undo, the change.
    undoes_id
        The action that this one undoes.
    undone_by_id
        The action that undid this one.
    """

    id: int
    site_id: int
    recorded_at: datetime
    actor: str
    kind: str
    subject: str
    why: str
    before: Document
    after: Document
    proposal_id: int | None
    undoes_id: int | None
    undone_by_id: int | None


def record_action(
    connection: Connection,
    site_id: int,
    *,
    at: datetime,
    by: str,
    kind: str,
    subject: str,
    why: str,
    before: Document,
    after: Document,
    proposal_id: int | None = None,
    undoes_id: int | None = None,
) -> int:
    """Append an action, in the transaction of the change itself; return its id.

    Two that undo the same action at once are a conflict, which the database decides (`uq_floor_action_undoes_id`).
    """
    values = {
        "site_id": site_id,
        "recorded_at": at,
        "actor": by,
        "kind": kind,
        "subject": subject,
        "why": why.strip(),
        "before": dict(before),
        "after": dict(after),
        "proposal_id": proposal_id,
        "undoes_id": undoes_id,
    }
    return int(connection.execute(insert(floor_action).values(**values).returning(floor_action.c.id)).scalar_one())


def action_with_id(connection: Connection, action_id: int) -> FloorAction:
    """Return one action; NotFoundError when there is none with this id."""
    row = connection.execute(_actions().where(floor_action.c.id == action_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no action {action_id} in the history of the floor.")
    return _action_of(row._mapping)


def actions_of(
    connection: Connection, site_id: int, *, kinds: Sequence[str] | None = None, before_id: int | None = None, limit: int = 100
) -> tuple[FloorAction, ...]:
    """Return actions of a site, the newest first.

    Parameters
    ----------
    before_id
        Only actions older than this one, to go on where a page ended.
    """
    query = _actions().where(floor_action.c.site_id == site_id)
    if kinds is not None:
        query = query.where(floor_action.c.kind.in_(kinds))
    if before_id is not None:
        query = query.where(floor_action.c.id < before_id)
    rows = connection.execute(query.order_by(floor_action.c.id.desc()).limit(limit))
    return tuple(_action_of(row._mapping) for row in rows)


def _actions() -> Select[tuple[Any, ...]]:
    undoing = floor_action.alias("undoing")
    undone_by = select(undoing.c.id).where(undoing.c.undoes_id == floor_action.c.id).scalar_subquery()
    return select(floor_action, undone_by.label("undone_by_id"))


def _action_of(row: Mapping[Any, Any]) -> FloorAction:
    return FloorAction(**{**row, "recorded_at": row["recorded_at"].astimezone(UTC)})
