"""Files whose columns have names of their own: what a table asks for, and which column of a file is probably meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from interchange.faults import FaultList
from interchange.tables import MappedFile, source_rows

SAMPLE_ROWS: Final = 5
DELIMITERS: Final = ",;\t"


@dataclass(frozen=True)
class WantedColumn:
    """A column that a table asks for: what it means, how it is written, and what other systems call it."""

    name: str
    meaning: str
    example: str
    is_needed: bool = True
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """The header of a file and its first rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def delimiter_of(path: Path) -> str:
    """Return the sign that most often parts the first line of a CSV file; a comma when none does."""
    with path.open("rb") as stream:
        first = stream.readline(65_536).decode("utf-8-sig", errors="replace")
    return max(DELIMITERS, key=lambda sign: (first.count(sign), sign == ","))


def preview(file: MappedFile, faults: FaultList) -> Preview:
    """Return what stands at the top of a file; empty where it cannot be read, with the reason noted."""
    filled = (cells for _, cells in source_rows(file, faults) if any(cell.strip() for cell in cells))
    rows = [tuple(cell.strip() for cell in cells) for cells in islice(filled, SAMPLE_ROWS + 1)]
    if not rows:
        if not len(faults):
            faults.add(file.name, None, "", "", "The file is empty.")
        return Preview((), ())
    return Preview(rows[0], tuple(rows[1:]))


def guess(header: Sequence[str], wanted: Sequence[WantedColumn]) -> tuple[str, ...]:
    """Return for each column of a file the wanted one that its name says, empty where none does; none is taken twice."""
    free = list(wanted)
    found = []
    for title in header:
        key = _plain(title)
        hit = next((one for one in free if key and key in {_plain(name) for name in (one.name, *one.others)}), None)
        if hit is not None:
            free.remove(hit)
        found.append(hit.name if hit else "")
    return tuple(found)


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", text.lower())
