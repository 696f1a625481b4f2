"""Days of the rosters in force that change because somebody's request was granted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from scheduling.edits import CellEdit
from scheduling.times import Clock
from services.editing import Editor, EditOutcome, edit_within, follow_on_floor


@dataclass(frozen=True)
class DayEdit:
    """A day of an associate in the roster that is in force: what stood there, and what is to stand there."""

    roster_id: int
    associate: str
    day: date
    seen: str
    value: str


def change_days(
    connection: Connection,
    edits: Iterable[DayEdit],
    *,
    by: str,
    at: datetime,
    why: str,
    aside: frozenset[str] = frozenset(),
) -> tuple[EditOutcome, ...]:
    """Change days in the rosters in force, with their breaks, coverage, history and notices; `follow` goes after the transaction.

    Parameters
    ----------
    aside
        Names of rules that the change may break although they block publishing.

    Raises
    ------
    ConflictError
        When a day is not as it was seen, has begun, or the change breaks a rule.
    """
    of_roster: dict[int, list[CellEdit]] = defaultdict(list)
    for one in edits:
        of_roster[one.roster_id].append(CellEdit(one.associate, one.day, one.seen, one.value))
    editor = Editor(by, at, why=why, aside=aside)
    return tuple(edit_within(connection, number, cells, editor) for number, cells in sorted(of_roster.items()))


def follow(engine: Engine, outcomes: Iterable[EditOutcome], *, clock: Clock) -> None:
    """Let the floor follow what changed."""
    for one in outcomes:
        follow_on_floor(engine, one, clock=clock)
