"""The stream of a run: hints while it moves, heartbeats while it does not, an end, and no connection held between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from scheduling.errors import SchedulingError
from services import planning_runs, reading
from tests import stored
from tests.conftest import SteppedClock
from tests.web.served import NOW, Operation
from web.events import Pace, State, run_events
from web.runs import state_of


class Time:
    """Seconds that pass only while somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def stream(read: Callable[[], State], time: Time, **pace: float) -> Iterator[str]:
    return run_events(read, pace=Pace(**pace), now=time.now, wait=time.wait)


def test_events_come_when_the_state_moves_and_the_last_one_ends_the_stream() -> None:
    states: list[State] = [{"done": done, "is_ended": done == 1.0} for done in (0.0, 0.0, 0.5, 0.5, 1.0)]
    remaining = iter(states)
    first, *events = stream(lambda: next(remaining), Time())
    assert first.startswith("retry: ")
    parsed = [(event.split("\n")[0], json.loads(event.split("data: ")[1])["done"]) for event in events]
    assert parsed == [("event: progress", 0.0), ("event: progress", 0.5), ("event: ended", 1.0)]


def test_a_silent_run_is_kept_open_by_a_comment_every_15_to_25_seconds() -> None:
    time = Time()
    beats = [time.seconds for text in stream(lambda: {"is_ended": False}, time) if text.startswith(":")]
    gaps = [later - earlier for earlier, later in zip([0.0, *beats], beats, strict=False)]
    assert len(beats) > 20
    assert all(15 <= gap <= 25 for gap in gaps)


def test_a_forgotten_stream_ends_and_the_browser_is_told_when_to_come_back() -> None:
    time = Time()
    texts = list(stream(lambda: {"is_ended": False}, time, life_seconds=60.0))
    assert time.seconds == pytest.approx(60, abs=1)
    assert 2000 <= int(texts[0].split()[1]) < 5000


def test_a_database_that_is_away_ends_the_stream_quietly() -> None:
    def away() -> State:
        raise SchedulingError("the database is away")

    assert len(list(stream(away, Time()))) == 1


def test_no_connection_is_held_between_two_looks(engine: Engine) -> None:
    operation = Operation(engine, SteppedClock(NOW))
    first_day = operation.scenario.horizon.first_day
    run = planning_runs.request_run(engine, stored.SITE, first_day, 2, seed=1, seconds=5, by="asha", clock=operation.clock)
    events = stream(lambda: state_of(reading.run_view(engine, run.id)), Time())
    next(events)
    assert "queued" in next(events)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    planning_runs.request_stop(engine, run.id, by="asha", clock=operation.clock)
    assert "event: ended" in next(events)
    assert list(events) == []
