"""Simpler ways to roster the sample operation, to compare with; both decide days alone, for neither has a word for breaks.

Each returns day values of shape (associates, days), or ``None`` where it found no roster in its time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.operation.plain import plain_cp_sat
from breaks.placement import place_breaks
from breaks.polish import polish_breaks
from roster.objective import parts_of_letters
from roster.places import assign_places
from roster.problem import Facts
from roster.setting import line_choices
from roster.successions import calendar_of
from scheduling.cost import CoverageCost
from scheduling.coverage import coverage_of
from scheduling.kpis import kpis
from scheduling.plan import OFF, RosterPlan
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from services.planning import violations_of

Letters = NDArray[np.int16]

MINUTES_PER_DAY = 1440
PERIOD_MINUTES = 60
POLISH_ROUNDS = 300


def pyworkforce_roster(scenario: Scenario, seconds: float, *, workers: int, seed: int) -> Letters | None:
    """Return what the two steps of pyworkforce 0.5.1 find: heads a shift (`MinAbsDifference`), then who (`MinHoursRoster`).

    It knows cover as a hard least for each shift, bans, and one least of hours for all. It has no words for skills, a most of
    working days, days off together, weeks, runs, the past, timings that are still open, leave that lowers the hours, seats,
    requests or fairness; timings that are given, leave and locks are written as bans. Its words for successions are left out: a
    shift with two forbidden successors could never be worked, for it adds them up. The heads it is asked for are cut to the
    people whose timing it is, for a cover that cannot be kept would leave it without an answer. It takes no seed.
    """
    from pyworkforce.rostering import MinHoursRoster  # noqa: PLC0415 (an optional dependency of benchmarks)

    allowed = _allowed(scenario)
    heads = _heads_a_shift(scenario, seconds / 2, workers)
    if heads is None:
        return None
    people, days, _ = allowed.shape
    codes, names = [shift.code for shift in scenario.shift_types], [person.code for person in scenario.associates]
    per_week = scenario.rules.working_days_per_week
    # Who is there five days of seven can give so many heads on a mean day; nights and leave are already in what is allowed.
    there = np.floor(allowed.sum(axis=0) * per_week / 7).astype(np.int64)
    hours = [shift.span_minutes // 60 for shift in scenario.shift_types]
    least_days = min(int(allowed[who].any(axis=1).sum()) * per_week // 7 for who in range(people))
    roster = MinHoursRoster(
        num_days=days,
        resources=names,
        shifts=codes,
        shifts_hours=hours,
        min_working_hours=least_days * min(hours),
        banned_shifts=[
            {"resource": names[who], "shift": codes[shift], "day": int(day)} for who, day, shift in np.argwhere(~allowed)
        ],
        max_resting=days,
        required_resources={code: np.minimum(heads, there)[:, shift].tolist() for shift, code in enumerate(codes)},
        max_search_time=seconds / 2,
        num_search_workers=workers,
    )
    given = roster.solve()["resource_shifts"]
    if not given or given[0]["resource"] == -1:
        return None
    values = np.full((people, days), OFF, dtype=np.int16)
    for one in given:
        values[names.index(one["resource"]), int(one["day"])] = codes.index(one["shift"])
    return _with_absences(scenario, values)


def _allowed(scenario: Scenario) -> NDArray[np.bool_]:
    """Return whether leave, locks, contract and timing leave a shift to somebody, shape (associates, days, shifts)."""
    facts, days = Facts(scenario, calendar_of(scenario)), scenario.horizon.day_count
    allowed = np.zeros((len(scenario.associates), days, len(scenario.shift_types)), dtype=bool)
    for who, associate in enumerate(scenario.associates):
        for choice in line_choices(scenario, associate):
            for day, letters in enumerate(facts.letters(who, choice.shifts)[:days]):
                allowed[who, day, [letter for letter in letters if letter >= 0]] = True
    return allowed


def _heads_a_shift(scenario: Scenario, seconds: float, workers: int) -> NDArray[np.int64] | None:
    """Return how many should start each shift on each day, shape (days, shifts): all skills in one, breaks on average."""
    from pyworkforce.scheduling import MinAbsDifference  # noqa: PLC0415

    horizon, most = scenario.horizon, len(scenario.associates)
    periods, days = MINUTES_PER_DAY // PERIOD_MINUTES, horizon.day_count
    cover = {}
    for shift in scenario.shift_types:
        minutes = (shift.start_minute + np.arange(shift.span_minutes)) % MINUTES_PER_DAY
        cover[shift.code] = (np.bincount(minutes // PERIOD_MINUTES, minlength=periods) * 2 >= PERIOD_MINUTES).astype(int).tolist()
    span = scenario.shift_types[0].span_minutes
    present = scenario.break_policy.productive_minutes_of(span) / span
    wanted = scenario.requirement.heads.sum(axis=1).reshape(days, periods, -1).mean(axis=2) / present
    found = MinAbsDifference(
        num_days=days,
        periods=periods,
        shifts_coverage=cover,
        required_resources=np.ceil(wanted).astype(int).tolist(),
        max_period_concurrency=most,
        max_shift_concurrency=most,
        max_search_time=float(seconds),
        num_search_workers=workers,
    ).solve()["resources_shifts"]
    if found[0]["resources"] < 0:
        return None
    heads = np.zeros((days, len(cover)), dtype=np.int64)
    for one in found:
        heads[one["day"], list(cover).index(one["shift"])] = one["resources"]
    return heads


def _with_absences(scenario: Scenario, values: Letters) -> Letters:
    """Return day values with leave and days outside the contract, which are days without a shift to simpler models."""
    facts = Facts(scenario, calendar_of(scenario))
    for who in range(len(values)):
        for day, letters in enumerate(facts.letters(who, ())[: values.shape[1]]):
            if letters[0] < OFF:
                values[who, day] = letters[0]
    return values


def judged(scenario: Scenario, values: Letters | None, seed: int) -> dict[str, object]:
    """Return what our checkers and figures say of day values, with the best places of work and breaks that our engine finds."""
    if values is None:
        return {"status": "unknown"}
    days = RosterPlan(values, assign_places(scenario, values, seed=seed))
    placed = place_breaks(scenario, days, seed=seed).breaks
    breaks = polish_breaks(scenario, days, placed, seed=seed, rounds=POLISH_ROUNDS).breaks
    coverage, cost = coverage_of(scenario, days, breaks), CoverageCost()
    violations = violations_of(scenario, days, breaks, coverage)
    hard = Counter(one.rule for one in violations if one.severity is Severity.BLOCKS_PUBLISHING)
    figures, parts = kpis(scenario, days, breaks, coverage), parts_of_letters(scenario, values, coverage, cost)
    return {
        "status": "infeasible" if hard else "feasible",
        "parts": {name: round(value, 2) for name, value in parts.items()},
        "hard_violations": sum(hard.values()),
        "hard_rules": dict(hard.most_common()),
        "soft_violations": len(violations) - sum(hard.values()),
        **{name: round(figures[name], 3) for name in ("required_hours", "short_hours", "over_hours", "requests_granted_share")},
    }


BASELINES: dict[str, Callable[..., Letters | None]] = {"cp-sat": plain_cp_sat, "pyworkforce": pyworkforce_roster}
