"""Working days and hours of a calendar week."""

from __future__ import annotations

from datetime import date, time

import pytest

from scheduling.rules import RuleSettings
from scheduling.shifts import ShiftType
from tests.builders import AUTUMN_MONDAY, SHIFT_TYPES, SPRING_MONDAY, history, scenario
from tests.roster.rule_judge import judge, violations

THURSDAY = date(2027, 1, 7)


@pytest.mark.parametrize("row", ["MMMMM.. M..MMMM", "MMMM~.. MM~~~..", "~~~~~~~ ~~~~~~~", "----MM. M-----~"])
def test_working_days_in_a_week_kept(row: str) -> None:
    assert judge("working-days-in-a-week", scenario(), row) == []


def test_working_days_in_a_week_broken_by_one_day_more_or_fewer() -> None:
    assert judge("working-days-in-a-week", scenario(), "MMMMMM. MMMMM..") == [("A1", "2027-01-04", 1)]
    assert judge("working-days-in-a-week", scenario(), "MMMMM.. MMMM...") == [("A1", "2027-01-11", 1)]


def test_working_days_in_a_week_less_leave_is_both_the_most_and_the_least() -> None:
    assert judge("working-days-in-a-week", scenario(weeks=1), "~~MMMM.") == [("A1", "2027-01-04", 1)]
    assert judge("working-days-in-a-week", scenario(weeks=1), "~~MM...") == [("A1", "2027-01-04", 1)]
    assert judge("working-days-in-a-week", scenario(weeks=1), "~~MMM..") == []


def test_working_days_in_a_week_at_an_edge_of_the_contract_may_be_fewer() -> None:
    for row in ("---MM..", "---MMM.", "---MMMM"):
        assert judge("working-days-in-a-week", scenario(weeks=1), row) == []
    assert judge("working-days-in-a-week", scenario(weeks=1), "---M...") == [("A1", "2027-01-04", 1)]


def test_working_days_in_a_week_cut_by_the_horizon_may_be_fewer_but_not_more() -> None:
    # The horizon from Thursday to Wednesday cuts two weeks: four known days of the first and three of the second.
    of = scenario(start=THURSDAY, weeks=1)
    assert judge("working-days-in-a-week", of, "MM.. M..") == []
    assert judge("working-days-in-a-week", of, "M... M..") == [("A1", "2027-01-07", 1)]
    assert judge("working-days-in-a-week", of, "MM.. ...") == [("A1", "2027-01-11", 1)]
    wide = scenario(start=THURSDAY, weeks=1, rules=RuleSettings(working_days_per_week=3))
    assert judge("working-days-in-a-week", wide, "MMMM ...") == [("A1", "2027-01-07", 1)]


def test_working_days_in_a_week_counts_the_known_past_of_the_week() -> None:
    of = scenario(start=THURSDAY, weeks=1, history=history("A1", "MMM", before=THURSDAY))
    assert judge("working-days-in-a-week", of, "MM.. M..") == []
    assert judge("working-days-in-a-week", of, "MMM. M..") == [("A1", "2027-01-07", 1)]
    assert judge("working-days-in-a-week", of, "M... M..") == [("A1", "2027-01-07", 1)]
    on_leave = scenario(start=THURSDAY, weeks=1, history=history("A1", "~~M", before=THURSDAY))
    assert judge("working-days-in-a-week", on_leave, "MM.. M..") == []
    assert judge("working-days-in-a-week", on_leave, "MMM. M..") == [("A1", "2027-01-07", 1)]


def test_working_days_in_a_week_leaves_out_what_the_past_has_already_broken() -> None:
    rules = RuleSettings(working_days_per_week=2)
    of = scenario(start=THURSDAY, weeks=1, rules=rules, history=history("A1", "MMM", before=THURSDAY))
    assert judge("working-days-in-a-week", of, ".... M..") == []
    assert judge("working-days-in-a-week", of, "M... M..") == [("A1", "2027-01-07", 1)]


def test_working_days_in_a_week_starts_where_the_site_starts_it() -> None:
    of = scenario(start=date(2027, 1, 3), weeks=1, rules=RuleSettings(week_starts_on="sunday"))
    assert judge("working-days-in-a-week", of, "MMMMMM.") == [("A1", "2027-01-03", 1)]
    of = scenario(start=date(2027, 1, 3), weeks=1)
    assert judge("working-days-in-a-week", of, "MMMMMM.") == []


def test_working_days_in_a_week_says_why_the_number_is_lower() -> None:
    (found,) = violations("working-days-in-a-week", scenario(weeks=1), "~~MMMM.")
    assert (
        "works 4 days in the week of Mon 4 Jan 2027; 3 is the most (of 5, less 2 days of leave), 1 day too many" in found.message
    )


LONG = (*SHIFT_TYPES, ShiftType("L", time(8), 840), ShiftType("X", time(8), 541))
"""Twelve hours of work with the breaks of two, and a minute more than others."""


def test_weekly_work_kept_at_the_boundary() -> None:
    # Four shifts of twelve hours of work are 48 hours.
    assert judge("weekly-work", scenario(weeks=1, shift_types=LONG), "LLLL...") == []


def test_weekly_work_leaves_breaks_out() -> None:
    # Six days of nine hours, two of them breaks, are 42 hours of work.
    assert judge("weekly-work", scenario(weeks=1), "MMMMMM.") == []
    assert judge("weekly-work", scenario(weeks=1), "MMMMMMM") == [("A1", "2027-01-04", 60)]


def test_weekly_work_broken_by_one_minute() -> None:
    of = scenario(weeks=1, shift_types=LONG, rules=RuleSettings(max_weekly_work_minutes=2100))
    assert judge("weekly-work", of, "MMMMM..") == []
    assert judge("weekly-work", of, "MMMMX..") == [("A1", "2027-01-04", 1)]


def test_weekly_work_across_midnight_belongs_to_the_day_of_the_start() -> None:
    of = scenario(shift_types=LONG, rules=RuleSettings(max_weekly_work_minutes=2100))
    assert judge("weekly-work", of, "..NNNNN MMMMM..") == []


def test_weekly_work_counts_the_known_past_of_the_week() -> None:
    rules = RuleSettings(max_weekly_work_minutes=2100)
    of = scenario(start=THURSDAY, weeks=1, rules=rules, history=history("A1", "MMM", before=THURSDAY))
    assert judge("weekly-work", of, "MM.. M..") == []
    assert judge("weekly-work", of, "MMM. M..") == [("A1", "2027-01-07", 420)]


@pytest.mark.parametrize("start", [SPRING_MONDAY, AUTUMN_MONDAY])
def test_weekly_work_counts_elapsed_minutes_when_clocks_change(start: date) -> None:
    of = scenario(weeks=1, zone="Europe/Berlin", start=start, rules=RuleSettings(max_weekly_work_minutes=2100))
    assert judge("weekly-work", of, "..NNNNN") == []
    assert judge("weekly-work", of, ".NNNNNN") == [("A1", start.isoformat(), 420)]
