"""Workbooks: volumes are read from safe ones only, exported ones hold no formula."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from interchange import read_volumes, roster_workbook, spreadsheet_safe
from scheduling.coverage import coverage_of
from scheduling.errors import BadInputError
from tests.builders import PATTERN, associate, breaks_of, plan, scenario

HEADER = ["starts_at", "queue", "jobs", "aht_seconds"]
ROWS: list[list[object]] = [
    ["2026-12-28T06:00:00+05:30", "in", 40, 28.5],
    [None, None, None, None],
    ["2026-12-28T06:15:00+05:30", "in", 0, None],
]


def book_of(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def reasons(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        read_volumes(path)
    return str(caught.value)


def test_workbook_and_csv_say_the_same(tmp_path: Path) -> None:
    text = "starts_at,queue,jobs,aht_seconds\n2026-12-28T06:00:00+05:30,in,40,28.5\n\n2026-12-28T06:15:00+05:30,in,0,\n"
    (tmp_path / "volumes.csv").write_text(text)
    book = book_of(tmp_path / "volumes.xlsx", [HEADER, *ROWS])  # type: ignore[list-item]
    pd.testing.assert_frame_equal(read_volumes(book), read_volumes(tmp_path / "volumes.csv"))


def test_faults_of_a_workbook_have_their_line(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [*HEADER],
        *ROWS,
        [datetime(2026, 12, 28, 7), "in", 3, 30],  # noqa: DTZ001 - workbooks know no zones.
        ["2026-12-28T07:15:00+05:30", "in", "=1+1", 30],
        ["2026-12-28T07:30:00+05:30", "in", -3, 30],
    ]
    message = reasons(book_of(tmp_path / "volumes.xlsx", rows))
    assert "volumes.xlsx, row 5, column starts_at" in message
    assert "no offset" in message
    assert "row 6, column jobs, value '=1+1'" in message
    assert "row 7, column jobs, value '-3'" in message


def test_missing_workbook_is_one_fault(tmp_path: Path) -> None:
    message = reasons(tmp_path / "volumes.xlsx")
    assert "missing" in message
    assert "empty" not in message


def test_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    path = book_of(tmp_path / "volumes.xlsx", [HEADER, *ROWS])  # type: ignore[list-item]
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as part:
        for _ in range(100):
            part.write(b" " * 2**20)
    assert "that is not opened" in reasons(path)


def test_many_large_parts_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "volumes.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(200):
            archive.writestr(f"xl/{index}.xml", b" " * 2**20)
    message = reasons(path)
    assert "too much to open" in message
    assert "empty" not in message


def test_entities_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "volumes.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    assert "document type" in reasons(path)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20), st.integers(0, 10**6))
def test_spoiled_workbook_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, spoil: list[tuple[int, int]], end: int
) -> None:
    path = book_of(tmp_path_factory.mktemp("book") / "volumes.xlsx", [HEADER, *ROWS])  # type: ignore[list-item]
    data = bytearray(path.read_bytes())
    for where, sign in spoil:
        data[where % len(data)] = sign
    path.write_bytes(data[: len(data) - (end % 200 if end % 3 == 0 else 0)])
    rows = -1
    try:
        rows = len(read_volumes(path))
    except BadInputError as error:
        rows = 0 if error.faults else -1
    assert rows in {0, 1, 2}


def test_exported_roster_has_three_sheets_without_formulas() -> None:
    of = scenario(associates=(associate("A1", name='=HYPERLINK("x")', team="+1"), associate("A2", name="\x0bBell")), heads=1.0)
    roster = plan(of, {"A1": "MMMMM.. NNNNN..", "A2": "~~..... -------"})
    breaks = breaks_of(of, roster)
    book = load_workbook(io.BytesIO(roster_workbook(of, roster, breaks, coverage_of(of, roster, breaks))))
    assert book.sheetnames == ["Roster", "Breaks", "Coverage"]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    people = [[cell.value for cell in row] for row in book["Roster"].iter_rows(min_row=2)]
    assert people[0][:6] == ["A1", '\'=HYPERLINK("x")', "'+1", "stow", "M office", "M office"]
    assert people[1][1] == "Bell"
    assert people[1][4] == "leave"
    assert people[1][-1] == "none"
    shifts = [[cell.value for cell in row] for row in book["Breaks"].iter_rows(min_row=2)]
    assert len(shifts) == 10
    assert shifts[0][2:5] == ["2027-01-04", "M", "06:45 short 10"]
    assert len(shifts[0]) == 4 + len(PATTERN)
    assert book["Coverage"].max_row == 1 + of.horizon.interval_count


@given(st.text())
def test_safe_text_never_starts_a_formula(text: str) -> None:
    safe = spreadsheet_safe(text)
    assert safe.endswith(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
