"""Every fault of a scenario folder is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import read_scenario
from interchange.faults import FAULTS_PER_FILE, shown
from tests.interchange.small_folder import FILES, SETTINGS, WORK, added, change, faults_of, lay

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
    (change("associates.csv", ",M\n", ",X\n"), "associates.csv", 2, "timing", "no code of a shift type"),
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
    (added("leave.csv", "A1,2027-01-01,2027-01-06"), "leave.csv", 3, "first_day", "overlaps that of row 2"),
    (
        added("leave.csv", "A1,2027-01-01,2027-01-05\nA1,2027-01-05,2027-01-05"),
        "leave.csv",
        4,
        "first_day",
        "overlaps that of row 3",
    ),
    (added("leave.csv", "A9,2027-01-07,2027-01-09"), "leave.csv", 3, "associate", "no code of an associate"),
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


@pytest.mark.parametrize("name", ["associates.csv", "shift_types.csv"])
def test_file_that_cannot_be_read_is_the_only_one_blamed(tmp_path: Path, name: str) -> None:
    assert {one.file for one in faults_of(lay(tmp_path / "s", {name: "nonsense"}))} == {name}


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


@pytest.mark.parametrize("value", ["weeks = 0x" + "f" * 6000, "weeks = " + "[" * 4000 + "]" * 4000, "weeks = inf"])
def test_monstrous_toml_is_refused(tmp_path: Path, value: str) -> None:
    assert faults_of(lay(tmp_path / "s", {"scenario.toml": SETTINGS.replace("weeks = 1", value)}))


@given(st.one_of(st.text(), st.integers(), st.lists(st.text())))
def test_shown_value_is_short_and_printable(value: object) -> None:
    text = shown(value)
    assert len(text) <= 60
    assert text.isprintable()
