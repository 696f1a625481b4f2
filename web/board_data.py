"""What the planner's board is filled with, as compact JSON: people and days at once, what follows from edits bit by bit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import numpy as np

from scheduling.edits import CellConflict
from scheduling.plan import NONE
from scheduling.rules import Severity, Violation
from services.board import MadeEdit, OfferedFix, Viewer
from services.reading import CoverageView, RosterGrid, RosterState, RosterSummary
from web.grid import columns_of, legend_of
from web.tones import tone_of

Data = dict[str, Any]

FIRST_LETTER = ord("0")
"""A day of a row is one letter: the value of the plan, counted from `NONE`, from this letter on."""
LISTED_VIOLATIONS = 100


def head_data(roster: RosterSummary) -> Data:
    """Return what changes about the head of a roster."""
    return {
        "version": roster.version,
        "state": str(roster.state),
        "blocking": roster.blocking_count,
        "reasons": roster.reason_count,
    }


def board_data(roster: RosterGrid, today: date) -> Data:
    """Return people, days and shift types of a roster."""
    dates, row_of = roster.horizon.dates, {one.code: row for row, one in enumerate(roster.associates)}
    letters = roster.plan.values.astype(np.int64) - NONE + FIRST_LETTER
    locks = [[row_of[lock.associate], roster.horizon.day_index(lock.date)] for lock in roster.locks]
    times = {entry.shift.code: f"{entry.shift.start:%H:%M}–{entry.ends}" for entry in legend_of(roster.shift_types)}
    return {
        **head_data(roster.summary),
        "isEditable": roster.summary.state is RosterState.DRAFT,
        "dates": [[column.date.isoformat(), column.classes] for column in columns_of(dates, today)],
        "shifts": [[one.code, str(tone_of(one)), times[one.code]] for one in roster.shift_types],
        "people": [
            [one.code, one.name, one.team, str(one.work_mode), one.timing or "", ", ".join(sorted(one.skills))]
            for one in roster.associates
        ],
        "days": ["".join(map(chr, row)) for row in letters.tolist()],
        "locks": locks,
    }


def findings_data(violations: Sequence[Violation], codes: Sequence[str], dates: Sequence[date], who: str = "") -> Data:
    """Return where rules are broken, and the first of the violations in words, of one associate where `who` is given.

    A mark is row, day (-1 where the whole roster is meant), severity (0 blocks publishing) and rule; rules of the whole site have
    no row and no mark.
    """
    row_of, day_of = {code: row for row, code in enumerate(codes)}, {day: index for index, day in enumerate(dates)}
    rules = list(dict.fromkeys(one.rule for one in violations))
    number = {rule: index for index, rule in enumerate(rules)}
    chosen = [one for one in violations if not who or one.who == who]
    return {
        "rules": rules,
        "marks": [
            [row_of[one.who], day_of.get(one.when, -1) if one.when else -1, severity_number(one), number[one.rule]]
            for one in violations
            if one.who in row_of
        ],
        "blocking": sum(one.severity is Severity.BLOCKS_PUBLISHING for one in violations),
        "all": len(violations),
        "found": len(chosen),
        "list": [violation_data(one) for one in chosen[:LISTED_VIOLATIONS]],
    }


def severity_number(violation: Violation) -> int:
    """Return 0 for what blocks publishing, 1 for what needs a reason."""
    return 0 if violation.severity is Severity.BLOCKS_PUBLISHING else 1


def violation_data(one: Violation) -> Data:
    """Return a violation in words."""
    return {
        "rule": one.rule,
        "severity": severity_number(one),
        "who": one.who,
        "day": one.when.isoformat() if one.when else "",
        "amount": one.amount,
        "message": one.message,
    }


def coverage_data(view: CoverageView, skill: str, days: Collection[int] | None = None) -> Data:
    """Return required and scheduled heads of a skill, of all skills without one, by interval of each day."""
    columns = [view.skills.index(skill)] if skill in view.skills else list(range(len(view.skills)))
    required, scheduled = (heads[:, columns].sum(axis=1).round(1) for heads in (view.coverage.required, view.coverage.scheduled))
    # People with several skills may help out, so that the sum of all is short where each is, no less.
    short = np.maximum(0.0, view.coverage.required - view.coverage.scheduled)[:, columns].sum(axis=1)
    hours = view.horizon.interval_minutes / 60
    edges = (view.horizon.day_starts // view.horizon.interval_minutes).tolist()
    wanted = range(view.horizon.day_count) if days is None else sorted(days)
    return {
        "skill": skill,
        "intervalMinutes": view.horizon.interval_minutes,
        "days": {
            str(day): {
                "required": required[edges[day] : edges[day + 1]].tolist(),
                "scheduled": scheduled[edges[day] : edges[day + 1]].tolist(),
                "short": round(float(short[edges[day] : edges[day + 1]].sum() * hours), 1),
            }
            for day in wanted
        },
    }


def conflict_data(one: CellConflict) -> Data:
    """Return a conflict with both values."""
    return {
        "who": one.associate,
        "day": one.day.isoformat(),
        "wanted": one.wanted,
        "found": one.found,
        "by": one.by,
        "isLocked": one.is_locked,
        "message": one.words,
    }


def edit_data(one: MadeEdit) -> Data:
    """Return an edit with its cells: who, day, value, whether locked."""
    cells = [[cell.associate, cell.day.isoformat(), cell.value, cell.is_locked] for cell in one.cells]
    return {"version": one.version, "by": one.by, "client": one.client, "cells": cells}


def viewer_data(one: Viewer) -> Data:
    """Return who else looks at the roster, and at which cell."""
    return {"client": one.client, "name": one.name, "who": one.associate, "day": one.day.isoformat() if one.day else ""}


def fix_data(fix: OfferedFix | None) -> Data:
    """Return the nearest fix as edits that may be sent as they are; no edits when there is none."""
    if fix is None:
        return {"edits": []}
    edits = [[one.associate, one.day.isoformat(), one.seen, one.value, None] for one in fix.edits]
    return {"edits": edits, "blocking": fix.blocking, "reasons": fix.reasons}
