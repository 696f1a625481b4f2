"""Tables of text with the line of each row, from CSV and XLSX files of bounded size."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from interchange.faults import FaultList
from interchange.rows import Row
from interchange.xlsx_input import sheet_rows

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Columns:
    """The columns of a table: those it must have and those it may have; others are left unread."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def read_text(path: Path, faults: FaultList, most_bytes: int = MOST_BYTES) -> str | None:
    """Return the text of a UTF-8 file (a byte order mark is dropped), or ``None`` after noting why not."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            faults.add(path.name, None, "", "", "This is not a file; put a file of this name here.")
            return None
        if size > most_bytes:
            faults.add(
                path.name, None, "", f"{size} bytes", f"The file is too large; at most {most_bytes // 2**20} MiB are read."
            )
            return None
        data = path.read_bytes()
    except FileNotFoundError:
        faults.add(path.name, None, "", "", "The file is missing; add it to the folder.")
        return None
    except OSError as error:
        faults.add(path.name, None, "", "", f"The file cannot be read: {error.strerror}.")
        return None
    return _decode(path.name, data, faults)


def _decode(file: str, data: bytes, faults: FaultList) -> str | None:
    zero = data.find(b"\0")
    try:
        if zero < 0:
            return data.decode("utf-8-sig")
        where, reason = zero, "The file is not text; save it as CSV or TOML in UTF-8."
    except UnicodeDecodeError as error:
        where, reason = error.start, "The file is not UTF-8 text; save it in UTF-8."
    faults.add(file, data.count(b"\n", 0, where) + 1, "", data[where : where + 8].hex(" "), reason)
    return None


def _csv_rows(text: str, file: str, faults: FaultList) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        faults.add(file, line, "", "", f"The row is not valid CSV ({error}); check its quotation marks.")


def _header(cells: list[str], line: int, file: str, columns: Columns, faults: FaultList) -> dict[str, int] | None:
    """Return the place of each known column, or ``None`` after noting what is missing."""
    names = [name.strip() for name in cells]
    known = (*columns.required, *columns.optional)
    before = faults.count(file)
    for name in columns.required:
        if name not in names:
            hint = "; separate the columns by commas" if len(names) == 1 and (";" in names[0] or "\t" in names[0]) else ""
            faults.add(
                file, line, name, ",".join(names), f"The column {name} is missing; the header needs {','.join(known)}{hint}."
            )
    for name in known:
        if names.count(name) > 1:
            faults.add(file, line, name, name, "The column is there twice; leave one of them out.")
    return None if faults.count(file) > before else {name: names.index(name) for name in known if name in names}


def _rows(
    source: Iterable[tuple[int, list[str]]], file: str, columns: Columns, faults: FaultList, most_rows: int
) -> Iterator[Row]:
    index: dict[str, int] | None = None
    width = count = 0
    before = faults.count(file)
    for line, cells in source:
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        if index is None:
            index, width = _header(cells, line, file, columns, faults), len(cells)
            if index is None:
                return
            continue
        count += 1
        if count > most_rows:
            faults.add(file, line, "", "", f"The file has too many rows; at most {most_rows} are read.")
            return
        if len(cells) != width:
            reason = f"The row has {len(cells)} values, the header {width}; quote a value that holds a comma."
            faults.add(file, line, "", ",".join(cells), reason)
            continue
        yield Row(faults, file, line, cells, index)
    # A file that was refused as a whole has no rows either, and its fault is noted already.
    if index is None and faults.count(file) == before:
        faults.add(file, None, "", "", f"The file is empty; its first line must be {','.join(columns.required)}.")


def read_csv(path: Path, columns: Columns, faults: FaultList, most_rows: int = MOST_ROWS) -> Iterator[Row]:
    """Yield the rows of a CSV file, blank lines left out; what is wrong with the file as a whole is noted."""
    text = read_text(path, faults)
    if text is not None:
        yield from _rows(_csv_rows(text, path.name, faults), path.name, columns, faults, most_rows)


def read_table(path: Path, columns: Columns, faults: FaultList, most_rows: int = MOST_ROWS) -> Iterator[Row]:
    """Yield the rows of a CSV file, or of the first sheet of an XLSX file."""
    if path.suffix.lower() == ".xlsx":
        yield from _rows(sheet_rows(path, faults, MOST_BYTES), path.name, columns, faults, most_rows)
    else:
        yield from read_csv(path, columns, faults, most_rows)
