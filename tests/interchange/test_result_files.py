"""Result folders are written as specified, as a whole or not at all, and read back."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange import check_result_folder, read_result, write_result
from interchange.csv_text import number_text, number_texts
from interchange.result_writer import RESULT_FILES
from scheduling.coverage import coverage_of
from scheduling.errors import BadInputError
from scheduling.people import Leave
from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.result import Clash, PlanningResult, Status
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario
from tests.builders import AUTUMN_MONDAY, MONDAY, PATTERN, SPRING_MONDAY, associate, breaks_of, history, plan, scenario

REPORT_KEYS = {"status", "objective", "bound", "gap", "wall_seconds", "seed", "versions", "violations", "kpis", "clashes"}


def result_of(of: Scenario, roster: RosterPlan, breaks: BreakPlan | None = None) -> PlanningResult:
    given_breaks = breaks or breaks_of(of, roster)
    return PlanningResult(
        status=Status.FEASIBLE,
        plan=roster,
        breaks=given_breaks,
        coverage=coverage_of(of, roster, given_breaks),
        objective=12.5,
        bound=12.0,
        wall_seconds=3.25,
        seed=7,
        versions={"ortools": "9.15"},
        violations=(
            Violation("rest", Severity.BLOCKS_PUBLISHING, "A1", of.horizon.first_day, 15.0, "Rest is 15 minutes short."),
        ),
        kpis={"required_hours": 10.0, "short_hours": float("nan"), "over_hours": np.float64(0.5)},
        clashes=(Clash("A1", ("lock", "rest"), "take out the lock"),),
        objective_parts={"coverage": 12.5},
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def two_people(**facts: object) -> tuple[Scenario, RosterPlan]:
    people = (associate("A1", name="Iyer, Asha"), associate("A,2"))
    of = scenario(associates=people, heads=1.0, leave=(Leave("A,2", MONDAY, MONDAY),), history=history("A1", "N"), **facts)  # type: ignore[arg-type]
    return of, plan(of, {"A1": "NNNNN.. MMMMM..", "A,2": "~MMMM.. MMMMM--"})


def test_assignments_are_as_specified(tmp_path: Path) -> None:
    of, roster = two_people()
    write_result(tmp_path / "out", of, result_of(of, roster))
    rows = rows_of(tmp_path / "out" / "assignments.csv")
    assert list(rows[0].values()) == [
        "A1",
        "2027-01-04",
        "N",
        "2027-01-04T22:00:00+05:30",
        "2027-01-05T07:00:00+05:30",
        "420",
        "office",
    ]
    assert [tuple(row.values()) for row in rows if row["value"] == "leave"] == [("A,2", "2027-01-04", "leave", "", "", "", "")]
    assert [row["value"] for row in rows if row["associate"] == "A,2"][-2:] == ["none", "none"]
    assert len(rows) == 28


def test_carried_breaks_have_the_date_of_the_day_before(tmp_path: Path) -> None:
    of, roster = two_people()
    plain = breaks_of(of, roster)
    breaks = BreakPlan(plain.patterns, plain.assigned, np.array([0, -1], dtype=np.int32))
    write_result(tmp_path / "out", of, result_of(of, roster, breaks))
    rows = rows_of(tmp_path / "out" / "breaks.csv")
    carried = [row for row in rows if row["date"] == "2027-01-03"]
    assert len(carried) == len(PATTERN)
    assert carried[-1]["starts_at"] == "2027-01-04T06:15:00+05:30"
    assert len(rows) == len(PATTERN) * (1 + 19)


def test_report_has_what_is_promised(tmp_path: Path) -> None:
    of, roster = two_people()
    write_result(tmp_path / "out", of, result_of(of, roster))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert set(report) >= REPORT_KEYS
    assert report["gap"] == pytest.approx(0.04)
    assert report["kpis"] == {"required_hours": 10.0, "short_hours": None, "over_hours": 0.5}
    assert report["violations"][0]["when"] == "2027-01-04"
    assert report["violations"][0]["severity"] == "blocks publishing"


@pytest.mark.parametrize(("monday", "hours"), [(SPRING_MONDAY, (22, 8)), (AUTUMN_MONDAY, (22, 6))])
def test_shift_over_the_change_of_clocks_has_its_elapsed_length(tmp_path: Path, monday: object, hours: tuple[int, int]) -> None:
    of = scenario(start=monday, zone="Europe/Berlin", weeks=1)  # type: ignore[arg-type]
    roster = plan(of, ".....N.")
    write_result(tmp_path / "out", of, result_of(of, roster))
    row = next(row for row in rows_of(tmp_path / "out" / "assignments.csv") if row["value"] == "N")
    start, end = datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])
    assert (start.hour, end.hour) == hours
    assert (end - start).total_seconds() == 540 * 60
    read = read_result(tmp_path / "out", of)
    assert read.breaks.patterns == (PATTERN,)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("MDEN.~-"), min_size=28, max_size=28), st.booleans())
def test_result_round_trips(tmp_path_factory: pytest.TempPathFactory, signs: list[str], carried: bool) -> None:
    people = (associate("A1"), associate("A2", skills=frozenset({"stow", "text"})))
    of = scenario(associates=people, skills=("stow", "text"), heads=1 / 3, history=history("A1", "N"))
    roster = plan(of, {"A1": "".join(signs[:14]), "A2": "".join(signs[14:])})
    plain = breaks_of(of, roster)
    later = tuple(sorted(PATTERN[:-1]))
    first = np.where(plain.assigned >= 0, np.arange(plain.assigned.size).reshape(plain.assigned.shape) % 2, -1)
    breaks = BreakPlan((PATTERN, later), first.astype(np.int32), np.array([0 if carried else -1, -1], dtype=np.int32))
    result = result_of(of, roster, breaks)
    folder = tmp_path_factory.mktemp("result") / "out"
    write_result(folder, of, result)
    read = read_result(folder, of)
    np.testing.assert_array_equal(read.plan.values, roster.values)
    np.testing.assert_array_equal(read.plan.places, roster.places)
    np.testing.assert_array_equal(read.coverage.required, result.coverage.required)
    np.testing.assert_array_equal(read.coverage.scheduled, result.coverage.scheduled)
    again = coverage_of(of, read.plan, read.breaks)
    np.testing.assert_array_equal(again.scheduled, result.coverage.scheduled)
    for (row, day), pattern in np.ndenumerate(breaks.assigned):
        assert (pattern < 0) == (read.breaks.assigned[row, day] < 0)
        assert pattern < 0 or breaks.patterns[pattern] == read.breaks.patterns[read.breaks.assigned[row, day]]


def test_earlier_result_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    of, roster = two_people()
    write_result(tmp_path / "out", of, result_of(of, roster))
    write_result(tmp_path / "out", of, result_of(of, roster))
    assert {path.name for path in (tmp_path / "out").iterdir()} == RESULT_FILES
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(BadInputError, match="holds something else"):
        write_result(tmp_path / "out", of, result_of(of, roster))
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_target_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text("")
    with pytest.raises(BadInputError):
        check_result_folder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="not a folder"):
        check_result_folder(tmp_path / "file")
    check_result_folder(tmp_path / "new")


def test_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    of, roster = two_people()
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BadInputError, match="cannot be written"):
        write_result(blocked / "out", of, result_of(of, roster))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


SPOILED = [
    ("assignments.csv", "22:00:00+05:30", "21:00:00+05:30", "starts_at", "shift type says"),
    ("assignments.csv", ",420,", ",410,", "productive_minutes", "leaves 420"),
    ("assignments.csv", "A1,2027-01-05,N", "A1,2027-01-04,N", "date", "there before"),
    ("assignments.csv", "A1,2027-01-05,N", "A9,2027-01-05,N", "associate", "no associate"),
    ("assignments.csv", ",office", ",moon", "place", "office, home"),
    ("breaks.csv", ",meal,", ",nap,", "kind", "no kind"),
    ("breaks.csv", "A1,2027-01-04", "A1,2027-01-10", "date", "no shift"),
    ("breaks.csv", "22:45:00+05:30", "22:40:00+05:30", "ends_at", "15 minutes long"),
    ("coverage.csv", "T00:15:00", "T00:20:00", "starts_at", "no interval"),
    ("coverage.csv", ",stow,1,", ",stow,many,", "required", "no number"),
    ("report.json", "{", "[", "", "JSON"),
]


@pytest.mark.parametrize(("file", "old", "new", "column", "reason"), SPOILED)
def test_spoiled_result_is_refused_with_the_place(
    tmp_path: Path, file: str, old: str, new: str, column: str, reason: str
) -> None:
    of, roster = two_people()
    write_result(tmp_path / "out", of, result_of(of, roster))
    text = (tmp_path / "out" / file).read_text()
    assert old in text
    (tmp_path / "out" / file).write_text(text.replace(old, new, 1))
    with pytest.raises(BadInputError) as caught:
        read_result(tmp_path / "out", of)
    assert any(one.file == file and one.column == column and reason in one.reason for one in caught.value.faults), caught.value


def test_missing_rows_are_named(tmp_path: Path) -> None:
    of, roster = two_people()
    write_result(tmp_path / "out", of, result_of(of, roster))
    for name in ("assignments.csv", "coverage.csv"):
        lines = (tmp_path / "out" / name).read_text().splitlines()
        (tmp_path / "out" / name).write_text("\n".join(lines[:-1]))
    with pytest.raises(BadInputError) as caught:
        read_result(tmp_path / "out", of)
    assert [(one.file, one.value) for one in caught.value.faults] == [
        ("assignments.csv", "A,2 2027-01-17"),
        ("coverage.csv", "1 rows"),
    ]


@given(st.lists(st.floats(0, 1e12), max_size=20))
def test_numbers_keep_their_full_precision(values: list[float]) -> None:
    assert [float(text) for text in number_texts(values)] == values
    assert all("e" in number_text(value) or float(number_text(value)) == value for value in values)


def test_coverage_of_another_shape_is_not_written(tmp_path: Path) -> None:
    of, roster = two_people()
    good = result_of(of, roster)
    short = Coverage(good.coverage.required[:-1], good.coverage.scheduled[:-1])
    bad = PlanningResult(good.status, good.plan, good.breaks, short, 1.0, 1.0, 1.0, 1, {})
    with pytest.raises(ValueError, match="shape"):
        write_result(tmp_path / "out", of, bad)
    assert not (tmp_path / "out").exists()
