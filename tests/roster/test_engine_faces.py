"""The register as the engine sees it: every rule names its model face, and each machine alone says what its rule's check says."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.automaton import BROKEN_RULE_COST
from roster.lines import line_cost
from roster.problem import Facts, GraphMaker, Problem, compile_problem, machines_for
from roster.rules import RULES, Rule
from roster.rules.rule import Face
from roster.rules.terms import TermRule
from roster.setting import LineChoice, LineSetting, WishCosts, line_choices
from roster.successions import calendar_of
from scheduling.people import ContractTerms
from scheduling.plan import HOME, NONE, NOWHERE, RosterPlan
from scheduling.rules import RuleSettings, Severity, Timing
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from tests.builders import associate, scenario
from tests.roster.drawn_scenarios import Letters, random_lines, scenarios

MACHINE_RULES = [rule for rule in RULES if rule.face is Face.MACHINE]
HARD_MACHINE_RULES = [rule for rule in MACHINE_RULES if rule.severity is Severity.BLOCKS_PUBLISHING]
WISHES = [rule for rule in MACHINE_RULES if rule.severity is Severity.NEEDS_A_REASON]
BY_NAME = {rule.name: rule for rule in RULES}
COSTS = WishCosts()
COST_PER_AMOUNT = {
    "wished-working-days-in-a-row": COSTS.day_beyond_wished_run,
    "wished-nights-in-a-row": COSTS.night_beyond_wished_run,
    "weekly-off-rotates": COSTS.repeated_days_off,
}


def setting_in_which_all_rules_bind() -> LineSetting:
    """Return the setting of somebody who refuses nights, where timings are kept a week and shifts are long."""
    shift_types = (ShiftType("M", time(6), 720), ShiftType("N", time(20), 720))
    of = scenario(
        shift_types=shift_types,
        rules=RuleSettings(timing=Timing.WEEKLY, night_consent_required=True),
        associates=[associate(night_consent=False)],
    )
    terms = ContractTerms(None, None, 4, 2, 2, 1, (("M", 3),), (("N", "M"),))
    return LineSetting(of, calendar_of(of), (0, 1), LineChoice((0,), refuses_nights=True, terms=terms), COSTS)


def test_exactly_the_sequence_rules_have_a_machine() -> None:
    setting = setting_in_which_all_rules_bind()
    assert list(machines_for(setting)) == [rule.name for rule in MACHINE_RULES if rule.name != "minutes-of-the-terms"]
    own = replace(setting, choice=LineChoice((0,), refuses_nights=True, terms=ContractTerms(least_minutes=420)))
    assert "minutes-of-the-terms" in machines_for(own)
    assert "working-days-in-a-week" not in machines_for(own)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_hard_rule_is_left_to_the_checker_alone(rule: Rule) -> None:
    assert rule.face in Face
    if rule.severity is Severity.BLOCKS_PUBLISHING:
        assert rule.face in {Face.LETTERS, Face.MACHINE, Face.PLACES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_limit_of_every_rule_names_settings_of_the_site(rule: Rule) -> None:
    said = rule.limit.format(**vars(RuleSettings()))
    assert "{" not in said
    assert bool(said) is ("{" in rule.limit)


def cost_of_one_rule(problem: Problem, rule: Rule, letters: Letters) -> float:
    """Return what a line costs in the cheapest graph of the first associate that knows one rule alone."""
    of, facts = problem.scenario, Facts(problem.scenario, problem.calendar)
    maker = GraphMaker(of, problem.calendar, COSTS)
    others = frozenset(other.name for other in RULES) - {rule.name}
    everything = tuple(range(len(of.shift_types)))
    costs = []
    for choice in line_choices(of, of.associates[0]):
        wide = replace(choice, shifts=everything)
        graph = maker.graph(wide, facts.past[0], facts.letters(0, everything), others, relaxed=True)
        assert graph is not None
        padded = np.full(len(graph), NONE, dtype=np.int16)
        padded[: len(letters)] = letters
        costs.append(line_cost(graph, padded))
    return min(costs)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(of=scenarios(), seed=st.integers(0, 2**20))
def test_each_machine_alone_says_what_its_rule_says(of: Scenario, seed: int) -> None:
    problem = compile_problem(of)
    for letters in random_lines(problem, 0, np.random.default_rng(seed), 6):
        plan = RosterPlan(letters[None], np.where(letters[None] >= 0, HOME, NOWHERE).astype(np.int8))
        for rule in MACHINE_RULES:
            cost, found = cost_of_one_rule(problem, rule, letters), list(rule.check(of, plan))
            if np.isinf(cost):
                continue  # The line breaks a fact, which is no matter of machines.
            if rule.name == "weekly-work" and any(BY_NAME["working-days-in-a-week"].check(of, plan)):
                continue  # That rule has no machine where no legal number of days has too many hours.
            if rule.severity is Severity.BLOCKS_PUBLISHING:
                assert (cost >= BROKEN_RULE_COST) == bool(found), (rule.name, letters)
            else:
                amount = sum(one.amount for one in found) if rule.name in COST_PER_AMOUNT else len(found)
                assert cost == pytest.approx(amount * COST_PER_AMOUNT.get(rule.name, COSTS.short_weekly_rest)), (
                    rule.name,
                    letters,
                )


@st.composite
def scenarios_with_terms(draw: st.DrawFn) -> Scenario:
    """Draw a scenario whose associate has personal terms."""
    of = draw(scenarios())
    codes = [shift.code for shift in of.shift_types]
    least = draw(st.none() | st.integers(0, 5))
    terms = ContractTerms(
        least_minutes=None if least is None else least * 420,
        most_minutes=draw(st.none() | st.integers(2, 9).map(lambda shifts: shifts * 420)),
        most_days_in_a_row=draw(st.none() | st.integers(1, 5)),
        least_days_in_a_row=draw(st.none() | st.integers(1, 3)),
        least_days_off_in_a_row=draw(st.none() | st.integers(1, 3)),
        most_weekends=draw(st.none() | st.integers(0, 2)),
        most_shifts=tuple((code, draw(st.integers(0, 4))) for code in codes[:2]),
        forbidden_successions=tuple(draw(st.lists(st.tuples(*[st.sampled_from(codes)] * 2), max_size=2))),
    )
    return replace(of, associates=(replace(of.associates[0], terms=terms),))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(of=scenarios_with_terms(), seed=st.integers(0, 2**20))
def test_each_machine_of_personal_terms_alone_says_what_its_rule_says(of: Scenario, seed: int) -> None:
    problem = compile_problem(of)
    for letters in random_lines(problem, 0, np.random.default_rng(seed), 6):
        plan = RosterPlan(letters[None], np.where(letters[None] >= 0, HOME, NOWHERE).astype(np.int8))
        for rule in (rule for rule in MACHINE_RULES if isinstance(rule, TermRule)):
            cost, found = cost_of_one_rule(problem, rule, letters), list(rule.check(of, plan))
            if np.isfinite(cost):
                assert (cost >= BROKEN_RULE_COST) == bool(found), (rule.name, letters)


def test_every_wish_of_a_sequence_has_a_price() -> None:
    assert {rule.name for rule in WISHES} == {*COST_PER_AMOUNT, "wished-weekly-rest"}
    assert len(HARD_MACHINE_RULES) + len(WISHES) == len(MACHINE_RULES)
