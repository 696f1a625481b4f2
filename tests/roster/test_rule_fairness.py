"""Weekends, holidays and nights shared out evenly."""

from __future__ import annotations

from datetime import date
from typing import Any

from scheduling.people import Leave
from scheduling.rules import RuleSettings, Timing
from scheduling.scenario import Scenario
from tests.builders import associate, scenario
from tests.roster.rule_judge import judge, violations

PEOPLE = [associate("A1"), associate("A2"), associate("A3")]
FREE = "MMMMM.. MMMMM.. MMMMM.. MMMMM.."
TWICE = "M..MMMM MMMMM.. MMMMM.. MMMMM.."
MUCH = "M..MMMM M..MMMM M..MMMM MMMMM.."


def of(**facts: Any) -> Scenario:
    return scenario(weeks=4, **{"associates": PEOPLE, **facts})


def test_fair_weekends_kept_at_the_boundary() -> None:
    # Days 0, 2 and 4 have the average 2, and nobody is more than 2 from it.
    rows = {"A1": FREE, "A2": TWICE, "A3": "M..MMMM M..MMMM MMMMM.. MMMMM.."}
    assert judge("fair-weekends", of(), rows) == []


def test_fair_weekends_broken_by_one_unit() -> None:
    # Days 0, 3 and 3: the average is 2, but of 0, 2 and 5 it is 7/3.
    assert judge("fair-weekends", of(), {"A1": FREE, "A2": TWICE, "A3": MUCH.replace("M..MMMM MMMMM", "M.MMMM. MMMMM")}) == [
        ("A1", "", round(1 / 3, 6)),
        ("A3", "", round(2 / 3, 6)),
    ]


def test_fair_weekends_takes_the_number_of_the_site() -> None:
    rows = {"A1": FREE, "A2": TWICE, "A3": MUCH}
    assert len(judge("fair-weekends", of(rules=RuleSettings(wished_fairness_days=3)), rows)) == 1
    assert judge("fair-weekends", of(rules=RuleSettings(wished_fairness_days=4)), rows) == []


def test_fair_weekends_compares_only_those_who_are_there_throughout() -> None:
    leaver = associate("A3", contract_end=date(2027, 1, 30))
    rows = {"A1": FREE, "A2": FREE, "A3": MUCH}
    assert judge("fair-weekends", of(associates=[*PEOPLE[:2], leaver]), rows) == []
    assert judge("fair-weekends", of(leave=(Leave("A3", date(2027, 1, 31), date(2027, 2, 9)),)), rows) == []
    assert len(judge("fair-weekends", of(leave=(Leave("A3", date(2027, 2, 1), date(2027, 2, 9)),)), rows)) == 1


def test_fair_weekends_of_nobody() -> None:
    leaver = associate("A1", contract_end=date(2027, 1, 30))
    assert judge("fair-weekends", of(associates=[leaver]), FREE) == []


def test_fair_weekends_message_names_days_and_average() -> None:
    found = violations("fair-weekends", of(), {"A1": FREE, "A2": FREE, "A3": MUCH})
    assert [violation.who for violation in found] == ["A3"]
    assert "works 6 weekend days, the average is 2.0; a difference of 2 is wished at most, this is 2.0 beyond" in found[0].message


HOLIDAYS = frozenset(date(2027, 1, day) for day in (4, 5, 6, 7, 9))


def test_fair_holidays_kept_at_the_boundary() -> None:
    rows = {"A1": FREE, "A2": FREE.replace("MMMMM", "....M", 1), "A3": FREE.replace("MMMMM", "MM..M", 1)}
    assert judge("fair-holidays", of(holidays=HOLIDAYS), rows) == []


def test_fair_holidays_broken_by_one_day() -> None:
    rows = {
        "A1": FREE.replace("MMMMM..", "MMMM.M.", 1),
        "A2": FREE.replace("MMMMM", "....M", 1),
        "A3": FREE.replace("MMMMM", "MM..M", 1),
    }
    assert judge("fair-holidays", of(holidays=HOLIDAYS), rows) == [
        ("A1", "", round(2 / 3, 6)),
        ("A2", "", round(1 / 3, 6)),
    ]


def test_fair_holidays_without_holidays() -> None:
    assert judge("fair-holidays", of(), {"A1": FREE, "A2": FREE, "A3": "....... " * 4}) == []


WEEKLY = RuleSettings(timing=Timing.WEEKLY)
NIGHTS = "NNNN... MMMMM.. MMMMM.. MMMMM.."


def test_fair_nights_kept_at_the_boundary() -> None:
    assert judge("fair-nights", of(rules=WEEKLY), {"A1": NIGHTS, "A2": FREE, "A3": NIGHTS.replace("NNNN", "NN..")}) == []


def test_fair_nights_broken_by_one_night() -> None:
    assert judge("fair-nights", of(rules=WEEKLY), {"A1": NIGHTS.replace("NNNN.", "NNNNN"), "A2": FREE, "A3": FREE}) == [
        ("A1", "", round(5 - 5 / 3 - 2, 6))
    ]


def test_fair_nights_are_not_shared_where_timing_is_fixed() -> None:
    assert judge("fair-nights", of(), {"A1": NIGHTS.replace("NNNN.", "NNNNN"), "A2": FREE, "A3": FREE}) == []


def test_fair_nights_leave_out_given_timings_and_refused_nights() -> None:
    rows = {"A1": NIGHTS.replace("NNNN.", "NNNNN"), "A2": FREE, "A3": FREE}
    given = [PEOPLE[0], associate("A2", timing="M"), associate("A3", timing="M")]
    assert judge("fair-nights", of(rules=WEEKLY, associates=given), rows) == []
    refused = [PEOPLE[0], associate("A2", night_consent=False), associate("A3", night_consent=False)]
    asks = RuleSettings(timing=Timing.WEEKLY, night_consent_required=True)
    assert judge("fair-nights", of(rules=asks, associates=refused), rows) == []
    assert len(judge("fair-nights", of(rules=WEEKLY, associates=refused), rows)) == 1


def test_fair_weekends_names_whom_to_swap_with() -> None:
    few, many = violations("fair-weekends", of(rules=RuleSettings(wished_fairness_days=1)), {"A1": FREE, "A2": TWICE, "A3": MUCH})
    assert few.who == "A1"
    assert few.message.endswith("Swap with an associate who works more.")
    assert many.message.endswith("Swap with an associate who works fewer.")
