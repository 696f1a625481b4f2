"""The rules of sequences against slow counts that read one day after the other, on any history and any roster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules import RuleSettings, Timing
from scheduling.scenario import Scenario
from tests.builders import AUTUMN_MONDAY, MONDAY, SPRING_MONDAY, history, scenario
from tests.roster.rule_judge import judge

Found = tuple[int, float]
"""Day of the horizon and amount of a violation."""

RULES = RuleSettings(timing=Timing.WEEKLY, max_weekly_work_minutes=1500)


def signs_by_day(past: str, row: str) -> dict[int, str]:
    """Return the sign of each known day, the first day of the horizon being 0."""
    days = dict(enumerate(row)) | {index - len(past): sign for index, sign in enumerate(past)}
    return {day: sign for day, sign in days.items() if sign != "?"}


def is_shift(sign: str | None) -> bool:
    return sign is not None and sign in "MDEN"


def slow_runs(signs: dict[int, str], counted: str, most: int) -> Iterator[Found]:
    length = over = 0
    for day in range(min(signs), 15):
        if day in signs and signs[day] in counted:
            length += 1
            over += length > most and day >= 0
        else:
            if over:
                yield max(day - length + most, 0), over
            length = over = 0


def slow_days_off(signs: dict[int, str], least: int) -> Iterator[Found]:
    for day in range(14):
        if is_shift(signs.get(day)) and signs.get(day - 1) == ".":
            first = day - 1
            while signs.get(first - 1) == ".":
                first -= 1
            if is_shift(signs.get(first - 1)) and day - first < least:
                yield max(first, 0), least - (day - first)


def slow_weeks(signs: dict[int, str], offset: int, working_days: int) -> Iterator[Found]:
    for low in range(-offset, 14, 7):
        week = [signs.get(day, "-") if day < 14 else "-" for day in range(low, low + 7)]
        here = week[max(0, -low) : 14 - low]
        worked = sum(map(is_shift, week))
        most = max(0, working_days - week.count("~"))
        least = max(0, most - week.count("-"))
        amount = max(min(worked - most, sum(map(is_shift, here))), min(least - worked, here.count(".")))
        if amount > 0:
            yield max(low, 0), amount


def rests(of: Scenario, signs: dict[int, str]) -> Iterator[tuple[int, int, int]]:
    """Yield earlier day, later day and rest of each two shifts in a row of which the later lies in the horizon."""
    before = None
    for day in sorted(signs):
        if is_shift(signs[day]):
            start = of.horizon.minute_at(day, of.shift_types[of.shift_index[signs[day]]].start)
            if before is not None and day >= 0:
                yield before[0], day, start - before[1]
            before = day, start + 540


def slow_rest(of: Scenario, signs: dict[int, str]) -> Iterator[Found]:
    return ((later, 660 - rest) for _, later, rest in rests(of, signs) if rest < 660)


def slow_weekly_rest(of: Scenario, signs: dict[int, str]) -> Iterator[Found]:
    for earlier, later, rest in rests(of, signs):
        between = [signs.get(day) for day in range(earlier + 1, later)]
        if len(between) >= 2 and set(between) == {"."} and rest < 2880:
            yield later, 2880 - rest


def slow_timing_change(of: Scenario, signs: dict[int, str]) -> Iterator[Found]:
    return ((later, 2880 - rest) for earlier, later, rest in rests(of, signs) if signs[earlier] != signs[later] and rest < 2880)


def slow_rotation(signs: dict[int, str], offset: int) -> Iterator[Found]:
    for low in range(-offset, 8, 7):
        weeks = [[signs.get(day, "?") for day in range(start, start + 7)] for start in (low - 7, low)]
        off = [[position for position, sign in enumerate(week) if sign == "."] for week in weeks]
        if off[0] == off[1] != [] and not set("~-?") & {sign for week in weeks for sign in week}:
            yield max(low, 0), 1


SLOW: dict[str, Callable[[Scenario, dict[int, str]], Iterator[Found]]] = {
    "working-days-in-a-row": lambda of, signs: slow_runs(signs, "MDEN", 6),
    "wished-working-days-in-a-row": lambda of, signs: slow_runs(signs, "MDEN", 5),
    "nights-in-a-row": lambda of, signs: slow_runs(signs, "N", 5),
    "wished-nights-in-a-row": lambda of, signs: slow_runs(signs, "N", 3),
    "days-off-together": lambda of, signs: slow_days_off(signs, 2),
    "working-days-in-a-week": lambda of, signs: slow_weeks(signs, of.week_offset, 5),
    "rest-between-shifts": slow_rest,
    "weekly-rest": slow_weekly_rest,
    "rest-at-timing-change": slow_timing_change,
    "weekly-off-rotates": lambda of, signs: slow_rotation(signs, of.week_offset),
}

RUN = st.tuples(st.sampled_from("MEN..~-"), st.integers(1, 7)).map(lambda run: run[0] * run[1])
PAST_RUN = st.tuples(st.sampled_from("MEN..~-?"), st.integers(1, 7)).map(lambda run: run[0] * run[1])


@pytest.mark.parametrize("name", SLOW)
@given(
    monday=st.sampled_from([MONDAY, SPRING_MONDAY, AUTUMN_MONDAY]),
    weekday=st.integers(0, 6),
    past=st.lists(PAST_RUN, max_size=5).map("".join),
    row=st.lists(RUN, min_size=14).map(lambda runs: "".join(runs)[:14]),
)
@settings(max_examples=50, deadline=None)
def test_rules_of_sequences_find_what_a_slow_count_finds(name: str, monday: date, weekday: int, past: str, row: str) -> None:
    start = monday + timedelta(days=weekday)
    of = scenario(zone="Europe/Berlin", start=start, rules=RULES, history=history("A1", past, before=start))
    slow = [("A1", (start + timedelta(days=day)).isoformat(), amount) for day, amount in SLOW[name](of, signs_by_day(past, row))]
    assert sorted(judge(name, of, row)) == sorted(slow)
