"""Scenarios: made over a roster, solved by a worker, compared; the operation stays as it is."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.times import Clock
from services import reading, scenarios
from services.overrides import ContractEnd, Growth, Hiring, Overrides
from services.reading import RunKind
from services.scenarios import ScenarioDocument, changes_between
from storage.tables import associate, contract, leave, queue, roster
from tests.conftest import SteppedClock
from tests.web.served import NOW, Operation
from tests.working_off import work_off


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def operation(engine: Engine, clock: Clock) -> Operation:
    return Operation(engine, clock)


def solved(engine: Engine, clock: Clock, number: int) -> scenarios.ScenarioView:
    scenarios.request_solution(engine, number, seconds=3, seed=1, by="asha", clock=clock)
    work_off(engine, clock, RunKind.SCENARIO)
    return scenarios.scenario_view(engine, number)


def facts(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        tables = (associate, contract, leave, roster, queue)
        return [tuple(connection.execute(select(func.count(), func.max(table.c.id))).one()) for table in tables]


def test_people_and_volumes_of_a_scenario_touch_nothing(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    before = facts(engine)
    people = operation.scenario.associates
    overrides = Overrides(
        hired=(Hiring(like=people[0].code, count=2),),
        removed=(people[5].code,),
        contract_ends=(ContractEnd(associate=people[6].code, last_day=operation.scenario.horizon.dates[6]),),
        growth=tuple(Growth(queue=name, volume=1.5, handling=2.0) for name in reading.queue_names(engine, base.site)),
        rules={"max_consecutive_days": 5},
    )
    number = scenarios.create(engine, base.id, "Growth", ScenarioDocument(overrides=overrides), by="asha", clock=clock)
    view = solved(engine, clock, number)
    assert view.outcome is not None
    lines = view.outcome.lines
    assert people[5].code not in lines
    assert {"NEW1-001", "NEW1-002"} <= set(lines)
    assert any(word not in {"off", "none", "leave"} for word in lines["NEW1-001"]), "who is new works"
    assert set(lines[people[6].code][7:]) == {"none"}
    base_outcome = scenarios.outcome_of_roster(engine, base.id)
    assert view.outcome.kpis["required_hours"] == pytest.approx(
        3 * reading.roster_coverage(engine, base.id).coverage.required.sum() / 4, rel=0.01
    )
    changed = {one.associate for one in changes_between(base_outcome, view.outcome)}
    assert {"NEW1-001", people[5].code, people[6].code} <= changed
    assert facts(engine) == before
    assert reading.active_run(engine, base.site) is None


def test_a_scenario_may_be_built_anew(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    number = scenarios.create(engine, base.id, "Anew", ScenarioDocument(method="anew"), by="asha", clock=clock)
    view = solved(engine, clock, number)
    assert view.outcome is not None
    assert view.outcome.objective == pytest.approx(120.5), "as the planner of the test has it"
    with pytest.raises(NotFoundError):
        scenarios.scenario_view(engine, 999)


def test_one_run_at_a_time_and_none_when_removed(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    number = scenarios.create(engine, base.id, "Once", ScenarioDocument(), by="asha", clock=clock)
    run = scenarios.request_solution(engine, number, seconds=3, seed=1, by="asha", clock=clock)
    assert scenarios.scenario_view(engine, number).active_run == run.id
    with pytest.raises(ConflictError, match="being solved already"):
        scenarios.request_solution(engine, number, seconds=3, seed=1, by="asha", clock=clock)
    with pytest.raises(ConflictError, match="stop that first"):
        scenarios.remove(engine, number, by="asha", clock=clock)
    assert [one.id for one in scenarios.list_scenarios(engine)] == [number]


def test_what_is_not_known_is_refused_at_once(engine: Engine, clock: Clock, operation: Operation) -> None:
    base = operation.draft()
    wrong = Overrides(removed=("NOBODY",), growth=(Growth(queue="nothing"),))
    with pytest.raises(BadInputError) as caught:
        scenarios.create(engine, base.id, "Wrong", ScenarioDocument(overrides=wrong), by="asha", clock=clock)
    assert [fault.column for fault in caught.value.faults] == ["associates", "queue"]
    with pytest.raises(ValidationError, match="no rule setting"):
        Overrides(rules={"max_coffee": 3})
    with pytest.raises(ValidationError):
        Growth(queue="x", volume=-1)
