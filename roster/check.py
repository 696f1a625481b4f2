"""The independent check of a roster: it knows the rules in plain Python, and nothing of any solver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from roster.rules import RULES, Rule
from roster.rules.timeline import Timeline
from scheduling.plan import RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario


def check(scenario: Scenario, plan: RosterPlan, rules: Sequence[Rule] = RULES) -> tuple[Violation, ...]:
    """Return every violation of every registered rule, or of some of them.

    Returns
    -------
    Those that block publishing first; then by the code of the associate (the whole site first), by date (the whole horizon
    first), in the order of the register.

    Raises
    ------
    ValueError
        If the arrays of the plan do not have one row an associate and one column a day.
    """
    timeline = Timeline.of(scenario, plan)
    found = [violation for rule in rules for violation in rule.violations(timeline)]
    return tuple(sorted(found, key=_order))


def _order(violation: Violation) -> tuple[bool, str, date]:
    return violation.severity is not Severity.BLOCKS_PUBLISHING, violation.who, violation.when or date.min
