"""Nights in a row, and consent to them."""

from __future__ import annotations

from datetime import date, time

import pytest

from scheduling.rules import RuleSettings
from scheduling.shifts import ShiftType
from tests.builders import AUTUMN_MONDAY, SHIFT_TYPES, SPRING_MONDAY, associate, history, scenario
from tests.roster.rule_judge import judge, violations

MORE = (*SHIFT_TYPES, ShiftType("A", time(20), 540), ShiftType("B", time(20), 539), ShiftType("C", time(0), 300))


def test_nights_in_a_row_kept_at_the_boundary() -> None:
    assert judge("nights-in-a-row", scenario(), "NNNNN.. ..NNNNN") == []


def test_nights_in_a_row_broken_by_one_night() -> None:
    assert judge("nights-in-a-row", scenario(), "NNNNNN. .......") == [("A1", "2027-01-09", 1)]


def test_nights_in_a_row_ends_with_any_other_day() -> None:
    assert judge("nights-in-a-row", scenario(), "NNNENNN NN~NNNN") == []


def test_nights_in_a_row_joins_the_history() -> None:
    assert judge("nights-in-a-row", scenario(history=history("A1", "NNNN")), "NN..... .......") == [("A1", "2027-01-05", 1)]


@pytest.mark.parametrize(("code", "count"), [("A", 1), ("B", 0), ("C", 1), ("E", 0), ("M", 0)])
def test_nights_in_a_row_counts_shifts_across_midnight_until_five(code: str, count: int) -> None:
    # A ends at 05:00, B one minute earlier, C runs from midnight to five.
    of = scenario(shift_types=MORE)
    assert len(judge("nights-in-a-row", of, f"{code * 6}. .......")) == count


@pytest.mark.parametrize("start", [SPRING_MONDAY, AUTUMN_MONDAY])
def test_nights_in_a_row_counts_the_nights_on_which_clocks_change(start: date) -> None:
    of = scenario(zone="Europe/Berlin", start=start)
    assert judge("nights-in-a-row", of, "..NNNNN N......") == [("A1", date.fromordinal(start.toordinal() + 7).isoformat(), 1)]


def test_wished_nights_in_a_row_kept_at_the_boundary() -> None:
    assert judge("wished-nights-in-a-row", scenario(), "NNN..NN N......") == []


def test_wished_nights_in_a_row_broken_by_one_night() -> None:
    (found,) = violations("wished-nights-in-a-row", scenario(), "NNNN... .......")
    assert (found.when, found.amount) == (date(2027, 1, 7), 1)
    assert "3 is the most that is wished" in found.message


def test_night_consent_kept() -> None:
    asks = RuleSettings(night_consent_required=True)
    refuses = associate("A2", night_consent=False)
    of = scenario(rules=asks, associates=[associate("A1"), refuses], weeks=1)
    assert judge("night-consent", of, {"A1": "NNNNN..", "A2": "MDE...."}) == []


def test_night_consent_broken_by_one_night() -> None:
    asks = RuleSettings(night_consent_required=True)
    of = scenario(rules=asks, associates=[associate("A1", night_consent=False)], weeks=1)
    assert judge("night-consent", of, "..N....") == [("A1", "2027-01-06", 1)]
    assert judge("night-consent", of, "..N..NN") == [("A1", "2027-01-06", 3)]


def test_night_consent_of_past_nights_is_not_judged() -> None:
    asks = RuleSettings(night_consent_required=True)
    of = scenario(rules=asks, associates=[associate("A1", night_consent=False)], weeks=1, history=history("A1", "NN"))
    assert judge("night-consent", of, "..M....") == []


def test_night_consent_not_asked_for_by_the_site() -> None:
    of = scenario(associates=[associate("A1", night_consent=False)], weeks=1)
    assert judge("night-consent", of, "NNNNN..") == []
