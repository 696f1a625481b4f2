"""What publishing a draft would change, as its page shows it: whose days, from what to what, and how soon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from services.publishing import Difference
from services.reading import RosterFrameView
from storage.publication import DayChange
from web.tones import tone_of

ROW_LIMIT = 200


@dataclass(frozen=True)
class Side:
    """What a day is before or after: shift code or word, place, and style class."""

    text: str
    place: str
    tone: str


@dataclass(frozen=True)
class Change:
    """One day of one associate on which shift or place changes."""

    date: date
    before: Side
    after: Side


@dataclass(frozen=True)
class ChangedRow:
    """One associate with the days on which shift or place changes, and the number on which only breaks move."""

    code: str
    name: str
    changes: tuple[Change, ...]
    breaks_moved: int


@dataclass(frozen=True)
class Scope:
    """The size of a publication and its difference.

    Parameters
    ----------
    is_cut
        Whether more associates change than `rows` has.
    told
        Associates who are told of it.
    """

    days: int
    new_days: int
    associates: int
    associates_changed: int
    days_changed: int
    rows: tuple[ChangedRow, ...]
    is_cut: bool
    told: int = 0


def scope_of(roster: RosterFrameView, difference: Difference, row_limit: int = ROW_LIMIT) -> Scope:
    """Return the difference associate by associate, cut after `row_limit` of them."""
    tones = {shift.code: str(tone_of(shift)) for shift in roster.shift_types}
    rows = [_row(*who, list(changes), tones) for who, changes in groupby(difference.changes, key=_who)]
    return Scope(
        days=difference.days.count,
        new_days=len(difference.new_days),
        associates=roster.associate_count,
        associates_changed=difference.associates_changed,
        days_changed=len(difference.changes),
        rows=tuple(rows[:row_limit]),
        is_cut=len(rows) > row_limit,
        told=roster.associate_count if difference.new_days else difference.associates_changed,
    )


def _who(change: DayChange) -> tuple[str, str]:
    return change.associate, change.name


def _row(code: str, name: str, changes: list[DayChange], tones: Mapping[str, str]) -> ChangedRow:
    def side(text: str, place: str) -> Side:
        return Side(text, place, tones.get(text, text))

    return ChangedRow(
        code,
        name,
        tuple(
            Change(one.day, side(one.before, one.place_before), side(one.after, one.place_after))
            for one in changes
            if not one.breaks_only
        ),
        sum(one.breaks_only for one in changes),
    )
