"""Draws small scenarios with every setting that a sequence rule reads, and lines of one associate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from roster.lines import best_line
from roster.problem import Facts, GraphMaker, Problem
from roster.setting import LineChoice, WishCosts
from scheduling.people import Associate, Leave, Lock, PastDay, WorkMode
from scheduling.plan import LEAVE, NONE, OFF
from scheduling.rules import RuleSettings, Timing
from scheduling.scenario import Scenario
from scheduling.shifts import ShiftType
from scheduling.times import WEEKDAYS
from tests.builders import AUTUMN_MONDAY, MONDAY, SPRING_MONDAY, associate, scenario

Letters = NDArray[np.int16]

TYPES = (
    ShiftType("A", time(4), 540),
    ShiftType("M", time(6), 540),
    ShiftType("L", time(8), 660),
    ShiftType("E", time(14), 540),
    ShiftType("N", time(22), 540),
)


@st.composite
def rule_settings(draw: st.DrawFn) -> RuleSettings:
    """Draw the parameters of all sequence rules."""
    return RuleSettings(
        rest_minutes=draw(st.sampled_from((480, 660, 780, 840, 900, 960))),
        max_consecutive_days=draw(st.integers(2, 7)),
        wished_consecutive_days=draw(st.integers(2, 5)),
        working_days_per_week=draw(st.integers(2, 6)),
        days_off_consecutive=draw(st.integers(1, 3)),
        weekly_rest_minutes=draw(st.sampled_from((0, 1440, 2880, 3000, 4320, 6000))),
        wished_weekly_rest_minutes=draw(st.sampled_from((0, 2880, 3600))),
        max_weekly_work_minutes=draw(st.sampled_from((1500, 2200, 2700, 2880, 3000))),
        max_consecutive_nights=draw(st.integers(1, 5)),
        wished_consecutive_nights=draw(st.integers(1, 3)),
        night_consent_required=draw(st.booleans()),
        timing=draw(st.sampled_from(Timing)),
        timing_change_rest_minutes=draw(st.sampled_from((660, 1440, 2880, 4000))),
        week_starts_on=draw(st.sampled_from(WEEKDAYS)),
    )


@st.composite
def scenarios(draw: st.DrawFn, people: int = 1) -> Scenario:
    """Draw a scenario of one or two weeks, often around a change of clocks."""
    zone, monday = draw(
        st.sampled_from((("Asia/Kolkata", MONDAY), ("Europe/Berlin", SPRING_MONDAY), ("Europe/Berlin", AUTUMN_MONDAY)))
    )
    start = monday + timedelta(days=draw(st.integers(0, 6)))
    weeks = draw(st.integers(1, 2))
    chosen = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True))
    codes = [shift.code for shift in chosen]
    associates = tuple(draw(_associates(f"A{number}", start, 7 * weeks, codes)) for number in range(people))
    empty = scenario(
        start=start, weeks=weeks, zone=zone, interval_minutes=60, associates=associates, shift_types=chosen,
        rules=draw(rule_settings()),
    )  # fmt: skip
    facts = [draw(_facts(person, empty, codes)) for person in associates]
    return replace(
        empty,
        leave=tuple(one for leave, _, _ in facts for one in leave),
        locks=tuple(one for _, locks, _ in facts for one in locks),
        history=tuple(one for _, _, history in facts for one in history),
    )


@st.composite
def _associates(draw: st.DrawFn, code: str, start: date, days: int, codes: list[str]) -> Associate:
    first = start + timedelta(days=draw(st.sampled_from((-400, -400, -3, 1, 4, 8))))
    last = start + timedelta(days=draw(st.sampled_from((400, 400, days, days - 1, days - 3, 9))))
    return associate(
        code,
        work_mode=WorkMode.HOME,
        timing=draw(st.sampled_from((None, None, *codes))),
        night_consent=draw(st.booleans()),
        contract_start=first,
        contract_end=max(first, last),
    )


@st.composite
def _facts(draw: st.DrawFn, person: Associate, of: Scenario, codes: list[str]) -> tuple[list[Leave], list[Lock], list[PastDay]]:
    horizon = of.horizon
    leave: list[Leave] = []
    if draw(st.booleans()):
        first = horizon.first_day + timedelta(days=draw(st.integers(-2, horizon.day_count)))
        leave.append(Leave(person.code, first, first + timedelta(days=draw(st.integers(0, 4)))))
    away = {day for day in horizon.dates if any(one.first_day <= day <= one.last_day for one in leave)}
    inside = [day for day in horizon.dates if person.contract_start <= day <= person.contract_end and day not in away]
    locked = draw(st.lists(st.sampled_from(inside), max_size=2, unique=True)) if inside else []
    locks = [Lock(person.code, day, draw(st.sampled_from(("off", *codes)))) for day in locked]
    past_words = ("?", "none", "leave", "off", "off", *codes, *codes)
    words = draw(st.lists(st.sampled_from(past_words), max_size=12))
    usual = draw(st.sampled_from(codes))
    mixed = draw(st.booleans())
    history = [
        PastDay(person.code, horizon.first_day - timedelta(days=number + 1), word if mixed or word not in codes else usual)
        for number, word in enumerate(words)
        if word != "?"
    ]
    return leave, locks, history


def random_lines(problem: Problem, index: int, rng: np.random.Generator, count: int) -> Iterator[Letters]:
    """Yield lines of an associate near the border between kept and broken: best ones at random values, some with other days."""
    of = problem.scenario
    days, shifts = of.horizon.day_count, len(of.shift_types)
    facts, person = Facts(of, problem.calendar), problem.people[index]
    maker = GraphMaker(of, problem.calendar, WishCosts())
    everything = tuple(range(shifts))
    free = maker.graph(LineChoice(everything), facts.past[index], facts.letters(index, everything), relaxed=True)
    assert free is not None
    graphs = [*person.graphs, free]
    for number in range(count):
        graph = graphs[number % len(graphs)]
        values = rng.normal(size=(len(graph), shifts + 3)) + rng.normal() * (np.arange(shifts + 3) < shifts)
        letters = best_line(graph, values * rng.choice((1.0, 1e6)))[1].letters[:days].copy()
        for day in rng.choice(days, rng.integers(0, 3), replace=False):
            letters[day] = rng.choice((OFF, *everything, *everything, LEAVE, NONE))
        yield letters
