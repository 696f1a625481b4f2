"""Hands that have only a keyboard: they reach what they want with the tabulator and see where they are, or fail."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect

STEPS = 200
"""No page needs so many steps of the tabulator from one thing to the next."""
LOOKS = 40
"""So often it is looked, within two seconds, whether the page has scrolled to what has the focus."""

HIDDEN_FOCUS: Final = """element => {
  const box = element.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (right <= left || bottom <= top) return "is outside of the window";
  // Something that lies over all of it, such as a head that stays, hides it.
  const over = [0.1, 0.5, 0.9].map((share) => document.elementFromPoint((left + right) / 2, top + share * (bottom - top)));
  if (over.every((one) => one && !element.contains(one) && !one.contains(element))) return "lies under something else";
  let one = element;
  for (let level = 0; one && level < 4; level += 1, one = one.parentElement) {
    const style = getComputedStyle(one);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return "";
    if (one instanceof SVGElement && style.stroke !== "none" && parseFloat(style.strokeWidth) >= 2) return "";
  }
  return "has no mark of the focus";
}"""
"""Script that says why the focus on an element is not seen; nothing when it is."""


def reach(wanted: Locator, key: str = "Tab") -> Locator:
    """Move the focus until it is on an element, and no other way; return the element."""
    expect(wanted).to_be_visible()
    for _ in range(STEPS):
        if wanted.evaluate("element => element === document.activeElement"):
            assert_seen(wanted)
            return wanted
        wanted.page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached by keyboard.")


def assert_seen(focused: Locator) -> None:
    """Assert that the focus on an element is seen, once the page has scrolled to it."""
    for _ in range(LOOKS):
        hidden = focused.evaluate(HIDDEN_FOCUS)
        if not hidden:
            return
        focused.page.wait_for_timeout(50)
    raise AssertionError(f"{focused} has the focus, but {hidden}.")


def press(wanted: Locator, key: str = "Enter") -> None:
    """Reach an element and press a key on it."""
    reach(wanted).page.keyboard.press(key)


def write(wanted: Locator, words: str) -> None:
    """Reach a field and write over what it holds."""
    keyboard = reach(wanted).page.keyboard
    keyboard.press("ControlOrMeta+a")
    keyboard.type(words)


def choose(wanted: Locator, words: str) -> None:
    """Reach a list and choose the option that begins with these words."""
    reach(wanted).page.keyboard.type(words)
    expect(wanted.locator("option:checked")).to_contain_text(words)


def write_date(wanted: Locator, date: str) -> None:
    """Reach a field of a date, and write it as an American browser wants it: month, day and year."""
    year, month, day = date.split("-")
    reach(wanted).page.keyboard.type(month + day + year)
    expect(wanted).to_have_value(date)


def write_moment(wanted: Locator, moment: str) -> None:
    """Reach a field of a date with its time of the forenoon, and write both as an American browser wants them."""
    date, time = moment.split("T")
    year, month, day = date.split("-")
    keyboard = reach(wanted).page.keyboard
    keyboard.type(month + day + year)
    keyboard.press("ArrowRight")
    keyboard.type(time.replace(":", "") + "AM")
    expect(wanted).to_have_value(moment)


def expect_outcome(page: Page, words: str) -> None:
    """Expect that what a form came to is said, and that the focus is there and not lost."""
    said = page.get_by_role("status").filter(has_text=words)
    expect(said).to_be_visible()
    expect(said).to_be_focused()


def hand_in(wanted: Locator, file: Path) -> None:
    """Reach a field of a file, and choose one in it.

    The window in which files are chosen is the system's own, and a browser without a screen does not open it every time.
    """
    reach(wanted).set_input_files(file)


def download(wanted: Locator, folder: Path) -> Path:
    """Reach a link of a file and press it; return where the file is."""
    reach(wanted)
    with wanted.page.expect_download() as waited:
        wanted.page.keyboard.press("Enter")
    kept = folder / waited.value.suggested_filename
    waited.value.save_as(kept)
    return kept
