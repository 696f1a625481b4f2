"""The time of day of a shift: one of four tones, each with one colour and one word on every page."""

from __future__ import annotations

from enum import StrEnum

from scheduling.shifts import MINUTES_PER_DAY, ShiftType


class Tone(StrEnum):
    """When most of a shift lies; the value is the word on the page and the end of the style class."""

    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"


DAY_FROM_MINUTE = 12 * 60
EVENING_FROM_MINUTE = 17 * 60


def tone_of(shift: ShiftType) -> Tone:
    """Return the tone of a shift type: night as the rules have it, else by the local time at its middle."""
    if shift.is_night:
        return Tone.NIGHT
    middle = (shift.start_minute + shift.span_minutes // 2) % MINUTES_PER_DAY
    if middle < DAY_FROM_MINUTE:
        return Tone.MORNING
    return Tone.DAY if middle < EVENING_FROM_MINUTE else Tone.EVENING
