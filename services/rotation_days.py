"""Rotations that are followed, as part of what a roster is decided from.

Who goes through a rotation has its days locked. A week in which the rotation as it stands would break a hard rule (because of
leave, of a lock made by hand, of the days before) is left to the engine, which is only asked to stay near: the exception is
repaired and the rotation goes on after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from roster.problem import compile_problem
from roster.rotation.unroll import days_from
from roster.rules import RULES
from roster.rules.rule import Face
from scheduling.errors import ConflictError
from scheduling.people import Lock, Request
from scheduling.plan import DAY_WORDS, LEAVE, NONE, NOWHERE, OFF, RosterPlan
from scheduling.planning_input import PlanningInput
from scheduling.rules import Severity
from scheduling.scenario import Requirement, Scenario
from scheduling.times import Horizon
from storage import rotations

STAY_NEAR_WEIGHT = 2.0
"""Head-hours that it costs to leave the rotation on a day of a week with an exception."""
FREE = -4
"""Day value: no rotation says anything."""

Days = NDArray[np.int16]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Followed:
    """An associate's days in a rotation: ``off`` or the code of a shift type, empty where the rotation says nothing."""

    associate: str
    words: tuple[str, ...]


def followed_rotations(connection: Connection, site_id: int, horizon: Horizon) -> tuple[Followed, ...]:
    """Return the days of everybody of a site who goes through a rotation in the horizon."""
    first, last = horizon.dates[0], horizon.dates[-1]
    known: dict[int, rotations.StoredRotation] = {}
    words: dict[str, list[str]] = {}
    for place in rotations.places_between(connection, site_id, first, last):
        if place.rotation_id not in known:
            known[place.rotation_id] = rotations.read_rotation(connection, place.rotation_id)
        found = known[place.rotation_id]
        passed = (first - place.first_day).days
        days = days_from(found.rotations, place.row_number, passed, horizon.day_count)
        mine = words.setdefault(place.code, [""] * horizon.day_count)
        for day in range(max(0, -passed), min(horizon.day_count, (place.last_day - first).days + 1)):
            mine[day] = DAY_WORDS[OFF] if days[day] == OFF else found.problem.shifts[days[day]]
    return tuple(Followed(code, tuple(days)) for code, days in words.items())


def keep_rotations(planning_input: PlanningInput, followed: Sequence[Followed]) -> PlanningInput:
    """Return the input with the days of rotations locked, and wished for in weeks with an exception.

    Raises
    ------
    ConflictError
        When a rotation has a shift type that the site no longer has.
    """
    present = {associate.code for associate in planning_input.associates}
    followed = [one for one in followed if one.associate in present]
    if not followed:
        return planning_input
    codes = {shift.code for shift in planning_input.shift_types} | {DAY_WORDS[OFF], ""}
    if gone := sorted({word for one in followed for word in one.words} - codes):
        raise ConflictError(
            f"A rotation uses {', '.join(gone)}, which the site no longer has; end the rotation or design another."
        )
    scenario = _followers(planning_input, followed)
    wanted = _wanted(scenario, followed)
    decided = _with_facts(scenario, wanted)
    follows = (wanted == decided) & (wanted != FREE)
    freed = _widened(scenario, wanted, follows, _weeks_with_exceptions(scenario, decided))
    wishes = tuple(Request(code, when, word, STAY_NEAR_WEIGHT) for code, when, word in _told(scenario, wanted, follows & freed))
    locks = _with_locks(planning_input.locks, scenario, wanted, follows & ~freed)
    return replace(planning_input, locks=locks, requests=(*planning_input.requests, *wishes))


def _told(scenario: Scenario, wanted: Days, where: Bools) -> Iterator[tuple[str, date, str]]:
    """Yield associate, date and word of the days that are marked."""
    for row, day in np.argwhere(where).tolist():
        value = int(wanted[row, day])
        word = DAY_WORDS[OFF] if value == OFF else scenario.shift_types[value].code
        yield scenario.associates[row].code, scenario.horizon.dates[day], word


def _with_locks(own: Sequence[Lock], scenario: Scenario, wanted: Days, where: Bools) -> tuple[Lock, ...]:
    """Return locks made by hand with those of the days that are marked; of two for one day the hand-made one stays."""
    taken = {(lock.associate, lock.date) for lock in own}
    added = (Lock(*told) for told in _told(scenario, wanted, where) if told[:2] not in taken)
    return (*own, *added)


def _followers(planning_input: PlanningInput, followed: Sequence[Followed]) -> Scenario:
    """Return the scenario of those who follow a rotation, without any requirement."""
    who = {one.associate for one in followed}
    nobody = Requirement((), np.zeros((planning_input.horizon.interval_count, 0)))
    scenario = planning_input.scenario(nobody)
    return replace(
        scenario,
        associates=tuple(one for one in scenario.associates if one.code in who),
        office=None,
        leave=tuple(one for one in scenario.leave if one.associate in who),
        locks=tuple(one for one in scenario.locks if one.associate in who),
        history=tuple(one for one in scenario.history if one.associate in who),
        requests=(),
    )


def _wanted(scenario: Scenario, followed: Sequence[Followed]) -> Days:
    """Return what the rotations say, shape (associates, days)."""
    values = {**scenario.shift_index} | {DAY_WORDS[OFF]: OFF, "": FREE}
    by_code = {one.associate: [values[word] for word in one.words] for one in followed}
    return np.array([by_code[associate.code] for associate in scenario.associates], dtype=np.int16)


def _with_facts(scenario: Scenario, wanted: Days) -> Days:
    """Return the days as they would be with contracts, leave and locks; off where no rotation says anything."""
    decided = np.where(wanted == FREE, OFF, wanted).astype(np.int16)
    dates = scenario.horizon.dates
    for lock in scenario.locks:
        day = scenario.horizon.day_index(lock.date)
        if 0 <= day < len(dates):
            value = OFF if lock.value == DAY_WORDS[OFF] else scenario.shift_index[lock.value]
            decided[scenario.associate_index[lock.associate], day] = value
    for leave in scenario.leave:
        first, last = (scenario.horizon.day_index(day) for day in (leave.first_day, leave.last_day))
        decided[scenario.associate_index[leave.associate], max(0, first) : max(0, last + 1)] = LEAVE
    for row, associate in enumerate(scenario.associates):
        outside = [not associate.contract_start <= day <= associate.contract_end for day in dates]
        decided[row, outside] = NONE
    return decided


def _weeks_with_exceptions(scenario: Scenario, decided: Days) -> Bools:
    """Return the days of weeks in which the checker says that a hard rule of sequence would be broken."""
    plan = RosterPlan(decided, np.full(decided.shape, NOWHERE, dtype=np.int8))
    freed = np.zeros(decided.shape, dtype=bool)
    weeks = (np.arange(decided.shape[1]) + scenario.week_offset) // 7
    for rule in RULES:
        if rule.face is not Face.MACHINE or rule.severity is not Severity.BLOCKS_PUBLISHING:
            continue
        for violation in rule.check(scenario, plan):
            row = scenario.associate_index[violation.who]
            day = max(0, scenario.horizon.day_index(violation.when or scenario.horizon.first_day))
            freed[row, weeks == weeks[day]] = True
    return freed


def _widened(scenario: Scenario, wanted: Days, follows: Bools, freed: Bools) -> Bools:
    """Return the freed days with the weeks beside them, for those whose other days cannot be kept otherwise."""
    weeks = (np.arange(freed.shape[1]) + scenario.week_offset) // 7
    freed = freed.copy()
    while True:
        locks = _with_locks(scenario.locks, scenario, wanted, follows & ~freed)
        people = compile_problem(replace(scenario, locks=locks)).people
        stuck = [row for row, person in enumerate(people) if person.relaxed and not freed[row].all()]
        if not stuck:
            return freed
        for row in stuck:
            near = set(weeks[freed[row]].tolist()) or {int(weeks[0])}
            freed[row] |= np.isin(weeks, [week + step for week in near for step in (-1, 0, 1)])


def last_day_of(first_day: date, weeks: int) -> date:
    """Return the last day of a period of whole weeks."""
    return first_day + timedelta(days=7 * weeks - 1)
