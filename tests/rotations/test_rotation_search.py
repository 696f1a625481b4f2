"""Searches for rotations as planning runs: followed, stopped with the best so far, gone on from, and never half stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from roster.rotation.check import check_rotations
from scheduling.errors import BadInputError, ConflictError
from scheduling.ports import Progress
from scheduling.rules import Timing
from services import planning_runs, reading, rotation_design, rotation_search
from services.loading import load_operation
from services.planning_runs import RunLostError
from services.reading import RunKind, RunState, RunView
from services.rotation_design import RotationRequest, ShiftNeed
from tests.conftest import SteppedClock
from tests.rotations.searched import design_rotation, found_by, work_off
from tests.stored import SITE, operation
from worker import LANES


@pytest.fixture
def asked(engine: Engine, clock: SteppedClock) -> RotationRequest:
    """A question whose first rotation does not have the most free weekends, at a site where timings are free."""
    given = operation(20, 2)
    given = replace(given, rules=replace(given.rules, timing=Timing.FREE))
    load_operation(engine, given, site=SITE, name="Pune 1", by="planner", clock=clock)
    code = next(one.code for one in given.shift_types if not one.is_night)
    return RotationRequest("Mornings", None, 17, (ShiftNeed(code, (10,) * 7, (1, 6)),), work=(3, 6), off=(2, 4))


def requested(engine: Engine, clock: SteppedClock, asked: RotationRequest) -> RunView:
    return rotation_search.request_search(engine, SITE, asked, by="asha", clock=clock)


def test_a_run_of_its_own_kind_ends_with_the_rotation(engine: Engine, clock: SteppedClock, asked: RotationRequest) -> None:
    run = requested(engine, clock, asked)
    assert (run.kind, run.state, run.first_day, run.weeks) == (RunKind.ROTATION, RunState.QUEUED, None, None)
    with pytest.raises(ConflictError, match="no days"):
        _ = run.days
    assert work_off(engine, clock) == run.id
    done = reading.run_view(engine, run.id)
    found = rotation_design.rotation_view(engine, found_by(engine, run.id))
    assert (done.state, done.roster_id, done.objective) == (RunState.DONE, None, found.free_weekends)
    assert (done.bound, done.gap) == (found.free_weekends, 0.0)
    assert (found.name, found.created_by, found.seed) == ("Mornings", "asha", 1)
    assert check_rotations(found.problem, found.rotations) == []


def test_a_roster_that_is_being_built_does_not_stand_in_its_way(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    first_day = operation(20, 2).horizon.first_day
    planning_runs.request_run(engine, SITE, first_day, 1, seed=1, seconds=5, by="asha", clock=clock)
    assert work_off(engine, clock) is None
    assert design_rotation(engine, SITE, asked, clock=clock) > 0
    lanes = [kind for kinds in LANES.values() for kind in kinds]
    assert sorted(lanes) == sorted(RunKind), "each kind of run has one lane"


def test_stopped_it_keeps_the_rotation_so_far_and_can_be_gone_on_from(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    run = requested(engine, clock, asked)
    claimed = planning_runs.claim_run(engine, "w1", clock, (RunKind.ROTATION,))
    assert claimed is not None
    told: list[Progress] = []
    stopped = rotation_search.search(engine, claimed, told.append, lambda: told[-1].phase == "looking for more free weekends")
    rotation_search.finish_search(engine, claimed, "w1", stopped, clock)
    first = rotation_design.rotation_view(engine, found_by(engine, run.id))
    assert (first.state, first.is_proven) == ("feasible", False)
    assert check_rotations(first.problem, first.rotations) == []

    more = rotation_search.request_more(engine, first.id, seconds=10, by="asha", clock=clock)
    assert more.task["start"] == first.id
    work_off(engine, clock)
    better = rotation_design.rotation_view(engine, found_by(engine, more.id))
    assert better.is_proven
    assert better.free_weekends > first.free_weekends
    kept = rotation_design.rotation_view(engine, first.id)
    assert [rows.tolist() for rows in kept.rotations] == [rows.tolist() for rows in first.rotations]
    with pytest.raises(ConflictError, match="nothing more to look for"):
        rotation_search.request_more(engine, better.id, seconds=10, by="asha", clock=clock)


def test_stopped_before_there_is_one_the_same_question_can_be_asked_again(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    run = requested(engine, clock, asked)
    claimed = planning_runs.claim_run(engine, "w1", clock, (RunKind.ROTATION,))
    assert claimed is not None
    nothing = rotation_search.search(engine, claimed, lambda _: None, lambda: True)
    rotation_search.finish_search(engine, claimed, "w1", nothing, clock)
    unknown = rotation_design.rotation_view(engine, found_by(engine, run.id))
    assert (unknown.state, unknown.rotations) == ("unknown", ())
    ended = reading.run_view(engine, run.id)
    assert (ended.objective, ended.message) == (None, "It ended before an answer was there.")
    again = rotation_search.request_more(engine, unknown.id, seconds=10, by="asha", clock=clock)
    work_off(engine, clock)
    assert rotation_design.rotation_view(engine, found_by(engine, again.id)).state == "feasible"


def test_the_same_question_once_more_asks_for_no_more_than_before(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    requested(engine, clock, replace(asked, most_free_weekends=False))
    claimed = planning_runs.claim_run(engine, "w1", clock, (RunKind.ROTATION,))
    assert claimed is not None
    nothing = rotation_search.search(engine, claimed, lambda _: None, lambda: True)
    rotation_search.finish_search(engine, claimed, "w1", nothing, clock)
    again = rotation_search.request_more(engine, found_by(engine, claimed.id), seconds=10, by="asha", clock=clock)
    assert again.task["most_free_weekends"] is False
    work_off(engine, clock)
    first = rotation_design.rotation_view(engine, found_by(engine, again.id))
    more = rotation_search.request_more(engine, first.id, seconds=10, by="asha", clock=clock)
    assert more.task["most_free_weekends"] is True, "who goes on from a rotation wants more than it has"


def test_searches_that_wait_can_be_followed_and_are_few(engine: Engine, clock: SteppedClock, asked: RotationRequest) -> None:
    waiting = [requested(engine, clock, asked).id for _ in range(rotation_search.MOST_ACTIVE)]
    assert [run.id for run in rotation_search.active_searches(engine, SITE)] == waiting
    with pytest.raises(ConflictError, match="wait for one, or stop one"):
        requested(engine, clock, asked)
    planning_runs.request_stop(engine, waiting[0], by="asha", clock=clock)
    requested(engine, clock, asked)
    for seconds in (0, 100_000):
        with pytest.raises(BadInputError, match="Choose 1 to 600 seconds"):
            requested(engine, clock, replace(asked, seconds=seconds))


def test_a_first_rotation_does_not_claim_to_have_the_most_free_weekends(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    number = design_rotation(engine, SITE, replace(asked, most_free_weekends=False), clock=clock)
    assert not rotation_design.rotation_view(engine, number).is_proven


def test_why_there_is_none_is_told_with_progress_and_can_be_stopped(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    impossible = replace(asked, weeks=8)
    run = requested(engine, clock, impossible)
    told: list[Progress] = []
    found = rotation_search.search(engine, run, told.append, lambda: told[-1].phase == "looking for what clashes")
    assert told[-1].phase == "looking for what clashes"
    assert found.result.status == "infeasible"
    assert found.explanation["relaxations"] == [], "whoever stops it wants no more changes tried"


def test_rules_that_are_too_loose_are_refused_before_anything_is_queued(
    engine: Engine, clock: SteppedClock, asked: RotationRequest
) -> None:  # fmt: skip
    shifts = rotation_design.rotation_site(engine, SITE).shift_types
    loose = replace(asked, needs=tuple(ShiftNeed(one.code, (1,) * 7, (1, 5)) for one in shifts), work=(1, 6))
    with pytest.raises(BadInputError, match="too many different runs of work"):
        requested(engine, clock, loose)
    assert reading.list_runs(engine, SITE) == ()


def test_a_worker_that_lost_the_run_stores_nothing(engine: Engine, clock: SteppedClock, asked: RotationRequest) -> None:
    requested(engine, clock, asked)
    claimed = planning_runs.claim_run(engine, "w1", clock, (RunKind.ROTATION,))
    assert claimed is not None
    found = rotation_search.search(engine, claimed, lambda _: None, lambda: False)
    with pytest.raises(RunLostError):
        rotation_search.finish_search(engine, claimed, "somebody else", found, clock)
    assert rotation_design.list_rotations(engine, SITE) == ()
