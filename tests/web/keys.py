"""Hands that have only a keyboard: they reach what they want with the tabulator, or fail."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

STEPS = 200
"""No page needs so many steps of the tabulator from one thing to the next."""


def reach(wanted: Locator, key: str = "Tab") -> Locator:
    """Move the focus until it is on an element, and no other way; return the element."""
    expect(wanted).to_be_visible()
    for _ in range(STEPS):
        if wanted.evaluate("element => element === document.activeElement"):
            return wanted
        wanted.page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached by keyboard.")


def press(wanted: Locator, key: str = "Enter") -> None:
    """Reach an element and press a key on it."""
    reach(wanted).page.keyboard.press(key)


def write(wanted: Locator, words: str) -> None:
    """Reach a field and write over what it holds."""
    keyboard = reach(wanted).page.keyboard
    keyboard.press("ControlOrMeta+a")
    keyboard.type(words)


def write_date(wanted: Locator, date: str) -> None:
    """Reach a field of a date, and write it as an American browser wants it: month, day and year."""
    year, month, day = date.split("-")
    reach(wanted).page.keyboard.type(month + day + year)
    expect(wanted).to_have_value(date)
