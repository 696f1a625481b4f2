"""A roster as an XLSX workbook for people: shifts by day, breaks, coverage."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from interchange.csv_text import spreadsheet_safe
from interchange.roster_sheet import FACTS, day_titles
from scheduling.plan import DAY_WORDS, PLACE_WORDS, BreakPlan, Coverage, RosterPlan
from scheduling.scenario import Scenario

Cell = str | float | int


def sheet_workbook(title: str, header: Sequence[Cell], rows: Iterable[Sequence[Cell]], *, freeze: str = "A2") -> bytes:
    """Return an XLSX workbook of one table.

    Texts that a spreadsheet program would take for a formula start with an apostrophe.
    """
    book = Workbook(write_only=True)
    _sheet(book, title, header, rows, freeze)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _safe(value: Cell) -> Cell:
    """Return a value that is no formula and holds nothing that XML forbids."""
    return spreadsheet_safe(ILLEGAL_CHARACTERS_RE.sub("", value)) if isinstance(value, str) else value


def _sheet(book: Workbook, title: str, header: Sequence[Cell], rows: Iterable[Sequence[Cell]], freeze: str) -> None:
    sheet = book.create_sheet(title)
    assert isinstance(sheet, WriteOnlyWorksheet)  # noqa: S101 - the workbook is write-only.
    sheet.freeze_panes = freeze
    bold = Font(bold=True)
    cells = [WriteOnlyCell(sheet, value=_safe(value)) for value in header]
    for cell in cells:
        cell.font = bold
    sheet.append(cells)
    for row in rows:
        sheet.append([_safe(value) for value in row])


def _roster_rows(scenario: Scenario, plan: RosterPlan) -> Iterable[list[Cell]]:
    words = DAY_WORDS | {index: shift.code for index, shift in enumerate(scenario.shift_types)}
    for one, values, places in zip(scenario.associates, plan.values.tolist(), plan.places.tolist(), strict=True):
        days = [f"{words[value]} {PLACE_WORDS[place]}".rstrip() for value, place in zip(values, places, strict=True)]
        yield [one.code, one.name, one.team, ", ".join(sorted(one.skills)), *days]


def _break_rows(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> Iterable[list[Cell]]:
    """Yield one row a shift, its breaks side by side, as somebody looks them up."""
    horizon, kinds = scenario.horizon, scenario.break_policy.breaks
    dates = [str(day) for day in horizon.dates]
    for one, values, patterns in zip(scenario.associates, plan.values.tolist(), breaks.assigned.tolist(), strict=True):
        for day, pattern in enumerate(patterns):
            if pattern < 0:
                continue
            start = int(scenario.shift_start_minutes[day, values[day]])
            slots = [
                f"{horizon.instant_of(start + slot.start_minute):%H:%M} {kinds[slot.kind].kind} {kinds[slot.kind].minutes}"
                for slot in breaks.patterns[pattern]
            ]
            yield [one.code, one.name, dates[day], scenario.shift_types[values[day]].code, *slots]


def _coverage_rows(scenario: Scenario, coverage: Coverage) -> Iterable[list[Cell]]:
    required, scheduled = coverage.required.tolist(), coverage.scheduled.tolist()
    for start, needed, there in zip(scenario.horizon.interval_starts, required, scheduled, strict=True):
        for skill, heads, given in zip(scenario.requirement.skills, needed, there, strict=True):
            yield [start.isoformat(), skill, round(heads, 4), round(given, 4), round(given - heads, 4)]


def roster_workbook(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, coverage: Coverage) -> bytes:
    """Return an XLSX workbook with the sheets Roster, Breaks and Coverage.

    Texts that a spreadsheet program would take for a formula start with an apostrophe.
    """
    book = Workbook(write_only=True)
    days = day_titles(scenario.horizon.dates)
    zone = scenario.horizon.zone_name
    most = max((len(pattern) for pattern in breaks.patterns), default=0)
    slots = [f"break {number + 1}" for number in range(most)]
    _sheet(book, "Roster", [*FACTS, *days], _roster_rows(scenario, plan), "E2")
    header = ["associate", "name", f"date ({zone})", "shift", *slots]
    _sheet(book, "Breaks", header, _break_rows(scenario, plan, breaks), "E2")
    header = ["starts_at", "skill", "required", "scheduled", "surplus"]
    _sheet(book, "Coverage", header, _coverage_rows(scenario, coverage), "A2")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
