"""Imports: every fault of a bad file is named and nothing written, a good file is written whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import Engine, text

from interchange.mapping import guess
from scheduling.errors import BadInputError, NotFoundError
from services import imports, records
from services.drafting import planning_input_for
from services.import_kinds import BY_NAME
from services.imports import Trial
from services.people import PEOPLE, PersonRecord
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.stored import SITE

HEADER = "code,name,team,skills,work_mode,contract_start,contract_end,timing,night_consent"
TABLES = ("associate", "associate_skill", "contract", "team", "leave", "holiday", "past_day", "volume")


def csv(*lines: str) -> bytes:
    return "\n".join([*lines, ""]).encode()


def contents(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {name: sorted(str(row) for row in connection.execute(text(f"SELECT * FROM {name}"))) for name in TABLES}  # noqa: S608


def trial(engine: Engine, site_id: int, clock: SteppedClock, kind: str, content: bytes, name: str = "file.csv") -> Trial:
    number = imports.hand_in(engine, site_id, kind, name, content, by="asha", clock=clock)
    return imports.try_file(engine, number, by="asha", clock=clock)


def done(engine: Engine, site_id: int, clock: SteppedClock, kind: str, content: bytes, name: str = "file.csv") -> Trial:
    number = trial(engine, site_id, clock, kind, content, name).id
    return imports.import_file(engine, number, by="asha", clock=clock)


def line_of(one: PersonRecord, first: date, last: date) -> str:
    """Return an associate as a line of a file."""
    consent = "yes" if one.night_consent else "no"
    cells = (one.code, one.name, one.team, ";".join(one.skills), one.work_mode, str(first), str(last), one.timing or "", consent)
    return ",".join(cells)


def test_people_are_added_and_changed_and_nobody_is_taken_away(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    before = {one.code: one for one in records.listed(engine, PEOPLE, site_id).values()}
    old = next(iter(before.values()))
    first, last = old.contracts[0]
    same = line_of(old, first, last)
    made = done(
        engine,
        site_id,
        clock,
        "people",
        csv(HEADER, same, f"Z1,Zoë,New team,{old.skills[0]},home,2027-01-01,2027-06-30,,no"),
    )
    assert made.prepared is not None
    assert (made.prepared.new, made.prepared.changed, made.prepared.same) == (1, 0, 1)
    assert made.prepared.notes == ("New teams are made: New team.",)
    after = {one.code: one for one in records.listed(engine, PEOPLE, site_id).values()}
    assert {code: after[code] for code in before} == before
    assert (after["Z1"].team, after["Z1"].contracts) == ("New team", ((date(2027, 1, 1), date(2027, 6, 30)),))
    assert "Z1" in {one.code for one in planning_input_for(engine, SITE, MONDAY, 1).associates}


def test_a_next_contract_is_added_to_those_that_it_does_not_touch(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    number, old = next(iter(records.listed(engine, PEOPLE, site_id).items()))
    start = old.contracts[-1][1] + timedelta(days=1)
    line = line_of(old, start, start + timedelta(days=90))
    done(engine, site_id, clock, "people", csv(HEADER, line))
    assert len(records.seen(engine, PEOPLE, site_id, number).record.contracts) == len(old.contracts) + 1


def test_columns_are_guessed_by_what_others_call_them_and_changed_by_hand(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:  # fmt: skip
    code = next(iter(records.listed(engine, PEOPLE, site_id).values())).code
    found = trial(engine, site_id, clock, "leave", csv("Employee ID;Comment;From;Beyond", f"{code};x;2027-03-01;2027-03-02"))
    assert found.columns == ("associate", "", "first_day", "")
    assert [fault.column for fault in found.faults] == ["last_day"]
    imports.name_columns(engine, found.id, ["associate", "", "first_day", "last_day"], by="asha", clock=clock)
    again = imports.try_file(engine, found.id, by="asha", clock=clock)
    assert again.is_ready
    assert again.prepared is not None
    assert again.prepared.sample == ({"associate": code, "first_day": "2027-03-01", "last_day": "2027-03-02"},)


def test_the_same_column_twice_is_a_fault(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    found = trial(engine, site_id, clock, "holidays", csv("date,name", "2027-03-01,Holi"))
    imports.name_columns(engine, found.id, ["date", "date"], by="asha", clock=clock)
    reasons = [fault.reason for fault in imports.try_file(engine, found.id, by="asha", clock=clock).faults]
    assert any("Two columns" in reason for reason in reasons)
    assert any("Say which column of the file is name" in reason for reason in reasons)


def test_a_workbook_with_real_dates_is_read(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Day", "Holiday"])
    sheet.append([date(2027, 3, 22), "Holi"])
    stream = io.BytesIO()
    book.save(stream)
    made = done(engine, site_id, clock, "holidays", stream.getvalue(), "days.xlsx")
    assert made.prepared is not None
    assert made.prepared.new == 1
    assert planning_input_for(engine, SITE, date(2027, 3, 22), 1).holidays[date(2027, 3, 22)] == "Holi"


def test_leave_that_overlaps_is_a_fault_and_the_same_is_left_alone(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    code = next(iter(records.listed(engine, PEOPLE, site_id).values())).code
    header = "associate,first_day,last_day"
    done(engine, site_id, clock, "leave", csv(header, f"{code},2027-05-03,2027-05-07"))
    same = done(engine, site_id, clock, "leave", csv(header, f"{code},2027-05-03,2027-05-07"))
    assert same.prepared is not None
    assert (same.prepared.new, same.prepared.same) == (0, 1)
    found = trial(engine, site_id, clock, "leave", csv(header, f"{code},2027-05-07,2027-05-09"))
    assert [(fault.row, fault.column, fault.value) for fault in found.faults] == [(2, "first_day", "2027-05-07")]


def test_volumes_skills_and_worked_days_are_compared_with_what_is_there(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:  # fmt: skip
    with engine.connect() as connection:
        query = (
            "SELECT q.name, v.starts_at, v.jobs, v.aht_seconds FROM volume v JOIN queue q ON q.id = v.queue_id "
            "WHERE v.jobs > 0 ORDER BY 2 LIMIT 1"
        )
        queue, start, jobs, aht = connection.execute(text(query)).one()
    person = next(iter(records.listed(engine, PEOPLE, site_id).values()))
    header = "starts_at,queue,jobs,aht_seconds"
    far = start + timedelta(days=3000)
    same, other, new = (
        f"{start.isoformat()},{queue},{jobs!r},{aht!r}",
        f"{start.isoformat()},{queue},7,{aht!r}",
        f"{far.isoformat()},{queue},7,9",
    )
    for lines, expected in (((same, new), (1, 0)), ((other,), (0, 1))):
        found = trial(engine, site_id, clock, "volumes", csv(header, *lines))
        assert found.prepared is not None, found.faults
        assert (found.prepared.new, found.prepared.changed) == expected
    skills = done(engine, site_id, clock, "skills", csv("associate,skills", f"{person.code},{';'.join(person.skills)}"))
    assert skills.prepared is not None
    assert skills.prepared.same == 1
    past = done(engine, site_id, clock, "history", csv("associate,date,value", f"{person.code},2026-06-01,off"))
    assert past.prepared is not None
    assert past.prepared.new == 1


def test_a_file_is_seen_by_nobody_else_and_is_gone_after_four_hours_or_its_import(
    engine: Engine, clock: SteppedClock, site_id: int
) -> None:
    found = trial(engine, site_id, clock, "holidays", csv("date,name", "2027-03-01,Holi"))
    with pytest.raises(NotFoundError):
        imports.try_file(engine, found.id, by="ravi", clock=clock)
    imports.import_file(engine, found.id, by="asha", clock=clock)
    with pytest.raises(NotFoundError):
        imports.import_file(engine, found.id, by="asha", clock=clock)
    late = trial(engine, site_id, clock, "holidays", csv("date,name", "2027-03-02,Holi")).id
    clock.advance(4 * 3600 + 1)
    with pytest.raises(NotFoundError, match="not there any more"):
        imports.try_file(engine, late, by="asha", clock=clock)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("people.pdf", b"x", "ends in .csv or .xlsx"),
        ("people.csv", b"", "empty"),
        ("people.csv", b"x" * (imports.MOST_BYTES + 1), "larger than 16 MiB"),
    ],
)
def test_what_is_no_table_is_refused_at_once(
    engine: Engine, clock: SteppedClock, site_id: int, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(BadInputError, match=reason):
        imports.hand_in(engine, site_id, "people", name, content, by="asha", clock=clock)


@pytest.mark.parametrize("content", [b"\x00\x01", b"\xff\xfe", b"PK\x03\x04 nothing", b'"open', b"\n\n"])
@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
def test_a_damaged_file_is_a_fault_and_no_error(
    engine: Engine, clock: SteppedClock, site_id: int, name: str, content: bytes
) -> None:  # fmt: skip
    found = trial(engine, site_id, clock, "people", content, name)
    assert found.faults
    assert not found.is_ready
    with pytest.raises(BadInputError):
        imports.import_file(engine, found.id, by="asha", clock=clock)


def test_a_file_without_rows_is_not_imported(engine: Engine, clock: SteppedClock, site_id: int) -> None:
    found = trial(engine, site_id, clock, "people", csv(HEADER))
    assert [fault.reason for fault in found.faults] == ["There is no associate; add at least one row."]


WRONG = {
    "code": ["", "x" * 300, "Z0"],
    "name": ["", "a\tb"],
    "skills": ["", "flying", "stow_video;stow_video"],
    "work_mode": ["", "moon"],
    "contract_start": ["", "soon", "2027-02-30"],
    "contract_end": ["", "01.02.2027", "2020-01-01"],
    "timing": ["X99"],
    "night_consent": ["perhaps"],
}
GOOD = {
    "name": "Zoë",
    "team": "Ganga",
    "skills": "stow_video",
    "work_mode": "home",
    "contract_start": "2027-01-01",
    "contract_end": "2027-06-30",
    "timing": "",
    "night_consent": "",
}


@st.composite
def bad_rows(draw: st.DrawFn) -> tuple[list[str], set[tuple[int, str]]]:
    """Draw lines of a file of people, some with a wrong cell each; return them with row and column of each wrong one."""
    lines, wrong = [HEADER, "Z0," + ",".join(GOOD.values())], set()
    for number in range(1, draw(st.integers(1, 8)) + 1):
        row = {"code": f"Z{number}", **GOOD}
        if draw(st.booleans()):
            column = draw(st.sampled_from(sorted(WRONG)))
            row[column] = draw(st.sampled_from(WRONG[column]))
            wrong.add((number + 2, column))
        lines.append(",".join(row.values()))
    return lines, wrong


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bad_rows())
def test_every_fault_of_a_bad_file_is_named_with_its_place_and_nothing_is_written(
    engine: Engine, clock: SteppedClock, site_id: int, drawn: tuple[list[str], set[tuple[int, str]]]
) -> None:
    lines, wrong = drawn
    before = contents(engine)
    found = trial(engine, site_id, clock, "people", csv(*lines))
    assert {(fault.row, fault.column) for fault in found.faults} == wrong
    if wrong:
        with pytest.raises(BadInputError) as refused:
            imports.import_file(engine, found.id, by="asha", clock=clock)
        assert refused.value.faults == found.faults
    imports_left_everything = contents(engine)
    assert imports_left_everything == before


def every_name() -> Iterator[tuple[str, str, str]]:
    for kind in BY_NAME.values():
        for column in kind.columns:
            for name in (column.name, *column.others):
                yield kind.name, name, column.name


@pytest.mark.parametrize(("kind", "title", "column"), list(every_name()))
def test_every_name_that_a_column_goes_by_is_understood(kind: str, title: str, column: str) -> None:
    assert guess([title.upper().replace("_", " ")], BY_NAME[kind].columns) == (column,)
