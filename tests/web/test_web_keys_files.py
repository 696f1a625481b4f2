"""Workbooks by keyboard alone: a roster taken away and brought back changed, holidays brought, hours taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from services import reading
from tests.web.keys import download, expect_outcome, hand_in, press, reach
from tests.web.served import Operation, serve, sign_in_page

Opener = Callable[..., Page]


def test_a_roster_is_taken_away_as_a_workbook_and_brought_back_changed(
    app: Flask, operation: Operation, open_page: Opener, tmp_path: Path
) -> None:
    head = operation.draft()
    before = reading.roster_grid(operation.engine, head.id).plan.values
    row, day = (int(found[0]) for found in (before >= 0).nonzero())
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{head.id}")
        file = download(page.get_by_role("link", name="XLSX", exact=True), tmp_path)
        book = load_workbook(file)
        # Below the head, and to the right of code, name, team and skills.
        book.worksheets[0].cell(row + 2, day + 5, "off")
        book.save(file)

        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/rosters/{head.id}")
        press(page.get_by_role("link", name="Bring XLSX back"))
        hand_in(page.get_by_label("Workbook"), file)
        press(page.get_by_role("button", name="Look at the workbook"))
        expect(page.get_by_text("nothing has been written yet")).to_be_visible()
        assert reading.roster_summary(operation.engine, head.id).version == head.version
        press(page.get_by_role("button", name="Change 1 day"))
        expect_outcome(page, "1 days are as the workbook says.")
    after = reading.roster_grid(operation.engine, head.id).plan.values
    assert before[row, day] >= 0 > after[row, day]
    assert (before != after).sum() == 1


def choose_kind(page: Page, name: str) -> None:
    """Choose what is in a file: one step of the tabulator reaches all of the kinds, and the arrows go through them."""
    kinds, wanted = page.get_by_role("radio"), page.get_by_role("radio", name=name)
    for _ in range(kinds.count()):
        reach(kinds.and_(page.locator(":checked")))
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} cannot be chosen by keyboard.")


def test_holidays_come_from_a_workbook(
    app: Flask, operation: Operation, engine: Engine, open_page: Opener, tmp_path: Path
) -> None:
    def find() -> list[tuple[str, str]]:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT name, day::text FROM holiday WHERE name LIKE 'Founders%'"))
            return [tuple(one) for one in found]

    file, wrong = tmp_path / "holidays.xlsx", tmp_path / "wrong.xlsx"
    for path, day in ((file, "2027-05-03"), (wrong, "third of May")):
        book = Workbook()
        for line in (("day", "name"), (day, "Founders' day")):
            book.worksheets[0].append(line)
        book.save(path)
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/import")
        choose_kind(page, "Holidays")
        hand_in(page.get_by_label("File", exact=True), wrong)
        press(page.get_by_role("button", name="Look at the file"))
        expect(page.get_by_role("alert")).to_be_focused()
        press(page.get_by_role("button", name="Drop the file"))
        expect_outcome(page, "The file is dropped")
        choose_kind(page, "Holidays")
        hand_in(page.get_by_label("File", exact=True), file)
        press(page.get_by_role("button", name="Look at the file"))
        assert find() == []
        press(page.get_by_role("button", name="Import 1 row", exact=True))
        expect_outcome(page, "Imported holidays.xlsx: 1 new")
    assert find() == [("Founders' day", "2027-05-03")]


def test_hours_are_taken_away_as_a_workbook(app: Flask, operation: Operation, open_page: Opener, tmp_path: Path) -> None:
    operation.published()
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/hours")
        file = download(page.get_by_role("link", name="XLSX", exact=True), tmp_path)
    sheet = load_workbook(file).worksheets[0]
    codes = {str(line[0]) for line in sheet.iter_rows(min_row=2, min_col=3, max_col=3, values_only=True)}
    assert codes == {one.code for one in operation.scenario.associates}
