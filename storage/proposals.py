"""Proposals: moves that are offered, and who decided what about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Row, select, update

from scheduling.errors import NotFoundError
from storage.bulk import raw
from storage.steering_tables import ProposalState
from storage.tables import proposal, queue

UNDECIDED = (ProposalState.OPEN.value, ProposalState.HELD.value)


@dataclass(frozen=True)
class StoredProposal:
    """One proposal.

    Parameters
    ----------
    move
        What it would do, as a document.
    effect
        What the projection says of it.
    decided_by, decided_at
        Who held, applied, discarded or expired it; ``None`` while it is open.
    """

    id: int
    site_id: int
    queue_id: int
    queue: str
    kind: str
    move: dict[str, Any]
    reason: str
    effect: dict[str, Any]
    created_at: datetime
    deadline_at: datetime
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None


def insert_proposal(
    connection: Connection,
    site_id: int,
    queue_id: int,
    *,
    kind: str,
    move: Mapping[str, Any],
    reason: str,
    effect: Mapping[str, Any],
    at: datetime,
    deadline_at: datetime,
) -> int | None:
    """Store an open proposal; nothing happens, and nothing is returned, when the queue has one that is not decided."""
    row = (
        raw(connection)
        .execute(
            "INSERT INTO proposal (site_id, queue_id, kind, move, reason, effect, created_at, deadline_at, state) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'open') ON CONFLICT (queue_id) WHERE state IN ('open', 'held') DO NOTHING "
            "RETURNING id",
            (site_id, queue_id, kind, Jsonb(dict(move)), reason, Jsonb(dict(effect)), at, deadline_at),
        )
        .fetchone()
    )
    return None if row is None else int(row[0])


def undecided(connection: Connection, site_id: int) -> tuple[StoredProposal, ...]:
    """Return the proposals of a site that are open or held, the most urgent first."""
    query = _query().where(proposal.c.site_id == site_id, proposal.c.state.in_(UNDECIDED))
    return tuple(_proposal(row) for row in connection.execute(query.order_by(proposal.c.deadline_at, proposal.c.id)))


def lock_proposal(connection: Connection, proposal_id: int) -> StoredProposal:
    """Return a proposal that nobody else decides before the transaction ends; NotFoundError when there is none."""
    row = connection.execute(_query().where(proposal.c.id == proposal_id).with_for_update(of=proposal)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no proposal {proposal_id}.")
    return _proposal(row)


def decide(connection: Connection, proposal_id: int, state: ProposalState, *, by: str | None, at: datetime | None) -> None:
    """Write what was decided; `by` and `at` are nothing for one that is open again."""
    values = {"state": state.value, "decided_by": by, "decided_at": at}
    connection.execute(update(proposal).where(proposal.c.id == proposal_id).values(**values))


def decided_queues(connection: Connection, site_id: int, since: datetime) -> frozenset[int]:
    """Return the queues of which a proposal was applied or discarded since an instant."""
    query = select(proposal.c.queue_id).where(
        proposal.c.site_id == site_id,
        proposal.c.decided_at > since,
        proposal.c.state.in_((ProposalState.APPLIED.value, ProposalState.DISCARDED.value)),
    )
    return frozenset(connection.execute(query).scalars())


def automatic_count(connection: Connection, site_id: int, actor: str, since: datetime) -> int:
    """Return how many proposals somebody applied since an instant."""
    row = (
        raw(connection)
        .execute(
            "SELECT count(*) FROM proposal WHERE site_id = %s AND decided_by = %s AND decided_at > %s AND state = 'applied'",
            (site_id, actor, since),
        )
        .fetchone()
    )
    return int(row[0]) if row else 0


def expire(connection: Connection, ids: Collection[int], *, by: str, at: datetime) -> None:
    """Let proposals expire that are not decided."""
    values = {"state": ProposalState.EXPIRED.value, "decided_by": by, "decided_at": at}
    chosen = (proposal.c.id.in_(ids), proposal.c.state.in_(UNDECIDED))
    connection.execute(update(proposal).where(*chosen).values(**values))


def _query() -> Any:
    return select(proposal, queue.c.name.label("queue")).join(queue, queue.c.id == proposal.c.queue_id)


def _proposal(row: Row[Any]) -> StoredProposal:
    values = dict(row._mapping)
    values["state"] = ProposalState(values["state"])
    for name in ("created_at", "deadline_at", "decided_at"):
        values[name] = values[name] and values[name].astimezone(UTC)
    return StoredProposal(**values)
