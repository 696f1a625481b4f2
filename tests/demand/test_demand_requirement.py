"""From volumes to the requirement: the one entry point, end to end."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demand.backlog import Backlog, is_feasible
from demand.calendar import Calendar
from demand.models import MODELS, model_named
from demand.requirement import LARGEST_BUFFER, needs_of_queues, requirement_from_volumes
from demand.staffing import required_agents
from demand.uncertainty import DEFAULT_BUFFER
from scheduling.errors import BadInputError
from scheduling.queues import Queue, QueueKind
from scheduling.times import Horizon

MONDAY = date(2027, 1, 4)
HORIZON = Horizon("Asia/Kolkata", MONDAY, 1)
VIDEO = Queue("video", "stow", QueueKind.REALTIME, 120, 0.85)
IMAGE = Queue("image", "image", QueueKind.BACKLOG, 4 * 3600, 0.9)


def volumes_of(queue: str, first: date, days: int, jobs: object, zone: str = "Asia/Kolkata", minutes: int = 15) -> pd.DataFrame:
    starts = pd.date_range(str(first), str(first + timedelta(days=days)), freq=f"{minutes}min", tz=zone, inclusive="left")
    return pd.DataFrame({"starts_at": starts, "queue": queue, "jobs": jobs, "aht_seconds": 30.0})


def test_a_planned_realtime_queue_needs_its_workload_with_buffer_and_occupancy() -> None:
    frame = volumes_of("video", MONDAY, 7, 3000.0)
    requirement, notes = requirement_from_volumes(frame, [VIDEO], HORIZON, buffer=0.2)
    assert requirement.skills == ("stow",)
    assert requirement.heads.shape == (HORIZON.interval_count, 1)
    np.testing.assert_allclose(requirement.heads, 100.0 * 1.2 / 0.85)
    assert notes == ("Queue video: planned volumes; buffer 20.0%.",)


def test_without_a_past_the_buffer_is_the_typical_one() -> None:
    (need,) = needs_of_queues(volumes_of("video", MONDAY, 7, 3000.0), [VIDEO], HORIZON)
    assert need.buffer == DEFAULT_BUFFER
    (backlog,) = needs_of_queues(
        volumes_of("image", MONDAY, 7, 30.0), [Queue("image", "i", QueueKind.BACKLOG, 4 * 86400, 0.9)], HORIZON
    )
    assert backlog.buffer == DEFAULT_BUFFER / 2, "a backlog of four days averages the day factors"


def test_past_rows_are_forecast_where_the_horizon_is_open() -> None:
    rng = np.random.default_rng(7)
    shape = 400 + 300 * np.sin(np.arange(96) * 2 * np.pi / 96)
    factor = np.repeat(rng.lognormal(-0.004, 0.09, 56), 96)
    past = volumes_of("video", MONDAY - timedelta(days=56), 56, rng.poisson(np.tile(shape, 56) * factor))
    requirement, (note,) = requirement_from_volumes(past, [VIDEO], HORIZON)
    expected = np.tile(shape, 7) * 30 / 900
    assert np.abs(requirement.heads[:, 0] * 0.85 / expected - 1.12).mean() < 0.08
    assert "100% of the intervals forecast" in note
    assert "Backtest over 2 fortnights" in note
    planned = volumes_of("video", MONDAY, 2, 900.0)
    mixed, (mixed_note,) = requirement_from_volumes(pd.concat([past, planned]), [VIDEO], HORIZON, buffer=0.1, model=MODELS[1])
    np.testing.assert_allclose(mixed.heads[:192], 30 * 1.1 / 0.85)
    assert "71% of the intervals forecast by the model “half-life”" in mixed_note


def test_a_backlog_is_levelled_and_keeps_its_deadlines() -> None:
    jobs = np.where(np.arange(672) % 96 < 32, 90.0, 0.0)
    frame = volumes_of("image", MONDAY, 7, jobs)
    requirement, _ = requirement_from_volumes(frame, [IMAGE], HORIZON, buffer=0.0)
    capacity = requirement.heads[:, 0] * 0.9
    assert is_feasible(Backlog((jobs * 30 / 900)[None, :], np.array([16])), capacity)
    assert capacity.max() == pytest.approx(3 * 32 / 48), "eight hours of work in twelve"
    days = capacity.reshape(7, 96)
    np.testing.assert_allclose(days, days[:1].repeat(7, axis=0), atol=1e-9)


def test_the_horizon_of_a_backlog_starts_in_the_middle_of_work() -> None:
    jobs = np.where(np.arange(14 * 96) % 96 >= 88, 100.0, 0.0)
    frame = volumes_of("image", MONDAY - timedelta(days=7), 14, jobs)
    requirement, _ = requirement_from_volumes(frame, [IMAGE], HORIZON, buffer=0.0)
    assert requirement.heads[0, 0] > 0, "what came on the evening before is still due this night"


def test_queues_of_a_skill_add_up_and_small_ones_meet_erlang_c_pooled() -> None:
    names = [Queue(name, "stow", QueueKind.REALTIME, 60, 0.9) for name in ("a", "b")]
    frame = pd.concat([volumes_of(queue.name, MONDAY, 7, 15.0) for queue in names], ignore_index=True)
    requirement, _ = requirement_from_volumes(frame, names, HORIZON, buffer=0.0)
    pooled = required_agents(1.0, 60, 30, 0.95)
    assert pooled < 2 * required_agents(0.5, 60, 30, 0.95)
    np.testing.assert_allclose(requirement.heads[:, 0], pooled)
    loads = [frame.assign(jobs=6000.0), frame.assign(jobs=0.0)]
    np.testing.assert_allclose(requirement_from_volumes(loads[0], names, HORIZON, buffer=0.0)[0].heads, 400 / 0.9)
    np.testing.assert_allclose(requirement_from_volumes(loads[1], names, HORIZON, buffer=0.0)[0].heads, 0.0)


def test_realtime_and_backlog_of_one_skill_add_up() -> None:
    queues = [VIDEO, Queue("image", "stow", QueueKind.BACKLOG, 3600, 1.0)]
    frame = pd.concat([volumes_of("video", MONDAY, 7, 3000.0), volumes_of("image", MONDAY, 7, 60.0)])
    frame = frame.reset_index(drop=True)
    requirement, _ = requirement_from_volumes(frame, queues, HORIZON, buffer=0.0)
    np.testing.assert_allclose(requirement.heads[:, 0], 100 / 0.85 + 2.0)


@pytest.mark.parametrize("first", [date(2027, 3, 22), date(2027, 10, 25)])
@pytest.mark.parametrize("row_minutes", [6, 15, 30, 60, 120])
def test_rows_of_other_lengths_and_changing_clocks_keep_the_work(first: date, row_minutes: int) -> None:
    horizon = Horizon("Europe/Berlin", first, 1)
    frame = volumes_of("video", first, 7, 200.0 * row_minutes, "Europe/Berlin", row_minutes)
    requirement, _ = requirement_from_volumes(frame, [VIDEO], horizon, buffer=0.0)
    assert requirement.heads.shape == (horizon.interval_count, 1)
    np.testing.assert_allclose(requirement.heads, 100 / 0.85)


@given(st.integers(1, 90), st.integers(1, 72), st.sampled_from([15, 30, 60]))
@settings(max_examples=15, deadline=None)
def test_no_work_of_a_backlog_is_lost(seed: int, hours: int, interval: int) -> None:
    jobs = np.tile(np.random.default_rng(seed).integers(0, 50, 96 * 7), 3)
    frame = volumes_of("image", MONDAY - timedelta(days=14), 21, jobs)
    queue = Queue("image", "image", QueueKind.BACKLOG, hours * 3600, 1.0)
    horizon = Horizon("Asia/Kolkata", MONDAY, 1, interval)
    heads = requirement_from_volumes(frame, [queue], horizon, buffer=0.0)[0].heads[:, 0]
    arrived = jobs[: 96 * 7].sum() * 30 / 60
    assert heads.sum() * interval == pytest.approx(arrived, rel=0.02)


def test_a_closed_holiday_is_expected_closed_when_the_calendar_says_so() -> None:
    past = volumes_of("video", MONDAY - timedelta(days=56), 56, 3000.0)
    closed = Calendar(event_factors={MONDAY + timedelta(days=1): 0.5})
    heads = requirement_from_volumes(past, [VIDEO], HORIZON, buffer=0.0, calendar=closed)[0].heads[:, 0]
    np.testing.assert_allclose(heads[96:192], 50 / 0.85)
    np.testing.assert_allclose(heads[192:], 100 / 0.85)


def test_every_queue_fault_is_named_at_once() -> None:
    frame = volumes_of("vidoe", MONDAY, 7, 3.0)
    with pytest.raises(BadInputError) as caught:
        requirement_from_volumes(frame, [VIDEO, IMAGE, IMAGE], HORIZON)
    found = {(fault.file, fault.value) for fault in caught.value.faults}
    assert found == {("volumes.csv", "vidoe"), ("queues.csv", "video"), ("queues.csv", "image")}
    assert len(caught.value.faults) == 5


@pytest.mark.parametrize(
    ("sla", "occupancy", "column"), [(0, 0.8, "sla_seconds"), (60, 0.0, "max_occupancy"), (60, 1.01, "max_occupancy")]
)
def test_impossible_promises_are_refused(sla: int, occupancy: float, column: str) -> None:
    queue = Queue("video", "s", QueueKind.REALTIME, sla, occupancy)
    with pytest.raises(BadInputError, match="of queue video must be above") as caught:
        requirement_from_volumes(volumes_of("video", MONDAY, 7, 3.0), [queue], HORIZON)
    assert [fault.column for fault in caught.value.faults] == [column]


def test_the_measured_buffer_is_that_of_the_hour_in_real_time_and_of_the_day_in_a_backlog() -> None:
    rng = np.random.default_rng(3)
    by_hour = np.repeat(rng.lognormal(-0.005, 0.1, 140 * 24), 4)
    past = volumes_of("video", MONDAY - timedelta(days=140), 140, rng.poisson(400 * by_hour))
    (realtime,) = needs_of_queues(past, [VIDEO], HORIZON)
    assert 0.11 < realtime.buffer < 0.15, "hours vary by 10 %"
    (backlog,) = needs_of_queues(past.assign(queue="image"), [IMAGE], HORIZON)
    assert 0.0 <= backlog.buffer < 0.05, "days hardly vary, hours even out"
    wild = past.assign(jobs=rng.poisson(400 * rng.lognormal(-0.1, 0.5, 140).repeat(96)))
    assert needs_of_queues(wild, [VIDEO], HORIZON)[0].buffer == LARGEST_BUFFER


def test_pooled_queues_are_held_to_the_strictest_sla() -> None:
    queues = [Queue("a", "stow", QueueKind.REALTIME, 5, 1.0), Queue("b", "stow", QueueKind.REALTIME, 3600, 1.0)]
    frame = pd.concat([volumes_of(queue.name, MONDAY, 7, 60.0) for queue in queues], ignore_index=True)
    heads = requirement_from_volumes(frame, queues, HORIZON, buffer=0.0)[0].heads
    assert required_agents(4.0, 3600, 30, 0.95) < required_agents(4.0, 5, 30, 0.95)
    np.testing.assert_allclose(heads, required_agents(4.0, 5, 30, 0.95))


def test_a_source_that_leaves_out_quiet_intervals_is_not_taken_for_busy() -> None:
    rng = np.random.default_rng(2)
    jobs = rng.poisson(0.4, 56 * 96)
    jobs[[0, -1]] = 1
    past = volumes_of("video", MONDAY - timedelta(days=56), 56, jobs)
    sparse = past[past["jobs"] > 0]
    assert len(sparse) < 0.4 * len(past)
    (full_need,), (sparse_need,) = (
        needs_of_queues(frame, [VIDEO], HORIZON, model=model_named("half-life")) for frame in (past, sparse)
    )
    np.testing.assert_allclose(sparse_need.volume.jobs, full_need.volume.jobs)
