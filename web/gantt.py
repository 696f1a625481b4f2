"""Shifts and breaks of one day on a common scale of time: geometry in minutes, drawn by `templates/rosters/breaks.html`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from scheduling.people import Associate
from scheduling.plan import PLACE_WORDS
from services.break_moves import fingerprint
from services.reading import RosterGrid
from web.charts import Frame, Tick, points, step_corners
from web.tones import Tone, tone_of


@dataclass(frozen=True)
class BreakMark:
    """One break: minutes from the start of the shift, its kind, and its local times."""

    at: int
    minutes: int
    kind: str
    kind_index: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class ShiftBar:
    """One shift of one associate on the scale, with its breaks; `seen` is their text, by which a change is noticed."""

    associate: Associate
    code: str
    tone: Tone
    at: int
    minutes: int
    starts: datetime
    ends: datetime
    place: str
    breaks: tuple[BreakMark, ...]
    seen: str = ""

    @property
    def clock_minute(self) -> int:
        """Minutes from local midnight to the start."""
        return self.starts.hour * 60 + self.starts.minute

    @property
    def words(self) -> str:
        """The breaks as one sentence, for those who do not see the drawing."""
        return ", ".join(f"{mark.kind} {mark.starts:%H:%M}–{mark.ends:%H:%M}" for mark in self.breaks) or "no breaks"


@dataclass(frozen=True)
class Gantt:
    """The shifts that start on one day: bars by start, a scale, and how many are on a break at once."""

    minutes: int
    hours: tuple[Tick, ...]
    bars: tuple[ShiftBar, ...]
    on_break: str
    on_break_frame: Frame
    most_on_break: int
    most_at: datetime | None


EMPTY = Gantt(0, (), (), "", Frame(), 0, None)


def day_gantt(roster: RosterGrid, day: int, team: str = "") -> Gantt:
    """Return the Gantt of the shifts that start on day `day`, of one team or, with an empty team, of all."""
    working = [
        row
        for row, associate in enumerate(roster.associates)
        if roster.plan.values[row, day] >= 0 and (not team or associate.team == team)
    ]
    if not working:
        return EMPTY
    minute = roster.horizon.minute_of
    bars = [shift_bar(roster, row, day) for row in working]
    left = min(minute(bar.starts) for bar in bars) // 60 * 60
    minutes = -(-(max(minute(bar.ends) for bar in bars) - left) // 60) * 60
    bars = sorted((replace(bar, at=minute(bar.starts) - left) for bar in bars), key=_by_start)
    hours = tuple(Tick(100.0 * at / minutes, f"{roster.horizon.instant_of(left + at):%H}") for at in range(0, minutes, 60))
    heads = _on_break(roster.break_policy.grid_minutes, bars, minutes)
    frame = Frame(width=float(minutes), height=56.0)
    most = int(heads.max(initial=0))
    edges = np.linspace(0.0, float(minutes), len(heads) + 1)
    line = points(*step_corners(edges, frame.up(heads / max(1, most))))
    peak = roster.horizon.instant_of(left + int(heads.argmax()) * roster.break_policy.grid_minutes)
    return Gantt(minutes, hours, tuple(bars), line, frame, most, peak if most else None)


def _by_start(bar: ShiftBar) -> tuple[int, str, int, str]:
    return bar.at, bar.code, bar.breaks[0].at if bar.breaks else 0, bar.associate.name


def shift_bar(roster: RosterGrid, row: int, day: int) -> ShiftBar:
    """Return the shift of one associate on one day, at the left edge of the scale."""
    shift = roster.shift_types[roster.plan.values[row, day]]
    horizon, kinds = roster.horizon, roster.break_policy.breaks
    start = horizon.minute_at(day, shift.start)
    assigned = int(roster.breaks.assigned[row, day])
    pattern = roster.breaks.patterns[assigned] if assigned >= 0 else ()
    marks = tuple(
        BreakMark(
            at=slot.start_minute,
            minutes=kinds[slot.kind].minutes,
            kind=kinds[slot.kind].kind,
            kind_index=min(slot.kind, 3),
            starts=horizon.instant_of(start + slot.start_minute),
            ends=horizon.instant_of(start + slot.start_minute + kinds[slot.kind].minutes),
        )
        for slot in pattern
    )
    return ShiftBar(
        associate=roster.associates[row],
        code=shift.code,
        tone=tone_of(shift),
        at=0,
        minutes=shift.span_minutes,
        starts=horizon.instant_of(start),
        ends=horizon.instant_of(start + shift.span_minutes),
        place=PLACE_WORDS[int(roster.plan.places[row, day])],
        breaks=marks,
        seen=fingerprint(pattern),
    )


def _on_break(grid_minutes: int, bars: Sequence[ShiftBar], minutes: int) -> NDArray[np.int64]:
    """Return the associates on a break at once in each slot of the break grid, shape (minutes / grid,)."""
    change = np.zeros(minutes // grid_minutes + 1, dtype=np.int64)
    for bar in bars:
        for mark in bar.breaks:
            change[(bar.at + mark.at) // grid_minutes] += 1
            change[(bar.at + mark.at + mark.minutes) // grid_minutes] -= 1
    return np.cumsum(change)[:-1]
