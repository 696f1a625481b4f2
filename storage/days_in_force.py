"""Days of the rosters in force as arrays: from packed rosters where that is enough, else one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from scheduling.times import Horizon
from storage.bulk import array_literal, read_array
from storage.cells import Cells, packed, unpacked
from storage.packed_rosters import EVERY, SOME, PackedDays, published_between

Ints = NDArray[np.int64]

DAYS: Final = sql.SQL(
    "SELECT a.associate_id, {cell}, {pattern} "
    "FROM published_day p JOIN roster r ON r.id = p.roster_id JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day "
    "WHERE p.site_id = {site} AND p.day BETWEEN {first} AND {last} AND a.associate_id = ANY({people}::bigint[]) AND {chosen}"
)
COLUMNS: Final = [("associate", "i8"), ("cell", "i8"), ("pattern", "i8")]
PATTERN: Final = sql.SQL("CASE WHEN r.break_policy_id = {} THEN coalesce(a.break_pattern_id, -1) ELSE -1 END")
NO_PATTERN: Final = sql.SQL("-1::bigint")


@dataclass(frozen=True)
class DaysRead:
    """Days in no particular order.

    Parameters
    ----------
    associate
        Whose day it is.
    pattern
        Id of the break pattern, -1 without one.
    """

    associate: Ints
    cells: Cells
    pattern: Ints


def read_days(
    connection: Connection, site_id: int, horizon: Horizon, people: Collection[int], *, policy: int | None, is_packed: bool
) -> DaysRead:
    """Return what is published for associates in a horizon.

    Parameters
    ----------
    policy
        Id of the break policy whose breaks are read; no breaks without it.
    is_packed
        Whether packed rosters are looked into, without their breaks: they are the quicker way to the days of everybody, and the
        slower one to those of a few.
    """
    first, last = horizon.dates[0], horizon.dates[-1]
    packed_days: tuple[PackedDays, ...] = ()
    chosen: sql.Composable = EVERY
    if is_packed:
        published = published_between(connection, site_id, first, last + timedelta(days=1))
        packed_days, chosen = published.packed, SOME.format(sql.Literal(array_literal(published.loose)))
    pattern = NO_PATTERN if policy is None else PATTERN.format(sql.Literal(policy))
    statement = DAYS.format(
        cell=packed("a", first), pattern=pattern, site=sql.Literal(site_id), first=sql.Literal(first), last=sql.Literal(last),
        people=sql.Literal(array_literal(people)), chosen=chosen,
    )  # fmt: skip
    rows = read_array(connection, statement, COLUMNS)
    read = DaysRead(rows["associate"].astype(np.int64), unpacked(rows["cell"]), rows["pattern"].astype(np.int64))
    return _joined([read, *(_without_breaks(*one.cells_of(people)) for one in packed_days)])


def _without_breaks(associate: Ints, cells: Cells) -> DaysRead:
    return DaysRead(associate, cells, np.full(len(associate), -1, dtype=np.int64))


def _joined(parts: Sequence[DaysRead]) -> DaysRead:
    cells = Cells(*map(np.concatenate, zip(*(one.cells for one in parts), strict=True)))
    return DaysRead(np.concatenate([one.associate for one in parts]), cells, np.concatenate([one.pattern for one in parts]))
