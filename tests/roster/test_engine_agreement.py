"""The two faces of every sequence rule say the same: the automaton admits a line exactly when the checker finds nothing wrong."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.automaton import BROKEN_RULE_COST
from roster.check import check
from roster.lines import line_cost
from roster.problem import Person, compile_problem
from scheduling.people import Associate, Leave, WorkMode
from scheduling.plan import HOME, NONE, NOWHERE, RosterPlan
from scheduling.rules import RuleSettings, Severity, Timing, Violation
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from tests.builders import associate, history, plan, scenario
from tests.roster.drawn_scenarios import Letters, random_lines, scenarios


def model_cost(person: Person, letters: Letters) -> float:
    """Return the cost of a line in the cheapest graph of a person."""
    graph = person.graphs[0]
    padded = np.full(len(graph), NONE, dtype=np.int16)
    padded[: len(letters)] = letters
    return min(line_cost(graph, padded) for graph in person.graphs)


def hard_violations(of: Scenario, lines: Letters) -> list[Violation]:
    """Return what the checker says about lines of associates who work at home."""
    places = np.where(lines >= 0, HOME, NOWHERE).astype(np.int8)
    return [one for one in check(of, RosterPlan(lines, places)) if one.severity is Severity.BLOCKS_PUBLISHING]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(of=scenarios(), seed=st.integers(0, 2**20))
def test_the_graph_admits_a_line_exactly_when_the_checker_does(of: Scenario, seed: int) -> None:
    problem = compile_problem(of)
    for letters in random_lines(problem, 0, np.random.default_rng(seed), 12):
        wrong = hard_violations(of, letters[None])
        assert (model_cost(problem.people[0], letters) < BROKEN_RULE_COST) == (not wrong), (letters, wrong)


def at_home(**facts: Any) -> tuple[Associate, ...]:
    """Return one associate who works at home."""
    return (associate(work_mode=WorkMode.HOME, **facts),)


LONG, LONGER = (ShiftType("M", time(6), 660),), (ShiftType("M", time(6), 720),)
CASES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "a week that the past has spoilt is mended as far as the horizon can": (
        {"start": date(2027, 1, 9), "history": history("A1", "D......", before=date(2027, 1, 9))},
        "DDD..DD",
        True,
    ),
    "days missing in a week that the horizon could mend": (
        {"start": date(2027, 1, 9), "history": history("A1", "D.....", before=date(2027, 1, 9))},
        "..DDDDD",
        False,
    ),
    "days worked before leave begins are nobody's fault": (
        {
            "start": date(2027, 1, 9),
            "history": history("A1", "DDDDD", before=date(2027, 1, 9)),
            "leave": (Leave("A1", date(2027, 1, 9), date(2027, 1, 10)),),
        },
        "~~DDDDD",
        True,
    ),
    "55 hours with breaks are 45 hours of work": ({"shift_types": LONG}, "MMMMM..", True),
    "60 hours with breaks are 50 hours of work": ({"shift_types": LONGER}, "MMMMM..", False),
    "a timing of their own binds also in a week that began with another": (
        {
            "start": date(2027, 1, 6),
            "rules": RuleSettings(
                timing=Timing.WEEKLY, working_days_per_week=4, days_off_consecutive=1, timing_change_rest_minutes=0
            ),
            "history": history("A1", "M.", before=date(2027, 1, 6)),
            "associates": at_home(timing="D"),
        },
        ".DDD.DD",
        True,
    ),
    "a timing at night does not stand for consent": (
        {"rules": RuleSettings(night_consent_required=True), "associates": at_home(timing="N", night_consent=False)},
        "NNN..NN",
        False,
    ),
    "a weekly rest longer than all other rests": (
        {
            "rules": RuleSettings(
                timing=Timing.FREE, working_days_per_week=2, days_off_consecutive=5, weekly_rest_minutes=9000,
                wished_weekly_rest_minutes=0, timing_change_rest_minutes=0,
            ),
        },
        "N.....M",
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_both_faces_judge(case: str) -> None:
    facts, row, legal = CASES[case]
    of = scenario(**{"weeks": 1, "associates": at_home(), **facts})
    letters = plan(of, row).values
    assert (not hard_violations(of, letters)) is legal
    assert (model_cost(compile_problem(of).people[0], letters[0]) < BROKEN_RULE_COST) is legal


def test_weeks_without_days_off_repeat_none() -> None:
    of = scenario(associates=at_home(), rules=RuleSettings(working_days_per_week=7, max_consecutive_days=14, timing=Timing.FREE,
                  max_weekly_work_minutes=9999, wished_consecutive_days=14))  # fmt: skip
    assert model_cost(compile_problem(of).people[0], plan(of, "DDDDDDD DDDDDDD").values[0]) == 0.0
