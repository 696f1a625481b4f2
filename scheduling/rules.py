"""What a rule says when it is broken, and the settings that rules read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """How bad a violation is: a hard one blocks publishing, a soft one needs a reason."""

    BLOCKS_PUBLISHING = "blocks publishing"
    NEEDS_A_REASON = "needs a reason"


@dataclass(frozen=True)
class Violation:
    """One rule broken once.

    Parameters
    ----------
    rule
        Name of the rule in the register.
    who
        Code of the associate; empty when the whole site is meant.
    when
        Local date on which it shows; ``None`` when the whole horizon is meant.
    amount
        By how much, in the unit that the message names.
    message
        The sentence for the planner.
    """

    rule: str
    severity: Severity
    who: str
    when: date | None
    amount: float
    message: str


class Timing(StrEnum):
    """How long an associate keeps one start time."""

    FIXED = "fixed"
    WEEKLY = "weekly"
    FREE = "free"


@dataclass(frozen=True)
class RuleSettings:
    """Parameters of the rules of a site; the defaults and their sources are explained in docs/reference/rules.md.

    ``wished_`` parameters are soft: breaking one costs and is reported as *needs a reason*; all others are hard.
    """

    rest_minutes: int = 660
    max_consecutive_days: int = 6
    wished_consecutive_days: int = 5
    working_days_per_week: int = 5
    days_off_consecutive: int = 2
    weekly_rest_minutes: int = 2880
    wished_weekly_rest_minutes: int = 3600
    max_weekly_work_minutes: int = 2880
    max_consecutive_nights: int = 5
    wished_consecutive_nights: int = 3
    night_consent_required: bool = False
    timing: Timing = Timing.FIXED
    timing_change_rest_minutes: int = 2880
    week_starts_on: str = "monday"
    wished_fairness_days: int = 2


@dataclass(frozen=True)
class Office:
    """The office of the site: seats at any one time, and the least office days in a full week of a hybrid associate."""

    seats: int
    days_per_week: int = 0
