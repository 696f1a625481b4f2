"""Why not: what is said of a cell is held against every line that the checker allows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.check import check
from roster.explain import SEQUENCE_RULES, Explainer
from roster.relax import ways_out
from roster.standing import Standing
from roster.successions import calendar_of
from roster.whynot import Answer, Asker
from scheduling.people import Leave, Lock
from scheduling.plan import HOME, LEAVE, NOWHERE, BreakPlan, RosterPlan
from scheduling.rules import RuleSettings, Severity
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from tests.roster.drawn_scenarios import scenarios
from tests.roster.exact_site import legal_lines
from tests.roster.small_sites import pricers_of, small_site
from tests.roster.test_engine_amend import answered

SITES = st.builds(lambda seed: small_site(np.random.default_rng(seed), people=2), st.integers(0, 400))


def standing_of(of: Scenario, plan: RosterPlan, breaks: BreakPlan) -> Standing:
    return Standing(of, plan, breaks, pricers_of(of))


@cache
def _lines_under(shift_types: tuple[ShiftType, ...], rules: RuleSettings) -> np.ndarray:
    of = small_site(np.random.default_rng(0), people=1)
    return legal_lines(replace(of, shift_types=shift_types, rules=rules), 0)


def lines_of(of: Scenario) -> np.ndarray:
    """Return every line that the checker lets somebody of a small site have; nothing but shift types and rules shapes them."""
    return _lines_under(tuple(of.shift_types), of.rules)


def blocking(of: Scenario, values: np.ndarray) -> set[str]:
    found = check(of, RosterPlan(values, np.where(values >= 0, HOME, NOWHERE).astype(np.int8)))
    return {one.rule for one in found if one.severity is Severity.BLOCKS_PUBLISHING and one.who == "A0"}


@given(SITES, st.integers(0, 6), st.integers(0, 2))
@settings(max_examples=50, deadline=None)
def test_a_value_is_ruled_out_exactly_when_no_legal_line_has_it(of: Scenario, day: int, which: int) -> None:
    plan, breaks = answered(of)
    value = min(which, len(of.shift_types)) - 1
    answer = Asker(standing_of(of, plan, breaks), 0).ask(day, value)
    lines = lines_of(of)
    with_value = lines[lines[:, day] == value]
    assert (answer.nearest is not None) == (len(with_value) > 0)
    if answer.nearest is not None:
        assert any((answer.nearest.letters == line).all() for line in with_value), "the checker allows it"
        assert not answer.nearest.broken
        least = int((with_value != plan.values[0]).sum(axis=1).min())
        assert len(answer.nearest.changed) == least, "no line with the value changes fewer days"
        assert answer.is_free == (least <= 1)
    if not answer.stands and answer.nearest is None:
        assert answer.clash
    for way in answer.ways:
        assert way.found.letters[day] == value
        assert {one.rule for one in way.found.broken} <= set(SEQUENCE_RULES)


@given(scenarios(), st.data())
@settings(max_examples=100, deadline=None)
def test_what_can_be_kept_together_is_what_has_a_graph(of: Scenario, data: st.DataObject) -> None:
    explainer = Explainer(of, calendar_of(of))
    question = explainer.everything(0, {data.draw(st.integers(0, 6)): data.draw(st.integers(-1, len(of.shift_types) - 1))})
    for part in data.draw(st.lists(st.sampled_from(list(explainer.parts(question))), max_size=4)):
        question = question.without(part)
    assert explainer.possible(0, question) == bool(explainer.graphs(0, question))


@given(SITES, st.integers(0, 6), st.integers(0, 2))
@settings(max_examples=50, deadline=None)
def test_what_a_line_costs_is_the_difference_of_two_rosters(of: Scenario, day: int, which: int) -> None:
    plan, breaks = answered(of)
    answer = Asker(standing_of(of, plan, breaks), 0).ask(day, min(which, len(of.shift_types)) - 1)
    if answer.stands:
        assert answer.price_alone is not None
        assert answer.price_alone.total == pytest.approx(0)
        assert answer.alone == ()
    if answer.best is not None and answer.nearest is not None:
        # Unchanged days keep their breaks when a line is priced, so the best may lose what new breaks would give it.
        assert answer.best.price.total <= answer.nearest.price.total + 8


def asked_on_leave(of: Scenario) -> Answer:
    plan, breaks = answered(of)
    start = of.horizon.dates[2]
    away = replace(of, leave=(Leave("A0", start, start),))
    values, assigned = plan.values.copy(), breaks.assigned.copy()
    values[0, 2], assigned[0, 2] = LEAVE, -1
    places = np.where(values >= 0, HOME, NOWHERE).astype(np.int8)
    return Asker(standing_of(away, RosterPlan(values, places), replace(breaks, assigned=assigned)), 0).ask(2, 0)


def test_leave_rules_a_shift_out_and_giving_it_up_is_the_way() -> None:
    answer = asked_on_leave(small_site(np.random.default_rng(2), people=2))
    assert answer.nearest is None
    assert any("leave" in words for words in answer.clash)
    assert answer.ways
    assert all(any("leave" in words for words in way.words) for way in answer.ways)


@given(SITES, st.data())
@settings(max_examples=50, deadline=None)
def test_ways_out_are_possible_cheapest_first_and_smallest(of: Scenario, data: st.DataObject) -> None:
    dates = of.horizon.dates
    codes = ["off", *(shift.code for shift in of.shift_types)]
    words = data.draw(st.lists(st.sampled_from(codes), min_size=7, max_size=7))
    locked = replace(of, locks=tuple(Lock("A0", day, word) for day, word in zip(dates, words, strict=True)))
    explainer = Explainer(locked, calendar_of(locked))
    question = explainer.everything(0)
    if explainer.possible(0, question):
        return
    ways = list(ways_out(explainer, 0, question))
    assert ways, "taking back locks or giving up rules always helps"
    assert [way.price for way in ways] == sorted(way.price for way in ways)
    for way in ways:
        assert explainer.possible(0, question.without(way.given_up))
        for part in explainer.parts(way.given_up):
            kept = question.without(way.given_up).joined(part)
            assert not explainer.possible(0, replace(kept, asked=question.asked)), "nothing is given up in vain"
    values = np.array([[-1 if word == "off" else of.shift_index[word] for word in words]] * 2, dtype=np.int16)
    broken = blocking(locked, values) & set(SEQUENCE_RULES)
    by_rules = [way for way in ways if not way.given_up.locks]
    for way in by_rules:
        assert broken <= way.given_up.rules
