"""Reads instances and writes rosters of the Curtois and Qu format (schedulingbenchmarks.org)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from roster.personal.question import OFF, Question, Terms


def read_instance(path: Path) -> Question:
    """Read an instance.

    Raises
    ------
    ValueError
        If a line cannot be understood; the message names the section and the line.
    """
    sections = _sections(path)
    days = int(sections["SECTION_HORIZON"][0][0])
    shifts = sections["SECTION_SHIFTS"]
    index = {row[0]: number for number, row in enumerate(shifts)}
    forbidden = np.zeros((len(shifts), len(shifts)), dtype=bool)
    for number, row in enumerate(shifts):
        for after in _words(row[2] if len(row) > 2 else ""):
            forbidden[number, index[after]] = True
    staff = sections["SECTION_STAFF"]
    person = {row[0]: number for number, row in enumerate(staff)}
    days_off = {row[0]: frozenset(int(day) for day in row[1:] if day) for row in sections["SECTION_DAYS_OFF"]}
    on_weights, off_weights = (np.zeros((len(staff), days, len(shifts))) for _ in range(2))
    for name, weights in (("SECTION_SHIFT_ON_REQUESTS", on_weights), ("SECTION_SHIFT_OFF_REQUESTS", off_weights)):
        for who, day, shift, weight in sections[name]:
            weights[person[who], int(day), index[shift]] += float(weight)
    required = np.zeros((days, len(shifts)), dtype=np.int64)
    under, over = np.zeros(required.shape), np.zeros(required.shape)
    for day, shift, heads, weight_under, weight_over in sections["SECTION_COVER"]:
        place = int(day), index[shift]
        required[place], under[place], over[place] = int(heads), float(weight_under), float(weight_over)
    return Question(
        names=tuple(person),
        shift_names=tuple(index),
        minutes=np.array([int(row[1]) for row in shifts]),
        forbidden=forbidden,
        terms=tuple(_terms(row, index, days_off.get(row[0], frozenset())) for row in staff),
        on_weights=on_weights,
        off_weights=off_weights,
        required=required,
        under_weights=under,
        over_weights=over,
        title=path.stem,
    )


def _sections(path: Path) -> dict[str, list[list[str]]]:
    """Return the fields of the lines of each section; sections that are absent are empty."""
    names = ("HORIZON", "SHIFTS", "STAFF", "DAYS_OFF", "SHIFT_ON_REQUESTS", "SHIFT_OFF_REQUESTS", "COVER")
    found: dict[str, list[list[str]]] = {f"SECTION_{name}": [] for name in names}
    section: list[list[str]] | None = None
    for number, text in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        line = text.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            section = found.setdefault(line, [])
        elif section is None:
            raise ValueError(f"{path}, line {number}: `{line}` stands before the first section.")
        else:
            section.append([part.strip() for part in line.split(",")])
    empty = [name for name in ("SECTION_HORIZON", "SECTION_SHIFTS", "SECTION_STAFF") if not found[name]]
    if empty:
        raise ValueError(f"{path}: {', '.join(empty)} is empty or absent; give a file of the Curtois and Qu format.")
    return found


def _words(text: str) -> Iterator[str]:
    """Yield the parts of a list that is separated by ``|``."""
    return (word.strip() for word in text.split("|") if word.strip())


def _terms(row: Sequence[str], index: dict[str, int], days_off: frozenset[int]) -> Terms:
    """Return the terms of a line of staff."""
    most = dict(word.split("=") for word in _words(row[1]))
    most_minutes, least_minutes, most_run, least_run, least_off, weekends = (int(field) for field in row[2:8])
    counts = tuple(int(most.get(shift, 10**6)) for shift in index)
    return Terms(counts, most_minutes, least_minutes, most_run, least_run, least_off, weekends, days_off)


def write_roster(question: Question, lines: np.ndarray, path: Path) -> None:
    """Write one row an associate and a cell a day, ``-`` for a day off, separated by tabs."""
    words = {OFF: "-", **dict(enumerate(question.shift_names))}
    rows = ["\t".join(words[int(value)] for value in line) for line in lines]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def read_roster(question: Question, path: Path) -> np.ndarray:
    """Read what `write_roster` wrote; ValueError with each row of a wrong length and each wrong cell by row, column and value."""
    rows = [row.split("\t") for row in path.read_text(encoding="utf-8").splitlines()]
    numbers = {"-": OFF, **{name: number for number, name in enumerate(question.shift_names)}}
    faults = [] if len(rows) == question.people else [f"{len(rows)} rows, for {question.people} associates"]
    faults += [
        f"row {row}: {len(cells)} cells, for {question.days} days"
        for row, cells in enumerate(rows, start=1)
        if len(cells) != question.days
    ]
    faults += [
        f"row {row}, column {column}: {word!r} is no shift"
        for row, cells in enumerate(rows, start=1)
        for column, word in enumerate(cells, start=1)
        if word not in numbers
    ]
    if faults:
        raise ValueError(f"{path}: " + "; ".join(faults) + ".")
    return np.array([[numbers[word] for word in cells] for cells in rows], dtype=np.int64)
