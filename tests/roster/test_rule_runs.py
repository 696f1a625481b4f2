"""Runs of working days and of days off."""

from __future__ import annotations

import pytest

from scheduling.rules import RuleSettings
from tests.builders import history, scenario
from tests.roster.rule_judge import judge, violations


def test_working_days_in_a_row_kept_at_the_boundary() -> None:
    assert judge("working-days-in-a-row", scenario(), "MMMMMM. MMMMMM.") == []


def test_working_days_in_a_row_broken_by_one_day() -> None:
    assert judge("working-days-in-a-row", scenario(), "MMMMMMM .......") == [("A1", "2027-01-10", 1)]


def test_working_days_in_a_row_counts_any_shift_and_crosses_the_week() -> None:
    assert judge("working-days-in-a-row", scenario(), "..MDENM MDN....") == [("A1", "2027-01-12", 2)]


def test_working_days_in_a_row_ends_at_leave_and_outside_the_contract() -> None:
    assert judge("working-days-in-a-row", scenario(), "MMMM~MM MMMM---") == []


def test_working_days_in_a_row_joins_the_history() -> None:
    assert judge("working-days-in-a-row", scenario(history=history("A1", "MMMM")), "MM..... .......") == []
    assert judge("working-days-in-a-row", scenario(history=history("A1", "MMMM")), "MMM.... .......") == [("A1", "2027-01-06", 1)]


def test_working_days_in_a_row_counts_only_days_over_that_can_be_mended() -> None:
    of = scenario(history=history("A1", "MMMMMMMMM"))
    assert judge("working-days-in-a-row", of, "M...... .......") == [("A1", "2027-01-04", 1)]
    assert judge("working-days-in-a-row", of, "....... .......") == []


def test_working_days_in_a_row_does_not_join_across_an_unknown_day() -> None:
    assert judge("working-days-in-a-row", scenario(history=history("A1", "MMM?")), "MMMMMM. .......") == []


def test_wished_working_days_in_a_row_kept_at_the_boundary() -> None:
    assert judge("wished-working-days-in-a-row", scenario(), "MMMMM.. MMMMM..") == []


def test_wished_working_days_in_a_row_broken_by_one_day() -> None:
    assert judge("wished-working-days-in-a-row", scenario(), "MMMMMM. .......") == [("A1", "2027-01-09", 1)]


def test_wished_working_days_in_a_row_takes_the_number_of_the_site() -> None:
    of = scenario(rules=RuleSettings(wished_consecutive_days=4))
    assert judge("wished-working-days-in-a-row", of, "MMMMMM. .......") == [("A1", "2027-01-08", 2)]


@pytest.mark.parametrize(
    "row",
    [
        "MMMMM.. MMMMM..",
        "M..MM.. MM...MM",
        ".MMMM.. MMMMM..",  # An unknown past before the first day.
        "MMMMM.. MMMMMM.",  # The end of the horizon.
        "MMMM.~~ ~.MMM..",  # Leave on one side.
        "---.MMM MM.----",  # Edges of the contract.
    ],
)
def test_days_off_together_kept(row: str) -> None:
    assert judge("days-off-together", scenario(), row) == []


def test_days_off_together_broken_by_one_day() -> None:
    assert judge("days-off-together", scenario(), "MM.MM.. MMMMM..") == [("A1", "2027-01-06", 1)]


def test_days_off_together_names_each_short_run() -> None:
    of = scenario(rules=RuleSettings(days_off_consecutive=3))
    found = judge("days-off-together", of, "M.M..M. ..M...M")
    assert found == [("A1", "2027-01-05", 2), ("A1", "2027-01-07", 1)]


def test_days_off_together_joins_the_history() -> None:
    assert judge("days-off-together", scenario(history=history("A1", "M.")), ".MMMMM. .MMMM..") == []
    assert judge("days-off-together", scenario(history=history("A1", "MM")), ".MMMMM. .MMMM..") == [("A1", "2027-01-04", 1)]
    assert judge("days-off-together", scenario(history=history("A1", "?.")), "MMMMM.. MMMMM..") == []


def test_days_off_together_broken_by_the_first_shift_after_a_day_off_of_the_past() -> None:
    (found,) = violations("days-off-together", scenario(history=history("A1", "M.")), "MMMMM.. MMMMM..")
    assert (found.when, found.amount) == (scenario().horizon.first_day, 1)
    assert "Give Mon 4 Jan 2027 off as well" in found.message


def test_days_off_together_past_runs_are_not_judged() -> None:
    assert judge("days-off-together", scenario(history=history("A1", "M.M..")), "MMMMM.. MMMMM..") == []


def test_days_off_together_with_leave_among_them_are_not_judged() -> None:
    assert judge("days-off-together", scenario(rules=RuleSettings(days_off_consecutive=3)), "M.~M... .......") == []


def test_working_days_in_a_row_of_a_history_that_reaches_into_the_horizon() -> None:
    late = history("A1", "MMM", before=scenario().horizon.dates[2])
    assert judge("working-days-in-a-row", scenario(history=late), "MMMMMM. .......") == [("A1", "2027-01-09", 1)]
