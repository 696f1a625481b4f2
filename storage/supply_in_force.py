"""Who works in the rosters in force on some days, with which breaks: what coverage needs of everybody, and nothing more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from scheduling.coverage import SkillGroups
from scheduling.plan import NONE, NOWHERE, BreakPlan, RosterPlan
from scheduling.scenario import Scenario
from storage.bulk import array_literal, positions_of, read_array
from storage.packed_rosters import PackedDays, published_between
from storage.patterns import load_patterns
from storage.roster_in_force import InForce
from storage.sites import policy_with_id, shift_types_with_ids

Ints = NDArray[np.int64]

WORKED = sql.SQL(
    "SELECT a.associate_id, (a.day - {first})::bigint, a.shift_type_id, a.break_pattern_id "
    "FROM assignment a WHERE a.break_pattern_id IS NOT NULL AND ({of_rosters})"
)
OF_ROSTER = sql.SQL("(a.roster_id = {roster} AND a.day = ANY({days}::date[]))")
WORKED_COLUMNS = [("associate", "i8"), ("day", "i8"), ("shift", "i8"), ("pattern", "i8")]
SKILLED = sql.SQL(
    "SELECT a.id, coalesce(s.skill_id, 0) FROM associate a "
    "LEFT JOIN associate_skill s ON s.associate_id = a.id AND s.skill_id = ANY({skills}::bigint[]) "
    "WHERE a.site_id = {site} AND a.is_active"
)


@dataclass(frozen=True)
class Supply:
    """Shifts and breaks of everybody on some days, in the axis of a scenario.

    Parameters
    ----------
    scenario
        Horizon, requirement and break policy, and the shift types that are worked; its associates are not those of the rows.
    groups
        The skills of whoever works, by row.
    associate_ids
        Database id of each row.
    """

    scenario: Scenario
    groups: SkillGroups
    plan: RosterPlan
    breaks: BreakPlan
    associate_ids: tuple[int, ...]

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of each associate by id."""
        return {number: row for row, number in enumerate(self.associate_ids)}


@dataclass(frozen=True)
class _People:
    """The active associates in the order of their ids, grouped by which of the required skills they have."""

    ids: Ints
    groups: SkillGroups

    def rows(self, associates: Ints) -> Ints:
        """Return the row of each associate, -1 for whoever is not active."""
        row = np.minimum(np.searchsorted(self.ids, associates), len(self.ids) - 1)
        return np.where(self.ids[row] == associates, row, -1)


@dataclass(frozen=True)
class _Shifts:
    """Shifts with breaks, one after the other: row and index of the day, and the ids of the shift type and of the breaks."""

    row: Ints
    day: Ints
    shift: Ints
    pattern: Ints

    @classmethod
    def joined(cls, parts: Iterable[_Shifts]) -> _Shifts:
        """Return the shifts of several rosters."""
        return cls(*map(np.concatenate, zip(*((one.row, one.day, one.shift, one.pattern) for one in parts), strict=True)))


def read_supplies(connection: Connection, site_id: int, found: InForce, days: Collection[date]) -> tuple[Supply, ...]:
    """Return who works on some days, for each break policy that was in force on them: a break means nothing under another one.

    Parameters
    ----------
    found
        The same rosters for some associates, whose horizon, shift types and requirement hold here too.
    days
        Days of its horizon on which a roster is in force.
    """
    people = _people(connection, site_id, found.skill_ids)
    if not days or not len(people.ids):
        return ()
    of_policy: dict[int, list[_Shifts]] = defaultdict(list)
    for roster_id, shifts in _shifts(connection, site_id, found, people, days):
        if len(shifts.row):
            of_policy[found.policy_of_roster[roster_id]].append(shifts)
    return tuple(
        _supply(connection, found, people, _Shifts.joined(parts), policy_id) for policy_id, parts in sorted(of_policy.items())
    )


def _shifts(
    connection: Connection, site_id: int, found: InForce, people: _People, days: Collection[date]
) -> Iterable[tuple[int, _Shifts]]:
    """Yield what is worked on some days in each roster: from its packed days, or one by one where it was edited since.

    Nothing is taken from a roster that was published since the rosters of the days were read.
    """
    horizon = found.scenario.horizon
    first, before = horizon.dates[0], horizon.dates[-1] + timedelta(days=1)
    days_of: dict[int, list[date]] = defaultdict(list)
    for day in sorted(days):
        days_of[found.roster_of_day[day]].append(day)
    published = published_between(connection, site_id, first, before, rosters=days_of.keys(), with_breaks=True)
    for one in published.packed:
        wanted = np.array([horizon.day_index(day) for day in days_of[one.roster_id]], dtype=np.int64)
        yield one.roster_id, _unpacked(one, people, wanted)
    for roster_id in published.loose:
        yield roster_id, _read_one_by_one(connection, roster_id, people, days_of[roster_id], first)


def _unpacked(one: PackedDays, people: _People, wanted: Ints) -> _Shifts:
    rows, columns = people.rows(one.associates), np.flatnonzero(np.isin(one.days, wanted))
    rows, active = rows[rows >= 0], np.flatnonzero(rows >= 0)
    block = np.ix_(active, columns)
    row, column = np.nonzero(one.patterns[block])
    shift = one.shift_type_ids[one.values[block][row, column]]
    return _Shifts(rows[row], one.days[columns][column], shift, one.patterns[block][row, column])


def _read_one_by_one(
    connection: Connection, roster_id: int, people: _People, days: Collection[date], first: date
) -> _Shifts:  # fmt: skip
    of_roster = OF_ROSTER.format(roster=sql.Literal(roster_id), days=sql.Literal(list(days)))
    read = read_array(connection, WORKED.format(first=sql.Literal(first), of_rosters=of_roster), WORKED_COLUMNS)
    row = people.rows(read["associate"].astype(np.int64))
    kept = row >= 0
    return _Shifts(row[kept], *(read[name][kept].astype(np.int64) for name in ("day", "shift", "pattern")))


def _supply(connection: Connection, found: InForce, people: _People, shifts: _Shifts, policy_id: int) -> Supply:
    """Return who works, all under one break policy."""
    others = sorted(set(np.unique(shifts.shift).tolist()) - set(found.shift_type_ids))
    shift_ids = np.array([*found.shift_type_ids, *others], dtype=np.int64)
    shift_types = (*found.scenario.shift_types, *(shift_types_with_ids(connection, others) if others else ()))
    shape = (len(people.ids), found.scenario.horizon.day_count)
    values = np.full(shape, NONE, dtype=np.int16)
    values[shifts.row, shifts.day] = positions_of(shift_ids, shifts.shift)
    patterns, number = np.unique(shifts.pattern, return_inverse=True)
    assigned = np.full(shape, -1, dtype=np.int32)
    assigned[shifts.row, shifts.day] = number
    breaks = BreakPlan(load_patterns(connection, patterns), assigned, np.full(len(people.ids), -1, dtype=np.int32))
    plan = RosterPlan(values, np.full(shape, NOWHERE, dtype=np.int8))
    policy = found.scenario.break_policy if policy_id == found.policy_id else policy_with_id(connection, policy_id)
    scenario = replace(found.scenario, shift_types=shift_types, break_policy=policy)
    return Supply(scenario, people.groups, plan, breaks, tuple(people.ids.tolist()))


def _people(connection: Connection, site_id: int, skills: tuple[int, ...]) -> _People:
    query = SKILLED.format(skills=sql.Literal(array_literal(skills)), site=sql.Literal(site_id))
    had = read_array(connection, query, [("associate", "i8"), ("skill", "i8")])
    ids, row = np.unique(had["associate"].astype(np.int64), return_inverse=True)
    # A column more for those who have none of them.
    has = np.zeros((len(ids), len(skills) + 1), dtype=bool)
    has[row, positions_of(np.array([*skills, 0], dtype=np.int64), had["skill"].astype(np.int64))] = True
    allowed, of_associate = np.unique(has[:, :-1], axis=0, return_inverse=True)
    return _People(ids, SkillGroups(allowed, of_associate.astype(np.int64)))
