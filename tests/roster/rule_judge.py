"""Asks one registered rule about one drawn roster."""

from __future__ import annotations

from collections.abc import Mapping

from roster.rules import RULES
from scheduling.rules import Violation
from scheduling.scenario import Scenario
from tests.builders import plan

BY_NAME = {rule.name: rule for rule in RULES}


def violations(
    name: str, of: Scenario, rows: str | Mapping[str, str], places: Mapping[str, str] | None = None
) -> list[Violation]:
    """Return what the rule of that name says about the roster that `rows` draws."""
    return list(BY_NAME[name].check(of, plan(of, rows, places)))


def judge(
    name: str, of: Scenario, rows: str | Mapping[str, str], places: Mapping[str, str] | None = None
) -> list[tuple[str, str, float]]:
    """Return who, when (ISO date, empty for the whole horizon) and amount, to six places, of each violation."""
    return [
        (found.who, found.when.isoformat() if found.when else "", round(found.amount, 6))
        for found in violations(name, of, rows, places)
    ]
