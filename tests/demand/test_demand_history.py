"""The volume history: its grid over changes of clocks, and every fault of a table at once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demand.history import DayGrid, VolumeSeries
from scheduling.errors import BadInputError

BERLIN = "Europe/Berlin"
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


def frame_of(start: str, periods: int, zone: str, minutes: int = 15, queue: str = "video", jobs: object = 4) -> pd.DataFrame:
    starts = pd.date_range(start, periods=periods, freq=f"{minutes}min", tz=zone)
    return pd.DataFrame({"starts_at": starts, "queue": queue, "jobs": jobs, "aht_seconds": 30.0})


@pytest.mark.parametrize(("day", "intervals"), [(date(2027, 3, 27), 96), (SPRING, 92), (AUTUMN, 100)])
def test_a_day_has_the_intervals_that_its_clocks_show(day: date, intervals: int) -> None:
    grid = DayGrid(BERLIN, day, 1, 15)
    assert grid.interval_count == intervals
    assert set(grid.day_of_interval) == {0}


@given(st.dates(date(2026, 1, 1), date(2027, 12, 1)), st.integers(1, 9), st.sampled_from([15, 30, 60]))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("zone", [BERLIN, "Australia/Lord_Howe", "Asia/Kolkata"])
def test_slots_are_what_the_clocks_show(zone: str, day: date, days: int, minutes: int) -> None:
    grid = DayGrid(zone, day, days, minutes)
    for index in {0, grid.interval_count // 3, grid.interval_count - 1}:
        local = datetime.fromtimestamp(int(grid.edges[index]) * 60, tz=ZoneInfo(zone))
        assert grid.dates[grid.day_of_interval[index]] == local.date()
        assert grid.slot_of_interval[index] == (local.hour * 60 + local.minute) // minutes


def test_the_wall_table_skips_the_missing_hour_and_averages_the_double_one() -> None:
    spring = VolumeSeries.from_frame(frame_of("2027-03-28", 92, BERLIN), BERLIN).wall_table(0).jobs
    assert np.flatnonzero(np.isnan(spring[0])).tolist() == [8, 9, 10, 11]
    rows = frame_of("2027-10-31", 100, BERLIN, jobs=np.arange(100))
    autumn = VolumeSeries.from_frame(rows, BERLIN).wall_table(0).jobs
    np.testing.assert_allclose(autumn[0, 7:13], [7, 10, 11, 12, 13, 16])


def test_missing_rows_are_nan_and_a_sparse_source_can_be_filled() -> None:
    frame = frame_of("2027-01-04", 96 * 3, "Asia/Kolkata").drop(index=[5, *range(96, 192)])
    series = VolumeSeries.from_frame(frame, "Asia/Kolkata")
    assert np.isnan(series.jobs[0, 5])
    assert series.looks_sparse(0)
    filled = series.with_gaps_as_zero()
    assert filled.jobs[0, 5] == 0.0
    assert np.isnan(filled.jobs[0, 96:192]).all(), "a day without any row stays unknown"
    half = VolumeSeries.from_frame(frame_of("2027-01-04", 130, "Asia/Kolkata"), "Asia/Kolkata")
    assert not half.looks_sparse(0), "a source that ends at breakfast has no gaps"
    assert np.isnan(half.with_gaps_as_zero().jobs[0, 130:]).all()
    with_zero = frame.assign(jobs=np.where(frame.index == 7, 0, frame["jobs"]))
    assert not VolumeSeries.from_frame(with_zero, "Asia/Kolkata").looks_sparse(0)


@given(st.sampled_from([5, 6, 15, 30, 45, 60, 90, 120, 240]), st.sampled_from([BERLIN, "Asia/Kolkata", "Australia/Lord_Howe"]))
@settings(max_examples=25, deadline=None)
def test_rows_of_any_length_keep_their_jobs_and_their_work(minutes: int, zone: str) -> None:
    frame = frame_of("2027-03-27", 2 * 1440 // minutes, zone, minutes)
    series = VolumeSeries.from_frame(frame, zone)
    assert np.nansum(series.jobs) == pytest.approx(frame["jobs"].sum())
    assert np.nansum(series.jobs * series.aht_seconds) == pytest.approx((frame["jobs"] * frame["aht_seconds"]).sum())


@given(st.floats(0.03, 1.0), st.integers(0, 999))
@settings(max_examples=20, deadline=None)
def test_a_source_that_leaves_out_most_intervals_still_shows_their_length(kept: float, seed: int) -> None:
    frame = frame_of("2027-01-04", 96 * 14, "UTC")
    some = frame[np.random.default_rng(seed).random(len(frame)) < kept]
    series = VolumeSeries.from_frame(some, "UTC")
    assert series.grid.interval_minutes == 15
    assert (series.jobs == 4).sum() == len(some)


def test_a_row_covers_a_day_at_most() -> None:
    starts = pd.to_datetime(["2027-01-04T00:00Z", "2027-02-01T00:00Z", "2027-03-01T00:00Z"])
    frame = pd.DataFrame({"starts_at": starts, "queue": "q", "jobs": 24, "aht_seconds": 30.0})
    series = VolumeSeries.from_frame(frame, "UTC")
    assert (series.jobs == 1.0).sum() == 72
    assert np.isnan(series.jobs).sum() == series.grid.interval_count - 72


def test_coarser_adds_jobs_and_weighs_handling_time_by_workload() -> None:
    frame = frame_of("2027-01-04", 96, "UTC").assign(jobs=[1, 2, 3, 4] * 24, aht_seconds=[10.0, 20.0, 30.0, 40.0] * 24)
    hourly = VolumeSeries.from_frame(frame, "UTC").coarser(60)
    np.testing.assert_allclose(hourly.jobs, 10.0)
    np.testing.assert_allclose(hourly.aht_seconds, (10 + 40 + 90 + 160) / 10)
    with pytest.raises(ValueError, match="no multiple"):
        hourly.coarser(15)
    with pytest.raises(ValueError, match="divide an hour"):
        DayGrid("UTC", SPRING, 1, 45)
    with pytest.raises(ValueError, match="at least one day"):
        DayGrid("UTC", SPRING, 0, 15)


def test_every_fault_is_named_with_its_line() -> None:
    good = pd.Timestamp("2027-01-04T00:00+05:30")
    frame = pd.DataFrame(
        {
            "starts_at": [
                good,
                pd.Timestamp("2027-01-04"),
                good,
                good + pd.Timedelta(minutes=15),
                good + pd.Timedelta(seconds=61),
            ],
            "queue": ["a", "a", "a", "a", None],
            "jobs": [1, 2, 3, -1, float("inf")],
            "aht_seconds": [30.0, 30.0, 0.0, 30.0, 30.0],
        },
    )
    frame["starts_at"] = frame["starts_at"].astype(object)
    with pytest.raises(BadInputError) as caught:
        VolumeSeries.from_frame(frame, "Asia/Kolkata")
    found = {(fault.row, fault.column) for fault in caught.value.faults}
    assert found == {
        (3, "starts_at"),
        (4, "starts_at"),
        (4, "aht_seconds"),
        (5, "jobs"),
        (6, "starts_at"),
        (6, "queue"),
        (6, "jobs"),
    }
    assert {fault.file for fault in caught.value.faults} == {"volumes.csv"}


def test_naive_columns_missing_columns_empty_tables_and_overlaps_are_refused() -> None:
    frame = frame_of("2027-01-04", 8, "UTC")
    naive = frame.assign(starts_at=frame["starts_at"].dt.tz_localize(None))
    late = pd.concat(
        [frame, frame.iloc[[3]].assign(starts_at=frame["starts_at"][3] + pd.Timedelta(minutes=5))], ignore_index=True
    )
    for table, reason, count in (
        (naive, "with an offset", 8),
        (frame.drop(columns=["jobs", "queue"]), "column is missing", 2),
        (frame.iloc[:0], "no rows", 1),
        (late, "less than 15 minutes after", 2),
    ):
        with pytest.raises(BadInputError, match=reason) as caught:
            VolumeSeries.from_frame(table, "UTC")
        assert len(caught.value.faults) == count


def test_no_jobs_need_no_handling_time() -> None:
    frame = frame_of("2027-01-04", 96, "UTC", jobs=0).assign(aht_seconds=np.nan)
    table = VolumeSeries.from_frame(frame, "UTC").wall_table(0)
    assert (table.work == 0).all()
