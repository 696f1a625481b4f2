"""Records that planners edit: every fault at once, nothing over what somebody else changed, every change on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.people import WorkMode
from services import people, records, vocabulary
from services.drafting import planning_input_for
from services.people import PEOPLE, PersonRecord, Wanted
from services.records import Store
from services.vocabulary import HOLIDAYS, QUEUES, SHIFT_TYPES, SKILLS, TEAMS, HolidayRecord, NameRecord, ShiftTypeRecord
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.stored import SITE

FIRST = ((date(2027, 1, 1), date(2027, 6, 30)),)


def first_of(engine: Engine, site_id: int) -> int:
    return next(iter(records.listed(engine, PEOPLE, site_id)))


def test_somebody_new_is_planned_with_as_typed(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    known = people.words_of_site(engine, site_id)
    new = PersonRecord("Z1", "Zoë", known.teams[0], known.skills[:1], WorkMode.HOME, known.timings[0], False, FIRST)
    records.add(engine, PEOPLE, site_id, new, by="asha", clock=clock)
    planned = {one.code: one for one in planning_input_for(engine, SITE, MONDAY, 1).associates}["Z1"]
    assert (planned.name, planned.team, planned.timing, planned.night_consent) == (
        "Zoë",
        known.teams[0],
        known.timings[0],
        False,
    )
    assert (planned.contract_start, planned.contract_end) == FIRST[0]


def test_everything_wrong_with_an_associate_is_said_at_once(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    other = records.listed(engine, PEOPLE, site_id)[first_of(engine, site_id)]
    overlapping = ((date(2027, 1, 1), date(2027, 6, 30)), (date(2027, 6, 30), date(2027, 5, 1)))
    wrong = PersonRecord(other.code, "Zoë", "nobody's", ("flying",), "moon", "X99", True, overlapping)
    with pytest.raises(BadInputError) as refused:
        records.add(engine, PEOPLE, site_id, wrong, by="asha", clock=clock)
    columns = [fault.column for fault in refused.value.faults]
    assert sorted(set(columns)) == ["code", "contracts", "skills", "team", "timing", "work_mode"]
    assert columns.count("contracts") == 2
    assert "Zoë" not in {one.name for one in records.listed(engine, PEOPLE, site_id).values()}


def test_what_two_change_at_once_is_not_overwritten(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    number = first_of(engine, site_id)
    seen = records.seen(engine, PEOPLE, site_id, number)

    def save(name: str) -> None:
        changed = replace(seen.record, name=name)
        records.save(engine, PEOPLE, site_id, number, changed, seen=seen.fingerprint, by="asha", clock=clock)

    save("First")
    with pytest.raises(ConflictError, match="Somebody changed this"):
        save("Second")
    after = records.seen(engine, PEOPLE, site_id, number)
    assert after.record.name == "First"
    assert [(one.by, one.name, one.before, one.after) for one in after.changes] == [("asha", "name", seen.record.name, "First")]


def test_a_change_by_any_other_way_is_noticed_too(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    number = first_of(engine, site_id)
    seen = records.seen(engine, PEOPLE, site_id, number)
    with engine.begin() as connection:
        connection.execute(text("UPDATE contract SET last_day = last_day + 1 WHERE associate_id = :id"), {"id": number})
    with pytest.raises(ConflictError):
        people.set_active(engine, site_id, number, active=False, seen=seen.fingerprint, by="asha", clock=clock)


def test_somebody_inactive_is_not_planned_with_and_is_found_under_that_state(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:
    number = first_of(engine, site_id)
    seen = records.seen(engine, PEOPLE, site_id, number)
    people.set_active(engine, site_id, number, active=False, seen=seen.fingerprint, by="asha", clock=clock)
    assert seen.record.code not in {one.code for one in planning_input_for(engine, SITE, MONDAY, 1).associates}
    found = people.find_people(engine, site_id, Wanted(state="inactive"), page=1, today=MONDAY)
    assert list(found.found) == [number]


def test_people_are_found_by_part_of_name_or_code_team_skill_and_ending_contract(engine: Engine, site_id: int) -> None:
    everybody = records.listed(engine, PEOPLE, site_id)
    one = everybody[first_of(engine, site_id)]

    def found(wanted: Wanted) -> set[str]:
        return {each.code for each in people.find_people(engine, site_id, wanted, page=1, today=MONDAY).found.values()}

    assert found(Wanted(query=one.code.lower())) == {one.code}
    assert one.code in found(Wanted(query=one.name[1:4].upper()))
    assert found(Wanted(query="%")) == set()
    assert found(Wanted(team=one.team)) == {each.code for each in everybody.values() if each.team == one.team}
    assert found(Wanted(skill=one.skills[0])) == {each.code for each in everybody.values() if one.skills[0] in each.skills}
    soon = MONDAY + timedelta(days=people.ENDING_DAYS)
    ending = {each.code for each in everybody.values() if MONDAY <= each.contracts[-1][1] <= soon}
    assert found(Wanted(state="ending")) == ending


def test_a_shift_type_becomes_a_new_row_that_takes_its_timings_over(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    timing = next(one.timing for one in records.listed(engine, PEOPLE, site_id).values() if one.timing)
    number, old = next((n, one) for n, one in records.listed(engine, SHIFT_TYPES, site_id).items() if one.code == timing)
    seen = records.seen(engine, SHIFT_TYPES, site_id, number)
    changed = replace(old, start=time(old.start.hour, 30))
    records.save(engine, SHIFT_TYPES, site_id, number, changed, seen=seen.fingerprint, by="asha", clock=clock)
    after = records.listed(engine, SHIFT_TYPES, site_id)
    assert number not in after
    assert changed in after.values()
    new = next(n for n, one in after.items() if one == changed)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT starts_at, is_current FROM shift_type WHERE id = :id"), {"id": number}).one()
        users = connection.execute(text("SELECT count(*) FROM associate WHERE timing_shift_type_id = :id"), {"id": number})
        assert (kept.starts_at, kept.is_current) == (old.start, False)
        assert users.scalar_one() == 0
    assert records.seen(engine, SHIFT_TYPES, site_id, new).last_changes["start"].by == "asha"


def test_a_shift_type_that_breaks_cannot_fill_is_refused_with_the_arithmetic(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:
    with pytest.raises(BadInputError, match=r"480 - 1 x 30 \(meal\)"):
        records.add(engine, SHIFT_TYPES, site_id, ShiftTypeRecord("S8", time(6), 480), by="asha", clock=clock)


def test_a_timing_that_somebody_keeps_and_a_skill_that_is_used_stay(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    timing = next(one.timing for one in records.listed(engine, PEOPLE, site_id).values() if one.timing)
    number = next(n for n, one in records.listed(engine, SHIFT_TYPES, site_id).items() if one.code == timing)
    skill = next(iter(records.listed(engine, SKILLS, site_id)))
    cases: tuple[tuple[Store[Any], int], ...] = ((SHIFT_TYPES, number), (SKILLS, skill))
    for store, record_id in cases:
        seen = records.seen(engine, store, site_id, record_id).fingerprint
        with pytest.raises(ConflictError, match="stays"):
            records.remove(engine, store, site_id, record_id, seen=seen, by="asha", clock=clock)
        assert record_id in records.listed(engine, store, site_id)


def test_what_nothing_uses_can_be_removed(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    team = records.add(engine, TEAMS, site_id, NameRecord("Ganges"), by="asha", clock=clock)
    records.remove(
        engine, TEAMS, site_id, team, seen=records.fingerprint(NameRecord("Ganges")), by="asha", clock=clock
    )  # fmt: skip
    with pytest.raises(NotFoundError):
        records.seen(engine, TEAMS, site_id, team)
    with pytest.raises(NotFoundError, match="Nobody can remove"):
        records.remove(engine, QUEUES, site_id, 1, seen="", by="asha", clock=clock)


def test_a_holiday_moves_to_another_day_unless_that_is_one_already(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    days = [MONDAY, MONDAY + timedelta(days=400), MONDAY + timedelta(days=401)]
    numbers = [records.add(engine, HOLIDAYS, site_id, HolidayRecord(day, "Holi"), by="a", clock=clock) for day in days[1:]]
    seen = records.fingerprint(HolidayRecord(days[1], "Holi"))
    with pytest.raises(BadInputError, match="already"):
        records.save(
            engine, HOLIDAYS, site_id, numbers[0], HolidayRecord(days[2], "Holi"), seen=seen, by="a", clock=clock
        )  # fmt: skip
    free = HolidayRecord(days[2] + timedelta(days=1), "Diwali")
    records.save(engine, HOLIDAYS, site_id, numbers[0], free, seen=seen, by="a", clock=clock)
    found = records.listed(engine, HOLIDAYS, site_id).values()
    assert free in found
    assert days[1] not in {one.day for one in found}


def test_the_handling_time_of_a_queue_is_that_of_its_last_weeks(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    measured = vocabulary.measured_aht(engine, site_id)
    with engine.connect() as connection:
        query = "SELECT queue_id, min(aht_seconds), max(aht_seconds) FROM volume WHERE jobs > 0 GROUP BY queue_id"
        for number, least, most in connection.execute(text(query)):
            assert least <= measured[number] <= most
    assert measured
