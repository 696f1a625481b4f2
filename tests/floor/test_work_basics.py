from __future__ import annotations

import pytest
from sqlalchemy import Engine

from scheduling.errors import ConflictError
from scheduling.jobs import TaskState
from services.work import answer, answer_and_next, next_work, return_task
from tests.conftest import SteppedClock
from tests.floor.floor_site import ANSWER, LIVE, make_floor, token_of


def test_jobs_are_handed_out_one_open_and_one_ahead_and_answered_once(engine: Engine, clock: SteppedClock) -> None:
    floor = make_floor(engine, clock)
    assert floor.send(LIVE, 3).new == 3
    first, second = floor.associate_ids[:2]
    work = next_work(engine, first, clock=clock)
    assert work.open is not None
    assert work.ahead is not None
    assert work.refusal is None
    assert next_work(engine, first, clock=clock) == work
    other = next_work(engine, second, clock=clock)
    assert other.open is not None
    assert other.ahead is None
    clock.advance(20)
    following = answer_and_next(engine, first, *token_of(work.open), ANSWER, clock=clock)
    assert following.open is not None
    assert following.open.task_id == work.ahead.task_id
    assert following.open.started_at == clock.now()
    with pytest.raises(ConflictError, match="answered this task already"):
        answer(engine, first, *token_of(work.open), ANSWER, clock=clock)
    assert floor.rows("SELECT handling_seconds, is_in_sla FROM answer") == [(20.0, True)]
    returned = return_task(engine, first, *token_of(following.open), clock=clock)
    assert returned.open is None
    assert returned.refusal is not None
    assert returned.refusal.kind == "no_work"
    assert floor.counts() == {TaskState.WAITING: 1, TaskState.LEASED: 1, TaskState.ANSWERED: 1}


def test_a_returned_item_comes_back_only_where_nobody_else_can_take_it(engine: Engine, clock: SteppedClock) -> None:
    floor = make_floor(engine, clock, associates=3)
    floor.send(LIVE, 1)
    first, second, third = floor.associate_ids

    def give_back(who: int) -> None:
        found = next_work(engine, who, clock=clock)
        assert return_task(engine, who, *token_of(found.open), clock=clock).open is None

    give_back(first)
    give_back(second)
    assert next_work(engine, first, clock=clock).open is None
    give_back(third)
    # All have returned it: it goes round again, and not to the last one.
    assert next_work(engine, third, clock=clock).open is None
    floor.close_queue(LIVE, associate_ids=[third])
    give_back(first)
    assert next_work(engine, first, clock=clock).open is None
    assert next_work(engine, second, clock=clock).open is not None
