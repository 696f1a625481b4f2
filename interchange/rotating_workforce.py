"""Reads the rotating workforce scheduling format: requirement and rules of one rotation as plain text.

Lines that begin with ``#`` and empty lines say nothing. The others are, in this order: the days of a week (7); the rows; the
number of shift types; for each of them a line of seven heads; for each of them ``name start length least most`` with minutes
and the bounds of its runs; bounds of runs of days off; bounds of runs of work; the numbers of the two kinds of forbidden
successions; then these, ``A B`` for the next day and ``A - B`` for one day off between.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from interchange.faults import FaultList
from interchange.tables import read_text
from scheduling.rotation import DAYS_IN_WEEK, Bounds, Forbidden, RotationProblem, RotationRules

MOST_BYTES = 2**20
MOST_SHIFTS = 26
MOST_ROWS = 100_000


class _Lines:
    """The lines that say something, taken one after the other; a line that is missing or wrong ends the reading."""

    def __init__(self, file: str, text: str, faults: FaultList) -> None:
        self._file, self._faults = file, faults
        kept = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
        self._lines = iter([(number, words) for number, words in kept if words and not words[0].startswith("#")])
        self.number: int | None = None

    def words(self, what: str, count: int) -> list[str]:
        """Return the words of the next line, which has `count` of them; ValueError after noting a fault."""
        self.number, words = next(self._lines, (None, []))
        if self.number is None:
            self.refuse(what, "", "The file ends too early; add this line.")
        if len(words) != count:
            self.refuse(what, " ".join(words), f"The line has {len(words)} values, {count} are needed.")
        return words

    def numbers(self, what: str, count: int, most: int = MOST_ROWS) -> list[int]:
        """Return the next line as `count` whole numbers from 0 to `most`."""
        return [self.whole(what, word, most) for word in self.words(what, count)]

    def whole(self, what: str, word: str, most: int = MOST_ROWS) -> int:
        """Return a word as a whole number from 0 to `most`."""
        if not (word.isascii() and word.isdigit() and len(word) <= 9 and int(word) <= most):
            self.refuse(what, word, f"Write a whole number from 0 to {most}.")
        return int(word)

    def bounds(self, what: str, words: list[str]) -> Bounds:
        """Return two words as least and most of a run."""
        least, most = (self.whole(what, word) for word in words)
        if not 1 <= least <= most:
            self.refuse(what, f"{least} {most}", "The least length of a run is 1, and not above the most.")
        return least, most

    def refuse(self, what: str, value: str, reason: str) -> None:
        """Note a fault and end the reading."""
        self._faults.add(self._file, self.number, what, value, reason)
        raise ValueError(reason)


def read_rotating_workforce(path: Path) -> RotationProblem:
    """Return the question of a file; BadInputError with what is wrong and where."""
    faults = FaultList()
    text = read_text(path, faults, MOST_BYTES)
    if text is not None:
        try:
            return _problem(_Lines(path.name, text, faults))
        except ValueError:
            pass
    faults.raise_if_any()
    raise AssertionError("A file that cannot be read has a fault.")


def _problem(lines: _Lines) -> RotationProblem:
    if lines.numbers("days of a week", 1) != [DAYS_IN_WEEK]:
        lines.refuse("days of a week", "", "A week has seven days.")
    (weeks,) = lines.numbers("rows", 1)
    (count,) = lines.numbers("shift types", 1, MOST_SHIFTS)
    if not weeks or not count:
        lines.refuse("rows", "", "A rotation has at least one row and one shift type.")
    requirement = [lines.numbers("requirement", DAYS_IN_WEEK) for _ in range(count)]
    names, blocks = zip(*(_shift(lines) for _ in range(count)), strict=True)
    off = lines.bounds("runs of days off", lines.words("runs of days off", 2))
    work = lines.bounds("runs of work", lines.words("runs of work", 2))
    next_day, after_one_off = lines.numbers("numbers of forbidden successions", 2, MOST_SHIFTS**2)
    forbidden = [_forbidden(lines, names, 0) for _ in range(next_day)]
    forbidden += [_forbidden(lines, names, 1) for _ in range(after_one_off)]
    rules = RotationRules(work, off, blocks, frozenset(forbidden))
    return RotationProblem(names, weeks, np.array(requirement, dtype=np.int64), rules)


def _shift(lines: _Lines) -> tuple[str, Bounds]:
    """Return the name of a shift type with the bounds of its runs; when it starts and ends is no matter to a rotation."""
    words = lines.words("shift type", 5)
    return words[0], lines.bounds(f"runs of {words[0]}", words[3:])


def _forbidden(lines: _Lines, names: tuple[str, ...], gap: int) -> Forbidden:
    """Return one forbidden succession."""
    words = lines.words("forbidden succession", 3 if gap else 2)
    for name in (words[0], words[-1]):
        if name not in names:
            lines.refuse("forbidden succession", name, f"There is no such shift type; there are {', '.join(names)}.")
    return names.index(words[0]), gap, names.index(words[-1])
