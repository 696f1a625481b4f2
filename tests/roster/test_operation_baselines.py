"""The plain model that the engine is compared with keeps the rules that it says it keeps, or the comparison would be unfair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.operation.baselines import judged
from benchmarks.operation.plain import plain_cp_sat
from roster.check import check
from scheduling.people import Lock, Request
from scheduling.plan import NOWHERE, OFF, OFFICE, RosterPlan
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from tests.builders import MONDAY, associate, history, scenario

PASTS = ("MMMMM..", "..MMMMM", "NNNNN..", "NNN..NN", "M.MMMMM", "?.MMMM.", "~~~MMM.")


def site(pasts: Sequence[str], locks: tuple[Lock, ...] = (), requests: tuple[Request, ...] = ()) -> Scenario:
    people = [
        associate(f"A{number}", timing=next((sign for sign in past if sign in "MN"), None)) for number, past in enumerate(pasts)
    ]
    known = tuple(day for person, past in zip(people, pasts, strict=True) for day in history(person.code, past))
    return scenario(associates=people, weeks=2, history=known, heads=1.0, locks=locks, requests=requests)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(PASTS), min_size=1, max_size=4))
def test_the_plain_model_breaks_no_hard_rule(pasts: list[str]) -> None:
    of = site(pasts)
    values = plain_cp_sat(of, 20.0, workers=1, seed=1)
    assert values is not None
    roster = RosterPlan(values, np.where(values >= 0, OFFICE, NOWHERE).astype(np.int8))
    assert [one for one in check(of, roster) if one.severity is Severity.BLOCKS_PUBLISHING] == []


def test_the_plain_model_keeps_locks_and_grants_what_costs_nothing() -> None:
    lock, wish = Lock("A0", MONDAY, "off"), Request("A0", MONDAY.replace(day=5), "off", 5.0)
    values = plain_cp_sat(site(["..MMMMM"], (lock,), (wish,)), 20.0, workers=1, seed=1)
    assert values is not None
    assert values[0, 0] == OFF
    assert values[0, 1] == OFF


def test_what_finds_no_roster_is_said_to_be_unknown() -> None:
    assert judged(site(["MMMMM.."]), None, 1) == {"status": "unknown"}
