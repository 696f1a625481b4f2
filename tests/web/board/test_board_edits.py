"""Edits on the planner's board in a real browser: keys, mouse, clipboard, undo, and two planners at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from services import publishing
from services.reading import RosterSummary
from tests.web.board.driving import TABLE, free, go, of_board, press, saved, stored_word, until, word
from tests.web.served import Operation, sign_in_page

Open = Callable[..., Page]


def test_a_code_is_typed_with_completion_and_stands_in_the_database(board: Callable[..., Page], engine: Engine) -> None:
    page = board()
    row, column = free(page)
    go(page, row, column)
    page.keyboard.type("n")
    options = page.locator("#editor-choices [role=option]")
    first = options.all_inner_texts()[0]
    assert first.startswith("N")
    expect(page.get_by_role("combobox", name=re.compile("New value of"))).to_be_focused()
    press(page, "Enter")
    saved(page)
    chosen = word(page, row, column)
    assert first.startswith(chosen)
    assert stored_word(engine, row, column) == chosen
    # Enter went down; Delete gives a day off, and Tab in the field goes right.
    press(page, "Delete")
    expect(page.locator("[data-readout]")).to_contain_text("day off")
    page.keyboard.type("d1")
    press(page, "Tab")
    saved(page)
    assert stored_word(engine, row + 1, column).startswith("D1")
    assert of_board(page, "selection.active") == [row + 1, column + 1]
    # Escape leaves all as it was.
    page.keyboard.type("n")
    press(page, "Escape")
    expect(page.locator(TABLE)).to_be_focused()


def test_an_edit_is_checked_and_coverage_follows(board: Callable[..., Page]) -> None:
    page = board()
    row, column = free(page)
    strip = page.locator("[data-strip] td").nth(column)
    before = strip.get_attribute("aria-label")
    go(page, row, column)
    press(page, "Shift+ArrowDown", "Shift+ArrowDown", "Delete")
    saved(page)
    expect(strip).not_to_have_attribute("aria-label", before or "")
    go(page, row, column)
    page.keyboard.type("n2")
    press(page, "Enter")
    saved(page)
    expect(page.locator("[data-news]")).to_contain_text(re.compile("Saved, but .* broken now"))
    # The list is that of the associate below, on whom the cursor stands, and then of the one who was edited.
    for place, key in ((row + 1, "ArrowUp"), (row, "")):
        name = of_board(page, "sheet.people[given].name", place)
        expect(page.locator("[data-rules-title]")).to_have_text(re.compile(f"in the days of {re.escape(name)}$"))
        press(page, *filter(None, [key]))
    # The nearest fix is offered in words and applied by its button, all by keyboard; some rules have none.
    apply = page.locator("[data-rules] [data-action=apply]")
    for _ in range(page.locator("[data-rules] [data-action=fix]").count()):
        page.locator("[data-rules] [data-action=fix]").first.focus()
        press(page, "Enter")
        expect(page.locator("[data-rules] .fix:focus, [data-rules] .fix :focus")).to_be_visible()
        if apply.count():
            break
    expect(apply).to_be_focused()
    marks = of_board(page, "sheet.marks.size")
    press(page, "Enter")
    saved(page)
    expect(page.locator("[data-news]")).to_contain_text(re.compile("gone|Saved"))
    until(page, "sheet.marks.size !== given", marks)


def test_undo_and_redo_follow_what_was_done(board: Callable[..., Page], engine: Engine) -> None:
    page = board()
    row, column = free(page)
    before = word(page, row, column)
    go(page, row, column)
    page.keyboard.type("m06")
    press(page, "Enter")
    go(page, row, column)
    press(page, "l")
    saved(page)
    assert of_board(page, "sheet.locks.size") == 1
    press(page, "Control+z", "Control+z")
    saved(page)
    assert (word(page, row, column), stored_word(engine, row, column)) == (before, before)
    assert of_board(page, "sheet.locks.size") == 0
    press(page, "Control+y")
    saved(page)
    assert stored_word(engine, row, column) == "M06"
    press(page, "Control+z", "Control+z")
    saved(page)
    expect(page.locator("[data-news]")).to_have_text("There is nothing to undo.")
    assert stored_word(engine, row, column) == before


def test_copy_paste_and_fill_by_keyboard_as_in_a_spreadsheet(board: Callable[..., Page], engine: Engine) -> None:
    page = board()
    row, column = free(page)
    go(page, row, column)
    press(page, "Shift+ArrowRight")
    page.keyboard.type("m06")
    press(page, "Enter")
    # The clipboard belongs to the browser, which tells the page of it in its own time.
    press(page, "Control+c")
    expect(page.locator("[data-news]")).to_contain_text("copied")
    press(page, "ArrowDown", "Shift+ArrowDown", "Control+v")
    until(page, "sheet.word(given[0], given[1]) === 'M06'", [row + 2, column + 1])
    saved(page)
    assert stored_word(engine, row + 2, column + 1) == "M06"
    # What another spreadsheet gave is pasted as well; a word that is no shift changes nothing.
    paste = """text => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    }"""
    go(page, row, column)
    page.evaluate(paste, "off\tN22\r\nD12\toff\r\n")
    saved(page)
    found = [stored_word(engine, row + down, column + across) for down in (0, 1) for across in (0, 1)]
    assert found == ["off", "N22", "D12", "off"]
    page.evaluate(paste, "XX\toff")
    expect(page.locator("[data-news]")).to_contain_text("XX is no shift")
    go(page, row, column + 1)
    press(page, "Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    saved(page)
    assert stored_word(engine, row + 2, column + 1) == "N22"
    go(page, row, column + 1)
    press(page, "Shift+ArrowRight", "Control+r")
    saved(page)
    assert stored_word(engine, row, column + 2) == "N22"


def test_the_mouse_chooses_fills_and_moves(board: Callable[..., Page], engine: Engine) -> None:
    page = board()
    row, column = free(page)
    go(page, row, column)
    page.keyboard.type("m06")
    press(page, "Enter")
    saved(page)
    middle = """([row, column]) => {
      const { view } = document.querySelector("[data-board]").board;
      const { left, top, width, height } = view.rect({ top: row, bottom: row, left: column, right: column });
      const box = view.box.getBoundingClientRect();
      return [box.left + left - view.box.scrollLeft + width / 2, box.top + top - view.box.scrollTop + height / 2];
    }"""

    def at(down: int, across: int) -> tuple[float, float]:
        x, y = page.evaluate(middle, [row + down, column + across])
        return float(x), float(y)

    page.mouse.click(*at(0, 0))
    handle = page.locator("[data-handle]").bounding_box()
    assert handle is not None
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(*at(1, 0))
    page.mouse.move(*at(2, 0))
    page.mouse.up()
    saved(page)
    assert [stored_word(engine, row + down, column) for down in range(3)] == ["M06"] * 3
    # A drag over cells chooses them; a drag of the edge moves them.
    page.mouse.move(*at(0, 0))
    page.mouse.down()
    page.mouse.move(*at(1, 0))
    page.mouse.up()
    assert of_board(page, "selection.size") == 2
    left, top = at(0, 0)
    page.mouse.move(left, top - 13)
    page.mouse.down()
    page.mouse.move(*at(0, 1))
    page.mouse.move(*at(0, 2))
    page.mouse.up()
    saved(page)
    assert [stored_word(engine, row + down, column + 2) for down in (0, 1)] == ["M06", "M06"]
    assert [stored_word(engine, row + down, column) for down in (0, 1)] == ["off", "off"]
    # The same without dragging: cut and paste by buttons.
    page.get_by_role("button", name="Cut").click()
    go(page, row, column)
    page.get_by_role("button", name="Paste").click()
    saved(page)
    assert [stored_word(engine, row + down, column) for down in (0, 1)] == ["M06", "M06"]


def test_two_planners_see_each_other_and_cannot_overwrite_silently(board: Callable[..., Page], engine: Engine) -> None:
    ann, bob = board("ann"), board("bob")
    row, column = free(ann)
    go(ann, row, column)
    ann.keyboard.type("m06")
    press(ann, "Enter")
    saved(ann)
    expect(bob.locator("[data-news]")).to_have_text("ann changed 1 cell.")
    assert word(bob, row, column) == "M06"
    expect(bob.locator("[data-viewers]")).to_contain_text("Ann")
    # Bob's page is kept from hearing of the next edit, so that both change the same cell.
    bob.route("**/board/follow*", lambda route: route.abort())
    go(ann, row, column)
    ann.keyboard.type("d12")
    press(ann, "Enter")
    saved(ann)
    go(bob, row, column)
    press(bob, "Shift+ArrowRight")
    bob.keyboard.type("n22")
    press(bob, "Enter")
    dialog = bob.get_by_role("dialog", name="Somebody was faster")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("D12 by ann")
    assert stored_word(engine, row, column) == "D12"
    # Theirs is kept unless one says otherwise; the cell that nobody else touched is sent again.
    press(bob, "Tab", "ArrowRight")
    dialog.get_by_role("radio", name="D12 by ann").check()
    dialog.get_by_role("button", name="Save this").click()
    bob.unroute("**/board/follow*")
    saved(bob)
    assert (stored_word(engine, row, column), stored_word(engine, row, column + 1)) == ("D12", "N22")


def test_edits_wait_while_the_server_cannot_be_reached(board: Callable[..., Page], engine: Engine) -> None:
    page = board()
    row, column = free(page)
    page.route("**/board/edits*", lambda route: route.fulfill(status=503, json={"message": "down"}))
    go(page, row, column)
    page.keyboard.type("n22")
    press(page, "Enter")
    expect(page.locator("span[data-state=offline]")).to_be_visible()
    assert word(page, row, column) == "N22"
    assert stored_word(engine, row, column) != "N22"
    page.unroute("**/board/edits*")
    expect(page.locator("span[data-state=saved]")).to_be_visible(timeout=10_000)
    assert stored_word(engine, row, column) == "N22"


def test_a_published_roster_is_looked_at_and_not_changed(open_page: Open, app: Flask, address: str, operation: Operation) -> None:
    roster = operation.published()
    page = sign_in_page(open_page(), app)
    page.goto(f"{address}/rosters/{roster.id}/board")
    page.wait_for_selector("[data-board][data-ready]")
    page.focus(TABLE)
    before = word(page, 0, 0)
    page.keyboard.type("n")
    expect(page.locator("[data-news]")).to_have_text("Only a draft can be changed.")
    press(page, "Delete")
    assert word(page, 0, 0) == before
    press(page, "l")
    expect(page.locator("[data-news]")).to_have_text("Only a draft can be changed.")
    # The way on: a draft that is the same, made and opened by keyboard; publishing it as it is would change nothing.
    page.get_by_role("button", name="Edit in a copy").focus()
    press(page, "Enter")
    page.wait_for_url(re.compile(rf"/rosters/(?!{roster.id}/)\d+/board"))
    page.wait_for_selector("[data-board][data-ready]")
    assert word(page, 0, 0) == before
    copied = int(page.url.split("/")[-2])
    assert publishing.difference(operation.engine, copied, clock=operation.clock).changes == ()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_bad_edits_are_refused_with_a_sentence(client: FlaskClient, draft: RosterSummary) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    base = f"/rosters/{draft.id}/board"
    bodies: list[Any] = [[], {"edits": "x", "client": "c"}, {"edits": [["A", "B"]], "client": "c"}, {"edits": [], "client": 3}]
    for body in bodies:
        answer = client.post(f"{base}/edits", json=body, headers={"Accept": "application/json"})
        assert answer.status_code == 400, body
        assert answer.get_json()["message"]
    unknown = {"edits": [["nobody", str(draft.first_day), "off", "M06", None]], "client": "c"}
    answer = client.post(f"{base}/edits", json=unknown, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "no associate" in answer.get_json()["message"]
