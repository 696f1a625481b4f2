"""Whatever associates, supervisors and senders do in whatever order: nothing is lost, nothing is answered twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from scheduling.errors import ConflictError, NotFoundError
from scheduling.jobs import TaskState
from services import upkeep, work
from services.jobs import cancel_job, count_tasks
from services.work import Work
from tests.conftest import SteppedClock
from tests.floor.floor_site import ANSWER, BACKLOG, LIVE, P95_SECONDS, PHOTOS, FloorSite, make_floor, token_of

START = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
ASSOCIATES = 3
QUEUES = (LIVE, PHOTOS, BACKLOG)
RESERVED = {BACKLOG: (0.0, 0.2)}

STATES = ("working", "working", "working", "on_break", "coaching", "system_down", "signed_out")
WEIGHTS = (0.0, 0.5, 1.0, 4.0)
WAITS = (1, 20, 60, 200, 600, 1800)
EMPTY = "TRUNCATE answer, task, job, route, queue_minute"
LEASES = """
SELECT t.id, t.is_ahead, t.leased_at, t.started_at, t.expires_at, q.name, s.ends_at
FROM task t JOIN queue q ON q.id = t.queue_id
LEFT JOIN LATERAL (SELECT w.ends_at FROM stretch w WHERE w.associate_id = t.associate_id
    AND w.starts_at <= coalesce(t.started_at, t.leased_at) AND coalesce(t.started_at, t.leased_at) < w.ends_at) s ON true
WHERE t.state = 'leased'
"""


class WorkMachine(RuleBasedStateMachine):
    """A few associates, three queues, a sender, a supervisor, and time."""

    floor: FloorSite
    clock: SteppedClock

    @initialize()
    def begin(self) -> None:
        """Start with empty queues and everybody at work."""
        self.clock.advance((START - self.clock.now()).total_seconds())
        self.floor.run(EMPTY)
        self.floor.run("UPDATE queue_head SET rank_from = 'infinity'")
        self.floor.run("UPDATE lane SET weight = 1")
        self.floor.run("UPDATE desk SET state = 'working'")
        self.sent = 0
        self.references: list[str] = []
        self.held: dict[int, tuple[int, UUID]] = {}
        self.old: list[tuple[int, tuple[int, UUID]]] = []
        self.answered: dict[int, int] = {}
        self.returned: dict[int, list[int]] = {}
        for queue in QUEUES:
            self.send(queue, 4, 1, 0)

    def person(self, place: int) -> int:
        """Return the id of an associate."""
        return self.floor.associate_ids[place]

    def hold(self, place: int, found: Work) -> None:
        """Remember what an associate has in hand, and what was in it before."""
        if place in self.held:
            self.old.append((place, self.held.pop(place)))
        if found.open is not None:
            assert found.refusal is None
            assert found.open.started_at is not None
            assert self.person(place) not in self.returned.get(found.open.task_id, [])
            self.held[place] = token_of(found.open)
        else:
            assert found.refusal is not None
            assert found.ahead is None

    @rule(
        place=st.integers(0, ASSOCIATES - 1),
        what=st.sampled_from(("ask", "ask", "answer", "answer", "answer late", "return", "beat", "answer ahead")),
        and_next=st.booleans(),
        seconds=st.integers(0, 170),
    )
    def associate(self, place: int, what: str, and_next: bool, seconds: int) -> None:
        """Let an associate do something."""
        match what:
            case "ask":
                self.ask(place)
            case "answer":
                self.answer(place, and_next, seconds)
            case "answer late":
                self.answer(place, and_next, seconds + 90)
            case "return":
                self.give_back(place)
            case "beat":
                self.beat(place)
            case _:
                self.answer_ahead(place)

    @rule(
        what=st.sampled_from(("send", "send", "wait", "near a break", "say", "say", "mix", "cancel", "upkeep", "stale")),
        number=st.integers(0, 10_000),
        queue=st.sampled_from(QUEUES),
        place=st.integers(0, ASSOCIATES - 1),
    )
    def floor_changes(self, what: str, number: int, queue: str, place: int) -> None:
        """Let something else happen."""
        match what:
            case "send":
                self.send(queue, 1 + number % 6, 1 + number % 2, number % 10)
            case "wait":
                self.clock.advance(WAITS[number % len(WAITS)])
            case "near a break":
                self.come_near_a_break(number % 260 - 200)
            case "say":
                self.floor.set_state(self.person(place), STATES[number % len(STATES)])
            case "mix":
                self.floor.close_queue(queue, WEIGHTS[number % len(WEIGHTS)])
            case "cancel":
                self.cancel(number)
            case "upkeep":
                self.keep_up()
            case _:
                self.answer_what_is_over(number, place)

    def send(self, queue: str, number: int, wanted: int, priority: int) -> None:
        """Send jobs."""
        before = set(self.references)
        self.floor.send(queue, number, answers_wanted=wanted, priority=priority)
        self.references = [row[0] for row in self.floor.rows("SELECT reference FROM job ORDER BY id")]
        assert len(set(self.references) - before) == number
        self.sent += number * wanted

    def ask(self, place: int) -> None:
        """Ask for work, and again: the second time gives the same."""
        found = work.next_work(self.floor.engine, self.person(place), clock=self.clock)
        again = work.next_work(self.floor.engine, self.person(place), clock=self.clock)
        assert again.open == found.open
        if found.ahead is not None:
            assert again.ahead == found.ahead
        self.hold(place, again)

    def answer(self, place: int, and_next: bool, seconds: int) -> None:
        """Answer what is in hand, in time or late."""
        if place not in self.held:
            return
        self.clock.advance(seconds)
        task, token = self.held[place]
        alive = self.floor.rows(
            "SELECT FROM task WHERE id = :task AND lease_token = :token AND expires_at > :now AND state = 'leased'",
            task=task, token=token, now=self.clock.now(),
        )  # fmt: skip
        give = work.answer_and_next if and_next else work.answer
        try:
            found = give(self.floor.engine, self.person(place), task, token, ANSWER, clock=self.clock)
        except ConflictError:
            assert not alive
            self.old.append((place, self.held.pop(place)))
            return
        assert alive
        assert task not in self.answered
        self.answered[task] = self.person(place)
        self.old.append((place, self.held.pop(place)))
        if isinstance(found, Work):
            self.hold(place, found)

    def answer_what_is_over(self, number: int, by: int) -> None:
        """Answer again, late, with the token of another, or without a lease: never taken."""
        if not self.old:
            return
        place, (task, token) = self.old[number % len(self.old)]
        for who, with_token in ((place, uuid4()), ((place + 1) % ASSOCIATES, token), (by, uuid4())):
            with pytest.raises((ConflictError, NotFoundError)):
                work.answer(self.floor.engine, self.person(who), task, with_token, ANSWER, clock=self.clock)
        if self.held.get(place) != (task, token):
            with pytest.raises(ConflictError):
                work.answer(self.floor.engine, self.person(place), task, token, ANSWER, clock=self.clock)

    def answer_ahead(self, place: int) -> None:
        """What is only loaded ahead is not answered."""
        rows = self.floor.rows(
            "SELECT id, lease_token FROM task WHERE state = 'leased' AND is_ahead AND associate_id = :who", who=self.person(place)
        )
        for task, token in rows:
            with pytest.raises(ConflictError):
                work.answer(self.floor.engine, self.person(place), task, token, ANSWER, clock=self.clock)

    def give_back(self, place: int) -> None:
        """Return what is in hand."""
        if place not in self.held:
            return
        task, token = self.held[place]
        try:
            found = work.return_task(self.floor.engine, self.person(place), task, token, clock=self.clock)
        except ConflictError:
            self.old.append((place, self.held.pop(place)))
            return
        (kept,) = self.floor.rows("SELECT returned_by FROM task WHERE id = :task", task=task)[0]
        whole = [*self.returned.get(task, []), self.person(place)]
        # Everybody who returned it is known, or, where nobody else could take it, the last one.
        assert kept in (whole, whole[-1:])
        self.returned[task] = kept
        self.hold(place, found)

    def beat(self, place: int) -> None:
        """Give a sign of life: it never shortens a lease, and revives none."""
        query = "SELECT id, expires_at, expires_at > :now FROM task WHERE state = 'leased' AND associate_id = :who"
        who = self.person(place)
        before = {row[0]: row[1:] for row in self.floor.rows(query, now=self.clock.now(), who=who)}
        beat = work.heartbeat(self.floor.engine, who, clock=self.clock)
        for task, expires_at, _ in self.floor.rows(query, now=self.clock.now(), who=who):
            old, was_alive = before[task]
            assert expires_at >= old if was_alive else expires_at == old
        assert (beat.must_stop_at is None) == (beat.refusal is not None)

    def cancel(self, number: int) -> None:
        """Withdraw a job."""
        if self.references:
            reference = self.references[number % len(self.references)]
            try:
                cancel_job(self.floor.engine, self.floor.site_id, reference, by="test", clock=self.clock)
            except ConflictError:
                states = self.floor.rows(
                    "SELECT t.state FROM task t JOIN job j ON j.id = t.job_id WHERE j.reference = :r", r=reference
                )
                assert {row[0] for row in states} == {"answered"}

    def come_near_a_break(self, seconds: int) -> None:
        """Let time go by until about the end of the work before the next break, or of the shift."""
        ends = [row[0] for row in self.floor.rows("SELECT DISTINCT ends_at FROM stretch ORDER BY 1")]
        at = next((end + timedelta(seconds=seconds) for end in ends if end + timedelta(seconds=seconds) > self.clock.now()), None)
        if at is not None:
            self.clock.advance((at - self.clock.now()).total_seconds())

    def keep_up(self) -> None:
        """Do the upkeep; after it no lease is over."""
        upkeep.sweep_leases(self.floor.engine, clock=self.clock)
        upkeep.advance_heads(self.floor.engine)
        upkeep.grade(self.floor.engine)
        assert not self.floor.rows("SELECT FROM task WHERE state = 'leased' AND expires_at <= :now", now=self.clock.now())

    @invariant()
    def counts_balance(self) -> None:
        """Arrived = waiting + leased + answered + cancelled."""
        counts = count_tasks(self.floor.engine, self.floor.site_id)
        assert sum(counts.values()) == self.sent
        assert counts[TaskState.ANSWERED] == len(self.answered)

    @invariant()
    def nothing_is_answered_twice(self) -> None:
        """Every answer is of the associate whose it was, and no double audit has one associate twice."""
        rows = self.floor.rows("SELECT a.task_id, a.associate_id, t.job_id FROM answer a JOIN task t ON t.id = a.task_id")
        assert {task: who for task, who, _ in rows} == self.answered
        assert len({(job, who) for _, who, job in rows}) == len(rows)

    @invariant()
    def nobody_has_more_than_one_in_hand_and_one_ahead(self) -> None:
        """At most one open lease and one ahead."""
        rows = self.floor.rows("SELECT associate_id, is_ahead, count(*) FROM task WHERE state = 'leased' GROUP BY 1, 2")
        assert all(count == 1 for _, _, count in rows)

    @invariant()
    def nothing_runs_into_a_break(self) -> None:
        """No lease was given, or begun, that would take (95 of 100 times) beyond the work before the next break."""
        for _, _, leased_at, started_at, _, queue, ends_at in self.floor.rows(LEASES):
            assert ends_at is not None
            assert (started_at or leased_at) + timedelta(seconds=P95_SECONDS[queue]) <= ends_at

    @invariant()
    def claims_look_far_enough(self) -> None:
        """No task waits before the head of its queue."""
        assert not self.floor.rows(
            "SELECT FROM task t JOIN queue_head h USING (queue_id) WHERE t.state = 'waiting' AND t.rank_at < h.rank_from"
        )


def test_work_goes_right_in_whatever_order(engine: Engine, clock: SteppedClock) -> None:
    WorkMachine.clock = clock
    WorkMachine.floor = make_floor(engine, clock, associates=ASSOCIATES, reserved=RESERVED)
    checks = list(HealthCheck)
    run_state_machine_as_test(
        WorkMachine, settings=settings(max_examples=50, stateful_step_count=50, deadline=None, suppress_health_check=checks)
    )
