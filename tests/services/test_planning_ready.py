"""The planner is made ready on a small part of what it will plan, and leaves time for what follows the search."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sample.operation import build_sample_scenario
from scheduling.scenario import Scenario
from services.planning import closing_seconds
from services.ready import FEW_PEOPLE, ready, small_part
from tests.builders import MONDAY, associate, scenario

SAMPLE = build_sample_scenario(20, 2)


def test_a_small_part_names_only_the_people_and_the_week_that_it_has() -> None:
    part = small_part(SAMPLE)
    codes = {person.code for person in part.associates}
    assert len(codes) == FEW_PEOPLE
    assert part.requirement.heads.shape == (part.horizon.interval_count, len(part.requirement.skills))
    assert part.horizon.dates[-1] == SAMPLE.horizon.first_day + timedelta(days=6)
    for facts in (part.leave, part.requests, part.locks, part.history):
        assert {fact.associate for fact in facts} <= codes
    assert {past.associate for past in part.history} == codes


def test_whoever_stops_does_not_wait_for_everything_to_be_ready() -> None:
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return True

    ready(SAMPLE, stop)
    assert asked


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(1, 8), st.floats(0.0, 100.0))
def test_more_days_of_more_people_leave_more_time_but_never_all(people: int, weeks: int, seconds: float) -> None:
    def of(count: int, length: int) -> Scenario:
        return scenario(start=MONDAY, weeks=length, associates=[associate(f"A{number}") for number in range(count)])

    kept = closing_seconds(of(people, weeks), seconds)
    assert 0 <= kept <= seconds / 2
    assert kept <= closing_seconds(of(2 * people, weeks), seconds)
    assert kept <= closing_seconds(of(people, 2 * weeks), seconds)
