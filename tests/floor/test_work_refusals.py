"""Whoever gets no work hears why, and when it goes on, in the time of the site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from scheduling.errors import NotFoundError
from services.refusals import Refusal, RefusalKind
from services.work import heartbeat, next_work, return_task
from tests.conftest import SteppedClock
from tests.floor.floor_site import BACKLOG, LEASE_SECONDS, LIVE, P95_SECONDS, FloorSite, make_floor, token_of
from tests.published import open_site

MEAL_BEGINS, MEAL_ENDS = 60, 90
"""Minutes after the start of the test."""


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> FloorSite:
    return make_floor(engine, clock)


def refused(floor: FloorSite, place: int = 0) -> Refusal:
    """Return why an associate gets no work."""
    found = next_work(floor.engine, floor.associate_ids[place], clock=floor.clock)
    assert found.open is None
    assert found.refusal is not None
    return found.refusal


def test_a_planned_break_says_since_when_and_until_when(floor: FloorSite, clock: SteppedClock) -> None:
    begin = clock.now()
    floor.send(LIVE, 5)
    clock.advance(MEAL_BEGINS * 60 + 600)
    assert refused(floor) == Refusal(
        RefusalKind.ON_BREAK,
        "Your break (meal break) began at 16:00. Work goes on at 16:30 (Asia/Kolkata).",
        begin + timedelta(minutes=MEAL_ENDS),
    )


def test_before_a_break_nothing_is_begun_that_would_run_into_it(floor: FloorSite, clock: SteppedClock) -> None:
    begin = clock.now()
    floor.send(LIVE, 5)
    clock.advance(MEAL_BEGINS * 60 - P95_SECONDS[LIVE])
    assert next_work(floor.engine, floor.associate_ids[0], clock=clock).open is not None
    clock.advance(1)
    refusal = refused(floor, 1)
    assert refusal.kind is RefusalKind.BREAK_DUE_SOON
    assert refusal.resumes_at == begin + timedelta(minutes=MEAL_ENDS)
    assert (
        refusal.message == "Your break begins at 16:00, and no item can be finished before. Work goes on at 16:30 (Asia/Kolkata)."
    )


def test_a_task_that_was_loaded_ahead_goes_back_when_it_no_longer_fits(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 2)
    person = floor.associate_ids[0]
    clock.advance(MEAL_BEGINS * 60 - 3 * P95_SECONDS[LIVE])
    work = next_work(floor.engine, person, clock=clock)
    assert work.ahead is not None
    clock.advance(2 * P95_SECONDS[LIVE] + 1)
    found = return_task(floor.engine, person, *token_of(work.open), clock=clock)
    assert found.open is None
    assert floor.rows("SELECT count(*) FROM task WHERE state = 'waiting'") == [(2,)]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("signed_out", RefusalKind.NOT_SIGNED_IN),
        ("on_break", RefusalKind.ON_BREAK),
        ("coaching", RefusalKind.COACHING),
        ("system_down", RefusalKind.SYSTEM_DOWN),
    ],
)
def test_what_a_desk_says_is_the_reason(floor: FloorSite, state: str, kind: RefusalKind) -> None:
    floor.send(LIVE, 1)
    floor.set_state(floor.associate_ids[0], state)
    assert refused(floor).kind is kind


def test_a_break_longer_than_planned_is_told_with_its_start(floor: FloorSite, clock: SteppedClock) -> None:
    clock.advance(MEAL_BEGINS * 60)
    floor.set_state(floor.associate_ids[0], "on_break")
    assert "Your break (meal break) began at 16:00." in refused(floor).message
    clock.advance(31 * 60)
    assert refused(floor).message == "You have been on a break since 16:00 (Asia/Kolkata); end it, and work goes on."


def test_whoever_has_only_to_speak_may_work_now_or_when_planned_work_begins(floor: FloorSite, clock: SteppedClock) -> None:
    who, begin = floor.associate_ids[0], clock.now()
    floor.set_state(who, "on_break")
    assert refused(floor).resumes_at == begin
    clock.advance(MEAL_BEGINS * 60)
    floor.set_state(who, "coaching")
    refusal = refused(floor)
    assert refusal.resumes_at == begin + timedelta(minutes=MEAL_ENDS)
    assert refusal.message.endswith("end it, and work goes on. Work goes on at 16:30 (Asia/Kolkata).")


def test_what_waits_and_takes_too_long_is_not_nothing(floor: FloorSite, clock: SteppedClock) -> None:
    clock.advance(MEAL_BEGINS * 60 - P95_SECONDS[LIVE])
    assert refused(floor).kind is RefusalKind.NO_WORK
    floor.send(BACKLOG)
    refusal = refused(floor)
    assert refusal.kind is RefusalKind.NOTHING_FITS
    assert refusal.message.startswith("Your break begins at 16:00, and what waits takes longer.")
    floor.send(LIVE)
    assert next_work(floor.engine, floor.associate_ids[0], clock=clock).open is not None
    # What the associate has returned does not wait for them.
    floor.run("UPDATE task SET returned_by = ARRAY[CAST(:who AS bigint)] WHERE state = 'waiting'", who=floor.associate_ids[1])
    assert refused(floor, 1).kind is RefusalKind.NO_WORK


def test_off_shift_tells_the_next_duty(floor: FloorSite, clock: SteppedClock) -> None:
    clock.advance(8 * 3600)
    assert refused(floor).message == "No shift of yours is published for the next days."
    starts_at = clock.now() + timedelta(hours=13)
    add_duty(floor, starts_at)
    assert refused(floor) == Refusal(
        RefusalKind.OFF_SHIFT, "Your next shift begins at 12:00 on Wed 02 Dec (Asia/Kolkata).", starts_at
    )


def add_duty(floor: FloorSite, starts_at: datetime) -> None:
    """Give the first associate a duty on another day."""
    floor.run(
        "INSERT INTO duty SELECT associate_id, CAST(CAST(:start AS timestamptz) AT TIME ZONE 'Asia/Kolkata' AS date), roster_id, "
        "shift_type_id, span_minutes, :start, CAST(:start AS timestamptz) + (ends_at - starts_at), break_pattern_id, "
        "published_break_pattern_id, place FROM duty WHERE associate_id = :who LIMIT 1",
        start=starts_at, who=floor.associate_ids[0],
    )  # fmt: skip


def test_leave_is_told_off_shift(floor: FloorSite, clock: SteppedClock) -> None:
    who = floor.associate_ids[0]
    floor.run("DELETE FROM duty WHERE associate_id = :who", who=who)
    floor.run("INSERT INTO leave (associate_id, first_day, last_day) VALUES (:who, '2026-11-30', '2026-12-01')", who=who)
    assert refused(floor).kind is RefusalKind.ON_LEAVE
    clock.advance(10 * 3600)
    assert refused(floor).kind is RefusalKind.OFF_SHIFT


def test_a_recorded_absence_is_the_reason(floor: FloorSite, clock: SteppedClock) -> None:
    who, now = floor.associate_ids[0], clock.now()
    floor.run(
        "INSERT INTO absence (associate_id, day, starts_at, ends_at, kind, reason, recorded_by, recorded_at) "
        "SELECT associate_id, day, :now, ends_at, 'sick', '', 'test', :now FROM duty WHERE associate_id = :who",
        who=who, now=now,
    )  # fmt: skip
    floor.run("DELETE FROM stretch WHERE associate_id = :who AND ends_at > :now", who=who, now=now)
    clock.advance(60)
    refusal = refused(floor)
    assert refusal.kind is RefusalKind.ABSENT
    assert "absent from 15:00 to 22:00" in refusal.message


def test_no_queue_and_no_work_are_different_things(floor: FloorSite) -> None:
    assert refused(floor).kind is RefusalKind.NO_WORK
    for queue in floor.queue_ids:
        floor.close_queue(queue)
    assert refused(floor).kind is RefusalKind.NO_QUEUE


def test_somebody_who_is_nobody_is_not_found(floor: FloorSite) -> None:
    calls: tuple[Callable[..., object], ...] = (next_work, heartbeat)
    for call in calls:
        with pytest.raises(NotFoundError, match="no associate 999"):
            call(floor.engine, 999, clock=floor.clock)


def test_a_sign_of_life_keeps_a_lease_and_revives_none(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 1)
    person, begin = floor.associate_ids[0], clock.now()
    next_work(floor.engine, person, clock=clock)
    clock.advance(100)
    beat = heartbeat(floor.engine, person, clock=clock)
    assert beat.expires_at == clock.now() + timedelta(seconds=LEASE_SECONDS)
    assert beat.must_stop_at == begin + timedelta(minutes=MEAL_BEGINS)
    assert beat.refusal is None
    clock.advance(LEASE_SECONDS)
    assert heartbeat(floor.engine, person, clock=clock).expires_at is None
    assert floor.rows("SELECT expires_at FROM task") == [(beat.expires_at,)]


def test_a_page_that_is_left_open_does_not_keep_its_task_through_a_break(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 1)
    person = floor.associate_ids[0]
    next_work(floor.engine, person, clock=clock)
    for _ in range(MEAL_BEGINS):
        clock.advance(60)
        heartbeat(floor.engine, person, clock=clock)
    beat = heartbeat(floor.engine, person, clock=clock)
    assert beat.must_stop_at is None
    assert beat.refusal is not None
    assert beat.expires_at is not None
    assert beat.expires_at < clock.now() + timedelta(seconds=LEASE_SECONDS)


def test_the_first_of_two_days_off_tells_the_shift_after_them(engine: Engine) -> None:
    site = open_site(engine, SteppedClock(datetime(2027, 1, 5, 4, 0, tzinfo=UTC)))
    with engine.connect() as connection:
        # Off on Tuesday and Wednesday: no duty is near, and the roster knows the shift of Thursday.
        query = (
            "SELECT a.associate_id, t.starts_at FROM assignment a JOIN shift_type t ON t.id = a.shift_type_id "
            "WHERE a.day = '2027-01-07' AND 2 = (SELECT count(*) FROM assignment o WHERE o.associate_id = a.associate_id "
            "AND o.day IN ('2027-01-05', '2027-01-06') AND o.kind = 'off') AND t.starts_at < '18:00' LIMIT 1"
        )
        who, starts_at = connection.execute(text(query)).one()
    found = next_work(engine, who, clock=site.clock).refusal
    assert found is not None
    assert found.kind is RefusalKind.OFF_SHIFT
    assert found.resumes_at == datetime.combine(date(2027, 1, 7), starts_at, ZoneInfo("Asia/Kolkata"))
    assert f"begins at {starts_at:%H:%M} on Thu 07 Jan" in found.message
