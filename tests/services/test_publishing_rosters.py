from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from scheduling.errors import ConflictError, NotFoundError
from scheduling.plan import NOWHERE, OFF, RosterPlan
from scheduling.planning_input import PlanningInput
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services.copying import copy_to_draft
from services.drafting import roster_result, roster_scenario, save_draft
from services.loading import load_operation
from services.publishing import Days, PublishRefusedError, days_left, difference, publications_of, publish_roster
from services.reading import (
    RosterState,
    RosterSummary,
    list_rosters,
    roster_audit,
    roster_clashes,
    roster_coverage,
    roster_grid,
    roster_summary,
    roster_violations,
)
from tests.conftest import SteppedClock
from tests.stored import SITE, operation, result


@pytest.fixture
def loaded(engine: Engine, clock: Clock) -> PlanningInput:
    first = operation(20, weeks=2)
    load_operation(engine, first, site=SITE, name="Pune 1", by="planner", clock=clock)
    return first


@pytest.fixture
def scenario(loaded: PlanningInput) -> Scenario:
    return loaded.scenario()


def draft(engine: Engine, scenario: Scenario, made: PlanningResult, clock: Clock) -> RosterSummary:
    return save_draft(engine, SITE, scenario, made, by="planner", clock=clock, parameters={"seconds": 5})


def test_draft_comes_back_as_it_was_saved(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    made = result(scenario, blocking=2, reasons=1)
    head = draft(engine, scenario, made, clock)
    assert (head.state, head.version, head.created_at, head.created_by) == (RosterState.DRAFT, 1, clock.now(), "planner")
    assert (head.blocking_count, head.reason_count, head.gap) == (2, 1, made.gap)
    grid = roster_grid(engine, head.id)
    np.testing.assert_array_equal(grid.plan.values, made.plan.values)
    np.testing.assert_array_equal(grid.plan.places, made.plan.places)
    assert grid.plan.values.dtype == made.plan.values.dtype
    assert (grid.associates, grid.shift_types, grid.horizon) == (scenario.associates, scenario.shift_types, scenario.horizon)
    for row, day in np.argwhere(made.breaks.assigned >= 0):
        kept, given = grid.breaks.assigned[row, day], made.breaks.assigned[row, day]
        assert grid.breaks.patterns[kept] == made.breaks.patterns[given]
    assert ((grid.breaks.assigned < 0) == (made.breaks.assigned < 0)).all()
    assert (made.breaks.carried >= 0).any()
    assert [grid.breaks.patterns[i] for i in grid.breaks.carried if i >= 0] == [made.breaks.patterns[0]] * int(
        (made.breaks.carried >= 0).sum()
    )
    shown = roster_coverage(engine, head.id)
    np.testing.assert_array_equal(shown.coverage.scheduled, made.coverage.scheduled)
    np.testing.assert_array_equal(shown.coverage.required, made.coverage.required)
    assert shown.skills == scenario.requirement.skills
    assert roster_violations(engine, head.id) == made.violations
    assert roster_clashes(engine, head.id) == made.clashes


def test_roster_gives_result_and_scenario_for_check_and_export(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    made = result(scenario, reasons=1)
    head = draft(engine, scenario, made, clock)
    again = roster_result(engine, head.id)
    assert (again.objective, again.bound, again.seed, again.status) == (made.objective, made.bound, made.seed, made.status)
    assert (again.kpis, again.versions, again.violations) == (made.kpis, made.versions, made.violations)
    other = roster_scenario(engine, head.id)
    for name in ("horizon", "associates", "shift_types", "break_policy", "rules", "office", "history"):
        assert getattr(other, name) == getattr(scenario, name), name
    np.testing.assert_array_equal(other.requirement.heads, scenario.requirement.heads)


def test_break_patterns_are_shared_by_rosters(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    counts = []
    for _ in range(2):
        draft(engine, scenario, result(scenario), clock)
        with engine.connect() as connection:
            counts.append(connection.execute(text("SELECT count(*) FROM break_pattern")).scalar_one())
    assert counts == [16, 16]


def test_published_roster_is_in_force_on_each_of_its_days(engine: Engine, scenario: Scenario, clock: SteppedClock) -> None:
    head = draft(engine, scenario, result(scenario), clock)
    clock.advance(3600)
    published = publish_roster(engine, head.id, head.version, by="lead", clock=clock)
    assert (published.state, published.version) == (RosterState.PUBLISHED, 2)
    assert (published.published_by, published.published_at) == ("lead", clock.now())
    with engine.connect() as connection:
        days = connection.execute(text("SELECT day, roster_id FROM published_day ORDER BY day")).all()
    assert [tuple(row) for row in days] == [(day, head.id) for day in scenario.horizon.dates]
    assert [(entry.actor, entry.action) for entry in roster_audit(engine, head.id)] == [
        ("planner", "draft saved"),
        ("lead", "roster published"),
    ]


def test_rules_that_block_publishing_block_it(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    head = draft(engine, scenario, result(scenario, blocking=2), clock)
    with pytest.raises(PublishRefusedError, match="2 times"):
        publish_roster(engine, head.id, head.version, by="lead", clock=clock, reason="we must")
    assert roster_summary(engine, head.id) == head


def test_rules_that_need_a_reason_need_one(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    head = draft(engine, scenario, result(scenario, reasons=3), clock)
    with pytest.raises(PublishRefusedError, match="need a reason"):
        publish_roster(engine, head.id, head.version, by="lead", clock=clock, reason="  ")
    publish_roster(engine, head.id, head.version, by="lead", clock=clock, reason="festival week")
    assert roster_audit(engine, head.id)[-1].detail["reason"] == "festival week"


def test_old_version_and_second_publishing_are_refused(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    head = draft(engine, scenario, result(scenario), clock)
    with pytest.raises(ConflictError, match="changed by somebody else"):
        publish_roster(engine, head.id, head.version + 1, by="lead", clock=clock)
    published = publish_roster(engine, head.id, head.version, by="lead", clock=clock)
    with pytest.raises(ConflictError, match="changed by somebody else"):
        publish_roster(engine, head.id, head.version, by="lead", clock=clock)
    with pytest.raises(PublishRefusedError, match="only a draft"):
        publish_roster(engine, head.id, published.version, by="lead", clock=clock)
    with pytest.raises(NotFoundError, match="no roster 9999"):
        publish_roster(engine, 9999, 1, by="lead", clock=clock)


def test_of_two_who_publish_at_once_one_wins(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    head = draft(engine, scenario, result(scenario), clock)
    start = Barrier(2)

    def attempt(name: str) -> str:
        start.wait()
        try:
            publish_roster(engine, head.id, head.version, by=name, clock=clock)
        except ConflictError:
            return "refused"
        return "published"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ["ann", "bob"])) == ["published", "refused"]
    assert [entry.action for entry in roster_audit(engine, head.id)].count("roster published") == 1
    assert roster_summary(engine, head.id).version == 2


def test_new_roster_takes_over_its_days_and_supersedes_what_has_none_left(
    engine: Engine, loaded: PlanningInput, scenario: Scenario, clock: Clock
) -> None:
    first = draft(engine, scenario, result(scenario), clock)
    publish_roster(engine, first.id, first.version, by="lead", clock=clock)
    later = replace(scenario, horizon=replace(scenario.horizon, first_day=scenario.horizon.dates[7]), history=())
    second = draft(engine, later, result(later, shift=1), clock)
    publish_roster(engine, second.id, second.version, by="lead", clock=clock)
    assert roster_summary(engine, first.id).state is RosterState.PUBLISHED
    third = draft(engine, scenario, result(scenario), clock)
    publish_roster(engine, third.id, third.version, by="lead", clock=clock)
    states = {one.id: one.state for one in list_rosters(engine, SITE)}
    assert states == {first.id: RosterState.SUPERSEDED, second.id: RosterState.PUBLISHED, third.id: RosterState.PUBLISHED}
    assert roster_audit(engine, first.id)[-1].detail == {"by_roster": third.id}


def test_difference_names_exactly_the_days_that_change(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    made = result(scenario)
    first = draft(engine, scenario, made, clock)
    fresh = difference(engine, first.id, clock=clock)
    assert (fresh.changes, fresh.new_days, fresh.replaced) == ((), scenario.horizon.dates, ())
    publish_roster(engine, first.id, first.version, by="lead", clock=clock)
    row, day = (int(index) for index in np.argwhere(made.plan.values >= 0)[0])
    values, places, assigned = made.plan.values.copy(), made.plan.places.copy(), made.breaks.assigned.copy()
    values[row, day], places[row, day], assigned[row, day] = OFF, NOWHERE, -1
    other_row, other_day = (int(index) for index in np.argwhere(made.plan.values >= 0)[-1])
    assigned[other_row, other_day] = (assigned[other_row, other_day] + 1) % 16
    changed = replace(made, plan=RosterPlan(values, places), breaks=replace(made.breaks, assigned=assigned))
    second = draft(engine, scenario, changed, clock)
    found = difference(engine, second.id, clock=clock)
    assert [(one.associate, one.day, one.after, one.breaks_only) for one in found.changes] == [
        (scenario.associates[row].code, scenario.horizon.dates[day], "off", False),
        (
            scenario.associates[other_row].code,
            scenario.horizon.dates[other_day],
            scenario.shift_types[made.plan.values[other_row, other_day]].code,
            True,
        ),
    ]
    assert found.changes[0].before == scenario.shift_types[made.plan.values[row, day]].code
    assert [one.id for one in found.replaced] == [first.id]
    assert (found.new_days, found.associates_changed) == ((), 2)


def in_force(engine: Engine) -> dict[date, int]:
    with engine.connect() as connection:
        return {row.day: row.roster_id for row in connection.execute(text("SELECT day, roster_id FROM published_day"))}


def test_days_are_published_bit_by_bit_and_the_others_stay(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    dates = scenario.horizon.dates
    first = draft(engine, scenario, result(scenario), clock)
    week = Days(dates[0], dates[6])
    head = publish_roster(engine, first.id, first.version, by="lead", clock=clock, days=week)
    assert in_force(engine) == dict.fromkeys(dates[:7], first.id)
    assert days_left(engine, first.id) == dates[7:]
    # What is in force already is not published again, and no day outside of the roster is.
    with pytest.raises(PublishRefusedError, match="only a draft can be published, or days"):
        publish_roster(engine, first.id, head.version, by="lead", clock=clock, days=week)
    with pytest.raises(PublishRefusedError, match="cannot be published of it"):
        publish_roster(engine, first.id, head.version, by="lead", clock=clock, days=Days(dates[7], dates[-1] + timedelta(days=1)))
    head = publish_roster(engine, first.id, head.version, by="lead", clock=clock, days=Days(dates[7], dates[-1]))
    assert in_force(engine) == dict.fromkeys(dates, first.id)
    # Two days of another draft: nothing else changes, in the history as little as in force.
    second = draft(engine, scenario, result(scenario, shift=1), clock)
    two = Days(dates[3], dates[4])
    found = difference(engine, second.id, two, clock=clock)
    assert {one.day for one in found.changes} == {dates[3], dates[4]}
    publish_roster(engine, second.id, second.version, by="lead", clock=clock, days=two)
    assert in_force(engine) == {day: second.id if day in {dates[3], dates[4]} else first.id for day in dates}
    assert roster_summary(engine, first.id).state is RosterState.PUBLISHED
    with engine.connect() as connection:
        assert set(connection.execute(text("SELECT DISTINCT day FROM day_change")).scalars()) == {dates[3], dates[4]}
    assert [(one.days.first, one.days.last) for one in publications_of(engine, first.id)] == [
        (dates[0], dates[6]),
        (dates[7], dates[-1]),
    ]


def test_short_notice_needs_a_reason_that_people_read(engine: Engine, scenario: Scenario, clock: SteppedClock) -> None:
    head = draft(engine, scenario, result(scenario), clock)
    clock.advance(30 * 24 * 3600.0)
    found = difference(engine, head.id, clock=clock)
    assert (found.notice_days, found.notice_asked, found.is_late, found.needs_reason) == (4, 14, True, True)
    with pytest.raises(PublishRefusedError, match="is in 4 days, and the site gives 14 days of notice"):
        publish_roster(engine, head.id, head.version, by="lead", clock=clock, reason=" ")
    # Later days of the same roster keep the notice and need none.
    late = Days(scenario.horizon.dates[10], scenario.horizon.dates[-1])
    assert not difference(engine, head.id, late, clock=clock).is_late
    publish_roster(engine, head.id, head.version, by="lead", clock=clock, reason="a flood")
    assert roster_audit(engine, head.id)[-1].detail["notice_days"] == 4
    with engine.connect() as connection:
        told = connection.execute(text("SELECT kind, parameters ->> 'reason' FROM notice")).all()
    assert {tuple(row) for row in told} == {("roster_published_late", "a flood")}
    with engine.connect() as connection, pytest.raises(IntegrityError, match="ck_publication_notice"):
        connection.execute(text("UPDATE publication SET reason = ' '"))


def test_difference_names_the_shifts_of_people_who_are_gone(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    first = draft(engine, scenario, result(scenario), clock)
    publish_roster(engine, first.id, first.version, by="lead", clock=clock)
    gone = scenario.associates[0].code
    fewer = replace(scenario, associates=scenario.associates[1:], leave=(), requests=(), history=())
    kept = result(scenario)
    cut = replace(
        kept,
        plan=RosterPlan(kept.plan.values[1:], kept.plan.places[1:]),
        breaks=replace(kept.breaks, assigned=kept.breaks.assigned[1:], carried=np.full(19, -1, dtype=np.int32)),
    )
    second = draft(engine, fewer, cut, clock)
    found = difference(engine, second.id, clock=clock).changes
    assert {one.associate for one in found} == {gone}
    assert len(found) == int((kept.plan.values[0] >= 0).sum())
    assert {one.after for one in found} == {"none"}


def test_draft_that_cannot_be_stored_leaves_nothing(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    made = result(scenario)
    row, day = np.argwhere(made.plan.values >= 0)[0]
    nowhere = made.plan.places.copy()
    nowhere[row, day] = NOWHERE
    with pytest.raises(ConflictError, match="needs a shift type, a place"):
        draft(engine, scenario, replace(made, plan=RosterPlan(made.plan.values, nowhere)), clock)
    with pytest.raises(ConflictError, match="bound of a roster lies above"):
        draft(engine, scenario, replace(made, bound=made.objective + 1), clock)
    too_short = tuple(pattern[:-1] for pattern in made.breaks.patterns)
    with pytest.raises(ConflictError, match="408 to 420"):
        draft(engine, scenario, replace(made, breaks=replace(made.breaks, patterns=too_short)), clock)
    with engine.connect() as connection:
        for table in ("roster", "assignment", "coverage", "break_pattern", "violation", "roster_associate"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608
    assert list_rosters(engine) == ()


def test_result_of_an_operation_that_was_changed_is_refused(
    engine: Engine, loaded: PlanningInput, scenario: Scenario, clock: Clock
) -> None:
    moved = tuple(replace(one, span_minutes=545) if i == 0 else one for i, one in enumerate(loaded.shift_types))
    load_operation(engine, replace(loaded, shift_types=moved), site=SITE, name="Pune 1", by="planner", clock=clock)
    with pytest.raises(ConflictError, match="shift types of the site were changed"):
        draft(engine, scenario, result(scenario), clock)
    unknown = replace(scenario, associates=(replace(scenario.associates[0], code="X9"), *scenario.associates[1:]), history=())
    with pytest.raises(ConflictError, match="no longer has associate 'X9'"):
        draft(engine, unknown, result(scenario), clock)


def test_old_roster_keeps_its_shift_times_when_a_shift_type_moves(
    engine: Engine, loaded: PlanningInput, scenario: Scenario, clock: Clock
) -> None:
    head = draft(engine, scenario, result(scenario), clock)
    later = (loaded.shift_types[0].start_minute // 60 + 1) % 24
    moved = tuple(
        replace(one, start=one.start.replace(hour=later)) if i == 0 else one for i, one in enumerate(loaded.shift_types)
    )
    load_operation(engine, replace(loaded, shift_types=moved), site=SITE, name="Pune 1", by="planner", clock=clock)
    assert roster_grid(engine, head.id).shift_types == scenario.shift_types


def test_rosters_are_listed_newest_first(engine: Engine, scenario: Scenario, clock: SteppedClock) -> None:
    ids = []
    for _ in range(3):
        ids.append(draft(engine, scenario, result(scenario), clock).id)
        clock.advance(60)
    assert [one.id for one in list_rosters(engine, SITE)] == ids[::-1]
    assert [one.id for one in list_rosters(engine, SITE, limit=1)] == ids[-1:]
    assert list_rosters(engine, "other") == ()
    assert roster_summary(engine, ids[0]).last_day == scenario.horizon.first_day + timedelta(days=13)


def test_a_copy_is_a_draft_that_is_the_same_to_the_last_break(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    head = draft(engine, scenario, result(scenario, reasons=2), clock)
    published = publish_roster(engine, head.id, head.version, by="lead", clock=clock, reason="festival week")
    copied = copy_to_draft(engine, head.id, by="ann", clock=clock)
    assert (copied.state, copied.version, copied.created_by, copied.published_at) == (RosterState.DRAFT, 1, "ann", None)
    same = {"first_day", "weeks", "objective", "bound", "gap", "seed", "kpis", "blocking_count", "reason_count", "parameters"}
    assert {name: getattr(copied, name) for name in same} == {name: getattr(published, name) for name in same}
    old, new = roster_result(engine, head.id), roster_result(engine, copied.id)
    np.testing.assert_array_equal(old.plan.values, new.plan.values)
    np.testing.assert_array_equal(old.plan.places, new.plan.places)
    np.testing.assert_array_equal(old.breaks.assigned, new.breaks.assigned)
    np.testing.assert_array_equal(old.breaks.carried, new.breaks.carried)
    np.testing.assert_array_equal(old.coverage.scheduled, new.coverage.scheduled)
    assert (old.breaks.patterns, old.violations, old.clashes) == (new.breaks.patterns, new.violations, new.clashes)
    assert difference(engine, copied.id, clock=clock).changes == ()
    with pytest.raises(NotFoundError):
        copy_to_draft(engine, 9999, by="ann", clock=clock)


def test_a_copy_waits_for_an_edit_that_is_being_made(engine: Engine, scenario: Scenario, clock: Clock) -> None:
    head = draft(engine, scenario, result(scenario), clock)
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            connection.execute(text("UPDATE roster SET version = version + 1 WHERE id = :id"), {"id": head.id})
            copying = pool.submit(copy_to_draft, engine, head.id, by="ann", clock=clock)
            assert not wait([copying], timeout=0.5).done, "it copies a roster that somebody is changing"
        copied = copying.result()
    assert copied.note == f"Copy of roster {head.id} in version {head.version + 1}."
