"""Edits by hand: all or none, undone exactly, and always what a check of the whole roster says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlalchemy import Engine, text

from scheduling.coverage import coverage_of
from scheduling.edits import CellEdit, EditConflictError
from scheduling.errors import BadInputError, ConflictError
from scheduling.kpis import kpis
from scheduling.result import PlanningResult
from scheduling.rules import Timing
from scheduling.scenario import Scenario
from services.drafting import roster_result, roster_scenario, save_draft
from services.editing import apply_edits, undo_edit
from services.loading import load_operation
from services.planning import violations_of
from services.publishing import publish_roster
from services.reading import RosterSummary, roster_audit, roster_summary
from tests import stored
from tests.conftest import SteppedClock

CELLS = text("SELECT associate_id, day, kind, shift_type_id, break_pattern_id, place FROM assignment WHERE roster_id = :r")


@pytest.fixture
def scenario(engine: Engine, clock: SteppedClock) -> Scenario:
    given = stored.operation(24, 2)
    load_operation(engine, given, site=stored.SITE, name="Pune 1", by="planner", clock=clock)
    return given.scenario()


def checked(scenario: Scenario, made: PlanningResult) -> PlanningResult:
    """Return a result with what the checkers really say of it."""
    found, figures = violations_of(scenario, made.plan, made.breaks), kpis(scenario, made.plan, made.breaks, made.coverage)
    return replace(made, violations=found, kpis=figures, objective_parts={}, bound=0.0)


@pytest.fixture
def draft(engine: Engine, scenario: Scenario, clock: SteppedClock) -> RosterSummary:
    made = checked(scenario, stored.result(scenario))
    return save_draft(engine, stored.SITE, scenario, made, by="planner", clock=clock)


def words(engine: Engine, roster_id: int) -> dict[tuple[str, date], str]:
    """Return what stands in each cell."""
    query = text(
        "SELECT s.code, a.day, coalesce(t.code, a.kind::text) FROM assignment a JOIN associate s ON s.id = a.associate_id "
        "LEFT JOIN shift_type t ON t.id = a.shift_type_id WHERE a.roster_id = :r"
    )
    with engine.connect() as connection:
        return {(code, day): word for code, day, word in connection.execute(query, {"r": roster_id})}


def cells(engine: Engine, roster_id: int) -> set[tuple[object, ...]]:
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(CELLS, {"r": roster_id})}


def locked(engine: Engine, roster_id: int) -> set[tuple[str, date]]:
    """Return the locked cells."""
    return {(one.associate, one.date) for one in roster_scenario(engine, roster_id).locks}


def first_cell(found: dict[tuple[str, date], str], scenario: Scenario, *, works: bool) -> tuple[str, date]:
    codes = {shift.code for shift in scenario.shift_types}
    return next(key for key, word in sorted(found.items()) if (word in codes) is works and word not in {"leave", "none"})


def edit(found: dict[tuple[str, date], str], key: tuple[str, date], value: str, lock: bool | None = None) -> CellEdit:
    return CellEdit(*key, found[key], value, lock)


def assert_agrees_with_itself(engine: Engine, roster_id: int) -> None:
    """Assert that coverage, violations and figures are those of the whole roster, counted afresh."""
    made, ground = roster_result(engine, roster_id), roster_scenario(engine, roster_id)
    fresh = coverage_of(ground, made.plan, made.breaks)
    np.testing.assert_array_equal(made.coverage.scheduled, fresh.scheduled)
    assert Counter(made.violations) == Counter(violations_of(ground, made.plan, made.breaks))
    figures = kpis(ground, made.plan, made.breaks, fresh)
    assert {name: made.kpis[name] for name in figures} == pytest.approx(figures)


def test_an_edit_changes_the_cell_and_everything_that_follows(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found = words(engine, draft.id)
    off, work = first_cell(found, scenario, works=False), first_cell(found, scenario, works=True)
    code = scenario.shift_types[1].code
    outcome = apply_edits(engine, draft.id, [edit(found, off, code), edit(found, work, "off")], by="ann", clock=clock)
    assert (outcome.version, outcome.changed) == (draft.version + 1, 2)
    after = words(engine, draft.id)
    assert {key for key in found if found[key] != after[key]} == {off, work}
    assert (after[off], after[work]) == (code, "off")
    assert_agrees_with_itself(engine, draft.id)
    assert roster_audit(engine, draft.id)[-1].action == "roster edited"


def test_what_was_broken_and_mended_is_told(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found = words(engine, draft.id)
    off = first_cell(found, scenario, works=False)
    night = next(shift.code for shift in scenario.shift_types if shift.is_night)
    broken = apply_edits(engine, draft.id, [edit(found, off, night)], by="ann", clock=clock)
    assert broken.broken
    assert {one.who for one in broken.broken} & {off[0]}
    back = apply_edits(engine, draft.id, [CellEdit(*off, night, "off")], by="ann", clock=clock)
    assert set(back.mended) == set(broken.broken)


def test_undo_and_redo_bring_back_exactly_what_was(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found, before = words(engine, draft.id), cells(engine, draft.id)
    keys = [key for key, word in sorted(found.items()) if word not in {"leave", "none"}][:12]
    code = scenario.shift_types[2].code
    done = apply_edits(engine, draft.id, [edit(found, key, code, lock=True) for key in keys], by="ann", clock=clock)
    after = cells(engine, draft.id)
    undone = undo_edit(engine, draft.id, done.version, by="ann", clock=clock)
    assert cells(engine, draft.id) == before
    assert roster_scenario(engine, draft.id).locks == ()
    assert_agrees_with_itself(engine, draft.id)
    with pytest.raises(ConflictError, match="undone already"):
        undo_edit(engine, draft.id, done.version, by="ann", clock=clock)
    undo_edit(engine, draft.id, undone.version, by="ann", clock=clock)
    assert cells(engine, draft.id) == after
    assert len(roster_scenario(engine, draft.id).locks) == 12
    assert_agrees_with_itself(engine, draft.id)


def test_who_was_slower_changes_nothing_and_is_told_who_was_faster(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found = words(engine, draft.id)
    off, work = first_cell(found, scenario, works=False), first_cell(found, scenario, works=True)
    one, two = scenario.shift_types[0].code, scenario.shift_types[1].code
    done = apply_edits(engine, draft.id, [edit(found, off, one)], by="ann", clock=clock)
    before = cells(engine, draft.id)
    with pytest.raises(EditConflictError) as refused:
        apply_edits(engine, draft.id, [edit(found, work, "off"), edit(found, off, two)], by="bob", clock=clock)
    (conflict,) = refused.value.conflicts
    assert (conflict.associate, conflict.day, conflict.found, conflict.by) == (*off, one, "ann")
    assert cells(engine, draft.id) == before
    # The same edit sent twice is no conflict, and no second edit.
    again = apply_edits(engine, draft.id, [edit(found, off, one)], by="ann", clock=clock)
    assert (again.version, again.changed) == (done.version, 0)


def test_undo_is_refused_where_somebody_went_on(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found = words(engine, draft.id)
    off = first_cell(found, scenario, works=False)
    one, two = scenario.shift_types[0].code, scenario.shift_types[1].code
    done = apply_edits(engine, draft.id, [edit(found, off, one)], by="ann", clock=clock)
    apply_edits(engine, draft.id, [CellEdit(*off, one, two)], by="bob", clock=clock)
    with pytest.raises(EditConflictError, match="bob"):
        undo_edit(engine, draft.id, done.version, by="ann", clock=clock)
    assert words(engine, draft.id)[off] == two


def test_a_locked_day_changes_only_when_the_edit_says_what_becomes_of_the_lock(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found = words(engine, draft.id)
    work = first_cell(found, scenario, works=True)
    apply_edits(engine, draft.id, [edit(found, work, found[work], lock=True)], by="ann", clock=clock)
    assert [(one.associate, one.date) for one in roster_scenario(engine, draft.id).locks] == [work]
    with pytest.raises(EditConflictError, match="locked"):
        apply_edits(engine, draft.id, [edit(found, work, "off")], by="ann", clock=clock)
    apply_edits(engine, draft.id, [edit(found, work, "off", lock=True)], by="ann", clock=clock)
    assert [one.value for one in roster_scenario(engine, draft.id).locks] == ["off"]
    assert_agrees_with_itself(engine, draft.id)
    apply_edits(engine, draft.id, [CellEdit(*work, "off", "off", lock=False)], by="ann", clock=clock)
    assert roster_scenario(engine, draft.id).locks == ()


def test_all_faults_of_an_edit_are_told_at_once(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    found, version = words(engine, draft.id), roster_summary(engine, draft.id).version
    key = first_cell(found, scenario, works=True)
    wrong = [
        CellEdit("nobody", key[1], "off", "off"),
        CellEdit(key[0], date(2030, 1, 1), "off", "off"),
        CellEdit(*key, found[key], "XX"),
        CellEdit(*key, found[key], "off"),
    ]
    with pytest.raises(BadInputError) as refused:
        apply_edits(engine, draft.id, wrong, by="ann", clock=clock)
    assert len(refused.value.faults) == 4
    with pytest.raises(BadInputError, match="no approved leave"):
        apply_edits(engine, draft.id, [edit(found, key, "leave")], by="ann", clock=clock)
    assert roster_summary(engine, draft.id).version == version


def test_a_published_roster_takes_what_breaks_no_hard_rule(
    engine: Engine, scenario: Scenario, draft: RosterSummary, clock: SteppedClock
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM violation"))
    publish_roster(engine, draft.id, draft.version, by="lead", clock=clock, reason="for the test")
    found = words(engine, draft.id)
    off = first_cell(found, scenario, works=False)
    night = next(shift.code for shift in scenario.shift_types if shift.is_night)
    before = cells(engine, draft.id)
    with pytest.raises(ConflictError, match="published roster stays"):
        apply_edits(engine, draft.id, [edit(found, off, night)], by="ann", clock=clock)
    assert cells(engine, draft.id) == before
    clock.advance(86400 * 365)
    with pytest.raises(ConflictError, match="has begun"):
        apply_edits(engine, draft.id, [edit(found, off, "off", lock=True)], by="ann", clock=clock)


def test_an_edit_of_a_published_day_is_told_and_the_floor_follows(engine: Engine, clock: SteppedClock) -> None:
    drawn = replace(stored.operation(24, 2), history=(), office=None)
    made = stored.result(drawn.scenario())
    people = tuple(replace(one, timing=None) for one in drawn.associates)
    given = replace(drawn, rules=replace(drawn.rules, timing=Timing.FREE), associates=people)
    load_operation(engine, given, site=stored.SITE, name="Pune 1", by="planner", clock=clock)
    scenario = given.scenario()
    draft = save_draft(engine, stored.SITE, scenario, checked(scenario, made), by="planner", clock=clock)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM violation"))
    publish_roster(engine, draft.id, draft.version, by="lead", clock=clock, reason="for the test")
    found, first = words(engine, draft.id), scenario.horizon.first_day
    clock.advance((scenario.horizon.start - clock.now()).total_seconds() - 3600)
    who = next(code for (code, day), word in sorted(found.items()) if (word, day) == ("M06", first))
    done = apply_edits(engine, draft.id, [CellEdit(who, first, "M06", "M07")], by="ann", clock=clock, why="a swap")
    assert done.changed == 1
    query = text(
        "SELECT t.code FROM duty d JOIN associate a ON a.id = d.associate_id JOIN shift_type t ON t.id = d.shift_type_id "
        "WHERE a.code = :who AND d.day = :day"
    )
    with engine.connect() as connection:
        assert connection.execute(query, {"who": who, "day": first}).scalar_one() == "M07"
        told = connection.execute(text("SELECT kind, parameters->>'reason' FROM notice ORDER BY id DESC LIMIT 1")).one()
    assert tuple(told) == ("shift_changed", "a swap")
