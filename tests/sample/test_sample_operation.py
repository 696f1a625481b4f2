"""The sample operation is complete, calibrated, and the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange import read_scenario, write_scenario
from sample import build_sample, plain_requirement, productive_hours
from sample.facts import HOLIDAY_FACTOR, SLOT_LAG_ONE, WORKING_DAYS
from sample.people import quotas
from sample.personal import leave_days
from sample.timings import fit_timings, share_groups, supply_profiles
from scheduling.people import WorkMode
from scheduling.planning_input import PlanningInput
from scheduling.shifts import DEFAULT_BREAK_POLICY

START = date(2027, 1, 4)


@pytest.fixture(scope="module")
def sample() -> PlanningInput:
    return build_sample()


def test_sample_is_the_operation_of_the_design(sample: PlanningInput) -> None:
    assert len(sample.associates) == 240
    assert sorted(Counter(one.team for one in sample.associates).values()) == [30] * 8
    assert {skill for one in sample.associates for skill in one.skills} == {"stow_video", "image_audit", "text_audit"}
    assert {one.work_mode for one in sample.associates} == set(WorkMode)
    assert sum(shift.is_night for shift in sample.shift_types) >= 2
    assert sample.office is not None
    assert sample.leave
    assert sample.requests
    assert sample.locks
    assert len({one.name for one in sample.associates}) == 240


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_scenario(tmp_path / name, build_sample(40, 2, seed))
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    contents = {name: [(tmp_path / name / file).read_bytes() for file in files] for name in ("one", "two", "other")}
    assert contents["one"] == contents["two"]
    assert contents["one"] != contents["other"]


def test_contracts_last_six_months_and_touch_the_horizon(sample: PlanningInput) -> None:
    last = sample.horizon.dates[-1]
    for one in sample.associates:
        assert 181 <= (one.contract_end - one.contract_start).days + 1 <= 184
        assert one.contract_start <= last
        assert one.contract_end >= START
    assert 10 <= sum(START < one.contract_start <= last for one in sample.associates) <= 20
    assert 10 <= sum(START <= one.contract_end < last for one in sample.associates) <= 22


def test_who_joins_has_no_timing_yet(sample: PlanningInput) -> None:
    assert {one.code for one in sample.associates if one.timing is None} == {
        one.code for one in sample.associates if one.contract_start > START
    }


def test_leave_takes_about_a_twentieth_of_the_days(sample: PlanningInput) -> None:
    away = leave_days(sample.leave)
    days = sum(START <= day <= sample.horizon.dates[-1] for taken in away.values() for day in taken)
    assert 0.04 <= days / (240 * 28) <= 0.06
    by_code = {one.code: one for one in sample.associates}
    assert all(by_code[one.associate].contract_start <= one.first_day for one in sample.leave)
    assert all(one.last_day <= by_code[one.associate].contract_end for one in sample.leave)


def test_locks_and_requests_are_unique_and_possible(sample: PlanningInput) -> None:
    away = leave_days(sample.leave)
    by_code = {one.code: one for one in sample.associates}
    for facts in (sample.locks, sample.requests):
        assert len({(one.associate, one.date) for one in facts}) == len(facts)
        for one in facts:
            person = by_code[one.associate]
            assert one.date not in away.get(one.associate, ())
            assert person.contract_start <= one.date <= person.contract_end


def test_no_shift_is_locked_in_a_week_whose_working_days_are_all_leave() -> None:
    large = build_sample(4_000, 8)
    away, shifts = leave_days(large.leave), [one for one in large.locks if one.value != "off"]
    weeks = [{START + timedelta(days=(one.date - START).days // 7 * 7 + day) for day in range(7)} for one in shifts]
    left = [WORKING_DAYS - len(week & away.get(one.associate, set())) for one, week in zip(shifts, weeks, strict=True)]
    assert min(left) >= 1
    # Some come close, so that the question is a real one.
    assert min(left) < WORKING_DAYS


def test_history_keeps_the_rules(sample: PlanningInput) -> None:
    nights = {shift.code for shift in sample.shift_types if shift.is_night}
    for _, days in groupby(sample.history, key=lambda one: one.associate):
        past = list(days)
        assert [one.date for one in past] == [past[0].date + timedelta(days=index) for index in range(len(past))]
        assert past[-1].date == START - timedelta(days=1)
        signs = "".join("o" if one.value == "off" else "l" if one.value == "leave" else "w" for one in past)
        assert max((len(run) for run in re.findall("w+", signs)), default=0) <= 5
        assert all(
            len(run[0]) == 2 or run.start() == 0 or run.end() == len(signs)
            for run in re.finditer("o+", signs)
            if "l" not in signs
        )
        shifts = [one.value for one in past if one.value not in {"off", "leave"}]
        assert len(set(shifts)) <= 1
        assert not set(shifts) & nights or max(len(run) for run in re.findall("w+", signs)) <= 5


@pytest.mark.parametrize(("count", "seed"), [(20, 1), (240, 1), (240, 2), (1000, 1)])
def test_required_hours_are_near_what_the_associates_can_give(count: int, seed: int) -> None:
    sample = build_sample(count, seed=seed)
    required = plain_requirement(sample).heads.sum() * sample.horizon.interval_minutes / 60
    assert 0.93 <= required / productive_hours(sample.associates, sample.leave, sample.horizon) <= 0.97


def test_timings_follow_the_demand(sample: PlanningInput) -> None:
    profiles = supply_profiles(sample.shift_types, DEFAULT_BREAK_POLICY)
    kept = Counter(one.timing for one in sample.associates)
    supply = np.array([kept[shift.code] for shift in sample.shift_types]) @ profiles
    demand = plain_requirement(sample).heads.sum(axis=1).reshape(-1, profiles.shape[1]).mean(axis=0)
    assert np.corrcoef(supply, demand)[0, 1] > 0.9


def test_volumes_have_the_published_noise(sample: PlanningInput) -> None:
    volumes = sample.volumes
    assert volumes is not None
    assert len(volumes) == 8 * 7 * 96 * 4
    one = volumes[volumes["queue"] == "stow_inbound"]
    jobs = one["jobs"].to_numpy().reshape(8, 7, 96)
    dates = one["starts_at"].dt.date.to_numpy().reshape(8, 7, 96)[:, :, 0]
    ordinary = np.array([[day not in sample.holidays for day in week] for week in dates])
    mean = np.nanmean(np.where(ordinary[:, :, None], jobs, np.nan), axis=0)
    ratio = (jobs / mean)[ordinary]
    assert 0.05 < ratio.mean(axis=1).std() < 0.13
    slots = ratio.ravel()
    lag_one = np.corrcoef(slots[:-1], slots[1:])[0, 1]
    assert abs(lag_one - SLOT_LAG_ONE) < 0.15
    holiday = jobs[~ordinary].sum(axis=1).mean() / jobs[ordinary].sum(axis=1).mean()
    assert abs(holiday - HOLIDAY_FACTOR) < 0.2
    assert volumes["aht_seconds"].between(20, 45).all()


def test_history_of_volumes_has_a_holiday_whatever_the_start() -> None:
    sample = build_sample(20, 1, start=date(2026, 7, 6))
    assert any(date(2026, 5, 11) <= day < date(2026, 7, 6) for day in sample.holidays)


@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(20, 90),
    weeks=st.integers(1, 17),
    seed=st.integers(0, 2**32),
    start=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_any_sample_is_a_scenario_without_faults(
    tmp_path_factory: pytest.TempPathFactory, count: int, weeks: int, seed: int, start: date
) -> None:
    folder = tmp_path_factory.mktemp("sample") / "scenario"
    sample = build_sample(count, weeks, seed, start)
    write_scenario(folder, sample)
    read = read_scenario(folder)
    assert read.associates == sample.associates
    assert read.history == sample.history
    assert len(read.associates) == count


@pytest.mark.parametrize("arguments", [(19, 4), (10_001, 4), (240, 0), (240, 18)])
def test_numbers_outside_the_range_are_refused(arguments: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="The sample has from"):
        build_sample(*arguments)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6), st.integers(0, 500))
def test_quotas_add_up_and_are_near_their_shares(raw: list[float], count: int) -> None:
    shares = tuple((index, share / sum(raw)) for index, share in enumerate(raw))
    values = Counter(quotas(shares, count))
    assert sum(values.values()) == count
    assert all(abs(values[index] - share * count) < 1 + 1e-6 for index, share in shares)


def test_groups_share_the_demand_as_their_skills_allow() -> None:
    allowed = np.array([[True, False], [True, True]])
    shares = share_groups(np.array([1.0, 1.0]), np.array([1.2, 0.8]), allowed)
    assert np.allclose(shares.sum(axis=0), 1)
    assert np.allclose(shares, [[1 / 1.2, 0], [0.2 / 1.2, 1]], atol=1e-3)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 8), min_size=10, max_size=10).filter(any))
def test_fit_finds_a_supply_as_near_as_the_true_one(counts: list[int]) -> None:
    profiles = supply_profiles(build_sample(20, 1).shift_types, DEFAULT_BREAK_POLICY)
    target = np.array(counts) @ profiles
    fitted = fit_timings(target, profiles, sum(counts))
    assert fitted.sum() == sum(counts)
    assert (fitted >= 0).all()
    single = np.eye(10, dtype=int)
    error = np.square(fitted @ profiles - target).sum()
    for source in np.flatnonzero(fitted):
        for other in range(10):
            moved = fitted - single[source] + single[other]
            assert error <= np.square(moved @ profiles - target).sum() + 1e-6
