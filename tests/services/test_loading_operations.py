from __future__ import annotations

from dataclasses import fields, replace
from datetime import time, timedelta
from typing import TypeVar

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, text

from scheduling.errors import ConflictError, NotFoundError
from scheduling.people import ContractTerms, Leave, PastDay, Request
from scheduling.planning_input import PlanningInput
from scheduling.scenario import Requirement
from scheduling.times import Clock
from services.drafting import planning_input_for, save_draft, scenario_for
from services.loading import load_operation, load_volumes, store_requirement
from services.publishing import publish_roster
from services.reading import list_sites
from tests.stored import SITE, operation, result

Fact = TypeVar("Fact", Leave, Request, PastDay)


def load(engine: Engine, what: PlanningInput, clock: Clock) -> None:
    load_operation(engine, what, site=SITE, name="Pune 1", by="planner", clock=clock)


def row_counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables}  # noqa: S608


def same(first: PlanningInput, second: PlanningInput) -> None:
    for field in fields(PlanningInput):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if field.name == "volumes":
            order = ["starts_at", "queue"]
            one, other = (frame.sort_values(order).reset_index(drop=True) for frame in (one, other))
            pd.testing.assert_frame_equal(one, other)
        elif field.name == "requirement":
            assert one.skills == other.skills
            np.testing.assert_array_equal(one.heads, other.heads)
        elif field.name in {"leave", "requests", "locks", "history"}:
            assert set(one) == set(other), field.name
            assert len(one) == len(other), field.name
        elif field.name == "years":
            # What the year before brought is counted from what is stored, for everybody who is planned with.
            assert {year.associate for year in other} == {person.code for person in second.associates}
        else:
            assert one == other, field.name


def test_operation_comes_back_as_it_was_loaded(engine: Engine, clock: Clock) -> None:
    first = operation(30, weeks=2)
    load(engine, first, clock)
    same(first, planning_input_for(engine, SITE, first.horizon.first_day, 2))
    assert [(site.code, site.name, site.zone_name) for site in list_sites(engine)] == [(SITE, "Pune 1", "Asia/Kolkata")]


def test_loading_twice_changes_nothing(engine: Engine, clock: Clock) -> None:
    first = operation()
    load(engine, first, clock)
    before = row_counts(engine)
    load(engine, first, clock)
    after = row_counts(engine)
    assert after.pop("audit") == before.pop("audit") + 1
    assert after == before
    with engine.connect() as connection:
        assert connection.execute(text("SELECT rules_version FROM site")).scalar_one() == 1


def test_changed_rules_policy_and_shift_types_get_new_versions(engine: Engine, clock: Clock) -> None:
    first = operation()
    load(engine, first, clock)
    earlier = replace(first.shift_types[0], start=time(1))
    kinds = tuple(replace(kind, window_minutes=(185, 300)) if kind.kind == "meal" else kind for kind in first.break_policy.breaks)
    second = replace(
        first,
        rules=replace(first.rules, rest_minutes=720),
        break_policy=replace(first.break_policy, breaks=kinds),
        shift_types=(*first.shift_types[1:], earlier),
    )
    load(engine, second, clock)
    same(second, planning_input_for(engine, SITE, first.horizon.first_day, 1))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT rules_version FROM site")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM break_policy")).scalar_one() == 2
        starts = connection.execute(
            text("SELECT starts_at FROM shift_type WHERE code = :code ORDER BY id"), {"code": earlier.code}
        )
        assert list(starts.scalars()) == [first.shift_types[0].start, time(1)]


def test_associate_who_left_is_not_planned_with(engine: Engine, clock: Clock) -> None:
    first = operation()
    load(engine, first, clock)
    gone = first.associates[3].code

    def without(rows: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(one for one in rows if one.associate != gone)

    second = replace(
        first,
        associates=tuple(one for one in first.associates if one.code != gone),
        leave=without(first.leave), requests=without(first.requests), history=without(first.history),
    )  # fmt: skip
    load(engine, second, clock)
    same(second, planning_input_for(engine, SITE, first.horizon.first_day, 1))


def test_load_that_fails_leaves_everything_as_it_was(engine: Engine, clock: Clock) -> None:
    first = operation()
    load(engine, first, clock)
    before = row_counts(engine)
    present = next(one.code for one in first.associates if one.code not in {leave.associate for leave in first.leave})
    wrong = Leave(present, first.horizon.first_day, first.horizon.first_day - timedelta(days=1))
    second = replace(first, leave=(*first.leave, wrong), rules=replace(first.rules, rest_minutes=720))
    with pytest.raises(ConflictError, match="leave ends before it starts"):
        load(engine, second, clock)
    assert row_counts(engine) == before
    assert planning_input_for(engine, SITE, first.horizon.first_day, 1).rules == first.rules


def test_volumes_are_replaced_interval_by_interval(engine: Engine, clock: Clock) -> None:
    first = operation()
    assert first.volumes is not None
    load(engine, first, clock)
    changed = first.volumes.head(10).assign(jobs=lambda frame: frame["jobs"] + 1)
    assert load_volumes(engine, changed, site=SITE, by="planner", clock=clock) == 10
    read = planning_input_for(engine, SITE, first.horizon.first_day, 1).volumes
    assert read is not None
    assert len(read) == len(first.volumes)
    assert read["jobs"].sum() == first.volumes["jobs"].sum() + 10


def test_volume_of_an_unknown_queue_is_refused_whole(engine: Engine, clock: Clock) -> None:
    first = operation()
    assert first.volumes is not None
    load(engine, first, clock)
    wrong = first.volumes.head(4).assign(jobs=1e6, queue=[first.volumes["queue"].iloc[0]] * 3 + ["nowhere"])
    with pytest.raises(NotFoundError, match="'nowhere'"):
        load_volumes(engine, wrong, site=SITE, by="planner", clock=clock)
    read = planning_input_for(engine, SITE, first.horizon.first_day, 1).volumes
    assert read is not None
    assert read["jobs"].max() < 1e6


def test_scenario_needs_a_requirement(engine: Engine, clock: Clock) -> None:
    first = operation(weeks=1)
    load(engine, first, clock)
    later = first.horizon.first_day + timedelta(weeks=1)
    with pytest.raises(ConflictError, match="no requirement"):
        scenario_for(engine, SITE, later, 1)
    horizon = replace(first.horizon, first_day=later)
    assert first.requirement is not None
    needed = Requirement(first.requirement.skills, np.full((horizon.interval_count, len(first.requirement.skills)), 1.25))
    store_requirement(engine, needed, horizon, site=SITE)
    np.testing.assert_array_equal(scenario_for(engine, SITE, later, 1).requirement.heads, needed.heads)
    given = Requirement(needed.skills, needed.heads * 2)
    assert scenario_for(engine, SITE, later, 1, given).requirement is given


def test_unknown_site_is_named(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="'nowhere'"):
        planning_input_for(engine, "nowhere", operation().horizon.first_day, 1)


def test_published_days_become_the_history_of_the_next_roster(engine: Engine, clock: Clock) -> None:
    first = operation(weeks=2)
    load(engine, first, clock)
    scenario = first.scenario()
    draft = save_draft(engine, SITE, scenario, result(scenario), by="planner", clock=clock)
    later = first.horizon.first_day + timedelta(weeks=1)
    handed_in = set(first.history)
    assert set(planning_input_for(engine, SITE, later, 1).history) <= handed_in
    publish_roster(engine, draft.id, draft.version, by="planner", clock=clock, reason="for the test")
    found = {(one.associate, one.date): one.value for one in planning_input_for(engine, SITE, later, 1).history}
    plan = result(scenario).plan.values
    for row, person in enumerate(scenario.associates):
        for day in range(7):
            value = plan[row, day]
            if value >= 0:
                assert found[person.code, scenario.horizon.dates[day]] == scenario.shift_types[value].code
    for one in handed_in:
        assert found[one.associate, one.date] == one.value


def test_personal_terms_are_stored_and_planned_with(engine: Engine, clock: Clock) -> None:
    terms = ContractTerms(2100, 4200, 4, 2, None, 1, (("N", 3),), (("N", "M"),))
    given = operation()
    people = (replace(given.associates[0], terms=terms), *given.associates[1:])
    load(engine, replace(given, associates=people), clock)
    first_day = given.horizon.first_day
    assert planning_input_for(engine, SITE, first_day, 1).associates == people
    load(engine, given, clock)
    assert planning_input_for(engine, SITE, first_day, 1).associates == given.associates
