"""The state that the projection starts from, built of what was read; a change can be tried on it before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from allocation.projection import AgeBand, FloorState, GroupState, QueueState, with_arrivals_rerouted
from scheduling.presence import PresenceState
from services.floor_reading import AHEAD, STEP, PeopleReading, Rows, WorkReading
from storage.figures import STATES, Counted, FloorQueue
from storage.forecasts import read_forecast

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LATE_SECONDS: Final = 15 * 60.0
"""Who is not there although work is planned is expected so long from now, at first."""
GONE_SECONDS: Final = 30 * 60.0
"""Who has not been there for so long is not expected in this duty any more."""
PAUSED_SECONDS: Final = 10 * 60.0
"""Who is on a break, in coaching or without a system while work is planned is expected back so long from now."""
FREEZE: Final = timedelta(minutes=60)
"""Breaks that start sooner than this stay where they are."""
ENOUGH_ANSWERS: Final = 30.0
"""From so many answers of today on, their handling time goes before that of the forecast."""
DEFAULT_AHT_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Changes:
    """What is tried: values that go before those that were read.

    Parameters
    ----------
    mixes
        Share and reserved share by team and queue.
    routes
        Share of the coming jobs by source and target queue.
    teams
        Team by associate.
    """

    mixes: Mapping[tuple[int, int], tuple[float, float]] = field(default_factory=dict)
    routes: Mapping[tuple[int, int], float] = field(default_factory=dict)
    teams: Mapping[int, int] = field(default_factory=dict)


def floor_state(work: WorkReading, people: PeopleReading, changes: Changes | None = None) -> FloorState | None:
    """Return the state of a floor from now on, in steps of five minutes; nothing when the site has no queue."""
    if not work.queues:
        return None
    tried = changes or Changes()
    mixes = {**work.mixes, **tried.mixes}
    steps = AHEAD // STEP
    edges: Floats = work.now.timestamp() + STEP.total_seconds() * np.arange(steps + 1, dtype=np.float64)
    so_far = {queue.id: _expected(work, queue, work.day_start.timestamp(), work.now.timestamp()) for queue in work.queues}
    queues = tuple(_queue(work, queue, edges, so_far[queue.id], mixes) for queue in work.queues)
    state = FloorState(
        now=work.now,
        queues=queues,
        groups=_groups(work, people, mixes, tried.teams, edges),
        step_minutes=STEP.total_seconds() / 60,
        progress=_progress(work),
    )
    return _routed(state, {**work.routes, **tried.routes})


def _queue(
    work: WorkReading, queue: FloorQueue, edges: Floats, so_far: float, mixes: Mapping[tuple[int, int], tuple[float, float]]
) -> QueueState:
    today, last_hour = work.today.get(queue.id, Counted()), work.last_hour.get(queue.id, Counted())
    own = work.forecast[work.forecast["queue"] == queue.id]
    if len(own):
        arrivals = np.diff(_cumulative(own, work.interval_seconds, edges))
    else:
        # Nothing is expected of a queue without history, so what came in the last hour is taken to go on.
        arrivals = np.full(len(edges) - 1, last_hour.arrived * STEP / timedelta(hours=1))
        so_far = today.arrived
    given = [reserved for (_, of), (share, reserved) in mixes.items() if of == queue.id and share > 0]
    return QueueState(
        queue_id=queue.id,
        name=queue.name,
        sla_seconds=queue.sla_seconds,
        weight=queue.weight,
        aht_seconds=_aht(own, today, work),
        waiting=tuple(
            AgeBand(band.youngest_seconds, band.oldest_seconds, band.count)
            for band in (*work.waiting, *work.leased)
            if band.queue_id == queue.id
        ),
        forecast_arrivals=np.maximum(arrivals, 0.0),
        arrived_so_far=today.arrived,
        forecast_so_far=so_far,
        handled_so_far=today.answered,
        in_sla_so_far=today.in_sla,
        max_occupancy=queue.max_occupancy,
        reserved_share=float(np.mean(given)) if given else 0.0,
        form=queue.form,
    )


def _aht(own: Rows, today: Counted, work: WorkReading) -> float:
    if today.answered >= ENOUGH_ANSWERS and today.handling_seconds > 0:
        return today.handling_seconds / today.answered
    now = own[own["starts"] <= work.now.timestamp()]
    return float(now["aht"][-1]) if len(now) else DEFAULT_AHT_SECONDS


def _cumulative(own: Rows, interval_seconds: float, at: Floats) -> Floats:
    """Return the jobs expected until each instant, spread evenly inside the intervals of one queue."""
    ends = np.cumsum(own["jobs"])
    corners = np.stack([own["starts"], own["starts"] + interval_seconds], axis=1).ravel()
    levels = np.stack([ends - own["jobs"], ends], axis=1).ravel()
    return np.asarray(np.interp(at, corners, levels), dtype=np.float64)


def _expected(work: WorkReading, queue: FloorQueue, start: float, end: float) -> float:
    own = work.forecast[work.forecast["queue"] == queue.id]
    if not len(own):
        return 0.0
    first, last = _cumulative(own, work.interval_seconds, np.array([start, end]))
    return max(0.0, float(last - first))


def expected_so_far(connection: Connection, queue_ids: Sequence[int], start: datetime, now: datetime) -> dict[int, float]:
    """Return the jobs that were forecast from the start of the day until now, of queues that have a forecast."""
    rows = read_forecast(connection, queue_ids, start, now)
    starts = np.unique(rows["starts"])
    length = float(np.diff(starts).min()) if len(starts) > 1 else 900.0
    part = np.clip((now.timestamp() - rows["starts"]) / length, 0.0, 1.0)
    return {
        int(queue): round(float((rows["jobs"] * part)[rows["queue"] == queue].sum()), 1) for queue in np.unique(rows["queue"])
    }


def _progress(work: WorkReading) -> float:
    """Return how much of the day has passed: a day of 23 or 25 hours counts as one of 24, which matters little here."""
    return min(1.0, max(0.0, (work.now - work.day_start) / timedelta(days=1)))


def _routed(state: FloorState, routes: Mapping[tuple[int, int], float]) -> FloorState:
    """Return the state in which routes lead coming jobs away; the shares of one queue are of all that arrives in it."""
    left: dict[int, float] = {}
    for (source, target), share in sorted(routes.items()):
        if share <= 0 or source not in state.position or target not in state.position:
            continue
        rest = left.get(source, 1.0)
        if rest > 0:
            state = with_arrivals_rerouted(state, source, target, min(1.0, share / rest))
        left[source] = rest - share
    return state


def _groups(
    work: WorkReading,
    people: PeopleReading,
    mixes: Mapping[tuple[int, int], tuple[float, float]],
    teams: Mapping[int, int],
    edges: Floats,
) -> tuple[GroupState, ...]:
    """Return people of one team with the same skills, with the heads that are really there."""
    ids = people.desks["associate"]
    if not len(ids):
        return ()
    team = people.desks["team"].copy()
    for associate, other in teams.items():
        team[ids == associate] = other
    group_of, keys, skill_sets = _grouped(work, ids, team)
    count = len(keys)
    heads = heads_by_group(expected_stretches(people), ids, group_of, count, edges)
    away = heads_by_group(people.duties, ids, group_of, count, edges) - heads_by_group(
        people.stretches, ids, group_of, count, edges
    )
    away[:, : FREEZE // STEP] = 0.0
    speed = _speeds(work, ids, group_of, count)
    queues_of_skill: dict[int, list[int]] = {}
    for queue in work.queues:
        queues_of_skill.setdefault(queue.skill_id, []).append(queue.id)
    groups = []
    for index, (team_id, mask) in enumerate(keys):
        if heads[index].max(initial=0.0) <= 0 and away[index].max(initial=0.0) <= 0:
            continue
        may = [queue for skill in skill_sets[mask] for queue in queues_of_skill.get(skill, ())]
        shares = {queue: mixes[team_id, queue][0] for queue in may if mixes.get((team_id, queue), (0.0, 0.0))[0] > 0}
        name = work.team_names.get(team_id, str(team_id))
        groups.append(GroupState(name, shares, frozenset(may), heads[index], np.maximum(away[index], 0.0), float(speed[index])))
    return tuple(groups)


def _grouped(
    work: WorkReading, ids: Ints, team: Ints
) -> tuple[Ints, list[tuple[int, int]], dict[int, tuple[int, ...]]]:  # fmt: skip
    """Return the group of each associate, team and skill set of each group, and the skills of each skill set."""
    skills = np.unique(work.skills["skill"])
    bits = np.zeros((len(ids), len(skills)), dtype=bool)
    rows = np.searchsorted(ids, work.skills["associate"])
    rows = np.minimum(rows, len(ids) - 1)
    known = ids[rows] == work.skills["associate"]
    bits[rows[known], np.searchsorted(skills, work.skills["skill"][known])] = True
    sets, set_of = np.unique(bits, axis=0, return_inverse=True)
    pairs, group_of = np.unique(np.stack([team, set_of.ravel()], axis=1), axis=0, return_inverse=True)
    keys = [(int(team_id), int(number)) for team_id, number in pairs.tolist()]
    return group_of.ravel(), keys, {number: tuple(skills[row].tolist()) for number, row in enumerate(sets)}


def _speeds(work: WorkReading, ids: Ints, group_of: Ints, count: int) -> Floats:
    """Return the mean speed of each group; the usual speed where nothing is known."""
    speeds = np.ones(len(ids))
    if len(work.speeds):
        rows = np.minimum(np.searchsorted(ids, work.speeds["associate"]), len(ids) - 1)
        known = ids[rows] == work.speeds["associate"]
        speeds[rows[known]] = work.speeds["speed"][known]
    return np.bincount(group_of, speeds, count) / np.maximum(np.bincount(group_of, minlength=count), 1)


def heads_by_group(spans: Rows, ids: Ints, group_of: Ints, count: int, edges: Floats) -> Floats:
    """Return the mean heads of each group in each step, shape (groups, steps)."""
    rows = np.minimum(np.searchsorted(ids, spans["associate"]), len(ids) - 1)
    known = ids[rows] == spans["associate"]
    groups, starts, ends = group_of[rows[known]], spans["starts"][known], spans["ends"][known]
    result = np.zeros((count, len(edges) - 1))
    step = edges[1] - edges[0]
    for index, (first, last) in enumerate(pairwise(edges.tolist())):
        inside = np.maximum(np.minimum(ends, last) - np.maximum(starts, first), 0.0)
        result[:, index] = np.bincount(groups, inside, count) / step
    return result


def expected_stretches(people: PeopleReading) -> Rows:
    """Return the planned work as it is to be expected, given who is not there now.

    Whoever should work and does not is expected a little later; who has not been there for half an hour is not expected in
    this duty any more.
    """
    now = people.now.timestamp()
    stretches = people.stretches.copy()
    ids, desks = people.desks["associate"], people.desks
    if not len(ids) or not len(stretches):
        return stretches
    rows = np.minimum(np.searchsorted(ids, stretches["associate"]), len(ids) - 1)
    known = ids[rows] == stretches["associate"]
    state, since = desks["state"][rows], desks["since"][rows]
    out = STATES.index(PresenceState.SIGNED_OUT)
    duty_start, duty_end = np.full(len(ids), np.inf), np.full(len(ids), -np.inf)
    running = people.duties[(people.duties["starts"] <= now) & (people.duties["ends"] > now)]
    at = np.minimum(np.searchsorted(ids, running["associate"]), len(ids) - 1)
    same = ids[at] == running["associate"]
    duty_start[at[same]], duty_end[at[same]] = running["starts"][same], running["ends"][same]
    of_running = known & (stretches["starts"] < duty_end[rows])
    # Somebody who signed out in the duty is away since then, somebody who never came since its start.
    away_for = now - np.maximum(since, duty_start[rows])
    is_out = of_running & (state == out)
    is_gone = is_out & (away_for >= GONE_SECONDS)
    current = of_running & (stretches["starts"] <= now)
    late = current & is_out & ~is_gone
    paused = current & ~is_out & (state != STATES.index(PresenceState.WORKING))
    stretches["starts"] = np.where(late, now + LATE_SECONDS, stretches["starts"])
    stretches["starts"] = np.where(paused, np.maximum(stretches["starts"], now + PAUSED_SECONDS), stretches["starts"])
    stretches["starts"] = np.where(is_gone, stretches["ends"], stretches["starts"])
    return stretches
