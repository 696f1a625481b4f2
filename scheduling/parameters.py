"""The parameters of the rules as people set them: what each is called, what it means, its unit, its limits, its rules."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from scheduling.rules import RuleSettings, Timing
from scheduling.times import WEEKDAYS

MINUTES_LIMITS: Final = (0, 7 * 1440)


@dataclass(frozen=True)
class Parameter:
    """One field of `RuleSettings`.

    Parameters
    ----------
    title
        What it is called, without numbers.
    meaning
        What it does, one sentence.
    rules
        Names of the rules that read it; the source of the default is that of the first one.
    unit
        What a number counts; empty where the value is a word.
    limits
        Least and most of a number.
    words
        What the value may be where it is a word.
    """

    name: str
    title: str
    meaning: str
    rules: tuple[str, ...]
    unit: str = ""
    limits: tuple[int, int] | None = None
    words: tuple[str, ...] = ()

    @property
    def default(self) -> object:
        """The value of a site that sets none."""
        return DEFAULTS[self.name]


DEFAULTS: Final = {field.name: field.default for field in fields(RuleSettings)}

RULE_PARAMETERS: Final = (
    Parameter(
        "rest_minutes",
        "Rest between two shifts",
        "From the end of a shift to the start of the next, in elapsed time, whatever the clocks show.",
        ("rest-between-shifts",),
        "minutes",
        MINUTES_LIMITS,
    ),
    Parameter(
        "max_consecutive_days",
        "Working days in a row, at most",
        "So many days with a shift in a row, and no more.",
        ("working-days-in-a-row",),
        "days",
        (1, 31),
    ),
    Parameter(
        "wished_consecutive_days",
        "Working days in a row, wished",
        "A longer run of working days costs.",
        ("wished-working-days-in-a-row",),
        "days",
        (1, 31),
    ),
    Parameter(
        "working_days_per_week",
        "Working days in a week",
        "So many days of a week are worked; leave and days outside the contract count towards them.",
        ("working-days-in-a-week",),
        "days",
        (1, 7),
    ),
    Parameter(
        "days_off_consecutive",
        "Days off together",
        "The weekly off is a run of at least so many days.",
        ("days-off-together",),
        "days",
        (1, 7),
    ),
    Parameter(
        "weekly_rest_minutes",
        "Continuous rest of the weekly off",
        "Elapsed time between the two shifts around the weekly off.",
        ("weekly-rest",),
        "minutes",
        MINUTES_LIMITS,
    ),
    Parameter(
        "wished_weekly_rest_minutes",
        "Continuous rest of the weekly off, wished",
        "A shorter one costs.",
        ("wished-weekly-rest",),
        "minutes",
        MINUTES_LIMITS,
    ),
    Parameter(
        "max_weekly_work_minutes",
        "Work in a week, at most",
        "The shifts that start in a week, without the breaks that are not productive.",
        ("weekly-work",),
        "minutes",
        MINUTES_LIMITS,
    ),
    Parameter(
        "max_consecutive_nights",
        "Nights in a row, at most",
        "A night is a shift that covers 00:00 to 05:00.",
        ("nights-in-a-row",),
        "nights",
        (0, 31),
    ),
    Parameter(
        "wished_consecutive_nights",
        "Nights in a row, wished",
        "More nights in a row cost.",
        ("wished-nights-in-a-row",),
        "nights",
        (0, 31),
    ),
    Parameter(
        "night_consent_required",
        "Consent to nights is asked for",
        "When it is, nobody gets a night who has not given consent.",
        ("night-consent",),
        words=("yes", "no"),
    ),
    Parameter(
        "timing",
        "How long one start time is kept",
        "Fixed: the whole roster; weekly: a week; free: from day to day. A timing given to an associate binds in all three.",
        ("timing-kept",),
        words=tuple(Timing),
    ),
    Parameter(
        "timing_change_rest_minutes",
        "Rest at a change of timing",
        "Elapsed time between two shifts of different types; not asked for when the timing is free.",
        ("rest-at-timing-change",),
        "minutes",
        MINUTES_LIMITS,
    ),
    Parameter(
        "week_starts_on",
        "A week starts on",
        "Weeks of working days, of hours and of the weekly off are counted from this day.",
        ("working-days-in-a-week", "weekly-work", "weekly-off-rotates"),
        words=WEEKDAYS,
    ),
    Parameter(
        "wished_fairness_days",
        "Burdens differ from the average by at most",
        "Weekends, holidays and nights are shared out evenly.",
        ("fair-weekends", "fair-holidays", "fair-nights"),
        "days",
        MINUTES_LIMITS,
    ),
)
"""Every field of `RuleSettings`, in the order in which a planner reads them."""

LIMITS_OF: Final = {one.name: one.limits for one in RULE_PARAMETERS if one.limits is not None}
