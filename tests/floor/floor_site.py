"""A small floor written straight into the tables: associates at their desks, queues, lanes, no roster behind it.

The duty of everybody began two hours before `now` and lasts nine: a meal of 30 minutes begins 60 minutes after `now`, three more
breaks of 30 minutes follow 210, 300 and 380 minutes after it. So work goes on until `now` + 60 and again from `now` + 90.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from scheduling.jobs import MediaKind, NewJob, TaskState
from scheduling.times import Clock
from services import jobs as sending
from services.jobs import SentJobs
from services.work import LeasedTask
from storage.duties import duties_near, write_stretches

LIVE, PHOTOS, BACKLOG = "live", "photos", "backlog"
SLA_SECONDS = {LIVE: 120, PHOTOS: 600, BACKLOG: 14_400}
P95_SECONDS = {LIVE: 60, PHOTOS: 90, BACKLOG: 120}
LEASE_SECONDS = 180
ANSWER = {"verdict": "ok"}
"""Fits the plainest form, which the queues have."""

BASE = """
INSERT INTO site (code, name, zone_name, interval_minutes, rules, rules_version)
    VALUES (:code, 'Pune 1', 'Asia/Kolkata', 15, '{}', 1);
"""
FRAME = """
WITH policy AS (
    INSERT INTO break_policy (site_id, settings, least_productive_minutes, most_productive_minutes)
        VALUES (:site, '{}', 408, 420) RETURNING id),
pattern AS (
    INSERT INTO break_pattern (break_policy_id, span_minutes, productive_minutes, fingerprint)
        SELECT id, 540, 420, 'floor' FROM policy RETURNING id),
slots AS (
    INSERT INTO break_slot (break_pattern_id, start_minute, minutes, kind_index, kind, productive)
        SELECT pattern.id, v.start_minute, 30, v.kind_index, v.kind, false
        FROM pattern, (VALUES (180, 0, 'meal'), (330, 1, 'short'), (420, 1, 'short'), (500, 1, 'short'))
            AS v (start_minute, kind_index, kind)),
shift AS (
    INSERT INTO shift_type (site_id, code, starts_at, span_minutes, position)
        VALUES (:site, 'D', '09:00', 540, 0) RETURNING id),
roster AS (
    INSERT INTO roster (site_id, break_policy_id, name, note, first_day, weeks, interval_minutes, state, created_at, created_by,
            rules, skill_ids, shift_type_ids, status, objective, bound, gap, wall_seconds, seed, versions, parameters,
            objective_parts, kpis)
        SELECT :site, id, 'drawn', '', CAST(:now AS date), 1, 15, 'draft', :now, 'test', '{}', '{}', '{}', 'feasible',
            0, 0, 0, 0, 0, '{}', '{}', '{}', '{}' FROM policy RETURNING id)
SELECT roster.id, shift.id, pattern.id FROM roster, shift, pattern
"""
DUTY = """
INSERT INTO duty (associate_id, day, roster_id, shift_type_id, span_minutes, starts_at, ends_at, break_pattern_id,
        published_break_pattern_id, place)
    VALUES (:associate, CAST(CAST(:start AS timestamptz) AT TIME ZONE 'Asia/Kolkata' AS date), :roster, :shift, 540, :start,
        CAST(:start AS timestamptz) + interval '540 min', :pattern, :pattern, 'home')
"""
LANE = """
INSERT INTO lane (associate_id, queue_id, weight, relative_speed, handling_mean_seconds, handling_p95, lease, reserved_from,
        reserved_until)
    VALUES (:associate, :queue, 1, 1, :mean, :p95, :lease, :reserved_from, :reserved_until)
"""
_references = count(1)


@dataclass(frozen=True)
class FloorSite:
    """A floor, with what tests do on it."""

    engine: Engine
    clock: Clock
    site_id: int
    team_id: int
    queue_ids: dict[str, int]
    associate_ids: tuple[int, ...]

    def rows(self, statement: str, **given: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), given))

    def run(self, statement: str, **given: Any) -> None:
        """Carry out a statement."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), given)

    def send(self, queue: str, number: int = 1, **facts: Any) -> SentJobs:
        """Send jobs to a queue, with references of their own."""
        return sending.send_jobs(self.engine, self.site_id, new_jobs(queue, number, **facts), by="test", clock=self.clock)

    def counts(self) -> dict[TaskState, int]:
        """Return the number of tasks in each state, counted one by one."""
        return {TaskState(state): number for state, number in self.rows("SELECT state, count(*) FROM task GROUP BY state")}

    def set_state(self, associate_id: int, state: str) -> None:
        """Let a desk be in a state."""
        self.run("UPDATE desk SET state = CAST(:state AS presence_state), since = :now WHERE associate_id = :associate",
                 state=state, associate=associate_id, now=self.clock.now())  # fmt: skip

    def close_queue(self, queue: str, weight: float = 0.0, associate_ids: Iterable[int] | None = None) -> None:
        """Let a queue count so much for associates, for all of them without `associate_ids`."""
        who = list(self.associate_ids if associate_ids is None else associate_ids)
        self.run("UPDATE lane SET weight = :weight WHERE queue_id = :queue AND associate_id = ANY(:who)",
                 weight=weight, queue=self.queue_ids[queue], who=who)  # fmt: skip


def new_jobs(queue: str, number: int = 1, **facts: Any) -> list[NewJob]:
    """Return jobs of a queue, with references of their own."""
    content = {"media_kind": MediaKind.VIDEO, "media_url": "https://media.example/one.mp4", **facts}
    return [NewJob(reference=f"R{next(_references)}", queue=queue, **content) for _ in range(number)]


def token_of(task: LeasedTask | None) -> tuple[int, UUID]:
    """Return task and token of a lease that must be there."""
    assert task is not None
    return task.task_id, task.token


def make_floor(
    engine: Engine,
    clock: Clock,
    *,
    associates: int = 4,
    queues: Sequence[str] = (LIVE, PHOTOS, BACKLOG),
    reserved: dict[str, tuple[float, float]] | None = None,
    code: str = "PNQ1",
) -> FloorSite:
    """Return a new floor on which everybody works and may take from every queue.

    Parameters
    ----------
    reserved
        Reserved interval of queues that have one.
    """
    now, intervals = clock.now(), reserved or {}
    with engine.begin() as connection:

        def new_id(statement: str, **given: Any) -> int:
            return int(connection.execute(text(statement + " RETURNING id"), given).scalar_one())

        site_id = new_id(BASE.strip().rstrip(";"), code=code)
        team_id = new_id("INSERT INTO team (site_id, name) VALUES (:site, 'T1')", site=site_id)
        skill_id = new_id("INSERT INTO skill (site_id, name, position) VALUES (:site, 'stow', 0)", site=site_id)
        queue_ids = {
            name: new_id(
                "INSERT INTO queue (site_id, skill_id, name, kind, sla_seconds, max_occupancy) "
                "VALUES (:site, :skill, :name, CAST(:kind AS queue_kind), :sla, 0.9)",
                site=site_id, skill=skill_id, name=name, sla=SLA_SECONDS[name],
                kind="backlog" if name == BACKLOG else "realtime",
            )
            for name in queues
        }  # fmt: skip
        for queue_id in queue_ids.values():
            connection.execute(text("INSERT INTO queue_head VALUES (:queue, 'infinity')"), {"queue": queue_id})
            connection.execute(text("INSERT INTO mix VALUES (:team, :queue, 1, 0)"), {"team": team_id, "queue": queue_id})
        roster, shift, pattern = connection.execute(text(FRAME), {"site": site_id, "now": now}).one()
        people = []
        for number in range(associates):
            person = new_id(
                "INSERT INTO associate (site_id, team_id, code, name, work_mode, position) "
                "VALUES (:site, :team, :code, :code, 'home', :number)",
                site=site_id, team=team_id, code=f"A{number}", number=number,
            )  # fmt: skip
            people.append(person)
            frame = {"associate": person, "roster": roster, "shift": shift, "pattern": pattern}
            connection.execute(text(DUTY), {**frame, "start": now - timedelta(hours=2)})
            connection.execute(
                text("INSERT INTO desk VALUES (:associate, :site, :team, 'working', :now)"),
                {"associate": person, "site": site_id, "team": team_id, "now": now},
            )
            for name, queue_id in queue_ids.items():
                first, last = intervals.get(name, (0.0, 0.0))
                seconds = {"p95": timedelta(seconds=P95_SECONDS[name]), "lease": timedelta(seconds=LEASE_SECONDS)}
                connection.execute(
                    text(LANE),
                    {"associate": person, "queue": queue_id, "mean": P95_SECONDS[name] / 2, **seconds,
                     "reserved_from": first, "reserved_until": last},
                )  # fmt: skip
            write_stretches(connection, duties_near(connection, person, now - timedelta(days=1), now + timedelta(days=1)))
    return FloorSite(engine, clock, site_id, team_id, queue_ids, tuple(people))


def break_begins(now: datetime) -> datetime:
    """Return when the meal of everybody begins."""
    return now + timedelta(minutes=60)
