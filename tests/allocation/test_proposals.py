"""Proposals: the least disturbing move, checked by its own projection, at most one a queue."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.candidates import ProposalSettings
from allocation.matching import match_people
from allocation.offers import (
    BreakWindow,
    JobsMove,
    Move,
    Overtime,
    PeopleMove,
    ProposalKind,
    TimeOff,
    move_from_dict,
    move_to_dict,
)
from allocation.projection import FloorState, project
from allocation.proposals import Proposal, propose
from tests.allocation.floor_states import NOW, STEPS, curve, floor, group, queue

BERLIN = ZoneInfo("Europe/Berlin")


def the_only(state: FloorState) -> Proposal:
    """Return the proposal of a floor that has one."""
    (one,) = propose(project(state), BERLIN)
    return one


def test_people_who_can_be_spared_are_moved_to_the_queue_in_need() -> None:
    # Q2 has work for 3 heads and 2 heads; team A has 4 heads with work for 1.
    state = floor([queue(1, 5.0), queue(2, 15.0)], [group("A", 4, 1, skills=(2,)), group("B", 2, 2)])
    one = the_only(state)
    assert one.kind is ProposalKind.MOVE_PEOPLE
    assert isinstance(one.move, PeopleMove)
    (part,) = one.move.parts
    assert (part.team, part.from_queue_id, part.heads, part.share_of_team) == ("A", 1, 1, 0.25)
    assert one.effect.late_after == 0
    assert one.effect.first_miss_after is None
    assert one.late_avoided == pytest.approx(one.effect.late_before)
    assert "1 head of team A (25% of it) from Q1" in one.reason
    assert "CET" in one.reason


def test_the_deadline_is_the_last_moment_that_still_prevents_the_first_miss() -> None:
    state = floor([queue(1, 5.0), queue(2, 15.0)], [group("A", 4, 1, skills=(2,)), group("B", 2, 2)])
    one = the_only(state)
    assert isinstance(one.move, PeopleMove)
    assert one.effect.first_miss_before is not None
    assert NOW < one.deadline <= one.effect.first_miss_before
    part = one.move.parts[0]
    late = {}
    for minutes in (0, 15):
        step = round((one.deadline - NOW) / timedelta(minutes=5)) + minutes // 5
        taken, given_back = curve([0.0] * step + [1.0] * (STEPS - step)), curve([4.0] * step + [3.0] * (STEPS - step))
        groups = (replace(state.groups[0], heads=given_back), group("A", taken.tolist(), 2), state.groups[1])
        assert part.heads == 1
        late[minutes] = project(replace(state, groups=groups)).queue(2).first_miss_at
    assert late[0] is None or late[0] > one.effect.first_miss_before
    assert late[15] is not None
    assert late[15] <= one.effect.first_miss_before + timedelta(minutes=5)


def test_colleagues_who_know_the_queue_go_before_those_to_whom_it_is_new() -> None:
    state = floor(
        [queue(1, 5.0), queue(2, 15.0), queue(3, 5.0)],
        [group("A", 4, 1, skills=(2,)), group("C", 4, 3, 2), group("B", 1, 2)],
    )
    moves = match_people(project(floor(list(state.queues), list(state.groups))), {2: 1.0}, most_parts=3)
    assert [part.team for part in moves[2].parts] == ["C"]


def test_where_people_are_short_everywhere_overtime_is_offered() -> None:
    state = floor([queue(1, 15.0, sla_seconds=3600.0)], [group("A", 2, 1)])
    one = the_only(state)
    assert one.kind is ProposalKind.OVERTIME
    assert isinstance(one.move, Overtime)
    assert one.move.heads == 1
    assert one.move.starts_at == NOW + timedelta(minutes=30)
    assert one.effect.late_after < one.effect.late_before
    assert one.deadline >= NOW


def test_jobs_move_when_no_people_can_but_another_queue_has_the_same_form() -> None:
    late = queue(1, waiting=100, oldest=900.0, form="box")
    state = floor([late, queue(2, form="box")], [group("A", 1, 1), group("B", 3, 2)])
    one = the_only(state)
    assert one.kind is ProposalKind.MOVE_JOBS
    assert isinstance(one.move, JobsMove)
    assert one.move.to_queue_id == 2
    assert one.effect.late_avoided >= 0.9 * one.effect.late_before
    other = floor([late, queue(2, form="text")], [group("A", 1, 1), group("B", 3, 2)])
    assert all(found.kind is not ProposalKind.MOVE_JOBS for found in propose(project(other), BERLIN))


def test_a_short_dip_is_mended_by_moving_breaks() -> None:
    # From 09:30 to 10:00 half of the four heads are on a break, and the queue has five minutes for a job.
    heads, resting = curve(4.0), curve(0.0)
    heads[18:24], resting[18:24] = 2.0, 2.0
    calm = curve(15.0)
    state = floor([queue(1, calm.tolist(), sla_seconds=300.0)], [group("A", heads.tolist(), 1, on_break=resting)])
    one = the_only(state)
    assert one.kind is ProposalKind.REPAIR_BREAKS
    assert isinstance(one.move, BreakWindow)
    assert one.move.starts_at >= NOW + timedelta(minutes=60)
    assert one.effect.late_after < one.effect.late_before
    assert one.deadline == one.move.starts_at - timedelta(minutes=60)


def test_time_off_is_offered_only_for_what_is_spare_beyond_the_margin() -> None:
    state = floor([queue(1, 5.0)], [group("A", 5, 1)])
    one = the_only(state)
    assert one.kind is ProposalKind.TIME_OFF
    assert isinstance(one.move, TimeOff)
    # 4 of 5 heads are spare, and 5 x (1 - 0.9 / 1.12) = 0.98 are the margin.
    assert one.move.heads == 3
    assert one.hours_saved == pytest.approx(3 * 3.5)
    assert one.effect.late_after == 0
    assert propose(project(floor([queue(1, 5.0)], [group("A", 1.5, 1)])), BERLIN) == ()


def test_nobody_gets_time_off_who_could_help_a_queue_in_need() -> None:
    state = floor([queue(1, 5.0), queue(2, 25.0)], [group("A", 8, 1, skills=(2,)), group("B", 2, 2)])
    assert {one.kind for one in propose(project(state), BERLIN)} == {ProposalKind.MOVE_PEOPLE}


def test_a_move_is_written_and_read_back() -> None:
    moves: list[tuple[ProposalKind, Move]] = [
        (ProposalKind.OVERTIME, Overtime(1, 2, NOW, NOW + timedelta(hours=1))),
        (ProposalKind.MOVE_JOBS, JobsMove(1, 2, 30)),
        (ProposalKind.TIME_OFF, TimeOff(1, "A", 2, NOW, NOW + timedelta(hours=1))),
        (ProposalKind.REPAIR_BREAKS, BreakWindow(1, 2.0, NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2))),
    ]
    state = floor([queue(1, 5.0), queue(2, 15.0)], [group("A", 4, 1, skills=(2,)), group("B", 2, 2)])
    one = the_only(state)
    for kind, move in [*moves, (one.kind, one.move)]:
        assert move_from_dict(kind, json.loads(json.dumps(move_to_dict(move)))) == move


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_every_proposal_is_worth_it_and_there_is_one_a_queue(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 4))
    numbers = list(range(1, count + 1))
    queues = [
        queue(
            number,
            data.draw(st.floats(0, 40)),
            waiting=data.draw(st.floats(0, 100)),
            sla_seconds=data.draw(st.sampled_from([600.0, 3600.0])),
            weight=data.draw(st.floats(0.5, 4)),
            form="box",
        )
        for number in numbers
    ]
    groups = [
        group(f"T{number}", data.draw(st.floats(1, 12)), number, skills=tuple(data.draw(st.sets(st.sampled_from(numbers)))))
        for number in numbers
    ]
    state = floor(queues, groups)
    before = project(state)
    proposals = propose(before, BERLIN, ProposalSettings())
    assert proposals == propose(project(state), BERLIN, ProposalSettings())
    assert len({one.queue_id for one in proposals}) == len(proposals)
    weights = np.array([one.weight for one in queues])
    for one in proposals:
        after = project(one.move.applied_to(state))
        gained = float(weights @ [was.late_jobs - now.late_jobs for was, now in zip(before.queues, after.queues, strict=True)])
        assert one.deadline >= NOW
        if one.kind is ProposalKind.TIME_OFF:
            assert gained >= -1e-5
            assert one.hours_saved >= 1
        else:
            assert gained > 0
            assert gained == pytest.approx(one.late_avoided, rel=1e-6, abs=1e-6)
            assert after.queue(one.queue_id).late_jobs == pytest.approx(one.effect.late_after, rel=1e-6, abs=1e-6)
