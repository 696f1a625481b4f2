"""The deal, the places and the clashes: lines their people may have, seats that suffice, clashes of no more than it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.check import check
from roster.deal import DealParams, deal_lines
from roster.even import BURDEN_WEIGHTS, COST_SCALE
from roster.explain import SEQUENCE_RULES, Explainer, Question, explain_clashes
from roster.lines import best_line
from roster.objective import wish_cost
from roster.places import assign_places
from roster.problem import Problem, compile_problem
from scheduling.burdens import YearOfBurdens, is_unpopular
from scheduling.people import Leave, Lock, Request, WorkMode
from scheduling.plan import HOME, NOWHERE, OFFICE, RosterPlan
from scheduling.rules import Office, RuleSettings, Severity, Timing, Violation
from scheduling.scenario import Scenario
from tests.builders import MONDAY, associate, history, plan, scenario
from tests.roster.drawn_scenarios import Letters, scenarios

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def random_roster(problem: Problem, rng: np.random.Generator) -> Letters:
    """Return a best line at random values for everybody."""
    days, width = problem.people[0].day_costs.shape
    lines = []
    for person in problem.people:
        graph = person.graphs[rng.integers(0, len(person.graphs))]
        lines.append(best_line(graph, rng.normal(size=(len(graph), width)))[1].letters[:days])
    return np.stack(lines)


def hard(of: Scenario, lines: Letters) -> list[Violation]:
    """Return the hard violations of lines worked at home."""
    places = np.where(lines >= 0, HOME, NOWHERE).astype(np.int8)
    return [one for one in check(of, RosterPlan(lines, places)) if one.severity is Severity.BLOCKS_PUBLISHING]


@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
@given(of=scenarios(people=5), seed=st.integers(0, 2**20))
def test_a_deal_is_a_permutation_that_breaks_nothing_and_costs_no_more(of: Scenario, seed: int) -> None:
    rng = np.random.default_rng(seed)
    requests = [
        Request(person.code, of.horizon.dates[rng.integers(0, of.horizon.day_count)], "off", float(rng.integers(1, 4)))
        for person in of.associates
    ]
    problem = compile_problem(replace(of, requests=tuple(requests)))
    lines = random_roster(problem, rng)
    gets = deal_lines(problem, lines)
    assert sorted(gets) == list(range(5))
    dealt = lines[gets]
    assert sorted((one.who, one.rule) for one in hard(of, dealt)) == sorted((one.who, one.rule) for one in hard(of, lines))
    slack = 5 / COST_SCALE
    assert deal_cost(problem, dealt) <= deal_cost(problem, lines) + slack


def deal_cost(problem: Problem, lines: Letters) -> float:
    """Return refused wishes, and what the squares of everybody's burdens cost, those of the known past included."""
    of = problem.scenario
    days = [
        (one.associate, one.date, of.shift_types[of.shift_index[one.value]]) for one in of.history if one.value in of.shift_index
    ]
    days += [
        (person.code, of.horizon.dates[day], of.shift_types[line[day]])
        for person, line in zip(of.associates, lines.tolist(), strict=True)
        for day in range(of.horizon.day_count)
        if line[day] >= 0
    ]
    cost = sum(wish_cost(person, line) for person, line in zip(problem.people, lines, strict=True))
    for person in of.associates:
        mine = [(day, shift) for code, day, shift in days if code == person.code]
        counts = (
            sum(shift.is_night for _, shift in mine),
            sum(day.weekday() >= 5 for day, _ in mine),
            sum(day in of.holidays for day, _ in mine),
            sum(is_unpopular(shift) for _, shift in mine),
        )
        cost += DealParams().burden_cost * float((BURDEN_WEIGHTS * np.square(counts)).sum())
    return cost


def test_who_worked_past_weekends_gets_the_line_with_fewer() -> None:
    of = scenario(
        weeks=1,
        associates=[associate("busy"), associate("idle")],
        history=history("busy", "..MMMMM MM..MMM") + history("idle", "MMM..MM MMMMM.."),
        rules=RuleSettings(days_off_consecutive=1, working_days_per_week=4, max_consecutive_days=14, wished_consecutive_days=14),
    )
    problem = compile_problem(of)
    lines = plan(of, {"busy": ".M..MMM", "idle": "MMMM..."}).values
    assert deal_lines(problem, lines).tolist() == [1, 0]


def test_who_had_the_nights_of_the_year_gives_an_open_timing_away() -> None:
    of = scenario(weeks=1, associates=[associate("busy"), associate("idle")])
    years = (YearOfBurdens("busy", (60, 20, 1, 60), 364), YearOfBurdens("idle", (0, 20, 1, 0), 364))
    lines = plan(of, {"busy": "NNNNN..", "idle": "DDDDD.."}).values
    assert deal_lines(compile_problem(replace(of, years=years)), lines).tolist() == [1, 0]
    bound = tuple(replace(one, timing=timing) for one, timing in zip(of.associates, ("N", "D"), strict=True))
    assert deal_lines(compile_problem(replace(of, years=years, associates=bound)), lines).tolist() == [0, 1]


def hybrid_site(rng: np.random.Generator) -> tuple[Scenario, Letters]:
    """Return a site of twelve with an office, and a roster for it."""
    modes = rng.choice(list(WorkMode), 12)
    people = [
        associate(
            f"A{number:02d}", work_mode=WorkMode(mode), contract_start=MONDAY + timedelta(days=int(rng.choice((-9, -9, 3))))
        )
        for number, mode in enumerate(modes)
    ]
    least = int((modes == WorkMode.OFFICE).sum())
    of = scenario(
        weeks=2,
        associates=people,
        office=Office(seats=least + int(rng.integers(0, 5)), days_per_week=int(rng.integers(1, 4))),
        rules=RuleSettings(week_starts_on=str(rng.choice(("monday", "thursday")))),
    )
    return of, random_roster(compile_problem(of), rng)


def place_violations(of: Scenario, lines: Letters, places: np.ndarray[tuple[int, ...], np.dtype[np.int8]]) -> dict[str, float]:
    """Return the amount by which each rule of place is broken."""
    amounts = {"place-of-work": 0.0, "office-seats": 0.0, "office-days": 0.0}
    for one in check(of, RosterPlan(lines, places)):
        if one.rule in amounts:
            amounts[one.rule] += one.amount
    return amounts


@pytest.mark.parametrize("seed", range(8))
def test_seats_are_never_exceeded_and_no_owed_day_is_left_out_that_has_a_seat(seed: int) -> None:
    of, lines = hybrid_site(np.random.default_rng(seed))
    places = assign_places(of, lines, seed=seed)
    amounts = place_violations(of, lines, places)
    assert amounts["place-of-work"] == amounts["office-seats"] == 0.0
    hybrid = [index for index, person in enumerate(of.associates) if person.work_mode is WorkMode.HYBRID]
    for index in hybrid:
        for day in np.flatnonzero(lines[index] >= 0):
            changed = places.copy()
            changed[index, day] = HOME if places[index, day] == OFFICE else OFFICE
            after = place_violations(of, lines, changed)
            if places[index, day] == OFFICE:
                assert after["office-days"] > amounts["office-days"], "A day in the office that nobody asks for."
            else:
                assert after["office-seats"] > 0 or after["office-days"] == amounts["office-days"], "An owed day had a seat."


def test_a_week_outside_the_contract_takes_no_seat_from_others() -> None:
    people = [
        associate("late", work_mode=WorkMode.HYBRID, contract_start=MONDAY + timedelta(days=2)),
        associate("full", work_mode=WorkMode.HYBRID),
    ]
    of = scenario(weeks=1, associates=people, office=Office(seats=1, days_per_week=5))
    lines = plan(of, {"late": "--MMMMM", "full": "MMMMM.."}).values
    places = assign_places(of, lines, seed=1)
    assert places.tolist() == [[0, 0, HOME, HOME, HOME, HOME, HOME], [OFFICE] * 5 + [0, 0]]


def clash_problem(**facts: Any) -> Problem:
    """Return the problem of one associate who works at home."""
    return compile_problem(scenario(**{"weeks": 1, "associates": [associate(work_mode=WorkMode.HOME)], **facts}))


def locks(row: str) -> tuple[Lock, ...]:
    """Return the locks that a row draws; ``?`` is none."""
    words = {".": "off"}
    return tuple(
        Lock("A1", MONDAY + timedelta(days=number), words.get(sign, sign)) for number, sign in enumerate(row) if sign != "?"
    )


CLASHES: dict[str, tuple[dict[str, Any], set[str], int]] = {
    "too many locked days": ({"locks": locks("MMMMMM?")}, {"Working days in a week (5)"}, 6),
    "two timings": ({"locks": locks("M?????N")}, {"One timing kept (timing fixed)"}, 2),
    "a timing against a lock": (
        {"associates": [associate(work_mode=WorkMode.HOME, timing="D")], "locks": locks("M??????")},
        {"One timing kept (timing D)"},
        1,
    ),
    "too little rest": (
        {"locks": locks("NM?????"), "rules": RuleSettings(timing=Timing.FREE)},
        {"Rest between shifts (at least 660 minutes)"},
        2,
    ),
    "a past run": (
        {"history": history("A1", "MMMMMM"), "locks": locks("M??????")},
        {"Working days in a row (at most 6)", "the days worked before the roster begins"},
        1,
    ),
    "a lone day off between locks": ({"locks": locks("M.M????")}, {"Days off together (at least 2)"}, 3),
    "nights without consent": (
        {
            "associates": [associate(work_mode=WorkMode.HOME, timing="N", night_consent=False)],
            "rules": RuleSettings(night_consent_required=True),
        },
        {"Consent to nights", "One timing kept (timing N)", "Working days in a week (5)"},
        0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CLASHES)
def test_a_clash_is_named_in_words(case: str) -> None:
    facts, rules, lock_count = CLASHES[case]
    problem = clash_problem(**facts)
    line = max((best_line(graph, np.zeros((len(graph), 7))) for graph in problem.people[0].graphs), key=lambda one: one[0])[1]
    (clash,) = explain_clashes(problem, hard(problem.scenario, line.letters[None, :7]))
    said = [fact for fact in clash.facts if not fact.startswith("lock ")]
    assert set(said) == rules
    assert len(clash.facts) - len(said) == lock_count
    assert clash.who == "A1"
    assert clash.relaxation.startswith("Nearest roster: ")
    assert "leave one of these out" not in clash.relaxation


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(of=scenarios())
def test_a_clash_is_a_smallest_one(of: Scenario) -> None:
    problem = compile_problem(of)
    if not problem.people[0].relaxed:
        assert explain_clashes(problem, ()) == ()
        return
    explainer = Explainer(problem.scenario, problem.calendar)
    kept = explainer.smallest(0)
    assert not explainer.possible(0, kept)
    for part in explainer.parts(kept):
        assert explainer.possible(0, kept.without(part)), part
    everything = Question(frozenset(SEQUENCE_RULES), kept.locks, kept.leave)
    assert not explainer.possible(0, everything)


def test_leave_takes_part_in_a_clash() -> None:
    away = Leave("A1", MONDAY + timedelta(days=1), MONDAY + timedelta(days=3))
    problem = clash_problem(leave=(away,), locks=locks("M???MM?"))
    (clash,) = explain_clashes(problem, ())
    assert any(fact.startswith("leave Tue 05 Jan 2027") for fact in clash.facts)
    assert "Working days in a week (5)" in clash.facts


def test_the_last_day_of_a_clash_is_the_day_it_says() -> None:
    (clash,) = explain_clashes(clash_problem(locks=locks("MMMMMM?")), ())
    assert f"lock M on {date(2027, 1, 9):%a %d %b %Y}" in clash.facts
