"""Rules, office and break policy of a site: explained from one register, refused with all reasons, never changed in the past."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from roster.rules import RULES
from scheduling.errors import BadInputError
from scheduling.parameters import RULE_PARAMETERS
from scheduling.rules import RuleSettings
from scheduling.shifts import DEFAULT_BREAK_POLICY, BreakKind
from services import records
from services.drafting import planning_input_for
from services.site_settings import OFFICE, POLICY, PRESETS, SITE_RULES, OfficeRecord, parameters, verdict_on
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.stored import SITE


def test_every_parameter_is_explained_once_and_by_a_rule_of_the_register() -> None:
    assert sorted(one.name for one in RULE_PARAMETERS) == sorted(field.name for field in fields(RuleSettings))
    names = {rule.name for rule in RULES}
    for facts in parameters():
        assert set(facts.parameter.rules) <= names
        assert facts.source.split(":")[0] in {"Law", "Standard", "Contract"}
        assert (facts.parameter.limits is None) != (not facts.parameter.words)


def test_the_reference_and_the_form_say_the_same_of_every_parameter() -> None:
    reference = (Path(__file__).parents[2] / "docs/reference/rules.md").read_text(encoding="utf-8")
    for facts in parameters():
        section = reference.split(f"`{facts.parameter.rules[0]}` · parameter: ", 1)[1].split("\n### ", 1)[0]
        written = str(facts.parameter.default).lower()
        assert f"`{facts.parameter.name}` = {written}" in section, facts.parameter.name
        assert f"*{facts.source}.*" in section, facts.parameter.name


def test_rules_are_saved_in_a_new_version_and_planned_with(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    found = records.seen(engine, SITE_RULES, site_id, site_id)
    rules = replace(found.record, rest_minutes=720)
    records.save(engine, SITE_RULES, site_id, site_id, rules, seen=found.fingerprint, by="asha", clock=clock)
    assert planning_input_for(engine, SITE, MONDAY, 1).rules.rest_minutes == 720
    with engine.connect() as connection:
        assert connection.execute(text("SELECT rules_version FROM site")).scalar_one() == 2
    change = records.seen(engine, SITE_RULES, site_id, site_id).last_changes["rest_minutes"]
    assert (change.by, change.before, change.after) == ("asha", "660", "720")


def test_rules_that_contradict_each_other_are_refused_with_every_reason(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:  # fmt: skip
    found = records.seen(engine, SITE_RULES, site_id, site_id)
    wrong = replace(
        found.record,
        wished_consecutive_days=7,
        wished_consecutive_nights=6,
        wished_weekly_rest_minutes=10,
        working_days_per_week=6,
    )
    with pytest.raises(BadInputError) as refused:
        records.save(engine, SITE_RULES, site_id, site_id, wrong, seen=found.fingerprint, by="asha", clock=clock)
    assert len(refused.value.faults) == 4
    assert records.seen(engine, SITE_RULES, site_id, site_id).record == found.record


def test_an_office_without_seats_asks_nobody_to_come(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    found = records.seen(engine, OFFICE, site_id, site_id)
    with pytest.raises(BadInputError, match="give its seats"):
        records.save(
            engine, OFFICE, site_id, site_id, OfficeRecord(None, 2), seen=found.fingerprint, by="asha", clock=clock
        )  # fmt: skip
    records.save(engine, OFFICE, site_id, site_id, OfficeRecord(7, 2), seen=found.fingerprint, by="asha", clock=clock)
    office = planning_input_for(engine, SITE, MONDAY, 1).office
    assert office is not None
    assert (office.seats, office.days_per_week) == (7, 2)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_kept(engine: Engine, site_id: int, name: str) -> None:
    verdict = verdict_on(engine, site_id, PRESETS[name])
    assert verdict.refusals == ()
    assert all(one.is_kept and one.patterns > 0 and one.productive_minutes == 420 for one in verdict.spans)


def test_a_policy_with_too_little_work_is_refused_with_the_arithmetic_and_nothing_changes(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:
    found = records.seen(engine, POLICY, site_id, site_id)
    wrong = replace(DEFAULT_BREAK_POLICY, breaks=(*DEFAULT_BREAK_POLICY.breaks, BreakKind("nap", 60)))
    with pytest.raises(BadInputError, match=r"540 - 1 x 30 \(meal\) - 7 x 10 \(short\) .* = 360, which is 48 too few"):
        records.save(engine, POLICY, site_id, site_id, wrong, seen=found.fingerprint, by="asha", clock=clock)
    assert planning_input_for(engine, SITE, MONDAY, 1).break_policy == found.record


def test_a_policy_wider_than_the_promise_or_too_large_to_look_at_is_refused(engine: Engine, site_id: int) -> None:
    wide = replace(DEFAULT_BREAK_POLICY, productive_minutes=(300, 420))
    assert "408 to 420" in verdict_on(engine, site_id, wide).refusals[0]
    many = replace(DEFAULT_BREAK_POLICY, breaks=tuple(BreakKind(f"k{n}", 5, 5) for n in range(8)))
    assert "too many kinds" in verdict_on(engine, site_id, many).refusals[0]


def test_a_new_policy_leaves_the_old_row_to_old_rosters(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    found = records.seen(engine, POLICY, site_id, site_id)
    other = next(policy for policy in PRESETS.values() if policy != found.record)
    records.save(engine, POLICY, site_id, site_id, other, seen=found.fingerprint, by="asha", clock=clock)
    assert planning_input_for(engine, SITE, MONDAY, 1).break_policy == other
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM break_policy")).scalar_one() == 2
    changes = records.seen(engine, POLICY, site_id, site_id).changes
    assert "1 x 45 meal" in next(one.after for one in changes if one.name == "breaks")
