"""What the pages of rotations show: the grid of rows with its totals, and who is on which row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scheduling.rotation import DAYS_IN_WEEK, Rows
from scheduling.shifts import ShiftType
from services.rotation_design import RotationSite, StoredRotation
from services.rotation_places import RotationPlace
from web.tones import Tone, tone_of


@dataclass(frozen=True)
class DayCell:
    """One day of a row: its sign, its classes, its words for those who hear the page."""

    text: str
    classes: str
    words: str


@dataclass(frozen=True)
class RotationRow:
    """One week of a rotation, and who begins in it.

    Parameters
    ----------
    follows
        Number of the row in which it goes on, from 1.
    """

    number: int
    cells: tuple[DayCell, ...]
    working_days: int
    is_weekend_free: bool
    follows: int
    who: RotationPlace | None


@dataclass(frozen=True)
class HeadTotal:
    """Heads of a shift type on each weekday, there and needed."""

    code: str
    tone: Tone
    heads: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class RotationPage:
    """A rotation as its page shows it."""

    cycles: tuple[tuple[RotationRow, ...], ...]
    totals: tuple[HeadTotal, ...]
    weekdays: tuple[str, ...]
    legend: tuple[tuple[str, Tone, str], ...]
    first_day: date | None
    last_day: date | None


def page_of(site: RotationSite, found: StoredRotation, places: Sequence[RotationPlace]) -> RotationPage:
    """Return the page of a rotation; of several periods the latest is shown on the rows."""
    shifts = {shift.code: shift for shift in site.shift_types}
    used = [shifts.get(code) for code in found.problem.shifts]
    first_day = places[0].first_day if places else None
    on_row = {place.row_number: place for place in places if place.first_day == first_day}
    cycles, before = [], 0
    for rows in found.rotations:
        cycles.append(
            tuple(
                RotationRow(
                    before + index + 1,
                    tuple(_cell(int(value), found.problem.shifts, used, site.weekdays[day]) for day, value in enumerate(row)),
                    int((row >= 0).sum()),
                    _is_free(found, rows, index),
                    before + (index + 1) % len(rows) + 1,
                    on_row.get(before + index),
                )
                for index, row in enumerate(rows)
            )
        )
        before += len(rows)
    return RotationPage(
        cycles=tuple(cycles),
        totals=_totals(found, used),
        weekdays=tuple(day[:3].capitalize() for day in site.weekdays),
        legend=tuple((shift.code, tone_of(shift), f"{shift.start:%H:%M}") for shift in used if shift is not None),
        first_day=first_day,
        last_day=places[0].last_day if places else None,
    )


def _is_free(found: StoredRotation, rows: Rows, index: int) -> bool:
    """Return whether the Saturday of a row and the day after it are off."""
    saturday = index * DAYS_IN_WEEK + found.problem.saturday
    days = rows.reshape(-1)
    return bool(days[saturday] < 0 and days[(saturday + 1) % len(days)] < 0)


def _cell(value: int, codes: Sequence[str], shifts: Sequence[ShiftType | None], weekday: str) -> DayCell:
    name = weekday.capitalize()
    if value < 0:
        return DayCell("·", "off", f"{name} off")
    shift = shifts[value]
    return DayCell(codes[value], f"w {tone_of(shift) if shift else ''}".strip(), f"{name} {codes[value]}")


def _totals(found: StoredRotation, shifts: Sequence[ShiftType | None]) -> tuple[HeadTotal, ...]:
    """Return the heads of each shift type on each weekday."""
    if not found.rotations:
        return ()
    rows = np.vstack(found.rotations)
    return tuple(
        HeadTotal(
            code,
            tone_of(shift) if shift else Tone.DAY,
            tuple(
                (int((rows[:, day] == index).sum()), int(found.problem.requirement[index, day])) for day in range(DAYS_IN_WEEK)
            ),
        )
        for index, (code, shift) in enumerate(zip(found.problem.shifts, shifts, strict=True))
    )
