from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from allocation.routing import spread
from scheduling.jobs import TaskState
from services import upkeep
from services.work import answer, next_work
from tests.conftest import SteppedClock
from tests.floor.floor_site import BACKLOG, LEASE_SECONDS, LIVE, PHOTOS, FloorSite, make_floor, token_of

OK, WRONG = {"verdict": "ok"}, {"verdict": "misplaced"}


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> FloorSite:
    return make_floor(engine, clock)


def answered(floor: FloorSite, place: int, given: dict[str, str]) -> None:
    """Let an associate answer the next task."""
    person = floor.associate_ids[place]
    answer(floor.engine, person, *token_of(next_work(floor.engine, person, clock=floor.clock).open), given, clock=floor.clock)


def test_expired_leases_go_back_and_are_given_to_others(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 2)
    first, second = floor.associate_ids[:2]
    lost = next_work(floor.engine, first, clock=clock)
    upkeep.advance_heads(floor.engine)
    assert floor.rows("SELECT rank_from = 'infinity' FROM queue_head WHERE queue_id = :q", q=floor.queue_ids[LIVE]) == [(True,)]
    clock.advance(LEASE_SECONDS - 1)
    assert upkeep.sweep_leases(floor.engine, clock=clock) == 0
    clock.advance(600)
    assert upkeep.sweep_leases(floor.engine, clock=clock) == 2
    assert upkeep.sweep_leases(floor.engine, clock=clock) == 0
    found = next_work(floor.engine, second, clock=clock)
    assert lost.open is not None
    assert found.open is not None
    assert found.open.task_id == lost.open.task_id
    assert found.open.token != lost.open.token


def test_upkeep_reads_no_more_pages_when_many_tasks_were_answered(floor: FloorSite, clock: SteppedClock) -> None:
    def pages_read(function: str, **given: object) -> int:
        query = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT {function}"
        # Nothing is committed; the first calls of a session also read the catalogue.
        plans = [floor.rows(query, **given)[0][0][0]["Plan"] for _ in range(3)]
        return min(int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"]) for plan in plans)

    floor.send(LIVE, 4)
    next_work(floor.engine, floor.associate_ids[0], clock=clock)
    in_the_end = clock.now() + timedelta(hours=1)
    few = pages_read("sweep_leases(:now)", now=in_the_end), pages_read("advance_queue_heads()")
    for _ in range(5):
        floor.send(LIVE, 1000)
    floor.run(
        "UPDATE task SET state = 'answered', associate_id = :who, is_ahead = false, lease_token = gen_random_uuid() "
        "WHERE id IN (SELECT id FROM task WHERE state = 'waiting' ORDER BY id DESC LIMIT 5000)",
        who=floor.associate_ids[1],
    )
    floor.run("ANALYZE task")
    many = pages_read("sweep_leases(:now)", now=in_the_end), pages_read("advance_queue_heads()")
    assert many[0] <= few[0] + 15
    assert many[1] <= few[1] + 15


def test_a_head_that_stays_where_it_is_is_not_written(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 3)
    upkeep.advance_heads(floor.engine)
    before = floor.rows("SELECT queue_id, xmin::text FROM queue_head ORDER BY 1")
    upkeep.advance_heads(floor.engine)
    assert floor.rows("SELECT queue_id, xmin::text FROM queue_head ORDER BY 1") == before


def test_heads_advance_past_what_is_claimed_and_come_back_with_new_jobs(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 3)
    clock.advance(10)
    floor.send(LIVE, 1)
    next_work(floor.engine, floor.associate_ids[0], clock=clock)
    next_work(floor.engine, floor.associate_ids[1], clock=clock)
    upkeep.advance_heads(floor.engine)
    assert not floor.rows("SELECT FROM queue_head WHERE rank_from <> 'infinity'")
    for priority in (0, 9, 3):
        floor.send(LIVE, 1, priority=priority)
        query = (
            "SELECT h.rank_from = min(t.rank_at) FROM queue_head h JOIN task t USING (queue_id) "
            "WHERE h.queue_id = :q AND t.state = 'waiting' GROUP BY h.rank_from"
        )
        assert floor.rows(query, q=floor.queue_ids[LIVE]) == [(True,)]


def test_minutes_count_what_arrived_and_what_was_answered(floor: FloorSite, clock: SteppedClock) -> None:
    start = clock.now()
    floor.send(LIVE, 4)
    floor.send(BACKLOG, 1, answers_wanted=2)
    answered(floor, 0, OK)
    clock.advance(70)
    floor.send(LIVE, 1)
    person = floor.associate_ids[1]
    work = next_work(floor.engine, person, clock=clock)
    clock.advance(90)
    answer(floor.engine, person, *token_of(work.open), OK, clock=clock)
    assert upkeep.roll_up(floor.engine, clock=clock) == 4
    assert upkeep.roll_up(floor.engine, clock=clock) == 0
    rows = floor.rows(
        "SELECT queue_id, starts_at, arrived, answered, answered_in_sla, handling_seconds FROM queue_minute ORDER BY 1, 2"
    )
    live, backlog, minute = floor.queue_ids[LIVE], floor.queue_ids[BACKLOG], timedelta(minutes=1)
    assert [tuple(row) for row in rows] == [
        (live, start, 4, 1, 1, 0.0),
        (live, start + minute, 1, 0, 0, 0.0),
        (live, start + 2 * minute, 0, 1, 0, 90.0),
        (backlog, start, 2, 0, 0, 0.0),
    ]


def test_gold_jobs_are_graded_by_the_known_answer(floor: FloorSite) -> None:
    for place, said in enumerate((OK, WRONG)):
        floor.send(LIVE, 1, known_answer=OK)
        answered(floor, place, said)
    assert upkeep.grade(floor.engine) == 2
    assert upkeep.grade(floor.engine) == 0
    rows = floor.rows("SELECT associate_id, is_correct, is_agreed, awaits_grading FROM answer ORDER BY associate_id")
    first, second = floor.associate_ids[:2]
    assert [tuple(row) for row in rows] == [(first, True, None, False), (second, False, None, False)]


@pytest.mark.parametrize(("second", "is_agreed"), [(OK, True), (WRONG, False)])
def test_a_double_audit_is_graded_when_both_answers_are_there(
    floor: FloorSite, second: dict[str, str], is_agreed: bool
) -> None:  # fmt: skip
    floor.send(LIVE, 1, answers_wanted=2, known_answer=OK)
    answered(floor, 0, OK)
    assert upkeep.grade(floor.engine) == 1
    assert floor.rows("SELECT is_correct, is_agreed, awaits_grading FROM answer") == [(True, None, True)]
    assert upkeep.grade(floor.engine) == 0
    answered(floor, 1, second)
    assert upkeep.grade(floor.engine) == 2
    rows = floor.rows("SELECT is_correct, is_agreed, awaits_grading FROM answer ORDER BY associate_id")
    assert [tuple(row) for row in rows] == [(True, is_agreed, False), (second == OK, is_agreed, False)]


def test_a_double_audit_whose_other_half_is_withdrawn_is_not_waited_for(floor: FloorSite, clock: SteppedClock) -> None:
    sent = floor.send(LIVE, 1, answers_wanted=2)
    answered(floor, 0, OK)
    floor.run("UPDATE task SET state = 'cancelled' WHERE job_id = :job AND state = 'waiting'", job=sent.ids[0])
    assert upkeep.grade(floor.engine) == 1
    assert floor.rows("SELECT is_agreed, awaits_grading FROM answer") == [(None, False)]


def test_a_double_audit_is_never_given_to_the_same_associate_twice(floor: FloorSite, clock: SteppedClock) -> None:
    floor.send(LIVE, 1, answers_wanted=2)
    first, second = floor.associate_ids[:2]
    work = next_work(floor.engine, first, clock=clock)
    assert work.ahead is None
    answer(floor.engine, first, *token_of(work.open), OK, clock=clock)
    assert next_work(floor.engine, first, clock=clock).open is None
    assert next_work(floor.engine, second, clock=clock).open is not None
    assert floor.counts() == {TaskState.ANSWERED: 1, TaskState.LEASED: 1}


def test_a_share_of_what_arrives_is_sent_to_another_queue_evenly(floor: FloorSite) -> None:
    live, photos = floor.queue_ids[LIVE], floor.queue_ids[PHOTOS]
    floor.run("INSERT INTO route (from_queue_id, to_queue_id, share) VALUES (:a, :b, 0.3)", a=live, b=photos)
    for number in (7, 1, 1, 13, 4, 20, 54):
        floor.send(LIVE, number)
    rows = floor.rows("SELECT queue_id = :b FROM task ORDER BY id", b=photos)
    moved = [row[0] for row in rows]
    assert len(moved) == 100
    for first in range(0, 100, 7):
        for last in range(first + 1, 101):
            assert abs(sum(moved[first:last]) - 0.3 * (last - first)) <= 1 + 1e-9


@given(st.integers(1, 99).map(lambda n: n / 100), st.lists(st.integers(0, 30), max_size=8))
def test_one_route_gets_its_share_of_every_run(share: float, batches: list[int]) -> None:
    credit: dict[int, float] = {}
    moved: list[bool] = []
    for batch in batches:
        routed = spread({5: share}, credit, batch)
        credit = dict(routed.credit)
        moved += [choice == 5 for choice in routed.choices]
    for first in range(len(moved)):
        for last in range(first + 1, len(moved) + 1):
            assert abs(sum(moved[first:last]) - share * (last - first)) <= 1 + 1e-6


@given(st.lists(st.integers(1, 40).map(lambda n: n / 100), min_size=2, max_size=4), st.integers(1, 300))
def test_several_routes_get_their_shares_and_every_job_goes_somewhere(shares: list[float], jobs: int) -> None:
    routed = spread(dict(enumerate(shares)), {}, jobs)
    scale = max(1.0, sum(shares))
    assert len(routed.choices) == jobs
    for queue, share in enumerate(shares):
        assert abs(routed.choices.count(queue) - share / scale * jobs) <= len(shares)
