"""Figures of quality: intervals that cover the truth as often as they promise, and verdicts that chance alone does not give."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.quality import (
    LEAST_ANSWERS,
    LEAST_CHECKED,
    Goal,
    Sums,
    Verdict,
    accuracy_figure,
    goal_in_week,
    overall,
    queue_quality,
    speed_figure,
    suggestions_of,
)

STEPS = (Goal(1, 0.8, 40.0), Goal(4, 0.9, 30.0), Goal(9, 0.95, 25.0))
counts = st.integers(0, 5000)


def checked(right: int, of: int) -> Sums:
    return Sums(
        answers=of, gold=of, gold_correct=right, seconds=20.0 * of, sum_ln_seconds=of * log(20), sum_ln_squared=of * log(20) ** 2
    )


def timed(seconds: np.ndarray) -> Sums:
    logs = np.log(seconds)
    return Sums(answers=len(seconds), seconds=seconds.sum(), sum_ln_seconds=logs.sum(), sum_ln_squared=(logs**2).sum())


@given(of=st.integers(1, 5000), data=st.data())
def test_the_interval_of_accuracy_holds_the_share_and_stays_inside_it(of: int, data: st.DataObject) -> None:
    figure = accuracy_figure(checked(data.draw(st.integers(0, of)), of), None)
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0
    assert figure.low < figure.high


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_the_interval_of_accuracy_covers_the_truth_as_often_as_it_says(share: float) -> None:
    rng = np.random.default_rng(4)
    figures = [accuracy_figure(checked(int(right), 120), None) for right in rng.binomial(120, share, 2000)]
    covered = np.mean([(figure.low or 0) <= share <= (figure.high or 0) for figure in figures])
    assert 0.925 < covered < 0.975


@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_the_interval_of_speed_covers_the_mean_of_a_log_normal(spread: float) -> None:
    rng = np.random.default_rng(5)
    mean = float(np.exp(3.0 + spread**2 / 2))
    figures = [speed_figure(timed(rng.lognormal(3.0, spread, 200)), None) for _ in range(1500)]
    covered = np.mean([(figure.low or 0) <= mean <= (figure.high or 0) for figure in figures])
    assert 0.93 < covered < 0.97


def test_of_a_disagreement_each_bears_half() -> None:
    assert Sums(answers=10, doubles=10, agreed=8).right == 9.0
    figure = accuracy_figure(Sums(answers=20, gold=10, gold_correct=9, doubles=10, agreed=8), None)
    assert figure.value == pytest.approx(18 / 20)
    assert figure.count == 20


@pytest.mark.parametrize(
    ("right", "of", "verdict"),
    [
        (LEAST_CHECKED - 1, LEAST_CHECKED - 1, Verdict.UNKNOWN),
        (LEAST_CHECKED, LEAST_CHECKED, Verdict.MET),
        (190, 200, Verdict.MET),
        (178, 200, Verdict.UNKNOWN),
        (150, 200, Verdict.NOT_MET),
    ],
)
def test_a_goal_of_accuracy_is_missed_only_beyond_chance(right: int, of: int, verdict: Verdict) -> None:
    assert accuracy_figure(checked(right, of), 0.9).verdict is verdict
    assert accuracy_figure(checked(right, of), None).verdict is Verdict.NO_GOAL


def test_a_goal_of_speed_is_missed_only_beyond_chance() -> None:
    rng = np.random.default_rng(1)
    times = rng.lognormal(3.0, 0.5, 400)
    mean = float(times.mean())
    for goal, verdict in ((mean * 1.01, Verdict.MET), (mean * 0.99, Verdict.UNKNOWN), (mean * 0.8, Verdict.NOT_MET)):
        assert speed_figure(timed(times), goal).verdict is verdict
    assert speed_figure(timed(times[: LEAST_ANSWERS - 1]), 1.0).verdict is Verdict.UNKNOWN
    assert speed_figure(timed(times[:1]), 1.0).low is None
    assert speed_figure(Sums(), 1.0).value is None


def test_goals_rise_with_tenure_and_hold_until_the_next_step() -> None:
    held = [goal_in_week(STEPS, week) for week in (1, 3, 4, 8, 9, 300)]
    assert [goal.from_week for goal in held if goal] == [1, 1, 4, 4, 9, 9]
    assert goal_in_week(STEPS, None) == STEPS[0]
    assert goal_in_week(STEPS[::-1], 5) == STEPS[1]
    assert goal_in_week((), 5) is None


def test_a_goal_missed_in_one_queue_is_missed_and_is_what_to_talk_about() -> None:
    good = queue_quality(1, "images", checked(1990, 2000), STEPS[1])
    bad = queue_quality(2, "videos", checked(60, 100), STEPS[1])
    accuracy, speed = overall([good, bad])
    assert accuracy.value == pytest.approx(2050 / 2100)
    assert accuracy.verdict is Verdict.NOT_MET
    assert speed.verdict is Verdict.MET
    assert good.need == 0 < bad.need
    assert suggestions_of(good) == ()
    (suggestion,) = suggestions_of(bad)
    assert suggestion.topic == "Accuracy: take more time", "20 s a job where 30 s are allowed"
    assert "60.0 % right of 100 checked" in suggestion.based_on
    assert "asked for 90.0 %" in suggestion.based_on


@given(st.lists(st.builds(Sums, answers=counts, gold=counts, seconds=st.floats(0, 1e6)), max_size=6))
def test_sums_of_sums_are_sums(parts: list[Sums]) -> None:
    whole = sum(parts, Sums())
    assert whole.answers == sum(one.answers for one in parts)
    assert whole.seconds == pytest.approx(sum(one.seconds for one in parts))


def test_need_grows_with_the_distance_from_the_goal() -> None:
    needs = [queue_quality(1, "q", checked(right, 400), STEPS[2]).need for right in (380, 360, 320, 200)]
    assert needs == sorted(needs)
    assert needs[0] == 0.0 < needs[-1]
