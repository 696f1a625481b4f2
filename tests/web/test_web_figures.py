"""Figures of the page: they add up, and they agree with the arrays they come from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.plan import Coverage
from scheduling.rules import Severity, Violation
from scheduling.times import Horizon
from tests.web.test_web_gantt import roster
from web.charts import TOLERANCE_HEADS
from web.figures import burdens, day_figures, day_sums, remaining_figures, skill_figures, sum_of, team_figures
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
        rounding = TOLERANCE_HEADS * AUTUMN.interval_count / 4
        assert slack == pytest.approx(skill.over_hours - skill.short_hours, abs=rounding)
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
