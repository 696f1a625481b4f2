"""What follows from an edit, written: break patterns, coverage, violations and figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from roster.objective import parts_of_letters
from roster.rules import RULES_OF_THE_SITE
from scheduling.cost import CoverageCost
from scheduling.kpis import kpis_of
from scheduling.plan import BreakPattern
from scheduling.result import Status
from scheduling.rules import Severity, Violation
from services.edit_effects import Effects
from services.edit_ground import Cell, Ground
from services.edit_plan import EditedPlan
from services.edit_wishes import Changes
from storage import findings, rosters
from storage.edits import CellChange
from storage.patterns import load_patterns, save_patterns

DAY_RULES = ("team_on_break",)
SITE_RULES = tuple(rule.name for rule in RULES_OF_THE_SITE)


def known_patterns(connection: Connection, edited: EditedPlan) -> dict[Cell, BreakPattern]:
    """Return the breaks of moved cells that have some already: those of an edit that is undone."""
    numbers = {cell: edited.changes[edited.cells[cell]].after.break_pattern_id for cell in edited.moved}
    given = {cell: number for cell, number in numbers.items() if number is not None}
    ids = np.unique(np.array(list(given.values()), dtype=np.int64))
    patterns = dict(zip(ids.tolist(), load_patterns(connection, ids), strict=True))
    return {cell: patterns[number] for cell, number in given.items()}


def with_patterns(connection: Connection, ground: Ground, edited: EditedPlan, effects: Effects) -> Changes:
    """Return the changes with the breaks of every new shift, which are stored."""
    spans = {cell: edited.changes[edited.cells[cell]].after.span_minutes or 0 for cell in effects.patterns}
    wanted = [(spans[cell], pattern) for cell, pattern in effects.patterns.items()]
    ids = save_patterns(connection, ground.policy_id, ground.about.policy, wanted) if wanted else {}
    changes = dict(edited.changes)
    for cell, pattern in effects.patterns.items():
        change = changes[edited.cells[cell]]
        after = replace(change.after, break_pattern_id=ids[spans[cell], pattern])
        changes[edited.cells[cell]] = CellChange(change.before, after)
    return changes


def write_findings(
    connection: Connection, ground: Ground, edited: EditedPlan, effects: Effects
) -> tuple[tuple[Violation, ...], tuple[Violation, ...]]:
    """Write coverage and violations; return the violations that are new, and those that are gone."""
    number, axes, horizon = ground.head.id, ground.about.axes, ground.about.horizon
    if len(effects.intervals):
        findings.replace_coverage(connection, number, axes, horizon, effects.coverage, effects.intervals)
    old = findings.replace_violations(
        connection,
        number,
        effects.violations,
        ground.ids,
        site_rules=SITE_RULES,
        associates=[axes.associates[row] for row in edited.rows],
        day_rules=DAY_RULES,
        days=sorted({horizon.dates[day] for _, day in edited.moved}),
    )
    before, after = dict.fromkeys(old), dict.fromkeys(effects.violations)
    return tuple(one for one in after if one not in before), tuple(one for one in before if one not in after)


def write_figures(connection: Connection, ground: Ground, edited: EditedPlan, effects: Effects, version: int) -> None:
    """Write figures and objective of the roster after an edit.

    Requests and wishes that lines refuse count as they did when the roster was built; the bound of a roster that keeps the hard
    rules holds for every other that does.
    """
    head, number = ground.head, ground.head.id
    productive = findings.productive_minutes(connection, number)
    figures = kpis_of(edited.scenario, edited.plan, productive, effects.coverage)
    letters = edited.plan.values
    parts = {**head.objective_parts, **parts_of_letters(edited.scenario, letters, effects.coverage, CoverageCost())}
    objective = float(sum(parts.values()))
    bound = min(head.bound, objective)
    blocked = rosters.summary(connection, number).blocking_count > 0
    values = {
        "kpis": {**head.kpis, **{name: float(value) for name, value in figures.items()}},
        "objective_parts": parts,
        "objective": objective,
        "bound": bound,
        "gap": max(0.0, (objective - bound) / max(abs(objective), 1e-9)),
        "status": (Status.INFEASIBLE if blocked else Status.FEASIBLE).value,
    }
    findings.write_figures(connection, number, version, values)


def brought(broken: tuple[Violation, ...], mended: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """Return the violations that block publishing and that an edit brings or makes worse; those only counted anew are not."""
    had = {(one.rule, one.who, one.when): one.amount for one in mended}
    return tuple(
        one
        for one in broken
        if one.severity is Severity.BLOCKS_PUBLISHING and one.amount > had.get((one.rule, one.who, one.when), 0.0)
    )
