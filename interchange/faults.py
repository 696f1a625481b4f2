"""Gathers what is wrong with an input, so that the user hears all of it at once."""

from __future__ import annotations

from collections import Counter

from scheduling.errors import BadInputError, Fault

FAULTS_PER_FILE = 100
SHOWN_CHARACTERS = 60


def shown(value: object) -> str:
    """Return a value as a short text of one line for display."""
    try:
        text = value if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        # An integer of thousands of digits or a nest of thousands of lists has no text.
        text = f"({type(value).__name__})"
    text = "".join(sign if sign.isprintable() else "·" for sign in text[: SHOWN_CHARACTERS + 1])
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


class FaultList:
    """Faults in the order in which they are found; each file keeps the first hundred, the rest is counted."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._counts: Counter[str] = Counter()

    def add(self, file: str, row: int | None, column: str, value: object, reason: str) -> None:
        """Note one fault; the parameters are those of `Fault`, `value` may be of any type."""
        self._counts[file] += 1
        if self._counts[file] <= FAULTS_PER_FILE:
            self._faults.append(Fault(file, row, column, shown(value), reason))

    def count(self, file: str) -> int:
        """Return how many faults a file has."""
        return self._counts[file]

    def __len__(self) -> int:
        return sum(self._counts.values())

    def faults(self) -> tuple[Fault, ...]:
        """Return the faults, and for each file with more than are kept one that says how many more."""
        rest = tuple(
            Fault(
                file, None, "", "", f"and {count - FAULTS_PER_FILE} more faults like these; mend the first ones, then try again."
            )
            for file, count in self._counts.items()
            if count > FAULTS_PER_FILE
        )
        return tuple(self._faults) + rest

    def raise_if_any(self) -> None:
        """Raise `BadInputError` with all faults, if there are any."""
        if self._faults:
            raise BadInputError(self.faults())
