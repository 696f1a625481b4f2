"""Events of a site, which override the forecast."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from scheduling.events import DemandEvent
from storage.sites import ids_by
from storage.tables import demand_event, queue


def events_of(connection: Connection, site_id: int) -> dict[int, DemandEvent]:
    """Return the events of a site by id, in the order of their days."""
    query = (
        select(demand_event, queue.c.name.label("queue"))
        .outerjoin_from(demand_event, queue)
        .where(demand_event.c.site_id == site_id)
        .order_by(demand_event.c.first_day, demand_event.c.id)
    )
    return {
        row.id: DemandEvent(row.queue, row.first_day, row.last_day, row.factor, row.jobs_per_day, row.reason)
        for row in connection.execute(query)
    }


def add_event(connection: Connection, site_id: int, event: DemandEvent, *, by: str, at: datetime) -> int:
    """Write an event; return its id."""
    values = {
        "site_id": site_id,
        "queue_id": None if event.queue is None else ids_by(connection, queue, "name", site_id)[event.queue],
        "first_day": event.first_day,
        "last_day": event.last_day,
        "factor": event.factor,
        "jobs_per_day": event.jobs_per_day,
        "reason": event.reason,
        "created_by": by,
        "created_at": at,
    }
    return int(connection.execute(insert(demand_event).values(**values).returning(demand_event.c.id)).scalar_one())


def remove_event(connection: Connection, site_id: int, event_id: int) -> bool:
    """Take an event away; return whether it was there."""
    mine = (demand_event.c.site_id == site_id, demand_event.c.id == event_id)
    return connection.execute(delete(demand_event).where(*mine)).rowcount > 0
