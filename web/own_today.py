"""The moments of an associate's day: what comes next, how far the day has gone, for the page and for its polled document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from scheduling.words import N_
from services.day_words import break_word
from services.languages import Speech
from services.own_days import OwnDay, OwnShift

LOOK_AHEAD_DAYS: Final = 21
"""So far ahead the next shift is looked for."""


class Coming(StrEnum):
    """What happens at a moment of a day."""

    SHIFT_STARTS = "shift_starts"
    BREAK_STARTS = "break_starts"
    BREAK_ENDS = "break_ends"
    SHIFT_ENDS = "shift_ends"


SENTENCES: Final[Mapping[Coming, tuple[str, str]]] = {
    Coming.SHIFT_STARTS: (N_("Your shift starts in %(left)s"), N_("at %(time)s")),
    Coming.BREAK_STARTS: (N_("Next break in %(left)s"), N_("%(name)s at %(time)s")),
    Coming.BREAK_ENDS: (N_("Your break ends in %(left)s"), N_("%(name)s until %(time)s")),
    Coming.SHIFT_ENDS: (N_("Your shift ends in %(left)s"), N_("at %(time)s; no further break")),
}
"""The sentence that counts down to a moment, and the one that says when it is."""


@dataclass(frozen=True)
class Moment:
    """A moment of a shift at which something begins or ends."""

    coming: Coming
    at: datetime
    break_kind: str = ""

    def sentence(self, speech: Speech) -> str:
        """Return the words that count down to it; ``%(left)s`` stands for the time that is left."""
        return speech.say(SENTENCES[self.coming][0])

    def said(self, speech: Speech) -> str:
        """Return when it is, in words."""
        name = break_word(self.break_kind, speech) if self.break_kind else ""
        return speech.say(SENTENCES[self.coming][1], time=speech.time(self.at), name=name[:1].upper() + name[1:])


@dataclass(frozen=True)
class Today:
    """The day of an associate as it is now.

    Parameters
    ----------
    current
        The shift that goes on, with its local date; ``None`` between shifts.
    coming
        The next shift that begins, with its local date.
    moments
        Everything that is still to come of both, in the order of time.
    """

    current: OwnDay | None
    coming: OwnDay | None
    moments: tuple[Moment, ...]

    @property
    def next(self) -> Moment | None:
        """The next moment."""
        return next(iter(self.moments), None)


def moments_of(shift: OwnShift) -> list[Moment]:
    """Return the moments of a shift in the order of time."""
    found = [Moment(Coming.SHIFT_STARTS, shift.starts_at), Moment(Coming.SHIFT_ENDS, shift.ends_at)]
    for one in shift.breaks:
        found += [Moment(Coming.BREAK_STARTS, one.starts_at, one.kind), Moment(Coming.BREAK_ENDS, one.ends_at, one.kind)]
    return sorted(found, key=lambda one: one.at)


def today_of(days: Iterable[OwnDay], now: datetime) -> Today:
    """Return the day as it is now, of published days in any order."""
    shifts = sorted(((day.shift.starts_at, day) for day in days if day.shift is not None), key=lambda one: one[0])
    working = [day for start, day in shifts if start <= now < _end(day)]
    coming = [day for start, day in shifts if start > now]
    shown = [*working[-1:], *coming[:1]]
    moments = [one for day in shown if day.shift for one in moments_of(day.shift) if one.at > now]
    return Today(working[-1] if working else None, coming[0] if coming else None, tuple(sorted(moments, key=lambda one: one.at)))


def _end(day: OwnDay) -> datetime:
    assert day.shift is not None  # noqa: S101 - only days with a shift are asked.
    return day.shift.ends_at


def window_of(today: date) -> tuple[date, date]:
    """Return the dates of which the day of today is made: the shift of yesterday may go on."""
    return today - timedelta(days=1), today + timedelta(days=LOOK_AHEAD_DAYS)


def left_words(left: timedelta, speech: Speech) -> str:
    """Return how long it still is, in hours and minutes, such as ``3 h 05 min``; what is begun counts whole."""
    minutes = max(0, -(-left // timedelta(minutes=1)))
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return speech.count("%(n)s day", "%(n)s days", hours // 24)
    if hours:
        return speech.say(HOURS_LEFT, hours=hours, minutes=f"{rest:02d}")
    return speech.say(MINUTES_LEFT, minutes=rest)


HOURS_LEFT: Final = N_("%(hours)s h %(minutes)s min")
MINUTES_LEFT: Final = N_("%(minutes)s min")
