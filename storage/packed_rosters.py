"""Published rosters packed into one value each, for whatever looks back over a year of days.

A packed roster is true while the roster has the version that it was packed in; after an edit it is packed again, and until then
the days themselves have to be read. So nobody who changes a roster has to think of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from scheduling.plan import LEAVE, NONE, OFF
from storage.bulk import array_literal, raw
from storage.cells import PLACES, Cells, place_of

Ints = NDArray[np.int64]

WORDS: Final = np.array([NONE, LEAVE, OFF])
"""What negative values mean, found by counting from the end as an index does."""
CELL: Final = sql.SQL(
    "((CASE kind WHEN 'shift' THEN array_position(r.shift_type_ids, shift_type_id) - 1 "
    "WHEN 'off' THEN {off} WHEN 'leave' THEN {leave} ELSE {none} END) * {places} + {place})::smallint"
).format(
    off=sql.Literal(OFF), leave=sql.Literal(LEAVE), none=sql.Literal(NONE), places=sql.Literal(PLACES), place=place_of("a")
)  # fmt: skip
PACK: Final = sql.SQL(
    "INSERT INTO packed_roster (roster_id, version, associates, cells, patterns) "
    "SELECT r.id, r.version, people.packed, days.packed, days.patterns FROM roster r "
    "CROSS JOIN LATERAL (SELECT string_agg(int8send(associate_id), ''::bytea ORDER BY associate_id) AS packed "
    "FROM roster_associate WHERE roster_id = r.id) AS people "
    "CROSS JOIN LATERAL (SELECT string_agg(int2send({cell}), ''::bytea ORDER BY associate_id, day) AS packed, "
    "string_agg(int8send(coalesce(break_pattern_id, 0)), ''::bytea ORDER BY associate_id, day) AS patterns "
    "FROM assignment a WHERE roster_id = r.id) AS days "
    # A roster that lacks a day of somebody has no such shape, and stays to be read day by day.
    "WHERE {chosen} AND length(days.packed) / 2 = length(people.packed) / 8 * r.weeks * 7 "
    "ON CONFLICT (roster_id) DO UPDATE SET version = excluded.version, associates = excluded.associates, "
    "cells = excluded.cells, patterns = excluded.patterns"
)
ONE: Final = sql.SQL("r.id = {}")
STALE: Final = sql.SQL(
    "r.id IN (SELECT roster_id FROM published_day) AND NOT EXISTS "
    "(SELECT FROM packed_roster k WHERE k.roster_id = r.id AND k.version = r.version)"
)
IN_FORCE: Final = sql.SQL(
    "SELECT r.id, r.shift_type_ids, array_agg(p.day - {first}), array_agg(p.day - r.first_day), {patterns}, k.associates, "
    "k.cells FROM published_day p JOIN roster r ON r.id = p.roster_id "
    "LEFT JOIN packed_roster k ON k.roster_id = r.id AND k.version = r.version "
    "WHERE p.site_id = {site} AND p.day >= {first} AND p.day < {before} AND {chosen} GROUP BY r.id, k.roster_id"
)
EVERY: Final = sql.SQL("true")
SOME: Final = sql.SQL("p.roster_id = ANY({}::bigint[])")
PATTERNS: Final = sql.SQL("k.patterns")
NO_PATTERNS: Final = sql.SQL("''::bytea")


@dataclass(frozen=True)
class PackedDays:
    """The days of one roster that are in force in a period.

    Parameters
    ----------
    roster_id
        Whose days they are.
    shift_type_ids
        What the values from 0 on mean.
    days
        Index in the period of each column.
    associates
        The id of each row.
    values, places
        As in a plan, shape (associates, days).
    patterns
        Id of the break pattern of each day, 0 without one; no columns where breaks are not read.
    """

    roster_id: int
    shift_type_ids: Ints
    days: Ints
    associates: Ints
    values: NDArray[np.int16]
    places: NDArray[np.int16]
    patterns: Ints

    def meanings(self, of_shift_types: Ints) -> Ints:
        """Return what each value means, when each shift type means something: negative values stay, counted from the end."""
        return np.concatenate([of_shift_types, WORDS])

    def cells_of(self, people: Collection[int]) -> tuple[Ints, Cells]:
        """Return the days of some associates one after the other, and who they belong to."""
        rows = np.flatnonzero(np.isin(self.associates, np.fromiter(people, dtype=np.int64)))
        values = self.meanings(self.shift_type_ids)[self.values[rows]].ravel()
        cells = Cells(np.tile(self.days, len(rows)), values, self.places[rows].ravel().astype(np.int64))
        return np.repeat(self.associates[rows], len(self.days)), cells


@dataclass(frozen=True)
class PublishedPeriod:
    """What is published in a period: packed, and the ids of the rosters whose days have to be read one by one."""

    packed: tuple[PackedDays, ...]
    loose: tuple[int, ...]


def pack_roster(connection: Connection, roster_id: int) -> None:
    """Pack a roster as it is now."""
    _pack(connection, ONE.format(sql.Literal(roster_id)))


def pack_stale(connection: Connection) -> int:
    """Pack the published rosters that were changed since, or never packed; return how many."""
    return _pack(connection, STALE)


def _pack(connection: Connection, chosen: sql.Composable) -> int:
    return raw(connection).execute(PACK.format(cell=CELL, chosen=chosen)).rowcount


def published_between(
    connection: Connection,
    site_id: int,
    first: date,
    before: date,
    *,
    rosters: Collection[int] | None = None,
    with_breaks: bool = False,
) -> PublishedPeriod:
    """Return what is in force at a site from a day until before another; with `rosters` the days of those only."""
    given = {"site": sql.Literal(site_id), "first": sql.Literal(first), "before": sql.Literal(before)}
    chosen = EVERY if rosters is None else SOME.format(sql.Literal(array_literal(rosters)))
    statement = IN_FORCE.format(**given, chosen=chosen, patterns=PATTERNS if with_breaks else NO_PATTERNS)
    with raw(connection).cursor(binary=True) as cursor:
        rows = cursor.execute(statement).fetchall()
    return PublishedPeriod(
        tuple(_days_of(*row) for row in rows if row[-1] is not None), tuple(row[0] for row in rows if row[-1] is None)
    )  # fmt: skip


def _days_of(
    roster_id: int,
    shift_type_ids: list[int],
    days: list[int],
    columns: list[int],
    patterns: bytes,
    associates: bytes,
    cells: bytes,
) -> PackedDays:
    people = np.frombuffer(associates, dtype=">i8").astype(np.int64)
    chosen = np.frombuffer(cells, dtype=">i2").reshape(len(people), -1)[:, columns].astype(np.int16)
    values, places = np.divmod(chosen, PLACES)
    breaks = np.frombuffer(patterns, dtype=">i8").reshape(len(people), -1)[:, columns if patterns else []].astype(np.int64)
    return PackedDays(roster_id, np.array(shift_type_ids), np.array(days), people, values, places, breaks)
