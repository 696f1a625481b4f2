"""The projection: figures by hand, and what must hold whatever the floor looks like."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.projection import FloorState, arrival_factor, effect, project, with_extra_people
from allocation.projection.reforecast import trust
from allocation.projection.sharing import Edges, share_out
from allocation.projection.state import AgeBand, QueueState
from tests.allocation.floor_states import NOW, STEPS, curve, floor, group, queue


def test_a_queue_with_enough_people_is_never_late_and_idle_at_once() -> None:
    outlook = project(floor([queue(1, 5.0)], [group("A", 2, 1)])).queue(1)
    assert outlook.first_miss_at is None
    assert outlook.sla_projected == 1.0
    assert outlook.idle_in_minutes == 0.0
    # The 240 jobs of the four hours are due in 270 min, which takes 0.89 of the two heads.
    assert outlook.labour_needed == pytest.approx(240 / 270 - 2)
    # 5 jobs of 60 s in 300 s keep one head busy: 1.12 / 0.9 heads with buffer and occupancy.
    assert outlook.required_heads == pytest.approx(np.full(STEPS, 1.12 / 0.9))
    assert outlook.working_heads == pytest.approx(np.ones(STEPS))


def test_sixty_jobs_for_one_head_are_half_late_after_half_an_hour() -> None:
    outlook = project(floor([queue(1, waiting=60)], [group("A", 1, 1)])).queue(1)
    assert outlook.first_miss_at is not None
    assert (outlook.first_miss_at - NOW).total_seconds() == pytest.approx(1800, abs=1)
    assert outlook.late_jobs == pytest.approx(30, abs=0.1)
    assert outlook.in_time_jobs == pytest.approx(30, abs=0.1)
    # Sixty jobs of a minute in half an hour take two heads, and there is one.
    assert outlook.labour_needed == pytest.approx(1.0, abs=0.01)
    assert outlook.idle_in_minutes == pytest.approx(60.0)


def test_the_moment_of_running_empty_is_exact_within_a_step() -> None:
    # 10 jobs wait, 1 comes each minute, three heads do 3 each minute: empty after 10 / (3 - 1) = 5 min; with four after 3:20.
    three = project(floor([queue(1, 5.0, waiting=10)], [group("A", 3, 1)])).queue(1)
    four = project(floor([queue(1, 5.0, waiting=10)], [group("A", 4, 1)])).queue(1)
    assert three.idle_in_minutes == pytest.approx(5.0)
    assert four.idle_in_minutes == pytest.approx(10 / 3)


def test_what_is_overdue_now_counts_as_late_and_misses_now() -> None:
    outlook = project(floor([queue(1, waiting=36, oldest=3600.0)], [group("A", 10, 1)])).queue(1)
    assert outlook.first_miss_at == NOW
    # Of the oldest, 18 are overdue; 0.6 more a minute become so while 10 a minute are answered: 18 / (1 - 0.06).
    assert outlook.late_jobs == pytest.approx(18 / 0.94)
    assert outlook.oldest_seconds == 3600.0


def test_jobs_that_nobody_works_are_late_when_their_deadline_passes_within_the_horizon() -> None:
    outlook = project(floor([queue(1, 1.0)], [])).queue(1)
    assert outlook.late_jobs == pytest.approx(STEPS - 6)
    assert outlook.first_miss_at == NOW + timedelta(minutes=30)
    assert outlook.idle_in_minutes is None
    # The 48 jobs take 48 minutes, and the last is due after 270.
    assert outlook.labour_needed == pytest.approx(48 / 270)


def test_the_day_counts_what_was_answered_so_far() -> None:
    one = queue(1, waiting=60, handled_so_far=100.0, in_sla_so_far=80.0)
    outlook = project(floor([one], [group("A", 1, 1)])).queue(1)
    assert outlook.sla_so_far == 0.8
    assert outlook.sla_day == pytest.approx(110 / 160, abs=0.001)


def test_people_who_can_only_work_one_queue_leave_the_other_to_those_who_can() -> None:
    # Two queues of 5 jobs a step; A may work both, B only the second. Each must do one, whatever the first split was.
    outlook = project(floor([queue(1, 5.0), queue(2, 5.0)], [group("A", 1, 1, 2), group("B", 1, 2)]))
    assert [one.late_jobs for one in outlook.queues] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert outlook.queue(1).waiting_jobs.max() < 1.0


def test_weight_decides_who_suffers_in_an_overload() -> None:
    outlook = project(floor([queue(1, 10.0, weight=8.0), queue(2, 10.0)], [group("A", 3, 1, 2)]))
    assert outlook.queue(1).late_jobs < outlook.queue(2).late_jobs


def test_a_reserved_share_keeps_work_on_a_backlog() -> None:
    busy = queue(1, 20.0, weight=9.0, sla_seconds=120.0)
    backlog = {"waiting": 1000.0, "sla_seconds": 86400.0}
    without = project(floor([busy, queue(2, **backlog)], [group("A", 2, 1, 2)])).queue(2)
    reserved = project(floor([busy, queue(2, reserved_share=0.25, **backlog)], [group("A", 2, 1, 2)])).queue(2)
    assert without.working_heads.max() < 0.05
    assert reserved.working_heads == pytest.approx(np.full(STEPS, 0.5), abs=0.05)


def test_slow_people_do_less_in_the_same_time() -> None:
    slow = project(floor([queue(1, 10.0)], [group("A", 2, 1, relative_speed=0.5)])).queue(1)
    assert slow.waiting_jobs[-1] == pytest.approx(5.0 * STEPS)
    assert slow.working_heads == pytest.approx(np.full(STEPS, 2.0))


@pytest.mark.parametrize(("progress", "expected"), [(0.0, 0.0), (0.25, 0.25), (0.5, 0.5), (0.75, 0.75), (1.0, 0.75)])
def test_the_day_is_trusted_more_as_it_goes_on(progress: float, expected: float) -> None:
    assert trust(progress) == expected


def test_few_jobs_are_hardly_news() -> None:
    few, many = arrival_factor([10, 10_000], [5, 5_000], 0.5).tolist()
    assert few == pytest.approx(1 + 0.5 * 5 / (1 / 0.09**2 + 5))
    assert few < 1.03
    assert 1.48 < many < 1.5
    assert arrival_factor(0, 0, 0.5) == 1.0


def test_a_projection_scales_the_rest_of_the_forecast() -> None:
    one = queue(1, 5.0, arrived_so_far=6000.0, forecast_so_far=5000.0)
    outlook = project(floor([one], [group("A", 2, 1)], progress=1.0)).queue(1)
    assert outlook.arrival_factor == pytest.approx(1 + 0.75 * 1000 / (5000 + 1 / 0.09**2))


@st.composite
def floors(draw: st.DrawFn) -> FloorState:
    """Draw a floor of up to four queues and five groups."""
    count = draw(st.integers(1, 4))
    queues = [
        queue(
            number,
            [draw(st.floats(0, 30))] * 24 + [draw(st.floats(0, 30))] * 24,
            waiting=draw(st.floats(0, 200)),
            oldest=draw(st.floats(0, 4000)),
            sla_seconds=draw(st.sampled_from([120.0, 900.0, 7200.0, 86400.0])),
            aht_seconds=draw(st.floats(5, 200)),
            weight=draw(st.floats(0.5, 5)),
            reserved_share=draw(st.sampled_from([0.0, 0.0, 0.1])),
        )
        for number in range(1, count + 1)
    ]
    groups = [
        group(
            f"T{number}",
            [draw(st.floats(0, 20))] * 30 + [draw(st.floats(0, 20))] * 18,
            *draw(st.sets(st.integers(1, count), min_size=1)),
            relative_speed=draw(st.floats(0.5, 1.5)),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    return floor(queues, groups)


@settings(max_examples=50, deadline=None)
@given(floors())
def test_work_is_conserved_and_nobody_idles_beside_work(state: FloorState) -> None:
    after = project(state)
    flow, network = after.flow, after.flow.network
    served_work = np.diff(flow.served, axis=1) * network.aht_seconds[:, None]
    assert served_work.sum(axis=0) == pytest.approx(flow.taken.sum(axis=1), abs=1e-3)
    assert (network.capacity - flow.spare).sum(axis=0) == pytest.approx(flow.taken.sum(axis=1), abs=1e-3)
    assert (flow.taken >= -1e-6).all()
    assert (flow.spare >= 0).all()
    assert (flow.served[:, 1:] <= network.curve_levels[:, -STEPS:] + 1e-6).all()
    left = ~flow.is_empty[network.edges.queue]
    assert (flow.spare[network.edges.group][left] <= 1e-3).all()


@settings(max_examples=50, deadline=None)
@given(floors())
def test_every_job_of_the_horizon_is_in_time_or_late_or_not_yet_due(state: FloorState) -> None:
    after = project(state)
    for outlook, curves in zip(after.queues, after.curves, strict=True):
        served, overdue = curves.served_jobs[-1], np.interp(curves.edges[-1], curves.due_times, curves.due_jobs)
        assert outlook.late_jobs >= 0
        assert outlook.late_jobs + outlook.in_time_jobs == pytest.approx(max(served, overdue), abs=1e-3, rel=1e-6)
        assert outlook.sla_projected is None or 0 <= outlook.sla_projected <= 1
        assert outlook.idle_in_minutes is None or 0 <= outlook.idle_in_minutes <= 240
        assert (outlook.waiting_jobs >= 0).all()


@settings(max_examples=40, deadline=None)
@given(
    arrivals=st.lists(st.floats(0, 40), min_size=STEPS, max_size=STEPS),
    heads=st.floats(0, 10),
    waiting=st.floats(0, 300),
    oldest=st.floats(0, 900),
    sla=st.sampled_from([600.0, 1800.0, 3700.0]),
)
def test_the_labour_needed_is_exactly_enough(
    arrivals: list[float], heads: float, waiting: float, oldest: float, sla: float
) -> None:
    state = floor([queue(1, arrivals, waiting=waiting, oldest=min(oldest, sla), sla_seconds=sla)], [group("A", heads, 1)])
    needed = project(state).curves[0].heads_needed(0.0, settled_by=14_400.0)
    assert needed is not None
    more = max(0.0, needed)
    assert project(with_extra_people(state, "X", 1, more * 1.001 + 1e-6)).queue(1).late_jobs < 0.05
    if more > 0.5:
        assert project(with_extra_people(state, "X", 1, more * 0.8)).queue(1).late_jobs > 0


@settings(max_examples=40, deadline=None)
@given(floors(), st.floats(0.1, 20))
def test_more_people_for_every_queue_never_do_less(state: FloorState, heads: float) -> None:
    pool = floor(list(state.queues), [group("A", 3, *state.position)])
    more = floor(list(state.queues), [group("A", 3 + heads, *state.position)])
    few, many = project(pool), project(more)
    assert (many.flow.taken.sum(axis=1).cumsum() >= few.flow.taken.sum(axis=1).cumsum() - 1e-3).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 40), min_size=STEPS, max_size=STEPS), st.floats(0, 10), st.floats(0.1, 5))
def test_more_people_for_one_queue_never_make_it_later(arrivals: list[float], heads: float, more: float) -> None:
    before = project(floor([queue(1, arrivals)], [group("A", heads, 1)]))
    after = project(floor([queue(1, arrivals)], [group("A", heads + more, 1)]))
    change = effect(before, after)[1]
    assert change.late_avoided >= -1e-6
    assert change.first_miss_before is not None or change.first_miss_after is None


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_time_is_shared_up_to_the_last_second_that_can_be_used(data: st.DataObject) -> None:
    pairs = sorted(data.draw(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1)))
    work = np.array(data.draw(st.lists(st.floats(0, 100), min_size=4, max_size=4)))
    time = np.array(data.draw(st.lists(st.floats(0, 100), min_size=5, max_size=5)))
    edges = Edges(np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs]), np.zeros(len(pairs)), 5, 4)
    taken, rest, spare = share_out(edges, np.ones(len(pairs)), work, time)
    assert (taken >= -1e-6).all()
    assert edges.by_queue(taken) + rest == pytest.approx(work, abs=1e-5)
    assert edges.by_group(taken) + spare == pytest.approx(time, abs=1e-5)
    assert all(rest[one] <= 1e-6 or spare[person] <= 1e-6 for person, one in pairs)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="Ages must be in order"):
        AgeBand(5.0, 4.0, 1.0)
    with pytest.raises(ValueError, match="above zero"):
        QueueState(1, "Q", 0.0, 1.0, 60.0, (), curve(1.0))
    with pytest.raises(ValueError, match="only these queues"):
        floor([queue(1)], [group("A", 1, 2)])
    with pytest.raises(ValueError, match="aware"):
        FloorState(NOW.replace(tzinfo=None), (queue(1),), ())
