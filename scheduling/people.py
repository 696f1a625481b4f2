"""Associates and the facts that belong to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class WorkMode(StrEnum):
    """Where an associate works."""

    OFFICE = "office"
    HOME = "home"
    HYBRID = "hybrid"


@dataclass(frozen=True)
class ContractTerms:
    """What one contract asks for over a horizon beside the rules of the site; ``None`` where it asks for nothing.

    Parameters
    ----------
    least_minutes, most_minutes
        Bounds of the working minutes of the horizon; they take the place of the working days in a week. Days of leave and days
        outside the contract lower the least in proportion.
    most_days_in_a_row, least_days_in_a_row, least_days_off_in_a_row
        Bounds of runs; a run that touches leave, an edge of the contract or of what is known owes no least.
    most_weekends
        Most weekends of the horizon with work on Saturday or Sunday.
    most_shifts
        Most shifts of a type in the horizon, as pairs of code and number.
    forbidden_successions
        Pairs of codes of shift types of which the second may not follow the first on the next day.
    """

    least_minutes: int | None = None
    most_minutes: int | None = None
    most_days_in_a_row: int | None = None
    least_days_in_a_row: int | None = None
    least_days_off_in_a_row: int | None = None
    most_weekends: int | None = None
    most_shifts: tuple[tuple[str, int], ...] = ()
    forbidden_successions: tuple[tuple[str, str], ...] = ()

    @property
    def own_minutes(self) -> bool:
        """Whether the contract has minutes of its own."""
        return self.least_minutes is not None or self.most_minutes is not None


@dataclass(frozen=True)
class Associate:
    """One person who audits.

    Parameters
    ----------
    skills
        Names of the skills; each lets the associate cover the requirement of that skill, one at a time.
    contract_start, contract_end
        First and last local date of the contract, both included.
    timing
        Code of the shift type that the associate keeps in this rotation period; ``None`` when the planner leaves it open.
    night_consent
        False when the associate may not be given nights (ILO C171 leaves room for it; a site asks or does not).
    terms
        What the contract asks for beside the rules of the site, ``None`` where it is the usual one.
    """

    code: str
    name: str
    team: str
    skills: frozenset[str]
    work_mode: WorkMode
    contract_start: date
    contract_end: date
    timing: str | None = None
    night_consent: bool = True
    terms: ContractTerms | None = None


@dataclass(frozen=True)
class Leave:
    """Approved leave from `first_day` to `last_day`, both included."""

    associate: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Request:
    """A wish for a day: `want` is ``off`` or a shift code; `weight` is what a refusal costs in weighted head-hours."""

    associate: str
    date: date
    want: str
    weight: float


@dataclass(frozen=True)
class Lock:
    """A decision made by hand that the solver keeps: `value` is ``off`` or the code of a shift type."""

    associate: str
    date: date
    value: str


@dataclass(frozen=True)
class PastDay:
    """What an associate did on a day before the horizon: a shift code, ``off``, ``leave`` or ``none``."""

    associate: str
    date: date
    value: str
