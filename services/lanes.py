"""Lanes: which queues an associate works, how much each counts, and how long a job takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from allocation.handling import (
    ASSOCIATE_PRIOR_JOBS,
    QUEUE_PRIOR_JOBS,
    HandlingTime,
    LogSums,
    learned,
    planned_handling,
    relative_speed,
)
from allocation.policy import reserved_intervals
from scheduling.times import Clock
from storage import lanes
from storage.errors import domain_errors
from storage.lanes import LaneFigures, LaneKey, QueueHandling
from storage.sites import zone_of_site

LEARNED_FROM: Final = timedelta(days=28)
"""Answers of so much time tell how fast an associate is."""
UNKNOWN_AHT_SECONDS: Final = 20.0
"""Handling time of a queue of which neither volumes nor answers are known: a clip of 15-20 s, watched once."""
LEAST_LEASE_IN_P95: Final = 2.0
"""A lease lasts at least this many 95th percentiles, so that slow jobs of slow associates do not run out of it."""


def refresh_weights(connection: Connection, *, site_id: int, team_ids: Collection[int] | None = None) -> int:
    """Give lanes the weight ``queue weight x mix share x relative speed`` and their reserved intervals; return how many changed.

    Two statements whatever the number of associates, so that a change of the mix holds from the next claim on.

    Parameters
    ----------
    team_ids
        Teams whose mix changed; all of the site without it.

    Raises
    ------
    ReservedShareError
        When the reserved shares of a team pass what may be reserved.
    """
    lanes.lock_lanes(connection, site_id)
    rows = lanes.mix_rows(connection, site_id, team_ids)
    shares: dict[int, dict[int, float]] = defaultdict(dict)
    for row in rows:
        shares[row.team_id][row.queue_id] = row.reserved_share
    intervals = {
        (team, queue): interval for team, of_team in shares.items() for queue, interval in reserved_intervals(of_team).items()
    }
    return lanes.weigh_lanes(connection, rows, intervals)


def put_lanes(connection: Connection, site_id: int, now: datetime) -> int:
    """Give every associate with a desk a lane for each queue whose skill is there, and take the others; return the new ones.

    New lanes count nothing before `refresh_weights`.
    """
    lanes.lock_lanes(connection, site_id)
    lanes.drop_lanes(connection, site_id)
    missing = lanes.missing_lanes(connection, site_id)
    if missing:
        lanes.add_lanes(connection, _figures(connection, site_id, missing, now))
    return len(missing)


def refresh_handling(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """Learn the handling times of every lane of a site from the answers of the last weeks; return how many lanes changed."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        lanes.lock_lanes(connection, site_id)
        return lanes.learn_handling(connection, _figures(connection, site_id, lanes.lane_keys(connection, site_id), now))


def _figures(connection: Connection, site_id: int, keys: Collection[LaneKey], now: datetime) -> dict[LaneKey, LaneFigures]:
    since = now - LEARNED_FROM
    facts = lanes.queue_handling(connection, site_id, since, now)
    sums = {
        key: LogSums(one.count, one.sum_ln, one.sum_ln_squared)
        for key, one in lanes.answer_sums(connection, site_id, since, now, zone_of_site(connection, site_id).key).items()
    }
    usual = _usual(facts, sums)
    return {key: _figure(sums.get(key, LogSums()), usual[key[1]], facts[key[1]].lease_seconds) for key in keys}


def _usual(facts: Mapping[int, QueueHandling], sums: Mapping[LaneKey, LogSums]) -> dict[int, HandlingTime]:
    """Return the usual handling time of each queue: what all its answers tell, held to what was planned."""
    together: dict[int, LogSums] = defaultdict(LogSums)
    for (_, queue), one in sums.items():
        together[queue] += one
    return {
        queue: learned(together[queue], planned_handling(fact.aht_seconds or UNKNOWN_AHT_SECONDS), QUEUE_PRIOR_JOBS)
        for queue, fact in facts.items()
    }


def _figure(sums: LogSums, usual: HandlingTime, lease_seconds: int) -> LaneFigures:
    own = learned(sums, usual, ASSOCIATE_PRIOR_JOBS)
    lease = max(float(lease_seconds), LEAST_LEASE_IN_P95 * own.p95_seconds)
    return LaneFigures(relative_speed(own, usual), own.mean_seconds, own.p95_seconds, lease)
