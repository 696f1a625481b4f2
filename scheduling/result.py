"""The result of a planning run, as every consumer of it (files, storage, screens) reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.rules import Violation


class Status(StrEnum):
    """How a planning run ended."""

    OPTIMAL = "optimal"
    """The objective equals the bound."""
    FEASIBLE = "feasible"
    """Every hard rule is kept; the gap says how far the objective may be from the best."""
    INFEASIBLE = "infeasible"
    """Hard rules clash; the plan is the nearest relaxation and `clashes` says which rules clash."""


@dataclass(frozen=True)
class Clash:
    """A smallest set of hard facts and rules that cannot all be kept.

    Parameters
    ----------
    who
        Code of the associate; empty when the whole site is meant.
    facts
        The clashing facts and rules in a planner's words; leave one out and the rest can be kept.
    relaxation
        The nearest change that makes the set possible, in a planner's words.
    """

    who: str
    facts: tuple[str, ...]
    relaxation: str


@dataclass(frozen=True)
class PlanningResult:
    """A roster with its break slots and what is known about it.

    Parameters
    ----------
    objective
        Weighted head-hours of shortage and surplus plus the cost of wishes not granted.
    bound
        Proven: no roster with break slots that keeps the hard rules has a lower objective.
    violations
        What the independent checker says, hard ones first.
    kpis
        Figures of the roster by name (`scheduling.kpis`).
    objective_parts
        What the objective is made of, by name.
    """

    status: Status
    plan: RosterPlan
    breaks: BreakPlan
    coverage: Coverage
    objective: float
    bound: float
    wall_seconds: float
    seed: int
    versions: Mapping[str, str]
    violations: tuple[Violation, ...] = ()
    kpis: Mapping[str, float] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    objective_parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Relative distance of the objective from the bound: ``(objective - bound) / max(objective, 1e-9)``, not below 0."""
        return max(0.0, (self.objective - self.bound) / max(abs(self.objective), 1e-9))
