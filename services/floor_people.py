"""Who does what at this moment, against the plan: one standing for each associate, counted by team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from scheduling.duties import Duty
from scheduling.presence import PresenceState
from services.floor_reading import PeopleReading, Rows
from storage import duties, figures
from storage.figures import STATES

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ABSENT_AFTER_MINUTES: Final = 30.0
"""Who has not come so long after the start is counted as absent, although nobody recorded it."""
LATE_AFTER_MINUTES: Final = 1.0
IDLE_AFTER_SECONDS: Final = 60.0
"""Who works and had no job in hand for so long is idle."""
OVER_AFTER_MINUTES: Final = 1.0
BREAK_MATCH: Final = timedelta(minutes=90)
"""A break that began farther than this from every planned one stands for none of them."""
MOST_SHOWN: Final = 200


class Standing(StrEnum):
    """What is worth a look; the value is the name of the list."""

    OVER_BREAK = "over_break"
    LATE = "late"
    ABSENT = "absent"
    AWAY = "away"
    IDLE = "idle"
    SYSTEM_DOWN = "system_down"


@dataclass(frozen=True)
class PeopleCounts:
    """How many do what.

    Parameters
    ----------
    scheduled
        On shift by the plan, absences included.
    on_plan
        Of these, those for whom work is planned at this moment, neither absence nor break.
    working, on_break, coaching, system_down
        What those who are there do, on shift or not.
    idle, over_break
        Of those who work, who has no job; of those on a break, who should be back.
    late, away, absent
        On shift and not there: not come yet, gone since, recorded as absent or not come for half an hour.
    excused
        Of the absent, those whose absence is recorded.
    beyond_plan
        There although not on shift.
    """

    scheduled: int = 0
    on_plan: int = 0
    working: int = 0
    idle: int = 0
    on_break: int = 0
    over_break: int = 0
    coaching: int = 0
    system_down: int = 0
    late: int = 0
    away: int = 0
    absent: int = 0
    excused: int = 0
    beyond_plan: int = 0


COUNTED: Final = tuple(field.name for field in fields(PeopleCounts))


@dataclass(frozen=True)
class PersonLine:
    """One associate whose standing is worth a look.

    Parameters
    ----------
    minutes
        For how long; of a break, how long it is over.
    """

    id: int
    code: str
    name: str
    team_id: int
    minutes: float


@dataclass(frozen=True, eq=False)
class PeopleNow:
    """Every associate of a floor, as arrays in the order of `ids`.

    Parameters
    ----------
    masks
        Whether each associate counts, by the name of the count.
    minutes
        For how long the standing lasts, by the name of the standing.
    """

    ids: Ints
    team_ids: Ints
    masks: Mapping[str, Bools]
    minutes: Mapping[Standing, Floats]

    def counts(self, of: Bools | None = None) -> PeopleCounts:
        """Return how many do what, of all or of some."""
        return PeopleCounts(**{name: int((mask if of is None else mask & of).sum()) for name, mask in self.masks.items()})

    def by_team(self) -> dict[int, PeopleCounts]:
        """Return how many do what, by team."""
        teams, index = np.unique(self.team_ids, return_inverse=True)
        table = {name: np.bincount(index.ravel(), mask, len(teams)).astype(int).tolist() for name, mask in self.masks.items()}
        return {
            int(team): PeopleCounts(**{name: column[row] for name, column in table.items()})
            for row, team in enumerate(teams.tolist())
        }

    def longest(self, standing: Standing, most: int = MOST_SHOWN) -> list[int]:
        """Return the positions of those with a standing, the longest first, at most so many."""
        found = np.flatnonzero(self.masks[standing.value])
        order = np.lexsort((self.ids[found], -self.minutes[standing][found]))
        return [int(position) for position in found[order[:most]]]


def people_now(
    reading: PeopleReading, busy: Ints, last_answers: Mapping[int, float], breaks: Mapping[int, Sequence[Duty]]
) -> PeopleNow:
    """Return what everybody does against the plan.

    Parameters
    ----------
    busy
        Who has a job in hand, rising.
    last_answers
        When those who work without a job answered last, as seconds of the epoch.
    breaks
        Duties with their breaks of those who are on a break.
    """
    now, desks = reading.now.timestamp(), reading.desks
    ids, since, state = desks["associate"], desks["since"], desks["state"]
    duty_start, duty_end = _running(reading.duties, ids, now)
    stretch_start, stretch_end = _running(reading.stretches, ids, now)
    _, absence_end = _running(reading.absences, ids, now)
    is_on_shift, is_planned, is_excused = duty_end > now, stretch_end > now, absence_end > now
    is_in = {one: state == STATES.index(one) for one in PresenceState}
    is_out = is_on_shift & is_in[PresenceState.SIGNED_OUT]
    has_come = since > duty_start
    missing = np.where(is_out, (now - np.where(has_come, since, duty_start)) / 60, 0.0)
    is_absent = is_out & (is_excused | (~has_come & (missing >= ABSENT_AFTER_MINUTES)))
    working = is_in[PresenceState.WORKING]
    answered = np.array([last_answers.get(int(one), 0.0) for one in ids.tolist()]) if last_answers else np.zeros(len(ids))
    free_minutes = (now - np.maximum.reduce([since, answered, np.where(is_planned, stretch_start, since)])) / 60
    is_idle = working & is_planned & ~np.isin(ids, busy) & (free_minutes * 60 >= IDLE_AFTER_SECONDS)
    over_minutes = _over_minutes(ids, since, is_in[PresenceState.ON_BREAK] & is_on_shift, breaks, reading.now)
    masks = {
        "scheduled": is_on_shift,
        "on_plan": is_planned,
        "working": working,
        "idle": is_idle,
        "on_break": is_in[PresenceState.ON_BREAK],
        "over_break": over_minutes >= OVER_AFTER_MINUTES,
        "coaching": is_in[PresenceState.COACHING],
        "system_down": is_in[PresenceState.SYSTEM_DOWN],
        "late": is_out & ~is_absent & ~has_come & (missing >= LATE_AFTER_MINUTES),
        "away": is_out & ~is_absent & has_come,
        "absent": is_absent,
        "excused": is_absent & is_excused,
        "beyond_plan": ~is_on_shift & ~is_in[PresenceState.SIGNED_OUT],
    }
    minutes = {
        Standing.OVER_BREAK: over_minutes,
        Standing.LATE: missing,
        Standing.ABSENT: missing,
        Standing.AWAY: missing,
        Standing.IDLE: free_minutes,
        Standing.SYSTEM_DOWN: (now - since) / 60,
    }
    return PeopleNow(ids, desks["team"], masks, minutes)


def _running(spans: Rows, ids: Ints, now: float) -> tuple[Floats, Floats]:
    """Return start and end of the span of each associate that holds now, the last to begin of several."""
    starts, ends = np.full(len(ids), np.inf), np.full(len(ids), -np.inf)
    current = spans[(spans["starts"] <= now) & (spans["ends"] > now)]
    if len(ids) and len(current):
        at = np.minimum(np.searchsorted(ids, current["associate"]), len(ids) - 1)
        known = ids[at] == current["associate"]
        starts[at[known]], ends[at[known]] = current["starts"][known], current["ends"][known]
    return starts, ends


def _over_minutes(ids: Ints, since: Floats, is_resting: Bools, breaks: Mapping[int, Sequence[Duty]], now: datetime) -> Floats:
    """Return for how long each break that goes on is longer than the planned one that it stands for."""
    over = np.zeros(len(ids))
    for position in np.flatnonzero(is_resting).tolist():
        began = datetime.fromtimestamp(float(since[position]), UTC)
        planned = [one for duty in breaks.get(int(ids[position]), ()) for one in duty.breaks]
        nearest = min(planned, key=lambda one: abs(one.starts_at - began), default=None)
        allowed = nearest.minutes if nearest is not None and _stands_for(began, nearest.starts_at, nearest.ends_at) else 0.0
        over[position] = max(0.0, (now - began).total_seconds() / 60 - allowed)
    return over


def _stands_for(began: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    return starts_at - BREAK_MATCH <= began <= ends_at + BREAK_MATCH


def read_people_now(connection: Connection, site_id: int, reading: PeopleReading) -> PeopleNow:
    """Read what else is needed of those who are on a break or without a job, and return what everybody does."""
    desks, now = reading.desks, reading.now
    busy = figures.busy_associates(connection, site_id)
    working = desks["associate"][desks["state"] == STATES.index(PresenceState.WORKING)]
    free = np.setdiff1d(working, busy)
    resting = desks["associate"][desks["state"] == STATES.index(PresenceState.ON_BREAK)]
    found: dict[int, list[Duty]] = {}
    if len(resting):
        window = (now - timedelta(minutes=1), now + timedelta(minutes=1))
        for duty in duties.duties_between(connection, site_id, *window, associate_ids=resting.tolist()):
            found.setdefault(duty.associate_id, []).append(duty)
    return people_now(reading, busy, figures.last_answers(connection, free.tolist()), found)


def lines_of(connection: Connection, people: PeopleNow, most: int = MOST_SHOWN) -> dict[str, list[PersonLine]]:
    """Return the people of each standing, the longest first, at most so many of each."""
    chosen = {standing: people.longest(standing, most) for standing in Standing}
    positions = sorted({position for found in chosen.values() for position in found})
    names = figures.people(connection, [int(people.ids[position]) for position in positions])
    return {
        standing.value: [
            PersonLine(
                int(people.ids[position]),
                *names[int(people.ids[position])],
                int(people.team_ids[position]),
                round(float(people.minutes[standing][position]), 1),
            )
            for position in found
        ]
        for standing, found in chosen.items()
    }


def document_of(lines: Mapping[str, Sequence[PersonLine]]) -> dict[str, Any]:
    """Return lists of people as JSON has them."""
    return {name: [asdict(line) for line in found] for name, found in lines.items()}
