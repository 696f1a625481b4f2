"""Requests, the weekly off that moves, and skills that are needed."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling.people import Request
from scheduling.rules import RuleSettings
from tests.builders import associate, history, scenario
from tests.roster.rule_judge import judge, violations


def asks(day: int, want: str, weight: float = 2.5) -> Request:
    return Request("A1", date(2027, 1, day), want, weight)


def test_requests_granted_kept() -> None:
    of = scenario(weeks=1, requests=(asks(4, "off"), asks(5, "E")))
    assert judge("requests-granted", of, ".EMM...") == []


def test_requests_granted_broken_by_one_request() -> None:
    assert judge("requests-granted", scenario(weeks=1, requests=(asks(4, "off"),)), "M......") == [("A1", "2027-01-04", 2.5)]
    of = scenario(weeks=1, requests=(asks(5, "E", 0.5), asks(6, "E")))
    assert judge("requests-granted", of, ".D.....") == [("A1", "2027-01-05", 0.5), ("A1", "2027-01-06", 2.5)]


@pytest.mark.parametrize("row", ["~......", "-......"])
@pytest.mark.parametrize("want", ["off", "E"])
def test_requests_granted_not_judged_on_leave_and_outside_the_contract(row: str, want: str) -> None:
    assert judge("requests-granted", scenario(weeks=1, requests=(asks(4, want),)), row) == []


def test_requests_granted_not_judged_beyond_the_horizon() -> None:
    of = scenario(weeks=1, requests=(asks(3, "off"), asks(11, "off")))
    assert judge("requests-granted", of, "MMMMM..") == []


def test_requests_granted_message_names_wish_and_weight() -> None:
    (found,) = violations("requests-granted", scenario(weeks=1, requests=(asks(4, "off"),)), "M......")
    assert "asked for a day off on Mon 4 Jan 2027 with weight 2.5, and has M" in found.message


@pytest.mark.parametrize("row", ["MMMMM.. MMMM..M", "MMMMM.. .MMMMM.", "MMMMM.. MMMMMM."])
def test_weekly_off_rotates_kept(row: str) -> None:
    assert judge("weekly-off-rotates", scenario(), row) == []


def test_weekly_off_rotates_broken_by_one_week() -> None:
    of = scenario(weeks=3)
    (found,) = violations("weekly-off-rotates", of, "M..MMMM MMMM..M MMMM..M")
    assert (found.when, found.amount) == (date(2027, 1, 18), 1)
    assert "has Friday and Saturday off in the week of Mon 18 Jan 2027, as in the week before" in found.message


@pytest.mark.parametrize("row", ["MMMMM.. ~MMMM..", "~MMMM.. MMMMM..", "-MMMM.. MMMMM..", "MMMMMMM MMMMMMM"])
def test_weekly_off_rotates_compares_only_full_weeks_with_days_off(row: str) -> None:
    assert judge("weekly-off-rotates", scenario(), row) == []


def test_weekly_off_rotates_on_from_the_known_past() -> None:
    of = scenario(weeks=1, history=history("A1", "MMMMM.."))
    assert judge("weekly-off-rotates", of, "MMMMM..") == [("A1", "2027-01-04", 1)]
    assert judge("weekly-off-rotates", scenario(weeks=1, history=history("A1", "?MMMM..")), "MMMMM..") == []
    thursday = date(2027, 1, 7)
    cut = scenario(start=thursday, weeks=1, history=history("A1", "MMMMM.. MMM", before=thursday))
    assert judge("weekly-off-rotates", cut, "MM.. MMM") == [("A1", "2027-01-07", 1)]


def test_weekly_off_rotates_in_the_weeks_of_the_site() -> None:
    # From Wednesday the weeks are ..MMMMM and MM..MMM, from Monday both have the weekend off.
    of = scenario(rules=RuleSettings(week_starts_on="monday"))
    assert len(judge("weekly-off-rotates", of, "MMMMM.. MMMMM..")) == 1
    of = scenario(rules=RuleSettings(week_starts_on="wednesday"))
    assert judge("weekly-off-rotates", of, "MMMMM.. MMMMM..") == []


def test_skill_needed_kept() -> None:
    two = associate(skills=frozenset({"text", "stow"}))
    assert judge("skill-needed", scenario(weeks=1, associates=[two]), "MMMMM..") == []
    idle = associate(skills=frozenset({"text"}))
    assert judge("skill-needed", scenario(weeks=1, associates=[idle]), "~~~~~..") == []


def test_skill_needed_broken_by_one_shift() -> None:
    idle = associate(skills=frozenset({"text"}))
    (found,) = violations("skill-needed", scenario(weeks=1, associates=[idle]), "~~~~M..")
    assert (found.who, found.when, found.amount) == ("A1", None, 1)
    assert "has 1 shift but none of the skills that are required (stow), only text, and is never counted" in found.message
