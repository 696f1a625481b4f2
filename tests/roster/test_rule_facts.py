"""Contract, leave, locks, and one value for every day."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from roster.rules import RULES
from scheduling.people import Leave, Lock
from scheduling.plan import RosterPlan
from tests.builders import associate, plan, scenario
from tests.roster.rule_judge import BY_NAME, judge, violations


def test_value_for_every_day_kept() -> None:
    assert judge("value-for-every-day", scenario(weeks=1), "MDEN.~-") == []


@pytest.mark.parametrize("value", [4, -4, 99])
def test_value_for_every_day_broken_by_one_value(value: int) -> None:
    of = scenario(weeks=1)
    drawn = plan(of, "MMMMM..")
    drawn.values[0, 2] = value
    (found,) = BY_NAME["value-for-every-day"].check(of, drawn)
    assert (found.who, found.when, found.amount) == ("A1", date(2027, 1, 6), 1)
    assert f"the unknown value {value}" in found.message


@pytest.mark.parametrize("value", [4, -4])
def test_value_for_every_day_broken_breaks_no_other_check(value: int) -> None:
    of = scenario(weeks=1)
    drawn = plan(of, "MMMMM..")
    drawn.values[0, 2] = value
    for rule in RULES:
        list(rule.check(of, drawn))


def test_value_for_every_day_asks_for_every_day() -> None:
    of = scenario(weeks=1)
    short = RosterPlan(values=np.zeros((1, 6), dtype=np.int16), places=np.ones((1, 6), dtype=np.int8))
    with pytest.raises(ValueError, match=r"values have shape \(1, 6\), but the scenario asks for \(1, 7\)"):
        BY_NAME["value-for-every-day"].check(of, short)


TEMPORARY = associate(contract_start=date(2027, 1, 6), contract_end=date(2027, 1, 9))


def test_contract_kept_kept_at_the_boundary() -> None:
    assert judge("contract-kept", scenario(weeks=1, associates=[TEMPORARY]), "--M..M-") == []


@pytest.mark.parametrize(
    ("row", "when"), [("-MM..M-", "2027-01-05"), ("--M..M.", "2027-01-10"), ("---..M-", "2027-01-06"), ("--M..--", "2027-01-09")]
)
def test_contract_kept_broken_by_one_day(row: str, when: str) -> None:
    assert judge("contract-kept", scenario(weeks=1, associates=[TEMPORARY]), row) == [("A1", when, 1)]


def test_contract_kept_message_names_the_contract() -> None:
    (found,) = violations("contract-kept", scenario(weeks=1, associates=[TEMPORARY]), "-MM..M-")
    assert "has M on Tue 5 Jan 2027, but the contract runs from Wed 6 Jan 2027 to Sat 9 Jan 2027" in found.message


def on_leave(first: date, last: date) -> Leave:
    return Leave("A1", first, last)


def test_leave_kept_kept_at_the_boundary() -> None:
    of = scenario(weeks=1, leave=(on_leave(date(2027, 1, 5), date(2027, 1, 6)),))
    assert judge("leave-kept", of, "M~~M...") == []


@pytest.mark.parametrize(("row", "when"), [("MM~M...", "2027-01-05"), ("M~.M...", "2027-01-06"), ("M~~~...", "2027-01-07")])
def test_leave_kept_broken_by_one_day(row: str, when: str) -> None:
    of = scenario(weeks=1, leave=(on_leave(date(2027, 1, 5), date(2027, 1, 6)),))
    assert judge("leave-kept", of, row) == [("A1", when, 1)]


def test_leave_kept_beyond_both_ends_of_the_horizon() -> None:
    whole = scenario(weeks=1, leave=(on_leave(date(2026, 12, 1), date(2027, 3, 1)),))
    assert judge("leave-kept", whole, "~~~~~~~") == []
    before = scenario(weeks=1, leave=(on_leave(date(2026, 12, 1), date(2027, 1, 3)),))
    assert judge("leave-kept", before, "MMMMM..") == []
    after = scenario(weeks=1, leave=(on_leave(date(2027, 1, 11), date(2027, 1, 12)),))
    assert judge("leave-kept", after, "MMMMM..") == []


def test_leave_kept_outside_the_contract_is_none() -> None:
    of = scenario(weeks=1, associates=[TEMPORARY], leave=(on_leave(date(2027, 1, 4), date(2027, 1, 6)),))
    assert judge("leave-kept", of, "--~..M-") == []
    assert judge("leave-kept", of, "-~~..M-") == [("A1", "2027-01-05", 1)]


LOCKS = (Lock("A1", date(2027, 1, 5), "off"), Lock("A1", date(2027, 1, 6), "E"), Lock("A1", date(2027, 1, 20), "N"))


def test_locks_kept_kept() -> None:
    assert judge("locks-kept", scenario(weeks=1, locks=LOCKS), "M.EM...") == []


@pytest.mark.parametrize(("row", "when"), [("MME....", "2027-01-05"), ("M.D....", "2027-01-06"), ("M.~....", "2027-01-06")])
def test_locks_kept_broken_by_one_day(row: str, when: str) -> None:
    assert judge("locks-kept", scenario(weeks=1, locks=LOCKS), row) == [("A1", when, 1)]


def test_locks_kept_message_says_what_was_locked() -> None:
    (found,) = violations("locks-kept", scenario(weeks=1, locks=LOCKS), "M.D....")
    assert "is locked to E on Wed 6 Jan 2027, but the roster says D" in found.message


def test_dates_of_violations_rise_with_the_day() -> None:
    of = scenario(weeks=1, associates=[TEMPORARY])
    found = violations("contract-kept", of, "MMMMMMM")
    assert all(first.when < second.when for first, second in pairwise(found) if first.when and second.when)
    assert len(found) == 3


def test_locks_kept_on_the_first_day_and_not_beyond_the_last() -> None:
    locks = (Lock("A1", date(2027, 1, 3), "E"), Lock("A1", date(2027, 1, 4), "E"), Lock("A1", date(2027, 1, 11), "E"))
    assert judge("locks-kept", scenario(weeks=1, locks=locks), "M......") == [("A1", "2027-01-04", 1)]
