"""Who is on a day: published shifts with their breaks, leave, recorded absences, and who has not confirmed yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import Connection, text

# The columns are the fields of `PersonOfDay`, in their order, and the breaks. A confirmation counts as long as nothing of the
# associate in that roster changed after it.
PEOPLE = text(
    "SELECT s.id, s.code, s.name, t.id AS team_id, t.name AS team, a.kind::text AS kind, y.code AS shift, y.starts_at, "
    "a.span_minutes, a.place::text AS place, "
    "coalesce(f.confirmed_at >= greatest(r.published_at, "
    "(SELECT max(c.recorded_at) FROM day_change c WHERE c.associate_id = s.id AND c.roster_id = r.id)), false) AS is_confirmed, "
    "coalesce((SELECT string_agg(DISTINCT b.kind::text, ', ') FROM absence b WHERE b.associate_id = s.id AND b.day = a.day "
    "AND b.withdrawn_at IS NULL), '') AS absence, a.break_pattern_id "
    "FROM published_day p JOIN roster r ON r.id = p.roster_id JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day "
    "JOIN associate s ON s.id = a.associate_id AND s.is_active JOIN team t ON t.id = s.team_id "
    "LEFT JOIN shift_type y ON y.id = a.shift_type_id "
    "LEFT JOIN roster_confirmation f ON f.roster_id = r.id AND f.associate_id = s.id "
    "WHERE p.site_id = :site AND p.day = :day ORDER BY t.name, y.starts_at NULLS LAST, s.position"
)
SLOTS = text(
    "SELECT break_pattern_id, start_minute, minutes, kind FROM break_slot WHERE break_pattern_id = ANY(:patterns) "
    "ORDER BY break_pattern_id, start_minute"
)


@dataclass(frozen=True)
class DaySlot:
    """One break: its start and length in minutes from the start of the shift."""

    start_minute: int
    minutes: int
    kind: str


@dataclass(frozen=True)
class PersonOfDay:
    """An associate with what is published for a day.

    Parameters
    ----------
    kind
        ``shift``, ``off``, ``leave`` or ``none``.
    is_confirmed
        Whether the associate confirmed the roster as it is now.
    absence
        Kinds of recorded absences, empty where there is none.
    """

    id: int
    code: str
    name: str
    team_id: int
    team: str
    kind: str
    shift: str | None
    starts_at: time | None
    span_minutes: int | None
    place: str | None
    is_confirmed: bool
    absence: str
    breaks: tuple[DaySlot, ...]


def people_of_day(
    connection: Connection, site_id: int, day: date, team_ids: Collection[int] | None = None
) -> tuple[PersonOfDay, ...]:  # fmt: skip
    """Return everybody in the roster in force on a day, by team and start of the shift."""
    rows = [
        row for row in connection.execute(PEOPLE, {"site": site_id, "day": day}) if team_ids is None or row.team_id in team_ids
    ]
    patterns = sorted({row.break_pattern_id for row in rows if row.break_pattern_id is not None})
    slots: dict[int, list[DaySlot]] = defaultdict(list)
    for pattern, start, minutes, kind in connection.execute(SLOTS, {"patterns": patterns}):
        slots[pattern].append(DaySlot(start, minutes, kind))
    breaks_of = {pattern: tuple(found) for pattern, found in slots.items()}
    return tuple(PersonOfDay(*(*facts, breaks_of.get(pattern, ()))) for *facts, pattern in rows)
