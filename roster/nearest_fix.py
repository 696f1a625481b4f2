"""The nearest fix of a broken rule: the fewest days of one associate that, changed by hand, mend it and break no hard rule.

A small search that knows no solver: the days around the violation are tried, one and then two at a time, and the independent
checker says what each of them mends. So it offers nothing that the next check would refuse. The checker is quick for many
associates at once, so every try stands in one roster, as the days of an associate of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from roster.check import check
from roster.rules import RULES_OF_PEOPLE
from scheduling.people import WorkMode
from scheduling.plan import HOME, NOWHERE, OFF, OFFICE, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

REACH_DAYS: Final = 6
"""Days before and after the violation that may change; runs and weeks that matter to it are no longer."""
MOST_PAIRS: Final = 400
"""Pairs of days that are tried at most, the nearest first."""

Days = tuple[tuple[int, int], ...]
"""Index and new value of each day that changes."""


@dataclass(frozen=True)
class Fix:
    """Days of the associate that change, and what is left of violations then.

    Parameters
    ----------
    blocking, reasons
        Violations of the associate that block publishing, and that need a reason, after the fix.
    """

    days: Days
    blocking: int
    reasons: int


def nearest_fix(scenario: Scenario, plan: RosterPlan, violation: Violation, kept: Collection[int]) -> Fix | None:
    """Return the fix of a violation with the fewest days, ``None`` when there is none near it.

    Of fixes with equally many days the one that leaves the fewest violations is taken, then the one nearest to the violation.

    Parameters
    ----------
    scenario, plan
        The associate alone: one row.
    kept
        Days that must stay as they are.
    """
    (before,) = _found(scenario, plan, [()])
    if violation.when is None or violation not in before:
        return None
    middle = scenario.horizon.day_index(violation.when)
    singles = _singles(scenario, plan.values[0], middle, kept)
    alone: list[Days] = [(one,) for one in singles]
    for tries in (alone, _pairs(singles, plan.values[0], middle)):
        mending = [
            _ranked(days, after, middle)
            for days, after in zip(tries, _found(scenario, plan, tries), strict=True)
            if _mends(violation, before, after)
        ]
        if mending:
            return min(mending, key=lambda one: one[0])[1]
    return None


def _singles(
    scenario: Scenario, values: NDArray[np.int16], middle: int, kept: Collection[int]
) -> list[tuple[int, int]]:  # fmt: skip
    """Return the changes of one day: a day off, or a shift that the associate has in this roster or as timing."""
    person, rules = scenario.associates[0], scenario.rules
    usual = set(values[values >= 0].tolist()) | ({scenario.shift_index[person.timing]} if person.timing else set())
    refused = rules.night_consent_required and not person.night_consent
    shifts = sorted(one for one in usual if not (refused and scenario.shift_types[one].is_night))
    reach = range(max(0, middle - REACH_DAYS), min(len(values), middle + REACH_DAYS + 1))
    free = [day for day in reach if day not in kept and values[day] >= OFF]
    return [(day, value) for day in free for value in (OFF, *shifts) if value != values[day]]


def _pairs(singles: Sequence[tuple[int, int]], values: NDArray[np.int16], middle: int) -> list[Days]:
    """Return changes of two days; first those that leave as many working days as there are, which most rules ask for."""

    def order(pair: Days) -> tuple[bool, int]:
        more = sum(int(value >= 0) - int(values[day] >= 0) for day, value in pair)
        return more != 0, sum(abs(day - middle) for day, _ in pair)

    pairs: list[Days] = [pair for pair in combinations(singles, 2) if pair[0][0] != pair[1][0]]
    return sorted(pairs, key=order)[:MOST_PAIRS]


def _found(scenario: Scenario, plan: RosterPlan, tries: Sequence[Days]) -> list[tuple[Violation, ...]]:
    """Return what the checker says of each try."""
    if not tries:
        return []
    person = scenario.associates[0]
    values, places = np.repeat(plan.values, len(tries), axis=0), np.repeat(plan.places, len(tries), axis=0)
    usual = OFFICE if person.work_mode is WorkMode.OFFICE else HOME
    for row, days in enumerate(tries):
        for day, value in days:
            values[row, day] = value
            places[row, day] = NOWHERE if value < 0 else (places[row, day] or usual)
    # The facts of the associate belong to each try.
    codes = [f"{person.code}#{number}" for number in range(len(tries))]
    many = replace(
        scenario,
        associates=tuple(replace(person, code=code) for code in codes),
        leave=tuple(replace(one, associate=code) for code in codes for one in scenario.leave),
        requests=tuple(replace(one, associate=code) for code in codes for one in scenario.requests),
        locks=tuple(replace(one, associate=code) for code in codes for one in scenario.locks),
        history=tuple(replace(one, associate=code) for code in codes for one in scenario.history),
    )
    found: dict[str, list[Violation]] = {code: [] for code in codes}
    for one in check(many, RosterPlan(values, places), RULES_OF_PEOPLE):
        found[one.who].append(replace(one, who=person.code, message=one.message.replace(one.who, person.code)))
    return [tuple(found[code]) for code in codes]


def _mends(violation: Violation, before: Sequence[Violation], after: Sequence[Violation]) -> bool:
    """Return whether the rule is broken by less, and no hard rule by more than before."""
    was, now = _amounts(before), _amounts(after)
    hard = {one.rule for one in after if one.severity is Severity.BLOCKS_PUBLISHING}
    mended = violation not in after and now[violation.rule] < was[violation.rule]
    return mended and all(now[rule] <= was[rule] for rule in hard)


def _amounts(found: Sequence[Violation]) -> dict[str, float]:
    amounts: dict[str, float] = defaultdict(float)
    for one in found:
        amounts[one.rule] += one.amount
    return amounts


def _ranked(days: Days, after: Sequence[Violation], middle: int) -> tuple[tuple[int, ...], Fix]:
    blocking = sum(one.severity is Severity.BLOCKS_PUBLISHING for one in after)
    fix = Fix(days, blocking, len(after) - blocking)
    far = sum(abs(day - middle) for day, _ in days)
    return (blocking, fix.reasons, far, *(number for day in days for number in day)), fix
