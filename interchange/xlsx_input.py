"""Rows of an XLSX workbook as text, opened only when its zip directory promises a bounded size."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from openpyxl import load_workbook

from interchange.faults import FaultList

MOST_UNPACKED_BYTES = 128 * 1024 * 1024
MOST_RATIO = 150
RATIO_FROM_BYTES = 1024 * 1024
MOST_PARTS = 500
MOST_COLUMNS = 128
MOST_SHEET_ROWS = 1_000_002


def _unsafe(path: Path) -> str | None:
    """Return why a workbook must not be opened, ``None`` when it may."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES:
            return f"The workbook unpacks to {len(parts)} parts of {unpacked} bytes in all; that is too much to open."
        for part in parts:
            if part.file_size > max(RATIO_FROM_BYTES, MOST_RATIO * part.compress_size):
                return (
                    f"The part {part.filename} unpacks to {part.file_size} bytes from {part.compress_size}; that is not opened."
                )
            # A document type may define entities that grow without end; no spreadsheet program writes one.
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.open(part).read(4096):
                return f"The part {part.filename} holds a document type; that is not opened."
    return None


def _text(value: object) -> str:
    """Return a cell as the text that a CSV file would have."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        # A spreadsheet has no dates without a time: a day is its midnight.
        return value.date().isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def sheet_rows(path: Path, faults: FaultList, most_bytes: int, name: str = "") -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of the first sheet; formulas are the text that was typed."""
    name = name or path.name
    try:
        if path.stat().st_size > most_bytes:
            faults.add(name, None, "", "", f"The file is too large; at most {most_bytes // 2**20} MiB are read.")
            return
        reason = _unsafe(path)
        if reason is not None:
            faults.add(name, None, "", "", reason)
            return
        yield from _first_sheet(path)
    except FileNotFoundError:
        faults.add(name, None, "", "", "The file is missing; add it to the folder.")
    except Exception as error:  # A damaged workbook fails in openpyxl in ways that cannot be listed.
        faults.add(name, None, "", type(error).__name__, "The file is not a workbook that can be read; save it again as XLSX.")


def _first_sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions that it leaves out; only values are read here.
        warnings.simplefilter("ignore")
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            rows: list[tuple[int, list[str]]] = []
            width = 0
            for line, values in enumerate(
                sheet.iter_rows(max_row=MOST_SHEET_ROWS, max_col=MOST_COLUMNS, values_only=True), start=1
            ):
                cells = [_text(value) for value in values]
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    # Cells left empty at the end of a row are not stored; the header says how many there are.
                    width = width or len(cells)
                    rows.append((line, cells + [""] * (width - len(cells))))
        finally:
            book.close()
    yield from rows
