"""Repairs from the request to the roster: asked for, carried out by a worker, looked at, accepted or discarded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.times import Clock
from services import planning_runs, reading, repairs, scenarios
from services.drafting import planning_input_for
from services.overrides import Absence, ContractEnd, Growth, Overrides
from services.publishing import publish_roster
from services.reading import RosterState, RosterSummary, RunState
from services.repairs import RepairTask
from services.scenarios import ScenarioDocument
from tests.conftest import SteppedClock
from tests.web.served import NOW, Operation
from tests.working_off import work_off


@pytest.fixture
def clock() -> SteppedClock:
    """The Wednesday of the first week of the sample."""
    return SteppedClock(NOW)


@pytest.fixture
def operation(engine: Engine, clock: Clock) -> Operation:
    return Operation(engine, clock)


def ask(engine: Engine, clock: Clock, roster: RosterSummary, task: RepairTask) -> int:
    return repairs.request_repair(engine, roster.id, task, seconds=4, by="asha", clock=clock).id


def ill(operation: Operation, row: int, days: int = 3) -> Overrides:
    """Return what a repair is told of somebody who falls ill on the Monday of the second week."""
    first = operation.scenario.horizon.dates[7]
    code = operation.scenario.associates[row].code
    return Overrides(absences=(Absence(associate=code, first_day=first, last_day=first + timedelta(days=days - 1)),))


def test_illness_is_mended_in_a_draft_and_becomes_a_fact_when_accepted(
    engine: Engine, clock: Clock, operation: Operation
) -> None:
    base = operation.draft()
    overrides = ill(operation, 0)
    run_id = ask(engine, clock, base, RepairTask(overrides=overrides))
    with pytest.raises(NotFoundError, match="nothing to decide"):
        repairs.repair_of(engine, run_id)
    assert work_off(engine, clock) == run_id
    found = repairs.repair_of(engine, run_id)
    who = operation.scenario.associates[0].code
    days = {one.day: (one.before, one.after) for one in found.changes if one.associate == who}
    away = overrides.absences[0]
    for day in (away.first_day, away.last_day):
        assert days[day][1] == "leave"
    assert found.is_current
    assert found.after.objective <= found.before.objective
    assert reading.roster_summary(engine, base.id).version == 1, "nothing is changed before it is accepted"
    done = repairs.accept(engine, run_id, by="asha", clock=clock)
    assert (done.id, done.version, done.state) == (base.id, 2, RosterState.DRAFT)
    grid = reading.roster_grid(engine, base.id)
    row = [one.code for one in grid.associates].index(who)
    assert grid.plan.values[row, 7] == -2
    planned = planning_input_for(engine, base.site, base.first_day, base.weeks)
    assert any(one.associate == who and one.first_day == away.first_day for one in planned.leave)
    assert reading.run_view(engine, run_id).roster_id == base.id
    assert [one.id for one in reading.list_rosters(engine)] == [base.id], "no second draft stays behind"
    assert "repair accepted" in [one.action for one in reading.roster_audit(engine, base.id)]


def test_repair_of_a_published_roster_is_a_draft_to_publish(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.published()
    gone = ContractEnd(associate=operation.scenario.associates[3].code, last_day=operation.scenario.horizon.dates[9])
    run_id = ask(engine, clock, base, RepairTask(notice_days=2, overrides=Overrides(contract_ends=(gone,))))
    work_off(engine, clock)
    found = repairs.repair_of(engine, run_id)
    frozen = {one.day for one in found.changes if one.day < clock.now().date() + timedelta(days=2)}
    assert not frozen, "nothing changes within the notice"
    draft = repairs.accept(engine, run_id, by="asha", clock=clock)
    assert (draft.state, draft.id != base.id) == (RosterState.DRAFT, True)
    assert "Accepted by asha" in reading.run_view(engine, run_id).message
    with engine.connect() as connection:
        last = connection.execute(
            text("SELECT max(last_day) FROM contract JOIN associate a ON a.id = associate_id WHERE a.code = :code"),
            {"code": gone.associate},
        ).scalar_one()
    assert last == gone.last_day
    if not draft.blocking_count:
        publish_roster(engine, draft.id, draft.version, by="asha", clock=clock, reason="somebody resigned")
        with pytest.raises(ConflictError, match="published"):
            repairs.discard(engine, run_id, by="asha", clock=clock)


def test_discarded_repair_leaves_nothing_but_its_run(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    run_id = ask(engine, clock, base, RepairTask(overrides=ill(operation, 1)))
    work_off(engine, clock)
    assert repairs.discard(engine, run_id, by="ben", clock=clock) == base.id
    run = reading.run_view(engine, run_id)
    assert (run.state, run.message, run.roster_id) == (RunState.FAILED, "Discarded by ben.", None)
    assert [one.id for one in reading.list_rosters(engine)] == [base.id]
    with pytest.raises(NotFoundError, match="Discarded by ben"):
        repairs.accept(engine, run_id, by="ben", clock=clock)


def test_what_begins_with_a_repair_goes_on_from_the_roster_that_it_mends(
    engine: Engine, clock: Clock, operation: Operation
) -> None:  # fmt: skip
    base = operation.draft()
    run = ask(engine, clock, base, RepairTask(overrides=ill(operation, 1)))
    work_off(engine, clock)
    draft = reading.run_view(engine, run).roster_id
    assert draft is not None
    copy = scenarios.create(engine, draft, "As it would be", ScenarioDocument(), by="asha", clock=clock)
    answer = scenarios.request_solution(engine, copy, seconds=2, seed=1, by="asha", clock=clock).id
    begun = planning_runs.request_run(
        engine, base.site, base.first_day, base.weeks, seed=1, seconds=5, by="asha", clock=clock, begins_with=draft
    ).id  # fmt: skip
    with pytest.raises(ConflictError, match=r"Scenarios copy this repair \(As it would be\)"):
        repairs.discard(engine, run, by="asha", clock=clock)
    after = repairs.accept(engine, run, by="asha", clock=clock)
    assert (after.id, after.version) == (base.id, base.version + 1)
    for number in (answer, begun):
        found = reading.run_view(engine, number)
        assert (found.base_roster_id, found.base_version) == (base.id, after.version)
    assert scenarios.scenario_view(engine, copy).base.id == base.id


def test_only_the_selection_changes(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    chosen = tuple(one.code for one in operation.scenario.associates[4:7])
    dates = operation.scenario.horizon.dates
    growth = tuple(Growth(queue=name, volume=3.0) for name in reading.queue_names(engine, base.site))
    task = RepairTask(
        associates=chosen, first_day=dates[7], last_day=dates[13], changed_day_cost=0.0, overrides=Overrides(growth=growth)
    )
    run_id = ask(engine, clock, base, task)
    work_off(engine, clock)
    found = repairs.repair_of(engine, run_id)
    assert {one.associate for one in found.changes} <= set(chosen)
    assert all(dates[7] <= one.day <= dates[13] for one in found.changes)
    before, after = (reading.roster_coverage(engine, number).coverage.required for number in (base.id, found.draft.id))
    assert after == pytest.approx(3 * before)


def test_a_roster_that_was_changed_meanwhile_is_not_overwritten(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    run_id = ask(engine, clock, base, RepairTask())
    with pytest.raises(ConflictError, match="being repaired already"):
        ask(engine, clock, base, RepairTask())
    work_off(engine, clock)
    with engine.begin() as connection:
        connection.execute(text("UPDATE roster SET version = version + 1 WHERE id = :id"), {"id": base.id})
    assert not repairs.repair_of(engine, run_id).is_current
    with pytest.raises(ConflictError, match="changed by somebody else"):
        repairs.accept(engine, run_id, by="asha", clock=clock)
    late = ask(engine, clock, reading.roster_summary(engine, base.id), RepairTask())
    with engine.begin() as connection:
        connection.execute(text("UPDATE roster SET version = version + 1 WHERE id = :id"), {"id": base.id})
    work_off(engine, clock)
    assert "changed by somebody else" in reading.run_view(engine, late).message


def test_faults_of_a_request_come_all_at_once(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    overrides = Overrides(
        absences=(Absence(associate="NOBODY", first_day=base.first_day, last_day=base.first_day),),
        growth=(Growth(queue="nothing"),),
    )
    outside = base.last_day + timedelta(days=5)
    with pytest.raises(BadInputError) as caught:
        ask(engine, clock, base, RepairTask(associates=("WHO",), first_day=outside, overrides=overrides))
    assert [fault.column for fault in caught.value.faults] == ["associates", "associates", "queue", "days"]


@pytest.mark.parametrize("is_published", [False, True])
def test_of_two_planners_who_accept_at_once_one_is_told_that_it_is_done(
    engine: Engine, clock: Clock, operation: Operation, is_published: bool
) -> None:
    base = operation.published() if is_published else operation.draft()
    run_id = ask(engine, clock, base, RepairTask(overrides=ill(operation, 0)))
    work_off(engine, clock)
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(repairs.accept, engine, run_id, by=name, clock=clock) for name in ("asha", "ben")]
        errors = [one.exception() for one in tries]
    assert errors.count(None) == 1
    assert isinstance(next(one for one in errors if one is not None), (ConflictError, NotFoundError))
    accepted = [one for one in reading.roster_audit(engine, base.id) if one.action == "repair accepted"]
    assert len(accepted) == 1
