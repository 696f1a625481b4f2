"""Days of a roster on their way out of the database: when, what and where as one number.

The database packs what it hands over value by value, so that one number a day was measured twice as fast as three.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from scheduling.plan import HOME, LEAVE, NONE, NOWHERE, OFF, OFFICE

Ints = NDArray[np.int64]

DAYS: Final = 4096
"""More days than any horizon has, the rolling year included."""
PLACES: Final = 4
CELL: Final = sql.SQL(
    "((CASE {row}.kind WHEN 'shift' THEN {row}.shift_type_id WHEN 'off' THEN {off} WHEN 'leave' THEN {leave} ELSE {none} END "
    "* {places} + {place}) * {days} + ({row}.day - {first}::date))::bigint"
)
PLACE: Final = sql.SQL("CASE {row}.place WHEN 'office' THEN {office} WHEN 'home' THEN {home} ELSE {nowhere} END")


class Cells(NamedTuple):
    """Days as arrays: index of the day, id of the shift type or a negative word of `scheduling.plan.DAY_WORDS`, and place."""

    day: Ints
    value: Ints
    place: Ints


def packed(row: str, first: date, *, with_place: bool = True) -> sql.Composed:
    """Return the expression that packs a day; `row` is the name of its row in the query, with columns as in `assignment`."""
    return CELL.format(
        row=sql.Identifier(row), first=sql.Literal(first), off=sql.Literal(OFF), leave=sql.Literal(LEAVE), none=sql.Literal(NONE),
        places=sql.Literal(PLACES), days=sql.Literal(DAYS), place=place_of(row) if with_place else sql.Literal(NOWHERE),
    )  # fmt: skip


def place_of(row: str) -> sql.Composed:
    """Return the expression for the place of a day as a number."""
    return PLACE.format(
        row=sql.Identifier(row), office=sql.Literal(OFFICE), home=sql.Literal(HOME), nowhere=sql.Literal(NOWHERE)
    )  # fmt: skip


def unpacked(cells: NDArray[np.void]) -> Cells:
    """Return the days that were packed, in their order."""
    rest, day = np.divmod(cells.astype(np.int64), DAYS)
    value, place = np.divmod(rest, PLACES)
    return Cells(day, value, place)
