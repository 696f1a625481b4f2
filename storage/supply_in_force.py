"""Who works in the rosters in force on some days, with which breaks: what coverage needs of everybody, and nothing more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np
from psycopg import sql
from sqlalchemy import Connection, select

from scheduling.coverage import SkillGroups
from scheduling.plan import NONE, NOWHERE, BreakPlan, RosterPlan
from scheduling.scenario import Scenario
from storage.bulk import array_literal, positions_of, read_array
from storage.cells import DAYS
from storage.patterns import load_patterns
from storage.roster_in_force import InForce
from storage.sites import policy_with_id, shift_types_with_ids
from storage.tables import roster, skill

WORKED = sql.SQL(
    "SELECT a.associate_id, a.shift_type_id * {days_packed} + (a.day - {first}::date), a.break_pattern_id "
    "FROM assignment a JOIN associate s ON s.id = a.associate_id AND s.is_active "
    "WHERE a.break_pattern_id IS NOT NULL AND ({of_rosters})"
)
OF_ROSTER = sql.SQL("(a.roster_id = {roster} AND a.day = ANY({days}::date[]))")
WORKED_COLUMNS = [("associate", "i8"), ("cell", "i8"), ("pattern", "i8")]


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


def read_supplies(connection: Connection, site_id: int, found: InForce, days: Collection[date]) -> tuple[Supply, ...]:
    """Return who works on some days, for each break policy that was in force on them: a break means nothing under another one.

    Parameters
    ----------
    found
        The same rosters for some associates, whose horizon, shift types and requirement hold here too.
    days
        Days of its horizon on which a roster is in force.
    """
    days_of: dict[int, list[date]] = defaultdict(list)
    for day in sorted(days):
        days_of[found.roster_of_day[day]].append(day)
    policies = select(roster.c.break_policy_id, roster.c.id).where(roster.c.id.in_(days_of)).order_by(roster.c.break_policy_id)
    rows = connection.execute(policies).all()
    return tuple(
        _supply(connection, site_id, found, {number: days_of[number] for _, number in of_policy}, policy_id)
        for policy_id, of_policy in groupby(rows, key=itemgetter(0))
    )


def _supply(
    connection: Connection, site_id: int, found: InForce, days_of: Mapping[int, list[date]], policy_id: int
) -> Supply:  # fmt: skip
    """Return who works on some days of rosters, all of them under one break policy."""
    horizon = found.scenario.horizon
    of_rosters = [OF_ROSTER.format(roster=sql.Literal(number), days=sql.Literal(days)) for number, days in days_of.items()]
    statement = WORKED.format(
        first=sql.Literal(horizon.dates[0]), days_packed=sql.Literal(DAYS), of_rosters=sql.SQL(" OR ").join(of_rosters)
    )  # fmt: skip
    rows = read_array(connection, statement, WORKED_COLUMNS)
    shift, day = np.divmod(rows["cell"].astype(np.int64), DAYS)
    others = sorted(set(np.unique(shift).tolist()) - set(found.shift_type_ids))
    shift_ids = np.array([*found.shift_type_ids, *others], dtype=np.int64)
    shift_types = (*found.scenario.shift_types, *(shift_types_with_ids(connection, others) if others else ()))
    people, row = np.unique(rows["associate"].astype(np.int64), return_inverse=True)
    shape = (len(people), horizon.day_count)
    values = np.full(shape, NONE, dtype=np.int16)
    values[row, day] = positions_of(shift_ids, shift)
    patterns, number = np.unique(rows["pattern"].astype(np.int64), return_inverse=True)
    assigned = np.full(shape, -1, dtype=np.int32)
    assigned[row, day] = number
    breaks = BreakPlan(load_patterns(connection, patterns), assigned, np.full(len(people), -1, dtype=np.int32))
    plan = RosterPlan(values, np.full(shape, NOWHERE, dtype=np.int8))
    ids = tuple(people.tolist())
    groups = _groups(connection, site_id, ids, found.scenario.requirement.skills)
    scenario = replace(found.scenario, shift_types=shift_types, break_policy=policy_with_id(connection, policy_id))
    return Supply(scenario, groups, plan, breaks, ids)


def _groups(connection: Connection, site_id: int, people: tuple[int, ...], names: tuple[str, ...]) -> SkillGroups:
    """Return people grouped by which of some skills they have."""
    by_name: dict[str, int] = dict(connection.execute(select(skill.c.name, skill.c.id).where(skill.c.site_id == site_id)).all())
    wanted = [by_name[name] for name in names]
    query = sql.SQL("SELECT associate_id, skill_id FROM associate_skill WHERE skill_id = ANY({}) AND associate_id = ANY({})")
    given = (sql.SQL("{}::bigint[]").format(sql.Literal(array_literal(ids))) for ids in (wanted, people))
    had = read_array(connection, query.format(*given), [("associate", "i8"), ("skill", "i8")])
    has = np.zeros((len(people), len(wanted)), dtype=bool)
    who = positions_of(np.array(people, dtype=np.int64), had["associate"].astype(np.int64))
    has[who, positions_of(np.array(wanted, dtype=np.int64), had["skill"].astype(np.int64))] = True
    allowed, of_associate = np.unique(has, axis=0, return_inverse=True)
    return SkillGroups(allowed, of_associate.astype(np.int64))
