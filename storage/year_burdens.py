"""What each associate bore in a rolling year: from published rosters, and before them from what was handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from psycopg import sql
from sqlalchemy import Connection, select, text

from scheduling.burdens import YEAR_DAYS, YearOfBurdens, burden_days
from scheduling.plan import NONE
from scheduling.shifts import ShiftType
from storage.bulk import array_literal, positions_of, read_array
from storage.cells import packed, unpacked
from storage.tables import associate, holiday, shift_type

DAYS: Final = sql.SQL(
    "SELECT d.associate_id, {cell} FROM {source} WHERE d.day >= {first}::date AND d.day < {before}::date "
    "AND d.associate_id = ANY({people}::bigint[])"
)
COLUMNS: Final = [("associate", "i8"), ("cell", "i8")]
SOURCES: Final = (
    sql.SQL("past_day d"),
    sql.SQL("published_day p JOIN assignment d ON d.roster_id = p.roster_id AND d.day = p.day AND p.site_id = {site}"),
)
"""What was handed in, and what was published, which counts where there are both."""


def years_before(connection: Connection, site_id: int, ids: Sequence[int], before: date) -> tuple[YearOfBurdens, ...]:
    """Return what associates bore in the rolling year before a day, in the order of their ids as given."""
    query = select(shift_type.c.id, shift_type.c.code, shift_type.c.starts_at, shift_type.c.span_minutes)
    types = {number: ShiftType(*facts) for number, *facts in connection.execute(query.where(shift_type.c.site_id == site_id))}
    people, shift_ids = np.array(ids, dtype=np.int64), np.array(list(types), dtype=np.int64)
    dates = [before - timedelta(days=days) for days in range(YEAR_DAYS, 0, -1)]
    values = np.full((len(people), YEAR_DAYS), NONE, dtype=np.int16)
    given = {
        "first": sql.Literal(dates[0]), "before": sql.Literal(before), "people": sql.Literal(array_literal(ids)),
        "cell": packed("d", dates[0], with_place=False),
    }  # fmt: skip
    for source in SOURCES:
        rows = read_array(connection, DAYS.format(source=source.format(site=sql.Literal(site_id)), **given), COLUMNS)
        cells = unpacked(rows["cell"])
        worked = cells.value > 0
        cells.value[worked] = positions_of(shift_ids, cells.value[worked])
        values[positions_of(people, rows["associate"].astype(np.int64)), cells.day] = cells.value
    holidays = frozenset(connection.execute(select(holiday.c.day).where(holiday.c.site_id == site_id)).scalars())
    counts = burden_days(tuple(types.values()), dates, holidays, values)
    codes = _codes(connection, ids)
    known = (values != NONE).sum(axis=1)
    rows_of = zip(ids, counts.tolist(), known.tolist(), strict=True)
    return tuple(YearOfBurdens(codes[number], tuple(row), days) for number, row, days in rows_of)


def _codes(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    query = select(associate.c.id, associate.c.code).where(associate.c.id == text("ANY(CAST(:people AS bigint[]))"))
    return dict(connection.execute(query, {"people": array_literal(ids)}).all())
