"""Scenario folders: what is written is read back, and every fault is named with its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange import read_scenario, read_volumes, write_scenario
from interchange.faults import FAULTS_PER_FILE, shown
from sample import build_sample, plain_requirement
from scheduling.errors import BadInputError, Fault
from scheduling.people import Associate, Leave, Lock, PastDay, Request, WorkMode
from scheduling.planning_input import PlanningInput
from scheduling.rules import Office, RuleSettings, Timing
from scheduling.scenario import Requirement
from scheduling.shifts import DEFAULT_BREAK_POLICY, ShiftType
from scheduling.times import WEEKDAYS, Horizon

START = date(2027, 1, 4)

SETTINGS = """\
timezone = "Asia/Kolkata"
start = 2027-01-04
weeks = 1
interval_minutes = 15
"""
FILES = {
    "scenario.toml": SETTINGS,
    "associates.csv": "code,name,team,skills,work_mode,contract_start,contract_end,timing\n"
    'A1,"Iyer, Asha",T1,stow;text,office,2026-10-01,2027-03-31,M\n'
    "A2,अनन्या शर्मा,T1,stow,home,2026-10-01,2027-03-31,\n",
    "shift_types.csv": "code,start,span_minutes\nM,06:00,540\nN,22:00,540\n",
    "requirement.csv": "starts_at,skill,heads\n2027-01-04T06:00:00+05:30,stow,1.5\n2027-01-04T06:00:00+05:30,text,1\n",
    "leave.csv": "associate,first_day,last_day\nA1,2027-01-06,2027-01-07\n",
    "requests.csv": "associate,date,want,weight\nA2,2027-01-08,off,2\n",
    "locks.csv": "associate,date,value\nA1,2027-01-05,M\n",
    "history.csv": "associate,date,value\nA1,2027-01-03,off\n",
    "holidays.csv": "date,name\n2027-01-26,Republic Day\n",
}
WORK = {
    "queues.csv": "queue,skill,kind,sla_seconds,max_occupancy\nin,stow,realtime,300,0.85\ntx,text,backlog,86400,0.9\n",
    "volumes.csv": "starts_at,queue,jobs,aht_seconds\n2026-12-28T06:00:00+05:30,in,40,28.5\n2026-12-28T06:00:00+05:30,tx,0,\n",
}


def lay(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """Write the small folder above with some files changed or, with ``None``, left out."""
    folder.mkdir(exist_ok=True)
    for name, content in {**FILES, **(changes or {})}.items():
        if content is not None:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadInputError) as caught:
        read_scenario(folder)
    return caught.value.faults


def same(one: PlanningInput, other: PlanningInput) -> None:
    """Compare two inputs field by field, arrays and frames by their values."""
    for field in dataclasses.fields(PlanningInput):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name == "requirement" and left is not None:
            assert left.skills == right.skills
            np.testing.assert_array_equal(left.heads, right.heads)
        elif field.name == "volumes" and left is not None:
            pd.testing.assert_frame_equal(left, right)
        else:
            assert left == right, field.name


def test_small_folder_is_read(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s"))
    scenario = read.scenario()
    assert [one.name for one in read.associates] == ["Iyer, Asha", "अनन्या शर्मा"]
    assert read.associates[0].skills == {"stow", "text"}
    assert read.associates[1].timing is None
    assert read.break_policy == DEFAULT_BREAK_POLICY
    assert read.rules == RuleSettings()
    assert scenario.requirement.heads.sum() == 2.5
    assert scenario.requirement.heads[24].tolist() == [1.5, 1.0]
    assert scenario.holidays == {date(2027, 1, 26)}


def test_volumes_stand_in_for_the_requirement(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s", {"requirement.csv": None, **WORK}))
    assert read.requirement is None
    assert read.volumes is not None
    assert read.volumes["jobs"].tolist() == [40.0, 0.0]
    assert str(read.volumes["starts_at"].dt.tz) == "Asia/Kolkata"
    assert [queue.name for queue in read.queues] == ["in", "tx"]
    with pytest.raises(ValueError, match="needs a requirement"):
        read.scenario()


def test_marks_of_other_editors_do_no_harm(tmp_path: Path) -> None:
    plain = read_scenario(lay(tmp_path / "plain"))
    changed: dict[str, str | bytes | None] = {
        name: b"\xef\xbb\xbf" + (text.replace("\n", "\r\n") + "\r\n   \r\n\r\n").encode() for name, text in FILES.items()
    }
    same(plain, read_scenario(lay(tmp_path / "changed", changed)))


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    text = "heads,note,skill,starts_at\n2,hello,stow,2027-01-04T00:30:00Z\n"
    read = read_scenario(
        lay(tmp_path / "s", {"requirement.csv": text, "associates.csv": FILES["associates.csv"].replace(";text", "")})
    )
    assert read.requirement is not None
    assert read.requirement.heads[24, 0] == 2


def test_requirement_outside_the_horizon_is_left_out(tmp_path: Path) -> None:
    text = FILES["requirement.csv"] + "2027-01-03T23:45:00+05:30,stow,9\n2027-01-11T00:00:00+05:30,stow,9\n"
    read = read_scenario(lay(tmp_path / "s", {"requirement.csv": text}))
    assert read.requirement is not None
    assert read.requirement.heads.sum() == 2.5


@pytest.mark.parametrize(
    ("local", "interval"),
    [
        ("2027-03-28T01:45:00+01:00", 7 + 6 * 96),
        ("2027-03-28T03:00:00+02:00", 8 + 6 * 96),
        ("2027-03-28T01:00:00+00:00", 8 + 6 * 96),
    ],
)
def test_spring_night_has_no_gap(tmp_path: Path, local: str, interval: int) -> None:
    changes: dict[str, str | bytes | None] = {
        "scenario.toml": SETTINGS.replace("Asia/Kolkata", "Europe/Berlin").replace("2027-01-04", "2027-03-22"),
        "requirement.csv": f"starts_at,skill,heads\n{local},stow,3\n{local},text,0\n",
        "locks.csv": None,
    }
    read = read_scenario(lay(tmp_path / "s", changes))
    assert read.requirement is not None
    assert np.argwhere(read.requirement.heads).tolist() == [[interval, 0]]
    assert len(read.requirement.heads) == 7 * 96 - 4


def test_autumn_hour_that_comes_twice_is_told_by_its_offset(tmp_path: Path) -> None:
    times = ("2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00")
    changes: dict[str, str | bytes | None] = {
        "scenario.toml": SETTINGS.replace("Asia/Kolkata", "Europe/Berlin").replace("2027-01-04", "2027-10-25"),
        "associates.csv": FILES["associates.csv"].replace("2026-10-01,2027-03-31", "2027-06-01,2027-12-31"),
        "requirement.csv": "starts_at,skill,heads\n" + "".join(f"{at},stow,3\n" for at in times) + f"{times[0]},text,0\n",
        "locks.csv": None,
    }
    read = read_scenario(lay(tmp_path / "s", changes))
    assert read.requirement is not None
    first = 6 * 96 + 10
    assert np.argwhere(read.requirement.heads).tolist() == [[first, 0], [first + 4, 0]]


def change(name: str, old: str, new: str) -> dict[str, str | bytes | None]:
    source = {**FILES, **WORK}[name]
    assert old in source
    return {name: source.replace(old, new, 1)}


def added(name: str, line: str) -> dict[str, str | bytes | None]:
    return {name: {**FILES, **WORK}[name] + line + "\n"}


POLICY = '\n[break_policy]\n{}\n[[break_policy.breaks]]\nkind = "meal"\nminutes = {}\ncount = 4\n'

CASES: list[tuple[dict[str, str | bytes | None], str, int | None, str, str]] = [
    ({"scenario.toml": None}, "scenario.toml", None, "", "missing"),
    ({"associates.csv": None}, "associates.csv", None, "", "missing"),
    ({"shift_types.csv": None}, "shift_types.csv", None, "", "missing"),
    ({"requirement.csv": None}, "requirement.csv", None, "", "or volumes.csv with queues.csv"),
    ({"requirement.csv": None, "volumes.csv": WORK["volumes.csv"]}, "queues.csv", None, "", "missing"),
    ({"requirement.csv": None, "queues.csv": WORK["queues.csv"]}, "volumes.csv", None, "", "missing"),
    ({"associates.csv": ""}, "associates.csv", None, "", "empty"),
    ({"associates.csv": FILES["associates.csv"].splitlines()[0]}, "associates.csv", None, "", "no associate"),
    ({"requirement.csv": "starts_at,skill,heads\n"}, "requirement.csv", None, "", "no row"),
    ({"associates.csv": b"\x00\xff" * 5_000_000}, "associates.csv", 1, "", "not text"),
    ({"associates.csv": b"code\nJos\xe9\n"}, "associates.csv", 2, "", "UTF-8"),
    (change("associates.csv", "team,", ""), "associates.csv", 1, "team", "missing"),
    (change("associates.csv", "code,name", "code,code"), "associates.csv", 1, "code", "twice"),
    (change("associates.csv", '"Iyer, Asha"', "Iyer, Asha"), "associates.csv", 2, "", "9 values"),
    (change("associates.csv", '"Iyer, Asha"', '"Iyer'), "associates.csv", 2, "", "quotation marks"),
    (change("associates.csv", "2026-10-01", "01/10/2026"), "associates.csv", 2, "contract_start", "no date"),
    (change("associates.csv", "2026-10-01", "2027-02-29"), "associates.csv", 2, "contract_start", "no date"),
    (
        change("associates.csv", "2026-10-01,2027-03-31,M", "2027-04-01,2027-03-31,M"),
        "associates.csv",
        2,
        "contract_end",
        "before it",
    ),
    (change("associates.csv", "stow;text", "stow;juggling"), "associates.csv", 2, "skills", "juggling is unknown"),
    (change("associates.csv", "stow;text", "stow;stow"), "associates.csv", 2, "skills", "twice"),
    (change("associates.csv", "office", "beach"), "associates.csv", 2, "work_mode", "office, home, hybrid"),
    (change("associates.csv", ",M\n", ",X\n"), "associates.csv", 2, "timing", "shift_types.csv"),
    (change("associates.csv", "A2", "A1"), "associates.csv", 3, "code", "Row 2"),
    (change("associates.csv", "A2", ""), "associates.csv", 3, "code", "missing"),
    (change("associates.csv", "A2,", "A2" * 200 + ","), "associates.csv", 3, "code", "too long"),
    (change("shift_types.csv", "N,22:00", "M,22:00"), "shift_types.csv", 3, "code", "Row 2"),
    (change("shift_types.csv", "06:00", "06:03"), "shift_types.csv", 2, "start", "grid of 5"),
    (change("shift_types.csv", "06:00", "24:00"), "shift_types.csv", 2, "start", "time of day"),
    (change("shift_types.csv", "06:00,540", "06:00,541"), "shift_types.csv", 2, "span_minutes", "multiple of the break grid"),
    (change("shift_types.csv", "M,06:00", "off,06:00"), "shift_types.csv", 2, "code", "meaning of their own"),
    (change("shift_types.csv", "06:00,540", "06:00,480"), "scenario.toml", None, "break_policy", "480 min - breaks 120 min"),
    (change("requirement.csv", "1.5", "NaN"), "requirement.csv", 2, "heads", "not finite"),
    (change("requirement.csv", "1.5", "inf"), "requirement.csv", 2, "heads", "not finite"),
    (change("requirement.csv", "1.5", "-1"), "requirement.csv", 2, "heads", "between 0"),
    (change("requirement.csv", "1.5", "=1+1"), "requirement.csv", 2, "heads", "no number"),
    (change("requirement.csv", "1.5", '"1,5"'), "requirement.csv", 2, "heads", "no number"),
    (change("requirement.csv", "+05:30,stow", ",stow"), "requirement.csv", 2, "starts_at", "no offset"),
    (change("requirement.csv", "06:00:00", "06:07:00"), "requirement.csv", 2, "starts_at", "15 minutes"),
    (change("requirement.csv", "06:00:00", "06:00:30"), "requirement.csv", 2, "starts_at", "full minute"),
    (change("requirement.csv", "2027-01-04T06", "0001-01-01T06"), "requirement.csv", 2, "starts_at", "year"),
    (added("requirement.csv", "2027-01-04T00:30:00Z,stow,2"), "requirement.csv", 4, "starts_at", "Row 2"),
    (added("leave.csv", "A1,2027-01-07,2027-01-09"), "leave.csv", 3, "first_day", "overlaps that of row 2"),
    (added("leave.csv", "A9,2027-01-07,2027-01-09"), "leave.csv", 3, "associate", "associates.csv"),
    (added("leave.csv", "A2,2027-01-09,2027-01-07"), "leave.csv", 3, "last_day", "before it starts"),
    (added("requests.csv", "A2,2027-01-08,M,1"), "requests.csv", 3, "date", "Row 2"),
    (added("requests.csv", "A2,2027-01-09,Q,1"), "requests.csv", 3, "want", "neither off"),
    (added("requests.csv", "A2,2027-01-09,M,-1"), "requests.csv", 3, "weight", "between 0"),
    (added("locks.csv", "A1,2027-01-06,off"), "locks.csv", 3, "date", "on leave from 2027-01-06 to 2027-01-07"),
    (added("locks.csv", "A1,2027-01-05,off"), "locks.csv", 3, "date", "Row 2"),
    (added("locks.csv", "A1,2027-01-11,off"), "locks.csv", 3, "date", "not in the horizon"),
    (
        {**change("associates.csv", "2027-03-31,M", "2027-01-04,M"), "leave.csv": None},
        "locks.csv",
        2,
        "date",
        "contract of A1 runs",
    ),
    (added("history.csv", "A1,2027-01-04,off"), "history.csv", 3, "date", "before the horizon"),
    (added("history.csv", "A1,2027-01-03,M"), "history.csv", 3, "date", "Row 2"),
    (added("holidays.csv", "2027-01-26,Again"), "holidays.csv", 3, "date", "Row 2"),
    ({"scenario.toml": SETTINGS.replace("weeks = 1", "weeks = 18")}, "scenario.toml", 3, "weeks", "between 1 and 17"),
    ({"scenario.toml": SETTINGS.replace("weeks = 1", "weeks = true")}, "scenario.toml", 3, "weeks", "whole number"),
    ({"scenario.toml": SETTINGS.replace("weeks = 1", "")}, "scenario.toml", None, "weeks", "missing"),
    ({"scenario.toml": SETTINGS.replace("weeks = 1", "weeks = ")}, "scenario.toml", 3, "", "not valid TOML"),
    ({"scenario.toml": SETTINGS.replace("Kolkata", "Atlantis")}, "scenario.toml", 1, "timezone", "IANA"),
    ({"scenario.toml": SETTINGS.replace("Asia/Kolkata", "../../etc/passwd")}, "scenario.toml", 1, "timezone", "IANA"),
    ({"scenario.toml": SETTINGS.replace("Asia/Kolkata", "Asia")}, "scenario.toml", 1, "timezone", "IANA"),
    ({"scenario.toml": SETTINGS.replace("2027-01-04", '"soon"')}, "scenario.toml", 2, "start", "no date"),
    ({"scenario.toml": SETTINGS.replace("2027-01-04", "2027-01-04T00:00:00")}, "scenario.toml", 2, "start", "no date"),
    ({"scenario.toml": SETTINGS.replace("2027-01-04", "9999-12-31")}, "scenario.toml", 2, "start", "year"),
    ({"scenario.toml": SETTINGS.replace("= 15", "= 25")}, "scenario.toml", 4, "interval_minutes", "divide an hour"),
    ({"scenario.toml": SETTINGS.replace("= 15", "= 6")}, "scenario.toml", 4, "interval_minutes", "multiple of the break grid"),
    ({"scenario.toml": SETTINGS + "colour = 3\n"}, "scenario.toml", 5, "colour", "unknown"),
    ({"scenario.toml": SETTINGS + "[rules]\nrest_hours = 11\n"}, "scenario.toml", 6, "rules.rest_hours", "unknown"),
    ({"scenario.toml": SETTINGS + "[rules]\nrest_minutes = -1\n"}, "scenario.toml", 6, "rules.rest_minutes", "between"),
    ({"scenario.toml": SETTINGS + '[rules]\ntiming = "daily"\n'}, "scenario.toml", 6, "rules.timing", "fixed, weekly, free"),
    ({"scenario.toml": SETTINGS + "rules = 3\n"}, "scenario.toml", 5, "rules", "table"),
    ({"scenario.toml": SETTINGS + "[office]\nseats = 1.5\n"}, "scenario.toml", 6, "office.seats", "whole number"),
    (
        {"scenario.toml": SETTINGS + POLICY.format("", 40)},
        "scenario.toml",
        None,
        "break_policy",
        "540 min - breaks 160 min (4 x 40 meal)",
    ),
    (
        {"scenario.toml": SETTINGS + POLICY.format("grid_minutes = 7", 30)},
        "scenario.toml",
        7,
        "break_policy.grid_minutes",
        "divide",
    ),
    ({"scenario.toml": SETTINGS + POLICY.format("", 31)}, "scenario.toml", 10, "break_policy.breaks.minutes", "multiple"),
    (
        {"scenario.toml": SETTINGS + POLICY.format("", 30) + "window_minutes = [300, 180]\n"},
        "scenario.toml",
        12,
        "break_policy.breaks.window_minutes",
        "earlier comes first",
    ),
    (
        {"requirement.csv": None, **WORK, **change("queues.csv", "realtime", "soon")},
        "queues.csv",
        2,
        "kind",
        "realtime or backlog",
    ),
    (
        {"requirement.csv": None, **WORK, **change("queues.csv", "0.85", "1.2")},
        "queues.csv",
        2,
        "max_occupancy",
        "between 0 and 1",
    ),
    ({"requirement.csv": None, **WORK, **change("queues.csv", "0.85", "0")}, "queues.csv", 2, "max_occupancy", "at least"),
    ({"requirement.csv": None, **WORK, **change("queues.csv", "tx,", "in,")}, "queues.csv", 3, "queue", "Row 2"),
    ({"requirement.csv": None, **WORK, **change("volumes.csv", ",in,", ",out,")}, "volumes.csv", 2, "queue", "no queue"),
    ({"requirement.csv": None, **WORK, **change("volumes.csv", "28.5", "0")}, "volumes.csv", 2, "aht_seconds", "handling time"),
    ({"requirement.csv": None, **WORK, **change("volumes.csv", ",tx,0,", ",in,0,")}, "volumes.csv", 3, "starts_at", "Row 2"),
    (
        {"requirement.csv": None, **WORK, **change("volumes.csv", "06:00:00", "06:01:00")},
        "volumes.csv",
        2,
        "starts_at",
        "15 minutes",
    ),
]


@pytest.mark.parametrize(("changes", "file", "row", "column", "reason"), CASES)
def test_fault_is_named_with_its_place(
    tmp_path: Path, changes: dict[str, str | bytes | None], file: str, row: int | None, column: str, reason: str
) -> None:
    faults = faults_of(lay(tmp_path / "s", changes))
    assert any((one.file, one.row, one.column) == (file, row, column) and reason in one.reason for one in faults), faults


def test_small_folder_of_volumes_has_no_fault(tmp_path: Path) -> None:
    assert read_scenario(lay(tmp_path / "s", {"requirement.csv": None, **WORK})).volumes is not None


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    changes = {
        **change("associates.csv", "office", "beach"),
        **change("shift_types.csv", "06:00", "6"),
        **change("requirement.csv", "1.5", "many"),
        **added("leave.csv", "A9,x,2027-01-09"),
        "scenario.toml": SETTINGS.replace("weeks = 1", "weeks = 0"),
    }
    faults = faults_of(lay(tmp_path / "s", changes))
    assert {one.file for one in faults} == {"associates.csv", "shift_types.csv", "requirement.csv", "leave.csv", "scenario.toml"}
    # The rows that refer to the associate or the shift type with a fault are not blamed for it.
    assert len(faults) == 6


def test_thousands_of_faults_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"2027-01-04T06:00:00,stow,{index}\n" for index in range(5000))
    faults = faults_of(lay(tmp_path / "s", {"requirement.csv": "starts_at,skill,heads\n" + rows}))
    mine = [one for one in faults if one.file == "requirement.csv"]
    assert len(mine) == FAULTS_PER_FILE + 1
    assert f"{5000 - FAULTS_PER_FILE} more" in mine[-1].reason


def test_huge_file_is_refused_unread(tmp_path: Path) -> None:
    folder = lay(tmp_path / "s")
    with (folder / "history.csv").open("r+b") as file:
        file.truncate(2**33)
    assert [one.reason for one in faults_of(folder)] == ["The file is too large; at most 64 MiB are read."]


def test_missing_folder_is_one_fault(tmp_path: Path) -> None:
    assert len(faults_of(tmp_path / "nowhere")) == 1


def test_required_skill_that_nobody_has_is_a_shortage_not_a_fault(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s", added("requirement.csv", "2027-01-04T06:00:00+05:30,welding,1")))
    assert read.requirement is not None
    assert read.requirement.skills == ("stow", "text", "welding")


def test_formula_like_name_is_plain_text(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s", change("associates.csv", '"Iyer, Asha"', "=HYPERLINK(1)")))
    assert read.associates[0].name == "=HYPERLINK(1)"


def test_writer_refuses_a_folder_of_something_else(tmp_path: Path) -> None:
    sample = build_sample(20, 1)
    target = tmp_path / "precious"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInputError, match="holds something else"):
        write_scenario(target, sample)
    assert [path.name for path in target.iterdir()] == ["thesis.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_writer_replaces_an_earlier_scenario(tmp_path: Path) -> None:
    write_scenario(tmp_path / "s", build_sample(20, 1, seed=1))
    write_scenario(tmp_path / "s", build_sample(21, 1, seed=2))
    assert len(read_scenario(tmp_path / "s").associates) == 21
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize("with_requirement", [True, False])
def test_sample_round_trips(tmp_path: Path, with_requirement: bool) -> None:
    sample = build_sample(30, 2)
    if with_requirement:
        sample = dataclasses.replace(sample, requirement=plain_requirement(sample), volumes=None, queues=())
    write_scenario(tmp_path / "s", sample)
    same(sample, read_scenario(tmp_path / "s"))


TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
CODES = TEXTS.filter(lambda text: ";" not in text and text not in {"off", "leave", "none"})


@st.composite
def inputs(draw: st.DrawFn) -> PlanningInput:
    """Draw a planning input as wild as the format allows."""
    horizon = Horizon(
        draw(st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])),
        draw(st.dates(date(2020, 1, 1), date(2035, 1, 1))),
        draw(st.integers(1, 2)),
        draw(st.sampled_from([15, 30, 60])),
    )
    shifts = tuple(
        ShiftType(code, time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 5, 30]))), draw(st.sampled_from([530, 540])))
        for code in draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    )
    skills = draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    days = st.dates(date(2019, 1, 1), date(2036, 1, 1))
    people, leave, requests, locks, history = [], [], [], [], []
    for code in draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True)):
        first, last = sorted([draw(days), draw(days)])
        own = frozenset(draw(st.lists(st.sampled_from(skills), min_size=1, unique=True)))
        timing = draw(st.sampled_from([None, *(shift.code for shift in shifts)]))
        people.append(
            Associate(
                code, draw(TEXTS), draw(TEXTS), own, draw(st.sampled_from(WorkMode)), first, last, timing, draw(st.booleans())
            )
        )
        value = draw(st.sampled_from(["off", *(shift.code for shift in shifts)]))
        requests.append(Request(code, draw(days), value, draw(st.floats(0, 1e6))))
        history.append(PastDay(code, horizon.first_day - timedelta(days=draw(st.integers(1, 9))), value))
        lock_day = horizon.first_day + timedelta(days=draw(st.integers(0, 6)))
        if first <= lock_day <= last:
            locks.append(Lock(code, lock_day, value))
        else:
            leave.append(Leave(code, lock_day, lock_day + timedelta(days=3)))
    heads = np.zeros((horizon.interval_count, len(skills)))
    heads[draw(st.integers(0, len(heads) - 1)), 0] = draw(st.floats(0, 1e6))
    rules = dataclasses.replace(
        RuleSettings(),
        rest_minutes=draw(st.integers(0, 2000)),
        timing=draw(st.sampled_from(Timing)),
        night_consent_required=draw(st.booleans()),
        week_starts_on=draw(st.sampled_from(WEEKDAYS)),
    )
    return PlanningInput(
        horizon,
        tuple(people),
        shifts,
        dataclasses.replace(DEFAULT_BREAK_POLICY, productive_minutes=(400, 420), not_after_minutes=0),
        rules,
        draw(st.sampled_from([None, Office(12, 2), Office(0, 0)])),
        tuple(leave),
        tuple(requests),
        tuple(locks),
        tuple(history),
        {draw(days): draw(TEXTS)},
        Requirement(tuple(skills), heads),
    )


@settings(max_examples=40, deadline=None)
@given(inputs())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, given_input: PlanningInput) -> None:
    folder = tmp_path_factory.mktemp("round") / "s"
    write_scenario(folder, given_input)
    same(given_input, read_scenario(folder))


def _flip(data: bytes, where: int, sign: int) -> bytes:
    place = where % len(data)
    return data[:place] + bytes([sign]) + data[place + 1 :]


def _cut(data: bytes, where: int, sign: int) -> bytes:
    place = where % len(data)
    return data[:place] + data[place + sign :]


def _insert(data: bytes, where: int, sign: int) -> bytes:
    place = where % len(data)
    return data[:place] + bytes([sign]) * (1 + where % 40) + data[place:]


def _swap(data: bytes, where: int, sign: int) -> bytes:
    lines = data.split(b"\n")
    lines[where % len(lines)] = lines[sign % len(lines)]
    return b"\n".join(lines)


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from([*FILES, *WORK]),
    spoil=st.lists(
        st.tuples(st.sampled_from([_flip, _cut, _insert, _swap]), st.integers(0, 10**6), st.integers(0, 255)), max_size=6
    ),
)
def test_spoiled_file_is_read_or_refused_and_never_more(
    tmp_path_factory: pytest.TempPathFactory, name: str, spoil: list[tuple[Callable[[bytes, int, int], bytes], int, int]]
) -> None:
    folder = lay(tmp_path_factory.mktemp("fuzz") / "s", dict(WORK))
    data = (folder / name).read_bytes()
    for how, where, sign in spoil:
        data = how(data or b"x", where, sign)
    (folder / name).write_bytes(data)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    try:
        read_scenario(folder).scenario()
    except BadInputError as error:
        assert error.faults
        assert len(str(error)) < 100_000
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from([*FILES, *WORK]), st.binary(max_size=200), max_size=3))
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: dict[str, bytes]) -> None:
    folder = lay(tmp_path_factory.mktemp("noise") / "s", dict(WORK))
    for name, data in noise.items():
        (folder / name).write_bytes(data)
    if any(name in {"scenario.toml", "associates.csv", "shift_types.csv"} for name in noise):
        assert faults_of(folder)


@pytest.mark.parametrize("value", ["weeks = 0x" + "f" * 6000, "weeks = " + "[" * 4000 + "]" * 4000, "weeks = inf"])
def test_monstrous_toml_is_refused(tmp_path: Path, value: str) -> None:
    assert faults_of(lay(tmp_path / "s", {"scenario.toml": SETTINGS.replace("weeks = 1", value)}))


def test_volumes_alone_are_read_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "volumes.csv"
    path.write_text(WORK["volumes.csv"])
    assert str(read_volumes(path)["starts_at"].dt.tz) == "UTC"


@given(st.one_of(st.text(), st.integers(), st.lists(st.text())))
def test_shown_value_is_short_and_printable(value: object) -> None:
    text = shown(value)
    assert len(text) <= 60
    assert text.isprintable()
