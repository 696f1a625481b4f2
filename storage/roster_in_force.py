"""The rosters in force around some days as one scenario and one plan, whichever rosters they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, select, text

from scheduling.plan import LEAVE, NONE, OFF, BreakPlan, RosterPlan
from scheduling.rules import Office, RuleSettings
from scheduling.scenario import Requirement, Scenario
from scheduling.shifts import ShiftType
from scheduling.times import WEEKDAYS, Horizon
from storage.bulk import array_literal, positions_of, raw, read_array
from storage.codecs import rules_of
from storage.days_in_force import DaysRead, read_days
from storage.operation_reading import active_associate_ids, associates_with_ids, history_before, leave_of, locks_of
from storage.patterns import load_patterns
from storage.sites import current_policy, policy_with_id
from storage.tables import site

Ints = NDArray[np.int64]

ROSTERS = text(
    "SELECT p.day, r.id, r.break_policy_id FROM published_day p JOIN roster r ON r.id = p.roster_id "
    "WHERE p.site_id = :site AND p.day BETWEEN :first AND :last"
)
HOLIDAYS = text("SELECT day FROM holiday WHERE site_id = :site AND day BETWEEN :first AND :last")
SKILLS = text(
    "SELECT id, name FROM skill WHERE site_id = :site AND id IN "
    "(SELECT unnest(skill_ids) FROM roster WHERE id = ANY(CAST(:rosters AS bigint[]))) ORDER BY position"
)
REQUIRED_COLUMNS = [("skill", "i8"), ("minute", "i8"), ("required", "f8")]
REQUIRED = sql.SQL("SELECT skill_id, (date_part('epoch', starts_at) / 60)::bigint, required FROM coverage WHERE {of_rosters}")
SHIFT_TYPES = (
    "SELECT id, code, starts_at, span_minutes FROM shift_type WHERE site_id = %s AND (is_current OR id = ANY(%s)) "
    "ORDER BY position, id"
)
WORDS = {OFF: "off", LEAVE: "leave"}
OF_ROSTER = sql.SQL("(roster_id = {roster} AND starts_at >= {start} AND starts_at < {end})")


@dataclass(frozen=True)
class InForce:
    """What is published on some weeks of a site.

    Parameters
    ----------
    scenario
        Its horizon is those weeks; rules, people and requests are those of now, the requirement is that of the rosters.
    plan, breaks
        What is published; NONE on days without a roster.
    associate_ids, shift_type_ids, skill_ids
        Database ids in the order of the rows, of the shift types, and of the skills that are required.
    roster_of_day
        The roster in force on each day that has one.
    policy_id, policy_of_roster
        Id of the break policy of the scenario, and of each of those rosters.
    """

    scenario: Scenario
    plan: RosterPlan
    breaks: BreakPlan
    associate_ids: tuple[int, ...]
    shift_type_ids: tuple[int, ...]
    skill_ids: tuple[int, ...]
    roster_of_day: dict[date, int]
    policy_id: int
    policy_of_roster: dict[int, int]

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of each associate by id."""
        return {number: row for row, number in enumerate(self.associate_ids)}

    def word(self, row: int, day: int) -> str:
        """Return what stands in a cell: a shift code, ``off``, ``leave`` or ``none``."""
        value = int(self.plan.values[row, day])
        return self.scenario.shift_types[value].code if value >= 0 else WORDS.get(value, "none")

    def kind_of(self, row: int, day: int) -> tuple[str, int | None]:
        """Return the kind of day that stands in a cell, and the id of its shift type."""
        value = int(self.plan.values[row, day])
        return ("shift", self.shift_type_ids[value]) if value >= 0 else (WORDS.get(value, "none"), None)


def read_in_force(
    connection: Connection,
    site_id: int,
    first_day: date,
    last_day: date,
    *,
    around_weeks: int = 1,
    with_past: bool = True,
    with_breaks: bool = True,
    heads_on: Collection[date] | None = None,
    only: Collection[int] | None = None,
) -> InForce:
    """Return what is published from the week of one day to the week of another, and some weeks around.

    The breaks are those under the policy of the roster of the first day; where another policy was in force they are left out.

    Parameters
    ----------
    with_past
        Whether the days before are read as well, which rules look back on and coverage does not need.
    with_breaks
        Whether the breaks are read, which are by far the largest part; without them no shift has a pattern.
    heads_on
        Days whose required heads are read, all of them without it; on others they are 0, for the same skills.
    only
        Associates of interest; all active ones without it.
    """
    place = connection.execute(select(site).where(site.c.id == site_id)).one()._mapping
    rules = rules_of(place["rules"])
    horizon = _horizon(place["zone_name"], place["interval_minutes"], rules, first_day, last_day, around_weeks)
    roster_of_day, policies = _rosters(connection, site_id, horizon)
    later = (policies[number] for day, number in sorted(roster_of_day.items()) if day >= first_day)
    policy_id = next(later, None) or current_policy(connection, site_id)[0]
    people = active_associate_ids(connection, site_id, only)
    policy, is_packed = policy_id if with_breaks else None, only is None and not with_breaks
    read = read_days(connection, site_id, horizon, people, policy=policy, is_packed=is_packed)
    shift_types = _shift_types(connection, site_id, read.cells.value)
    skills = _required_skills(connection, site_id, policies)
    asked = Scenario(
        horizon=horizon,
        associates=associates_with_ids(connection, people, horizon),
        shift_types=tuple(shift_types.values()),
        requirement=_requirement(connection, skills, horizon, roster_of_day, heads_on),
        break_policy=policy_with_id(connection, policy_id),
        rules=rules,
        office=None if place["office_seats"] is None else Office(place["office_seats"], place["office_days_per_week"]),
    )
    scenario = _with_days_known(connection, site_id, asked, people, with_past=with_past)
    plan, breaks = _plan(connection, read, people, shift_types, horizon.day_count)
    return InForce(scenario, plan, breaks, people, tuple(shift_types), tuple(skills), roster_of_day, policy_id, policies)


def _with_days_known(
    connection: Connection, site_id: int, scenario: Scenario, people: Sequence[int], *, with_past: bool
) -> Scenario:  # fmt: skip
    """Return a scenario with what is known of its days: holidays, leave and locks, and the past where rules look back on it."""
    horizon = scenario.horizon
    given = {"site": site_id, "first": horizon.dates[0], "last": horizon.dates[-1]}
    return replace(
        scenario,
        leave=leave_of(connection, people, horizon),
        locks=locks_of(connection, people, horizon),
        history=history_before(connection, site_id, people, horizon.dates[0]) if with_past else (),
        holidays=frozenset(connection.execute(HOLIDAYS, given).scalars()),
    )


def _horizon(zone_name: str, interval: int, rules: RuleSettings, first_day: date, last_day: date, around_weeks: int) -> Horizon:
    starts_on = WEEKDAYS.index(rules.week_starts_on)

    def week_of(day: date) -> date:
        return day - timedelta(days=(day.weekday() - starts_on) % 7)

    first = week_of(first_day) - timedelta(weeks=around_weeks)
    weeks = (week_of(last_day) - first).days // 7 + 1 + around_weeks
    return Horizon(zone_name, first, weeks, interval)


def _rosters(connection: Connection, site_id: int, horizon: Horizon) -> tuple[dict[date, int], dict[int, int]]:
    """Return the roster in force on each day that has one, and the break policy of each of them."""
    rows = connection.execute(ROSTERS, {"site": site_id, "first": horizon.dates[0], "last": horizon.dates[-1]}).all()
    return {day: number for day, number, _ in rows}, {number: policy for _, number, policy in rows}


def _shift_types(connection: Connection, site_id: int, values: Ints) -> dict[int, ShiftType]:
    """Return the shift types that are current or in use by their ids, in their order."""
    used = np.unique(values[values > 0]).tolist()
    rows = raw(connection).execute(SHIFT_TYPES, (site_id, used)).fetchall()
    return {number: ShiftType(*facts) for number, *facts in rows}


def _required(connection: Connection, horizon: Horizon, roster_of_day: Mapping[date, int]) -> NDArray[np.void]:
    """Return what is required in each interval by the roster in force on its local date."""
    days = [(roster_of_day.get(day), index) for index, day in enumerate(horizon.dates)]
    runs = [(roster, [index for _, index in run]) for roster, run in groupby(days, key=itemgetter(0)) if roster is not None]
    if not runs:
        return np.zeros(0, dtype=[(name, kind) for name, kind in REQUIRED_COLUMNS])
    instant = [horizon.instant_of(int(minute)) for minute in horizon.day_starts]
    parts = (
        OF_ROSTER.format(roster=sql.Literal(roster), start=sql.Literal(instant[run[0]]), end=sql.Literal(instant[run[-1] + 1]))
        for roster, run in runs
    )
    return read_array(connection, REQUIRED.format(of_rosters=sql.SQL(" OR ").join(parts)), REQUIRED_COLUMNS)


def _required_skills(connection: Connection, site_id: int, rosters: Collection[int]) -> dict[int, str]:
    """Return the names of the skills that rosters ask for, by id, in the order of the site."""
    return dict(connection.execute(SKILLS, {"site": site_id, "rosters": array_literal(rosters)}).all())


def _requirement(
    connection: Connection,
    names: Mapping[int, str],
    horizon: Horizon,
    roster_of_day: Mapping[date, int],
    days: Collection[date] | None,
) -> Requirement:
    heads = np.zeros((horizon.interval_count, len(names)))
    wanted = {day: number for day, number in roster_of_day.items() if days is None or day in days}
    if wanted and names:
        rows = _required(connection, horizon, wanted)
        interval = (rows["minute"].astype(np.int64) - round(horizon.start.timestamp() / 60)) // horizon.interval_minutes
        heads[interval, positions_of(np.array(list(names)), rows["skill"].astype(np.int64))] = rows["required"]
    return Requirement(tuple(names.values()), heads)


def _plan(
    connection: Connection, read: DaysRead, people: Collection[int], shift_ids: Collection[int], days: int
) -> tuple[RosterPlan, BreakPlan]:  # fmt: skip
    shape, cells, pattern = (len(people), days), read.cells, read.pattern
    values, places = np.full(shape, NONE, dtype=np.int16), np.zeros(shape, dtype=np.int8)
    assigned = np.full(shape, -1, dtype=np.int32)
    where = (positions_of(np.array(list(people), dtype=np.int64), read.associate), cells.day)
    worked = cells.value > 0
    cells.value[worked] = positions_of(np.array(list(shift_ids), dtype=np.int64), cells.value[worked])
    values[where], places[where] = cells.value, cells.place
    ids = np.unique(pattern[pattern >= 0])
    assigned[where] = np.where(pattern >= 0, np.searchsorted(ids, pattern), -1)
    carried = np.full(shape[0], -1, dtype=np.int32)
    return RosterPlan(values, places), BreakPlan(load_patterns(connection, ids), assigned, carried)
