"""Where an associate stands: what a refusal of work is explained from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from scheduling.presence import PresenceState
from storage.bulk import raw

STANDING: Final = (
    "SELECT z.zone_name, d.state, d.since, s.ends_at, "
    "(SELECT w.starts_at FROM stretch w WHERE w.associate_id = a.id AND w.starts_at > %(now)s ORDER BY w.starts_at LIMIT 1), "
    "(SELECT min(l.handling_p95) FROM lane l WHERE l.associate_id = a.id AND l.weight > 0), "
    # One look at the head of each queue whose items take too long, past what the associate may not have.
    "EXISTS (SELECT FROM lane l JOIN queue_head h ON h.queue_id = l.queue_id CROSS JOIN LATERAL (SELECT t.id FROM task t "
    "WHERE t.queue_id = l.queue_id AND t.state = 'waiting' AND t.rank_at >= h.rank_from "
    "AND (t.returned_by IS NULL OR a.id <> ALL (t.returned_by)) AND NOT (t.is_double AND (SELECT o.id FROM task o "
    "WHERE o.job_id = t.job_id AND o.is_double AND o.associate_id = a.id) IS NOT NULL) ORDER BY t.rank_at, t.id LIMIT 1) head "
    "WHERE l.associate_id = a.id AND l.weight > 0 AND %(now)s + l.handling_p95 > s.ends_at), "
    "EXISTS (SELECT FROM leave v WHERE v.associate_id = a.id "
    "AND (%(now)s AT TIME ZONE z.zone_name)::date BETWEEN v.first_day AND v.last_day) "
    "FROM associate a JOIN site z ON z.id = a.site_id LEFT JOIN desk d ON d.associate_id = a.id "
    "LEFT JOIN LATERAL (SELECT w.ends_at FROM stretch w WHERE w.associate_id = a.id AND w.starts_at <= %(now)s "
    "AND w.ends_at > %(now)s ORDER BY w.starts_at DESC LIMIT 1) s ON true WHERE a.id = %(associate)s"
)


@dataclass(frozen=True)
class Standing:
    """What decides whether an associate may be given work.

    Parameters
    ----------
    state, since
        Of the desk; ``None`` for an associate who has none.
    works_until
        End of the work before the next break; ``None`` outside any.
    works_from
        When the next work begins that the floor knows of.
    shortest_p95
        Of the queues that the associate may work; ``None`` when there is no such queue.
    longer_waits
        Whether an item waits that would take longer than is left until then.
    is_on_leave
        Whether leave is approved for the local date.
    """

    zone_name: str
    state: PresenceState | None
    since: datetime | None
    works_until: datetime | None
    works_from: datetime | None
    shortest_p95: timedelta | None
    longer_waits: bool
    is_on_leave: bool


def standing_of(connection: Connection, associate_id: int, now: datetime) -> Standing | None:
    """Return where an associate stands; ``None`` when there is no such associate."""
    row = raw(connection).execute(STANDING, {"associate": associate_id, "now": now}, prepare=True).fetchone()
    return Standing(row[0], PresenceState(row[1]) if row[1] else None, *row[2:]) if row else None
