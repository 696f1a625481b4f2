from __future__ import annotations

from functools import reduce
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.handling import (
    ASSOCIATE_PRIOR_JOBS,
    SPEED_LIMITS,
    HandlingTime,
    LogSums,
    learned,
    planned_handling,
    relative_speed,
)

seconds = st.floats(0.5, 600)


def sums_of(times: list[float]) -> LogSums:
    return reduce(LogSums.__add__, (LogSums(1, log(one), log(one) ** 2) for one in times), LogSums())


@given(aht=seconds, spread=st.floats(0, 1))
def test_a_planned_time_has_its_mean(aht: float, spread: float) -> None:
    assert planned_handling(aht, spread).mean_seconds == pytest.approx(aht)


def test_figures_are_those_of_drawn_times() -> None:
    drawn = np.random.default_rng(4).lognormal(log(18), 0.4, 200_000)
    found = HandlingTime(log(18), 0.4)
    assert found.mean_seconds == pytest.approx(drawn.mean(), rel=0.01)
    assert found.p95_seconds == pytest.approx(np.percentile(drawn, 95), rel=0.01)


def test_without_answers_the_prior_stands() -> None:
    prior = planned_handling(20)
    assert learned(LogSums(), prior, ASSOCIATE_PRIOR_JOBS) == prior


@given(times=st.lists(seconds, min_size=1, max_size=40), aht=seconds, jobs=st.floats(0.1, 200))
def test_what_is_learned_is_as_if_more_answers_had_come_out_of_the_prior(times: list[float], aht: float, jobs: float) -> None:
    prior = planned_handling(aht)
    found = learned(sums_of(times), prior, jobs)
    own = np.log(times)
    weights = np.concatenate([np.ones(len(times)), [jobs / 2, jobs / 2]])
    values = np.concatenate([own, [prior.mean_ln - prior.spread_ln, prior.mean_ln + prior.spread_ln]])
    mean = np.average(values, weights=weights)
    assert found.mean_ln == pytest.approx(mean, abs=1e-7)
    assert found.spread_ln**2 == pytest.approx(np.average((values - mean) ** 2, weights=weights), abs=1e-6)


def test_many_answers_overrule_the_prior() -> None:
    drawn = np.random.default_rng(4).lognormal(log(40), 0.3, 5000)
    found = learned(sums_of(drawn.tolist()), planned_handling(10), ASSOCIATE_PRIOR_JOBS)
    assert found.mean_seconds == pytest.approx(drawn.mean(), rel=0.03)


@given(own=seconds, usual=seconds)
def test_speed_is_the_ratio_of_means_inside_its_limits(own: float, usual: float) -> None:
    speed = relative_speed(planned_handling(own), planned_handling(usual))
    assert speed == pytest.approx(min(SPEED_LIMITS[1], max(SPEED_LIMITS[0], usual / own)))


def test_a_slow_stranger_is_given_a_longer_percentile() -> None:
    prior = planned_handling(20)
    slow = learned(sums_of([60.0, 70.0, 80.0]), prior, ASSOCIATE_PRIOR_JOBS)
    assert slow.p95_seconds > prior.p95_seconds
    assert slow.mean_seconds < exp(log(70))


@pytest.mark.parametrize(("aht", "spread"), [(0, 0.5), (-1, 0.5), (20, -0.1), (float("nan"), 0.5)])
def test_what_is_no_handling_time_is_refused(aht: float, spread: float) -> None:
    with pytest.raises(ValueError, match="no handling time"):
        planned_handling(aht, spread)
