"""What every rule has: a name, a severity, a source, a check of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import ClassVar

from roster.automaton import Machine
from roster.rules.timeline import Timeline
from roster.rules.words import person_text
from roster.setting import LineSetting
from scheduling.people import Associate
from scheduling.plan import RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario


class Face(StrEnum):
    """Where the model keeps a rule, or what it pays for it."""

    LETTERS = "letters"
    """The facts of an associate leave only some values on a day (`roster.problem.Facts`)."""
    MACHINE = "machine"
    """A sequence rule: a part of the rule automaton (`Rule.machine`)."""
    PRICES = "prices"
    """Costs of days or lines (requests, weekends, coverage)."""
    PLACES = "places"
    """Who comes to the office (`roster.places`)."""
    NOWHERE = "nowhere"
    """A wish that the checker tells of and that no model pays for."""


class Rule(ABC):
    """One rule of the site.

    A rule has two faces that know nothing of each other: `violations` is the check, plain Python over a roster; `face` and
    `machine` say how a model keeps the rule.

    Attributes
    ----------
    name
        Identifier in the register, in files and in addresses of pages.
    title
        The rule in a planner's words, without numbers: those are parameters of the site.
    source
        The law, the standard or the clause of the contract that the rule comes from.
    face
        Where the model keeps the rule.
    limit
        What the rule asks for with the numbers of the site, a format of the fields of `RuleSettings`; empty where there are none.
    compares_people
        Whether what the rule says of an associate depends on the days of others, so that an edit of one is an edit of all.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity]
    source: ClassVar[str]
    face: ClassVar[Face]
    limit: ClassVar[str] = ""
    compares_people: ClassVar[bool] = False

    def machine(self, setting: LineSetting) -> Machine | None:
        """Return the model face of a sequence rule, ``None`` where it forbids nothing in this setting."""
        return None

    def check(self, scenario: Scenario, plan: RosterPlan) -> Iterator[Violation]:
        """Yield every violation of this rule by a roster.

        Raises
        ------
        ValueError
            If the arrays of the plan do not fit the scenario.
        """
        return self.violations(Timeline.of(scenario, plan))

    @abstractmethod
    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield every violation of this rule on a timeline that many rules share."""

    def broken(self, who: Associate | None, when: date | None, amount: float, sentence: str, fix: str) -> Violation:
        """Return a violation: the rule in words, who, the sentence of what is wrong, the nearest fix."""
        subject = f"{person_text(who)} " if who else ""
        return Violation(
            rule=self.name,
            severity=self.severity,
            who=who.code if who else "",
            when=when,
            amount=float(amount),
            message=f"{self.title}: {subject}{sentence}. {fix}.",
        )


class HardRule(Rule):
    """A rule that a published roster keeps."""

    severity = Severity.BLOCKS_PUBLISHING


class SoftRule(Rule):
    """A rule that a roster may break for a reason."""

    severity = Severity.NEEDS_A_REASON


def bound_text(rule: Rule, bound: str) -> str:
    """Return what a number is to a rule: a hard rule has a ``most`` or a ``least``, a soft one wishes it."""
    return f"is the {bound}" if rule.severity is Severity.BLOCKS_PUBLISHING else f"is the {bound} that is wished"
