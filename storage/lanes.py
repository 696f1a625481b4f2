"""Lanes: what an associate may take now and how much it counts, in one row for the claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from storage.bulk import copy_rows, raw
from storage.quality import SHORTEST_SECONDS

LANES_LOCK: Final = 0x0F101
"""Advisory lock of those who write the lanes of a site, so that two of them never wait for each other's rows in a circle."""

MIXES: Final = (
    "SELECT m.team_id, m.queue_id, m.share * q.weight, CASE WHEN m.share > 0 THEN m.reserved_share ELSE 0 END "
    "FROM mix m JOIN queue q ON q.id = m.queue_id WHERE q.site_id = %s AND (%s::bigint[] IS NULL OR m.team_id = ANY(%s))"
)
WEIGH: Final = (
    "UPDATE lane l SET weight = m.factor * l.relative_speed, reserved_from = m.reserved_from, reserved_until = m.reserved_until "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[]) "
    "AS m (team_id, queue_id, factor, reserved_from, reserved_until) JOIN desk d ON d.team_id = m.team_id "
    "WHERE l.associate_id = d.associate_id AND l.queue_id = m.queue_id "
    "AND (l.weight, l.reserved_from, l.reserved_until) IS DISTINCT FROM "
    "(m.factor * l.relative_speed, m.reserved_from, m.reserved_until)"
)
MISSING: Final = (
    "SELECT d.associate_id, q.id FROM desk d JOIN associate_skill k ON k.associate_id = d.associate_id "
    "JOIN queue q ON q.skill_id = k.skill_id AND q.site_id = d.site_id WHERE d.site_id = %s "
    "AND NOT EXISTS (SELECT FROM lane l WHERE l.associate_id = d.associate_id AND l.queue_id = q.id) ORDER BY 1, 2"
)
# A queue may ask for another skill than before, and an associate may lose one.
DROP: Final = (
    "DELETE FROM lane l USING associate s, queue q WHERE s.id = l.associate_id AND q.id = l.queue_id AND s.site_id = %s "
    "AND (NOT s.is_active OR NOT EXISTS (SELECT FROM associate_skill k "
    "WHERE k.associate_id = l.associate_id AND k.skill_id = q.skill_id))"
)
LEARN: Final = (
    "UPDATE lane l SET weight = l.weight / l.relative_speed * n.speed, relative_speed = n.speed, "
    "handling_mean_seconds = n.mean, handling_p95 = n.p95 * interval '1 second', lease = n.lease * interval '1 second' "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[]) "
    "AS n (associate_id, queue_id, speed, mean, p95, lease) "
    "WHERE l.associate_id = n.associate_id AND l.queue_id = n.queue_id "
    "AND (l.relative_speed, l.handling_mean_seconds, l.handling_p95, l.lease) IS DISTINCT FROM "
    "(n.speed, n.mean, n.p95 * interval '1 second', n.lease * interval '1 second')"
)
LANES: Final = (
    "SELECT l.associate_id, l.queue_id FROM lane l JOIN queue q ON q.id = l.queue_id WHERE q.site_id = %s ORDER BY 1, 2"
)
# Whole days are added up already; what is not added up yet is read answer by answer.
ANSWERS: Final = (
    "WITH added AS (SELECT a.associate_id, a.queue_id, a.day, a.answers, a.sum_ln_seconds, a.sum_ln_squared FROM answer_day a "
    "JOIN queue q ON q.id = a.queue_id WHERE q.site_id = %(site)s AND a.day >= (%(since)s AT TIME ZONE %(zone)s)::date), "
    "edge AS (SELECT greatest(%(since)s, (max(day) + 1)::timestamp AT TIME ZONE %(zone)s) AS at FROM added) "
    "SELECT associate_id, queue_id, sum(answers)::bigint, sum(sum_ln_seconds), sum(sum_ln_squared) FROM ("
    "SELECT associate_id, queue_id, answers, sum_ln_seconds, sum_ln_squared FROM added "
    "UNION ALL SELECT a.associate_id, a.queue_id, 1, ln(greatest(a.handling_seconds, %(shortest)s)), "
    "ln(greatest(a.handling_seconds, %(shortest)s)) ^ 2 FROM edge, answer a JOIN queue q ON q.id = a.queue_id "
    "WHERE q.site_id = %(site)s AND a.answered_at >= edge.at AND a.answered_at <= %(now)s) every_one "
    "GROUP BY associate_id, queue_id"
)
QUEUES: Final = (
    "SELECT q.id, q.lease_seconds, (SELECT sum(v.jobs * v.aht_seconds) / nullif(sum(v.jobs), 0) FROM volume v "
    "WHERE v.queue_id = q.id AND v.starts_at > %(since)s AND v.starts_at <= %(now)s), "
    "(SELECT v.aht_seconds FROM volume v WHERE v.queue_id = q.id ORDER BY v.starts_at DESC LIMIT 1), "
    "(SELECT f.aht_seconds FROM forecast f WHERE f.queue_id = q.id AND f.starts_at <= %(now)s ORDER BY f.starts_at DESC LIMIT 1) "
    "FROM queue q WHERE q.site_id = %(site)s"
)
LANE_COLUMNS = (
    "associate_id", "queue_id", "weight", "relative_speed", "handling_mean_seconds", "handling_p95", "lease",
    "reserved_from", "reserved_until",
)  # fmt: skip

LaneKey = tuple[int, int]
"""Associate and queue."""


@dataclass(frozen=True)
class LaneFigures:
    """How fast an associate is in a queue.

    Parameters
    ----------
    relative_speed
        1 for the usual handling time of the queue, 2 for half of it.
    mean_seconds, p95_seconds
        Mean and 95th percentile of the handling time.
    lease_seconds
        How long a job may be kept.
    """

    relative_speed: float
    mean_seconds: float
    p95_seconds: float
    lease_seconds: float


@dataclass(frozen=True)
class AnswerSums:
    """Answers of an associate to a queue, added up: their number, the sum of the logarithms of seconds, and of their squares."""

    count: int
    sum_ln: float
    sum_ln_squared: float


@dataclass(frozen=True)
class QueueHandling:
    """What is known of the handling time of a queue without its answers.

    Parameters
    ----------
    aht_seconds
        From the volumes or the forecast; ``None`` when there are none.
    """

    lease_seconds: int
    aht_seconds: float | None


Intervals = Mapping[tuple[int, int], tuple[float, float]]
"""Reserved interval by team and queue."""


def lock_lanes(connection: Connection, site_id: int) -> None:
    """Wait until nobody else writes the lanes of this site, and keep others waiting to the end of the transaction."""
    raw(connection).execute("SELECT pg_advisory_xact_lock(%s, %s)", (LANES_LOCK, site_id))


@dataclass(frozen=True)
class MixRow:
    """How a queue counts for a team: weight of the queue times share of the mix, and the share of claims kept for it."""

    team_id: int
    queue_id: int
    factor: float
    reserved_share: float


def mix_rows(connection: Connection, site_id: int, team_ids: Collection[int] | None = None) -> list[MixRow]:
    """Return the mix of some teams of a site, of all of them without `team_ids`; a queue with share 0 reserves nothing."""
    wanted = None if team_ids is None else list(team_ids)
    return [MixRow(*row) for row in raw(connection).execute(MIXES, (site_id, wanted, wanted))]


def weigh_lanes(connection: Connection, rows: Iterable[MixRow], intervals: Intervals) -> int:
    """Give the lanes of the associates who work for teams their weights and reserved intervals; return how many changed."""
    listed = list(rows)
    reserved = [intervals.get((row.team_id, row.queue_id), (0.0, 0.0)) for row in listed]
    values = (
        [row.team_id for row in listed],
        [row.queue_id for row in listed],
        [row.factor for row in listed],
        [first for first, _ in reserved],
        [last for _, last in reserved],
    )
    return raw(connection).execute(WEIGH, values).rowcount


def missing_lanes(connection: Connection, site_id: int) -> list[LaneKey]:
    """Return the associate and queue of each lane that skills ask for and that is not there."""
    return [(associate, queue) for associate, queue in raw(connection).execute(MISSING, (site_id,))]


def drop_lanes(connection: Connection, site_id: int) -> int:
    """Remove lanes of those who left, or lost the skill; return their number."""
    return raw(connection).execute(DROP, (site_id,)).rowcount


def add_lanes(connection: Connection, figures: Mapping[LaneKey, LaneFigures]) -> None:
    """Write new lanes, which count nothing before they are weighed."""
    copy_rows(
        connection,
        "lane",
        LANE_COLUMNS,
        (
            (associate, queue, 0.0, one.relative_speed, one.mean_seconds, f"{one.p95_seconds} seconds",
             f"{one.lease_seconds} seconds", 0.0, 0.0)
            for (associate, queue), one in figures.items()
        ),
    )  # fmt: skip


def learn_handling(connection: Connection, figures: Mapping[LaneKey, LaneFigures]) -> int:
    """Give lanes new handling times, with the weight that goes with the speed; return how many changed."""
    values = (
        [associate for associate, _ in figures],
        [queue for _, queue in figures],
        [one.relative_speed for one in figures.values()],
        [one.mean_seconds for one in figures.values()],
        [one.p95_seconds for one in figures.values()],
        [one.lease_seconds for one in figures.values()],
    )
    return raw(connection).execute(LEARN, values).rowcount


def lane_keys(connection: Connection, site_id: int) -> list[LaneKey]:
    """Return associate and queue of each lane of a site."""
    return [(associate, queue) for associate, queue in raw(connection).execute(LANES, (site_id,))]


def answer_sums(
    connection: Connection, site_id: int, since: datetime, now: datetime, zone_name: str
) -> dict[LaneKey, AnswerSums]:
    """Return the answers of some time by associate and queue, added up."""
    arguments = {"site": site_id, "since": since, "now": now, "zone": zone_name, "shortest": SHORTEST_SECONDS}
    return {
        (associate, queue): AnswerSums(count, sum_ln, sum_squared)
        for associate, queue, count, sum_ln, sum_squared in raw(connection).execute(ANSWERS, arguments)
    }


def queue_handling(connection: Connection, site_id: int, since: datetime, now: datetime) -> dict[int, QueueHandling]:
    """Return the handling time of each queue as volumes of some time tell it, else older volumes, else the forecast."""
    rows = raw(connection).execute(QUEUES, {"site": site_id, "since": since, "now": now})
    return {queue: QueueHandling(lease, next((aht for aht in known if aht is not None), None)) for queue, lease, *known in rows}
