"""Steering: what a supervisor changes on the floor - waiting jobs, routes, mixes, who works for which team."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from storage.bulk import raw
from storage.sites import PersonFacts

MOVE_LOCK: Final = 0x0F102
"""Advisory lock of whoever moves the jobs of an action, so that its undo begins when nothing of it is under way."""

QUEUES: Final = (
    "SELECT q.id, q.name, q.skill_id, k.name, q.form::text, coalesce("
    "(SELECT sum(r.share) FROM route r WHERE r.from_queue_id = q.id), 0) "
    "FROM queue q JOIN skill k ON k.id = q.skill_id WHERE q.site_id = %s AND q.id = ANY(%s)"
)
# Somebody who is there, or will be within the time, and has the skill: jobs without anybody would lie until the next shift.
ANYBODY_CAN: Final = (
    "SELECT EXISTS (SELECT FROM associate_skill k JOIN desk d ON d.associate_id = k.associate_id "
    "WHERE k.skill_id = %(skill)s AND d.site_id = %(site)s AND (d.state <> 'signed_out' OR EXISTS ("
    "SELECT FROM stretch s WHERE s.associate_id = d.associate_id AND s.ends_at > %(now)s AND s.starts_at < %(until)s)))"
)

# Latest due first: every job taken from the end of a queue relieves those that come after it just as one from its front, but
# has the most time left, and is not among those that associates claim at this moment.
TAIL: Final = (
    "SELECT id, rank_at FROM task WHERE queue_id = %(source)s AND state = 'waiting' "
    "AND (rank_at, id) < (%(rank_at)s, %(task)s) ORDER BY rank_at DESC, id DESC LIMIT %(limit)s FOR UPDATE SKIP LOCKED"
)
# Waits for a claim that is about to take one of them, and leaves those out that it took.
MOVED: Final = (
    "SELECT t.id, t.rank_at, m.from_queue_id FROM task t JOIN (SELECT task_id, from_queue_id FROM moved_task "
    "WHERE floor_action_id = %(action)s AND task_id > %(after)s ORDER BY task_id LIMIT %(limit)s) m ON m.task_id = t.id "
    "WHERE t.state = 'waiting' AND t.queue_id = %(target)s ORDER BY t.id FOR UPDATE OF t"
)
LAST_OF_CHUNK: Final = (
    "SELECT max(task_id) FROM (SELECT task_id FROM moved_task WHERE floor_action_id = %s AND task_id > %s "
    "ORDER BY task_id LIMIT %s) chunk"
)
LOWER_HEAD: Final = "SELECT lower_queue_head(%s, %s)"
PUT: Final = "UPDATE task SET queue_id = %s WHERE id = ANY(%s)"
REMEMBER: Final = "INSERT INTO moved_task (floor_action_id, task_id, from_queue_id) SELECT %s, unnest(%s::bigint[]), %s"
FATE: Final = (
    "SELECT count(*) FILTER (WHERE t.state = 'waiting' AND t.queue_id = %(target)s), "
    "count(*) FILTER (WHERE t.state = 'waiting' AND t.queue_id <> %(target)s), count(*) FILTER (WHERE t.state = 'leased'), "
    "count(*) FILTER (WHERE t.state = 'answered'), count(*) FILTER (WHERE t.state = 'cancelled') "
    "FROM moved_task m JOIN task t ON t.id = m.task_id WHERE m.floor_action_id = %(action)s"
)
IS_UNDONE: Final = "SELECT EXISTS (SELECT FROM floor_action WHERE undoes_id = %s)"
FINISHED: Final = (
    "SELECT after FROM floor_action WHERE id > %(action)s AND site_id = %(site)s AND kind = %(kind)s "
    "AND (after->>'action_id')::bigint = %(action)s LIMIT 1"
)
UNTIL_INFINITY: Final = ("infinity", 2**63 - 1)


@dataclass(frozen=True)
class SteeredQueue:
    """What moves look at of a queue.

    Parameters
    ----------
    form
        Answer form, as text that is equal when the forms are.
    routed_away
        Share of the coming jobs that is put into other queues.
    """

    id: int
    name: str
    skill_id: int
    skill: str
    form: str
    routed_away: float


@dataclass(frozen=True)
class Chunk:
    """Some tasks that were moved together.

    Parameters
    ----------
    last
        Rank and id of the last one, from which the next chunk goes on; nothing when there are no more.
    """

    moved: int
    last: tuple[datetime | str, int] | None


@dataclass(frozen=True)
class Fate:
    """What became of the tasks that an action moved."""

    waiting_there: int
    waiting_elsewhere: int
    leased: int
    answered: int
    cancelled: int

    @property
    def moved(self) -> int:
        """All of them."""
        return self.waiting_there + self.waiting_elsewhere + self.leased + self.answered + self.cancelled


@dataclass(frozen=True)
class MixRow:
    """What a team gives to a queue."""

    share: float
    reserved_share: float


@dataclass(frozen=True)
class DeskTeam:
    """For which team an associate works now, and until when if it is not the home team."""

    associate_id: int
    code: str
    name: str
    home_team_id: int
    team_id: int
    lent_until: datetime | None


def queues_of(connection: Connection, site_id: int, queue_ids: Collection[int]) -> dict[int, SteeredQueue]:
    """Return queues of a site by id; those of other sites are left out."""
    rows = raw(connection).execute(QUEUES, (site_id, list(queue_ids)))
    return {row[0]: SteeredQueue(*row) for row in rows}


def anybody_can(connection: Connection, site_id: int, skill_id: int, now: datetime, until: datetime) -> bool:
    """Return whether somebody who is there, or is to be before `until`, has a skill."""
    given = {"site": site_id, "skill": skill_id, "now": now, "until": until}
    row = raw(connection).execute(ANYBODY_CAN, given).fetchone()
    return bool(row and row[0])


def hold_move(connection: Connection, action_id: int, *, wait: bool) -> bool:
    """Hold the lock of an action until `leave_move`, across transactions; return whether it was had.

    The lock belongs to the connection, so that it ends with a process that dies.
    """
    # The two numbers of such a lock have 32 bits each; two actions so far apart are never under way together.
    key = (MOVE_LOCK, action_id % 2**31)
    if wait:
        raw(connection).execute("SELECT pg_advisory_lock(%s::int, %s::int)", key)
        return True
    row = raw(connection).execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", key).fetchone()
    return bool(row and row[0])


def leave_move(connection: Connection, action_id: int) -> None:
    """Give up the lock of an action."""
    raw(connection).execute("SELECT pg_advisory_unlock(%s::int, %s::int)", (MOVE_LOCK, action_id % 2**31))


def is_undone(connection: Connection, action_id: int) -> bool:
    """Return whether the undo of an action has begun."""
    row = raw(connection).execute(IS_UNDONE, (action_id,)).fetchone()
    return bool(row and row[0])


def finish_of(connection: Connection, site_id: int, action_id: int, kind: str) -> dict[str, object] | None:
    """Return what the entry says that tells of the end of an action; nothing when there is none."""
    row = raw(connection).execute(FINISHED, {"site": site_id, "action": action_id, "kind": kind}).fetchone()
    return None if row is None else row[0]


def move_chunk(
    connection: Connection,
    action_id: int,
    source_id: int,
    target_id: int,
    *,
    limit: int,
    before: tuple[datetime | str, int] | None = None,
) -> Chunk:
    """Move at most `limit` waiting tasks from the end of a queue into another, and remember which.

    The head of the target is lowered, and so locked, before the first one is there: whoever moves heads up misses none. Tasks
    that somebody is claiming are left out.

    Parameters
    ----------
    before
        Rank and id of the last task of the chunk before, so that a chunk need not pass what earlier ones left behind.
    """
    rank_at, task = before or UNTIL_INFINITY
    driver = raw(connection)
    rows = driver.execute(TAIL, {"source": source_id, "rank_at": rank_at, "task": task, "limit": limit}).fetchall()
    if not rows:
        return Chunk(0, None)
    ids, ranks = [row[0] for row in rows], [row[1] for row in rows]
    _put(connection, action_id, ids, source_id, target_id, min(ranks))
    return Chunk(len(ids), (ranks[-1], ids[-1]))


def return_chunk(
    connection: Connection, action_id: int, undo_id: int, target_id: int, *, limit: int, after: int
) -> tuple[int, int | None]:
    """Put tasks that an action moved, and that still wait where it put them, back into their queues.

    Returns
    -------
    tuple of int and (int or None)
        How many went back, and the id from which the next chunk goes on; nothing when all were looked at.
    """
    driver = raw(connection)
    last = driver.execute(LAST_OF_CHUNK, (action_id, after, limit)).fetchone()
    if last is None or last[0] is None:
        return 0, None
    given = {"action": action_id, "after": after, "limit": limit, "target": target_id}
    rows = driver.execute(MOVED, given).fetchall()
    for source_id in sorted({row[2] for row in rows}):
        own = [row for row in rows if row[2] == source_id]
        _put(connection, undo_id, [row[0] for row in own], target_id, source_id, min(row[1] for row in own))
    return len(rows), int(last[0])


def _put(
    connection: Connection, action_id: int, task_ids: Sequence[int], source_id: int, target_id: int, lowest: datetime
) -> None:
    driver = raw(connection)
    driver.execute(LOWER_HEAD, (target_id, lowest))
    driver.execute(PUT, (target_id, list(task_ids)))
    driver.execute(REMEMBER, (action_id, list(task_ids), source_id))


def fate_of(connection: Connection, action_id: int, target_id: int) -> Fate:
    """Return what became of the tasks that an action moved into a queue."""
    row = raw(connection).execute(FATE, {"action": action_id, "target": target_id}).fetchone()
    return Fate(*row) if row else Fate(0, 0, 0, 0, 0)


def moved_counts(connection: Connection, action_ids: Sequence[int]) -> dict[int, int]:
    """Return how many tasks each action has moved; those that moved none are left out."""
    rows = raw(connection).execute(
        "SELECT floor_action_id, count(*) FROM moved_task WHERE floor_action_id = ANY(%s) GROUP BY 1", (list(action_ids),)
    )
    return dict(rows.fetchall())


def lock_mix(connection: Connection, site_id: int, team_id: int, queue_id: int) -> MixRow | None:
    """Return what a team of a site gives to a queue, which nobody else changes before the transaction ends."""
    row = (
        raw(connection)
        .execute(
            "SELECT m.share, m.reserved_share FROM mix m JOIN team t ON t.id = m.team_id JOIN queue q ON q.id = m.queue_id "
            "WHERE m.team_id = %s AND m.queue_id = %s AND t.site_id = %s AND q.site_id = %s FOR UPDATE OF m",
            (team_id, queue_id, site_id, site_id),
        )
        .fetchone()
    )
    return MixRow(*row) if row else None


def write_mix(connection: Connection, team_id: int, queue_id: int, row: MixRow) -> None:
    """Write what a team gives to a queue."""
    raw(connection).execute(
        "UPDATE mix SET share = %s, reserved_share = %s WHERE team_id = %s AND queue_id = %s",
        (row.share, row.reserved_share, team_id, queue_id),
    )


def lock_route(connection: Connection, source_id: int, target_id: int) -> float:
    """Return the share of a queue's coming jobs that is put into another; nobody else changes routes of the queue meanwhile."""
    driver = raw(connection)
    driver.execute("SELECT FROM queue WHERE id = %s FOR NO KEY UPDATE", (source_id,))
    row = driver.execute(
        "SELECT share FROM route WHERE from_queue_id = %s AND to_queue_id = %s", (source_id, target_id)
    ).fetchone()
    return float(row[0]) if row else 0.0


def write_route(connection: Connection, source_id: int, target_id: int, share: float) -> None:
    """Write the share of a queue's coming jobs that is put into another; zero ends it."""
    if share > 0:
        raw(connection).execute(
            "INSERT INTO route (from_queue_id, to_queue_id, share) VALUES (%s, %s, %s) "
            "ON CONFLICT (from_queue_id, to_queue_id) DO UPDATE SET share = excluded.share",
            (source_id, target_id, share),
        )
    else:
        raw(connection).execute("DELETE FROM route WHERE from_queue_id = %s AND to_queue_id = %s", (source_id, target_id))


def lock_desks(connection: Connection, site_id: int, associate_ids: Collection[int]) -> list[DeskTeam]:
    """Return for which teams associates of a site work, in the order of ids; nobody else changes it meanwhile."""
    rows = raw(connection).execute(
        "SELECT d.associate_id, a.code, a.name, a.team_id, d.team_id, d.lent_until FROM desk d "
        "JOIN associate a ON a.id = d.associate_id WHERE d.site_id = %s AND d.associate_id = ANY(%s) "
        "ORDER BY d.associate_id FOR UPDATE OF d",
        (site_id, list(associate_ids)),
    )
    return [DeskTeam(*row) for row in rows]


def write_desk_teams(connection: Connection, desks: Sequence[tuple[int, int, datetime | None]]) -> None:
    """Write for which team associates work, and until when; each is associate, team, end."""
    raw(connection).cursor().executemany(
        "UPDATE desk SET team_id = %s, lent_until = %s WHERE associate_id = %s",
        [(team, until, associate) for associate, team, until in desks],
    )


def team_name(connection: Connection, site_id: int, team_id: int) -> str | None:
    """Return the name of a team of a site; nothing when there is none."""
    row = raw(connection).execute("SELECT name FROM team WHERE id = %s AND site_id = %s", (team_id, site_id)).fetchone()
    return str(row[0]) if row else None


def person_with_code(connection: Connection, site_id: int, code: str) -> PersonFacts | None:
    """Return the active associate of a site with a code; nothing when there is none."""
    row = (
        raw(connection)
        .execute(
            "SELECT id, code, name, site_id, team_id FROM associate WHERE site_id = %s AND code = %s AND is_active",
            (site_id, code),
        )
        .fetchone()
    )
    return PersonFacts(*row) if row else None
