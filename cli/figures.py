"""Figures and tables as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduling.result import PlanningResult
from scheduling.rules import Severity, Violation


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (header, *rows)]


def pairs(values: Mapping[str, str]) -> list[str]:
    """Return a line for each name and its value, the values below each other."""
    width = max(map(len, values), default=0)
    return [f"{name.ljust(width)}  {value}" for name, value in values.items()]


def figures_of(result: PlanningResult) -> list[str]:
    """Return what a planner wants to know first of a result, a line for each figure."""
    kpis = result.kpis
    hard, soft = counts(result.violations)
    values = {
        "status": str(result.status),
        "objective": f"{result.objective:,.1f} (proven: not below {result.bound:,.1f}, gap {100 * result.gap:.2f} %)",
        "required": f"{kpis['required_hours']:,.1f} productive head-hours",
        "short": f"{kpis['short_hours']:,.1f} head-hours ({100 * kpis['coverage_share']:.1f} % of the need is met)",
        "over": f"{kpis['over_hours']:,.1f} head-hours",
        "productive time": f"{kpis['productive_minutes_min']:.0f} to {kpis['productive_minutes_max']:.0f} minutes a shift",
        "shifts": f"{kpis['shifts']:,.0f}, of them {kpis['nights']:,.0f} nights",
        "requests granted": f"{100 * kpis['requests_granted_share']:.0f} %",
        "violations": f"{hard} that block publishing, {soft} that need a reason",
        "wall time": f"{result.wall_seconds:.1f} s, seed {result.seed}",
    }
    return pairs(values)


def counts(violations: Sequence[Violation]) -> tuple[int, int]:
    """Return how many violations block publishing, and how many need a reason."""
    hard = sum(one.severity is Severity.BLOCKS_PUBLISHING for one in violations)
    return hard, len(violations) - hard


def violation_lines(violations: Sequence[Violation]) -> list[str]:
    """Return a line for each violation: severity, the sentence for the planner, name of the rule."""
    return [f"{one.severity}: {one.message} [{one.rule}]" for one in violations]
