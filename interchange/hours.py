"""Hours of a pay period as files for payroll: CSV and XLSX with the same columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Final

from interchange.csv_text import number_text, quoted, spreadsheet_safe, table_text
from interchange.workbook import Cell, sheet_workbook


@dataclass(frozen=True)
class HoursLine:
    """One line of the file; its fields are the columns, hours have two decimals."""

    first_day: date
    last_day: date
    associate: str
    name: str
    team: str
    shifts: int
    absent_shifts: int
    rostered_hours: float
    attended_hours: float
    productive_hours: float
    night_hours: float
    night_shifts: int
    allowance: float
    currency: str
    absences: int
    absent_hours: float
    leave_days: int


COLUMNS: Final = tuple(field.name for field in fields(HoursLine))


def hours_csv(lines: Iterable[HoursLine]) -> str:
    """Return the lines as CSV; texts that a spreadsheet program would take for a formula start with an apostrophe."""
    return table_text(COLUMNS, (",".join(map(_text, astuple(line))) for line in lines))


def hours_workbook(lines: Iterable[HoursLine]) -> bytes:
    """Return the lines as an XLSX workbook with the sheet Hours."""
    return sheet_workbook("Hours", COLUMNS, (_cells(line) for line in lines), freeze="F2")


def _text(value: object) -> str:
    return number_text(value) if isinstance(value, (int, float)) else quoted(spreadsheet_safe(str(value)))


def _cells(line: HoursLine) -> Sequence[Cell]:
    return [value if isinstance(value, (int, float)) else str(value) for value in astuple(line)]
