"""The figures of the floor against a recomputation by hand, person by person and job by job."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Connection, Engine, text

from scheduling.errors import NotFoundError
from scheduling.presence import PresenceState
from services import floor
from services.absences import AbsenceKind, record_absence
from services.floor_lines import document_of, snapshot_of
from services.floor_people import COUNTED
from services.floor_watch import Paced
from services.forecasts import refresh_forecast
from storage.duties import duties_between
from tests.answered import Given, answer_all
from tests.conftest import SteppedClock
from tests.published import Site, open_site
from tests.waiting import put_jobs, queue_ids

MORNING = datetime(2027, 1, 5, 5, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    return open_site(engine, clock, associates=40)


def draw_floor(site: Site, seed: int) -> None:
    """Let everybody do something drawn, since some minutes ago; some have a job in hand, some are absent, some answered."""
    random, states = Random(seed), [state.value for state in PresenceState]  # noqa: S311
    queue = next(iter(queue_ids(site.engine).values()))
    put_jobs(site.engine, queue, 60, MORNING)
    with site.engine.begin() as connection:
        people = list(connection.execute(text("SELECT associate_id FROM desk ORDER BY 1")).scalars())
        tasks = list(connection.execute(text("SELECT id FROM task ORDER BY id")).scalars())
        for number, who in enumerate(people):
            since = MORNING - timedelta(minutes=random.choice([0, 1, 5, 12, 31, 45, 75, 200, 700]))
            values = {"who": who, "state": random.choice(states), "since": since}
            connection.execute(text("UPDATE desk SET state = :state, since = :since WHERE associate_id = :who"), values)
            if random.random() < 0.3:
                connection.execute(
                    text(
                        "UPDATE task SET state = 'leased', associate_id = :who, is_ahead = false, "
                        "lease_token = gen_random_uuid(), leased_at = :now, started_at = :now, expires_at = :now WHERE id = :task"
                    ),
                    {"who": who, "task": tasks[number], "now": MORNING},
                )
    answers = [
        Given(who, queue, MORNING - timedelta(seconds=random.choice([10, 50, 70, 900]))) for who in random.sample(people, 12)
    ]
    answer_all(site.engine, answers)
    for who in random.sample(people, 6):
        for day in (date(2027, 1, 4), date(2027, 1, 5)):
            try:
                record_absence(site.engine, who, day, AbsenceKind.SICK, None, None, "ill", by="sana", clock=site.clock)
            except NotFoundError:
                continue


def by_hand(connection: Connection, site_id: int, now: datetime) -> tuple[Counter[str], dict[int, Counter[str]]]:
    """Count who does what, one by one, from duties, desks, leases and answers."""
    minute = timedelta(minutes=1)
    duties = {
        one.associate_id: one for one in duties_between(connection, site_id, now, now + minute / 60) if one.starts_at <= now
    }
    total: Counter[str] = Counter()
    teams: dict[int, Counter[str]] = {}
    query = text(
        "SELECT d.associate_id AS who, d.team_id AS team, d.state::text AS state, d.since, "
        "EXISTS (SELECT FROM task t WHERE t.associate_id = d.associate_id AND t.state = 'leased' AND NOT t.is_ahead) AS busy, "
        "(SELECT max(answered_at) FROM answer a WHERE a.associate_id = d.associate_id) AS answered FROM desk d"
    )
    for row in connection.execute(query):
        duty, state, since = duties.get(row.who), row.state, row.since
        stretch = next((one for one in duty.workable_stretches if one.holds(now)), None) if duty else None
        found = {"working": state == "working", "on_break": state == "on_break", "coaching": state == "coaching"}
        found["system_down"] = state == "system_down"
        found["scheduled"], found["on_plan"] = duty is not None, stretch is not None
        found["beyond_plan"] = duty is None and state != "signed_out"
        if state == "working" and stretch is not None and not row.busy:
            free_since = max(filter(None, (since, row.answered, stretch.starts_at)))
            found["idle"] = now - free_since >= minute
        if state == "on_break" and duty is not None:
            nearest = min(duty.breaks, key=lambda one: abs(one.starts_at - since), default=None)
            is_it = nearest and nearest.starts_at - 90 * minute <= since <= nearest.ends_at + 90 * minute
            found["over_break"] = now - since - (nearest.minutes * minute if nearest and is_it else 0 * minute) >= minute
        if state == "signed_out" and duty is not None:
            excused, came = any(one.holds(now) for one in duty.absences), since > duty.starts_at
            gone = now - (since if came else duty.starts_at)
            found["absent"] = excused or (not came and gone >= 30 * minute)
            found["excused"] = excused
            found["away"] = not found["absent"] and came
            found["late"] = not found["absent"] and not came and gone >= minute
        names = [name for name, holds in found.items() if holds]
        total.update(names)
        teams.setdefault(row.team, Counter()).update(names)
    return total, teams


@pytest.mark.parametrize("seed", range(5))
def test_people_are_counted_as_one_would_by_hand(site: Site, clock: SteppedClock, seed: int) -> None:
    draw_floor(site, seed)
    clock.advance(1)
    snapshot = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
    with site.engine.connect() as connection:
        total, teams = by_hand(connection, site.site_id, clock.now())
    assert asdict(snapshot.totals) == {name: total[name] for name in COUNTED}
    for team in snapshot.teams:
        assert asdict(team.counts) == {name: teams[team.id][name] for name in COUNTED}
    for name, lines in snapshot.people.items():
        assert len(lines) == min(200, total[name])
        assert [line.minutes for line in lines] == sorted((line.minutes for line in lines), reverse=True)


def test_every_alert_says_from_what_it_is_known(site: Site, clock: SteppedClock) -> None:
    put_jobs(site.engine, next(iter(queue_ids(site.engine).values())), 60, MORNING)
    with site.engine.begin() as connection:
        doing = "CASE WHEN associate_id % 3 = 0 THEN 'signed_out' ELSE 'working' END"
        statement = text(f"UPDATE desk SET state = CAST({doing} AS presence_state), since = :since")  # noqa: S608 (no input)
        connection.execute(statement, {"since": MORNING - timedelta(days=1)})
    found = floor.compute_snapshot(site.engine, site.site_id, clock=clock).alerts
    assert {one.kind for one in found} >= {"idle", "absent"}
    assert [one for one in found if not one.cause] == []
    (first, *_) = (one.cause for one in found if one.kind == "idle")
    assert re.match(r"no job in hand since \d\d:\d\d IST; .* wait in ", first)


def test_queues_are_counted_as_one_would_by_hand(site: Site, clock: SteppedClock) -> None:
    first, second, *_ = queue_ids(site.engine).values()
    put_jobs(site.engine, first, 137, MORNING, spread_seconds=900)
    midnight = datetime(2027, 1, 4, 18, 30, tzinfo=UTC)
    with site.engine.begin() as connection:
        for minutes, arrived in ((-1, 1000), (0, 5), (61, 7), (629, 11)):
            connection.execute(
                text("INSERT INTO queue_minute VALUES (:queue, :at, :arrived, :answered, :in_time, 60)"),
                {"queue": first, "at": midnight + timedelta(minutes=minutes), "arrived": arrived, "answered": 4, "in_time": 3},
            )
    refresh_forecast(site.engine, site.site_id, clock=clock)
    snapshot = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
    lines = {line.id: line for line in snapshot.queues}
    with site.engine.connect() as connection:
        oldest = connection.execute(text("SELECT min(arrived_at) FROM task WHERE state = 'waiting'")).scalar_one()
        expected = connection.execute(
            text("SELECT sum(jobs) FROM forecast WHERE queue_id = :queue AND starts_at >= :start AND starts_at < :now"),
            {"queue": first, "start": midnight, "now": MORNING},
        ).scalar_one()
    assert (lines[first].waiting, lines[second].waiting, lines[second].oldest_seconds) == (137, 0, None)
    assert lines[first].oldest_seconds == pytest.approx((MORNING - oldest).total_seconds())
    assert (lines[first].arrived, lines[first].handled, lines[first].sla_so_far) == (23, 12, 0.75)
    assert lines[first].forecast == pytest.approx(expected, abs=0.1)
    assert snapshot.outlooks[first].late_jobs > 0
    assert len(snapshot.hours) == 16
    assert all(
        later.starts_at - hour.starts_at == timedelta(minutes=15)
        for hour, later in zip(snapshot.hours, snapshot.hours[1:], strict=False)
    )


def test_heads_really_there_are_those_who_work_by_the_plan_less_those_who_do_not_come(site: Site, clock: SteppedClock) -> None:
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE desk SET state = 'working', since = :since"), {"since": MORNING - timedelta(hours=1)})
    full = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
    with site.engine.begin() as connection:
        planned = connection.execute(
            text(
                "SELECT sum(extract(epoch FROM least(ends_at, :end) - greatest(starts_at, :start))) / 900 FROM stretch "
                "WHERE starts_at < :end AND ends_at > :start"
            ),
            {"start": MORNING, "end": MORNING + timedelta(minutes=15)},
        ).scalar_one()
        assert full.hours[0].present == pytest.approx(float(planned), abs=0.01)
        connection.execute(text("UPDATE desk SET state = 'signed_out', since = :since"), {"since": MORNING - timedelta(days=1)})
    clock.advance(20)
    gone = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
    assert gone.hours[0].present < full.hours[0].present
    assert gone.totals.absent > 0


def test_a_snapshot_is_stored_whole_and_tells_who_listens(site: Site, clock: SteppedClock) -> None:
    put_jobs(site.engine, next(iter(queue_ids(site.engine).values())), 400, MORNING)
    with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("LISTEN floor")
        first = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
        clock.advance(1)
        second = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
        told = [one.payload for one in driver.notifies(timeout=2, stop_after=2)]
    assert told == [f"{site.site_id}:1", f"{site.site_id}:2"]
    assert (first.version, second.version, floor.snapshot_version(site.engine, site.site_id)) == (1, 2, 2)
    assert floor.read_snapshot(site.engine, site.site_id) == second
    assert snapshot_of(2, second.computed_at, document_of(second)) == second
    # The outlook is not computed each second.
    assert second.projected_at == first.projected_at == MORNING


def test_figures_that_are_older_than_those_stored_are_dropped(site: Site, clock: SteppedClock) -> None:
    clock.advance(60)
    newer = floor.compute_snapshot(site.engine, site.site_id, clock=clock)
    late = floor.compute_snapshot(site.engine, site.site_id, clock=SteppedClock(MORNING))
    assert late.version == newer.version
    assert floor.read_snapshot(site.engine, site.site_id) == replace(newer)


def test_computing_takes_at_most_its_share_of_the_time() -> None:
    now, done = [0.0], []

    def work(_engine: object, site_id: int, _clock: object) -> None:
        done.append((site_id, now[0]))
        now[0] += 0.5

    paced = Paced(work, 0.2, lambda: now[0])
    for second in range(12):
        now[0] = max(now[0], float(second))
        paced(None, 1, None)  # type: ignore[arg-type]
    assert [at for _, at in done] == [0.0, 3.0, 6.0, 9.0]


def test_an_old_history_still_tells_of_weekdays_and_hours(site: Site, clock: SteppedClock) -> None:
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE volume SET starts_at = starts_at - interval '182 days'"))
    assert refresh_forecast(site.engine, site.site_id, clock=clock)
    with site.engine.connect() as connection:
        days = connection.execute(
            text("SELECT count(DISTINCT (starts_at AT TIME ZONE 'Asia/Kolkata')::date), min(starts_at), sum(jobs) FROM forecast")
        ).one()
    assert days[0] == 3
    assert days[1] == datetime(2027, 1, 4, 18, 30, tzinfo=UTC)
    assert days[2] > 0
    with site.engine.begin() as connection:
        connection.execute(text("DELETE FROM volume"))
    assert refresh_forecast(site.engine, site.site_id, clock=clock) == 0
