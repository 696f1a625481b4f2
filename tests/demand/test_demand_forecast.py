"""The forecast: what it learns, what it must not depend on, and nights on which clocks change."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from demand.backtest import BacktestResult, backtest, choose_model, origins_of
from demand.calendar import Calendar
from demand.forecast import forecast, profile_of
from demand.history import DayGrid, VolumeSeries
from demand.models import DEFAULT_MODEL, MODELS, Model, model_named, weighted_median
from demand.uncertainty import DEFAULT_BUFFER, measure, p90_buffer
from scheduling.errors import BadInputError

MONDAY = date(2027, 1, 4)


def series_of(daily: np.ndarray, first: date = MONDAY, zone: str = "UTC", aht: float = 30.0) -> VolumeSeries:
    """Build an hourly history from jobs by day and wall-clock hour."""
    grid = DayGrid(zone, first, len(daily), 60)
    jobs = daily[grid.day_of_interval, grid.slot_of_interval][None, :].astype(float)
    return VolumeSeries(grid, ("video",), jobs, np.full(jobs.shape, aht))


def weekly(weeks: int, seed: int = 5) -> np.ndarray:
    """The same random week over and over, shape (7 x weeks, 24)."""
    return np.tile(np.random.default_rng(seed).integers(1, 90, (7, 24)), (weeks, 1))


def next_week(history: VolumeSeries, days: int = 7) -> DayGrid:
    grid = history.grid
    return DayGrid(grid.zone_name, grid.first_day + timedelta(days=grid.day_count), days, grid.interval_minutes)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_week_that_repeats_is_forecast_as_it_is(model: Model) -> None:
    history = series_of(weekly(8))
    found = forecast(history, next_week(history, 14), model=model)
    np.testing.assert_allclose(found.jobs[0].reshape(14, 24), weekly(2))
    np.testing.assert_allclose(found.aht_seconds, 30.0)


tables = arrays.arrays(np.float64, (70, 24), elements=st.floats(0, 1e4, allow_subnormal=False))


@pytest.mark.parametrize("model", MODELS[:2], ids=lambda model: model.name)
@given(table=tables, scale=st.floats(0.01, 100))
@settings(max_examples=20, deadline=None)
def test_twice_the_volume_is_twice_the_forecast(model: Model, table: np.ndarray, scale: float) -> None:
    once, scaled = series_of(table), series_of(table * scale)
    target = next_week(once)
    np.testing.assert_allclose(
        forecast(scaled, target, model=model).jobs, forecast(once, target, model=model).jobs * scale, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@given(table=tables)
@settings(max_examples=20, deadline=None)
def test_a_forecast_lies_between_the_least_and_the_most_that_the_slot_has_seen(model: Model, table: np.ndarray) -> None:
    history = series_of(table)
    found = forecast(history, next_week(history), model=model).jobs[0].reshape(7, 24)
    by_weekday = table.reshape(10, 7, 24)
    assert (found >= by_weekday.min(axis=0) - 1e-6).all()
    assert (found <= by_weekday.max(axis=0) + 1e-6).all()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_masked_holiday_changes_nothing(model: Model) -> None:
    plain, holiday = weekly(8), MONDAY + timedelta(days=45)
    closed = plain.copy()
    closed[45] = 0
    target = next_week(series_of(plain))
    found = forecast(series_of(closed), target, Calendar(frozenset({holiday})), model)
    np.testing.assert_allclose(found.jobs, forecast(series_of(plain), target, model=model).jobs)


def test_a_coming_holiday_is_scaled_as_past_ones_were_and_a_given_factor_wins() -> None:
    table, past = weekly(8), MONDAY + timedelta(days=45)
    table[45] = table[45] // 4
    history, coming = series_of(table), MONDAY + timedelta(days=58)
    target = next_week(history)
    learnt = profile_of(history, 0, Calendar(frozenset({past, coming}))).holiday_factor
    assert 0.25 < learnt < 1.0
    ordinary = weekly(1)[58 % 7].sum()
    found = forecast(history, target, Calendar(frozenset({past, coming}))).jobs[0].reshape(7, 24).sum(axis=1)
    assert found[2] == pytest.approx(ordinary * learnt)
    given = forecast(history, target, Calendar(frozenset({past, coming}), {coming: 1.5})).jobs[0].reshape(7, 24).sum(axis=1)
    assert given[2] == pytest.approx(ordinary * 1.5)


def test_past_events_are_divided_out() -> None:
    table = weekly(6)
    table[30] *= 3
    calendar = Calendar(event_factors={MONDAY + timedelta(days=30): 3.0})
    history = series_of(table)
    found = forecast(history, next_week(history), calendar, model_named("half-life"))
    np.testing.assert_allclose(found.jobs[0].reshape(7, 24), weekly(1))


def test_handling_time_is_weighted_by_workload_and_drawn_to_the_queue_where_jobs_are_few() -> None:
    table = np.full((56, 24), 1000.0)
    table[:, 3] = 0.0
    history = series_of(table)
    hour = history.grid.slot_of_interval
    history.aht_seconds[0] = np.where(hour == 10, 60.0, 30.0)
    aht = profile_of(history, 0).aht_seconds
    assert aht[0, 10] == pytest.approx(60.0, rel=0.01)
    assert aht[0, 11] == pytest.approx(30.0, rel=0.01)
    assert aht[0, 3] == pytest.approx((22 * 30 + 60) / 23, rel=1e-6), "no jobs at 03:00, so the queue's own"


def test_a_weekday_never_seen_takes_the_slots_of_the_others() -> None:
    history = series_of(np.tile(np.arange(24), (5, 1)))
    found = forecast(history, DayGrid("UTC", MONDAY + timedelta(days=5), 2, 60))
    np.testing.assert_allclose(found.jobs[0].reshape(2, 24), np.tile(np.arange(24), (2, 1)))


@pytest.mark.parametrize(("first", "hours"), [(date(2027, 3, 22), 167), (date(2027, 10, 25), 169)])
def test_nine_o_clock_is_nine_o_clock_across_a_change_of_clocks(first: date, hours: int) -> None:
    shape = np.tile(np.arange(24) ** 2, (56, 1))
    history = series_of(shape, first - timedelta(days=56), "Europe/Berlin")
    target = DayGrid("Europe/Berlin", first, 7, 60)
    found = forecast(history, target)
    assert target.interval_count == hours
    np.testing.assert_allclose(found.jobs[0], target.slot_of_interval**2)
    later = forecast(series_of(shape, first, "Europe/Berlin"), DayGrid("Europe/Berlin", first + timedelta(days=56), 7, 60))
    np.testing.assert_allclose(later.jobs[0].reshape(7, 24), shape[:7])


def test_the_median_takes_six_known_weeks_and_the_half_life_is_four_weeks() -> None:
    values = np.array([[9.0], [np.nan], [1.0], [2.0], [3.0], [4.0], [5.0], [1000.0]])
    ages = np.arange(8.0)
    assert DEFAULT_MODEL.predict(values, ages)[0] == 3.5
    assert model_named("half-life").predict(np.array([[3.0], [0.0]]), np.array([0.0, 4.0]))[0] == pytest.approx(2.0)
    assert np.isnan(DEFAULT_MODEL.predict(np.full((3, 1), np.nan), ages[:3])[0])
    assert weighted_median(np.array([[1.0], [2.0], [9.0]]), np.array([1.0, 1.0, 5.0]))[0] == 9.0
    with pytest.raises(ValueError, match="median, half-life"):
        model_named("prophet")


def test_clipping_keeps_a_strike_from_moving_the_mean() -> None:
    values, ages = np.array([[100.0], [104.0], [0.0], [98.0], [101.0], [99.0]]), np.arange(6.0)
    assert abs(model_named("clipped half-life").predict(values, ages)[0] - 100) < 6
    assert model_named("half-life").predict(values, ages)[0] < 85


def test_newer_weeks_weigh_more() -> None:
    table = np.repeat(np.arange(8.0), 7)[:, None] * np.ones((1, 24))
    weights = 0.5 ** (np.arange(8)[::-1] / 4)
    expected = (weights * np.arange(8)).sum() / weights.sum()
    np.testing.assert_allclose(profile_of(series_of(table), 0, model=model_named("half-life")).jobs, expected)


def test_targets_of_another_interval_are_refused() -> None:
    with pytest.raises(ValueError, match="60 minutes, the target 30"):
        forecast(series_of(weekly(2)), DayGrid("UTC", MONDAY, 7, 30))


def test_the_calendar_of_a_country_with_explicit_dates() -> None:
    extra = date(2027, 5, 5)
    calendar = Calendar.of([2027], country="IN", extra=[extra])
    assert {date(2027, 1, 26), extra} <= calendar.holidays
    assert not Calendar.of([2027]).holidays
    with pytest.raises(BadInputError, match="ISO 3166"):
        Calendar.of([2027], country="Atlantis")
    with pytest.raises(BadInputError, match="above zero") as caught:
        Calendar(event_factors={extra: 0.0, MONDAY: float("nan")})
    assert len(caught.value.faults) == 2


def noisy(days: int, cv: float, seed: int, level: float = 300.0) -> VolumeSeries:
    """Poisson jobs around a weekly profile times a lognormal day factor."""
    rng = np.random.default_rng(seed)
    sigma = np.sqrt(np.log1p(cv * cv))
    factor = rng.lognormal(-(sigma**2) / 2, sigma, (days, 1))
    return series_of(rng.poisson(level * (1.2 + np.sin(np.arange(24) / 4)) * factor))


@pytest.mark.parametrize("cv", [0.0, 0.09, 0.2])
def test_the_day_factor_is_measured_without_the_poisson_noise(cv: float) -> None:
    found = measure(noisy(700, cv, seed=11, level=20.0), 0)
    assert found is not None
    assert found.day_cv == pytest.approx(cv, abs=0.02)
    assert found.rate_cv == pytest.approx(cv, abs=0.02)
    if cv:
        assert found.hour_correlation > 0.9


def test_a_short_history_has_no_measured_uncertainty_and_outliers_do_not_count() -> None:
    assert measure(noisy(35, 0.1, seed=1), 0) is None
    history = noisy(140, 0.05, seed=2)
    history.jobs[0, history.grid.day_of_interval == 100] = 0.0
    found = measure(history, 0)
    assert found is not None
    assert found.day_cv < 0.1


def test_the_p90_buffer_grows_with_the_variation() -> None:
    assert p90_buffer(0.0) == 0.0
    assert DEFAULT_BUFFER == 0.12
    buffers = [p90_buffer(cv) for cv in np.linspace(0, 0.5, 20)]
    assert buffers == sorted(buffers)
    sample = np.random.default_rng(3).lognormal(-np.log1p(0.04) / 2, np.sqrt(np.log1p(0.04)), 200_000)
    assert p90_buffer(0.2) == pytest.approx(np.quantile(sample, 0.9) - 1, abs=0.01)


def test_origins_end_with_the_history_and_leave_four_weeks() -> None:
    assert origins_of(365, horizon_days=14, most=13) == tuple(range(183, 365, 14))
    assert origins_of(56, horizon_days=14, most=13) == (28, 42)
    assert origins_of(41, horizon_days=14, most=13) == ()


def test_the_backtest_of_a_repeating_week_has_no_error_and_sees_no_future() -> None:
    table = weekly(10)
    for result in backtest(series_of(table), 0):
        assert result.wape == pytest.approx(0.0, abs=1e-12)
        assert len(result.origins) == 3
    table[-14:] *= 2
    for result in backtest(series_of(table), 0, origins=1):
        assert result.wape == pytest.approx(0.5)
        assert result.bias == pytest.approx(-0.5)


def test_errors_are_taken_by_the_hour() -> None:
    jobs = np.tile([8.0, 0.0], (56, 48)).reshape(56, 96)
    jobs[42:] = np.tile([0.0, 8.0], (14, 48)).reshape(14, 96)
    starts = pd.date_range(str(MONDAY), periods=56 * 96, freq="15min", tz="UTC")
    frame = pd.DataFrame({"starts_at": starts, "queue": "q", "jobs": jobs.ravel(), "aht_seconds": 20.0})
    series = VolumeSeries.from_frame(frame, "UTC")
    by_hour, by_quarter = (backtest(series, 0, origins=1, scored_minutes=minutes)[0].wape for minutes in (60, 15))
    assert by_hour == pytest.approx(0.0)
    assert by_quarter == pytest.approx(2.0)


def result_of(model: Model, errors: list[float]) -> BacktestResult:
    absolute = np.array(errors)
    dates = tuple(MONDAY + timedelta(days=14 * index) for index in range(len(errors)))
    return BacktestResult(model, dates, absolute, absolute, np.full(len(errors), 100.0))


@pytest.mark.parametrize(
    ("second", "third", "winner"),
    [
        ([9.0, 9.0, 9.0], [8.0, 9.0, 9.0], 2),
        ([9.99, 9.99, 9.9], [11.0, 11.0, 11.0], 0),
        ([1.0, 11.0, 11.0], [10.0, 10.0, 10.0], 0),
        ([9.0, 9.0, 10.5], [10.0, 10.0, 10.0], 1),
    ],
)
def test_another_model_has_to_win_clearly_and_mostly(second: list[float], third: list[float], winner: int) -> None:
    errors = ([10.0, 10.0, 10.0], second, third)
    results = [result_of(model, row) for model, row in zip(MODELS, errors, strict=True)]
    assert choose_model(results) is MODELS[winner]


def test_nothing_to_choose_from_is_refused() -> None:
    with pytest.raises(ValueError, match="no backtest results"):
        choose_model([])
