"""Moving volume and people: exact under concurrent claims, seen before, undone once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from allocation.projection import project
from scheduling.errors import ConflictError
from services import reallocation
from services.floor_reading import read_people, read_work
from services.floor_state import floor_state
from services.reallocation import LendAssociates, Move, MoveJobs, MoveRefusedError, Pace, RouteShare, SetMix
from storage import steering
from storage.actions import action_with_id
from storage.bulk import raw
from tests.conftest import SteppedClock
from tests.published import Site, open_site
from tests.waiting import put_jobs, queue_ids, tasks_by_queue

MORNING = datetime(2027, 1, 5, 5, 0, tzinfo=UTC)
QUICK = Pace(chunk=50, pause_seconds=0.0)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    made = open_site(engine, clock)
    with engine.begin() as connection:
        connection.execute(text("UPDATE queue SET sla_seconds = 1800 WHERE kind = 'realtime'"))
        connection.execute(text("UPDATE desk SET state = 'working'"))
    return made


@pytest.fixture
def queues(site: Site) -> tuple[int, int]:
    """Two queues whose jobs may be exchanged."""
    first, second, *_ = queue_ids(site.engine).values()
    return first, second


def apply(site: Site, move: Move, **options: object) -> int:
    settings = {"by": "sana", "why": "the queue runs over", "clock": site.clock, "pace": QUICK, **options}
    return reallocation.apply(site.engine, site.site_id, move, **settings)  # type: ignore[arg-type]


def undo(site: Site, action_id: int, **options: object) -> reallocation.Undone:
    settings = {"by": "sana", "why": "it is quiet again", "clock": site.clock, "pace": QUICK, **options}
    return reallocation.undo(site.engine, action_id, **settings)  # type: ignore[arg-type]


def ranks(site: Site, ids: frozenset[int]) -> list[datetime]:
    with site.engine.connect() as connection:
        return sorted(connection.execute(text("SELECT rank_at FROM task WHERE id = ANY(:ids)"), {"ids": list(ids)}).scalars())


def test_jobs_that_are_due_last_move_and_the_head_of_the_target_is_low_enough(site: Site, queues: tuple[int, int]) -> None:
    source, target = queues
    put_jobs(site.engine, source, 300, MORNING)
    before = tasks_by_queue(site.engine)[source]
    with site.engine.begin() as connection:
        raw(connection).execute("SELECT advance_queue_heads()")
    action = apply(site, MoveJobs(source, target, 120))
    after = tasks_by_queue(site.engine)
    assert len(after[target]) == 120
    assert after[source] | after[target] == before
    assert ranks(site, after[source])[-1] <= ranks(site, after[target])[0]
    with site.engine.connect() as connection:
        head = connection.execute(text("SELECT rank_from FROM queue_head WHERE queue_id = :id"), {"id": target}).scalar_one()
        written = action_with_id(connection, action)
    assert head <= ranks(site, after[target])[0]
    assert (written.actor, written.after["asked"]) == ("sana", 120)
    assert reallocation.history(site.engine, site.site_id)[0].moved == 120


def test_an_undo_puts_exactly_those_back_that_still_wait(site: Site, queues: tuple[int, int]) -> None:
    source, target = queues
    put_jobs(site.engine, source, 300, MORNING)
    put_jobs(site.engine, target, 40, MORNING)
    before = tasks_by_queue(site.engine)
    action = apply(site, MoveJobs(source, target, 200))
    moved = tasks_by_queue(site.engine)[target] - before[target]
    taken = sorted(moved)[:7]
    with site.engine.begin() as connection:
        raw(connection).execute(
            "UPDATE task SET state = 'leased', associate_id = id, is_ahead = false, lease_token = gen_random_uuid(), "
            "leased_at = %s, started_at = %s, expires_at = %s WHERE id = ANY(%s)",
            (MORNING, MORNING, MORNING, taken),
        )
    undone = undo(site, action)
    after = tasks_by_queue(site.engine)
    assert (undone.returned, undone.fate and undone.fate.leased) == (193, 7)
    assert undone.words == "193 of 200 jobs are back; 7 in somebody's hands."
    assert after[target] == before[target]
    assert after[source] == before[source] - frozenset(taken)
    with pytest.raises(ConflictError, match="sana has undone this already"):
        undo(site, action)
    assert tasks_by_queue(site.engine) == after


def test_moves_and_undos_lose_nothing_while_people_claim(site: Site, queues: tuple[int, int], clock: SteppedClock) -> None:
    source, target = queues
    put_jobs(site.engine, source, 2_000, MORNING)
    everything = frozenset().union(*tasks_by_queue(site.engine).values())
    ending, failures = threading.Event(), []

    def claim(associate: int) -> None:
        try:
            while not ending.is_set():
                with site.engine.begin() as connection:
                    driver = raw(connection)
                    driver.execute("SELECT * FROM claim_task(%s, %s, %s, false)", (associate, MORNING, MORNING))
                    driver.execute(
                        "UPDATE task SET state = 'answered' WHERE associate_id = %s AND state = 'leased'", (associate,)
                    )
        except Exception as error:
            failures.append(error)

    with site.engine.connect() as connection:
        who = list(
            connection.execute(
                text(
                    "SELECT DISTINCT l.associate_id FROM lane l JOIN stretch s USING (associate_id) "
                    "WHERE s.starts_at <= :now AND s.ends_at > :now AND l.queue_id = ANY(:queues) ORDER BY 1 LIMIT 4"
                ),
                {"now": MORNING, "queues": list(queues)},
            ).scalars()
        )
    assert who
    threads = [threading.Thread(target=claim, args=(associate,)) for associate in who]
    for thread in threads:
        thread.start()
    for _ in range(3):
        action = apply(site, MoveJobs(source, target, 400), pace=Pace(chunk=40, pause_seconds=0.002))
        undone = undo(site, action, pace=Pace(chunk=40, pause_seconds=0.002))
        assert undone.fate is not None
        assert undone.fate.moved == 400
    ending.set()
    for thread in threads:
        thread.join()
    assert not failures
    waiting, answered = tasks_by_queue(site.engine), tasks_by_queue(site.engine, "answered")
    assert not waiting.get(target)
    assert answered
    assert waiting[source] | frozenset().union(*answered.values()) == everything
    assert not waiting[source] & frozenset().union(*answered.values())


def test_a_move_that_is_interrupted_is_known_and_undone(site: Site, queues: tuple[int, int]) -> None:
    source, target = queues
    put_jobs(site.engine, source, 300, MORNING)
    before = tasks_by_queue(site.engine)

    def die(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(site, MoveJobs(source, target, 200), pace=Pace(chunk=50, pause_seconds=0.1, sleep=die))
    entry = reallocation.history(site.engine, site.site_id)[0]
    assert (entry.moved, entry.action.after["asked"]) == (50, 200)
    with pytest.raises(KeyboardInterrupt):
        undo(site, entry.action.id, pace=Pace(chunk=20, pause_seconds=0.1, sleep=die))
    assert len(tasks_by_queue(site.engine)[target]) == 30
    # The undo that was interrupted goes on when it is asked for again.
    assert undo(site, entry.action.id).returned == 30
    assert tasks_by_queue(site.engine) == before
    with pytest.raises(ConflictError):
        undo(site, entry.action.id)


def test_an_undo_stops_a_move_that_is_under_way(site: Site, queues: tuple[int, int]) -> None:
    source, target = queues
    put_jobs(site.engine, source, 300, MORNING)
    before = tasks_by_queue(site.engine)
    begun, going_on = threading.Event(), threading.Event()

    def wait(_seconds: float) -> None:
        begun.set()
        going_on.wait(10)

    pace = Pace(chunk=50, pause_seconds=0.1, sleep=wait)
    mover = threading.Thread(target=apply, args=(site, MoveJobs(source, target, 250)), kwargs={"pace": pace})
    mover.start()
    assert begun.wait(10)
    action = reallocation.history(site.engine, site.site_id)[0].action.id
    results: list[reallocation.Undone] = []
    undoing = threading.Thread(target=lambda: results.append(undo(site, action)))
    undoing.start()
    while True:
        with site.engine.connect() as connection:
            if steering.is_undone(connection, action):
                break
    going_on.set()
    mover.join()
    undoing.join()
    assert results[0].returned == 50
    assert tasks_by_queue(site.engine) == before


def test_jobs_go_only_where_they_can_be_answered(site: Site, queues: tuple[int, int]) -> None:
    source, target = queues
    put_jobs(site.engine, source, 10, MORNING)
    with pytest.raises(MoveRefusedError, match="both where from and where to"):
        apply(site, MoveJobs(source, source, 5))
    with pytest.raises(MoveRefusedError, match="Move 1 to 50,000"):
        apply(site, MoveJobs(source, target, 0))
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE queue SET form = '{\"fields\": []}' WHERE id = :id"), {"id": target})
    with pytest.raises(MoveRefusedError, match="ask for different answers"):
        apply(site, MoveJobs(source, target, 5))
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE queue SET form = '{}' WHERE id = :id"), {"id": target})
        connection.execute(
            text("DELETE FROM associate_skill WHERE skill_id = (SELECT skill_id FROM queue WHERE id = :id)"), {"id": target}
        )
    with pytest.raises(MoveRefusedError, match="Nobody with the skill"):
        apply(site, MoveJobs(source, target, 5))
    assert reallocation.history(site.engine, site.site_id) == ()
    assert tasks_by_queue(site.engine).keys() == {source}


def rows(site: Site, query: str) -> list[tuple[object, ...]]:
    with site.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


MIX = "SELECT * FROM mix ORDER BY team_id, queue_id"
LANES = "SELECT associate_id, queue_id, weight, reserved_from, reserved_until FROM lane ORDER BY 1, 2"
ROUTE = "SELECT * FROM route"
DESK = "SELECT associate_id, team_id, lent_until FROM desk ORDER BY 1"


def moves(site: Site, queues: tuple[int, int]) -> list[tuple[Move, Move, str]]:
    """Moves of rows, each with another one that changes the same, and what it writes."""
    team, other = (row[0] for row in rows(site, "SELECT id FROM team ORDER BY id")[:2])
    own = [row[0] for row in rows(site, "SELECT id, team_id FROM associate ORDER BY id") if row[1] == team][:2]
    until = MORNING + timedelta(hours=2)
    lend = LendAssociates(tuple(map(int, own)), int(other), until)  # type: ignore[arg-type,call-overload]
    return [
        (SetMix(int(team), queues[0], 3.0, 0.1), SetMix(int(team), queues[0], 0.0, 0.0), MIX),  # type: ignore[call-overload]
        (RouteShare(*queues, 0.4), RouteShare(*queues, 0.7), ROUTE),
        (lend, LendAssociates(lend.associate_ids[:1], lend.team_id, until + timedelta(hours=1)), DESK),
    ]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_changes_of_rows_are_undone_to_the_state_before_unless_somebody_changed_them(
    site: Site, queues: tuple[int, int], kind: int
) -> None:
    move, other, table = moves(site, queues)[kind]
    before = rows(site, table), rows(site, LANES)
    action = apply(site, move)
    assert rows(site, table) != before[0]
    with pytest.raises(MoveRefusedError, match="it is so already"):
        apply(site, move)
    second = apply(site, other)
    changed = rows(site, table)
    with pytest.raises(ConflictError, match="somebody changed this since"):
        undo(site, action)
    assert rows(site, table) == changed
    undo(site, second)
    undo(site, action)
    assert (rows(site, table), rows(site, LANES)) == before
    with pytest.raises(ConflictError, match="undone this already"):
        undo(site, action)


def test_two_undos_at_once_are_one(site: Site, queues: tuple[int, int]) -> None:
    put_jobs(site.engine, queues[0], 200, MORNING)
    before = tasks_by_queue(site.engine)
    action = apply(site, MoveJobs(*queues, 150))
    outcomes: list[object] = []

    def attempt() -> None:
        try:
            outcomes.append(undo(site, action).returned)
        except ConflictError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in outcomes if isinstance(one, int)] == [150]
    assert tasks_by_queue(site.engine) == before


def test_supervisors_steer_their_own_people_only(site: Site, queues: tuple[int, int]) -> None:
    mix, _route, lending = (move for move, _, _ in moves(site, queues))
    assert isinstance(mix, SetMix)
    assert isinstance(lending, LendAssociates)
    with pytest.raises(MoveRefusedError, match="led by somebody else"):
        apply(site, mix, team_ids=frozenset({lending.team_id}))
    with pytest.raises(MoveRefusedError, match="somebody else leads"):
        apply(site, lending, team_ids=frozenset({lending.team_id}))
    action = apply(site, mix, team_ids=frozenset({mix.team_id}))
    with pytest.raises(MoveRefusedError, match="led by somebody else"):
        undo(site, action, team_ids=frozenset({lending.team_id}))
    undo(site, action, team_ids=frozenset({mix.team_id}))


def late(site: Site) -> dict[int, float]:
    with site.engine.connect() as connection:
        now = site.clock.now()
        state = floor_state(read_work(connection, site.site_id, now), read_people(connection, site.site_id, now))
    assert state is not None
    return {queue.queue_id: queue.late_jobs for queue in project(state).queues}


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
def test_the_effect_that_is_previewed_is_that_of_the_projection_afterwards(
    site: Site, queues: tuple[int, int], kind: int
) -> None:
    source, target = queues
    put_jobs(site.engine, source, 3_000, MORNING, spread_seconds=1500)
    move = MoveJobs(source, target, 1_000) if kind == 3 else [one for one, _, _ in moves(site, queues)][kind]
    before = late(site)
    seen = reallocation.preview(site.engine, site.site_id, move, clock=site.clock)
    assert late(site) == before
    assert not rows(site, "SELECT * FROM floor_action")
    apply(site, move)
    after = late(site)
    for one in seen.queues:
        assert one.late_before == pytest.approx(before[one.queue_id], rel=1e-6, abs=1e-6)
        assert one.late_after == pytest.approx(after[one.queue_id], rel=0.02, abs=2)
