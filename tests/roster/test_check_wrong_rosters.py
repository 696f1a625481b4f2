"""The whole check: a good roster passes, and every kind of wrong roster is caught and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.check import check
from roster.rules import RULES
from scheduling.people import ContractTerms, Leave, Lock, Request, WorkMode
from scheduling.plan import HOME, LEAVE, NONE, NOWHERE, OFF, OFFICE, RosterPlan
from scheduling.rules import Office, RuleSettings, Severity, Timing
from scheduling.scenario import Scenario
from tests.builders import associate, history, plan, scenario

M, D, E, N = range(4)
HARD = Severity.BLOCKS_PUBLISHING


def good() -> tuple[Scenario, RosterPlan]:
    """Return an operation of five that breaks no rule at all, hard or soft."""
    people = [
        associate("ada", timing="M"),
        associate("ben", work_mode=WorkMode.HYBRID),
        associate("cem", work_mode=WorkMode.HOME, night_consent=False),
        associate("dua", contract_start=date(2027, 1, 11), work_mode=WorkMode.HOME),
        associate("eva", work_mode=WorkMode.HOME),
    ]
    of = scenario(
        associates=people,
        rules=RuleSettings(night_consent_required=True, wished_consecutive_nights=4),
        office=Office(seats=2, days_per_week=2),
        leave=(Leave("cem", date(2027, 1, 13), date(2027, 1, 14)),),
        requests=(Request("ben", date(2027, 1, 9), "D", 1.0),),
        locks=(Lock("ben", date(2027, 1, 12), "off"),),
        history=history("ada", "MMM..MM") + history("ben", "DDD..DD"),
        holidays=frozenset({date(2027, 1, 6)}),
    )
    rows = {
        "ada": "MM..MMM M..MMMM",
        "ben": "DD..DDD D..DDDD",
        "cem": "EEEEE.. EE~~E..",
        "dua": "------- MMMMM..",
        "eva": "NNN..NN N..NNNN",
    }
    return of, plan(of, rows, {"ben": "oo..hhh o..ohhh"})


def test_a_good_roster_has_no_violation() -> None:
    assert [found.message for found in check(*good())] == []


Change = Callable[[Scenario, RosterPlan], Scenario]
ADA, BEN, CEM, DUA, EVA = range(5)


def cell(row: int, day: int, value: int, place: int = NOWHERE) -> Change:
    """Return the change of one day of the roster."""

    def change(of: Scenario, drawn: RosterPlan) -> Scenario:
        drawn.values[row, day], drawn.places[row, day] = value, place
        return of

    return change


def place(row: int, day: int, value: int) -> Change:
    """Return the change of one place of the roster."""

    def change(of: Scenario, drawn: RosterPlan) -> Scenario:
        drawn.places[row, day] = value
        return of

    return change


def row_of(row: int, signs: str, where: int, **rules: object) -> Change:
    """Return the change of a whole row, and of settings of the site."""

    def change(of: Scenario, drawn: RosterPlan) -> Scenario:
        values = plan(scenario(), signs).values[0]
        drawn.values[row], drawn.places[row] = values, np.where(values >= 0, where, NOWHERE)
        return replace(of, rules=replace(of.rules, **rules))  # type: ignore[arg-type]

    return change


def site(**facts: object) -> Change:
    """Return the change of facts of the scenario."""

    def change(of: Scenario, drawn: RosterPlan) -> Scenario:
        return replace(of, **facts)  # type: ignore[arg-type]

    return change


def own(signs: str, **terms: object) -> Change:
    """Return the change of the row of eva, and of the terms of her contract."""

    def change(of: Scenario, drawn: RosterPlan) -> Scenario:
        changed = row_of(EVA, signs, HOME)(of, drawn)
        people = list(changed.associates)
        people[EVA] = replace(people[EVA], terms=ContractTerms(**terms))  # type: ignore[arg-type]
        return replace(changed, associates=tuple(people))

    return change


FREE, WEEKLY = {"timing": Timing.FREE}, {"timing": Timing.WEEKLY}
WRONG: list[tuple[str, str, Change]] = [
    ("value-for-every-day", "ada", cell(ADA, 1, 9)),
    ("value-for-every-day", "ada", cell(ADA, 1, -5)),
    ("contract-kept", "dua", cell(DUA, 6, M, HOME)),
    ("contract-kept", "dua", cell(DUA, 6, OFF)),
    ("contract-kept", "ada", cell(ADA, 13, NONE)),
    ("leave-kept", "cem", cell(CEM, 9, OFF)),
    ("leave-kept", "cem", cell(CEM, 10, E, HOME)),
    ("leave-kept", "ada", cell(ADA, 1, LEAVE)),
    ("locks-kept", "ben", cell(BEN, 8, D, OFFICE)),
    ("rest-between-shifts", "eva", cell(EVA, 1, M, HOME)),
    ("rest-between-shifts", "cem", row_of(CEM, "EEMEE.. EE~~E..", HOME)),
    ("working-days-in-a-row", "eva", row_of(EVA, ".NNNNNN N......", HOME)),
    ("working-days-in-a-row", "ada", row_of(ADA, "MMMMM.. .MMMMM.", OFFICE)),
    ("working-days-in-a-week", "eva", cell(EVA, 8, N, HOME)),
    ("working-days-in-a-week", "eva", cell(EVA, 13, OFF)),
    ("working-days-in-a-week", "dua", cell(DUA, 7, OFF)),
    ("days-off-together", "ben", row_of(BEN, "DD.DDD. DD..DDD", OFFICE)),
    ("weekly-rest", "eva", row_of(EVA, "NNN..MM M..MMMM", HOME)),
    ("weekly-work", "eva", row_of(EVA, "NNN..NN N..NNNN", HOME, max_weekly_work_minutes=2099)),
    ("timing-kept", "ada", row_of(ADA, "DDDDD.. .DDDDD.", OFFICE)),
    ("timing-kept", "eva", cell(EVA, 13, E, HOME)),
    ("timing-kept", "eva", row_of(EVA, "NNN..NM M..MMMM", HOME, **WEEKLY)),
    ("timing-kept", "ada", row_of(ADA, "M..MMMM .DMMMM.", OFFICE, **FREE)),
    ("rest-at-timing-change", "eva", row_of(EVA, "..MMMMM NNN..NN", HOME, **WEEKLY)),
    ("nights-in-a-row", "eva", row_of(EVA, "..NNNNN NNNNN..", HOME)),
    ("nights-in-a-row", "eva", row_of(EVA, "NNNNN.. NNNNN..", HOME, max_consecutive_nights=4)),
    ("night-consent", "cem", row_of(CEM, "NNNNN.. NN~~N..", HOME)),
    ("place-of-work", "ada", place(ADA, 0, HOME)),
    ("place-of-work", "cem", place(CEM, 0, OFFICE)),
    ("place-of-work", "eva", place(EVA, 0, NOWHERE)),
    ("place-of-work", "ada", place(ADA, 2, OFFICE)),
    ("place-of-work", "ben", place(BEN, 0, 5)),
    ("office-days", "ben", place(BEN, 0, HOME)),
    ("office-seats", "", site(office=Office(seats=1, days_per_week=2))),
    ("wished-working-days-in-a-row", "ben", row_of(BEN, "..DDDDD D..DDDD", OFFICE)),
    ("wished-weekly-rest", "eva", row_of(EVA, "EEEEE.. MMMMM..", HOME, **WEEKLY)),
    ("wished-nights-in-a-row", "eva", row_of(EVA, "NNNNN.. .NNNN..", HOME)),
    ("timing-moves-forward", "eva", row_of(EVA, "EEEEE.. MMMMM..", HOME, **WEEKLY)),
    ("weekly-off-rotates", "eva", row_of(EVA, "NNN..NN NNN..NN", HOME)),
    ("requests-granted", "ben", cell(BEN, 5, OFF)),
    ("skill-needed", "ada", site(associates=tuple(replace(person, skills=frozenset()) for person in good()[0].associates))),
    ("fair-weekends", "eva", row_of(EVA, "NNNNN.. .NNNN..", HOME, wished_fairness_days=0)),
    ("fair-holidays", "ben", row_of(BEN, "DDD.... DD..DDD", OFFICE, wished_fairness_days=0)),
    ("minutes-of-the-terms", "eva", own("NNNNN.. .NNNN..", most_minutes=420)),
    ("shifts-of-a-type", "eva", own("NNNNN.. .NNNN..", most_shifts=(("N", 2),))),
    ("weekends-of-the-terms", "eva", own("NNN..NN NNN..NN", most_weekends=1)),
    ("own-working-days-in-a-row", "eva", own("NNNNN.. .NNNN..", most_days_in_a_row=3)),
    ("working-days-together", "eva", own(".NN.... NNN....", least_days_in_a_row=3)),
    ("own-days-off-together", "eva", own("NN.NN.. NNNNN..", least_days_off_in_a_row=2)),
    ("own-successions", "eva", own("NN..... .......", forbidden_successions=(("N", "N"),))),
    ("fair-nights", "eva", row_of(EVA, "NNNNN.. NNNNN..", HOME, timing=Timing.WEEKLY)),
]


@pytest.mark.parametrize(("rule", "who", "change"), WRONG, ids=[f"{rule}-{index}" for index, (rule, _, _) in enumerate(WRONG)])
def test_every_kind_of_wrong_roster_is_caught_and_named(rule: str, who: str, change: Change) -> None:
    of, drawn = good()
    assert (rule, who) not in {(found.rule, found.who) for found in check(of, drawn)}
    wrong = change(of, drawn)
    assert (rule, who) in {(found.rule, found.who) for found in check(wrong, drawn)}


def test_the_wrong_rosters_are_of_every_kind() -> None:
    assert {rule for rule, _, _ in WRONG} == {rule.name for rule in RULES}


def test_hard_violations_come_first_then_who_then_when() -> None:
    of, drawn = good()
    drawn.values[:, 5] = N
    found = check(of, drawn)
    keys = [(one.severity is not HARD, one.who, one.when or date.min) for one in found]
    assert keys == sorted(keys)
    assert len({key[0] for key in keys}) == 2


@given(
    values=st.lists(st.integers(-6, 6), min_size=70, max_size=70), places=st.lists(st.integers(-1, 3), min_size=70, max_size=70)
)
@settings(max_examples=40, deadline=None)
def test_any_roster_gets_an_answer_in_words(values: list[int], places: list[int]) -> None:
    of, _ = good()
    drawn = RosterPlan(np.array(values, dtype=np.int16).reshape(5, 14), np.array(places, dtype=np.int8).reshape(5, 14))
    names = {rule.name: rule for rule in RULES}
    for found in check(of, drawn):
        assert found.amount > 0
        assert found.severity is names[found.rule].severity
        assert found.message.startswith(f"{names[found.rule].title}: ")
        assert found.message.endswith(".")
        assert found.when is None or found.when in of.horizon.dates
        assert found.who == "" or f"({found.who})" in found.message
