from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, text

from storage.clock import COMPARED_EVERY_SECONDS, DatabaseClock
from storage.database import engine_at


def of_database(engine: Engine) -> datetime:
    with engine.connect() as connection:
        time: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return time


def test_a_machine_whose_clock_is_wrong_goes_by_the_database(engine: Engine) -> None:
    before = of_database(engine)
    with time_machine.travel(datetime(2031, 5, 1, tzinfo=UTC), tick=True):
        told = DatabaseClock(engine).now()
    assert before - timedelta(seconds=1) <= told <= of_database(engine) + timedelta(seconds=1)


def test_between_two_questions_time_goes_on_as_elapsed(engine: Engine) -> None:
    elapsed = 100.0
    clock = DatabaseClock(engine, lambda: elapsed)
    first = clock.now()
    elapsed += 30.5
    assert clock.now() - first == timedelta(seconds=30.5)


def test_it_is_asked_again_after_a_minute(engine: Engine) -> None:
    elapsed = 100.0
    clock = DatabaseClock(engine, lambda: elapsed)
    first = clock.now()
    elapsed += COMPARED_EVERY_SECONDS
    # By the machine a minute went by, by the database next to nothing, and the database is right.
    assert clock.now() - first < timedelta(seconds=30)


@pytest.mark.parametrize("was_reached", [False, True])
def test_a_database_that_is_away_does_not_stop_the_clock(engine: Engine, was_reached: bool) -> None:
    elapsed = 0.0
    reachable = DatabaseClock(engine, lambda: elapsed)
    away = engine_at(engine.url.set(query={"host": "/nowhere"}))
    clock = reachable if was_reached else DatabaseClock(away, lambda: elapsed)
    if was_reached:
        first = clock.now()
        clock._engine = away  # The database goes away.
        elapsed += 90.0
        assert clock.now() - first == timedelta(seconds=90)
    else:
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=2)
    away.dispose()
