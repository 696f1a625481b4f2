"""What is seen and heard of the planner's board: its rows, its picture, on any screen and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services import reading
from tests.web.axe import assert_accessible_at_every_width
from tests.web.board.driving import TABLE, checked, free, go, of_board, press, saved, word
from tests.web.served import Operation, sign_in_page

Open = Callable[..., Page]


DRAWN_UNTIL_THE_NEXT_NEWS = """() => new Promise((done) => {
  const { view, saver } = document.querySelector("[data-board]").board;
  const draw = view.draw.bind(view);
  let drawn = 0;
  view.draw = () => { drawn += 1; draw(); };
  saver.addEventListener("viewers", () => requestAnimationFrame(() => requestAnimationFrame(() => done(drawn))), { once: true });
})"""


def test_filters_and_groups_leave_what_is_asked_for(board: Callable[..., Page]) -> None:
    page = board()
    everybody = page.locator("[data-count]").inner_text()
    press(page, "/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("A0003")
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"1 of \d+ associates"))
    press(page, "Enter")
    expect(page.locator(TABLE)).to_be_focused()
    page.fill("#text", "")
    expect(page.locator("[data-count]")).to_have_text(everybody)
    page.select_option("#group", "team")
    groups = page.locator("tr.group")
    expect(groups.first).to_contain_text("Team")
    page.select_option("#group", "")
    for name in ("team", "timing", "skill-filter"):
        page.select_option(f"#{name}", index=1)
        expect(page.locator("[data-count]")).to_have_text(re.compile(r"\d+ of \d+ associates"))
        page.select_option(f"#{name}", index=0)
    page.get_by_label("only violations").check()
    shown = of_board(page, "list.rows.every((row) => sheet.rowMarks.has(row))")
    assert shown


def test_only_changes_against_what_is_published(open_page: Open, app: Flask, address: str, operation: Operation) -> None:
    operation.published()
    draft = operation.store(checked(operation))
    page = sign_in_page(open_page(), app)
    page.goto(f"{address}/rosters/{draft.id}/board")
    page.wait_for_selector("[data-board][data-ready]")
    page.get_by_label("only changes").check()
    expect(page.locator("[data-nobody]")).to_be_visible()
    page.get_by_label("only changes").uncheck()
    row, column = free(page)
    page.focus(TABLE)
    go(page, row, column)
    was = word(page, row, column)
    page.keyboard.type("n22")
    press(page, "Enter")
    saved(page)
    page.get_by_label("only changes").check()
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"1 of \d+ associates"))
    expect(page.locator("tr:not([hidden]) td.chg")).to_have_attribute("aria-label", re.compile(f"published: {was}"))


CELL = """([row, column]) => {
  const { view } = document.querySelector("[data-board]").board;
  const { left, top, width, height } = view.rect({ top: row, bottom: row, left: column, right: column });
  const box = view.box.getBoundingClientRect();
  return { x: box.left + left - view.box.scrollLeft, y: box.top + top - view.box.scrollTop, width, height };
}"""


def test_the_picture_shows_what_the_rows_under_it_say(board: Callable[..., Page]) -> None:
    page = board()
    row, column = free(page)
    go(page, row + 1, column)

    def seen() -> bytes:
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return page.screenshot(clip=page.evaluate(CELL, [row, column]))

    looks = []
    for code in ("n22", "off"):
        go(page, row, column)
        page.keyboard.type(code)
        press(page, "Enter")
        saved(page)
        looks.append(seen())
    page.get_by_role("button", name="Dark").click()
    looks.append(seen())
    assert len(set(looks)) == 3
    # Scrolled to the end, the rows in sight are there for a screen reader as soon as the board rests.
    last = page.evaluate(
        """() => {
          const { sheet, view } = document.querySelector("[data-board]").board;
          view.box.scrollTop = view.box.scrollHeight;
          return sheet.people.at(-1).code;
        }"""
    )
    expect(page.locator(f"[data-board] tr[data-who={last}]")).to_be_attached()
    # The name under the mouse is a link.
    box = page.locator("[data-box]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 150)
    link = page.locator("[data-name]")
    expect(link).to_have_attribute("href", re.compile("/associates/A"))
    link.click()
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    assert "/associates/A" in page.url


def test_nothing_is_drawn_when_no_news_comes_so_that_scrolling_is_not_held_up(board: Callable[..., Page]) -> None:
    page = board()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(DRAWN_UNTIL_THE_NEXT_NEWS) == 0


def test_the_board_is_accessible_and_no_wider_than_the_screen(board: Callable[..., Page]) -> None:
    assert_accessible_at_every_width(board())


def test_violations_are_counted_alike_everywhere(board: Callable[..., Page], operation: Operation) -> None:
    page = board()
    head = reading.list_rosters(operation.engine)[0]
    everything = head.blocking_count + head.reason_count
    expect(page.locator("[data-violation-count]")).to_have_text(f"({everything:,})")
    counted = f"In the whole roster {head.blocking_count} block publishing, {head.reason_count} need a reason"
    expect(page.locator("[data-rule-count]")).to_have_text(counted)


@pytest.mark.parametrize("scale", [0.9, 1.25])
def test_rows_of_the_picture_leave_no_gap_where_points_are_no_whole_pixels(board: Callable[..., Page], scale: float) -> None:
    """A canvas is black where nothing is drawn, and shows the last frame where rows do not meet."""
    page = board(device_scale_factor=scale)
    darkest = """() => {
      const { view } = document.querySelector("[data-board]").board;
      const canvas = view.pane.querySelector("canvas");
      const across = Math.round((view.places[0][1] + view.places[1][0]) / 2 * devicePixelRatio) + 4;
      view.selection.to(0, 5);
      view.painter.ink.fillStyle = "black";
      view.painter.ink.fillRect(0, 0, canvas.width, canvas.height);
      view.painter.paint();
      const { data } = view.painter.ink.getImageData(across, 0, 1, canvas.height);
      let least = 255;
      for (let at = 0; at < data.length; at += 4) least = Math.min(least, data[at] + data[at + 1] + data[at + 2]);
      return least;
    }"""
    assert page.evaluate(darkest) > 100


def test_in_colours_of_the_system_the_table_itself_is_seen(board: Callable[..., Page]) -> None:
    page = board(forced_colors="active")
    expect(page.locator("[data-pane] canvas")).to_be_hidden()
    expect(page.locator("tbody.heard")).to_have_css("opacity", "1")
    # The rows follow every frame of scrolling, for nothing else is there to be seen.
    row, column = free(page)
    go(page, row, column)
    chosen = page.locator("#active-cell")
    assert chosen.evaluate("cell => getComputedStyle(cell).backgroundColor") != "rgba(0, 0, 0, 0)"
    expect(chosen).to_be_in_viewport()


def test_all_rows_are_on_paper(board: Callable[..., Page]) -> None:
    page = board()
    everybody = of_board(page, "sheet.people.length")
    page.evaluate("document.querySelector('[data-box]').style.setProperty('--row', '90px')")
    of_board(page, "view.layout()")
    rows = page.locator("tbody.heard tr[data-who]:not([hidden])")
    before = rows.count()
    assert before < everybody
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert rows.count() == everybody
    expect(page.locator("[data-pane]")).to_be_hidden()
    expect(rows.last).to_be_visible()
    box, last = page.locator("[data-box]").bounding_box(), rows.last.bounding_box()
    assert box is not None
    assert last is not None
    assert last["y"] + last["height"] <= box["y"] + box["height"], "nothing is cut off"
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert rows.count() == before


def test_a_scroll_bar_takes_nothing_of_the_foot(board: Callable[..., Page]) -> None:
    """The bar lies below the foot, so the foot is higher up than where the box ends."""
    page = board(height=600)
    part = """() => {
      const { view } = document.querySelector("[data-board]").board;
      view.box.style.borderBottom = "20px solid";
      view.layout();
      const foot = view.table.tFoot.getBoundingClientRect();
      return [-2, 2].map((down) => view.partAt(foot.left + 300, foot.top + down));
    }"""
    assert page.evaluate(part) == ["cell", ""]


def test_the_rows_of_a_group_are_counted_again_when_a_filter_takes_some_away(board: Callable[..., Page]) -> None:
    page = board()
    page.select_option("#group", "mode")
    group = page.locator("tbody.heard tr.group .id").first
    before = int(group.inner_text() or group.text_content() or 0)
    code = of_board(page, "sheet.people[list.entries[1].row].code")
    page.fill("#text", code)
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"^1 of"))
    assert before > 1
    expect(group).to_have_text("1")
    expect(page.locator(TABLE)).to_have_attribute("aria-rowcount", "6")
