"""Figures of the page: they add up, and they agree with the arrays they come from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.kpis import short_hours
from scheduling.plan import Coverage
from scheduling.rules import Severity, Violation
from scheduling.times import Horizon
from tests.web.test_web_gantt import roster
from web.charts import TOLERANCE_HEADS
from web.figures import (
    Distance,
    burdens,
    day_figures,
    day_sums,
    distance_of,
    remaining_figures,
    skill_figures,
    sum_of,
    team_figures,
    worst_of,
)
from web.findings import find

AUTUMN = Horizon("Europe/Berlin", date(2027, 10, 25), 1)


def test_hours_of_a_day_of_25_hours_are_25() -> None:
    hours = day_sums(AUTUMN, np.ones(AUTUMN.interval_count))
    assert hours.tolist() == [24, 24, 24, 24, 24, 24, 25]


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_skills_days_and_their_sum_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (AUTUMN.interval_count, 3)
    coverage = Coverage(rng.uniform(0, 50, shape), rng.uniform(0, 50, shape))
    skills = skill_figures(AUTUMN, ("a", "b", "c"), coverage)
    for column, skill in enumerate(skills):
        days = day_figures(AUTUMN, coverage, column)
        assert sum(day.short_hours for day in days) == pytest.approx(skill.short_hours)
        assert sum(day.scheduled_hours for day in days) == pytest.approx(skill.scheduled_hours)
        assert max(day.share_of_worst for day in days) == 1.0
        slack = skill.scheduled_hours - skill.required_hours
        assert slack == pytest.approx(skill.over_hours - skill.short_hours)
    assert sum_of(skills).short_hours == pytest.approx(sum(skill.short_hours for skill in skills))


def test_a_skill_that_nobody_needs_has_no_share_covered() -> None:
    zeros = np.zeros((AUTUMN.interval_count, 1))
    assert skill_figures(AUTUMN, ("a",), Coverage(zeros, zeros))[0].covered is None


def test_burdens_and_teams_count_nights_and_weekends() -> None:
    of = roster({"A": "NNNNN.. NNNNN..", "B": "..MMMMM ..MMMMM", "C": "~~~~~~~ ~~~~~~~"})
    nights, weekends, shifts = burdens(of)
    assert (nights.least, nights.mean, nights.most) == (0, 5.0, 10)
    assert (weekends.least, weekends.mean, weekends.most) == (0, 2.0, 4)
    assert (shifts.least, shifts.most) == (10, 10), "who is away all the time is not counted"
    assert [(team.team, team.nights, team.weekend_days) for team in team_figures(of)] == [
        ("T0", 10, 0),
        ("T1", 0, 4),
        ("T2", 0, 0),
    ]


def test_no_figure_is_lost_and_units_are_named() -> None:
    shown = remaining_figures({"short_hours": 1.0, "rest_minutes_min": 660.0, "spread": 2.5}, frozenset({"short_hours"}))
    assert [(figure.name, figure.text) for figure in shown] == [("Rest min (minutes)", "660"), ("Spread", "2.5")]


def test_violations_are_counted_filtered_and_paged() -> None:
    hard = [Violation("rest", Severity.BLOCKS_PUBLISHING, "A", None, 1, "m")] * 3
    soft = [Violation("run", Severity.NEEDS_A_REASON, "A", None, 1, "m")] * 5
    found = find([*hard, *soft], severity="needs a reason", page=2, rows=3)
    assert (len(found.violations), found.found, found.all_count, found.page, found.pages) == (2, 5, 8, 2, 2)
    assert dict(found.by_rule) == {"rest": 3, "run": 5}
    assert find([*hard, *soft], rule="rest", page=99).page == 1


def test_the_distance_from_the_best_is_given_in_hours_and_for_each_hundred_required() -> None:
    distance = distance_of(120.5, 118.25, {"shortage": 20.5, "hours worked": 100.0}, 90.0)
    assert distance.parts == (("hours worked", 100.0), ("shortage", 20.5))
    assert (distance.hours, distance.per_hundred) == (2.25, 2.5)
    assert distance_of(5.0, 6.0, {}, 0.0) == Distance((), 0.0, None)


def test_small_shortages_add_up_although_no_interval_of_them_is_a_sign() -> None:
    shape = (AUTUMN.interval_count, 1)
    required = np.full(shape, 10.0)
    coverage = Coverage(required, required - TOLERANCE_HEADS / 2)
    (skill,) = skill_figures(AUTUMN, ("a",), coverage)
    assert skill.short_hours == pytest.approx(short_hours(coverage, 0.25)) == pytest.approx(169 * TOLERANCE_HEADS / 2)
    assert skill.intervals_short == 0
    assert worst_of(AUTUMN, coverage) is None


def test_the_worst_interval_has_its_local_time() -> None:
    required = np.zeros((AUTUMN.interval_count, 2))
    required[26 * 4 + 1] = 1.5
    worst = worst_of(AUTUMN, Coverage(required, np.zeros_like(required)))
    assert worst is not None
    assert (worst.start.isoformat(), worst.heads) == ("2027-10-26T02:15:00+02:00", 3.0)


def test_shares_are_shown_in_per_cent() -> None:
    (figure,) = remaining_figures({"requests_granted_share": 0.7333}, frozenset())
    assert (figure.name, figure.text) == ("Requests granted (%)", "73.33")
