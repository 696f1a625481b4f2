"""The one tree of errors; each speaks to the user in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SchedulingError(Exception):
    """Base of every error that is shown to a user as it stands."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with an input, with the place where it stands.

    Parameters
    ----------
    file
        Name of the file as the user knows it.
    row
        Line of the file as an editor counts it (the header is line 1); ``None`` when the whole file is meant.
    column
        Name of the column or key; empty when the whole row is meant.
    value
        The text that was found, shortened for display.
    reason
        What is wrong and what to do, one sentence.
    """

    file: str
    row: int | None
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = f", column {self.column}" if self.column else ""
        value = f", value {self.value!r}" if self.value else ""
        return f"{self.file}{row}{column}{value}: {self.reason}"


class BadInputError(SchedulingError):
    """The input has faults; all of them are listed and nothing was changed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class PolicyError(SchedulingError):
    """A break policy cannot leave the productive minutes that it promises; the message shows the arithmetic."""


class NotFoundError(SchedulingError):
    """The thing asked for does not exist."""


class ConflictError(SchedulingError):
    """Somebody changed the same thing first, or its state does not allow this; look again and repeat."""
