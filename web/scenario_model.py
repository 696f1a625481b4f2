"""Scenarios as pages show them: what differs in words, figures side by side, and who changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from scheduling.rules import RuleSettings
from services import scenarios
from services.overrides import RULE_NUMBERS
from services.scenarios import Change, Outcome, ScenarioDocument, ScenarioView, changes_between
from web.formatting import day, period

CHANGES_SHOWN = 30


@dataclass(frozen=True)
class Measure:
    """One figure of an outcome.

    Parameters
    ----------
    unit
        How it is written: ``share``, ``hours``, ``count`` or ``number``.
    more_is_better
        ``None`` where neither more nor less is better.
    """

    group: str
    label: str
    unit: str
    of: Callable[[Outcome], float]
    more_is_better: bool | None = False


def _kpi(name: str) -> Callable[[Outcome], float]:
    return lambda outcome: outcome.kpis.get(name, 0.0)


def _part(name: str) -> Callable[[Outcome], float]:
    return lambda outcome: outcome.parts.get(name, 0.0)


MEASURES = (
    Measure("Coverage", "Requirement covered", "share", _kpi("coverage_share"), more_is_better=True),
    Measure("Coverage", "Required", "hours", _kpi("required_hours"), more_is_better=None),
    Measure("Coverage", "Short", "hours", _kpi("short_hours")),
    Measure("Coverage", "More than required", "hours", _kpi("over_hours")),
    Measure("Coverage", "Most heads short at once", "number", _kpi("worst_interval_short_heads")),
    Measure("Cost", "Cost of the roster", "hours", lambda outcome: outcome.objective),
    Measure("Cost", "Hours worked", "hours", _part("hours worked"), more_is_better=None),
    Measure("Cost", "Shortage, weighted", "hours", _part("shortage")),
    Measure("Cost", "Wishes and requests refused", "hours", _part("wishes refused")),
    Measure("Cost", "Associates", "count", lambda outcome: float(len(outcome.lines)), more_is_better=None),
    Measure("Fairness", "Weekend days, most less least", "count", _kpi("weekend_days_spread")),
    Measure("Fairness", "Weekend days, Gini", "number", _kpi("weekend_days_gini")),
    Measure("Fairness", "Weekly off moves", "share", _kpi("off_rotation_share"), more_is_better=True),
    Measure("Fairness", "Requests granted", "share", _kpi("requests_granted_share"), more_is_better=True),
    Measure("Violations", "Block publishing", "count", lambda outcome: float(outcome.blocking)),
    Measure("Violations", "Need a reason", "count", lambda outcome: float(outcome.reasons)),
)


@dataclass(frozen=True)
class Cell:
    """A figure of one outcome, with the difference to the first one and what that means: ``better``, ``worse``, or nothing."""

    value: float
    difference: float
    tone: str


@dataclass(frozen=True)
class FigureRow:
    """A figure of all outcomes."""

    measure: Measure
    cells: tuple[Cell, ...]
    is_first: bool


@dataclass(frozen=True)
class Column:
    """One outcome that is compared; a roster as it stands has no scenario."""

    title: str
    scenario: ScenarioView | None
    roster_id: int
    differs: tuple[str, ...]
    changes: tuple[Change, ...]
    days_changed: int


@dataclass(frozen=True)
class RuleRow:
    """A rule setting with what the roster has."""

    name: str
    label: str
    value: int


def rule_rows(rules: RuleSettings) -> tuple[RuleRow, ...]:
    """Return the rule settings that a scenario may change."""
    return tuple(RuleRow(name, name.replace("_", " ").capitalize(), int(getattr(rules, name))) for name in RULE_NUMBERS)


def differences(document: ScenarioDocument) -> tuple[str, ...]:
    """Return what differs from the roster, a few words each."""
    overrides = document.overrides
    away = [f"{one.associate} away {period(one.first_day, one.last_day)}" for one in overrides.absences]
    gone = [f"{one.associate} leaves, last day {day(one.last_day, year=True)}" for one in overrides.contract_ends]
    out = [f"without {', '.join(overrides.removed)}"] if overrides.removed else []
    new = [f"{one.count} more like {one.like}" for one in overrides.hired]
    grown = [_growth(one.queue, one.volume, one.handling) for one in overrides.growth]
    rules = [f"{name.replace('_', ' ')}: {value}" for name, value in overrides.rules.items()]
    return (*new, *out, *gone, *away, *grown, *rules)


def _growth(queue: str, volume: float, handling: float) -> str:
    parts = [
        f"{100 * (factor - 1):+.0f} % {what}" for factor, what in ((volume, "volume"), (handling, "handling time")) if factor != 1
    ]
    return f"{queue} {' and '.join(parts)}"


def figure_rows(outcomes: Sequence[Outcome]) -> tuple[FigureRow, ...]:
    """Return the figures of outcomes; differences are to the first one."""
    rows, group = [], ""
    for measure in MEASURES:
        first = measure.of(outcomes[0])
        cells = tuple(_cell(measure, measure.of(one), first) for one in outcomes)
        rows.append(FigureRow(measure, cells, measure.group != group))
        group = measure.group
    return tuple(rows)


def _cell(measure: Measure, value: float, first: float) -> Cell:
    difference = value - first
    seen = abs(difference) >= (5e-5 if measure.unit == "share" else 5e-3 if measure.unit == "number" else 0.05)
    if not seen or measure.more_is_better is None:
        return Cell(value, difference if seen else 0.0, "")
    return Cell(value, difference, "better" if (difference > 0) == measure.more_is_better else "worse")


def _column(view: ScenarioView, base: Outcome, outcome: Outcome) -> Column:
    changes = changes_between(base, outcome)
    days = sum(one.days for one in changes)
    return Column(view.name, view, view.base.id, differences(view.document), changes[:CHANGES_SHOWN], days)


def shown(engine: Engine, view: ScenarioView) -> dict[str, object]:
    """Return the model of the page of one scenario."""
    base = scenarios.outcome_of_roster(engine, view.base.id)
    model: dict[str, object] = {"scenario": view, "differs": differences(view.document)}
    if view.outcome is None:
        return model
    column = _column(view, base, view.outcome)
    return model | {"rows": figure_rows([base, view.outcome]), "column": column, "changed": changes_between(base, view.outcome)}


def columns_of(engine: Engine, views: Sequence[ScenarioView]) -> dict[str, object]:
    """Return the model of the comparison: the roster as it stands first, then the scenarios that were solved."""
    solved = [view for view in views if view.outcome is not None]
    bases = {view.base.id: scenarios.outcome_of_roster(engine, view.base.id) for view in views}
    columns = [Column(f"Roster {number}", None, number, (), (), 0) for number in bases]
    outcomes = list(bases.values())
    for view in solved:
        assert view.outcome is not None  # noqa: S101 - only those were chosen.
        columns.append(_column(view, bases[view.base.id], view.outcome))
        outcomes.append(view.outcome)
    unsolved = [view for view in views if view.outcome is None]
    return {"columns": columns, "rows": figure_rows(outcomes), "unsolved": unsolved}
