"""The floor as the repair of breaks sees it: who is on shift, what became of their breaks, what is required."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from allocation.segments import served_breaks
from allocation.timeline import Attendance, attendance
from breaks.check_teams import LEAST_TEAM, TEAM_SHARE_WISHED
from breaks.floor import ActualBreak, Floor, Minutes, OnShift
from scheduling.duties import Duty, Span
from scheduling.plan import BreakPattern
from scheduling.presence import PresenceEvent, PresenceState
from scheduling.shifts import BreakPolicy
from services.ledgers import RULES
from storage import day_breaks, duties, presence
from storage.day_breaks import DutyFacts, RequiredHeads
from storage.duties import DutyKey
from storage.patterns import load_patterns
from storage.sites import policy_with_id, zone_of_site

NO_SHOW_AFTER: Final = timedelta(minutes=30)
"""Who has not come so long after the start of the duty is not counted on."""
AHEAD: Final = timedelta(hours=10)
"""Shifts that begin later than this from now do not matter to the breaks of today."""


@dataclass(frozen=True)
class Surge:
    """Heads that are needed beyond those planned for."""

    skill_id: int
    span: Span
    heads: float


@dataclass(frozen=True)
class Outage:
    """Time in which associates cannot work, past or expected.

    Parameters
    ----------
    associate_ids
        Whom it concerns.
    """

    associate_ids: frozenset[int]
    span: Span


@dataclass(frozen=True)
class FloorNow:
    """The floor at one moment, with what its numbers mean.

    Parameters
    ----------
    keys
        The duty behind each person of the floor.
    facts, patterns
        Breaks in force by duty.
    skills
        Names of the columns of the requirement.
    """

    floor: Floor
    now: datetime
    zone: ZoneInfo
    keys: Mapping[int, DutyKey]
    facts: Mapping[DutyKey, DutyFacts]
    patterns: Mapping[DutyKey, BreakPattern]
    policies: Mapping[int, BreakPolicy]
    skills: tuple[str, ...]

    def clock(self, minute: int) -> str:
        """Return a minute of the axis as local time."""
        return f"{self.instant(minute).astimezone(self.zone):%H:%M}"

    @staticmethod
    def instant(minute: int) -> datetime:
        """Return a minute of the axis as an instant."""
        return datetime.fromtimestamp(60 * minute, UTC)

    def fact(self, associate_id: int) -> DutyFacts:
        """Return the facts of the duty of a person on the floor."""
        return self.facts[self.keys[associate_id]]


def minute_of(instant: datetime) -> int:
    """Return the minute of the axis, which counts minutes of the epoch, in which an instant lies."""
    return int(instant.timestamp() // 60)


def floor_now(
    connection: Connection, site_id: int, now: datetime, *, surges: Sequence[Surge] = (), outages: Sequence[Outage] = ()
) -> FloorNow:
    """Return the floor of a site at this moment.

    Everybody whose duty goes on, or begins within hours, gives coverage; only breaks of duties that go on, or begin within the
    hour, may move. Of two duties of one associate the first counts.
    """
    found: dict[int, Duty] = {}
    for duty in duties.duties_between(connection, site_id, now, now + AHEAD):
        found.setdefault(duty.associate_id, duty)
    keys = {associate: (associate, duty.day) for associate, duty in found.items()}
    facts = day_breaks.duty_facts(connection, keys.values())
    ids = np.unique(np.array([one.pattern_id for one in facts.values()], dtype=np.int64))
    loaded = dict(zip(ids.tolist(), load_patterns(connection, ids), strict=True))
    patterns = {key: loaded[one.pattern_id] for key, one in facts.items()}
    policies = {number: policy_with_id(connection, number) for number in {one.policy_id for one in facts.values()}}
    skills = day_breaks.skills_of_site(connection, site_id)
    columns = {skill: column for column, skill in enumerate(skills)}
    people = tuple(_people(connection, found, facts, patterns, policies, columns, now, outages))
    last = max((FloorNow.instant(one.end_minute) for one in people if one.may_move), default=now)
    rows = day_breaks.required_heads(connection, site_id, now, last)
    first_minute, width, required = _requirement(rows, columns, now, surges)
    floor = Floor(minute_of(now), people, first_minute, width, required, _limits(people))
    names = tuple(skills.values())
    return FloorNow(floor, now, zone_of_site(connection, site_id), keys, facts, patterns, policies, names)


def _people(
    connection: Connection,
    found: Mapping[int, Duty],
    facts: Mapping[DutyKey, DutyFacts],
    patterns: Mapping[DutyKey, BreakPattern],
    policies: Mapping[int, BreakPolicy],
    columns: Mapping[int, int],
    now: datetime,
    outages: Sequence[Outage],
) -> Iterator[OnShift]:
    begun = [associate for associate, duty in found.items() if duty.starts_at <= now]
    since = min((found[associate].starts_at for associate in begun), default=now) - timedelta(minutes=RULES.early_limit_minutes)
    events = presence.events_between(connection, begun, since, now + timedelta(microseconds=1))
    expected = {associate: [one.span for one in outages if associate in one.associate_ids] for associate in found}
    for associate, duty in found.items():
        fact = facts[associate, duty.day]
        start, end = minute_of(duty.starts_at), minute_of(duty.ends_at)
        person = OnShift(
            associate_id=associate,
            start_minute=start,
            end_minute=end,
            policy=policies[fact.policy_id],
            pattern=patterns[associate, duty.day],
            skills=frozenset(columns[skill] for skill in fact.skill_ids if skill in columns),
            team=f"{fact.team_id} from {start}",
            lost=_minutes([*duty.absences, *expected[associate]], start, end),
            is_absent=duty.is_absent,
            may_move=duty.starts_at <= now + timedelta(hours=1),
        )
        yield _as_it_went(person, duty, events.get(associate, []), now) if duty.starts_at <= now else person


def _as_it_went(person: OnShift, duty: Duty, events: Sequence[PresenceEvent], now: datetime) -> OnShift:
    """Return the person with breaks and lost minutes as presence tells them up to now."""
    if not events:
        return person if now < duty.starts_at + NO_SHOW_AFTER else replace(person, is_absent=True)
    told = attendance(
        duty,
        events,
        duty.absences,
        early_limit_minutes=RULES.early_limit_minutes,
        overtime_limit_minutes=RULES.overtime_limit_minutes,
        open_tolerance_minutes=RULES.open_tolerance_minutes,
    )
    lost = [
        Span(span.starts_at, min(span.ends_at, now))
        for span, state in told.timeline
        if state in {PresenceState.SIGNED_OUT, PresenceState.SYSTEM_DOWN} and span.starts_at < now
    ]
    minutes = (*person.lost, *_minutes(lost, person.start_minute, person.end_minute))
    return replace(person, actual=_actual(duty, told, now), lost=tuple(sorted(set(minutes))))


def _actual(duty: Duty, told: Attendance, now: datetime) -> tuple[ActualBreak, ...]:
    """Return what became of the breaks that are over, go on, or should have begun."""
    timeline = told.timeline
    served = served_breaks(
        duty, timeline, match_minutes=RULES.match_minutes, coaching_kinds=RULES.coaching_kinds
    )  # fmt: skip
    spans: dict[int, Span] = {}
    for position, index in sorted(served.items()):
        span = timeline[position][0]
        if span.starts_at <= now:
            spans[index] = Span(spans[index].starts_at if index in spans else span.starts_at, span.ends_at)
    records = [
        ActualBreak(index, minute_of(span.starts_at), minute_of(span.ends_at) if span.ends_at <= now else None)
        for index, span in spans.items()
    ]
    works = next((state for span, state in timeline if span.holds(now)), None) is PresenceState.WORKING
    for index, one in enumerate(duty.breaks):
        if index in spans or one.starts_at > now or not works:
            continue
        # A late break is expected to begin now; one that was left out altogether stands with no minutes.
        is_late = now - one.starts_at <= timedelta(minutes=RULES.match_minutes)
        planned = minute_of(one.starts_at)
        records.append(ActualBreak(index, minute_of(now)) if is_late else ActualBreak(index, planned, planned))
    return tuple(sorted(records, key=lambda record: record.position))


def _minutes(spans: Sequence[Span], start: int, end: int) -> tuple[Minutes, ...]:
    """Return spans as minutes of the axis inside a shift."""
    cut = ((max(start, minute_of(span.starts_at)), min(end, ceil(span.ends_at.timestamp() / 60))) for span in spans)
    return tuple(sorted((first, last) for first, last in cut if first < last))


def _limits(people: Sequence[OnShift]) -> dict[str, int]:
    """Return how many of each team on one shift may be on break at once; small teams have no limit."""
    there = Counter(person.team for person in people if not person.is_absent)
    return {team: ceil(TEAM_SHARE_WISHED * count) for team, count in there.items() if count >= LEAST_TEAM}


def _requirement(
    rows: Sequence[RequiredHeads], columns: Mapping[int, int], now: datetime, surges: Sequence[Surge]
) -> tuple[int, int, NDArray[np.float64]]:
    """Return first minute and length of the intervals, and the heads of shape (intervals, skills)."""
    width = min((row.interval_minutes for row in rows), default=15)
    first = min((minute_of(row.starts_at) for row in rows), default=minute_of(now))
    last = max((minute_of(row.starts_at) + row.interval_minutes for row in rows), default=first + width)
    required = np.zeros((-(-(last - first) // width), max(1, len(columns))))
    for row in rows:
        begin = (minute_of(row.starts_at) - first) // width
        required[begin : begin + row.interval_minutes // width, columns[row.skill_id]] = row.heads
    for surge in surges:
        begin, end = ((minute_of(at) - first) // width for at in (surge.span.starts_at, surge.span.ends_at))
        required[max(0, begin) : max(0, end), columns[surge.skill_id]] += surge.heads
    return first, width, required
