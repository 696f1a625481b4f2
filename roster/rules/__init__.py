"""The register of the rules of a roster, in the order in which a planner reads them."""

from __future__ import annotations

from roster.rules.facts import ContractKept, LeaveKept, LocksKept, ValueForEveryDay
from roster.rules.fairness import FairHolidays, FairNights, FairWeekends
from roster.rules.nights import NightConsent, NightsInARow, WishedNightsInARow
from roster.rules.place import OfficeDays, OfficeSeats, PlaceOfWork
from roster.rules.rest import RestBetweenShifts, WeeklyRest, WishedWeeklyRest
from roster.rules.rule import Rule
from roster.rules.runs import DaysOffTogether, WishedWorkingDaysInARow, WorkingDaysInARow
from roster.rules.terms import (
    MinutesOfTheTerms,
    OwnDaysOffTogether,
    OwnSuccessions,
    OwnWorkingDaysInARow,
    ShiftsOfAType,
    WeekendsOfTheTerms,
    WorkingDaysTogether,
)
from roster.rules.timing import RestAtTimingChange, TimingKept, TimingMovesForward
from roster.rules.week import WeeklyWork, WorkingDaysInAWeek
from roster.rules.wishes import RequestsGranted, SkillNeeded, WeeklyOffRotates

RULES: tuple[Rule, ...] = (
    ValueForEveryDay(),
    ContractKept(),
    LeaveKept(),
    LocksKept(),
    RestBetweenShifts(),
    WorkingDaysInARow(),
    WorkingDaysInAWeek(),
    DaysOffTogether(),
    WeeklyRest(),
    WeeklyWork(),
    TimingKept(),
    RestAtTimingChange(),
    NightsInARow(),
    NightConsent(),
    MinutesOfTheTerms(),
    ShiftsOfAType(),
    WeekendsOfTheTerms(),
    OwnWorkingDaysInARow(),
    WorkingDaysTogether(),
    OwnDaysOffTogether(),
    OwnSuccessions(),
    PlaceOfWork(),
    OfficeDays(),
    OfficeSeats(),
    WishedWorkingDaysInARow(),
    WishedWeeklyRest(),
    WishedNightsInARow(),
    TimingMovesForward(),
    WeeklyOffRotates(),
    RequestsGranted(),
    SkillNeeded(),
    FairWeekends(),
    FairHolidays(),
    FairNights(),
)

RULES_OF_PEOPLE = tuple(rule for rule in RULES if not rule.compares_people)
"""Rules that need no more than the days of one associate, so that after an edit only the edited ones are checked again."""
RULES_OF_THE_SITE = tuple(rule for rule in RULES if rule.compares_people)
"""Rules that look at everybody at once."""

__all__ = ["RULES", "RULES_OF_PEOPLE", "RULES_OF_THE_SITE", "Rule"]
