"""The difference that a repair makes, as its page shows it: who, which days, from what to what, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from scheduling.shifts import ShiftType
from services.repairs import DayMoved, Repair, RepairTask
from web.difference import Change, Side
from web.formatting import day, period
from web.tones import tone_of

ROW_LIMIT = 300


@dataclass(frozen=True)
class MovedRow:
    """One associate with the days that change."""

    code: str
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Figure:
    """One figure of a roster without and with the repair; `unit` says how it is written."""

    label: str
    before: float
    after: float
    unit: str

    @property
    def is_better(self) -> bool:
        """Whether the repair makes it better; a coverage is better when it is more, all else when it is less."""
        return self.after > self.before if self.unit == "share" else self.after < self.before

    @property
    def is_same(self) -> bool:
        """Whether the repair leaves it as it is, as far as anybody can see."""
        return abs(self.after - self.before) < (5e-5 if self.unit == "share" else 0.05)


def repair_page(found: Repair, shifts: Sequence[ShiftType]) -> dict[str, object]:
    """Return the model of the page of a repair."""
    tones = {shift.code: str(tone_of(shift)) for shift in shifts}
    rows = [
        MovedRow(code, name, tuple(_change(one, tones) for one in days))
        for (code, name), days in groupby(found.changes, key=lambda one: (one.associate, one.name))
    ]
    return {
        "repair": found,
        "roster": found.base,
        "rows": rows[:ROW_LIMIT],
        "people_changed": len(rows),
        "figures": figures_of(found),
        "happened": happened(found.task),
    }


def _change(one: DayMoved, tones: dict[str, str]) -> Change:
    before, after = (Side(word, "", tones.get(word, word)) for word in (one.before, one.after))
    return Change(one.day, before, after)


def figures_of(found: Repair) -> tuple[Figure, ...]:
    """Return what the roster is worth without and with the repair."""
    before, after = found.before, found.after
    return (
        Figure("Requirement covered", before.coverage_share, after.coverage_share, "share"),
        Figure("Short", before.short_hours, after.short_hours, "hours"),
        Figure("More than required", before.over_hours, after.over_hours, "hours"),
        Figure("Violations that block publishing", before.blocking_count, after.blocking_count, "count"),
        Figure("Violations that need a reason", before.reason_count, after.reason_count, "count"),
        Figure("Cost of the roster", before.objective, after.objective, "hours"),
    )


def happened(task: RepairTask) -> tuple[str, ...]:
    """Return what the repair was told of, a sentence each."""
    overrides = task.overrides
    away = [f"{one.associate} is away {period(one.first_day, one.last_day)}" for one in overrides.absences]
    gone = [f"{one.associate} leaves, last day {day(one.last_day, year=True)}" for one in overrides.contract_ends]
    grown = [f"{one.queue} has {100 * (one.volume * one.handling - 1):+.0f} % work" for one in overrides.growth]
    return (*away, *gone, *grown)
