"""Personal terms: minutes, shifts of a type, weekends, runs and successions of one contract."""

from __future__ import annotations

from datetime import date
from typing import Any

from roster.rules import RULES
from scheduling.people import ContractTerms, Leave
from scheduling.scenario import Scenario
from tests.builders import associate, history, plan, scenario
from tests.roster.rule_judge import judge, violations


def of_terms(facts: dict[str, Any] | None = None, **terms: Any) -> Scenario:
    """Return a scenario of one associate with terms; a shift has 420 working minutes."""
    return scenario(associates=[associate(terms=ContractTerms(**terms))], **(facts or {}))


def test_minutes_of_the_terms_kept_at_both_bounds() -> None:
    of = of_terms(least_minutes=4 * 420, most_minutes=5 * 420)
    assert judge("minutes-of-the-terms", of, "MM..MM. .......") == []
    assert judge("minutes-of-the-terms", of, "MM..MM. M......") == []


def test_minutes_of_the_terms_broken_on_either_side() -> None:
    of = of_terms(least_minutes=4 * 420, most_minutes=5 * 420)
    assert judge("minutes-of-the-terms", of, "MMM.... .......") == [("A1", "", 420)]
    assert judge("minutes-of-the-terms", of, "MMM..MM M......") == [("A1", "", 420)]
    (found,) = violations("minutes-of-the-terms", of, "MMM.... .......")
    assert "works 21 h; 28 h is the least" in found.message


def test_minutes_of_the_terms_ask_less_of_who_is_on_leave() -> None:
    leave = (Leave("A1", date(2027, 1, 4), date(2027, 1, 10)),)
    of = of_terms({"leave": leave}, least_minutes=4 * 420)
    assert judge("minutes-of-the-terms", of, "~~~~~~~ MM.....") == []
    assert judge("minutes-of-the-terms", of, "~~~~~~~ M......") == [("A1", "", 420)]


def test_working_days_in_a_week_give_way_to_minutes_of_the_terms() -> None:
    assert judge("working-days-in-a-week", of_terms(most_minutes=2000), "MM..... MM.....") == []
    assert judge("working-days-in-a-week", of_terms(most_weekends=1), "MM..... MMMMM..") == [("A1", "2027-01-04", 3)]


def test_shifts_of_a_type_kept_and_others_free() -> None:
    assert judge("shifts-of-a-type", of_terms(most_shifts=(("N", 2),)), "NN..MMM MMM....") == []


def test_shifts_of_a_type_broken_by_one() -> None:
    assert judge("shifts-of-a-type", of_terms(most_shifts=(("N", 2),)), "NN..... NN.....") == [("A1", "", 2)]


def test_weekends_of_the_terms_kept_with_both_days_of_one() -> None:
    assert judge("weekends-of-the-terms", of_terms(most_weekends=1), ".....MM M......") == []


def test_weekends_of_the_terms_broken_by_a_second() -> None:
    assert judge("weekends-of-the-terms", of_terms(most_weekends=1), ".....M. ......M") == [("A1", "", 1)]


def test_own_working_days_in_a_row_kept_at_the_boundary() -> None:
    assert judge("own-working-days-in-a-row", of_terms(most_days_in_a_row=3), "MMM.MMM .......") == []


def test_own_working_days_in_a_row_broken_also_across_the_past() -> None:
    assert judge("own-working-days-in-a-row", of_terms(most_days_in_a_row=3), "MMMM... .......") == [("A1", "2027-01-07", 1)]
    of = of_terms({"history": history("A1", "MM")}, most_days_in_a_row=3)
    assert judge("own-working-days-in-a-row", of, "MM..... .......") == [("A1", "2027-01-05", 1)]


def test_working_days_together_kept_at_edges_and_beside_leave() -> None:
    of = of_terms(least_days_in_a_row=2)
    assert judge("working-days-together", of, "M..MM.. ......M") == []
    assert judge("working-days-together", of, "..~M... .......") == []


def test_working_days_together_broken_by_a_single_day() -> None:
    assert judge("working-days-together", of_terms(least_days_in_a_row=2), "..M.... .......") == [("A1", "2027-01-06", 1)]


def test_own_days_off_together_kept_at_edges() -> None:
    assert judge("own-days-off-together", of_terms(least_days_off_in_a_row=3), ".MM...M ......M") == []


def test_own_days_off_together_broken_by_a_short_run() -> None:
    of = of_terms(least_days_off_in_a_row=3)
    assert judge("own-days-off-together", of, "MM..MM. .......") == [("A1", "2027-01-06", 1)]


def test_own_successions_kept_with_a_day_between() -> None:
    assert judge("own-successions", of_terms(forbidden_successions=(("M", "E"),)), "M.EM... .......") == []


def test_own_successions_broken_on_the_next_day() -> None:
    assert judge("own-successions", of_terms(forbidden_successions=(("M", "E"),)), "ME..... .......") == [("A1", "2027-01-05", 1)]


def test_who_has_no_terms_breaks_none_of_them() -> None:
    of = scenario()
    roster = plan(of, "MNMNMNM MNMNMNM")
    names = {"minutes-of-the-terms", "shifts-of-a-type", "weekends-of-the-terms", "own-successions", "own-days-off-together"}
    assert [found for rule in RULES if rule.name in names for found in rule.check(of, roster)] == []
