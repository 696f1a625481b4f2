"""The floor: everything that its page shows, computed once for everybody who looks."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Final

import numpy as np
from sqlalchemy import Connection, Engine

from allocation.alerts import Alert, AssociateStanding, QueueDeviation, TeamStanding, alerts
from allocation.projection import Projection, project
from scheduling.times import Clock
from services.floor_lines import (
    AlertLine,
    FloorSnapshot,
    HourLine,
    OutlookLine,
    QueueLine,
    TeamLine,
    document_of,
    snapshot_of,
)
from services.floor_people import PeopleNow, PersonLine, Standing, lines_of, read_people_now
from services.floor_reading import AHEAD, STEP, PeopleReading, WorkReading, read_people, read_work
from services.floor_settings import setting_of
from services.floor_state import DEFAULT_AHT_SECONDS, expected_so_far, floor_state
from services.forecasts import midnight
from storage import figures, snapshots
from storage.errors import domain_errors
from storage.figures import Band, Counted, FloorQueue
from storage.sites import zone_of_site

__all__ = [
    "FloorSnapshot",
    "compute_snapshot",
    "is_open",
    "people_of_team",
    "read_snapshot",
    "snapshot_version",
]

PROJECTED_EVERY: Final = timedelta(seconds=15)
"""The outlook of hours hardly changes in seconds, and looking at every waiting job by age costs more than counting them."""
HOURS_SHOWN: Final = timedelta(hours=4)
QUARTER: Final = timedelta(minutes=15)
LEAST_ELAPSED_SECONDS: Final = 900.0


@dataclass(frozen=True, eq=False)
class Seen:
    """What a snapshot is made of.

    Parameters
    ----------
    work
        Read only when it is time for another outlook.
    """

    people_reading: PeopleReading
    people: PeopleNow
    lines: Mapping[str, list[PersonLine]]
    queues: tuple[QueueLine, ...]
    team_names: Mapping[int, str]
    work: WorkReading | None


def compute_snapshot(
    engine: Engine, site_id: int, *, clock: Clock, projected_every: timedelta = PROJECTED_EVERY
) -> FloorSnapshot:
    """Compute the figures of a site, store them and tell whoever listens; return them.

    Nothing is read that grows with answered jobs. Short statements of their own snapshots, so that no old snapshot keeps dead
    rows in the way of claims. When another worker stored newer figures meanwhile, those stay.

    Raises
    ------
    NotFoundError
        When there is no such site.
    """
    began, now = time.perf_counter(), clock.now()
    with domain_errors():
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            before = _stored(connection, site_id)
            is_due = before is None or before.projected_at is None or now - before.projected_at >= projected_every
            seen = _see(connection, site_id, now, with_work=is_due)
            zone_name = zone_of_site(connection, site_id).key
            thresholds = setting_of(snapshots.read_setting(connection, site_id)).thresholds
        snapshot = FloorSnapshot(
            version=0,
            computed_at=now,
            projected_at=before.projected_at if before else None,
            zone_name=zone_name,
            totals=seen.people.counts(),
            teams=_team_lines(seen),
            people={name: tuple(found) for name, found in seen.lines.items()},
            queues=seen.queues,
            outlooks=before.outlooks if before else {},
            hours=before.hours if before else (),
            alerts=before.alerts if before else (),
        )
        if is_due and seen.work is not None:
            state = floor_state(seen.work, seen.people_reading)
            projection = None if state is None else project(state)
            snapshot = replace(snapshot, projected_at=now)
            if projection is not None:
                found = alerts(
                    projection, _deviations(seen, projection), *_standings(seen, seen.work), thresholds, seen.work.zone
                )
                snapshot = replace(
                    snapshot,
                    outlooks=_outlooks(projection),
                    hours=_hours(projection),
                    alerts=_alert_lines(found),
                )
        snapshot = replace(snapshot, compute_ms=round((time.perf_counter() - began) * 1000, 1))
        with engine.begin() as connection:
            version = snapshots.write_snapshot(connection, site_id, now, document_of(snapshot))
            return replace(snapshot, version=version or snapshots.snapshot_version(connection, site_id))


def read_snapshot(engine: Engine, site_id: int) -> FloorSnapshot | None:
    """Return the newest figures of a site; nothing before the first."""
    with domain_errors(), engine.connect() as connection:
        return _stored(connection, site_id)


def snapshot_version(engine: Engine, site_id: int) -> int:
    """Return the version of the newest figures; zero before the first."""
    with domain_errors(), engine.connect() as connection:
        return snapshots.snapshot_version(connection, site_id)


def is_open(engine: Engine, site_id: int) -> bool:
    """Return whether a site has a floor: somebody has a desk."""
    with domain_errors(), engine.connect() as connection:
        return figures.is_open(connection, site_id)


@dataclass(frozen=True)
class TeamMember:
    """One associate of a team at this moment."""

    id: int
    code: str
    name: str
    state: str
    since: datetime
    is_on_shift: bool
    is_lent: bool
    standings: tuple[str, ...]
    minutes: float


def people_of_team(engine: Engine, site_id: int, team_id: int, *, clock: Clock) -> tuple[TeamMember, ...]:
    """Return everybody who works for a team now, in the order of codes; read at once, not from the snapshot."""
    now = clock.now()
    with domain_errors(), engine.connect() as connection:
        reading = read_people(connection, site_id, now, ahead=timedelta(minutes=1), team_ids=[team_id])
        people = read_people_now(connection, site_id, reading)
        names = figures.people(connection, people.ids.tolist())
    members = [_member(people, reading, position, *names[int(number)]) for position, number in enumerate(people.ids.tolist())]
    return tuple(sorted(members, key=lambda one: one.code))


def _member(people: PeopleNow, reading: PeopleReading, position: int, code: str, name: str) -> TeamMember:
    desk = reading.desks[position]
    standings = tuple(one.value for one in Standing if people.masks[one.value][position])
    return TeamMember(
        id=int(desk["associate"]),
        code=code,
        name=name,
        state=figures.STATES[int(desk["state"])].value,
        since=datetime.fromtimestamp(float(desk["since"]), UTC),
        is_on_shift=bool(people.masks["scheduled"][position]),
        is_lent=bool(desk["home"] != desk["team"]),
        standings=standings,
        minutes=max((round(float(people.minutes[Standing(one)][position]), 1) for one in standings), default=0.0),
    )


def _stored(connection: Connection, site_id: int) -> FloorSnapshot | None:
    found = snapshots.read_snapshot(connection, site_id)
    return None if found is None else snapshot_of(found.version, found.computed_at, found.document)


def _see(connection: Connection, site_id: int, now: datetime, *, with_work: bool) -> Seen:
    reading = read_people(connection, site_id, now, ahead=AHEAD if with_work else timedelta(minutes=1))
    people = read_people_now(connection, site_id, reading)
    work = read_work(connection, site_id, now) if with_work else None
    return Seen(
        people_reading=reading,
        people=people,
        lines=lines_of(connection, people),
        queues=_queue_lines(connection, site_id, now, None if work is None else work.waiting),
        team_names=figures.team_names(connection, site_id),
        work=work,
    )


def _queue_lines(
    connection: Connection, site_id: int, now: datetime, waiting: tuple[Band, ...] | None
) -> tuple[QueueLine, ...]:  # fmt: skip
    """Return the queues as they are now; `waiting` are the jobs that wait, where they are known already."""
    queues = figures.floor_queues(connection, site_id)
    ids = [queue.id for queue in queues]
    zone = zone_of_site(connection, site_id)
    start = midnight(now.astimezone(zone).date(), zone)
    today, heads = figures.counted(connection, ids, start, now), figures.heads(connection, ids)
    bands = figures.waiting_bands(connection, ids, now) if waiting is None else waiting
    counts = {queue: sum(band.count for band in bands if band.queue_id == queue) for queue in ids}
    expected = expected_so_far(connection, ids, start, now)
    return tuple(
        _queue_line(queue, now, today.get(queue.id, Counted()), heads.get(queue.id), counts[queue.id], expected)
        for queue in queues
    )


def _queue_line(
    queue: FloorQueue, now: datetime, today: Counted, head: figures.Head | None, waiting: int, expected: Mapping[int, float]
) -> QueueLine:
    return QueueLine(
        id=queue.id,
        name=queue.name,
        kind=queue.kind.value,
        sla_seconds=queue.sla_seconds,
        waiting=waiting,
        oldest_seconds=None if head is None else max(0.0, (now - head.arrived_at).total_seconds()),
        arrived=round(today.arrived),
        forecast=expected.get(queue.id),
        handled=round(today.answered),
        sla_so_far=today.in_sla / today.answered if today.answered else None,
    )


def _team_lines(seen: Seen) -> tuple[TeamLine, ...]:
    by_team = seen.people.by_team()
    return tuple(TeamLine(team, name, by_team[team]) for team, name in seen.team_names.items() if team in by_team)


def _outlooks(projection: Projection) -> dict[int, OutlookLine]:
    return {
        one.queue_id: OutlookLine(
            queue_id=one.queue_id,
            sla_projected=one.sla_projected,
            sla_day=one.sla_day,
            idle_in_minutes=one.idle_in_minutes,
            labour_needed=one.labour_needed,
            first_miss_at=one.first_miss_at,
            late_jobs=round(one.late_jobs, 1),
        )
        for one in projection.queues
    }


def _hours(projection: Projection) -> tuple[HourLine, ...]:
    """Return the next four hours by quarters of an hour."""
    each, count = QUARTER // STEP, HOURS_SHOWN // QUARTER
    required = projection.required_heads[: each * count].reshape(count, each).mean(axis=1)
    present = projection.present_heads[: each * count].reshape(count, each).mean(axis=1)
    starts = projection.starts[: each * count : each]
    rows = zip(starts, required.tolist(), present.tolist(), strict=True)
    return tuple(HourLine(start, round(need, 2), round(have, 2)) for start, need, have in rows)


def _alert_lines(found: Iterable[Alert]) -> tuple[AlertLine, ...]:
    return tuple(
        AlertLine(one.kind.value, one.severity.value, one.message, one.cause, one.queue_id, one.team, one.associate_id)
        for one in found
    )


def _deviations(seen: Seen, projection: Projection) -> list[QueueDeviation]:
    """Return how the day of each queue differs from its plan; who is missing counts in equal parts for all of their queues."""
    work = seen.work
    assert work is not None  # noqa: S101 - only asked with an outlook.
    elapsed = max(LEAST_ELAPSED_SECONDS, (work.now - work.day_start).total_seconds())
    missing = {name: _missing_heads(seen, work, name) for name in ("absent", "late", "over_break", "away", "system_down")}
    return [
        QueueDeviation(
            queue_id=queue.queue_id,
            elapsed_seconds=elapsed,
            arrived=queue.arrived_so_far,
            forecast=queue.forecast_so_far,
            aht_seconds=queue.aht_seconds,
            planned_aht_seconds=_planned_aht(work, queue.queue_id) or queue.aht_seconds,
            **{f"{name}_heads": heads.get(queue.queue_id, 0.0) for name, heads in missing.items()},
        )
        for queue in projection.state.queues
    ]


def _planned_aht(work: WorkReading, queue_id: int) -> float | None:
    own = work.forecast[(work.forecast["queue"] == queue_id) & (work.forecast["starts"] <= work.now.timestamp())]
    total = float(own["jobs"].sum())
    return float((own["jobs"] * own["aht"]).sum()) / total if total > 0 else DEFAULT_AHT_SECONDS if len(own) else None


def _missing_heads(seen: Seen, work: WorkReading, name: str) -> dict[int, float]:
    who = seen.people.ids[seen.people.masks[name]]
    own = work.skills[np.isin(work.skills["associate"], who)]
    by_skill: dict[int, list[int]] = {}
    for queue in work.queues:
        by_skill.setdefault(queue.skill_id, []).append(queue.id)
    queues_of: dict[int, list[int]] = {}
    for associate, skill in zip(own["associate"].tolist(), own["skill"].tolist(), strict=True):
        queues_of.setdefault(associate, []).extend(by_skill.get(skill, ()))
    heads: dict[int, float] = {}
    for queues in queues_of.values():
        for queue_id in queues:
            heads[queue_id] = heads.get(queue_id, 0.0) + 1.0 / len(queues)
    return heads


def _standings(seen: Seen, work: WorkReading) -> tuple[list[TeamStanding], list[AssociateStanding]]:
    """Return teams and people for the alerts; of people, those who are shown."""
    teams = [
        TeamStanding(line.name, float(line.counts.scheduled), float(line.counts.absent), float(line.counts.excused))
        for line in _team_lines(seen)
    ]
    names, lines = seen.team_names, seen.lines
    over = [
        AssociateStanding(one.id, one.name, names.get(one.team_id, ""), break_over_minutes=one.minutes)
        for one in lines.get("over_break", ())
    ]
    late = [
        AssociateStanding(one.id, one.name, names.get(one.team_id, ""), late_minutes=one.minutes) for one in lines.get("late", ())
    ]
    return teams, [*over, *late, *_idle_standings(seen, work)]


def _idle_standings(seen: Seen, work: WorkReading) -> list[AssociateStanding]:
    """Return who is idle, with what waits in the queues from which they may take, and elsewhere."""
    lines, stretches, now = seen.lines.get("idle", ()), seen.people_reading.stretches, work.now.timestamp()
    own = work.skills[np.isin(work.skills["associate"], [line.id for line in lines])]
    skills: dict[int, set[int]] = defaultdict(set)
    for who, skill in zip(own["associate"].tolist(), own["skill"].tolist(), strict=True):
        skills[who].add(skill)
    current = stretches[(stretches["starts"] <= now) & (stretches["ends"] > now)]
    ends = dict(zip(current["associate"].tolist(), current["ends"].tolist(), strict=True))
    waits = cache(partial(_waiting_for, work, _waiting_by_queue(work)))
    found = []
    for line in lines:
        own_waiting, other_waiting = waits(line.team_id, frozenset(skills[line.id]))
        found.append(
            AssociateStanding(
                line.id,
                line.name,
                seen.team_names.get(line.team_id, ""),
                idle_minutes=line.minutes,
                own_waiting=own_waiting,
                other_waiting=other_waiting,
                works_until=datetime.fromtimestamp(ends[line.id], UTC) if line.id in ends else None,
            )
        )
    return found


def _waiting_by_queue(work: WorkReading) -> Counter[int]:
    """Return how many tasks wait in each queue."""
    waiting: Counter[int] = Counter()
    for band in work.waiting:
        waiting[band.queue_id] += band.count
    return waiting


def _waiting_for(
    work: WorkReading, waiting: Mapping[int, int], team_id: int, skills: frozenset[int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return what waits in the queues from which people of a team with these skills may take, and in all others.

    Thousands are idle of a few teams with a few sets of skills, so it is asked once for all who are alike.
    """
    own = [queue for queue in work.queues if queue.skill_id in skills and work.mixes.get((team_id, queue.id), (0.0, 0.0))[0] > 0]
    return (
        {queue.name: waiting[queue.id] for queue in own},
        {queue.name: waiting[queue.id] for queue in work.queues if queue not in own},
    )
