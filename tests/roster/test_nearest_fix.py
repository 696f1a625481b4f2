"""The nearest fix mends what it says, breaks no hard rule, and touches no kept day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roster.check import check
from roster.nearest_fix import nearest_fix
from roster.rules import RULES_OF_PEOPLE
from scheduling.people import WorkMode
from scheduling.plan import HOME, NOWHERE, OFF, OFFICE, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario
from tests import stored


@pytest.fixture(scope="module")
def alone() -> tuple[Scenario, RosterPlan]:
    """One associate who keeps every hard rule: five days on, two off."""
    scenario = stored.operation(20, 2).scenario()
    plan = stored.rotation(scenario)
    for row, person in enumerate(scenario.associates):
        only = replace(
            scenario, associates=(person,), leave=(), requests=(), locks=(), history=(), holidays=frozenset(), office=None
        )
        kept = RosterPlan(plan.values[row : row + 1], plan.places[row : row + 1])
        if (kept.values >= OFF).all() and not hard(check(only, kept, RULES_OF_PEOPLE)):
            return only, kept
    raise AssertionError("No line of the rotation keeps the rules.")


def hard(found: tuple[Violation, ...]) -> list[Violation]:
    return [one for one in found if one.severity is Severity.BLOCKS_PUBLISHING]


def put(scenario: Scenario, plan: RosterPlan, days: tuple[tuple[int, int], ...]) -> RosterPlan:
    values, places = plan.values.copy(), plan.places.copy()
    for day, value in days:
        values[0, day] = value
        at_work = OFFICE if scenario.associates[0].work_mode is WorkMode.OFFICE else HOME
        places[0, day] = NOWHERE if value < 0 else at_work
    return RosterPlan(values, places)


def test_a_day_that_was_taken_is_given_back(alone: tuple[Scenario, RosterPlan]) -> None:
    scenario, plan = alone
    shift = int(plan.values.max())
    for day in np.flatnonzero(plan.values[0] == OFF).tolist():
        broken = put(scenario, plan, ((day, shift),))
        for violation in hard(check(scenario, broken, RULES_OF_PEOPLE)):
            fix = nearest_fix(scenario, broken, violation, kept=())
            assert fix is not None
            after = check(scenario, put(scenario, broken, fix.days), RULES_OF_PEOPLE)
            assert violation not in after
            assert len(hard(after)) == fix.blocking <= len(hard(check(scenario, broken, RULES_OF_PEOPLE)))


def test_days_that_are_kept_stay(alone: tuple[Scenario, RosterPlan]) -> None:
    scenario, plan = alone
    day, shift = int(np.flatnonzero(plan.values[0] == OFF)[0]), int(plan.values.max())
    broken = put(scenario, plan, ((day, shift),))
    violation = hard(check(scenario, broken, RULES_OF_PEOPLE))[0]
    assert nearest_fix(scenario, broken, violation, kept=range(14)) is None
    fix = nearest_fix(scenario, broken, violation, kept=(day,))
    assert fix is None or day not in {one for one, _ in fix.days}


def test_what_is_not_broken_needs_no_fix(alone: tuple[Scenario, RosterPlan]) -> None:
    scenario, plan = alone
    other = Violation("rest-between-shifts", Severity.BLOCKS_PUBLISHING, "X", scenario.horizon.dates[3], 1.0, "words")
    assert nearest_fix(scenario, plan, other, kept=()) is None
