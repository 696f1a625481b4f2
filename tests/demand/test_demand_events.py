"""Events by hand: they scale the forecast of their days or say it outright, and teach nothing about ordinary days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demand.calendar import calendar_of
from demand.requirement import needs_of_queues, requirement_of_needs, scaled_need
from scheduling.events import DemandEvent
from scheduling.queues import Queue, QueueKind
from scheduling.times import Horizon

MONDAY = date(2027, 1, 4)
HORIZON = Horizon("Asia/Kolkata", MONDAY, 1, 60)
QUEUES = (Queue("calls", "talk", QueueKind.REALTIME, 300, 0.8), Queue("mails", "write", QueueKind.REALTIME, 600, 0.9))


def history(weeks: int = 8) -> pd.DataFrame:
    starts = pd.date_range(MONDAY - timedelta(weeks=weeks), periods=weeks * 168, freq="h", tz="Asia/Kolkata")
    parts = [pd.DataFrame({"starts_at": starts, "queue": one.name, "jobs": 60.0, "aht_seconds": 30.0}) for one in QUEUES]
    return pd.concat(parts, ignore_index=True)


def days_of(events: tuple[DemandEvent, ...], queue: int) -> list[float]:
    calendars = {one.name: calendar_of(one.name, (), events) for one in QUEUES}
    need = needs_of_queues(history(), QUEUES, HORIZON, calendars=calendars)[queue]
    jobs = need.volume.jobs[need.volume.before : need.volume.before + HORIZON.interval_count]
    return [round(float(value), 6) for value in jobs.reshape(7, 24).sum(axis=1)]


def test_a_factor_scales_its_days_in_its_queue_only() -> None:
    sale = DemandEvent("calls", MONDAY, MONDAY + timedelta(days=1), 1.5, None, "sale")
    assert days_of((sale,), 0) == [2160.0, 2160.0, *[1440.0] * 5]
    assert days_of((sale,), 1) == [1440.0] * 7


def test_an_event_of_every_queue_multiplies_with_one_of_a_queue() -> None:
    both = (DemandEvent(None, MONDAY, MONDAY, 2.0, None, "x"), DemandEvent("calls", MONDAY, MONDAY, 0.5, None, "y"))
    assert days_of(both, 0)[0] == 1440.0
    assert days_of(both, 1)[0] == 2880.0


@settings(max_examples=10, deadline=None)
@given(st.floats(0, 1e6))
def test_jobs_of_a_day_take_the_place_of_its_forecast(total: float) -> None:
    found = days_of((DemandEvent("calls", MONDAY, MONDAY, None, total, "moved"),), 0)
    assert found[0] == pytest.approx(total, abs=1e-5)
    assert found[1:] == [1440.0] * 6


def test_nothing_is_learnt_from_a_past_day_that_was_known_outright() -> None:
    volumes = history()
    odd = volumes["starts_at"].dt.date == MONDAY - timedelta(days=7)
    volumes.loc[odd, "jobs"] = 6000.0
    event = DemandEvent(None, MONDAY - timedelta(days=7), MONDAY - timedelta(days=7), None, 144_000.0, "outage elsewhere")
    calendars = {one.name: calendar_of(one.name, (), (event,)) for one in QUEUES}
    need = needs_of_queues(volumes, QUEUES, HORIZON, calendars=calendars)[0]
    assert float(need.volume.jobs[need.volume.before : need.volume.before + 24].sum()) == pytest.approx(1440.0)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_what_if_scales_the_heads_of_the_workload_rule_with_volume_and_handling_time(volume: float, aht: float) -> None:
    needs = needs_of_queues(history(), QUEUES, HORIZON)
    scaled = [scaled_need(one, HORIZON, volume, aht) for one in needs]
    for before, after in zip(needs, scaled, strict=True):
        np.testing.assert_allclose(after.heads, before.heads * volume * aht)
    assert requirement_of_needs(scaled, HORIZON).skills == ("talk", "write")
