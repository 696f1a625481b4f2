"""One row of a table: its cells turned into values, each wrong one noted with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Container
from datetime import UTC, date, datetime, time
from functools import lru_cache

from interchange.faults import FaultList

MOST_CHARACTERS = 200
FIRST_YEAR, LAST_YEAR = 1970, 2200
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)


@lru_cache(maxsize=16384)
def parse_date(text: str) -> date | None:
    """Return a date written as ``2027-01-04``, ``None`` for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def parse_instant(text: str) -> datetime | str:
    """Return an ISO time with offset as an instant in UTC, or the reason why that is not possible."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return "This is no time; write it like 2027-01-04T06:15:00+05:30."
    if instant.tzinfo is None:
        return "The time has no offset from UTC; write it like 2027-01-04T06:15:00+05:30."
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        return f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}."
    instant = instant.astimezone(UTC)
    if instant.second or instant.microsecond:
        return "The time is not a full minute."
    return instant


class Row:
    """A row of a table; every reader of a cell returns ``None`` after noting a fault."""

    __slots__ = ("_cells", "_faults", "_index", "file", "line")

    def __init__(self, faults: FaultList, file: str, line: int, cells: list[str], index: dict[str, int]) -> None:
        self._faults, self._cells, self._index = faults, cells, index
        self.file, self.line = file, line

    def cell(self, column: str) -> str:
        """Return the text of a cell without the blanks around it; empty where the table has no such column."""
        place = self._index.get(column)
        return "" if place is None else self._cells[place].strip()

    def fault(self, column: str, reason: str, value: str | None = None) -> None:
        """Note a fault of this row."""
        self._faults.add(self.file, self.line, column, self.cell(column) if value is None else value, reason)

    def text(self, column: str) -> str | None:
        """Return a text that is not empty, not long, and has no control characters."""
        text = self.cell(column)
        if not text:
            self.fault(column, "The value is missing.")
            return None
        if len(text) > MOST_CHARACTERS:
            self.fault(column, f"The text is too long; at most {MOST_CHARACTERS} characters.")
            return None
        if not text.isprintable() and any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
            self.fault(column, "The text holds control characters such as a line break; take them out.")
            return None
        return text

    def known(self, column: str, words: Container[str], what: str) -> str | None:
        """Return a text that is one of `words`; `what` says in the message what it should have been."""
        text = self.text(column)
        if text is not None and text not in words:
            self.fault(column, f"This is {what}.")
            return None
        return text

    def date(self, column: str) -> date | None:
        """Return a date."""
        text = self.cell(column)
        day = parse_date(text)
        if day is None:
            self.fault(column, "This is no date; write it like 2027-01-04." if text else "The date is missing.")
            return None
        return day

    def clock(self, column: str) -> time | None:
        """Return a time of day in full minutes."""
        text = self.cell(column)
        if _CLOCK.fullmatch(text) and int(text[:2]) < 24 and int(text[3:5]) < 60:
            return time(int(text[:2]), int(text[3:5]))
        self.fault(column, "This is no time of day; write it like 06:00.")
        return None

    def instant(self, column: str) -> datetime | None:
        """Return a time with offset as an instant in UTC."""
        found = parse_instant(self.cell(column))
        if isinstance(found, str):
            self.fault(column, found)
            return None
        return found

    def whole(self, column: str, least: int, most: int) -> int | None:
        """Return a whole number between two limits."""
        text = self.cell(column)
        if not _WHOLE.fullmatch(text):
            self.fault(column, "This is no whole number." if text else "The number is missing.")
            return None
        number = int(text)
        if not least <= number <= most:
            self.fault(column, f"The number must lie between {least} and {most}.")
            return None
        return number

    def number(self, column: str, least: float, most: float) -> float | None:
        """Return a finite number between two limits."""
        text = self.cell(column)
        try:
            number = float("none" if "_" in text else text)
        except ValueError:
            self.fault(column, "This is no number; write it like 12.5." if text else "The number is missing.")
            return None
        if not math.isfinite(number):
            self.fault(column, "The number is not finite.")
            return None
        if not least <= number <= most:
            self.fault(column, f"The number must lie between {least:g} and {most:g}.")
            return None
        return number
