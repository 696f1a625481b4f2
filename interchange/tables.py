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


@dataclass(frozen=True)
class MappedFile:
    """A file whose columns have names of their own.

    Parameters
    ----------
    name
        What the file is called in messages.
    columns
        For each column of the file the one that is meant, empty where it is left out; ``None`` where the header says it.
    delimiter
        What parts the values of a CSV file.
    """

    path: Path
    name: str
    columns: tuple[str, ...] | None = None
    delimiter: str = ","


Source = Path | MappedFile


def read_text(path: Path, faults: FaultList, most_bytes: int = MOST_BYTES, *, name: str = "") -> str | None:
    """Return the text of a UTF-8 file (a byte order mark is dropped), or ``None`` after noting why not."""
    name = name or path.name
    try:
        size = path.stat().st_size
        if not path.is_file():
            faults.add(name, None, "", "", "This is not a file; put a file of this name here.")
            return None
        if size > most_bytes:
            faults.add(name, None, "", f"{size} bytes", f"The file is too large; at most {most_bytes // 2**20} MiB are read.")
            return None
        data = path.read_bytes()
    except FileNotFoundError:
        faults.add(name, None, "", "", "The file is missing; add it to the folder.")
        return None
    except OSError as error:
        faults.add(name, None, "", "", f"The file cannot be read: {error.strerror}.")
        return None
    return _decode(name, data, faults)


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


def _csv_rows(text: str, file: str, faults: FaultList, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
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


def read_table(source: Source, columns: Columns, faults: FaultList, most_rows: int = MOST_ROWS) -> Iterator[Row]:
    """Yield the rows of a CSV file, or of the first sheet of an XLSX file."""
    file = source if isinstance(source, MappedFile) else MappedFile(source, source.name)
    rows = source_rows(file, faults)
    named = rows if file.columns is None else _renamed(rows, file.columns)
    yield from _rows(named, file.name, columns, faults, most_rows)


def source_rows(file: MappedFile, faults: FaultList) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of a file, the header among them."""
    if file.path.suffix.lower() == ".xlsx":
        yield from sheet_rows(file.path, faults, MOST_BYTES, file.name)
    else:
        text = read_text(file.path, faults, name=file.name)
        if text is not None:
            yield from _csv_rows(text, file.name, faults, file.delimiter)


def _renamed(rows: Iterable[tuple[int, list[str]]], columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the names of the columns in place of the header; what goes beyond them has none."""
    is_header = True
    for line, cells in rows:
        if is_header and any(cell and not cell.isspace() for cell in cells):
            is_header = False
            yield line, [*columns, *[""] * len(cells)][: len(cells)]
        else:
            yield line, cells
