"""Geometry of charts: right where the figures are right, inside its frame, also on days of 23 and 25 hours."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scheduling.times import Horizon
from web.charts import TOLERANCE_HEADS, coverage_chart, histogram, nice_step, progress_curve

heads = arrays.arrays(np.float64, 96, elements=st.floats(0, 5000, width=32))
DAY = Horizon("Asia/Kolkata", date(2027, 1, 4), 1).interval_starts[:96]


def numbers(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", text)]


@given(st.floats(0.001, 1e7))
def test_a_step_is_round_and_reaches_the_largest_in_few_steps(largest: float) -> None:
    step = nice_step(largest)
    assert step * 4 >= largest * 0.998
    assert step * 4 <= largest * 4 * 2.6
    assert f"{step:.0e}"[0] in "125"


@settings(max_examples=40)
@given(heads, heads)
def test_curves_stay_inside_the_frame_and_hatch_exactly_what_is_short(
    required: np.ndarray[tuple[int], np.dtype[np.float64]], scheduled: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    chart = coverage_chart(DAY, required, scheduled)
    drawn = numbers(chart.required) + numbers(chart.scheduled) + numbers(chart.short)
    assert all(0 <= x <= chart.frame.width and -0.05 <= y <= chart.frame.height + 0.05 for x, y in drawn)
    short = required - scheduled > TOLERANCE_HEADS
    runs = int((np.diff(np.concatenate(([0], short.astype(int)))) == 1).sum())
    assert chart.short.count("M") == runs
    width = sum(max(x for x, _ in numbers(part)) - min(x for x, _ in numbers(part)) for part in chart.short.split("M")[1:])
    assert width == pytest.approx(short.sum() * chart.frame.width / 96, abs=0.2 * (runs + 1))


def test_the_required_line_lies_at_the_required_height() -> None:
    required = np.full(96, 30.0)
    chart = coverage_chart(DAY, required, np.full(96, 40.0))
    assert chart.short == ""
    assert {y for _, y in numbers(chart.required)} == {75.0}
    assert [tick.label for tick in chart.levels] == ["0", "10", "20", "30", "40"]
    assert [tick.at for tick in chart.levels] == pytest.approx([100, 75, 50, 25, 0])


@pytest.mark.parametrize(("first_day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25)])
def test_the_axis_knows_the_nights_on_which_clocks_change(first_day: date, hours: int) -> None:
    horizon = Horizon("Europe/Berlin", first_day, 1)
    starts = horizon.interval_starts[: int(horizon.day_starts[1]) // 15]
    assert len(starts) == hours * 4
    chart = coverage_chart(starts, np.ones(len(starts)), np.ones(len(starts)))
    labels = [tick.label for tick in chart.times]
    assert labels == (["00", "04"] if hours == 23 else ["00", "02", "02", "04"]) + [f"{hour:02d}" for hour in range(6, 24, 2)]


def test_the_course_of_a_run_needs_two_points_and_one_figure() -> None:
    assert progress_curve([]) is None
    assert progress_curve([(0.0, 10.0, 5.0)]) is None
    assert progress_curve([(0.0, None, None), (1.0, None, None)]) is None
    curve = progress_curve([(0.0, None, 5.0), (1.0, 20.0, 5.0), (2.0, 10.0, 9.0)])
    assert curve is not None
    assert len(numbers(curve.lines[0])) == 2
    assert numbers(curve.lines[1])[0] == (0.0, 300.0)


def test_objective_and_bound_far_from_zero_lie_apart() -> None:
    curve = progress_curve([(0.0, 30_730.6, 29_759.0), (1.0, 30_406.2, 29_878.0)])
    assert curve is not None
    (_, objective), (_, bound) = numbers(curve.lines[0])[-1], numbers(curve.lines[1])[-1]
    assert bound - objective > 60
    assert (curve.levels[0].label, curve.levels[0].at) == ("29\u202f500", 100.0)
    assert curve.levels[-1].at == 0.0


def test_a_first_objective_far_above_the_last_does_not_press_the_course_flat() -> None:
    curve = progress_curve([(0.0, 1e6, 90.0), (1.0, 100.0, 90.0)])
    assert curve is not None
    (_, first), (_, last) = numbers(curve.lines[0])
    assert first == 0.0
    assert 100 < last < 250


@given(st.lists(st.integers(0, 40), max_size=50))
def test_a_histogram_counts_everybody_once(values: list[int]) -> None:
    bars = histogram(np.array(values, dtype=np.int64))
    assert sum(bar.count for bar in bars) == len(values)
    assert max((bar.share for bar in bars), default=1.0) == 1.0
