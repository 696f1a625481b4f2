"""The claim: it chooses as the policy says, reads only heads, waits for no disk, and goes right for many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from allocation.policy import Heads, choose, generalised_c_mu, reserved_intervals, reserved_point
from scheduling.errors import ConflictError
from scheduling.jobs import TaskState
from services import upkeep
from services.jobs import send_jobs
from services.work import Work, answer, answer_and_next, heartbeat, next_work, return_task
from storage.bulk import raw
from tests.conftest import SteppedClock
from tests.floor.floor_site import ANSWER, BACKLOG, LIVE, PHOTOS, FloorSite, make_floor, new_jobs, token_of

ANY_HEALTH = list(HealthCheck)
THREADS = 6
HEAD_OF = """
SELECT t.id FROM task t WHERE t.queue_id = :queue AND t.state = 'waiting' AND t.rank_at >= '2020-01-01'
ORDER BY t.rank_at, t.id LIMIT 1
"""


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> FloorSite:
    return make_floor(engine, clock)


def put_head(floor: FloorSite, queue_id: int, age: int, sla: int, weight: float, reserved: tuple[float, float]) -> None:
    """Let one task wait in a queue, with an age and an SLA of its own."""
    arrived_at = floor.clock.now() - timedelta(seconds=age)
    floor.run(
        "WITH j AS (INSERT INTO job (site_id, queue_id, reference, media_kind, media_url, media_text, priority, arrived_at, "
        "due_at, answers_wanted) VALUES (:site, :queue, :reference, 'video', 'x', '', 0, :at, :due, 1) RETURNING *) "
        "INSERT INTO task (id, job_id, queue_id, state, rank_at, arrived_at, due_at, is_double, is_gold) "
        "SELECT 2 * id, id, queue_id, 'waiting', due_at, arrived_at, due_at, false, false FROM j",
        site=floor.site_id,
        queue=queue_id,
        reference=f"head of {queue_id}",
        at=arrived_at,
        due=arrived_at + timedelta(seconds=sla),
    )
    floor.run(
        "UPDATE lane SET weight = :weight, reserved_from = :first, reserved_until = :last WHERE queue_id = :queue",
        weight=weight,
        first=reserved[0],
        last=reserved[1],
        queue=queue_id,
    )


HEAD = st.tuples(
    st.floats(0.01, 50),  # Weight.
    st.integers(0, 40_000),  # Age in seconds.
    st.integers(1, 20_000),  # SLA in seconds.
    st.sampled_from((0.0, 0.0, 0.05, 0.15)),  # Reserved share.
)


@given(heads=st.lists(HEAD, min_size=1, max_size=3), number=st.integers(1, 10_000))
@settings(max_examples=50, deadline=None, suppress_health_check=ANY_HEALTH)
def test_the_statement_chooses_the_queue_that_the_policy_chooses(
    floor: FloorSite, heads: list[tuple[float, int, int, float]], number: int
) -> None:
    ids = sorted(floor.queue_ids.values())[: len(heads)]
    intervals = reserved_intervals({queue: share for queue, (_, _, _, share) in zip(ids, heads, strict=True)})
    reserved = [intervals.get(queue, (0.0, 0.0)) for queue in ids]
    floor.run("TRUNCATE answer, task, job")
    for queue, (weight, age, sla, _), interval in zip(ids, heads, reserved, strict=True):
        put_head(floor, queue, age, sla, weight, interval)
    floor.run("UPDATE queue_head SET rank_from = '-infinity'")
    weights, ages, slas, _ = (np.array(column, dtype=np.float64) for column in zip(*heads, strict=True))
    ones = np.ones(len(heads))
    low, high = (np.array(column) for column in zip(*reserved, strict=True))
    place = choose(Heads(np.array(ids), ages, slas, weights, ones, ones, low, high), generalised_c_mu, reserved_point(number))
    assert place is not None
    now = floor.clock.now()
    with floor.engine.connect() as connection:
        driver = raw(connection)
        driver.execute("ALTER SEQUENCE claim_number CACHE 1")
        driver.execute("SELECT setval('claim_number', %s, false)", (number,))
        claim = "SELECT queue_id FROM claim_task(%s::bigint, %s, %s, false)"
        found = driver.execute(claim, (floor.associate_ids[0], now, now)).fetchone()
        connection.rollback()
    assert found == (ids[place],)


def test_the_head_of_a_queue_is_read_from_its_index_without_sorting(floor: FloorSite) -> None:
    for _ in range(3):
        floor.send(LIVE, 1000)
    floor.run("ANALYZE task")
    plan = "\n".join(row[0] for row in floor.rows(f"EXPLAIN {HEAD_OF}", queue=floor.queue_ids[LIVE]))
    assert "Index" in plan
    assert "ix_task_waiting" in plan
    assert "Sort" not in plan
    assert "Seq Scan" not in plan


def test_a_session_that_began_with_empty_queues_reads_no_whole_table_when_they_are_full(floor: FloorSite) -> None:
    floor.run("ALTER TABLE task SET (autovacuum_enabled = off)")
    floor.send(LIVE, 10)
    floor.run("ANALYZE task")
    person, now = floor.associate_ids[0], floor.clock.now()
    scans = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'task'"
    with floor.engine.connect() as connection:
        driver = raw(connection)

        def work_on() -> tuple[object, ...] | None:
            task = driver.execute("SELECT task_id, lease_token FROM next_work(%s, %s)", (person, now)).fetchone()
            assert task is not None
            driver.execute("SELECT works_until FROM extend_leases(%s, %s)", (person, now))
            driver.execute("SELECT answer_form(%s)", (task[0],))
            driver.execute("SELECT task_id FROM answer_and_next(%s, %s, %s, '{}', %s, NULL)", (person, *task, now))
            task = driver.execute("SELECT task_id, lease_token FROM next_work(%s, %s)", (person, now)).fetchone()
            assert task is not None
            driver.execute("SELECT return_task(%s, %s, %s, %s)", (person, *task, now))
            driver.execute("SELECT sweep_leases(%s)", (now,))
            found = driver.execute(scans).fetchone()
            driver.rollback()
            return found

        for _ in range(8):
            work_on()
        for _ in range(5):
            floor.send(LIVE, 1000)
        assert work_on() == (0,)


def test_a_claim_reads_no_more_pages_where_many_double_audits_wait(floor: FloorSite) -> None:
    query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM claim_task(:who, :now, :now, false)"

    def pages_read() -> int:
        # Nothing is committed, so the same task is claimed each time; the first claims of a session also read the catalogue.
        plans = [floor.rows(query, who=floor.associate_ids[0], now=floor.clock.now())[0][0][0]["Plan"] for _ in range(3)]
        return min(int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"]) for plan in plans)

    floor.send(LIVE, 20, answers_wanted=2)
    few = pages_read()
    for _ in range(10):
        floor.send(LIVE, 1000, answers_wanted=2)
    floor.run("ANALYZE task")
    assert pages_read() <= few + 15


@pytest.mark.parametrize(
    ("statement", "waits_for_the_disk"),
    [
        ("SELECT * FROM next_work(%(who)s, %(now)s)", False),
        ("SELECT * FROM extend_leases(%(who)s, %(now)s)", False),
        ("SELECT * FROM answer_and_next(%(who)s, %(task)s, %(token)s, '{}', %(now)s, NULL)", True),
        ("SELECT * FROM answer_task(%(who)s, %(task)s, %(token)s, '{}', %(now)s, NULL)", True),
    ],
)
def test_an_answer_waits_for_the_disk_and_a_claim_does_not(floor: FloorSite, statement: str, waits_for_the_disk: bool) -> None:
    floor.send(LIVE, 3)
    person = floor.associate_ids[0]
    task, token = token_of(next_work(floor.engine, person, clock=floor.clock).open)
    with floor.engine.connect() as connection:
        driver = raw(connection)
        driver.execute("SET synchronous_commit = on")
        driver.commit()
        driver.execute(statement, {"who": person, "task": task, "token": token, "now": floor.clock.now()})
        shown = driver.execute("SHOW synchronous_commit").fetchone()
        driver.commit()
    assert shown == ("on" if waits_for_the_disk else "off",)
    assert (floor.counts().get(TaskState.ANSWERED) == 1) == waits_for_the_disk


def together(*calls: Callable[[], object]) -> list[object]:
    """Make calls at the same moment; return what each gave or raised."""
    gate, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        gate.wait()
        try:
            outcomes[place] = calls[place]()  # type: ignore[call-overload]
        except Exception as error:
            outcomes[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(outcomes)


def test_of_two_answers_at_once_one_is_taken(floor: FloorSite) -> None:
    floor.send(LIVE, 10)
    person = floor.associate_ids[0]
    for _ in range(5):
        task, token = token_of(next_work(floor.engine, person, clock=floor.clock).open)
        outcomes = together(
            lambda: answer(floor.engine, person, task, token, ANSWER, clock=floor.clock),  # noqa: B023 (called at once)
            lambda: answer_and_next(floor.engine, person, task, token, ANSWER, clock=floor.clock),  # noqa: B023
            lambda: answer_and_next(floor.engine, person, task, token, ANSWER, clock=floor.clock),  # noqa: B023
        )
        assert sorted(isinstance(one, ConflictError) for one in outcomes) == [False, True, True], outcomes
    assert floor.counts()[TaskState.ANSWERED] == 5


def test_of_two_requests_at_once_both_get_the_same_work(floor: FloorSite) -> None:
    floor.send(LIVE, 10)
    for person in floor.associate_ids:
        found = together(*(lambda: next_work(floor.engine, person, clock=floor.clock) for _ in range(3)))  # noqa: B023
        assert all(isinstance(one, Work) for one in found), found
        assert len({token_of(one.open) for one in found if isinstance(one, Work)}) == 1
    assert floor.counts() == {TaskState.LEASED: 8, TaskState.WAITING: 2}


def test_many_at_once_lose_nothing_and_answer_nothing_twice(engine: Engine, clock: SteppedClock) -> None:
    floor = make_floor(engine, clock, associates=THREADS)
    for queue in (LIVE, PHOTOS, BACKLOG):
        floor.send(queue, 40)
        floor.send(queue, 15, answers_wanted=2)
    stop = threading.Event()
    taken: list[list[int]] = [[] for _ in range(THREADS)]

    def work_on(place: int) -> Callable[[], None]:
        def run() -> None:
            person, random = floor.associate_ids[place], Random(place)  # noqa: S311 (no secret)
            found, idle = next_work(engine, person, clock=clock), 0
            while idle < 20:
                if found.open is None:
                    idle += 1
                    found = next_work(engine, person, clock=clock)
                    continue
                task, token = token_of(found.open)
                draw = random.random()
                if draw < 0.1:
                    found = return_task(engine, person, task, token, clock=clock)
                elif draw < 0.2:
                    heartbeat(engine, person, clock=clock)
                else:
                    found = answer_and_next(engine, person, task, token, ANSWER, clock=clock)
                    taken[place].append(task)

        return run

    def send() -> None:
        for _ in range(15):
            send_jobs(engine, floor.site_id, new_jobs(LIVE, 4, priority=5), by="test", clock=clock)

    def keep_up() -> None:
        while not stop.wait(0.01):
            upkeep.sweep_leases(engine, clock=clock)
            upkeep.advance_heads(engine)
            upkeep.grade(engine)

    keeper = threading.Thread(target=keep_up)
    keeper.start()
    try:
        outcomes = together(send, *(work_on(place) for place in range(THREADS)))
    finally:
        stop.set()
        keeper.join()
    assert outcomes == [None] * (THREADS + 1)
    upkeep.advance_heads(engine)
    counts = floor.counts()
    assert sum(counts.values()) == 3 * (40 + 30) + 60
    assert counts.get(TaskState.LEASED, 0) == 0
    answered = [task for each in taken for task in each]
    assert sorted(answered) == [row[0] for row in floor.rows("SELECT task_id FROM answer ORDER BY 1")]
    assert counts[TaskState.ANSWERED] == len(answered)
    # What still waits was returned by everybody who could have had it.
    assert counts.get(TaskState.WAITING, 0) < 20
    pairs = "SELECT t.job_id, a.associate_id FROM answer a JOIN task t ON t.id = a.task_id GROUP BY 1, 2 HAVING count(*) > 1"
    assert not floor.rows(pairs)
