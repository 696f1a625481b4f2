"""Hands and eyes on the planner's board: keys, and what it and the database have in a cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from scheduling.result import PlanningResult
from services.planning import violations_of
from tests import stored
from tests.web.served import Operation

TABLE = "[data-board] table.grid"


def checked(operation: Operation, *, shift: int = 0) -> PlanningResult:
    """Return the rotation with what the checkers say of it."""
    made = stored.result(operation.scenario, shift=shift)
    found = violations_of(operation.scenario, made.plan, made.breaks)
    return replace(made, violations=found, objective_parts={}, bound=0.0)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def of_board(page: Page, expression: str, given: object = None) -> Any:
    """Return what an expression says of the parts of the board, which it knows by their names."""
    parts = "const { sheet, list, selection, view, saver } = document.querySelector('[data-board]').board"
    return page.evaluate(f"given => {{ {parts}; return {expression}; }}", given)


def until(page: Page, expression: str, given: object = None) -> None:
    """Wait until an expression of the board is true; the page itself lets nobody evaluate words."""
    for _ in range(200):
        if of_board(page, expression, given):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"Never true: {expression}")


def saved(page: Page) -> None:
    """Wait until nothing is on its way any more."""
    until(page, "saver.queue.length === 0 && !saver.isSending")
    expect(page.locator("span[data-state=saved]")).to_be_visible()


def word(page: Page, row: int, column: int) -> str:
    """Return what the board has in a cell."""
    return str(
        page.evaluate("([row, column]) => document.querySelector('[data-board]').board.sheet.word(row, column)", [row, column])
    )


def stored_word(engine: Engine, row: int, column: int) -> str:
    """Return what the database has in a cell of the newest roster."""
    query = text(
        "SELECT coalesce(t.code, a.kind::text) FROM assignment a JOIN roster_associate p USING (roster_id, associate_id) "
        "JOIN roster r ON r.id = a.roster_id LEFT JOIN shift_type t ON t.id = a.shift_type_id "
        "WHERE p.position = :row AND a.day = r.first_day + :column AND r.id = (SELECT max(id) FROM roster)"
    )
    with engine.connect() as connection:
        return str(connection.execute(query, {"row": row, "column": column}).scalar_one())


def free(page: Page) -> tuple[int, int]:
    """Return the corner of the first three by three cells of which none is leave or outside a contract."""
    row, column = page.evaluate(
        """() => {
          const { sheet } = document.querySelector("[data-board]").board;
          for (let row = 0; row < sheet.people.length - 4; row += 1)
            for (let column = 0; column < sheet.columns - 4; column += 1) {
              const cells = [0, 1, 2, 3].flatMap((down) => [0, 1, 2, 3].map((across) => [row + down, column + across]));
              if (cells.every(([at, day]) => sheet.mayChange(at, day))) return [row, column];
            }
        }"""
    )
    return int(row), int(column)


def go(page: Page, row: int, column: int) -> None:
    press(page, "Control+Home", *["ArrowDown"] * row, *["ArrowRight"] * column)
