"""What each associate bore in a rolling year: from published rosters, and before them from what was handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from psycopg import sql
from sqlalchemy import Connection, select

from scheduling.burdens import BURDENS, YEAR_DAYS, YearOfBurdens, is_unpopular
from scheduling.shifts import ShiftType
from storage.bulk import array_literal, raw
from storage.tables import holiday, shift_type

# One row a day and associate: what was published counts, and where nothing was, what was handed in.
DAYS = (
    "SELECT a.associate_id, a.day, a.shift_type_id FROM published_day p JOIN assignment a ON a.roster_id = p.roster_id "
    "AND a.day = p.day WHERE p.site_id = %(site)s AND p.day >= %(first)s AND p.day < %(before)s AND a.kind <> 'none' "
    "UNION ALL SELECT d.associate_id, d.day, d.shift_type_id FROM past_day d JOIN associate s ON s.id = d.associate_id "
    "WHERE s.site_id = %(site)s AND d.day >= %(first)s AND d.day < %(before)s AND d.kind <> 'none' "
    "AND NOT EXISTS (SELECT FROM published_day p JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day "
    "AND a.associate_id = d.associate_id WHERE p.site_id = %(site)s AND p.day = d.day)"
)
COUNTED = (
    "WITH d AS ({days}) SELECT s.id, s.code, count(d.day), "
    "count(*) FILTER (WHERE d.shift_type_id = ANY(%(nights)s)), "
    "count(*) FILTER (WHERE d.shift_type_id IS NOT NULL AND extract(isodow FROM d.day) >= 6), "
    "count(*) FILTER (WHERE d.shift_type_id IS NOT NULL AND d.day = ANY(%(holidays)s::date[])), "
    "count(*) FILTER (WHERE d.shift_type_id = ANY(%(unpopular)s)) "
    "FROM associate s LEFT JOIN d ON d.associate_id = s.id WHERE s.id = ANY(%(people)s::bigint[]) GROUP BY s.id, s.code"
)


def years_before(connection: Connection, site_id: int, ids: Sequence[int], before: date) -> tuple[YearOfBurdens, ...]:
    """Return what associates bore in the rolling year before a day, in the order of their ids as given."""
    types = {
        row.id: ShiftType(row.code, row.starts_at, row.span_minutes)
        for row in connection.execute(select(shift_type).where(shift_type.c.site_id == site_id))
    }
    first = before - timedelta(days=YEAR_DAYS)
    free = select(holiday.c.day).where(holiday.c.site_id == site_id, holiday.c.day >= first, holiday.c.day < before)
    given = {
        "site": site_id,
        "first": first,
        "before": before,
        "people": array_literal(ids),
        "nights": [number for number, shift in types.items() if shift.is_night],
        "unpopular": [number for number, shift in types.items() if is_unpopular(shift)],
        "holidays": list(connection.execute(free).scalars()),
    }
    rows = raw(connection).execute(sql.SQL(COUNTED).format(days=sql.SQL(DAYS)), given)
    found = {row[0]: YearOfBurdens(row[1], tuple(int(count) for count in row[3:]), int(row[2])) for row in rows}
    nothing = tuple(0 for _ in BURDENS)
    return tuple(found.get(number, YearOfBurdens("", nothing, 0)) for number in np.asarray(ids).tolist())
