"""Edits of a roster by hand: what somebody saw in a cell, and what is to stand there instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scheduling.errors import ConflictError


@dataclass(frozen=True)
class CellEdit:
    """One day of one associate that is to change.

    Parameters
    ----------
    associate
        Code of the associate.
    seen
        What stood there when the decision was made: a shift code, ``off``, ``leave`` or ``none``.
    value
        What is to stand there.
    lock
        Whether the day is locked afterwards; ``None`` leaves the lock as it is, and with it a locked value.
    """

    associate: str
    day: date
    seen: str
    value: str
    lock: bool | None = None


@dataclass(frozen=True)
class CellConflict:
    """A cell that is not as the editor saw it, or that is locked.

    Parameters
    ----------
    seen, wanted, found
        What the editor saw and wanted, and what stands there now.
    by, at
        Who changed it last by hand, and when; empty and ``None`` where nobody did since the roster was built.
    is_locked
        Whether it may not change because it is locked.
    """

    associate: str
    day: date
    seen: str
    wanted: str
    found: str
    by: str = ""
    at: datetime | None = None
    is_locked: bool = False

    @property
    def words(self) -> str:
        """The conflict in one sentence."""
        where = f"{self.associate} on {self.day:%a} {self.day.day} {self.day:%b}"
        if self.is_locked:
            return f"{where} is locked to {self.found}: take the lock away first."
        changed = f", which {self.by} put there" if self.by else ""
        return f"{where} has {self.found} now{changed}; you saw {self.seen} and wanted {self.wanted}."


class EditConflictError(ConflictError):
    """Cells are not as the editor saw them; nothing was changed."""

    def __init__(self, conflicts: Sequence[CellConflict]) -> None:
        self.conflicts: tuple[CellConflict, ...] = tuple(conflicts)
        super().__init__("Nothing was changed. " + " ".join(one.words for one in self.conflicts))
