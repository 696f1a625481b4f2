"""Each figure by hand, on rosters small enough to count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.coverage import coverage_of
from scheduling.kpis import (
    compared_associates,
    coverage_share,
    gini,
    is_granted,
    kpis,
    nights,
    off_rotation_share,
    office_occupancy,
    over_hours,
    productive_minutes,
    requests_granted_share,
    required_hours,
    service_shares,
    short_hours,
    timings_used,
    weekend_days_worked,
    worst_interval,
)
from scheduling.people import Leave, Request, WorkMode
from scheduling.plan import BreakPlan, Coverage
from scheduling.rules import RuleSettings
from tests.builders import PATTERN, SPRING_MONDAY, associate, breaks_of, plan, scenario

COVERAGE = Coverage(
    required=np.array([[2.0, 1.0], [4.0, 0.0], [0.0, 1.0]]), scheduled=np.array([[2.5, 1.0], [1.0, 0.5], [0.0, 0.0]])
)


def test_hours_are_heads_times_the_length_of_an_interval() -> None:
    assert required_hours(COVERAGE, 0.25) == pytest.approx(8 * 0.25)
    assert short_hours(COVERAGE, 0.25) == pytest.approx(4 * 0.25)
    assert over_hours(COVERAGE, 0.25) == pytest.approx(1 * 0.25)


def test_shares_of_need_that_is_met() -> None:
    assert coverage_share(COVERAGE) == pytest.approx(0.5)
    assert service_shares(COVERAGE) == pytest.approx((0.5, 0.5))
    nothing = Coverage(required=np.zeros((2, 1)), scheduled=np.ones((2, 1)))
    assert coverage_share(nothing) == 1
    assert service_shares(nothing) == (1,)


def test_the_worst_interval_has_most_heads_missing() -> None:
    assert worst_interval(COVERAGE) == 1


def test_productive_minutes_of_each_shift() -> None:
    of = scenario(weeks=1)
    roster = plan(of, "MM.M...")
    assert productive_minutes(of, roster, breaks_of(of, roster)).tolist() == [420, 420, 420]
    some = BreakPlan(
        patterns=(PATTERN, PATTERN[:-1], ()),
        assigned=np.array([[1, 0, -1, -1, -1, -1, -1]], dtype=np.int32),
        carried=np.array([-1], dtype=np.int32),
    )
    # One short break less is ten minutes more; a shift without a pattern has its whole span.
    assert productive_minutes(of, roster, some).tolist() == [430, 420, 540]


def test_a_productive_break_does_not_cost_productive_minutes() -> None:
    of = scenario(weeks=1)
    kinds = of.break_policy.breaks
    policy = replace(of.break_policy, breaks=(*kinds[:2], replace(kinds[2], productive=True)))
    roster = plan(of, "M......")
    assert productive_minutes(replace(of, break_policy=policy), roster, breaks_of(of, roster)).tolist() == [440]


def test_nights_weekend_days_and_timings_are_counted() -> None:
    of = scenario(associates=[associate("A1"), associate("A2")])
    roster = plan(of, {"A1": "NNN..MM .......", "A2": "MMMMM.. ..DDD.D"})
    assert nights(of, roster) == 3
    assert weekend_days_worked(of, roster).tolist() == [2, 1]
    assert timings_used(roster) == 3


def test_compared_are_those_who_are_there_throughout() -> None:
    people = [
        associate("A1"),
        associate("A2", contract_start=date(2027, 1, 5)),
        associate("A3", contract_end=date(2027, 1, 16)),
        associate("A4"),
        associate("A5"),
    ]
    leave = (Leave("A4", date(2027, 1, 17), date(2027, 1, 20)), Leave("A5", date(2027, 1, 18), date(2027, 1, 20)))
    assert compared_associates(scenario(associates=people, leave=leave)).tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("counts", "expected"), [([], 0), ([0, 0], 0), ([3, 3, 3], 0), ([0, 1], 1 / 2), ([0, 0, 0, 4], 3 / 4), ([1, 3], 1 / 4)]
)
def test_gini_by_hand(counts: list[int], expected: float) -> None:
    assert gini(np.array(counts, dtype=np.int64)) == pytest.approx(expected)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8))
def test_gini_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    total, size = sum(counts), len(counts)
    differences = sum(abs(one - other) for one in counts for other in counts)
    expected = differences / (2 * size * total) if total else 0
    assert gini(np.array(counts, dtype=np.int64)) == pytest.approx(expected)


def test_off_rotation_counts_pairs_of_full_weeks() -> None:
    of = scenario(weeks=3, associates=[associate("A1"), associate("A2")])
    rows = {"A1": "MMMMM.. MMMMM.. MMMM..M", "A2": "MMMMM.. M~MMM.. MMMMM.."}
    assert off_rotation_share(of, plan(of, rows)) == pytest.approx(1 / 2)
    later = scenario(weeks=3, associates=of.associates, rules=RuleSettings(week_starts_on="wednesday"))
    # From Wednesday there are two full weeks: MMM..MM MMM..MM of A1 is the same twice, and A2 has leave in the first.
    assert off_rotation_share(later, plan(later, rows)) == 0
    assert off_rotation_share(scenario(weeks=1), plan(scenario(weeks=1), "MMMMM..")) == 1


@pytest.mark.parametrize(
    ("want", "row", "granted"),
    [
        ("off", ".", True),
        ("off", "M", False),
        ("M", "M", True),
        ("M", "E", False),
        ("M", ".", False),
        ("M", "~", None),
        ("off", "-", None),
    ],
)
def test_a_request_is_granted_refused_or_not_judged(want: str, row: str, granted: bool | None) -> None:
    of = scenario(weeks=1)
    assert is_granted(of, plan(of, f"{row}......"), Request("A1", date(2027, 1, 4), want, 1.0)) is granted


def test_requests_granted_are_a_share_of_those_that_can_be_judged() -> None:
    days = [(4, "off"), (5, "off"), (6, "M"), (7, "off"), (20, "off")]
    of = scenario(weeks=1, requests=tuple(Request("A1", date(2027, 1, day), want, 1.0) for day, want in days))
    assert requests_granted_share(of, plan(of, ".MM~...")) == pytest.approx(2 / 3)
    assert requests_granted_share(scenario(weeks=1), plan(of, ".MM~...")) == 1


def test_office_occupancy_counts_every_minute_in_the_office() -> None:
    people = [associate("A1"), associate("A2"), associate("A3", work_mode=WorkMode.HOME)]
    of = scenario(weeks=1, associates=people)
    present = office_occupancy(of, plan(of, {"A1": "M......", "A2": "D.....N", "A3": "MMMMM.."}))
    assert len(present) == 7 * 1440
    assert present.max() == 2
    assert np.flatnonzero(present == 2).tolist() == list(range(600, 900))
    assert present.sum() == 540 + 540 + 120


def test_office_occupancy_follows_the_clocks() -> None:
    of = scenario(weeks=1, zone="Europe/Berlin", start=SPRING_MONDAY)
    present = office_occupancy(of, plan(of, ".....N."))
    assert len(present) == 7 * 1440 - 60
    assert of.horizon.instant_of(int(np.flatnonzero(present)[-1]) + 1).hour == 8


def figures(row: str, **facts: Any) -> dict[str, float]:
    of = scenario(weeks=1, **facts)
    roster = plan(of, row)
    breaks = breaks_of(of, roster)
    return kpis(of, roster, breaks, coverage_of(of, roster, breaks))


def test_all_figures_of_a_roster() -> None:
    found = figures("MMMMM..", heads=1.0)
    assert found["required_hours"] == 168
    assert found["short_hours"] == pytest.approx(168 - 5 * 7)
    assert found["over_hours"] == 0
    assert found["coverage_share"] == found["service_share_stow"] == pytest.approx(5 * 7 / 168)
    assert found["productive_minutes_min"] == found["productive_minutes_max"] == found["productive_minutes_mean"] == 420
    assert (found["shifts"], found["nights"], found["timings_used"], found["office_seat_peak"]) == (5, 0, 1, 1)
    assert (found["worst_interval_minute"], found["worst_interval_short_heads"]) == (0, 1)


def test_all_figures_of_an_empty_roster_are_finite() -> None:
    found = figures(".......")
    assert all(np.isfinite(value) for value in found.values())
    assert found["productive_minutes_min"] == found["productive_minutes_max"] == 0
    assert all(type(value) is float for value in found.values())
