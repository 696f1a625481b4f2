"""Moves on a projected floor: what they change, what they keep, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.projection import (
    AgeBand,
    FloorState,
    MoveError,
    effect,
    project,
    with_absence,
    with_arrivals_rerouted,
    with_breaks_moved,
    with_extra_people,
    with_jobs_moved,
    with_people_moved,
)
from tests.allocation.floor_states import STEPS, curve, floor, group, queue


def heads_of(state: FloorState, queue_id: int | None = None) -> float:
    """Return the heads at the first step, of those who work a queue."""
    return float(sum(one.heads[0] for one in state.groups if queue_id is None or queue_id in one.shares))


def waiting(state: FloorState, queue_id: int) -> float:
    return state.queue(queue_id).waiting_count


def test_people_who_move_work_the_new_queue_in_place_of_the_old() -> None:
    state = floor([queue(1), queue(2), queue(3)], [group("A", 10, 1, 3, skills=(2,)), group("B", 4, 1)])
    after = with_people_moved(state, "A", 1, 2, 4)
    assert [(one.team, dict(one.shares), one.heads[0]) for one in after.groups] == [
        ("A", {1: 1.0, 3: 1.0}, 6.0),
        ("A", {3: 1.0, 2: 1.0}, 4.0),
        ("B", {1: 1.0}, 4.0),
    ]
    assert [one.heads[0] for one in state.groups] == [10.0, 4.0]


def test_all_who_work_a_queue_can_move() -> None:
    state = floor([queue(1), queue(2)], [group("A", 10, 1, skills=(2,))])
    after = with_people_moved(state, "A", 1, 2, 10)
    assert heads_of(after, 1) == 0
    assert heads_of(after, 2) == 10


def test_more_people_than_have_the_skill_are_refused_with_the_number_that_can() -> None:
    state = floor([queue(1), queue(2)], [group("A", 3, 1, skills=(2,)), group("A", 5, 1)])
    with pytest.raises(MoveError, match=r"4 heads of team A cannot move from Q1 to Q2: 3 work"):
        with_people_moved(state, "A", 1, 2, 4)
    with pytest.raises(MoveError, match="no queue 9"):
        with_people_moved(state, "A", 1, 9, 1)


def test_the_oldest_jobs_move_and_keep_their_deadlines() -> None:
    state = floor([queue(1, waiting=60, oldest=1200), queue(2, sla_seconds=2400.0)], [group("A", 1, 1), group("B", 1, 2)])
    after = with_jobs_moved(state, 1, 2, 15)
    assert after.queue(1).waiting == (AgeBand(0.0, 900.0, 45.0),)
    # They were due in 600 to 900 s, and so they are with an SLA that is 600 s longer.
    assert after.queue(2).waiting == (AgeBand(1500.0, 1800.0, 15.0),)


@settings(max_examples=50, deadline=None)
@given(bands=st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000), st.floats(0.1, 100)), max_size=4), part=st.floats(0, 1))
def test_no_job_is_lost_by_moving(bands: list[tuple[float, float, float]], part: float) -> None:
    one = queue(1)
    ages = tuple(AgeBand(min(first, last), max(first, last), count) for first, last, count in bands)
    state = floor([type(one)(1, "Q1", 1800.0, 1.0, 60.0, ages, curve(0)), queue(2, waiting=5)], [])
    count = part * waiting(state, 1)
    after = with_jobs_moved(state, 1, 2, count)
    assert waiting(after, 1) + waiting(after, 2) == pytest.approx(waiting(state, 1) + 5)
    if all(abs(first - last) > 1 for first, last, _ in bands):
        assert waiting(after, 2) == pytest.approx(5 + count, abs=1e-3)


def test_more_jobs_than_wait_are_refused() -> None:
    with pytest.raises(MoveError, match="20 jobs cannot be moved from Q1: 10 wait"):
        with_jobs_moved(floor([queue(1, waiting=10), queue(2)], []), 1, 2, 20)


def test_what_is_rerouted_arrives_elsewhere_whatever_the_two_forecasts_were_worth() -> None:
    busy = queue(1, 10.0, arrived_so_far=5000.0, forecast_so_far=2000.0)
    state = floor([busy, queue(2, 4.0, arrived_so_far=1000.0, forecast_so_far=2000.0)], [])
    before, after = project(state).flow.network.arrivals, project(with_arrivals_rerouted(state, 1, 2, 0.25)).flow.network.arrivals
    assert after[0] == pytest.approx(0.75 * before[0])
    assert after.sum(axis=0) == pytest.approx(before.sum(axis=0))
    with pytest.raises(MoveError, match="from 0 to 1"):
        with_arrivals_rerouted(state, 1, 2, 1.5)


def test_an_absence_takes_heads_for_its_time_and_never_more_than_are_there() -> None:
    state = floor([queue(1)], [group("A", 6, 1), group("A", 2, 1), group("B", 5, 1)])
    after = with_absence(state, "A", 4, from_step=2, until_step=5)
    assert [one.heads[2] for one in after.groups] == [3.0, 1.0, 5.0]
    assert [one.heads[5] for one in after.groups] == [6.0, 2.0, 5.0]
    assert [one.heads[0] for one in with_absence(state, "A", 99).groups] == [0.0, 0.0, 5.0]
    with pytest.raises(MoveError, match="team Z"):
        with_absence(state, "Z", 1)


def test_breaks_that_move_out_of_a_window_are_taken_after_it() -> None:
    state = floor([queue(1)], [group("A", 8, 1, on_break=curve(2.0))])
    after = with_breaks_moved(state, 1, 1.0, from_step=12, until_step=15, later_until=21)
    heads = after.groups[0].heads
    assert heads[12:15].tolist() == [9.0] * 3
    assert heads[15:21].tolist() == [7.5] * 6
    assert heads.sum() == pytest.approx(8 * STEPS)
    with pytest.raises(MoveError, match="after it"):
        with_breaks_moved(state, 1, 1.0, from_step=12, until_step=15, later_until=15)


def test_the_effect_says_what_a_move_does_to_each_queue() -> None:
    state = floor([queue(1, 5.0), queue(2, 15.0)], [group("A", 3, 1, skills=(2,)), group("B", 2, 2)])
    before, after = project(state), project(with_people_moved(state, "A", 1, 2, 1.5))
    change = effect(before, after)
    assert change[2].first_miss_before is not None
    assert change[2].first_miss_after is None
    assert change[2].sla_after == 1.0
    assert change[2].late_avoided == pytest.approx(change[2].late_before)
    assert change[2].labour_before is not None
    assert change[2].labour_after is not None
    assert change[2].labour_before - change[2].labour_after == pytest.approx(1.5)
    assert change[1].late_avoided == 0


@settings(max_examples=40, deadline=None)
@given(heads=st.floats(0, 5), extra=st.floats(0, 5), first=st.integers(0, 20))
def test_moving_people_keeps_their_number_in_every_step(heads: float, extra: float, first: int) -> None:
    state = floor([queue(1), queue(2)], [group("A", 3, 1, skills=(2,)), group("A", 2, 1, 2)])
    after = with_people_moved(state, "A", 1, 2, heads, from_step=first)
    assert np.sum([one.heads for one in after.groups], axis=0) == pytest.approx(curve(5.0))
    more = with_extra_people(after, "X", 2, extra)
    assert heads_of(more) == pytest.approx(5 + extra)
