"""What each associate bore in a rolling year: from published rosters, and before them from what was handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, select, text

from scheduling.burdens import YEAR_DAYS, YearOfBurdens, burden_days
from scheduling.plan import NONE
from scheduling.shifts import ShiftType
from storage.bulk import array_literal, positions_of, read_array
from storage.cells import packed, unpacked
from storage.packed_rosters import PackedDays, published_between
from storage.tables import associate, holiday, shift_type

Ints = NDArray[np.int64]

DAYS: Final = sql.SQL(
    "SELECT d.associate_id, {cell} FROM {source} WHERE d.day >= {first}::date AND d.day < {before}::date "
    "AND d.associate_id = ANY({people}::bigint[])"
)
COLUMNS: Final = [("associate", "i8"), ("cell", "i8")]
HANDED_IN: Final = sql.SQL("past_day d")
LOOSE: Final = sql.SQL(
    "published_day p JOIN assignment d ON d.roster_id = p.roster_id AND d.day = p.day AND p.site_id = {site} "
    "AND p.roster_id = ANY({rosters}::bigint[])"
)


@dataclass(frozen=True)
class Year:
    """The days of associates in a rolling year; `values` has the shape (associates, days), and NONE where nothing is known."""

    people: Ints
    shift_ids: Ints
    dates: tuple[date, ...]
    values: NDArray[np.int16]

    def add(self, found: PackedDays) -> None:
        """Let days of a packed roster count."""
        meanings = found.meanings(positions_of(self.shift_ids, found.shift_type_ids)).astype(np.int16)
        _, rows, theirs = np.intersect1d(self.people, found.associates, assume_unique=True, return_indices=True)
        self.values[np.ix_(rows, found.days)] = meanings[found.values[theirs]]

    def read(self, connection: Connection, source: sql.Composable) -> None:
        """Let days count that are read one by one."""
        given = {
            "first": sql.Literal(self.dates[0]), "before": sql.Literal(self.dates[-1] + timedelta(days=1)),
            "people": sql.Literal(array_literal(self.people.tolist())), "cell": packed("d", self.dates[0], with_place=False),
        }  # fmt: skip
        rows = read_array(connection, DAYS.format(source=source, **given), COLUMNS)
        cells = unpacked(rows["cell"])
        worked = cells.value > 0
        cells.value[worked] = positions_of(self.shift_ids, cells.value[worked])
        self.values[positions_of(self.people, rows["associate"].astype(np.int64)), cells.day] = cells.value


def years_before(connection: Connection, site_id: int, ids: Sequence[int], before: date) -> tuple[YearOfBurdens, ...]:
    """Return what associates bore in the rolling year before a day, in the order of their ids as given."""
    counts, known = burdens_before(connection, site_id, ids, before)
    codes = _codes(connection, ids)
    rows_of = zip(ids, counts.tolist(), known.tolist(), strict=True)
    return tuple(YearOfBurdens(codes[number], tuple(row), days) for number, row, days in rows_of)


def burdens_before(connection: Connection, site_id: int, ids: Sequence[int], before: date) -> tuple[Ints, Ints]:
    """Return the same as arrays: shifts of each burden, shape (associates, burdens), and days that are known, (associates,)."""
    query = select(shift_type.c.id, shift_type.c.code, shift_type.c.starts_at, shift_type.c.span_minutes)
    types = {number: ShiftType(*facts) for number, *facts in connection.execute(query.where(shift_type.c.site_id == site_id))}
    dates = tuple(before - timedelta(days=days) for days in range(YEAR_DAYS, 0, -1))
    values = np.full((len(ids), YEAR_DAYS), NONE, dtype=np.int16)
    year = Year(np.array(ids, dtype=np.int64), np.array(list(types), dtype=np.int64), dates, values)
    _read_year(connection, site_id, year)
    holidays = frozenset(connection.execute(select(holiday.c.day).where(holiday.c.site_id == site_id)).scalars())
    return burden_days(tuple(types.values()), dates, holidays, values), (values != NONE).sum(axis=1)


def _read_year(connection: Connection, site_id: int, year: Year) -> None:
    """Let what was handed in count, and then what was published, which counts where there are both."""
    year.read(connection, HANDED_IN)
    published = published_between(connection, site_id, year.dates[0], year.dates[-1] + timedelta(days=1))
    for one in published.packed:
        year.add(one)
    if published.loose:
        rosters = sql.Literal(array_literal(published.loose))
        year.read(connection, LOOSE.format(site=sql.Literal(site_id), rosters=rosters))


def _codes(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    query = select(associate.c.id, associate.c.code).where(associate.c.id == text("ANY(CAST(:people AS bigint[]))"))
    return dict(connection.execute(query, {"people": array_literal(ids)}).all())
